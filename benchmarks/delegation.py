"""Seconds to resolve delegations and count at the close, beside a recursive query of SQLite.

    python -m benchmarks.delegation [--members 1000000] [--rounds 3]

A tenth of the members vote; the others delegate, in chains of up to ten, and half of the voters
have delegated too. From memory: what each voter carries (resolving), then the basic count of all
ballots (counting). The query follows the delegations of the same members from the voters on, in
memory and by an index, and adds up whole votes by choice; both run by turns, and must agree. Prints
the medians, what is done once when voting starts (opening), and last `ratio: 0.xx`.
"""

import argparse
import random
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from governance.carry import Elector, enrolled, recounted
from governance.delegation import SERVER, Delegation, applying
from governance.power import UNIT
from governance.voting import basic
from governance.voting.system import Terms

DEPTH = 10
TERMS = Terms(basic.CHOICES)
NOW = datetime(2026, 1, 1, tzinfo=UTC)

TABLES = """
CREATE TABLE electorate (member INTEGER PRIMARY KEY, delegate INTEGER, votes INTEGER NOT NULL);
CREATE INDEX by_delegate ON electorate (delegate);
CREATE TABLE ballots (member INTEGER PRIMARY KEY, choice INTEGER NOT NULL);
"""
QUERY = """
WITH RECURSIVE counted (member, choice, votes) AS (
  SELECT member, choice, votes FROM ballots JOIN electorate USING (member)
  UNION ALL
  SELECT electorate.member, counted.choice, electorate.votes
  FROM counted JOIN electorate ON electorate.delegate = counted.member
  WHERE electorate.member NOT IN (SELECT member FROM ballots)
)
SELECT choice, sum(votes) FROM counted GROUP BY choice
"""

Scores = Mapping[int, int]
Choices = Mapping[int, int]
Electors = Mapping[int, Elector]
Carried = Mapping[int, tuple[int, int, int]]
Result = TypeVar("Result")


def delegates(members: Sequence[int], chance: random.Random) -> dict[int, int]:
    """Whom each member names: of ten layers each the one before, the first one the voters.

    `members` are in any order, the first tenth the voters. Half of these name anybody.
    """
    voters = len(members) // 10
    found = {member: chance.choice(members) for member in members[: voters // 2]}
    layer = members[:voters]
    size = -(-(len(members) - voters) // DEPTH)
    for start in range(voters, len(members), size):
        above, layer = layer, members[start : start + size]
        found.update({member: chance.choice(above) for member in layer})
    return found


def by_query(connection: sqlite3.Connection) -> Scores:
    return {choice: votes * UNIT for choice, votes in connection.execute(QUERY)}


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    started = time.perf_counter()
    result = work()
    return result, time.perf_counter() - started


def counted(electors: Electors, choices: Choices, carried: Carried) -> Scores:
    """The power (units) by choice."""
    ballots = (
        (choice, (electors[voter].power or 0) + carried[voter][0], 1)
        for voter, choice in choices.items()
    )
    return {choice: int(score) for choice, score in basic.count(ballots, TERMS).scores.items()}


def opened(given: Iterable[Delegation], votes: Mapping[int, int]) -> Electors:
    """The electors as they are fixed when voting starts."""
    found = applying(given, (SERVER,), NOW)
    return enrolled(
        Elector(
            member,
            whole * UNIT,
            None,
            found[member].delegate_id if member in found else None,
            found[member].id if member in found else None,
        )
        for member, whole in votes.items()
    )


def stored(electors: Electors, votes: Mapping[int, int], choices: Choices) -> sqlite3.Connection:
    """The same for the query; small whole votes, which it can add up."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(TABLES)
    rows = ((each.member_id, each.delegate_id, votes[each.member_id]) for each in electors.values())
    connection.executemany("INSERT INTO electorate VALUES (?, ?, ?)", rows)
    connection.executemany("INSERT INTO ballots VALUES (?, ?)", choices.items())
    connection.execute("ANALYZE")
    return connection


def main(members: int, rounds: int) -> dict[str, float]:
    """Seconds of each part, and the ratio of resolving and counting to the query."""
    chance = random.Random(1)  # noqa: S311 (a benchmark repeats)
    order = list(range(1, members + 1))
    chance.shuffle(order)
    votes = {member: chance.randint(1, 9) for member in sorted(order)}
    choices = {voter: chance.randint(1, 3) for voter in sorted(order[: members // 10])}
    given = [
        Delegation(number, member, SERVER, delegate, NOW, None, None, False)
        for number, (member, delegate) in enumerate(delegates(order, chance).items(), 1)
    ]
    electors, opening = timed(partial(opened, given, votes))
    resolving, counting, querying = [], [], []
    with closing(stored(electors, votes, choices)) as connection:
        for _ in range(rounds):
            expected, seconds = timed(partial(by_query, connection))
            querying.append(seconds)
            carried, seconds = timed(partial(recounted, electors, choices))
            resolving.append(seconds)
            scores, seconds = timed(partial(counted, electors, choices, carried))
            counting.append(seconds)
            if scores != expected:
                raise SystemExit(f"The counts differ: {scores}, and by the query {expected}.")
    figures = {
        "opening": opening,
        "resolving": statistics.median(resolving),
        "counting": statistics.median(counting),
        "both": statistics.median(map(sum, zip(resolving, counting, strict=True))),
        "query": statistics.median(querying),
    }
    print(f"{members:,} members, {len(choices):,} voters; median of {rounds} rounds\n")
    for name, taken in figures.items():
        print(f"{name:10} {taken:8.2f} s")
    figures["ratio"] = figures["both"] / figures["query"]
    print(f"\nratio: {figures['ratio']:.2f}")
    return figures


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Seconds to resolve delegations and count")
    parser.add_argument("--members", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    main(given.members, given.rounds)
