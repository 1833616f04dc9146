"""Votes per second through the whole path (press → durable → receipt), beside an empty button.

    python -m benchmarks.votes [--store sqlite] [--votes 2000] [--at-once 100] [--rounds 5]

Both buttons are pressed by turns in one run, against one bot in its own process. Prints a row per
round, the medians with p50 and p99 of the time to the answer, and last `ratio: 0.xx`.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Sequence

from benchmarks.hamlet import EMPTY, VOTE, Answers, hamlet, timed
from sandbox.discord import Message, Person
from tests import stores


async def press(people: Sequence[Person], card: Message, custom_id: str, at_once: int) -> Answers:
    """Everybody presses, `at_once` at a time."""
    answers: list[float] = []
    waiting = iter(people)

    async def presser() -> None:
        answers.extend([await timed(person, card, custom_id) for person in waiting])

    started = time.perf_counter()
    await asyncio.gather(*(presser() for _ in range(at_once)))
    return Answers(time.perf_counter() - started, sorted(answers))


async def main(store: str, votes: int, at_once: int, rounds: int) -> float:
    """The ratio of votes to empty answers."""
    empty, cast = [], []
    async with hamlet(store, votes) as there:
        for number in range(rounds + 1):
            empty.append(await press(there.people, there.card, EMPTY, at_once))
            choice = VOTE.format(number % 3 + 1)
            cast.append(await press(there.people, there.card, choice, at_once))
            rates = f"empty {empty[-1].rate:6.0f}/s, votes {cast[-1].rate:6.0f}/s"
            print(f"round {number}: {rates}" if number else f"warm-up: {rates}")
    ratios = [vote.rate / nothing.rate for vote, nothing in zip(cast[1:], empty[1:], strict=True)]
    print(f"\n{store}, {votes} presses a round, {at_once} at once; median of {rounds} rounds")
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
    ratio = statistics.median(ratios)
    print(f"ratio: {ratio:.2f}")
    return ratio


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Votes per second beside an empty button")
    parser.add_argument("--store", choices=stores.NAMES, default=stores.NAMES[0])
    parser.add_argument("--votes", type=int, default=2000)
    parser.add_argument("--at-once", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    asyncio.run(main(given.store, given.votes, given.at_once, given.rounds))
