"""Votes per second through the whole path (press → durable → receipt), beside an empty button.

    python -m benchmarks.votes [--votes 2000] [--at-once 100] [--rounds 5]

Both buttons are pressed by turns in one run, against one bot in its own process. Prints a row per
round, the medians with p50 and p99 of the time to the answer, and last `ratio: 0.xx`.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sandbox.bot_process import BotProcess
from sandbox.clock import Clock
from sandbox.discord import Form, LocalDiscord, Message, Permission, Person

EMPTY, VOTE = "fm1:empty", "fm1:vote:1:{}"


@dataclass(frozen=True)
class Round:
    """`seconds` for the whole round, `answers` sorted seconds from each press to its answer."""

    seconds: float
    answers: Sequence[float]

    @property
    def rate(self) -> float:
        return len(self.answers) / self.seconds

    def percentile(self, share: float) -> float:
        return self.answers[min(len(self.answers) - 1, int(share * len(self.answers)))]


async def press(people: Sequence[Person], card: Message, custom_id: str, at_once: int) -> Round:
    """Everybody presses, `at_once` at a time."""
    answers: list[float] = []
    waiting = iter(people)

    async def presser() -> None:
        for person in waiting:
            started = time.perf_counter()
            await person.press_custom_id(card, custom_id)
            answers.append(time.perf_counter() - started)

    started = time.perf_counter()
    await asyncio.gather(*(presser() for _ in range(at_once)))
    return Round(time.perf_counter() - started, sorted(answers))


async def prepared(
    discord: LocalDiscord, bot: BotProcess, clock: Clock, votes: int
) -> tuple[Message, list[Person]]:
    """A proposal's card whose vote is open, and so many voters."""
    application = discord.add_application("Folkmoot")
    server = discord.add_server("Hamlet")
    proposals, results = server.add_channel("proposals"), server.add_channel("results")
    server.invite(application, Permission.ADMINISTRATOR)
    bot.configure(discord, application, clock)
    await bot.start()
    await bot.until(discord.online(application), within=30)
    owner = server.owner
    await owner.command(
        "setup", in_=proposals, proposals_channel=proposals, results_channel=results
    )
    form = await owner.command("propose", in_=proposals)
    if not isinstance(form, Form):
        raise TypeError(form)
    await form.submit(title="Mend the well", body="It is dry.")
    card = owner.read(proposals)[-1]
    voters = [server.join(f"Voter {number}") for number in range(votes)]
    clock.advance(timedelta(days=1))
    await owner.sees(proposals, "Active")
    return card, voters


async def main(votes: int, at_once: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock(Path(folder, "clock"))
        command = (sys.executable, "-m", "benchmarks.bot")
        async with LocalDiscord(clock=clock) as discord, BotProcess(command, Path(folder)) as bot:
            card, people = await prepared(discord, bot, clock, votes)
            empty, cast = [], []
            for number in range(rounds + 1):
                empty.append(await press(people, card, EMPTY, at_once))
                cast.append(await press(people, card, VOTE.format(number % 3 + 1), at_once))
                rates = f"empty {empty[-1].rate:6.0f}/s, votes {cast[-1].rate:6.0f}/s"
                print(f"round {number}: {rates}" if number else f"warm-up: {rates}")
        clock.close()
    ratios = [vote.rate / nothing.rate for vote, nothing in zip(cast[1:], empty[1:], strict=True)]
    print(f"\n{votes} presses a round, {at_once} at once; median of {rounds} rounds")
    for name, measured in (("empty button", empty[1:]), ("durable vote", cast[1:])):
        rate, p50, p99 = (
            statistics.median(figures)
            for figures in (
                [each.rate for each in measured],
                [each.percentile(0.50) for each in measured],
                [each.percentile(0.99) for each in measured],
            )
        )
        print(f"{name}: {rate:6.0f}/s, p50 {p50 * 1000:6.1f} ms, p99 {p99 * 1000:6.1f} ms")
    print(f"ratio: {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Votes per second beside an empty button")
    parser.add_argument("--votes", type=int, default=2000)
    parser.add_argument("--at-once", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    asyncio.run(main(arguments.votes, arguments.at_once, arguments.rounds))
