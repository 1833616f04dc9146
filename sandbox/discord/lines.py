"""A gateway connection: what is said is queued and written in order, what is heard is checked."""

import asyncio
import json
from typing import Any

from aiohttp import WSMsgType, web

from . import traffic
from .compression import compressor
from .rate_limits import Rule, Window

HEARTBEAT, RECONNECT, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 1, 7, 9, 10, 11
UNKNOWN_ERROR, DECODE_ERROR, RATE_LIMITED = 4000, 4002, 4008
SENDS = Rule(120, 60)
LONGEST_PAYLOAD = 4096
_GRACE = 1.5
"""Heartbeats may be late by half an interval."""


class Weather:
    """What all connections suffer: payloads to the bot are late by ``delay`` seconds, while
    ``calm`` isn't set nothing moves in either direction, and perhaps nobody ``tells_members``.
    """

    def __init__(self) -> None:
        self.delay = 0.0
        self.tells_members = True
        self.calm = asyncio.Event()
        self.calm.set()


class Line:
    """One open connection."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        request: web.Request,
        heartbeat: float,
        weather: Weather,
    ) -> None:
        """Greets the client, which must then let hear of itself every ``heartbeat`` seconds."""
        self._socket = socket
        self._transport = request.protocol.transport
        self._heartbeat = heartbeat
        self._weather = weather
        self._compress = compressor(request.query.get("compress"))
        self._sends = Window(SENDS, 1.0)
        self._loop = asyncio.get_running_loop()
        self._expect_heartbeat()
        self._closed_here = False
        self._queue: asyncio.Queue[tuple[float, str]] = asyncio.Queue()
        self._writer = asyncio.create_task(self._write())
        self.tell(HELLO, d={"heartbeat_interval": int(heartbeat * 1000)})

    def _expect_heartbeat(self) -> None:
        self._deadline = self._loop.time() + self._heartbeat * _GRACE

    @property
    def said_goodbye(self) -> bool:
        """Whether the client ended it on purpose (1000, 1001): it won't resume."""
        return not self._closed_here and self._socket.close_code in (1000, 1001)

    # To the client

    def tell(self, op: int, d: Any = None) -> None:
        """Queue a payload that isn't an event."""
        self.say(json.dumps({"op": op, "d": d, "s": None, "t": None}))

    def say(self, text: str) -> None:
        """Queue a payload."""
        traffic.tell(traffic.Payload(from_bot=False, text=text))
        self._queue.put_nowait((self._loop.time() + self._weather.delay, text))

    async def _write(self) -> None:
        while True:
            due, text = await self._queue.get()
            if (early := due - self._loop.time()) > 0:
                await asyncio.sleep(early)
            await self._weather.calm.wait()
            if self._compress:
                await self._socket.send_bytes(self._compress(text))
            else:
                await self._socket.send_str(text)

    async def close(self, code: int, message: str = "") -> None:
        """End it from this side."""
        self._closed_here = True
        await self._socket.close(code=code, message=message.encode())

    def cut(self) -> None:
        """Break it without a word."""
        if self._transport:
            self._transport.abort()

    async def hang_up(self) -> None:
        """Stop writing."""
        self._writer.cancel()
        await asyncio.gather(self._writer, return_exceptions=True)

    # From the client

    async def hear(self) -> dict[str, Any] | None:
        """What the client says next; None when the connection is over."""
        while True:
            patience = max(self._deadline - self._loop.time(), 0.001)
            try:
                frame = await self._socket.receive(timeout=patience)
            except TimeoutError:
                if self._weather.calm.is_set():
                    await self.close(UNKNOWN_ERROR, "Heartbeat missed.")
                    return None
                await self._weather.calm.wait()
                self._expect_heartbeat()
                continue
            await self._weather.calm.wait()
            if frame.type is not WSMsgType.TEXT:
                return None
            return await self._read(frame.data)

    async def _read(self, text: str) -> dict[str, Any] | None:
        traffic.tell(traffic.Payload(from_bot=True, text=text))
        if not self._sends.take():
            await self.close(RATE_LIMITED, "You are being rate limited.")
            return None
        try:
            said = json.loads(text) if len(text.encode()) <= LONGEST_PAYLOAD else None
        except ValueError:
            said = None
        if not isinstance(said, dict):
            await self.close(DECODE_ERROR, "Error while decoding payload.")
            return None
        if said.get("op") == HEARTBEAT:
            self._expect_heartbeat()
        return said
