"""The bot as a process of its own that needn't import itself: forked from one that has.

It is `python -m bot` all the same, with arguments, environment, log and process group of its own.
"""

import asyncio
import multiprocessing
import os
import runpy
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import BinaryIO

from sandbox.bot_process import CHECKOUT, BotProcess

# Kills the group that it is in when the tests have ended, even by -9: then its input ends.
_LEASH = ("sh", "-c", "read _; kill -9 0")


class ForkedBot(BotProcess):
    async def _begin(self, log: BinaryIO, arguments: Sequence[str]) -> "Forked":
        server = _server()
        apart, child_end = server.Pipe(duplex=False)
        given = (arguments, self._environment, log.name, child_end)
        process = server.Process(target=_become_the_bot, args=given)
        process.start()
        child_end.close()
        with apart:  # before that it can't be killed as a group
            apart.poll(None)
        return Forked(process)


class Forked:
    """As much of asyncio's Process as is needed; to be made inside the running loop."""

    def __init__(self, process: BaseProcess) -> None:
        self.pid = process.pid
        self.terminate = process.terminate
        self._process = process
        self._ended = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(process.sentinel, self._end)

    async def wait(self) -> int:
        await self._ended.wait()
        return self._process.exitcode

    def _end(self) -> None:
        self._loop.remove_reader(self._process.sentinel)
        self._ended.set()


@cache
def _server() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["bot.commands", __name__])
    return context


def _become_the_bot(
    arguments: Sequence[str],
    environment: dict[str, str],
    log: str,
    parent_end: Connection,
) -> None:
    os.setsid()
    parent_end.close()
    subprocess.Popen(_LEASH, stdin=multiprocessing.parent_process().sentinel)
    with Path(log).open("ab") as file:
        for output in (1, 2):
            os.dup2(file.fileno(), output)
    os.chdir(CHECKOUT)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["bot", *arguments]
    runpy.run_module("bot", run_name="__main__", alter_sys=True)
