"""A result file: complete, exact, and read by people."""

import json
import os
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance import result
from governance.ballot import RECUSED
from governance.options import Quorum
from governance.power import UNIT
from governance.result import FORMAT, SECTIONS, written
from governance.result_delegations import carry_of
from governance.result_reading import read
from governance.result_recount import verified
from governance.result_words import recount_in_words
from governance.strategies.strategy import Part
from governance.voting import SYSTEMS
from governance.voting.system import Choice, Reason, Shape
from tests.governance.results import (
    RECOUNTED,
    TREES,
    counted,
    documented,
    example,
    filed,
    of_system,
    reread,
    sealed,
    systems,
)

DATA = os.environ.get("VOTING_DATA", "")


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
    again = filed(counted(of_system(system), apart), list(reversed(apart)))
    assert written(again) == written(file)


def result_choice(value: Any) -> Any:
    return tuple(map(result_choice, value)) if isinstance(value, list) else value


@systems
def test_a_vote_without_ballots_is_exact_too(system: str) -> None:
    assert verified(filed(counted(of_system(system), []), [])).problems == ()


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
@settings(max_examples=25)
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
    file = filed(counted(under_way, ballots), ballots)
    report = verified(reread(file))
    assert report.problems == ()
    assert report.lines


@pytest.mark.skipif(not DATA, reason="VOTING_DATA doesn't name the published elections")
def test_an_election_with_80_101_ballots_is_a_small_file() -> None:
    election = json.loads(Path(DATA, "minneapolis_mayor_2013.json").read_text())
    ballots = [(tuple(choice), UNIT, times) for choice, times in election["ballots"]]
    mayor = of_system("ranked_choice", choices=election["candidates"])
    text = written(filed(counted(mayor, ballots), ballots))
    assert len(text.encode()) < 300_000
    report = verified(read(text.encode()))
    assert report.problems == ()
    assert "  3 BETSY HODGES: 38,852" in report.lines
    assert "  elected: 3 BETSY HODGES" in report.lines
    assert json.loads(text)["result"]["voters"] == 80_101


def test_what_has_not_been_counted_has_no_file() -> None:
    with pytest.raises(ValueError, match="hasn't been counted"):
        filed(of_system("basic"), [])
    with pytest.raises(ValueError, match="only a counted proposal"):
        recount_in_words(of_system("basic"), [], [], carry_of(of_system("basic"), []))
    unknown = replace(counted(of_system("basic"), []), electorate=None)
    with pytest.raises(ValueError, match="only a counted proposal"):
        recount_in_words(unknown, [], [], carry_of(unknown, []))


def test_the_result_of_an_earlier_version_has_its_count_in_the_running_tally() -> None:
    before = replace(counted(of_system("basic"), []), count=None)
    assert verified(filed(before, [])).problems == ()


def test_nobody_is_named_but_the_author_and_the_signers() -> None:
    file = example("multisig")
    named = {*file["rules"]["signers"], file["proposal"]["author"]}
    assert set(file["proposal"]) | set(file["result"]) | set(file) == {
        *("space", "topic", "second"),
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
    report = verified(filed(counted(of_system("ranked_choice"), ballots), ballots))
    assert any(line.endswith("drops out by lot") for line in report.lines)
    assert any(line.startswith("  lot, the first losing: ") for line in report.lines)


def test_pairs_are_told_as_a_table() -> None:
    told = lines("condorcet").split("Pairs: ")[1].splitlines()
    assert told[1].split() == ["1", "2", "3"]
    assert told[2].split()[:2] == ["1", "-"]


def test_a_score_whose_decimals_do_not_end_is_called_rounded() -> None:
    ballots = [(((1, 1), (2, 2)), UNIT, 1)]
    told = verified(filed(counted(of_system("weighted"), ballots), ballots)).lines
    assert "  1. 2 Elm: about 0.666666" in told


def test_many_patterns_are_not_all_listed() -> None:
    ballots = [(1, UNIT + each, 1) for each in range(12)]
    told = verified(filed(counted(of_system("basic"), ballots), ballots)).lines
    assert "  and 2 patterns more" in told


def test_rules_are_told_in_words() -> None:
    told = lines("basic", voting_period=timedelta(seconds=90), quorum=Quorum())
    assert "  voting_period: 90 seconds" in told
    assert "  threshold: 50 %" in told
    assert f"  voting_role: {2**63 - 1}" in told
    assert "Quorum:" not in told
    assert "  signers: 101, 102" in lines("multisig")


def test_a_power_by_roles_is_read_back_and_told() -> None:
    power = (Part("highest", Fraction(1, 3), ((2**63 - 1, 10 * UNIT),)), Part("reputation"))
    report = verified(reread(example("basic", power=power)))
    assert not report.problems
    assert f"  power: 1/3 highest(<@&{2**63 - 1}> 10) + reputation" in report.lines


def test_signers_who_are_none_any_more_are_counted() -> None:
    gone = replace(of_system("multisig"), removed=(101, 102))
    report = verified(filed(counted(gone, []), []))
    assert report.problems == ()
    assert "  signers who aren't any more: 2" in report.lines


def test_a_title_cannot_take_over_a_terminal() -> None:
    file = example("basic")
    file["proposal"]["title"] = "Plant\x1b[2J\u202e a\ntree"
    report = verified(sealed(file))
    assert report.problems == ()
    assert "Proposal #12 Plant[2J a tree" in report.lines


# The documentation


DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "result-format.md"


def test_the_documented_example_is_exact_and_as_it_is_written() -> None:
    text = DOCUMENT.read_text().split("```json\n")[1].split("```")[0]
    assert verified(read(text.encode())).problems == ()
    assert written(documented()) == text


def test_the_documentation_names_every_key() -> None:
    text = DOCUMENT.read_text()
    file = example("ranked_choice")
    keys = [*file, *file["proposal"], *file["result"], *file["result"]["count"]]
    keys += [*file["electorate"], *file["result"]["outcome"], *file["result"]["count"]["rounds"][0]]
    assert [key for key in keys if f"`{key}`" not in text] == []
    assert [name for name in RECOUNTED if f"`{name}`" not in text] == []
    assert [each.value for each in Reason if f"`{each.value}`" not in text] == []
    assert FORMAT in text
    assert f"{result.SHOWN_DIGITS} digits" in text
