"""Breaking things on purpose: the HTTP API, the gateway, the network and the clock.

A fault chooses requests by a pattern, "METHOD route" with ``*`` for anything: the route with names
for ids as in ``Request`` ("POST /channels/{channel}/messages"), or with the ids themselves. It
strikes ``times`` times, then it is over (``None``: until ``cancel()``, or the end of its block).
"""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from datetime import timedelta
from fnmatch import fnmatchcase
from http import HTTPStatus
from types import TracebackType
from typing import Self

from aiohttp import web

from .gateway import Gateway
from .http import PREFIX, Handler, answer, route_of
from .rate_limits import Refused, cloudflare_page, too_many
from .world import World

Strike = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]
NEVER_ANSWERED = 0
_RESET = struct.pack("ii", 1, 0)  # closes with a reset instead of a goodbye


class Planned:
    """A fault that waits for its requests; ``struck`` is how many it has met."""

    def __init__(self, strike: Strike, pattern: str, times: int | None, after: int) -> None:
        self.struck = 0
        self._strike = strike
        self._pattern = pattern
        self._left = times
        self._spared = after

    @property
    def over(self) -> bool:
        """Whether it won't strike any more."""
        return self._left == 0

    def takes(self, asked: tuple[str, str]) -> bool:
        """Whether the fault takes a request, known by its route and its path, for itself."""
        if self._left == 0 or not any(fnmatchcase(name, self._pattern) for name in asked):
            return False
        if self._spared:
            self._spared -= 1
            return False
        self.struck += 1
        if self._left is not None:
            self._left -= 1
        return True

    async def strike(self, request: web.Request, proceed: Handler) -> web.StreamResponse:
        """Do it; ``proceed`` lets the request go on."""
        return await self._strike(request, proceed)

    def cancel(self) -> None:
        """Let all further requests pass."""
        self._left = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cancel()


class Held:
    """A request that is stopped on its way. ``await held.reached`` returns its method and path.

    ``seen`` counts the requests since the hold was planned, the held one included.
    """

    def __init__(self, number: int) -> None:
        self.seen = 0
        self.reached: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._number = number
        self._goes_on: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def release(self) -> None:
        """Let it go on, even if who asked is gone."""
        if not self._goes_on.done():
            self._goes_on.set_result(True)

    def drop(self) -> None:
        """Break its connection: work that was not done yet is never done."""
        if not self._goes_on.done():
            self._goes_on.set_result(False)

    async def wait(self, request: web.Request) -> bool:
        """Hold the request if it is the one; whether it goes on."""
        self.seen += 1
        if self.seen != self._number:
            return True
        self.reached.set_result(f"{request.method} {request.path.removeprefix(PREFIX)}")
        return await self._goes_on


