"""A result file: what isn't one is told in a sentence."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.result import SECTIONS
from governance.result_reading import MOST_BYTES, Unreadable, read
from governance.result_recount import verified
from tests.governance.results import example, parent, sealed


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
        (b'{"format": "folkmoot-result", "version": 1}', "version: this program reads version 2"),
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
        ("rules.power", [["dice", "1/1", []]], "rules.power.0"),
        ("rules.power", [["member", "0/1", []]], "rules.power.0.1"),
        ("rules.power", [["list", "1/1", [["11"]]]], "rules.power.0.2.0"),
        ("rules.power", [["list", "1/1", [["11", "-1"]]]], "rules.power.0.2.0.1"),
        ("electorate", None, "electorate"),
        ("electorate", "5", "electorate"),
        ("electorate.power", None, "electorate.power"),
        ("electorate.power", 5, "electorate.power"),
        ("electorate.recorded", 1, "electorate.recorded"),
        ("electorate.recorded", True, "electorate.snapshot_at"),
        ("electorate.members", "5", "electorate.members"),
        ("electorate.snapshot_at", "2026-03-01T12:30:15.250000+00:00", "electorate.snapshot_at"),
        ("proposal.space", 5, "proposal.space"),
        ("proposal.topic", None, "proposal.topic"),
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
