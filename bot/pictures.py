"""Has the pictures of results drawn by a process that starts when it is first needed."""

import asyncio
import logging
import os
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import Coroutine
from contextlib import ExitStack, suppress
from pathlib import Path

from bot.config import PREFIX
from cogs.pictures import Picture, as_json

log = logging.getLogger(__name__)

WITHIN = 3.0
"""Seconds that a result waits for its picture."""
PATIENCE = 30.0
"""Seconds until a worker is given up that doesn't answer; its first picture takes longest."""
IDLE = 300.0
"""Seconds without work after which the worker is ended, which gives its memory back."""
STOP_SECONDS = 2.0
"""How long a worker may take to end by itself."""
_PNG = b"\x89PNG\r\n\x1a\n"
_HOUSE = Path(__file__).parents[1]


class Painter:
    """Draws one picture after the other; whoever waits for one gets none rather than wait long."""

    def __init__(self, *, patience: float = PATIENCE, idle: float = IDLE) -> None:
        self._patience, self._idle = patience, idle
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[bytes | None]] = set()
        self._worker: Process | None = None
        self._rest: asyncio.TimerHandle | None = None
        self._folders = ExitStack()
        self._environment: dict[str, str] = {}

    async def paint(self, picture: Picture, within: float = WITHIN) -> bytes | None:
        """The picture as PNG; None where it isn't there after so many seconds."""
        until = asyncio.get_running_loop().time() + within
        drawing = self._start(self._drawn(picture, until))
        await asyncio.wait({drawing}, timeout=within)
        if drawing.done() and not drawing.cancelled():
            return drawing.result()
        log.warning("a result goes without its picture, which is late")
        return None

    async def close(self) -> None:
        """End the worker, whatever it is doing."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._end_worker()
        self._folders.close()

    def _start(self, work: Coroutine[None, None, bytes | None]) -> asyncio.Task[bytes | None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _drawn(self, picture: Picture, until: float) -> bytes | None:
        """Goes on when nobody waits any more, so that a slow start is over by the next picture."""
        async with self._turn:
            if asyncio.get_running_loop().time() >= until:
                return None
            try:
                async with asyncio.timeout(self._patience):
                    answer = await self._answer(as_json(picture))
            except (OSError, EOFError) as error:
                log.warning("no pictures: the process that draws them failed: %r", error)
                await self._end_worker()
                return None
            self._rest_later()
        if not answer.startswith(_PNG):
            log.error("a picture can't be drawn: %s", answer.decode(errors="replace"))
            return None
        return answer

    async def _answer(self, question: bytes) -> bytes:
        """From the worker; from a new one where it has died since the last picture."""
        if self._worker:
            with suppress(ConnectionError, EOFError):
                return await _asked(self._worker, question)
            await self._end_worker()
        return await _asked(await self._start_worker(), question)

    async def _start_worker(self) -> Process:
        if not self._environment:
            self._environment = self._safe_environment()
        self._worker = await asyncio.create_subprocess_exec(
            *(sys.executable, "-W", "ignore", "-m", "bot.drawing"),
            stdin=PIPE,
            stdout=PIPE,
            cwd=_HOUSE,
            env=self._environment,
            start_new_session=True,  # an interrupt from the keyboard is for the bot alone
        )
        return self._worker

    def _safe_environment(self) -> dict[str, str]:
        """Without the bot's secrets, and with a folder that the list of fonts can be written to."""
        safe = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        if not os.access(Path("~").expanduser(), os.W_OK):
            folder = tempfile.TemporaryDirectory(prefix="folkmoot-pictures-")
            safe["MPLCONFIGDIR"] = self._folders.enter_context(folder)
        return safe

    def _rest_later(self) -> None:
        if self._rest:
            self._rest.cancel()
        loop = asyncio.get_running_loop()
        self._rest = loop.call_later(self._idle, lambda: self._start(self._retire()))

    async def _retire(self) -> None:
        async with self._turn:
            await self._end_worker()

    async def _end_worker(self) -> None:
        """It ends when its input does, or is killed."""
        if self._rest:
            self._rest.cancel()
        worker, self._worker = self._worker, None
        if worker is None:
            return
        try:
            await asyncio.wait_for(worker.communicate(b""), STOP_SECONDS)
        except TimeoutError:
            with suppress(ProcessLookupError):
                worker.kill()
            await worker.communicate()


async def _asked(worker: Process, question: bytes) -> bytes:
    if worker.stdin is None or worker.stdout is None:
        raise EOFError("a worker without pipes")
    worker.stdin.write(len(question).to_bytes(4, "big") + question)
    await worker.stdin.drain()
    size = int.from_bytes(await worker.stdout.readexactly(4), "big")
    return await worker.stdout.readexactly(size)
