"""Discord's own clock, as the `Date` headers of its answers show it.

An interaction's age is measured by it: a machine whose clock is wrong must not refuse every vote.
"""

import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import SimpleNamespace

import aiohttp


class DiscordClock:
    """The wall clock, corrected by what the answers seen so far allow.

    An answer whose `Date` is D, asked for at q and received at r by this machine, was written
    between D and D + 1 s by Discord: the offset lies between D - r and D + 1 s - q.
    """

    def __init__(self) -> None:
        self._least, self._most = timedelta.min, timedelta.max

    @property
    def offset(self) -> timedelta:
        """What to add to this machine's clock; zero until the first answer."""
        if self._least == timedelta.min:
            return timedelta()
        return (self._least + self._most) / 2

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def learn(self, date: datetime, asked: datetime, received: datetime) -> None:
        """Narrow the offset down; an answer that contradicts the others (a clock jumped) wins."""
        least, most = date - received, date + timedelta(seconds=1) - asked
        narrowed = max(self._least, least), min(self._most, most)
        self._least, self._most = narrowed if narrowed[0] <= narrowed[1] else (least, most)

    def trace(self) -> aiohttp.TraceConfig:
        """For `discord.Client(http_trace=...)`."""
        trace = aiohttp.TraceConfig()
        trace.on_request_start.append(self._asked)
        trace.on_request_end.append(self._received)
        return trace

    async def _asked(
        self,
        _session: aiohttp.ClientSession,
        context: SimpleNamespace,
        _parameters: aiohttp.TraceRequestStartParams,
    ) -> None:
        context.asked, context.started = datetime.now(UTC), time.monotonic()

    async def _received(
        self,
        _session: aiohttp.ClientSession,
        context: SimpleNamespace,
        parameters: aiohttp.TraceRequestEndParams,
    ) -> None:
        header = parameters.response.headers.get("Date")
        if header is None:
            return
        took = timedelta(seconds=time.monotonic() - context.started)
        try:
            date = parsedate_to_datetime(header)
        except ValueError:
            return
        if date.tzinfo is None:
            return
        self.learn(date, context.asked, context.asked + took)
