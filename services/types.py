"""A server's types of proposals."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from governance.consistency import require_known_electorate
from governance.electorate import Member
from governance.errors import NotAllowed, NotFound, Refusal
from governance.rules import Rules
from governance.settings import TYPES
from governance.spaces import is_offered, own_rules, reserved_above, rules_in
from governance.types import MOST_TYPES, STANDARD, ProposalType, form_fields, type_name
from services.spaces import Ground, ground
from storage import proposal_types, settings
from storage.database import Database


class Types:
    def __init__(
        self, database: Database, lists_members: Callable[[], bool] = lambda: False
    ) -> None:
        """`lists_members` says whether Discord lists all members of a server."""
        self._database = database
        self.lists_members = lists_members

    async def all(self, guild_id: int) -> list[ProposalType]:
        """The server's own types after the one that every server has."""
        async with self._database.read() as connection:
            return await _all(connection, guild_id)

    async def open_to(self, guild_id: int, member: Member, space_id: int = 0) -> list[ProposalType]:
        """The types that a member has the role to propose in a space."""
        async with self._database.read() as connection:
            found = await ground(connection, guild_id)
        line, offered = found.line(space_id), []
        for each in await self.all(guild_id):
            if is_offered(each, found.server, line):
                own = own_rules(each, found.server, found.line(each.space_id))
                role = own.changes.get("proposing_role", found.settings(space_id).proposing_role)
                if member.has(role):
                    offered.append(each)
        return offered

    async def find(
        self, guild_id: int, name: str, space_id: int | None = None
    ) -> tuple[ProposalType, Rules]:
        """A type by its name, whatever its case, with the rules that it has now in a space.

        Without a `space_id` that is the one that it is for.
        """
        async with self._database.read() as connection:
            return await type_and_rules(connection, guild_id, name, space_id)

    async def create(
        self,
        guild_id: int,
        member: Member,
        name: str,
        changes: Mapping[str, Any],
        space: str = "",
    ) -> ProposalType:
        """A new type; `changes` as moderators type them, `space` the name of the one it is for."""
        _require_moderator(member)
        named = type_name(name)
        async with self._database.write() as connection:
            await settings.lock(connection, guild_id)
            found = await ground(connection, guild_id)
            home = found.named(space)
            known = await _all(connection, guild_id)
            if named.casefold() in {each.name.casefold() for each in known}:
                raise Refusal(f"There is a type “{named}” already. Give this one another name.")
            if len(known) >= MOST_TYPES:
                raise Refusal(f"A server can have {MOST_TYPES} types. Remove one first.")
            created = ProposalType(named, {}, space_id=home.id if home else 0)
            created = _with_changes(created, changes, found)
            self.require_known_electorate(_rules_at_home(created, found))
            await proposal_types.save(connection, guild_id, created)
            return created

    async def change(
        self, guild_id: int, member: Member, name: str, changes: Mapping[str, Any]
    ) -> ProposalType:
        """Change rules of a type, as moderators type them; open proposals keep theirs."""
        return await self._changed(
            guild_id, member, name, lambda known, found: _with_changes(known, changes, found)
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
            lambda known, _: replace(known, template=template.strip(), fields=fields),
        )

    async def remove(self, guild_id: int, member: Member, name: str) -> ProposalType:
        """Forget a type, or what the one that every server has sets of its own.

        Proposals that were made with it keep their rules.
        """
        _require_moderator(member)
        async with self._database.write() as connection:
            await settings.lock(connection, guild_id)
            known = await type_named(connection, guild_id, name)
            if known == STANDARD:
                raise Refusal(
                    f"The type “{STANDARD.name}” can't be removed, and it follows /setup in all "
                    "already."
                )
            await proposal_types.remove(connection, guild_id, known.name)
            return known

    def require_known_electorate(self, rules: Rules) -> None:
        """Refuse rules with a share of an electorate whose power isn't known here."""
        if not self.lists_members():
            require_known_electorate(rules)

    async def _changed(
        self,
        guild_id: int,
        member: Member,
        name: str,
        change: Callable[[ProposalType, Ground], ProposalType],
    ) -> ProposalType:
        _require_moderator(member)
        async with self._database.write() as connection:
            await settings.lock(connection, guild_id)
            known = await type_named(connection, guild_id, name)
            found = await ground(connection, guild_id)
            changed = change(known, found)
            self.require_known_electorate(_rules_at_home(changed, found))
            await proposal_types.save(connection, guild_id, changed)
            return changed


async def type_and_rules(
    connection: AsyncConnection, guild_id: int, name: str, space_id: int | None
) -> tuple[ProposalType, Rules]:
    """A type by its name with its rules in a space, or (None) in the one that it is for.

    NotFound where the server has none of that name, or it isn't for that space.
    """
    named = await type_named(connection, guild_id, name)
    found = await ground(connection, guild_id)
    line = found.line(named.space_id if space_id is None else space_id)
    if space_id is not None and not is_offered(named, found.server, line):
        where = f"in “{line[-1].name}”" if line else "for the whole server"
        raise NotFound(
            f"The type “{named.name}” isn't for proposals {where}. Choose one from the list while "
            "you type."
        )
    return named, rules_in(named, found.server, line)


async def type_named(connection: AsyncConnection, guild_id: int, name: str) -> ProposalType:
    """A type by its name, even if its rules contradict those of the server by now."""
    known = await proposal_types.get(connection, guild_id, name.strip())
    if known is None and name.strip().casefold() == STANDARD.name.casefold():
        return STANDARD
    if known is None:
        raise NotFound(
            f"There is no type “{name[:40]}” here (any more). Choose one from the list while "
            "you type."
        )
    return known


async def _all(connection: AsyncConnection, guild_id: int) -> list[ProposalType]:
    known = await proposal_types.of_server(connection, guild_id)
    standard = [each for each in known if each.name == STANDARD.name] or [STANDARD]
    return standard + [each for each in known if each.name != STANDARD.name]


def _rules_at_home(known: ProposalType, found: Ground) -> Rules:
    """The rules of a type in the space that it is for."""
    return rules_in(known, found.server, found.line(known.space_id))


def _with_changes(known: ProposalType, changes: Mapping[str, Any], found: Ground) -> ProposalType:
    """The type with some rules changed; a Refusal for what is reserved above its space."""
    home = found.line(known.space_id)
    taken = reserved_above(found.server, home)
    if home and TYPES in taken:
        raise Refusal(
            f"Spaces can't have types of their own above “{home[-1].name}”: types is reserved "
            "there. Make it a type of the whole server."
        )
    for name in changes:
        if name in taken:
            raise Refusal(f"{name} is reserved above “{home[-1].name}”, so its types can't set it.")
    return known.with_changes(changes, found.settings(known.space_id))


def _require_moderator(member: Member) -> None:
    if not member.moderator:
        raise NotAllowed("Only members with the permission Manage Server can change types.")
