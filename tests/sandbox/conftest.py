"""A local Discord, a server in it, and a small bot made of an unmodified discord.py client."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import discord
import pytest

from sandbox.clock import Clock
from sandbox.discord import Application, Channel, LocalDiscord, Permission, Person, Server
from tests.sandbox.client import TOKEN_LIFE, Api, Bot, Start, connector_to, running


@pytest.fixture
def clock(tmp_path: Path) -> Iterator[Clock]:
    clock = Clock(tmp_path / "clock")
    yield clock
    clock.close()


@pytest.fixture
async def local(clock: Clock) -> AsyncIterator[LocalDiscord]:
    async with LocalDiscord(
        clock=clock,
        answer_within=2.0,
        token_life=TOKEN_LIFE,
        resume_within=5,
        patience=5,
        rate_limits=0.1,
    ) as local:
        yield local


@pytest.fixture
def application(local: LocalDiscord) -> Application:
    return local.add_application("Tiny")


@pytest.fixture
def hamlet(local: LocalDiscord, application: Application) -> Server:
    hamlet = local.add_server("Hamlet")
    hamlet.invite(application, Permission.MANAGE_WEBHOOKS | Permission.MANAGE_THREADS)
    return hamlet


@pytest.fixture
def square(hamlet: Server) -> Channel:
    return hamlet.add_channel("square")


@pytest.fixture
def ann(hamlet: Server) -> Person:
    return hamlet.join("Ann")


@pytest.fixture
async def start(local: LocalDiscord, application: Application) -> AsyncIterator[Start]:
    """Start a bot: ``await start(prepare)`` calls ``prepare(bot)`` before it logs in."""
    async with AsyncExitStack() as stack:

        async def start(
            prepare: Callable[[Bot], object] = lambda bot: None,
            *,
            intents: discord.Intents | None = None,
        ) -> Bot:
            bot = Bot(local, intents or discord.Intents(guilds=True))
            prepare(bot)
            return await stack.enter_async_context(running(bot, application.token))

        yield start


@pytest.fixture
async def api(local: LocalDiscord, application: Application) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession(connector=connector_to(local)) as session:
        yield Api(session, application.token)
