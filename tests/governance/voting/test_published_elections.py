"""Published elections, and counts by other programs, against ours.

The folder of the data is named by VOTING_DATA.
"""

import json
import os
from collections import defaultdict
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from governance.errors import Refusal
from governance.power import UNIT
from governance.voting import SYSTEMS, condorcet, ranked_choice
from governance.voting.system import Choice, Places, Terms

FOLDER = os.environ.get("VOTING_DATA", "")

pytestmark = pytest.mark.skipif(
    not FOLDER or not Path(FOLDER).is_dir(),
    reason="VOTING_DATA doesn't name a folder of published elections",
)


def read(name: str) -> str:
    return (Path(FOLDER) / name).read_text()


SNAPSHOT = {
    "basic": "basic",
    "single-choice": "single_choice",
    "approval": "approval",
    "ranked-choice": "ranked_choice",
    "copeland": "copeland",
    "weighted": "weighted",
    "quadratic": "quadratic_funding",
}


def as_ours(system: str, choice: Any) -> object:
    """Snapshot's choice as ours: weights by choice as pairs, all else as it is."""
    if isinstance(choice, Mapping):
        return [[int(number), weight] for number, weight in choice.items()]
    return choice


@pytest.mark.parametrize("number", range(17))
def test_snapshots_own_counts(number: int) -> None:
    """Snapshot takes ranked-choice ballots only if they are full, ours may be partial.

    Its totals hold invalid ballots too, so the total isn't compared.
    """
    case = json.loads(read("snapshot_vectors.json"))[number]
    names = tuple(f"Choice {choice}" for choice in range(1, case["choices"] + 1))
    system = SYSTEMS[SNAPSHOT[case["type"]]]
    terms = Terms(names, lot=tuple(range(1, len(names) + 1)))
    ballots = []
    for choice, power in case["votes"]:
        if case["type"] == "ranked-choice" and len(choice) < len(names):
            continue
        units = int(Fraction(str(power)) * UNIT)
        try:
            ballots.append((system.check(as_ours(case["type"], choice), units, terms), units, 1))
        except Refusal:
            continue
    assert len(ballots) == case["valid"]
    count = system.count(ballots, terms)
    for choice, expected in enumerate(case["scores"], 1):
        ours = Fraction(count.scores[choice]) * Fraction(1, UNIT)
        assert abs(ours - Fraction(expected)) < Fraction(1, 10**12)


def test_snapshot_has_as_many_cases_as_are_compared() -> None:
    assert len(json.loads(read("snapshot_vectors.json"))) == 17


def test_the_mayor_of_minneapolis_2013() -> None:
    """80,101 ballots for 35 candidates; the published last round is 38,852 to 24,942."""
    election = json.loads(read("minneapolis_mayor_2013.json"))
    terms = Terms(tuple(election["candidates"]))
    count = ranked_choice.count(
        [
            (ranked_choice.check(ranking, UNIT, terms), 1, times)
            for ranking, times in election["ballots"]
        ],
        terms,
    )
    last = count.rounds[-1].scores
    assert {terms.choices[choice - 1]: votes for choice, votes in last.items()} == {
        "BETSY HODGES": 38_852,
        "MARK ANDREW": 24_942,
    }
    assert terms.choices[count.ranking[0][0] - 1] == "BETSY HODGES"
    assert count.ballots == election["ballots_total"] == 80_101
    assert not any(each.by_lot for each in count.rounds)


def by_rank(ranks: Mapping[int, Any], better: Callable[[Any], Any]) -> Places:
    """Choices with equal ranks together, in the order of `better`."""
    places: defaultdict[Any, list[int]] = defaultdict(list)
    for choice, rank in ranks.items():
        places[rank].append(choice)
    return tuple(tuple(sorted(places[rank])) for rank in sorted(places, key=better))


def test_the_debian_project_leader_of_2020() -> None:
    lines = read("debian_leader_2020.txt").splitlines()
    terms = Terms(tuple(line.split(" ", 2)[2] for line in lines if line.startswith("O:")))
    ballots: list[tuple[Choice, int, int]] = []
    for line in lines:
        if line.startswith("V:"):
            ranks = {
                choice: int(rank) for choice, rank in enumerate(line[2:].strip(), 1) if rank != "-"
            }
            choice = condorcet.check(by_rank(ranks, int), UNIT, terms)
            ballots.append((choice, UNIT, 1))
    count = condorcet.count(ballots, terms)
    assert count.ballots == 339
    assert [[terms.choices[choice - 1] for choice in place] for place in count.ranking] == [
        ["Jonathan Carter"],
        ["Sruthi Chandran"],
        ["Brian Gupta"],
        ["None Of The Above"],
    ]


@pytest.mark.parametrize("number", range(100))
def test_liquidfeedbacks_own_counts(number: int) -> None:
    """The pairs are the same everywhere, and LiquidFeedback never ranks against us.

    Its status quo is one more choice, with grade 0, and a ballot has the weight that it lists. It
    breaks the ties that we leave: so its order is ours wherever ours has no ties, its first is
    among our first, and whatever beats another choice by our widest paths is above it there.
    """
    case = json.loads(read("liquidfeedback_delegation.json"))[number]
    status_quo = case["initiatives"] + 1
    terms = Terms(tuple(f"Choice {choice}" for choice in range(1, status_quo + 1)))
    weights = {voter["member_id"]: voter["weight"] for voter in case["direct"]}
    ballots: list[tuple[Choice, int, int]] = []
    for member, grades in case["votes"].items():
        graded = {**{int(choice): grade for choice, grade in grades.items()}, status_quo: 0}
        choice = condorcet.check(by_rank(graded, lambda grade: -grade), UNIT, terms)
        ballots.append((choice, weights[int(member)], 1))
    count = condorcet.count(ballots, terms)
    for battle in case["battle"]:
        pair = battle["w"] or status_quo, battle["l"] or status_quo
        assert count.pairs[pair] == battle["count"]
    ranks = {result["id"]: result["schulze_rank"] for result in case["results"]}
    ranks[status_quo] = case["issue"]["status_quo_schulze_rank"]
    theirs = sorted(ranks, key=lambda choice: ranks[choice])
    assert theirs[0] in count.ranking[0]
    for first, second in beaten(count.pairs, status_quo):
        assert ranks[first] < ranks[second]
    if all(len(place) == 1 for place in count.ranking):
        assert [place[0] for place in count.ranking] == theirs


def beaten(pairs: Mapping[tuple[int, int], int], choices: int) -> set[tuple[int, int]]:
    """Who beats whom by widest paths, found by trying how wide a path can be."""

    def reached(start: int, width: int) -> set[int]:
        found, new = {start}, [start]
        while new:
            at = new.pop()
            for (first, second), power in pairs.items():
                wins = power > pairs[second, first] and power >= width
                if first == at and second not in found and wins:
                    found.add(second)
                    new.append(second)
        return found

    widest: defaultdict[tuple[int, int], int] = defaultdict(int)
    for width in sorted(set(pairs.values())):
        for start in range(1, choices + 1):
            for end in reached(start, width) - {start}:
                widest[start, end] = width
    return {pair for pair in pairs if widest[pair] > widest[pair[::-1]]}
