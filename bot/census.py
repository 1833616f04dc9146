"""How many members may vote, as Discord counts them (approximately, bots among them); and who."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import discord

from governance.errors import Unavailable

_UNKNOWN_MEMBER = 10007
_PATIENCE = 5.0
"""Seconds that a signature waits to hear who still signs."""


class Census:
    """Asked where a quorum is a share of the electorate. `client` is set once it is built."""

    client: discord.Client

    async def __call__(self, guild_id: int, role_id: int | None) -> int:
        """The members of a server, or those with a role; Unavailable where Discord doesn't say."""
        with _translated("the number of members"):
            if role_id is None:
                guild = await self.client.fetch_guild(guild_id, with_counts=True)
                return guild.approximate_member_count or 0
            known = self.client.get_guild(guild_id)
            if known is None or known.unavailable:
                raise Unavailable("Discord doesn't show this server at the moment")
            counts = await known.role_member_counts()
        return {role.id: count for role, count in counts.items()}.get(role_id, 0)

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

    async def _is_member(self, guild_id: int, member_id: int, role_id: int | None) -> bool:
        try:
            member = await self.client.http.get_member(guild_id, member_id)
        except discord.NotFound as error:
            if error.code != _UNKNOWN_MEMBER:
                raise
            return False
        return role_id is None or str(role_id) in member["roles"]


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
