"""Approval: full power to every choice that is ticked; the best win."""

import pytest

from governance.voting import approval
from governance.voting.system import Outcome, Reason
from tests.governance.voting.examples import counted, ended, refusal, terms


def test_worked_example() -> None:
    count = counted(approval, [((1, 2), 10), ((2,), 5), ((), 7)])
    assert count.scores == {1: 10, 2: 15, 3: 0}
    assert (count.power, count.ballots) == (22, 3)


def test_choices_are_kept_in_their_order_whatever_order_they_are_ticked_in() -> None:
    assert approval.check([3, 1], 1, terms()) == (1, 3)


def test_an_empty_ballot_counts_for_turnout_only() -> None:
    assert approval.check([], 1, terms()) == ()
    cast = [((1,), 3), ((), 4)]
    assert ended(approval, cast, quorum=7) == Outcome(True, Reason.ELECTED, (1,))


CAST = [((1, 2), 5), ((2,), 4), ((3,), 2), ((1, 4), 1)]


@pytest.mark.parametrize(("winners", "elected"), [(1, (2,)), (2, (2, 1)), (3, (2, 1, 3))])
def test_as_many_as_there_are_places_win(winners: int, elected: tuple[int, ...]) -> None:
    outcome = ended(approval, CAST, choices=4, winners=winners)
    assert outcome == Outcome(True, Reason.ELECTED, elected)


def test_a_tie_over_the_last_place_has_no_winner() -> None:
    cast = [((1, 2, 3), 5), ((3,), 1)]
    assert ended(approval, cast, winners=1).winners == (3,)
    assert ended(approval, cast, winners=2) == Outcome(False, Reason.TIE)
    assert ended(approval, cast, winners=3).winners == (3, 1, 2)


def test_a_tie_among_winners_does_no_harm() -> None:
    assert ended(approval, [((1, 2), 5)], winners=2) == Outcome(True, Reason.ELECTED, (1, 2))


def test_a_tie_for_first_has_no_winner() -> None:
    assert ended(approval, [((1,), 5), ((2,), 5)]) == Outcome(False, Reason.TIE)


def test_a_choice_named_twice_is_refused() -> None:
    assert refusal(approval, [1, 1]) == "You named 1 Oak twice: name each choice once."


def test_an_unknown_choice_is_refused() -> None:
    sentence = "There is no choice 9 here. Choose from: 1 Oak, 2 Elm, 3 Ash."
    assert refusal(approval, [3, 9]) == sentence


def test_what_is_no_list_is_refused_with_an_example() -> None:
    assert refusal(approval, 2) == (
        "Write the choices that you approve of, or none, for example “1, 2” for Oak and Elm."
    )
