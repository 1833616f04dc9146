"""Hamlet, where the bot is a process of its own that can be killed."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sandbox.bot_process import BotProcess
from sandbox.clock import Clock
from sandbox.discord import Held, LocalDiscord
from tests import stores
from tests.moot import Moot
from tests.survival.forked import ForkedBot

START_SECONDS, STOP_SECONDS = 60, 10
BOT = (sys.executable, "-m", "bot")


class Besieged(Moot):
    """`up` is set while the bot serves."""

    def __init__(
        self,
        discord: LocalDiscord,
        clock: Clock,
        database_url: str,
        folder: Path,
        command: tuple[str, ...] = (),
    ) -> None:
        super().__init__(discord, clock, database_url)
        self.database_url = database_url
        # What runs the bot in a way of its own has to start it; the others needn't import it anew.
        kind = BotProcess if command else ForkedBot
        self.process = kind((*command, *BOT), folder)
        self.process.configure(discord, self.application, clock, database_url)
        self.up = asyncio.Event()

    async def start(self) -> None:
        await self.process.start()
        await self.process.until(self.discord.online(self.application), within=START_SECONDS)
        self.up.set()

    async def stop(self) -> None:
        """SIGTERM; the bot ends in time, and content."""
        self.up.clear()
        assert await self.process.terminate(within=STOP_SECONDS) == 0, self.process.log_lines()

    def settle(self) -> None:
        """A process of its own can't be hurried."""

    async def kill(self) -> None:
        """SIGKILL."""
        self.up.clear()
        await self.process.kill()

    async def killed_at(self, held: Held) -> None:
        """The bot is killed while the request is held, which is never done if it wasn't yet."""
        await held.reached
        await self.kill()
        held.drop()
        await self.start()


@asynccontextmanager
async def besieged(
    folder: Path, command: tuple[str, ...] = (), **discord: Any
) -> AsyncIterator[Besieged]:
    """Hamlet on a database of its own, the bot not started yet."""
    clock = _clock_in(folder)
    url = await stores.create(folder)
    settings = {"identify_every": 0, "patience": 6.0, **discord}
    try:
        async with LocalDiscord(clock=clock, **settings) as local:
            moot = Besieged(local, clock, url, folder, command)
            async with moot.process:
                yield moot
    finally:
        clock.close()
        await stores.drop(url)


def _clock_in(folder: Path) -> Clock:
    folder.mkdir()
    return Clock(folder / "clock")
