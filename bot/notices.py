"""Sends private messages, slowly, each at most once; who takes none is left alone."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import aiohttp
import discord

from cogs import notices as words
from cogs.answers import insist
from governance.errors import Unavailable
from governance.notices import Notice
from services.notices import Notices

log = logging.getLogger(__name__)

PACE_SECONDS = 1.0
"""Between two messages: Discord takes a bot that writes to many at once for a spammer.

As long between two looks: each of a crowd of delegates who vote says that there may be something.
"""
LOOK_SECONDS = 5.0
"""How often it is looked whether there is something to send, even if nobody said so."""
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 300.0
"""Seconds after a failure; doubled with each that follows."""
STOP_SECONDS = 3.0
"""How long a stop waits for the message that is being sent."""
_LOOK_BACK = timedelta(seconds=30)
_TAKES_NONE = (50007, 50278)  # closed to bots; no server in common any more


class NoticeSender:
    """One message at a time. Where Discord fails, that member and then everybody waits."""

    def __init__(
        self, client: discord.Client, notices: Notices, discord_now: Callable[[], datetime]
    ) -> None:
        self._client = client
        self._notices = notices
        self._discord_now = discord_now
        self._resting: dict[int, tuple[float, float]] = {}  # member: (pause, not before)
        self._pause = FIRST_PAUSE
        self._sending: asyncio.Task[bool] | None = None
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Send until stopped."""
        filled = self._notices.filled
        while not self._stopping.is_set():
            filled.clear()
            if not await self._send_some() and not self._stopping.is_set():
                await self._rest(PACE_SECONDS)
                with suppress(TimeoutError):
                    await asyncio.wait_for(filled.wait(), LOOK_SECONDS)

    async def stop(self) -> None:
        """Let the request in flight finish; what waits is sent after the next start."""
        self._stopping.set()
        self._notices.filled.set()
        if self._sending:
            _, late = await asyncio.wait({self._sending}, timeout=STOP_SECONDS)
            for task in late:
                task.cancel()

    async def _send_some(self) -> bool:
        """Send what waits, as far as it is read at once; whether there was anything."""
        now = time.monotonic()
        resting = [member for member, (_, not_before) in self._resting.items() if now < not_before]
        # A server that isn't there (yet, or any more) keeps what waits.
        guilds = [guild.id for guild in self._client.guilds if not guild.unavailable]
        try:
            found = await self._notices.waiting(guilds, resting)
        except Unavailable as error:
            log.warning("the private messages can't be read: %s", error)
            return False
        tired = set[int]()
        for each in found:
            if self._stopping.is_set():
                break
            if each.member_id in tired:
                continue
            self._sending = asyncio.create_task(self._settled(each))
            await asyncio.wait({self._sending})
            if self._sending.cancelled():
                break
            if self._sending.result():
                self._resting.pop(each.member_id, None)
                self._pause = FIRST_PAUSE
                await self._rest(PACE_SECONDS)
            else:
                tired.add(each.member_id)
                pause, _ = self._resting.get(each.member_id, (FIRST_PAUSE, 0.0))
                not_before = time.monotonic() + pause
                self._resting[each.member_id] = (min(pause * 2, LONGEST_PAUSE), not_before)
                await self._rest(self._pause)
                self._pause = min(self._pause * 2, LONGEST_PAUSE)
        return bool(found)

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _settled(self, notice: Notice) -> bool:
        """Whether nothing is left to do for it: it was sent, or never will be."""
        try:
            told = await self._notices.told(notice)
            guild = self._client.get_guild(notice.guild_id)
            if guild is None:
                return False
            if told and not await self._is_sent(notice, words.said(told, guild.name)):
                return True  # settled meanwhile
            await self._notices.settle(notice)
        except discord.HTTPException as error:
            return await self._given_up(notice, error)
        except (aiohttp.ClientError, OSError, TimeoutError, discord.RateLimited) as error:
            log.warning("private message %d waits: %r", notice.id, error)
            return False
        except Unavailable as error:
            log.warning("private message %d waits for the database: %s", notice.id, error)
            return False
        except Exception:
            log.exception("private message %d failed", notice.id)
            return False
        return True

    async def _is_sent(self, notice: Notice, content: str) -> bool:
        """Send it, unless an earlier try did; False where it isn't to be sent any more.

        Discord knows a nonce for some minutes only: what an earlier try left behind is looked up.
        """
        channel = await self._client.create_dm(discord.Object(notice.member_id))
        if notice.tried_at and await self._is_there(channel, content, notice.tried_at):
            return True
        nonce = await self._notices.trying(notice, self._discord_now())
        if nonce is None:
            return False
        try:
            await insist(lambda: channel.send(content, nonce=nonce, suppress_embeds=True))
        except discord.HTTPException as error:
            if error.status < 500:  # then nothing of it is there
                await self._notices.refused(notice)
            raise
        return True

    async def _is_there(self, channel: discord.DMChannel, content: str, tried_at: datetime) -> bool:
        """Whether the message was posted: its first line never changes, the rest may have."""
        me, head = self._client.user, content.partition("\n")[0]
        async for found in channel.history(limit=None, after=tried_at - _LOOK_BACK):
            if me and found.author.id == me.id and found.content.partition("\n")[0] == head:
                return True
        return False

    async def _given_up(self, notice: Notice, error: discord.HTTPException) -> bool:
        """Give up where the member can't be written to; else it waits."""
        final = error.code in _TAKES_NONE or error.status in (400, 404)
        log.log(
            logging.INFO if error.code in _TAKES_NONE else logging.WARNING,
            "private message %d %s: %s",
            notice.id,
            "is given up" if final else "waits",
            error,
        )
        if final:
            try:
                await self._notices.settle(notice)
            except Unavailable as failure:
                log.warning("private message %d waits for the database: %s", notice.id, failure)
                return False
        return final
