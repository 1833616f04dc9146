"""The real bot as a process of its own, told to talk to the local Discord."""

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from sandbox.clock import Clock
from sandbox.discord import Application, LocalDiscord

CHECKOUT = Path(__file__).parents[1]

# `sh` becomes the bot. A child of it, in the same process group, waits at the pipe that the demo
# holds: however the demo ends, even by -9, the pipe is closed, and the child kills the group.
_LEASHED = 'exec 3<&0; (read _ <&3; kill -9 0) & exec "$@" </dev/null 3<&-'


class BotProcess:
    """Use as an async context manager: no process is left behind."""

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        """``folder`` gets the bot's configuration, database and log."""
        self.database = folder / "folkmoot.db"
        self.log = folder / "bot.log"
        self._configuration = folder / "config.toml"
        self._command = ("sh", "-c", _LEASHED, "sh", *command)
        self._environment: dict[str, str] = {}
        self._process: asyncio.subprocess.Process | None = None

    def configure(
        self,
        discord: LocalDiscord,
        application: Application,
        clock: Clock,
        database: str | None = None,
        **more: object,
    ) -> None:
        """Write down where Discord is, which clock to follow, and ``more`` settings; ``database``
        is the address of another one.
        """
        settings = {"database": f"sqlite:///{self.database}", **more}
        sandbox = {
            "host": discord.host,
            "port": discord.port,
            "authority": str(discord.authority),
            "clock": str(clock.path),
        }
        lines = [*_toml(settings), "[sandbox]", *_toml(sandbox)]
        self._configuration.write_text("\n".join(lines), encoding="utf-8")
        # Whatever is set for a bot in earnest (its database!) must not reach this one.
        self._environment = {
            name: value
            for name, value in os.environ.items()
            if not name.upper().startswith("FOLKMOOT_")
        }
        self._environment["FOLKMOOT_TOKEN"] = application.token
        if database:
            self._environment["FOLKMOOT_DATABASE"] = database  # its address may hold a password

    def log_lines(self) -> list[str]:
        """What the bot has logged."""
        return self.log.read_text(encoding="utf-8", errors="replace").splitlines()

    async def start(self) -> int:
        """Start the bot; returns the number of its process."""
        with self.log.open("ab") as log:
            self._process = await self._begin(log, ("--config", str(self._configuration), "run"))
        return self._process.pid

    async def _begin(self, log: BinaryIO, arguments: Sequence[str]) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *self._command,
            *arguments,
            cwd=CHECKOUT,
            env=self._environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    async def ended(self) -> int:
        """Wait until the bot has ended by itself; returns its exit code."""
        if self._process is None:
            raise RuntimeError("the bot was not started")
        return await self._process.wait()

    async def until(self, event: Awaitable[None], within: float) -> None:
        """Wait for ``event``; AssertionError if the bot ends before, or after ``within`` s."""
        waiting = asyncio.ensure_future(event)
        ended = asyncio.ensure_future(self.ended())
        try:
            await asyncio.wait(
                {waiting, ended}, timeout=within, return_when=asyncio.FIRST_COMPLETED
            )
            if ended.done():
                raise AssertionError(f"the bot ended with exit code {ended.result()}")
            if not waiting.done():
                raise AssertionError(f"not within {within:.0f} seconds")
        finally:
            waiting.cancel()
            ended.cancel()

    async def terminate(self, within: float) -> int:
        """Ask the bot to end (SIGTERM); returns its exit code. TimeoutError after ``within`` s."""
        if self._process is None:
            raise RuntimeError("the bot was not started")
        self._process.terminate()
        try:
            async with asyncio.timeout(within):
                return await self.ended()
        finally:
            await self.kill()

    async def kill(self) -> None:
        """Kill the bot with -9, if it was started."""
        if self._process:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.kill()


def _toml(settings: Mapping[str, object]) -> list[str]:
    return [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in settings.items()]
