"""What Discord tells of members: how many there are (approximately, bots among them), and who."""

import asyncio
import time
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import aiohttp
import discord

from cogs.members import vouched_for
from governance.electorate import Member
from governance.errors import Unavailable

_UNKNOWN_MEMBER = 10007
_PAGE = 1000
"""Members of one answer, as many as Discord allows."""
_PIECE = 99
"""Members asked for at a time over the gateway, which takes 100; the bot itself is one more."""
_TURNS, _MINUTE = 60, 60.0
"""Requests over the gateway in so many seconds. Discord hangs up at 120, heartbeats among them."""
_ANSWER = 10.0
"""Seconds after which the gateway isn't expected to answer any more."""
_PATIENCE = 5.0
"""Seconds that a signature waits to hear who still signs."""


class Census:
    """The Members of services. `client` is set once it is built."""

    client: discord.Client

    def __init__(self) -> None:
        self._turns = asyncio.Lock()
        self._asked: deque[float] = deque(maxlen=_TURNS)

    async def count(self, guild_id: int, role_id: int | None) -> int:
        """The members of a server, or those with a role; Unavailable where Discord doesn't say."""
        with _translated("the number of members"):
            if role_id is None:
                guild = await self.client.fetch_guild(guild_id, with_counts=True)
                return guild.approximate_member_count or 0
            counts = await self._shown(guild_id).role_member_counts()
        return {role.id: count for role, count in counts.items()}.get(role_id, 0)

    def _shown(self, guild_id: int) -> discord.Guild:
        known = self.client.get_guild(guild_id)
        if known is None or known.unavailable:
            raise Unavailable("Discord doesn't show this server at the moment")
        return known

    async def present(
        self, guild_id: int, members: frozenset[int], role_id: int | None
    ) -> frozenset[int]:
        """Who of these are members of a server (with a role); Unavailable where it isn't known."""
        asked = sorted(members)
        with _translated("who is a member"):
            async with asyncio.timeout(_PATIENCE):
                found = await asyncio.gather(
                    *(self._is_member(guild_id, each, role_id) for each in asked)
                )
        return frozenset(each for each, there in zip(asked, found, strict=True) if there)

    async def found(self, guild_id: int, members: Collection[int]) -> dict[int, Member | None]:
        """These as they are now; None for who isn't a member, nothing for who isn't known."""
        known: dict[int, Member | None] = {}
        if not members:
            return known
        guild, asked = self._shown(guild_id), sorted(members)
        own_id = guild.me.id
        for at in range(0, len(asked), _PIECE):
            piece = asked[at : at + _PIECE]
            told = await self._ask(guild, [*piece, own_id])
            # The bot is a member: an answer without it is none. discord.py makes up such a one,
            # in which nobody is found, for whatever is open when a new session begins.
            if own_id not in told:
                break  # the others would wait as long, for nothing
            known.update((each, told.get(each)) for each in piece)
        return known

    async def _ask(self, guild: discord.Guild, members: list[int]) -> dict[int, Member]:
        """Whom of these the gateway finds; nobody where it doesn't answer."""
        await self._turn()
        try:
            async with asyncio.timeout(_ANSWER):
                found = await guild.query_members(user_ids=members, limit=len(members), cache=False)
        except (discord.ConnectionClosed, aiohttp.ClientError, OSError):
            return {}
        return {each.id: vouched_for(each) for each in found}

    async def _turn(self) -> None:
        """Wait until the gateway may be asked once more."""
        async with self._turns:
            if len(self._asked) == self._asked.maxlen:
                await asyncio.sleep(self._asked[0] + _MINUTE - time.monotonic())
            self._asked.append(time.monotonic())

    async def everyone(self, guild_id: int) -> list[Member] | None:
        """All members of a server; None unless the application may list them."""
        if not self.lists_members():
            return None
        found: list[Member] = []
        with _translated("who the members are"):
            while True:
                after = found[-1].id if found else None
                page = await self.client.http.get_members(guild_id, _PAGE, after)
                found += map(_member, page)
                if len(page) < _PAGE:
                    return found

    def lists_members(self) -> bool:
        """Whether the application has the privileged intent that lets it list members."""
        flags = self.client.application_flags
        return flags.gateway_guild_members or flags.gateway_guild_members_limited

    async def _is_member(self, guild_id: int, member_id: int, role_id: int | None) -> bool:
        try:
            member = await self.client.http.get_member(guild_id, member_id)
        except discord.NotFound as error:
            if error.code != _UNKNOWN_MEMBER:
                raise
            return False
        return role_id is None or str(role_id) in member["roles"]


def _member(told: Mapping[str, Any]) -> Member:
    joined = told["joined_at"]
    return Member(
        id=int(told["user"]["id"]),
        roles=frozenset(map(int, told["roles"])),
        joined_at=joined and datetime.fromisoformat(joined),
        bot=told["user"].get("bot", False),
    )


@contextmanager
def _translated(what: str) -> Iterator[None]:
    try:
        yield
    except (
        discord.HTTPException,
        discord.RateLimited,
        aiohttp.ClientError,
        OSError,
        TimeoutError,
    ) as error:
        raise Unavailable(f"Discord didn't tell {what}: {error}") from error
