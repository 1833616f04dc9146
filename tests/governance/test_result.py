"""A result file: complete, exact, and betrayed by any change."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance import result
from governance.ballot import RECUSED
from governance.options import Quorum
from governance.power import UNIT
from governance.proposal import Proposal
from governance.result import (
    FORMAT,
    MOST_BYTES,
    SECTIONS,
    Unreadable,
    as_file,
    digests,
    fingerprint,
    read,
    verified,
    written,
)
from governance.result_words import recount_in_words
from governance.texts import Text
from governance.voting import SYSTEMS
from governance.voting.system import Ballots, Choice, Reason, Shape
from tests.governance.examples import DAY, TICK, proposal

TREES = ("Oak", "Elm", "Ash")
SEED = bytes(range(32))
RECOUNTED = [name for name in SYSTEMS if name != "conviction"]
DATA = os.environ.get("VOTING_DATA", "")

systems = pytest.mark.parametrize("system", RECOUNTED)
Path_ = tuple[str | int, ...]
Change = Callable[[Any], None]

RULES: dict[str, dict[str, Any]] = {
    "basic": {"threshold": Fraction(1, 2), "super_quorum": Quorum(50 * UNIT)},
    "multisig": {"signers": tuple(range(101, 115)), "signatures": 3},
    "single_choice": {"tie_by_lot": True, "late_quorum_extension": DAY},
    "quadratic": {"credits": 12, "negative": True},
}
CAST: dict[str, list[Choice]] = {
    "basic": [1, 1, 1, 2, 3],
    "single_choice": [1, 1, 2, 2, 3],
    "approval": [(1, 2), (2,), (), (2, 3)],
    "ranked_choice": [(1, 2), (2, 1, 3), (3, 2), (3,), (1,), (2,)],
    "condorcet": [((1,), (2, 3)), ((2,), (1,), (3,)), ((2, 3),), ()],
    "copeland": [(1, 2, 3), (2, 1, 3), (3, 2, 1), (2, 3, 1)],
    "weighted": [((1, 1), (2, 3)), ((2, 1),), ((1, 2), (3, 1))],
    "quadratic": [((1, 2), (2, -1)), ((1, 1),), ((3, 2),)],
    "quadratic_funding": [((1, 3), (2, 1)), ((2, 1),), ((3, 1),)],
    "multisig": [1, 1, 2, 1],
}


def of_system(system: str, *, choices: Sequence[str] = TREES, **rules: Any) -> Proposal:
    """A proposal under discussion whose rules need an electorate and a lot."""
    own = SYSTEMS[system].CHOICES
    text = Text(
        "Plant a “tree”\u2028here",
        "Which one?\n*Think*.",
        "https://example.org/trees",
        () if own else tuple(choices),
        (("Budget", "400"), ("Where", "At the well")),
    )
    frozen = {
        "system": system,
        "quorum": Quorum(share=Fraction(1, 12)),
        **RULES.get(system, {}),
        **rules,
    }
    return proposal(text=text, electorate=24 * UNIT, seed=SEED, rules=frozen, voting_role=2**63 - 1)


def counted(under_way: Proposal, ballots: Ballots) -> Proposal:
    """The proposal with its ballots counted, a second after its end."""
    sides = [each for each in ballots if each[0] != RECUSED]
    count = under_way.system.count(sides, under_way.terms)
    return replace(under_way, count=count, counted_at=under_way.vote_end + timedelta(seconds=1))


def example(system: str, **rules: Any) -> dict[str, Any]:
    """A full file: several ballots, of different power and number, and two who are recused."""
    cast = [(choice, UNIT + place, 1 + place % 3) for place, choice in enumerate(CAST[system])]
    ballots = [*cast, (RECUSED, UNIT, 2)]
    return as_file(counted(of_system(system, **rules), ballots), ballots)


def sealed(file: dict[str, Any]) -> dict[str, Any]:
    """The file as a forger leaves it, who takes its digests anew."""
    return {**file, "digests": digests(file), "fingerprint": fingerprint(file)}


def reread(file: dict[str, Any]) -> dict[str, Any]:
    return read(written(file).encode())


# An exact file


@systems
def test_a_file_is_exact_and_reads_back_as_it_was(system: str) -> None:
    file = example(system)
    assert reread(file) == file
    report = verified(reread(file))
    assert report.problems == ()
    assert any(f"Fingerprint {file['fingerprint'][:16]}" in line for line in report.lines)
    assert any("recused" in line for line in report.lines)


@systems
def test_the_order_of_ballots_and_their_parts_change_nothing(system: str) -> None:
    file = example(system)
    ballots = [
        (result_choice(choice), int(power), times) for choice, power, times in file["ballots"]
    ]
    apart = [(choice, power, 1) for choice, power, times in ballots for _ in range(times)]
    again = as_file(counted(of_system(system), apart), list(reversed(apart)))
    assert written(again) == written(file)


def result_choice(value: Any) -> Any:
    return tuple(map(result_choice, value)) if isinstance(value, list) else value


@systems
def test_a_vote_without_ballots_is_exact_too(system: str) -> None:
    assert verified(as_file(counted(of_system(system), []), [])).problems == ()


def choices_of(system: str) -> st.SearchStrategy[Choice]:
    orders = st.permutations([1, 2, 3])
    if system == "copeland":
        return orders.map(tuple)
    shape, own = SYSTEMS[system].SHAPE, len(SYSTEMS[system].CHOICES or TREES)
    least = -1 if system == "quadratic" else 1
    points = st.dictionaries(st.integers(1, 3), st.integers(least, 2).filter(bool), min_size=1)
    found: dict[Shape, st.SearchStrategy[Choice]] = {
        Shape.ONE: st.integers(1, own),
        Shape.SOME: st.sets(st.integers(1, 3)).map(lambda some: tuple(sorted(some))),
        Shape.RANKING: orders.flatmap(
            lambda all_: st.integers(0, 3).map(lambda n: tuple(all_[:n]))
        ),
        Shape.TIED_RANKING: st.one_of(
            orders.map(lambda order: tuple((each,) for each in order)),
            st.sampled_from([(), ((1, 3),), ((2,), (1, 3)), ((1, 2, 3),)]),
        ),
        Shape.POINTS: points.map(lambda given_: tuple(sorted(given_.items()))),
    }
    return found[shape]


@systems
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_is_cast_the_file_is_exact(system: str, data: st.DataObject) -> None:
    one = st.tuples(
        st.one_of(st.just(RECUSED), choices_of(system)),
        st.one_of(st.just(UNIT), st.integers(1, 2**256)),
        st.integers(1, 3),
    )
    ballots = data.draw(st.lists(one, max_size=4))  # no more than there are signers
    electorate = data.draw(st.integers(0, 2**256))
    under_way = replace(of_system(system), electorate=electorate)
    file = as_file(counted(under_way, ballots), ballots)
    report = verified(reread(file))
    assert report.problems == ()
    assert report.lines


@pytest.mark.skipif(not DATA, reason="VOTING_DATA doesn't name the published elections")
def test_an_election_with_80_101_ballots_is_a_small_file() -> None:
    election = json.loads(Path(DATA, "minneapolis_mayor_2013.json").read_text())
    ballots = [(tuple(choice), UNIT, times) for choice, times in election["ballots"]]
    mayor = of_system("ranked_choice", choices=election["candidates"])
    text = written(as_file(counted(mayor, ballots), ballots))
    assert len(text.encode()) < 300_000
    report = verified(read(text.encode()))
    assert report.problems == ()
    assert "  3 BETSY HODGES: 38,852" in report.lines
    assert "  elected: 3 BETSY HODGES" in report.lines
    assert json.loads(text)["result"]["voters"] == 80_101


def test_what_has_not_been_counted_has_no_file() -> None:
    with pytest.raises(ValueError, match="hasn't been counted"):
        as_file(of_system("basic"), [])
    with pytest.raises(ValueError, match="only a counted proposal"):
        recount_in_words(of_system("basic"), [])
    unknown = replace(counted(of_system("basic"), []), electorate=None)
    with pytest.raises(ValueError, match="only a counted proposal"):
        recount_in_words(unknown, [])


def test_the_result_of_an_earlier_version_has_its_count_in_the_running_tally() -> None:
    before = replace(counted(of_system("basic"), []), count=None)
    assert verified(as_file(before, [])).problems == ()


def test_nobody_is_named_but_the_author_and_the_signers() -> None:
    file = example("multisig")
    named = {*file["rules"]["signers"], file["proposal"]["author"]}
    assert set(file["proposal"]) | set(file["result"]) | set(file) == {
        *("server", "number", "author", "type", "title", "body", "link", "answers", "version"),
        *("choices", "created_at", "submitted_at", "vote_start", "vote_end", "ended_at"),
        *("amount", "counted_at", "voters", "recused", "count", "quorum", "towards_quorum"),
        "outcome",
        *(*SECTIONS, "digests", "fingerprint"),
    }
    assert named == {"11", *map(str, range(101, 115))}
    assert all(len(ballot) == 3 for ballot in file["ballots"])


def test_a_large_id_is_text_because_many_readers_round_numbers() -> None:
    assert example("basic")["rules"]["voting_role"] == str(2**63 - 1)


# What a person reads


def lines(system: str, **rules: Any) -> str:
    return "\n".join(verified(example(system, **rules)).lines)


def test_rounds_are_told_one_by_one() -> None:
    told = lines("ranked_choice", quorum=Quorum(3 * UNIT))
    assert "Round 1\n" in told
    assert " drops out\n" in told
    assert "Round 2\n" in told
    assert "  exhausted: " in told


def test_a_lot_that_decides_is_told() -> None:
    ballots: list[tuple[Choice, int, int]] = [((each,), UNIT, 1) for each in (1, 2, 3)]
    report = verified(as_file(counted(of_system("ranked_choice"), ballots), ballots))
    assert any(line.endswith("drops out by lot") for line in report.lines)
    assert any(line.startswith("  lot, the first losing: ") for line in report.lines)


def test_pairs_are_told_as_a_table() -> None:
    told = lines("condorcet").split("Pairs: ")[1].splitlines()
    assert told[1].split() == ["1", "2", "3"]
    assert told[2].split()[:2] == ["1", "-"]


def test_a_score_whose_decimals_do_not_end_is_called_rounded() -> None:
    ballots = [(((1, 1), (2, 2)), UNIT, 1)]
    told = verified(as_file(counted(of_system("weighted"), ballots), ballots)).lines
    assert "  1. 2 Elm: about 0.666666" in told


def test_many_patterns_are_not_all_listed() -> None:
    ballots = [(1, UNIT + each, 1) for each in range(12)]
    told = verified(as_file(counted(of_system("basic"), ballots), ballots)).lines
    assert "  and 2 patterns more" in told


def test_rules_are_told_in_words() -> None:
    told = lines("basic", voting_period=timedelta(seconds=90), quorum=Quorum())
    assert "  voting_period: 90 seconds" in told
    assert "  threshold: 50 %" in told
    assert f"  voting_role: {2**63 - 1}" in told
    assert "Quorum:" not in told
    assert "  signers: 101, 102" in lines("multisig")


def test_a_title_cannot_take_over_a_terminal() -> None:
    file = example("basic")
    file["proposal"]["title"] = "Plant\x1b[2J\u202e a\ntree"
    report = verified(sealed(file))
    assert report.problems == ()
    assert "Proposal #12 Plant[2J a tree" in report.lines


# Tampering


def tampered(value: Any, at: Path_ = ()) -> Iterator[tuple[Path_, Change]]:
    """Every small change of a file: where, and what to do to a copy of it."""

    def put(new: Any) -> Change:
        def change(file: Any) -> None:
            parent(file, at)[at[-1]] = new

        return change

    def drop(key: str | int) -> Change:
        return lambda file: inside(file, at).__delitem__(key)

    def double(index: int) -> Change:
        return lambda file: inside(file, at).insert(index, deepcopy(value[index]))

    if isinstance(value, dict):
        yield (*at, "more"), lambda file: inside(file, at).__setitem__("more", 1)
        for key, each in value.items():
            yield (*at, key), drop(key)
            yield from tampered(each, (*at, key))
    elif isinstance(value, list):
        yield at, lambda file: inside(file, at).append(1)
        for index, each in enumerate(value):
            yield at, drop(index)
            yield at, double(index)
            yield from tampered(each, (*at, index))
    else:
        for new in others(value):
            yield at, put(new)


def worth_trying(file: dict[str, Any], long: bool) -> Iterator[tuple[Path_, Change]]:
    """Every change of one file; of the others, what the voting system has to do with."""
    everything = long or file["rules"]["system"] == "ranked_choice"
    for at, change in tampered(file):
        if everything or at[0] in ("ballots", "result", "seed", "electorate"):
            yield at, change


def others(leaf: Any) -> Iterator[Any]:
    match leaf:
        case bool():
            yield from (not leaf, int(leaf))
        case int():
            yield from (leaf + 1, leaf - 1, -leaf - 1, str(leaf))
        case str():
            yield from (f"{leaf} ", leaf[:-1] + "\u00df", [leaf], None)
            if leaf.isdigit():
                yield from (str(int(leaf) + 1), str(int(leaf) - 1), int(leaf))
        case None:
            yield from (0, "x", False)


def inside(file: Any, at: Path_) -> Any:
    for key in at:
        file = file[key]
    return file


def parent(file: Any, at: Path_) -> Any:
    return inside(file, at[:-1])


def names(problem: str, at: Path_) -> bool:
    """Whether a problem names the place, one that it lies in, or one in it."""
    place, where = problem.split(":")[0], ".".join(map(str, at))
    return (
        f"{where}.".startswith(f"{place}.")
        or f"{place}.".startswith(f"{where}.")
        or (f"{where} " in problem)
    )


def changed(file: dict[str, Any], change: Change) -> dict[str, Any]:
    copy = deepcopy(file)
    change(copy)
    return copy


@systems
def test_any_change_is_found_and_its_place_is_named(system: str, long: bool) -> None:
    file = example(system)
    found = 0
    for at, change in worth_trying(file, long):
        problems = verified(changed(file, change)).problems
        assert any(names(problem, at) for problem in problems), (at, problems)
        found += 1
    assert found > 100


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
        ("basic", "electorate", str(400 * UNIT), "result.quorum"),
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
        file = as_file(counted(of_system(system), ballots), ballots)
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
    problems = verified(as_file(counted(moved, []), [])).problems
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
    problems = verified(as_file(replace(basis, **at), [])).problems
    assert place is None or any(problem.startswith(place) for problem in problems)
    assert bool(problems) == bool(place)


# What isn't a result file


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "It isn't JSON"),
        (b"\xff\xfe", "It isn't text in UTF-8."),
        (b"[" * 100_000, "It is nested more deeply"),
        (b'{"a": ' * 100_000, "It is nested more deeply"),
        (b"[]", "format: it isn't a result file"),
        (b"{}", "format: it isn't a result file"),
        (b'{"format": 1.5}', "It holds the number 1.5"),
        (b'{"format": 1e999}', "It holds the number 1e999"),
        (b'{"format": NaN}', "It holds the number NaN"),
        (b'{"format": -Infinity}', "It holds the number -Infinity"),
        (b'{"format": ' + b"9" * 5000 + b"}", "It holds a number of 5000 digits"),
        (b'{"a": 1, "b": 2, "b": 3}', "It holds \u201cb\u201d twice"),
        (b'{"format": "folkmoot-result", "version": 2}', "version: this program reads version 1"),
        (b'{"format": "folkmoot-result", "version": true}', "version: this program reads"),
        (b" " * (MOST_BYTES + 1), "It is larger than"),
    ],
    ids=lambda value: repr(value[:30]),
)
def test_what_is_no_result_file_is_told_in_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(content)
    assert str(refused.value).startswith(sentence)


def nested(depth: int) -> Any:
    return [nested(depth - 1)] if depth else []


@pytest.mark.parametrize(
    ("at", "value", "place"),
    [
        ("format", "other", "format"),
        ("version", 7, "version"),
        ("ballots", nested(50), "ballots.0.0.0.0.0.0.0.0"),
        ("ballots", {}, "ballots"),
        ("ballots", [3], "ballots.0"),
        ("ballots", ["abc"], "ballots.0"),
        ("ballots", [[1, "1", 1, 1]], "ballots.0"),
        ("ballots", [[1, 1, 1]], "ballots.0.1"),
        ("ballots", [[1, "0", 1]], "ballots.0.1"),
        ("ballots", [[1, "-1", 1]], "ballots.0.1"),
        ("ballots", [[1, "1" * 97, 1]], "ballots.0.1"),
        ("ballots", [[1, "1", 0]], "ballots.0.2"),
        ("ballots", [[1, "1", -3]], "ballots.0.2"),
        ("ballots", [[1, "1", 10**30]], "ballots.0.2"),
        ("ballots", [[1, "1", 1.0]], "ballots.0.2"),
        ("ballots", [[1, "1", True]], "ballots.0.2"),
        ("ballots", [[9, "1", 1]], "ballots.0.0"),
        ("ballots", [[False, "1", 1]], "ballots.0.0"),
        ("ballots", [[{}, "1", 1]], "ballots.0.0"),
        ("ballots", [[10**50, "1", 1]], "ballots.0.0"),
        ("ballots", [[1, "2", 1], [1, "1", 1]], "ballots.0.1"),
        ("proposal", [], "proposal"),
        ("proposal.title", 5, "proposal.title"),
        ("proposal.title", "\ud800", "proposal.title"),
        ("proposal.title", float("nan"), "proposal.title"),
        ("proposal.number", True, "proposal.number"),
        ("proposal.choices", [], "proposal.choices"),
        ("proposal.choices", ["x"] * 51, "proposal.choices"),
        ("proposal.choices", {}, "proposal.choices"),
        ("proposal.choices", ["Yes", "No", "Perhaps"], "proposal.choices.0"),
        ("proposal.answers", [["alone"]], "proposal.answers.0"),
        ("proposal.vote_end", "yesterday", "proposal.vote_end"),
        ("proposal.vote_end", "2026-13-01T12:30:15.250000+00:00", "proposal.vote_end"),
        ("proposal.ended_at", 5, "proposal.ended_at"),
        ("proposal.server", "007", "proposal.server"),
        ("rules", 5, "rules"),
        ("rules.fairness", 5, "rules.fairness"),
        ("rules.system", "acclamation", "rules.system"),
        ("rules.system", "conviction", "rules"),
        ("elsewhere", [[2, "5"], [1, "0"]], "elsewhere"),
        ("elsewhere", [[2, "5", 1]], "elsewhere.0"),
        ("elsewhere", [[2, 5]], "elsewhere.0.1"),
        ("removed", 1, "removed"),
        ("proposal.amount", "5", "proposal.amount"),
        ("rules.system", 5, "rules.system"),
        ("rules.threshold", "2/4", "rules.threshold"),
        ("rules.threshold", "1/0", "rules.threshold"),
        ("rules.optimistic", 0, "rules.optimistic"),
        ("rules.signers", "101", "rules.signers"),
        ("rules.voting_period", 10**20, "rules.voting_period"),
        ("rules.voting_role", 5, "rules.voting_role"),
        ("electorate", None, "electorate"),
        ("electorate", 5, "electorate"),
        ("seed", "5", "seed"),
        ("delegations", [["11", "12"]], "delegations"),
        ("digests", [], "digests"),
        ("digests", {}, "digests.format"),
    ],
    ids=repr,
)
def test_what_breaks_the_form_is_told_with_its_place(at: str, value: Any, place: str) -> None:
    file = example("basic")
    path = at.split(".")
    parent(file, tuple(path))[path[-1]] = value
    problems = verified(file).problems
    assert any(problem.startswith(f"{place}: ") for problem in problems), problems
    assert not any("\n" in problem or len(problem) > 300 for problem in problems)


def test_where_a_tie_may_be_decided_by_lot_the_seed_must_be_there() -> None:
    file = example("ranked_choice")
    file["seed"] = None
    assert verified(file).problems[0].startswith("seed: ")


def test_a_rule_that_is_not_there_is_younger_than_the_file() -> None:
    file = example("basic")
    del file["rules"]["cooldown"]
    assert verified(sealed(file)).problems == ()
    assert verified(file).problems[0].startswith("fingerprint: ")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text() | st.floats(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
    st.sampled_from([*SECTIONS, "digests", "fingerprint"]),
)
def test_whatever_is_put_into_a_section_gives_a_report(value: Any, section: str) -> None:
    file = example("basic")
    assert verified({**file, section: value}).problems or value == file[section]
    assert verified(value).problems  # not even a file


# The documentation


DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "result-format.md"


def documented() -> str:
    return DOCUMENT.read_text().split("```json\n")[1].split("```")[0]


def test_the_documented_example_is_exact_and_as_it_is_written() -> None:
    file = read(documented().encode())
    assert verified(file).problems == ()
    assert written(file) == documented()


def test_the_documentation_names_every_key() -> None:
    text = DOCUMENT.read_text()
    file = example("ranked_choice")
    keys = [*file, *file["proposal"], *file["result"], *file["result"]["count"]]
    keys += [*file["result"]["outcome"], *file["result"]["count"]["rounds"][0]]
    assert [key for key in keys if f"`{key}`" not in text] == []
    assert [name for name in RECOUNTED if f"`{name}`" not in text] == []
    assert [each.value for each in Reason if f"`{each.value}`" not in text] == []
    assert FORMAT in text
    assert f"{result.SHOWN_DIGITS} digits" in text
