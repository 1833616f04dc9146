"""A small bot made of an unmodified discord.py client, and raw requests beside it."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord
from aiohttp.abc import AbstractResolver, ResolveResult
from discord import app_commands

from sandbox.discord import LocalDiscord


class Everywhere(AbstractResolver):
    """Finds every host name at the local Discord."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host, host=self._host, port=self._port, family=family, proto=0, flags=0
            )
        ]

    async def close(self) -> None:
        """Nothing is held."""


def connector_to(local: LocalDiscord) -> aiohttp.TCPConnector:
    trusting = ssl.create_default_context(cafile=str(local.authority))
    return aiohttp.TCPConnector(resolver=Everywhere(local.host, local.port), ssl=trusting)


class Bot(discord.Client):
    """A client with a command tree that is registered at log-in."""

    def __init__(self, local: LocalDiscord, intents: discord.Intents, **options: Any) -> None:
        super().__init__(
            connector=connector_to(local), intents=intents, guild_ready_timeout=0.01, **options
        )
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self) -> None:
        if self.tree.get_commands():
            await self.tree.sync()


def hearing(bot: Bot, name: str) -> "asyncio.Queue[Any]":
    """What the client dispatches under a name."""
    heard: asyncio.Queue[Any] = asyncio.Queue()

    async def hear(*args: Any) -> None:
        heard.put_nowait(args[0] if args else None)

    setattr(bot, f"on_{name}", hear)
    return heard


async def soon(queue: "asyncio.Queue[Any]") -> Any:
    """What comes next, within twenty seconds."""
    return await asyncio.wait_for(queue.get(), 20)


@asynccontextmanager
async def running(bot: Bot, token: str) -> AsyncIterator[Bot]:
    """The bot, logged in and ready, until the end of the block."""
    await bot.login(token)
    connection = asyncio.create_task(bot.connect())
    ready = asyncio.create_task(bot.wait_until_ready())
    try:
        await asyncio.wait([connection, ready], return_when=asyncio.FIRST_COMPLETED)
        if connection.done():
            connection.result()
        yield bot
    finally:
        ready.cancel()
        await bot.close()
        await asyncio.gather(connection, return_exceptions=True)


class Api:
    """Raw requests to the HTTP API, for what a well-behaved client would not send."""

    def __init__(self, session: aiohttp.ClientSession, token: str) -> None:
        self._session = session
        self._token = token

    async def __call__(self, method: str, path: str, form: object = None) -> tuple[int, Any]:
        """The status and the JSON of the answer."""
        async with self._session.request(
            method,
            f"https://discord.com/api/v10{path}",
            json=form,
            headers={"Authorization": f"Bot {self._token}"},
        ) as response:
            return response.status, await response.json() if response.status != 204 else None


TOKEN_LIFE = 3.0
"""Seconds for which an interaction can be answered further: here, not in Discord."""

Start = Callable[..., Awaitable[Bot]]
