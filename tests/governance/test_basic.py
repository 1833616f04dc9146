"""Basic voting: For, Against, Abstain; it passes iff quorum is reached and For > Against."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.errors import Refusal
from governance.power import UNIT
from governance.voting import basic
from governance.voting.system import Count, Counting, Outcome, Reason, Terms, tallied

LARGEST = 2**256 - 1
TERMS = Terms(basic.CHOICES)

powers = st.one_of(st.integers(0, 5), st.integers(0, LARGEST))
tallies = st.fixed_dictionaries(dict.fromkeys((basic.FOR, basic.AGAINST, basic.ABSTAIN), powers))


def tally(scores: dict[int, int]) -> Count:
    return tallied(scores, sum(scores.values()), len(scores), TERMS)


def votes(in_favour: int, against: int, abstain: int) -> Count:
    """A count in whole votes."""
    cast = (in_favour, against, abstain)
    return tally({choice: power * UNIT for choice, power in enumerate(cast, 1)})


def decided(scores: dict[int, int], quorum: int) -> Outcome:
    return basic.decide(tally(scores), quorum, TERMS)


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
    count = votes(in_favour, against, abstain)
    assert basic.decide(count, quorum * UNIT, TERMS) == Outcome(succeeded, reason)


def test_ballots_add_up_by_choice() -> None:
    cast = [(basic.FOR, UNIT, 1), (basic.AGAINST, UNIT, 1), (basic.ABSTAIN, UNIT, 1)]
    count = basic.count([*cast, (basic.FOR, UNIT, 2)], TERMS)
    assert count.scores == votes(3, 1, 1).scores
    assert (count.ballots, count.power) == (5, 5 * UNIT)


def test_a_choice_nobody_made_counts_nothing() -> None:
    assert basic.count([], TERMS).scores == votes(0, 0, 0).scores


def test_a_choice_that_is_not_offered_is_refused_with_those_there_are() -> None:
    with pytest.raises(Refusal) as refused:
        basic.check(4, UNIT, TERMS)
    assert str(refused.value) == (
        "There is no choice 4 here. Choose from: 1 For, 2 Against, 3 Abstain."
    )


@pytest.mark.parametrize(
    ("counting", "counted"),
    [(Counting.FOR_AND_ABSTAIN, 6), (Counting.FOR, 2), (Counting.ALL, 22)],
)
def test_a_setting_says_which_ballots_count_towards_quorum(
    counting: Counting, counted: int
) -> None:
    terms = Terms(basic.CHOICES, counting=counting)
    assert basic.towards_quorum(votes(2, 16, 4), terms) == counted * UNIT


@pytest.mark.parametrize(
    ("in_favour", "against", "threshold", "succeeded"),
    [
        (55, 45, Fraction(55, 100), True),
        (54, 46, Fraction(55, 100), False),
        (2, 1, Fraction(2, 3), True),
        (1, 0, Fraction(1), True),
        (51, 49, Fraction(1, 2), True),
    ],
)
def test_a_supermajority_is_reached_exactly_at_its_threshold(
    in_favour: int, against: int, threshold: Fraction, succeeded: bool
) -> None:
    terms = Terms(basic.CHOICES, threshold=threshold)
    reason = Reason.MAJORITY_FOR if succeeded else Reason.THRESHOLD
    count = votes(in_favour, against, 1000)
    assert basic.decide(count, 0, terms) == Outcome(succeeded, reason)


def test_the_smallest_unit_of_power_misses_a_threshold() -> None:
    terms = Terms(basic.CHOICES, threshold=Fraction(2, 3))
    assert basic.decide(tally({1: 2 * LARGEST, 2: LARGEST}), 0, terms).succeeded
    missed = basic.decide(tally({1: 2 * LARGEST - 1, 2: LARGEST}), 0, terms)
    assert missed == Outcome(False, Reason.THRESHOLD)


@pytest.mark.parametrize(
    ("against", "succeeded", "reason"),
    [(7, True, Reason.NO_OBJECTION), (8, False, Reason.REJECTED), (0, True, Reason.NO_OBJECTION)],
)
def test_an_optimistic_vote_passes_unless_enough_power_rejects_it(
    against: int, succeeded: bool, reason: Reason
) -> None:
    terms = Terms(basic.CHOICES, optimistic=True)
    count = votes(0, against, 0)
    assert basic.decide(count, 8 * UNIT, terms) == Outcome(succeeded, reason)


def test_quorum_is_missed_by_the_smallest_unit_of_power() -> None:
    quorum = 3 * UNIT
    assert not decided({basic.FOR: quorum - 1}, quorum).succeeded
    assert decided({basic.FOR: quorum}, quorum).succeeded


def test_the_smallest_unit_of_power_decides_among_the_largest() -> None:
    assert decided({basic.FOR: LARGEST, basic.AGAINST: LARGEST - 1}, 0).succeeded
    tie = decided({basic.FOR: LARGEST, basic.AGAINST: LARGEST}, 0)
    assert tie == Outcome(False, Reason.TIE)
    assert not decided({basic.FOR: LARGEST - 1, basic.AGAINST: LARGEST}, 0).succeeded
    assert not decided({basic.FOR: LARGEST}, LARGEST + 1).succeeded
    assert decided({basic.FOR: LARGEST, basic.ABSTAIN: 1}, LARGEST + 1).succeeded


@given(tallies, powers, powers, st.sampled_from(Counting))
def test_more_votes_for_never_make_it_lose(
    scores: dict[int, int], quorum: int, more: int, counting: Counting
) -> None:
    terms = Terms(basic.CHOICES, counting=counting, threshold=Fraction(2, 3))
    if basic.decide(tally(scores), quorum, terms).succeeded:
        raised = {**scores, basic.FOR: scores[basic.FOR] + more}
        assert basic.decide(tally(raised), quorum, terms).succeeded


@given(tallies, powers, powers, st.booleans())
def test_more_votes_against_never_make_it_win(
    scores: dict[int, int], quorum: int, more: int, optimistic: bool
) -> None:
    terms = Terms(basic.CHOICES, optimistic=optimistic)
    if not basic.decide(tally(scores), quorum, terms).succeeded:
        raised = {**scores, basic.AGAINST: scores[basic.AGAINST] + more}
        assert not basic.decide(tally(raised), quorum, terms).succeeded


@given(tallies, powers, powers)
def test_abstentions_help_quorum_and_nothing_else(
    scores: dict[int, int], quorum: int, more: int
) -> None:
    raised = {**scores, basic.ABSTAIN: scores[basic.ABSTAIN] + more}
    if decided(scores, quorum).succeeded:
        assert decided(raised, quorum).succeeded
    if decided(raised, quorum).succeeded:
        assert scores[basic.FOR] > scores[basic.AGAINST]


@given(tallies, powers)
def test_it_passes_exactly_with_quorum_and_a_majority(scores: dict[int, int], quorum: int) -> None:
    in_favour, against, abstain = (scores[choice] for choice in (1, 2, 3))
    passes = in_favour + abstain >= quorum and in_favour > against
    assert decided(scores, quorum).succeeded is passes


@given(tallies, powers)
def test_the_reason_given_is_true(scores: dict[int, int], quorum: int) -> None:
    outcome = decided(scores, quorum)
    in_favour, against, abstain = (scores[choice] for choice in (1, 2, 3))
    true: dict[Any, bool] = {
        Reason.MAJORITY_FOR: in_favour > against,
        Reason.MAJORITY_AGAINST: in_favour < against,
        Reason.TIE: in_favour == against,
        Reason.NO_VOTES: in_favour == against == abstain == 0,
        Reason.QUORUM: in_favour + abstain < quorum,
    }
    assert true[outcome.reason]
    assert outcome.succeeded is (outcome.reason is Reason.MAJORITY_FOR)
