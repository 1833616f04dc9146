"""Condorcet: pairs, then the widest paths of winning votes (Schulze)."""

from governance.voting import condorcet
from governance.voting.system import Outcome, Reason
from tests.governance.voting.examples import counted, ended, refusal, terms


def ranked(order: str) -> tuple[tuple[int, ...], ...]:
    """`ACB` as places; A is choice 1."""
    return tuple((ord(letter) - ord("A") + 1,) for letter in order)


SCHULZE = [  # the 45 voters of the first example in Schulze's paper
    (ranked("ACBED"), 5),
    (ranked("ADECB"), 5),
    (ranked("BEDAC"), 8),
    (ranked("CABED"), 3),
    (ranked("CAEBD"), 7),
    (ranked("CBADE"), 2),
    (ranked("DCEBA"), 7),
    (ranked("EBADC"), 8),
]


def test_the_example_of_schulzes_paper() -> None:
    count = counted(condorcet, SCHULZE, choices=5)
    assert (count.pairs[1, 2], count.pairs[2, 1]) == (20, 25)
    assert (count.pairs[3, 5], count.pairs[5, 3]) == (24, 21)
    assert count.ranking == ((5,), (1,), (3,), (2,), (4,))
    assert count.scores == {1: 3, 2: 1, 3: 2, 4: 0, 5: 4}
    assert ended(condorcet, SCHULZE, choices=5) == Outcome(True, Reason.ELECTED, (5,))


def test_a_choice_that_beats_each_other_one_wins_without_being_first_for_most() -> None:
    cast = [(((1,), (2,), (3,)), 4), (((3,), (2,), (1,)), 4), (((2,), (1,), (3,)), 1)]
    assert counted(condorcet, cast).ranking == ((2,), (1,), (3,))


def test_a_circle_is_cut_where_the_fewest_votes_won() -> None:
    cast = [(((1,), (2,), (3,)), 4), (((2,), (3,), (1,)), 3), (((3,), (1,), (2,)), 2)]
    count = counted(condorcet, cast)
    assert (count.pairs[1, 2], count.pairs[2, 3], count.pairs[3, 1]) == (6, 7, 5)
    assert count.ranking == ((1,), (2,), (3,))


def test_winning_votes_count_and_margins_do_not() -> None:
    """By margins 2 would win: they are 13 to 8, 14 to 7 and 12 to 6."""
    cast = [(((1,), (2,)), 6), (((2,),), 3), (((3,), (1,)), 7), (((2,), (3,)), 5)]
    count = counted(condorcet, cast)
    pairs = count.pairs
    wins = {pair: pairs[pair] for pair in pairs if pairs[pair] > pairs[pair[::-1]]}
    assert wins == {(1, 2): 13, (2, 3): 14, (3, 1): 12}
    assert count.ranking[0] == (1,)


def test_equal_circles_are_a_tie_and_nobody_wins() -> None:
    cast = [(((1,), (2,), (3,)), 2), (((2,), (3,), (1,)), 2), (((3,), (1,), (2,)), 2)]
    assert counted(condorcet, cast).ranking == ((1, 2, 3),)
    assert ended(condorcet, cast) == Outcome(False, Reason.TIE)


def test_choices_that_are_left_out_tie_below_the_ranked_ones() -> None:
    count = counted(condorcet, [(((2,),), 3)])
    assert {pair for pair, power in count.pairs.items() if power} == {(2, 1), (2, 3)}
    assert count.ranking == ((2,), (1, 3))
    assert ended(condorcet, [(((2,),), 3)]).winners == (2,)


def test_equals_prefer_neither() -> None:
    count = counted(condorcet, [(((1, 3), (2,)), 3)])
    assert (count.pairs[1, 3], count.pairs[3, 1], count.pairs[1, 2]) == (0, 0, 3)
    assert count.ranking == ((1, 3), (2,))


def test_an_empty_ballot_counts_for_turnout_only() -> None:
    assert condorcet.check([], 1, terms()) == ()
    cast = [(((2,),), 3), ((), 4)]
    assert ended(condorcet, cast, quorum=7) == Outcome(True, Reason.ELECTED, (2,))


def test_equals_are_kept_in_their_order_and_a_place_of_one_may_be_a_number() -> None:
    assert condorcet.check([2, [3, 1]], 1, terms()) == ((2,), (1, 3))


def test_a_choice_ranked_twice_is_refused() -> None:
    sentence = "You named 1 Oak twice: name each choice once."
    assert refusal(condorcet, [[1], [2, 1]]) == sentence
    assert refusal(condorcet, [[1, 1]]) == sentence


def test_an_unknown_choice_is_refused() -> None:
    sentence = "There is no choice 4 here. Choose from: 1 Oak, 2 Elm, 3 Ash."
    assert refusal(condorcet, [[1], [4]]) == sentence


def test_an_empty_place_is_refused() -> None:
    assert refusal(condorcet, [[1], []]) == (
        "Every place in a ranking needs a choice. Write your ranking, best first, with = between "
        "equals, for example “2>1=3” for 1. Elm, 2. Oak and Ash."
    )


def test_what_is_no_list_is_refused_with_an_example() -> None:
    assert refusal(condorcet, 1).startswith("Write your ranking, best first, with = between equ")
