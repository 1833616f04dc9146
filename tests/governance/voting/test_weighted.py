"""Weighted: power is shared in proportion to weights, as exact fractions."""

from fractions import Fraction

from governance.voting import weighted
from governance.voting.system import Outcome, Reason
from tests.governance.voting.examples import LARGEST, counted, ended, refusal, terms


def test_worked_example() -> None:
    count = counted(weighted, [(((1, 1), (2, 3)), 10), (((2, 1),), 5), (((1, 2), (3, 2)), 4)])
    assert count.scores == {1: Fraction(9, 2), 2: Fraction(25, 2), 3: 2}
    assert count.power == sum(count.scores.values()) == 19


def test_nothing_is_divided_before_anybody_votes() -> None:
    assert counted(weighted, [], choices=2).scores == {1: 0, 2: 0}


def test_a_third_of_the_largest_power_is_exact() -> None:
    count = counted(weighted, [(((1, 1), (2, 999)), LARGEST)])
    assert count.scores[1] * 1000 == LARGEST


def test_thirds_that_add_up_to_the_same_are_a_tie() -> None:
    cast = [(((1, 1), (2, 2)), 1), (((1, 2), (2, 1)), 1)]
    assert ended(weighted, cast) == Outcome(False, Reason.TIE)


def test_the_choice_with_the_most_power_wins() -> None:
    cast = [(((1, 1), (2, 3)), 10), (((1, 1),), 4)]
    assert ended(weighted, cast) == Outcome(True, Reason.ELECTED, (2,))


def test_weights_of_nothing_are_left_out() -> None:
    assert weighted.check([[3, 1], [2, 0], [1, 5]], 1, terms()) == ((1, 5), (3, 1))


def test_weights_may_add_up_to_a_thousand_at_most() -> None:
    assert weighted.check([[1, 1], [2, 999]], 1, terms()) == ((1, 1), (2, 999))
    sentence = "Your weights add up to 1,001: make them add up to 1,000 or less."
    assert refusal(weighted, [[1, 2], [2, 999]]) == sentence


def test_weights_of_nothing_only_are_refused() -> None:
    sentence = "Give at least one choice a weight above 0."
    assert refusal(weighted, [[1, 0], [2, 0]]) == sentence
    assert refusal(weighted, []) == sentence


def test_weights_below_nothing_are_refused() -> None:
    assert refusal(weighted, [[2, -1]]) == "You gave 2 Elm -1: give it 0 or more."


def test_a_weight_that_is_no_whole_number_is_refused() -> None:
    assert refusal(weighted, [[2, 0.5]]) == "Give 2 Elm a whole number, such as 3."
    assert refusal(weighted, [[2, True]]) == "Give 2 Elm a whole number, such as 3."


def test_a_weight_that_nobody_can_give_is_refused() -> None:
    sentence = "Give 2 Elm a smaller number: nobody can give so many."
    assert refusal(weighted, [[2, 10**40]]) == sentence


def test_a_choice_with_two_weights_is_refused() -> None:
    sentence = "You gave 1 Oak points twice: name each choice once."
    assert refusal(weighted, [[1, 0], [1, 2]]) == sentence


def test_an_unknown_choice_is_refused() -> None:
    sentence = "There is no choice 4 here. Choose from: 1 Oak, 2 Elm, 3 Ash."
    assert refusal(weighted, [[4, 1]]) == sentence


def test_what_is_no_list_of_pairs_is_refused_with_an_example() -> None:
    sentence = (
        "Write a choice, a colon and a whole number, as often as you like, "
        "for example “1:3 2:1” for Oak 3, Elm 1."
    )
    for choice in (3, [1], [[1]], [[1, 2, 3]]):
        assert refusal(weighted, choice) == sentence
