"""A result file: any change of it is found, and its place is named."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from governance.options import Quorum
from governance.power import UNIT
from governance.result import SECTIONS
from governance.result_recount import verified
from governance.voting.system import Choice
from tests.governance.examples import DAY, TICK
from tests.governance.results import (
    TREES,
    Change,
    Path_,
    changed,
    counted,
    example,
    filed,
    names,
    of_system,
    parent,
    sealed,
    systems,
    tampered,
)


def worth_trying(file: dict[str, Any], long: bool) -> Iterator[tuple[Path_, Change]]:
    """A third of the changes of one file; of the others, of what the system has to do with.

    All of them in the long size.
    """
    for index, (at, change) in enumerate(tampered(file)):
        telling = at[0] in ("ballots", "result", "seed", "electorate")
        if long or (index % 3 == 0 and (telling or file["rules"]["system"] == "ranked_choice")):
            yield at, change


@systems
def test_any_change_is_found_and_its_place_is_named(system: str, long: bool) -> None:
    file = example(system)
    found = 0
    for at, change in worth_trying(file, long):
        problems = verified(changed(file, change)).problems
        assert any(names(problem, at) for problem in problems), (at, problems)
        found += 1
    assert found > 30


@systems
def test_a_forger_of_digests_is_found_by_the_recount_or_the_fingerprint(
    system: str, long: bool
) -> None:
    file = example(system)
    for at, change in worth_trying(file, long):
        if at[0] in ("digests", "fingerprint", "more") or at in {(each,) for each in SECTIONS}:
            continue
        forged = sealed(changed(file, change))
        assert forged["fingerprint"] != file["fingerprint"]
        # What a choice ranks last may never matter, nor the power of who is recused.
        idle = at[0] == "ballots" and len(at) > 2 and (at[2] == 0 or file["ballots"][at[1]][0] == 0)
        if at[0] == "result" or (at[0] == "ballots" and not idle):
            problems = verified(forged).problems
            assert problems, at
            assert at[0] == "ballots" or any(names(problem, at) for problem in problems), at


@pytest.mark.parametrize(
    ("system", "at", "value", "place"),
    [
        ("basic", "rules.threshold", "9/10", "result.outcome.reason"),
        ("basic", "rules.quorum", "1/2", "result.quorum"),
        ("basic", "rules.quorum_counts", "for", "result.towards_quorum"),
        ("basic", "electorate.power", str(400 * UNIT), "result.quorum"),
        ("basic", "rules.system", "single_choice", "result"),
        ("single_choice", "rules.tie_by_lot", False, "result.count.ranking"),
        ("single_choice", "proposal.choices", ["Oak", "Yew", "Ash"], "result.outcome.winners"),
        ("approval", "rules.winners", 2, "result.outcome"),
        ("ranked_choice", "seed", "02" * 32, "result.count.rounds"),
        ("quadratic", "rules.credits", 1, "ballots"),
        ("quadratic", "rules.negative", False, "ballots"),
        ("multisig", "rules.signatures", 9, "result.outcome"),
        ("multisig", "rules.signers", ["101"], "ballots"),
        ("weighted", "rules.recusal", False, "ballots.0.0"),
    ],
)
def test_another_rule_gives_another_result(system: str, at: str, value: Any, place: str) -> None:
    if system in ("ranked_choice", "single_choice"):
        tied: list[Choice] = [1, 2, 3] if system == "single_choice" else [(1,), (2,), (3,)]
        ballots = [(each, UNIT, 1) for each in tied]
        file = filed(counted(of_system(system), ballots), ballots)
    else:
        file = example(system)
    if at == "proposal.choices":
        value = [f"{each}!" for each in TREES]
    path = at.split(".")
    parent(file, tuple(path))[path[-1]] = value
    problems = verified(sealed(file)).problems
    assert any(problem.startswith(place) for problem in problems), problems


def test_a_difference_is_told_with_both_numbers() -> None:
    file = example("approval")
    file["result"]["count"]["scores"]["2"] = "5"
    (problem,) = verified(sealed(file)).problems
    assert problem.startswith(
        "result.count.scores.2: the file says 5, the ballots give 4000000000000000005"
    )
    file["result"]["count"]["scores"]["2"] = 5
    (problem,) = verified(sealed(file)).problems
    assert '2: the file says 5, the ballots give "4000000000000000005"' in problem


# Times


@pytest.mark.parametrize(
    ("rules", "end", "sound"),
    [
        ({}, DAY * 3, True),
        ({}, DAY * 3 + TICK, False),
        ({}, DAY * 3 - TICK, False),
        ({"late_quorum_extension": DAY}, DAY * 6, True),
        ({"late_quorum_extension": DAY}, DAY * 6 + TICK, False),
        ({"quiet_ending": DAY, "max_extension": DAY}, DAY * 4, True),
        ({"quiet_ending": DAY, "max_extension": DAY}, DAY * 4 + TICK, False),
    ],
)
def test_a_vote_ends_when_its_rules_let_it(rules: Any, end: timedelta, sound: bool) -> None:
    moved = of_system("basic", **rules)
    moved = replace(moved, vote_end=moved.vote_start + end)
    problems = verified(filed(counted(moved, []), [])).problems
    assert [problem.split(":")[0] for problem in problems] == ["proposal.vote_end"] * (not sound)


@pytest.mark.parametrize(
    ("changes", "rules", "place"),
    [
        ({"vote_start": DAY * 2}, {}, "proposal.vote_start"),
        ({"counted_at": DAY * 4}, {}, "proposal.counted_at"),
        ({"ended_at": DAY * 2}, {}, None),
        ({"ended_at": DAY * 2, "counted_at": DAY * 2}, {}, None),
        ({"ended_at": DAY}, {}, "proposal.ended_at"),
        ({"ended_at": DAY * 5}, {}, "proposal.ended_at"),
        ({"ended_at": DAY * 2}, {"super_quorum": Quorum()}, "proposal.ended_at"),
    ],
)
def test_times_that_cannot_be_are_told(changes: Any, rules: Any, place: str | None) -> None:
    basis = counted(of_system("basic", **rules), [])
    at = {name: basis.created_at + since for name, since in changes.items()}
    problems = verified(filed(replace(basis, **at), [])).problems
    assert place is None or any(problem.startswith(place) for problem in problems)
    assert bool(problems) == bool(place)
