"""Single choice: the most power wins; a tie for first has no winner unless the lot decides."""

from governance.voting import single_choice
from governance.voting.system import Outcome, Reason
from tests.governance.voting.examples import LARGEST, counted, ended, refusal

TIED = [(1, 5), (2, 5), (3, 1)]


def test_the_choice_with_the_most_power_wins() -> None:
    count = counted(single_choice, [(1, 4), (2, 5), (1, 2)])
    assert count.scores == {1: 6, 2: 5, 3: 0}
    assert count.ranking == ((1,), (2,), (3,))
    assert ended(single_choice, [(1, 4), (2, 5), (1, 2)]) == Outcome(True, Reason.ELECTED, (1,))


def test_no_choice_has_a_score_before_anybody_votes() -> None:
    assert counted(single_choice, [], choices=2).scores == {1: 0, 2: 0}
    assert ended(single_choice, []) == Outcome(False, Reason.NO_VOTES)


def test_a_tie_for_first_has_no_winner() -> None:
    assert counted(single_choice, TIED).ranking == ((1, 2), (3,))
    assert ended(single_choice, TIED) == Outcome(False, Reason.TIE)


def test_where_the_lot_breaks_ties_the_first_in_it_loses() -> None:
    won = ended(single_choice, TIED, lot=(2, 3, 1), tie_by_lot=True)
    assert won == Outcome(True, Reason.ELECTED, (1,))
    assert ended(single_choice, TIED, lot=(1, 3, 2), tie_by_lot=True).winners == (2,)


def test_the_lot_decides_nothing_where_it_was_not_asked_to() -> None:
    assert ended(single_choice, TIED, lot=(2, 3, 1)).reason is Reason.TIE


def test_the_lot_never_beats_power() -> None:
    cast = [(1, LARGEST), (2, LARGEST - 1)]
    assert ended(single_choice, cast, lot=(1, 2, 3), tie_by_lot=True).winners == (1,)


def test_every_ballot_counts_towards_quorum() -> None:
    assert ended(single_choice, [(1, 4), (2, 3)], quorum=7).succeeded
    missed = ended(single_choice, [(1, 4), (2, 3)], quorum=8)
    assert missed == Outcome(False, Reason.QUORUM)


def test_an_unknown_choice_is_refused_with_the_known_ones() -> None:
    sentence = "There is no choice 4 here. Choose from: 1 Oak, 2 Elm, 3 Ash."
    assert refusal(single_choice, 4) == sentence
    assert refusal(single_choice, True).startswith("There is no such choice here. Choose from: 1 O")
