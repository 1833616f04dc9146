"""Ranked choice: the lowest drops out until one has more than half, or two remain."""

import pytest

from governance.voting import ranked_choice
from governance.voting.system import Outcome, Reason, Round
from tests.governance.voting.examples import counted, ended, refusal, terms

FOUR = [((1, 2, 3, 4), 100), ((2, 1, 3, 4), 200), ((3, 1, 2, 4), 150), ((4, 1, 2, 3), 50)]


def test_worked_example_keeps_every_round() -> None:
    count = counted(ranked_choice, FOUR, choices=4, lot=(1, 2, 3, 4))
    assert count.rounds == (
        Round({1: 100, 2: 200, 3: 150, 4: 50}, 0, dropped=4),
        Round({1: 150, 2: 200, 3: 150}, 0, dropped=1),  # 1 was lower in the round before
        Round({2: 350, 3: 150}, 0),
    )
    assert count.scores == {1: 0, 2: 350, 3: 150, 4: 0}
    assert count.ranking == ((2,), (3,), (1,), (4,))
    assert ended(ranked_choice, FOUR, choices=4) == Outcome(True, Reason.ELECTED, (2,))


def test_the_second_preferences_of_a_dropped_choice_decide() -> None:
    count = counted(ranked_choice, [((1, 2, 3), 4), ((2, 1, 3), 4), ((3, 2, 1), 2)])
    assert count.scores == {1: 4, 2: 6, 3: 0}


def test_a_choice_with_more_than_half_wins_at_once() -> None:
    count = counted(ranked_choice, [((1,), 6), ((2,), 3), ((3,), 2)])
    assert count.rounds == (Round({1: 6, 2: 3, 3: 2}, 0),)
    assert count.ranking == ((1,), (2,), (3,))


def test_half_is_not_enough() -> None:
    count = counted(ranked_choice, [((1,), 5), ((2,), 3), ((3, 2), 2)])
    assert len(count.rounds) == 2
    assert count.ranking == ((1, 2), (3,))


def test_more_than_half_of_what_is_not_exhausted_is_enough() -> None:
    cast = [((1,), 5), ((2,), 4), ((3,), 3), ((4,), 2)]
    count = counted(ranked_choice, cast, choices=4)
    assert [each.exhausted for each in count.rounds] == [0, 2, 5]
    assert count.ranking[0] == (1,)


def test_a_ballot_whose_choices_are_gone_is_exhausted() -> None:
    count = counted(ranked_choice, [((3,), 1), ((1,), 3), ((2,), 3), ((), 9)])
    assert count.rounds[0] == Round({1: 3, 2: 3, 3: 1}, 9, dropped=3)
    assert count.rounds[1] == Round({1: 3, 2: 3}, 10)


def test_an_empty_ballot_counts_for_turnout_only() -> None:
    assert ranked_choice.check([], 1, terms()) == ()
    outcome = ended(ranked_choice, [((1,), 3), ((), 4)], quorum=7)
    assert outcome == Outcome(True, Reason.ELECTED, (1,))


def test_two_that_remain_with_the_same_power_tie_and_nobody_wins() -> None:
    cast = [((1, 2, 3), 5), ((2, 3, 1), 5)]
    count = counted(ranked_choice, cast)
    assert count.scores == {1: 5, 2: 5, 3: 0}
    assert count.ranking == ((1, 2), (3,))
    assert ended(ranked_choice, cast) == Outcome(False, Reason.TIE)


@pytest.mark.parametrize(
    ("lot", "dropped", "winner"), [((1, 2, 3), 1, 2), ((3, 2, 1), 3, 1), ((2, 3, 1), 2, 1)]
)
def test_of_choices_that_never_differed_the_first_in_the_lot_is_dropped(
    lot: tuple[int, ...], dropped: int, winner: int
) -> None:
    cast = [((1, 2, 3), 3), ((2, 1, 3), 3), ((3, 1, 2), 3)]
    count = counted(ranked_choice, cast, lot=lot)
    assert count.rounds[0] == Round({1: 3, 2: 3, 3: 3}, 0, dropped, by_lot=True)
    assert count.ranking[0] == (winner,)


def test_without_a_lot_the_lowest_number_is_dropped() -> None:
    count = counted(ranked_choice, [((1,), 3), ((2,), 3), ((3,), 3)])
    assert (count.rounds[0].dropped, count.rounds[0].by_lot) == (1, True)


def test_the_latest_earlier_round_in_which_they_differ_goes_before_earlier_ones() -> None:
    """2 starts below 3, passes it, and then they are level: 3 was lower more recently."""
    cast = [((1,), 14), ((2,), 8), ((3,), 10), ((4, 2), 4), ((5, 3), 2), ((5, 1), 4)]
    count = counted(ranked_choice, cast, choices=5, lot=(2, 3, 1, 4, 5))
    assert count.rounds[:3] == (
        Round({1: 14, 2: 8, 3: 10, 4: 4, 5: 6}, 0, dropped=4),
        Round({1: 14, 2: 12, 3: 10, 5: 6}, 0, dropped=5),
        Round({1: 18, 2: 12, 3: 12}, 0, dropped=3),
    )


def test_more_support_can_make_a_winner_lose() -> None:
    """The known weakness of every instant run-off: two raise the winner, and it loses."""
    before = [((1, 2, 3), 6), ((3, 1, 2), 5), ((2, 3, 1), 4), ((2, 1, 3), 2)]
    assert ended(ranked_choice, before).winners == (1,)
    after = [((1, 2, 3), 6), ((3, 1, 2), 5), ((2, 3, 1), 4), ((1, 2, 3), 2)]
    assert ended(ranked_choice, after).winners == (3,)


def test_a_vote_between_two_needs_one_round() -> None:
    count = counted(ranked_choice, [((1, 2), 5), ((2, 1), 5)], choices=2)
    assert count.scores == {1: 5, 2: 5}
    assert len(count.rounds) == 1


def test_a_choice_ranked_twice_is_refused() -> None:
    assert refusal(ranked_choice, [2, 1, 2]) == "You named 2 Elm twice: name each choice once."


def test_an_unknown_choice_is_refused() -> None:
    sentence = "There is no choice 0 here. Choose from: 1 Oak, 2 Elm, 3 Ash."
    assert refusal(ranked_choice, [1, 0]) == sentence


def test_what_is_no_list_is_refused_with_an_example() -> None:
    assert refusal(ranked_choice, 2) == (
        "Write your ranking, best first, for example “2>1>3” for 1. Elm, 2. Oak, 3. Ash."
    )
