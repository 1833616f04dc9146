"""A ballot that comes late, or decides everything, moves the end of its vote."""

from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from governance.extensions import after_ballot
from governance.options import Quorum
from governance.power import UNIT
from governance.proposal import Proposal, Tally
from governance.voting import multisig
from tests.governance.examples import MADE, proposal, votes

HOUR = timedelta(hours=1)


def at(hours: int) -> datetime:
    return MADE + hours * HOUR


def voting(start: int = 104, period: int = 16, **rules: Any) -> Proposal:
    """A vote from `start` on; hours stand for the blocks of the worked example."""
    return proposal(
        rules={"voting_period": period * HOUR, **rules},
        vote_start=at(start),
        vote_end=at(start + period),
    )


def cast(before: Proposal, hours: int, *tally: int) -> Proposal:
    """The vote once a ballot has brought it to this tally of whole votes."""
    power = sum(tally) * UNIT
    after = replace(before, tally=Tally(votes(*tally), power, sum(tally), sum(tally)))
    return after_ballot(before, after, at(hours))


# Late quorum


@pytest.mark.parametrize(("reached", "ends"), [(119, 127), (110, 120), (113, 121), (120, 128)])
def test_time_remains_once_quorum_is_reached_late(reached: int, ends: int) -> None:
    vote = voting(quorum=Quorum(2 * UNIT), late_quorum_extension=8 * HOUR)
    assert cast(vote, reached, 2).vote_end == at(ends)


def test_quorum_that_is_lost_and_reached_again_extends_nothing() -> None:
    vote = voting(quorum=Quorum(2 * UNIT), late_quorum_extension=8 * HOUR)
    vote = cast(cast(vote, 119, 2), 120, 1, 1)
    assert not vote.quorum_reached
    assert cast(vote, 126, 2).vote_end == at(127)


def test_without_a_quorum_nothing_is_reached_late() -> None:
    assert cast(voting(late_quorum_extension=8 * HOUR), 119, 1).vote_end == at(120)


def test_a_share_of_the_electorate_is_reached_late_too() -> None:
    vote = voting(quorum=Quorum(share=Fraction(8, 100)), late_quorum_extension=8 * HOUR)
    known = replace(vote, electorate=99 * UNIT)  # 8 % of 99 is 7 votes, rounded down to units
    assert not cast(vote, 119, 9).quorum_reached
    assert cast(known, 119, 7).vote_end == at(120)
    assert cast(known, 119, 8).vote_end == at(127)


# Quiet ending


def test_a_new_leader_near_the_end_moves_it() -> None:
    vote = cast(voting(quiet_ending=4 * HOUR), 110, 2, 1)
    assert vote.vote_end == at(120)
    assert cast(vote, 116, 2, 3).vote_end == at(120)  # not within the last four hours yet
    assert cast(vote, 117, 2, 3).vote_end == at(121)
    assert cast(vote, 120, 2, 3).vote_end == at(124)


def test_the_first_ballot_makes_a_new_leader() -> None:
    assert cast(voting(quiet_ending=4 * HOUR), 119, 1).vote_end == at(123)
    assert cast(voting(quiet_ending=4 * HOUR), 119, 0, 0, 1).vote_end == at(120)  # an abstention


def test_more_votes_for_the_leader_move_nothing() -> None:
    vote = cast(voting(quiet_ending=4 * HOUR), 110, 2, 1)
    assert cast(vote, 119, 3, 1).vote_end == at(120)
    assert cast(vote, 119, 2, 1, 1).vote_end == at(120)


def test_a_tie_is_a_change_of_leader_and_so_is_its_end() -> None:
    vote = cast(cast(voting(quiet_ending=4 * HOUR), 110, 2, 1), 118, 2, 2)
    assert vote.vote_end == at(122)
    assert cast(vote, 121, 3, 2).vote_end == at(125)


def test_all_extensions_together_have_an_end() -> None:
    vote = cast(voting(quiet_ending=4 * HOUR, max_extension=6 * HOUR), 110, 1)
    for hours, tally in ((119, (1, 2)), (122, (3, 2)), (125, (3, 4))):
        vote = cast(vote, hours, *tally)
    assert vote.vote_end == at(126)


def test_the_last_of_several_winners_counts_as_a_leader() -> None:
    vote = voting(system="approval", winners=2, quiet_ending=4 * HOUR)
    text = replace(vote.text, choices=("Oak", "Elm", "Ash"))
    first = replace(vote, text=text, tally=Tally({1: 3 * UNIT, 2: 2 * UNIT}, 3 * UNIT, 3, 3))
    swapped = replace(first, tally=Tally({1: 2 * UNIT, 2: 3 * UNIT}, 3 * UNIT, 3, 3))
    third = replace(first, tally=Tally({1: 3 * UNIT, 3: 3 * UNIT}, 3 * UNIT, 3, 3))
    assert after_ballot(first, swapped, at(119)).vote_end == at(120)
    assert after_ballot(first, third, at(119)).vote_end == at(123)


def test_where_every_choice_wins_the_order_among_them_moves_nothing() -> None:
    vote = voting(system="approval", winners=3, quiet_ending=4 * HOUR)
    vote = replace(vote, text=replace(vote.text, choices=("Oak", "Elm")))
    first = replace(vote, tally=Tally({1: 2 * UNIT, 2: UNIT}, 2 * UNIT, 2, 2))
    swapped = replace(vote, tally=Tally({1: UNIT, 2: 2 * UNIT}, 2 * UNIT, 2, 2))
    assert after_ballot(first, swapped, at(119)).vote_end == at(120)


# An early end


def test_a_super_quorum_ends_the_vote_at_once() -> None:
    vote = voting(super_quorum=Quorum(3 * UNIT))
    assert cast(vote, 110, 2).ended_at is None
    assert cast(vote, 110, 3, 2).ended_at == at(110)
    assert cast(vote, 110, 3, 3).ended_at is None


def test_a_super_quorum_ends_nothing_that_would_fail_otherwise() -> None:
    vote = voting(super_quorum=Quorum(3 * UNIT), threshold=Fraction(2, 3))
    assert cast(vote, 110, 3, 2).ended_at is None
    assert cast(vote, 110, 4, 2).ended_at == at(110)
    unknown = voting(super_quorum=Quorum(share=Fraction(1, 2)))
    assert cast(unknown, 110, 90).ended_at is None


def test_a_multisig_ends_with_its_last_signature_or_with_one_rejection_too_many() -> None:
    vote = voting(system="multisig", signers=(1, 2, 3), signatures=2)

    def signed(approvals: int, rejections: int) -> Proposal:
        scores = {multisig.APPROVE: approvals, multisig.REJECT: rejections}
        cast = approvals + rejections
        after = replace(vote, tally=Tally(scores, cast * UNIT, cast, cast))
        return after_ballot(vote, after, at(110))

    assert signed(1, 1).ended_at is None
    assert signed(2, 1).ended_at == at(110)
    assert signed(1, 2).ended_at == at(110)


def test_a_vote_that_is_counted_at_its_close_has_no_leader_before() -> None:
    vote = voting(system="ranked_choice")
    text = replace(vote.text, choices=("Oak", "Elm"))
    before = replace(vote, text=text)
    after = replace(before, tally=Tally({}, UNIT, 1, 1))
    assert after_ballot(before, after, at(119)) == replace(after)
