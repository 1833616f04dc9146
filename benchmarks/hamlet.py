"""What the measures start from: a bot in its own process, and a card whose vote is open."""

import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sandbox.bot_process import BotProcess
from sandbox.clock import Clock
from sandbox.discord import Channel, Form, LocalDiscord, Message, Permission, Person, Server
from tests import stores

EMPTY, VOTE = "fm1:empty", "fm1:vote:1:{}"
"""The button that only answers (see `benchmarks.bot`), and the one that votes for a choice."""


@dataclass(frozen=True)
class Hamlet:
    discord: LocalDiscord
    server: Server
    proposals: Channel
    card: Message
    people: Sequence[Person]
    process: int
    database: str


@dataclass(frozen=True)
class Answers:
    """Sorted seconds from each press to its answer, and the seconds that all took together."""

    seconds: float
    each: Sequence[float]

    @property
    def rate(self) -> float:
        return len(self.each) / self.seconds

    def percentile(self, share: float) -> float:
        return self.each[min(len(self.each) - 1, int(share * len(self.each)))]


@asynccontextmanager
async def hamlet(store: str, people: int) -> AsyncIterator[Hamlet]:
    """Hamlet with so many members, its first proposal Active, on one of `stores.NAMES`."""
    stores.choose(store)
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock(Path(folder, "clock"))
        database = await stores.create(Path(folder))
        command = (sys.executable, "-m", "benchmarks.bot")
        # Tokens of interactions are kept for a while; what is measured is the bot, not that.
        discord = LocalDiscord(clock=clock, token_life=30.0)
        try:
            async with discord, BotProcess(command, Path(folder)) as bot:
                application = discord.add_application("Folkmoot")
                server = discord.add_server("Hamlet")
                proposals = server.add_channel("proposals")
                results = server.add_channel("results")
                server.invite(application, Permission.ADMINISTRATOR)
                bot.configure(discord, application, clock, database)
                process = await bot.start()
                await bot.until(discord.online(application), within=30)
                await server.owner.command(
                    "setup", in_=proposals, proposals_channel=proposals, results_channel=results
                )
                form = await server.owner.command("propose", in_=proposals)
                if not isinstance(form, Form):
                    raise TypeError(form)
                await form.submit(title="Mend the well", body="It is dry.")
                card = server.owner.read(proposals)[-1]
                voters = [server.join(f"Voter {number}") for number in range(people)]
                clock.advance(timedelta(days=1))
                await server.owner.sees(proposals, "Active")
                yield Hamlet(discord, server, proposals, card, voters, process, database)
        finally:
            clock.close()
            await stores.drop(database)
            await stores.close()


async def timed(person: Person, card: Message, custom_id: str) -> float:
    """Seconds from a press to its answer."""
    started = time.perf_counter()
    await person.press_custom_id(card, custom_id)
    return time.perf_counter() - started


def resident_megabytes(process: int) -> float:
    """Memory that a process holds in RAM, from /proc: on Linux only."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"process {process} tells no memory")
