"""A server's spaces: their tree, their settings, and who changes them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from governance.electorate import Member
from governance.errors import NotFound, Refusal
from governance.settings import Settings
from governance.spaces import (
    MOST_SPACES,
    NONE,
    Space,
    below,
    line_to,
    require_guardian_above,
    require_place,
    settings_of,
    source,
    space_name,
)
from services.clock import Now
from services.deliveries import Outbox
from storage import settings, spaces
from storage.database import Database

_NAMED = 5
"""Spaces by name in a refusal."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A server's settings and all its spaces by id, archived ones too, at one moment."""

    server: Settings
    spaces: Mapping[int, Space]

    def line(self, space_id: int | None) -> list[Space]:
        """The spaces from a top one down to this one; none for the server (0 or None)."""
        return line_to(self.spaces, space_id)

    def settings(self, space_id: int | None) -> Settings:
        """What applies in a space, or in the server itself."""
        return settings_of(self.server, self.line(space_id))

    def source(self, space_id: int, name: str) -> int:
        """The id of the space that a setting of this one comes from; 0 for the server."""
        found = source(self.server, self.line(space_id), name)
        return found.id if found else 0

    def named(self, typed: str, *, archived: bool = False) -> Space | None:
        """A space by its name, whatever its case; None for what stands for the server."""
        wanted = " ".join(typed.split()).casefold()
        if wanted in ("", NONE):
            return None
        for space in self.spaces.values():
            if space.name.casefold() == wanted and bool(space.archived_at) == archived:
                return space
        raise NotFound(
            f"There is no {'archived ' * archived}space “{typed[:40]}” in this server. Choose one "
            "from the list while you type, or see /space list."
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to become of a space; None leaves it as it is.

    `parent` is the name of a space, or `none` for the server; `changes` are settings as people
    type them, `inherit` names of settings that it takes from above again.
    """

    name: str | None = None
    parent: str | None = None
    changes: Mapping[str, Any] | None = None
    reserved: tuple[str, ...] | None = None
    inherit: Collection[str] = ()


class Spaces:
    def __init__(self, database: Database, now: Now, outbox: Outbox) -> None:
        self._database = database
        self._now = now
        self._outbox = outbox

    async def ground(self, guild_id: int) -> Ground:
        async with self._database.read() as connection:
            return await ground(connection, guild_id)

    async def line(self, guild_id: int, space_id: int) -> list[Space]:
        """The spaces from a top one down to this one; none for the server (0)."""
        return (await self.ground(guild_id)).line(space_id) if space_id else []

    async def name(self, guild_id: int, space_id: int) -> str:
        """The name of a space; empty for the server (0)."""
        line = await self.line(guild_id, space_id)
        return line[-1].name if line else ""

    async def find(self, guild_id: int, typed: str) -> Space | None:
        """A space by its name; None for the server, NotFound where there is no such space."""
        return (await self.ground(guild_id)).named(typed)

    async def of_channel(self, guild_id: int, channel_id: int) -> Space | None:
        """The space whose own proposals appear in a channel; None where that is the server's."""
        found = await self.ground(guild_id)
        if found.server.proposals_channel == channel_id:
            return None
        for space in found.spaces.values():
            if space.archived_at or found.source(space.id, "proposals_channel") != space.id:
                continue
            if found.settings(space.id).proposals_channel == channel_id:
                return space
        return None

    async def wanted(
        self, guild_id: int, member: Member, typed: str | None, wanted: Wanted
    ) -> tuple[Space, Settings]:
        """A space as it would become, not stored, and the settings that would apply in it.

        `typed` is its present name, None for a new space; a Refusal where it can't become so.
        """
        async with self._database.read() as connection:
            return _become(await ground(connection, guild_id), guild_id, member, typed, wanted)

    async def save(
        self,
        guild_id: int,
        member: Member,
        typed: str | None,
        wanted: Wanted,
        results_webhook_id: int | None = None,
    ) -> Space:
        """Create a space, or change the one of that name; see `wanted`.

        The webhook is the one in its own results channel.
        """
        async with self._database.write() as connection:
            await settings.lock(connection, guild_id)
            found = await ground(connection, guild_id)
            become, _ = _become(found, guild_id, member, typed, wanted)
            become = replace(become, results_webhook_id=results_webhook_id)
            if become.id:
                await spaces.save(connection, become)
            else:
                become = await spaces.add(connection, become)
        self._outbox.try_again(guild_id)
        return become

    async def archive(
        self, guild_id: int, member: Member, typed: str, *, undo: bool = False
    ) -> Space:
        """Let nothing new be decided in a space; what is open goes on. Or `undo` that."""
        async with self._database.write() as connection:
            await settings.lock(connection, guild_id)
            found = await ground(connection, guild_id)
            space = found.named(typed, archived=undo)
            if space is None:
                raise Refusal("The server itself can't be archived. Name one of its spaces.")
            parents = found.line(space.parent_id)
            require_guardian_above(found.server, parents, member)
            if undo:
                _require_room(found)
                if any(each.archived_at for each in parents):
                    raise Refusal(f"The space above “{space.name}” is archived. Open that first.")
                require_place(found.spaces, space.parent_id, space)
            elif under := below(found.spaces.values(), space.id):
                names = [f"“{each.name}”" for each in under[:_NAMED]]
                names += [f"and {len(under) - _NAMED} more"] * (len(under) > _NAMED)
                raise Refusal(f"Archive the spaces below “{space.name}” first: {', '.join(names)}.")
            space = replace(space, archived_at=None if undo else self._now())
            await spaces.save(connection, space)
            return space

    async def use_webhook(self, guild_id: int, space_id: int, webhook_id: int | None) -> None:
        """Remember another webhook for the results channel of a space, or (0) of the server."""
        async with self._database.write() as connection:
            present, _ = await settings.lock(connection, guild_id)
            if space_id:
                await spaces.use_webhook(connection, space_id, webhook_id)
            else:
                await settings.save(connection, guild_id, present, webhook_id)

    async def webhooks(self, guild_id: int) -> dict[int, int]:
        """The ids of the webhooks that are known, by space; 0 is the server."""
        async with self._database.read() as connection:
            _, of_server = await settings.get(connection, guild_id)
            found = {0: of_server}
            for space in (await spaces.of_server(connection, guild_id)).values():
                found[space.id] = space.results_webhook_id
        return {space_id: webhook for space_id, webhook in found.items() if webhook}

    async def results_channels(self, guild_id: int) -> dict[int, int | None]:
        """The channel in which each space announces results; 0 is the server."""
        found = await self.ground(guild_id)
        return {each: found.settings(each).results_channel for each in (0, *found.spaces)}


async def ground(connection: AsyncConnection, guild_id: int) -> Ground:
    """The settings and the spaces of a server, as a transaction sees them."""
    found, _ = await settings.get(connection, guild_id)
    return Ground(found, await spaces.of_server(connection, guild_id))


def _become(
    found: Ground, guild_id: int, member: Member, typed: str | None, wanted: Wanted
) -> tuple[Space, Settings]:
    present = None
    if typed is not None:
        present = found.named(typed)
        if present is None:
            raise Refusal("The server itself is set up with /setup. Name one of its spaces.")
        require_guardian_above(found.server, found.line(present.parent_id), member)
    parent_id = present.parent_id if present else None
    if wanted.parent is not None:
        parent = found.named(wanted.parent)
        parent_id = parent.id if parent else None
    parents = found.line(parent_id)
    require_guardian_above(found.server, parents, member)
    require_place(found.spaces, parent_id, present)
    if present is None:
        _require_room(found)
        present = Space(0, guild_id, parent_id, "", {})
    become = replace(
        present,
        parent_id=parent_id,
        name=present.name if wanted.name is None else space_name(wanted.name),
        reserved=present.reserved if wanted.reserved is None else wanted.reserved,
    )
    _require_own_name(found, become)
    above = settings_of(found.server, parents)
    become = become.with_changes(above, wanted.changes or {}, wanted.inherit)
    return become, settings_of(found.server, [*parents, become])


def _require_room(found: Ground) -> None:
    if sum(not space.archived_at for space in found.spaces.values()) >= MOST_SPACES:
        raise Refusal(f"A server can have {MOST_SPACES} spaces. Archive one first.")


def _require_own_name(found: Ground, become: Space) -> None:
    for other in found.spaces.values():
        if other.id != become.id and other.name.casefold() == become.name.casefold():
            there = (
                "was a space of that name, which is archived"
                if other.archived_at
                else ("is a space of that name already")
            )
            raise Refusal(f"There {there}: “{other.name}”. Choose another name.")
