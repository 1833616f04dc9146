"""A server's types of proposals."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from governance.electorate import Member
from governance.errors import NotAllowed, NotFound, Refusal
from governance.rules import Rules
from governance.settings import Settings
from governance.types import MOST_TYPES, STANDARD, ProposalType, form_fields, type_name
from storage import proposal_types, settings
from storage.database import Database


class Types:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self, guild_id: int) -> list[ProposalType]:
        """The server's own types after the one that every server has."""
        async with self._database.read() as connection:
            return [STANDARD, *await proposal_types.of_server(connection, guild_id)]

    async def open_to(self, guild_id: int, member: Member) -> list[ProposalType]:
        """The types that a member has the role to propose."""
        async with self._database.read() as connection:
            found, _ = await settings.get(connection, guild_id)
        return [
            each
            for each in await self.all(guild_id)
            if member.has(each.changes.get("proposing_role", found.proposing_role))
        ]

    async def find(self, guild_id: int, name: str) -> tuple[ProposalType, Rules]:
        """A type by its name, whatever its case, with the rules that it has now."""
        async with self._database.read() as connection:
            found, _ = await settings.get(connection, guild_id)
            return await type_and_rules(connection, guild_id, name, found)

    async def create(
        self, guild_id: int, member: Member, name: str, changes: Mapping[str, Any]
    ) -> ProposalType:
        """A new type; `changes` as moderators type them."""
        _require_moderator(member)
        named = type_name(name)
        async with self._database.write() as connection:
            found, _ = await settings.lock(connection, guild_id)
            known = await proposal_types.of_server(connection, guild_id)
            if named.casefold() in {each.name.casefold() for each in [STANDARD, *known]}:
                raise Refusal(f"There is a type “{named}” already. Give this one another name.")
            if len(known) + 1 >= MOST_TYPES:
                raise Refusal(f"A server can have {MOST_TYPES} types. Remove one first.")
            created = ProposalType(named, {}).with_changes(changes, found)
            await proposal_types.save(connection, guild_id, created)
            return created

    async def change(
        self, guild_id: int, member: Member, name: str, changes: Mapping[str, Any]
    ) -> ProposalType:
        """Change rules of a type, as moderators type them; open proposals keep theirs."""
        return await self._changed(
            guild_id, member, name, lambda known, server: known.with_changes(changes, server)
        )

    async def set_form(
        self, guild_id: int, member: Member, name: str, template: str, questions: str
    ) -> ProposalType:
        """What the text starts from, and the questions of the type's own, one a line."""
        fields = form_fields(questions)
        return await self._changed(
            guild_id,
            member,
            name,
            lambda known, _: ProposalType(known.name, known.changes, template.strip(), fields),
        )

    async def remove(self, guild_id: int, member: Member, name: str) -> ProposalType:
        """Forget a type; proposals that were made with it keep their rules."""
        _require_moderator(member)
        async with self._database.write() as connection:
            await settings.lock(connection, guild_id)
            known = await type_named(connection, guild_id, name)
            _require_own(known)
            await proposal_types.remove(connection, guild_id, known.name)
            return known

    async def _changed(
        self,
        guild_id: int,
        member: Member,
        name: str,
        change: Callable[[ProposalType, Settings], ProposalType],
    ) -> ProposalType:
        _require_moderator(member)
        async with self._database.write() as connection:
            found, _ = await settings.lock(connection, guild_id)
            known = await type_named(connection, guild_id, name)
            _require_own(known)
            changed = change(known, found)
            await proposal_types.save(connection, guild_id, changed)
            return changed


async def type_and_rules(
    connection: AsyncConnection, guild_id: int, name: str, found: Settings
) -> tuple[ProposalType, Rules]:
    """A type by its name with its rules; NotFound where the server has none of that name."""
    named = await type_named(connection, guild_id, name)
    return named, named.rules(found)


async def type_named(connection: AsyncConnection, guild_id: int, name: str) -> ProposalType:
    """A type by its name, even if its rules contradict those of the server by now."""
    if name.strip().casefold() == STANDARD.name.casefold():
        return STANDARD
    known = await proposal_types.get(connection, guild_id, name.strip())
    if known is None:
        raise NotFound(
            f"There is no type “{name[:40]}” here (any more). Choose one from the list while "
            "you type."
        )
    return known


def _require_moderator(member: Member) -> None:
    if not member.moderator:
        raise NotAllowed("Only members with the permission Manage Server can change types.")


def _require_own(known: ProposalType) -> None:
    if known is STANDARD:
        raise Refusal(
            f"The type “{STANDARD.name}” follows /setup: change it there, or make a type of your "
            "own with /type create."
        )
