"""Seconds to count many ballots by each voting system, beside a plain sum by choice.

    python -m benchmarks.counting [--ballots 1000000] [--choices 5] [--rounds 3]

Every ballot has a power of its own. The plain sum adds the powers of the basic vote's ballots by
choice with `+=` in a dictionary, exactly, and checks nothing; it runs by turns with the systems in
one run. Prints the medians, the ratio to the plain sum, and last `ratio: 0.xx` for basic voting.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable
from fractions import Fraction
from functools import partial

from governance.power import UNIT
from governance.voting import SYSTEMS
from governance.voting.system import Choice, Conviction, Shape, Terms, VotingSystem

WEEK = 24 * 7  # steps of a conviction vote

Cast = list[tuple[Choice, int, int]]


def choice_of(system: VotingSystem, choices: int, chance: random.Random) -> Choice:
    """A valid choice; rankings and approvals are of any length that the system takes."""
    everything = range(1, choices + 1)
    some = chance.sample(everything, chance.randint(1, choices))
    match system.SHAPE:
        case Shape.ONE:
            return chance.randint(1, len(system.CHOICES) or choices)
        case Shape.SOME:
            return tuple(sorted(some))
        case Shape.RANKING:
            full = system.NAME == "copeland"
            return tuple(chance.sample(everything, choices)) if full else tuple(some)
        case Shape.TIED_RANKING:
            cut = chance.randint(1, len(some))
            return tuple(tuple(sorted(place)) for place in (some[:cut], some[cut:]) if place)
        case Shape.POINTS:
            return tuple((number, chance.randint(1, 4)) for number in sorted(some))
        case Shape.STAKES:
            start = chance.randrange(WEEK)
            return ((start, chance.randrange(10**20)), (start + chance.randrange(1, WEEK), 0))


def terms_of(system: VotingSystem, choices: int) -> Terms:
    names = system.CHOICES or tuple(f"Choice {number}" for number in range(1, choices + 1))
    support = Conviction(Fraction(99, 100), Fraction(1, 5), Fraction(1, 500), 1, 100, 10**24)
    return Terms(
        names,
        lot=tuple(range(1, len(names) + 1)),
        signatures=1,
        signers=10**9,
        conviction=support,
        closing_step=WEEK,
    )


def plain_sum(cast: Cast) -> dict[Choice, int]:
    sums: dict[Choice, int] = {}
    for choice, power, _ in cast:
        sums[choice] = sums.get(choice, 0) + power
    return sums


def seconds(count: Callable[[], object]) -> float:
    started = time.perf_counter()
    count()
    return time.perf_counter() - started


def main(ballots: int, choices: int, rounds: int) -> dict[str, float]:
    """The ratio of each system to the plain sum."""
    chance = random.Random(1)  # noqa: S311 (a benchmark repeats)
    powers = [chance.randint(1, 10**6) * UNIT + chance.randrange(UNIT) for _ in range(ballots)]
    measured, plain = {}, []
    for name, system in SYSTEMS.items():
        terms = terms_of(system, choices)
        cast: Cast = [(choice_of(system, choices, chance), power, 1) for power in powers]
        if name == "basic":
            basic = cast
        times = []
        for _ in range(rounds):
            plain.append(seconds(partial(plain_sum, basic)))
            times.append(seconds(partial(system.count, cast, terms)))
        measured[name] = statistics.median(times)
    baseline = statistics.median(plain)
    print(f"{ballots:,} ballots, {choices} choices; median of {rounds} rounds\n")
    print(f"{'':18} {'seconds':>8} {'ratio':>7}")
    print(f"{'plain sum':18} {baseline:8.2f} {1:7.2f}")
    for name, taken in measured.items():
        print(f"{name:18} {taken:8.2f} {taken / baseline:7.2f}")
    print(f"\nratio: {measured['basic'] / baseline:.2f}")
    return {name: taken / baseline for name, taken in measured.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Seconds to count many ballots by each system")
    parser.add_argument("--ballots", type=int, default=1_000_000)
    parser.add_argument("--choices", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    main(given.ballots, given.choices, given.rounds)
