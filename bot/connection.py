"""Which Discord the bot talks to, and which clock it follows: the real ones or a sandbox's."""

import os
import socket
import ssl
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.config import Sandbox
from services.clock import Now

# The library's own connector opens a connection for each of 500 simultaneous presses; each of these
# holds some 300 kB of memory, and more of them answer no faster.
_CONNECTIONS = 50
_KEEP_ALIVE_SECONDS = 75


def connector(sandbox: Sandbox | None) -> aiohttp.TCPConnector:
    """Connections to Discord; to be made inside the running loop."""
    where: dict[str, Any] = {}
    if sandbox:
        context = ssl.create_default_context(cafile=str(sandbox.authority))
        where = {"resolver": _OneHost(sandbox.host, sandbox.port), "ssl": context}
    return aiohttp.TCPConnector(limit=_CONNECTIONS, keepalive_timeout=_KEEP_ALIVE_SECONDS, **where)


class Unanswered(aiohttp.ClientError):
    """Discord failed over a request; what became of it is unknown."""


def session_that_never_repeats(sandbox: Sandbox | None) -> aiohttp.ClientSession:
    """For requests that Discord doesn't recognise when they come again.

    discord.py repeats a request by itself where Discord failed (5xx). In this session such an
    answer raises Unanswered, so that whoever asked can look before asking again.
    """

    async def give_up(
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        parameters: aiohttp.TraceRequestEndParams,
    ) -> None:
        if parameters.response.status >= 500:
            raise Unanswered(f"Discord answered {parameters.response.status}")

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(give_up)
    return aiohttp.ClientSession(connector=connector(sandbox), trace_configs=[trace])


def governance_clock(sandbox: Sandbox | None) -> Now:
    """UTC wall time; against a sandbox, moved forward by what its clock file says."""
    if sandbox is None:
        return _wall_clock
    file = os.open(sandbox.clock, os.O_RDONLY)

    def moved() -> datetime:
        # Eight bytes, little-endian and signed: microseconds to add.
        ahead = int.from_bytes(os.pread(file, 8, 0), "little", signed=True)
        return _wall_clock() + timedelta(microseconds=ahead)

    return moved


def _wall_clock() -> datetime:
    return datetime.now(UTC)


class _OneHost(AbstractResolver):
    """Every name leads to the local Discord."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=self._host,
                port=self._port,
                family=socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        pass
