"""Quadratic voting: v votes on a choice cost v² credits."""

import pytest

from governance.power import UNIT
from governance.voting import quadratic
from governance.voting.system import Outcome, Reason
from tests.governance.voting.examples import LARGEST, counted, ended, refusal, terms


@pytest.mark.parametrize(("votes", "credit"), [(1, 1), (2, 4), (3, 9), (10, 100)])
def test_votes_cost_their_square(votes: int, credit: int) -> None:
    assert quadratic.check([[1, votes]], credit * UNIT, terms()) == ((1, votes),)
    refusal(quadratic, [[1, votes]], credit * UNIT - 1)


def test_a_ballot_may_cost_its_whole_budget_and_no_more() -> None:
    assert quadratic.check([[1, 2], [3, 3]], 13 * UNIT, terms()) == ((1, 2), (3, 3))
    assert refusal(quadratic, [[1, 2], [3, 3]], 13 * UNIT - 1) == (
        "These votes cost 13 credits and you have 12: votes on a choice cost their square, "
        "so take some away."
    )


def test_every_member_may_have_the_same_credits_whatever_its_power() -> None:
    assert quadratic.check([[2, 3]], 1, terms(credits=9)) == ((2, 3),)
    assert refusal(quadratic, [[2, 4]], 100 * UNIT, credits=9).startswith(
        "These votes cost 16 credits and you have 9:"
    )


def test_the_largest_power_buys_no_vote_too_many() -> None:
    votes = 340282366920938463463  # the root of 2^256 - 1 units in whole votes, rounded down
    assert quadratic.check([[1, votes // 10**9]], LARGEST, terms()) == ((1, votes // 10**9),)
    refusal(quadratic, [[1, 10**30]], LARGEST)


def test_votes_add_up_by_choice_and_power_does_not() -> None:
    count = counted(quadratic, [(((1, 2), (2, 1)), 5 * UNIT), (((2, 3),), 100 * UNIT), ((), UNIT)])
    assert count.scores == {1: 2, 2: 4, 3: 0}
    assert count.power == 106 * UNIT


def test_the_choice_with_the_most_votes_wins_with_less_power() -> None:
    cast = [(((1, 3),), 9 * UNIT), (((2, 2),), 4 * UNIT), (((2, 2),), 4 * UNIT)]
    assert ended(quadratic, cast) == Outcome(True, Reason.ELECTED, (2,))


def test_a_tie_for_first_has_no_winner() -> None:
    cast = [(((1, 2),), 4 * UNIT), (((2, 1),), UNIT), (((2, 1),), UNIT)]
    assert ended(quadratic, cast) == Outcome(False, Reason.TIE)


def test_votes_against_need_the_proposals_leave_and_cost_as_much() -> None:
    assert refusal(quadratic, [[2, -2]], 4 * UNIT) == "You gave 2 Elm -2: give it 0 or more."
    assert quadratic.check([[2, -2]], 4 * UNIT, terms(negative=True)) == ((2, -2),)
    assert "cost 9 credits and you have 4" in refusal(quadratic, [[2, -3]], 4 * UNIT, negative=True)


def test_votes_against_take_votes_away() -> None:
    cast = [(((1, 1), (2, 2)), 5 * UNIT), (((2, -2),), 4 * UNIT)]
    assert counted(quadratic, cast, negative=True).scores == {1: 1, 2: 0, 3: 0}


def test_an_empty_ballot_counts_for_turnout_only() -> None:
    assert quadratic.check([], 0, terms()) == ()
    assert quadratic.check([[1, 0]], 0, terms()) == ()


def test_half_a_vote_is_refused() -> None:
    assert refusal(quadratic, [[1, 0.5]], UNIT) == "Give 1 Oak a whole number, such as 3."
