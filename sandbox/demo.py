"""The demo: a local Discord, the real bot as its own process, and the story of a decision.

Exit codes: 0 all that is expected was seen, 1 something was not, 130 interrupted before the end.
"""

import argparse
import asyncio
import io
import os
import shlex
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from sandbox.bot_process import BotProcess
from sandbox.clock import Clock
from sandbox.discord import LocalDiscord
from sandbox.narrator import Unmet
from sandbox.story import PATIENCE, Story

LOG_LINES = 20


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="Folkmoot's demo")
    parser.add_argument("--keep", action="store_true", help="keep all running after the story")
    parser.add_argument(
        "--bot",
        metavar="COMMAND",
        type=shlex.split,
        default=[sys.executable, "-m", "bot"],
        help="what starts the bot; it is given --config FILE run (default: python -m bot)",
    )
    arguments = parser.parse_args()
    if isinstance(sys.stdout, io.TextIOWrapper):  # whatever the locale says, the story has emoji
        sys.stdout.reconfigure(encoding="utf-8", line_buffering=True)
    try:
        return asyncio.run(_until_interrupted(arguments.bot, keep=arguments.keep))
    except BrokenPipeError:  # `| head` has read enough; the interpreter must not flush into it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


async def _until_interrupted(command: Sequence[str], *, keep: bool) -> int:
    playing = asyncio.create_task(_play(command, keep=keep))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, playing.cancel)
    try:
        return await playing
    except asyncio.CancelledError:
        print("\nInterrupted. The bot is ended, and its files are removed.")
        return 130


async def _play(command: Sequence[str], *, keep: bool) -> int:
    """Play the story with the bot that ``command`` starts; returns the exit code."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="folkmoot-demo-") as name:
        folder = Path(name)
        clock = Clock(folder / "clock")
        async with (
            LocalDiscord(clock=clock, patience=PATIENCE) as discord,
            BotProcess(command, folder) as bot,
        ):
            story = Story(discord, clock, bot)
            try:
                await story.play()
            except Unmet as unmet:
                print(f"\n✗ {unmet.expectation}: {unmet}\n\nThe end of the bot's log:")
                print(*bot.log_lines()[-LOG_LINES:], sep="\n")
                return 1
            seconds = time.monotonic() - started
            print(f"\nAll {story.narrator.met} expectations were met, in {seconds:.0f} seconds.")
            if keep:
                return await _keep(discord, bot)
            return 0


async def _keep(discord: LocalDiscord, bot: BotProcess) -> int:
    print(
        "\nAll keeps running until Ctrl-C.\n"
        f"  the local Discord   https://{discord.host}:{discord.port}\n"
        f"  the database        {bot.database}\n"
        f"  the bot's log       {bot.log}"
    )
    try:
        code = await bot.ended()
    except asyncio.CancelledError:
        print("\nThe bot is ended, and its files are removed.")
        return 0
    print(f"\nThe bot ended with exit code {code}.")
    return 1
