"""Seconds from the start of the process to READY, and the memory of the bot when idle.

    python -m benchmarks.start [--runs 5]

Prints a row per start, then the medians. Memory is read from /proc, so on Linux only.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.hamlet import resident_megabytes
from sandbox.bot_process import BotProcess
from sandbox.clock import Clock
from sandbox.discord import LocalDiscord, Permission

_SETTLED_SECONDS = 3.0


async def main(runs: int) -> dict[str, float]:
    seconds, megabytes = [], []
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock(Path(folder, "clock"))
        command = (sys.executable, "-m", "bot")
        async with (
            LocalDiscord(clock=clock, identify_every=0) as discord,
            BotProcess(command, Path(folder)) as bot,
        ):
            application = discord.add_application("Folkmoot")
            discord.add_server("Hamlet").invite(application, Permission.ADMINISTRATOR)
            bot.configure(discord, application, clock)
            for number in range(runs + 1):
                started = time.perf_counter()
                process = await bot.start()
                await bot.until(discord.online(application), within=30)
                took = time.perf_counter() - started
                await asyncio.sleep(_SETTLED_SECONDS)
                memory = resident_megabytes(process)
                await bot.kill()
                label = f"start {number}" if number else "first (makes the database)"
                print(f"{label}: READY after {took:.2f} s, {memory:.0f} MB")
                if number:
                    seconds.append(took)
                    megabytes.append(memory)
        clock.close()
    found = {"READY, s": statistics.median(seconds), "MB": statistics.median(megabytes)}
    print(
        f"\nmedian of {runs}: READY after {found['READY, s']:.2f} s, {found['MB']:.0f} MB resident"
    )
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Time to READY and memory of the idle bot")
    parser.add_argument("--runs", type=int, default=5)
    asyncio.run(main(parser.parse_args().runs))
