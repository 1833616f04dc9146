"""Basic voting: For, Against, Abstain; it passes iff quorum is reached and For > Against."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.power import UNIT
from governance.proposal import quorum_of_voters
from governance.voting import basic
from governance.voting.system import Outcome, Reason
from tests.governance.examples import votes

LARGEST = 2**256 - 1

powers = st.one_of(st.integers(0, 5), st.integers(0, LARGEST))
tallies = st.fixed_dictionaries(dict.fromkeys(basic.CHOICES, powers))


@pytest.mark.parametrize(
    ("in_favour", "against", "abstain", "quorum", "succeeded", "reason"),
    [
        (5, 4, 3, 8, True, Reason.MAJORITY_FOR),
        (5, 5, 3, 8, False, Reason.TIE),
        (7, 0, 0, 8, False, Reason.QUORUM),
        (7, 50, 0, 8, False, Reason.QUORUM),
        (8, 0, 0, 8, True, Reason.MAJORITY_FOR),
        (1, 0, 7, 8, True, Reason.MAJORITY_FOR),
        (0, 0, 8, 8, False, Reason.TIE),
        (0, 8, 0, 8, False, Reason.QUORUM),
        (4, 5, 4, 8, False, Reason.MAJORITY_AGAINST),
        (7, 0, 0, 7, True, Reason.MAJORITY_FOR),  # 8 % of 99, rounded down
        (6, 0, 0, 7, False, Reason.QUORUM),
        (1, 0, 0, 0, True, Reason.MAJORITY_FOR),
        (0, 1, 0, 0, False, Reason.MAJORITY_AGAINST),
        (0, 0, 1, 0, False, Reason.TIE),
        (0, 0, 0, 0, False, Reason.NO_VOTES),
        (0, 0, 0, 8, False, Reason.NO_VOTES),
    ],
)
def test_worked_example(
    in_favour: int, against: int, abstain: int, quorum: int, succeeded: bool, reason: Reason
) -> None:
    tally = votes(in_favour, against, abstain)
    assert basic.outcome(tally, quorum_of_voters(quorum)) == Outcome(succeeded, reason)


def test_ballots_add_up_by_choice() -> None:
    cast = [(basic.FOR, UNIT), (basic.AGAINST, UNIT), (basic.FOR, UNIT), (basic.ABSTAIN, UNIT)]
    assert basic.count(cast) == votes(2, 1, 1)


def test_a_choice_nobody_made_counts_nothing() -> None:
    assert basic.count([]) == votes(0, 0, 0)


def test_for_and_abstain_count_towards_quorum_and_against_does_not() -> None:
    assert basic.towards_quorum(votes(2, 16, 4)) == 6 * UNIT


def test_quorum_is_missed_by_the_smallest_unit_of_power() -> None:
    quorum = quorum_of_voters(3)
    assert not basic.outcome({basic.FOR: quorum - 1}, quorum).succeeded
    assert basic.outcome({basic.FOR: quorum}, quorum).succeeded


def test_the_smallest_unit_of_power_decides_among_the_largest() -> None:
    assert basic.outcome({basic.FOR: LARGEST, basic.AGAINST: LARGEST - 1}, 0).succeeded
    tie = basic.outcome({basic.FOR: LARGEST, basic.AGAINST: LARGEST}, 0)
    assert tie == Outcome(False, Reason.TIE)
    assert not basic.outcome({basic.FOR: LARGEST - 1, basic.AGAINST: LARGEST}, 0).succeeded
    assert not basic.outcome({basic.FOR: LARGEST}, LARGEST + 1).succeeded
    assert basic.outcome({basic.FOR: LARGEST, basic.ABSTAIN: 1}, LARGEST + 1).succeeded


@given(tallies, powers, powers)
def test_more_votes_for_never_make_it_lose(tally: dict[int, int], quorum: int, more: int) -> None:
    if basic.outcome(tally, quorum).succeeded:
        raised = {**tally, basic.FOR: tally[basic.FOR] + more}
        assert basic.outcome(raised, quorum).succeeded


@given(tallies, powers, powers)
def test_more_votes_against_never_make_it_win(
    tally: dict[int, int], quorum: int, more: int
) -> None:
    if not basic.outcome(tally, quorum).succeeded:
        raised = {**tally, basic.AGAINST: tally[basic.AGAINST] + more}
        assert not basic.outcome(raised, quorum).succeeded


@given(tallies, powers, powers)
def test_abstentions_help_quorum_and_nothing_else(
    tally: dict[int, int], quorum: int, more: int
) -> None:
    raised = {**tally, basic.ABSTAIN: tally[basic.ABSTAIN] + more}
    if basic.outcome(tally, quorum).succeeded:
        assert basic.outcome(raised, quorum).succeeded
    if basic.outcome(raised, quorum).succeeded:
        assert tally[basic.FOR] > tally[basic.AGAINST]


@given(tallies, powers)
def test_it_passes_exactly_with_quorum_and_a_majority(tally: dict[int, int], quorum: int) -> None:
    in_favour, against, abstain = (tally[choice] for choice in basic.CHOICES)
    passes = in_favour + abstain >= quorum and in_favour > against
    assert basic.outcome(tally, quorum).succeeded is passes


@given(tallies, powers)
def test_the_reason_given_is_true(tally: dict[int, int], quorum: int) -> None:
    outcome = basic.outcome(tally, quorum)
    in_favour, against, abstain = (tally[choice] for choice in basic.CHOICES)
    true = {
        Reason.MAJORITY_FOR: in_favour > against,
        Reason.MAJORITY_AGAINST: in_favour < against,
        Reason.TIE: in_favour == against,
        Reason.NO_VOTES: in_favour == against == abstain == 0,
        Reason.QUORUM: in_favour + abstain < quorum,
    }
    assert true[outcome.reason]
    assert outcome.succeeded is (outcome.reason is Reason.MAJORITY_FOR)
