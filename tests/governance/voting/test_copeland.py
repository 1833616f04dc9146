"""Copeland, as Snapshot counts it: points for pairs won, half the average support beside them."""

from fractions import Fraction

from governance.voting import copeland
from governance.voting.system import Outcome, Reason
from tests.governance.voting.examples import counted, ended, refusal, terms

EXAMPLE = [((1, 2, 3), 20), ((1, 3, 2), 15), ((2, 1, 3), 20), ((2, 3, 1), 5), ((3, 2, 1), 10)]


def test_worked_example() -> None:
    count = counted(copeland, EXAMPLE)
    assert count.scores == {1: Fraction(310, 9), 2: Fraction(920, 27), 3: Fraction(40, 27)}
    assert [f"{float(score):.3f}" for score in count.scores.values()] == [
        "34.444",
        "34.074",
        "1.481",
    ]
    assert (count.pairs[1, 2], count.pairs[2, 1]) == (35, 35)
    assert ended(copeland, EXAMPLE) == Outcome(True, Reason.ELECTED, (1,))


def test_a_circle_is_a_tie_and_nobody_wins() -> None:
    cast = [((1, 2, 3), 2), ((2, 3, 1), 2), ((3, 1, 2), 2)]
    assert counted(copeland, cast).scores == {1: 2, 2: 2, 3: 2}
    assert ended(copeland, cast) == Outcome(False, Reason.TIE)


def test_nothing_is_divided_before_anybody_votes() -> None:
    assert counted(copeland, []).scores == {1: 0, 2: 0, 3: 0}


def test_a_full_ranking_is_taken() -> None:
    assert copeland.check([3, 1, 2], 1, terms()) == (3, 1, 2)


def test_a_partial_ranking_is_refused_with_what_it_lacks() -> None:
    assert refusal(copeland, [2, 1]) == "Rank every choice: your ranking lacks 3 Ash."
    assert refusal(copeland, []) == "Rank every choice: your ranking lacks 1 Oak, 2 Elm and 3 Ash."


def test_a_choice_ranked_twice_is_refused() -> None:
    assert refusal(copeland, [1, 2, 1]) == "You named 1 Oak twice: name each choice once."


def test_an_unknown_choice_is_refused() -> None:
    sentence = "There is no choice 4 here. Choose from: 1 Oak, 2 Elm, 3 Ash."
    assert refusal(copeland, [1, 2, 4]) == sentence