class Faults:
    """Everything that can be made to go wrong."""

    def __init__(
        self,
        world: World,
        gateway: Gateway,
        unreachable: Callable[[], AbstractAsyncContextManager[None]],
    ) -> None:
        """``unreachable``: closes the port for the length of its block."""
        self._world = world
        self._gateway = gateway
        self._planned: list[Planned] = []
        self.unreachable = unreachable

    # Network and clock

    @property
    def clock_skew(self) -> timedelta:
        """How far Discord's clock is ahead: that of its ids, times and ``Date`` headers."""
        return self._world.snowflakes.skew

    @clock_skew.setter
    def clock_skew(self, skew: timedelta) -> None:
        self._world.snowflakes.skew = skew

    # The gateway

    def drop_gateway(self) -> None:
        """Cut every connection as a broken network would; bots can resume."""
        self._gateway.cut()

    async def close_gateway(self, code: int = 1011) -> None:
        """Close every connection with a code; bots can resume."""
        await self._gateway.hang_up(code)

    def request_reconnect(self) -> None:
        """Ask every bot to reconnect and resume (op 7)."""
        self._gateway.ask_to_reconnect()

    def invalidate_sessions(self, *, resumable: bool = False) -> None:
        """Tell every bot that its session is invalid (op 9)."""
        self._gateway.invalidate(resumable=resumable)

    @contextmanager
    def gateway_delayed(self, seconds: float) -> Iterator[None]:
        """Everything reaches the bots late."""
        self._gateway.weather.delay = seconds
        try:
            yield
        finally:
            self._gateway.weather.delay = 0.0

    @contextmanager
    def gateway_frozen(self) -> Iterator[None]:
        """Connections stay open, new ones too, and nothing moves in them."""
        self._gateway.weather.calm.clear()
        try:
            yield
        finally:
            self._gateway.weather.calm.set()

    @contextmanager
    def members_untold(self) -> Iterator[None]:
        """What bots ask of members over the gateway is never answered."""
        self._gateway.weather.tells_members = False
        try:
            yield
        finally:
            self._gateway.weather.tells_members = True

    # Requests

    def fail(
        self, pattern: str = "*", status: int = 500, *, times: int | None = 1, after: int = 0
    ) -> Planned:
        """Answer with an error, nothing done. ``after``: so many requests pass before."""

        async def strike(_: web.Request, __: Handler) -> web.StreamResponse:
            return _error(status)

        return self._plan(strike, pattern, times, after)

    def mislead(
        self, pattern: str = "*", status: int = 500, *, times: int | None = 1, after: int = 0
    ) -> Planned:
        """Do the work, and answer with an error."""

        async def strike(request: web.Request, proceed: Handler) -> web.StreamResponse:
            await proceed(request)
            return _error(status)

        return self._plan(strike, pattern, times, after)

    def delay(
        self, pattern: str = "*", seconds: float = 1.0, *, times: int | None = 1, after: int = 0
    ) -> Planned:
        """Take the time before doing the work."""

        async def strike(request: web.Request, proceed: Handler) -> web.StreamResponse:
            await asyncio.sleep(seconds)
            return await proceed(request)

        return self._plan(strike, pattern, times, after)

    def lose(self, pattern: str = "*", *, times: int | None = 1, after: int = 0) -> Planned:
        """Do the work, and reset the connection instead of answering."""

        async def strike(request: web.Request, proceed: Handler) -> web.StreamResponse:
            response = await proceed(request)
            reset(request)
            return response

        return self._plan(strike, pattern, times, after)

    def refuse(self, pattern: str = "*", *, times: int | None = 1, after: int = 0) -> Planned:
        """Reset the connection, nothing done; recorded with status 0."""

        async def strike(request: web.Request, _: Handler) -> web.StreamResponse:
            return _cut_off(request)

        return self._plan(strike, pattern, times, after)

    def freeze(
        self,
        pattern: str = "*",
        seconds: float = 5.0,
        *,
        done: bool = False,
        times: int | None = 1,
        after: int = 0,
    ) -> Planned:
        """Say nothing for so long, then reset the connection; the work is ``done`` or it isn't."""

        async def strike(request: web.Request, proceed: Handler) -> web.StreamResponse:
            response = await proceed(request) if done else web.Response(status=NEVER_ANSWERED)
            await asyncio.sleep(seconds)
            reset(request)
            return response

        return self._plan(strike, pattern, times, after)

    def rate_limit(
        self,
        pattern: str = "*",
        retry_after: float | None = 1.0,
        *,
        everywhere: bool = False,
        code: int | None = None,
        times: int | None = 1,
        after: int = 0,
    ) -> Planned:
        """Answer 429 for the route, or ``everywhere``; ``retry_after`` None leaves that out."""

        async def strike(_: web.Request, __: Handler) -> web.StreamResponse:
            return too_many(Refused(retry_after, "global" if everywhere else "user", code))

        return self._plan(strike, pattern, times, after)

    def cloudflare(
        self, pattern: str = "*", status: int = 502, *, times: int | None = 1, after: int = 0
    ) -> Planned:
        """Answer with Cloudflare's page instead of Discord: 403, 502, or 429 for its error 1015."""

        async def strike(_: web.Request, __: Handler) -> web.StreamResponse:
            return cloudflare_page(status)

        return self._plan(strike, pattern, times, after)

    @asynccontextmanager
    async def hold(
        self, pattern: str = "*", *, number: int = 1, after: bool = False
    ) -> AsyncIterator[Held]:
        """Stop the ``number``-th request from now on, before its work or ``after`` it.

        The end of the block releases it.
        """
        held = Held(number)

        async def strike(request: web.Request, proceed: Handler) -> web.StreamResponse:
            if after:
                response = await proceed(request)
                if not await held.wait(request):
                    reset(request)
                return response
            return await proceed(request) if await held.wait(request) else _cut_off(request)

        with self._plan(strike, pattern, None, 0):
            try:
                yield held
            finally:
                held.release()

    def _plan(self, strike: Strike, pattern: str, times: int | None, after: int) -> Planned:
        planned = Planned(strike, pattern, times, after)
        self._planned = [fault for fault in self._planned if not fault.over] + [planned]
        return planned

    @web.middleware
    async def meddle(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let every fault that concerns the request strike, the oldest outermost."""
        if self._planned:
            asked = (
                f"{request.method} {route_of(request)}",
                f"{request.method} {request.path.removeprefix(PREFIX)}",
            )
            for fault in reversed([f for f in self._planned if f.takes(asked)]):
                handler = _around(fault, handler)
        return await handler(request)


def _around(fault: Planned, handler: Handler) -> Handler:
    async def struck(request: web.Request) -> web.StreamResponse:
        return await fault.strike(request, handler)

    return struck


def reset(request: web.Request) -> None:
    """Break the client's connection with a reset, as a crashed router would."""
    if request.transport:
        line = request.transport.get_extra_info("socket")
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        request.transport.abort()


def _cut_off(request: web.Request) -> web.Response:
    reset(request)
    return web.Response(status=NEVER_ANSWERED)


def _error(status: int) -> web.Response:
    return answer({"message": f"{status}: {HTTPStatus(status).phrase}", "code": 0}, status)
