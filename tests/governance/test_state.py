"""A proposal's state follows from stored facts and the clock, what is allowed from the state."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.errors import NotAllowed, Refusal
from governance.options import Quorum
from governance.power import UNIT
from governance.proposal import (
    Proposal,
    ProposalState,
    require_active,
    require_cancelable,
    require_editable,
    state,
)
from governance.texts import Text
from governance.voting.system import tallied
from tests.governance.examples import (
    AUTHOR,
    DAY,
    MADE,
    OTHER,
    TICK,
    canceled,
    proposal,
    votes,
)

STARTS, ENDS = proposal().vote_start, proposal().vote_end
PENDING, ACTIVE, OVER = MADE, STARTS + DAY, ENDS + DAY
WON, LOST = proposal(tally=votes(2, 1)), proposal(tally=votes(1, 2))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (STARTS + TICK, ProposalState.ACTIVE),
        (ENDS - TICK, ProposalState.ACTIVE),
        (ENDS, ProposalState.ACTIVE),
        (ENDS + TICK, ProposalState.SUCCEEDED),
        (ENDS + DAY * 4000, ProposalState.SUCCEEDED),
    ],
)
def test_voting_is_open_after_its_start_up_to_and_including_its_end(
    now: datetime, expected: ProposalState
) -> None:
    assert state(WON, now) is expected


@pytest.mark.parametrize("now", [MADE, STARTS - TICK, STARTS])
def test_up_to_and_including_its_start_it_is_pending(now: datetime) -> None:
    assert state(proposal(), now) is ProposalState.PENDING


@pytest.mark.parametrize("opened", [WON, proposal(opened_at=STARTS + TICK)])
def test_once_opened_it_is_never_pending_again_even_if_the_clock_is_set_back(
    opened: Proposal,
) -> None:
    for now in (MADE, STARTS):
        assert state(opened, now) is ProposalState.ACTIVE
        with pytest.raises(Refusal, match="fixed from the moment voting"):
            require_editable(opened, AUTHOR, now)


@pytest.mark.parametrize("rules", [{"secrecy": "tally"}, {"secrecy": "voters"}])
def test_a_secret_vote_has_no_outcome_before_its_count(rules: dict[str, str]) -> None:
    for tally in (votes(2, 1), votes(1, 2)):
        over = proposal(rules=rules, tally=tally)
        assert state(over, ENDS + TICK) is ProposalState.ACTIVE
        assert over.hides_voters is (rules["secrecy"] == "voters")
        require_cancelable(over, OTHER, True, ENDS + TICK)
    count = WON.running
    counted = proposal(rules=rules, tally=votes(2, 1), count=count, counted_at=OVER)
    assert state(counted, OVER) is ProposalState.SUCCEEDED


def test_a_vote_whose_tie_the_lot_decides_has_no_outcome_before_its_count() -> None:
    rules = {"system": "single_choice", "tie_by_lot": True}
    text = Text("Plant a tree", "Which?", choices=("Oak", "Elm"))
    tied = proposal(rules=rules, text=text, tally={1: UNIT, 2: UNIT}, seed=bytes(32))
    assert state(tied, ENDS + TICK) is ProposalState.ACTIVE
    counted = replace(tied, count=tallied({1: 1, 2: 1}, 2, 2, tied.terms, lot=True))
    assert state(replace(counted, counted_at=OVER), OVER) is ProposalState.SUCCEEDED


@pytest.mark.parametrize(
    ("further", "expected"),
    [
        ({"executed_at": OVER}, ProposalState.EXECUTED),
        ({"eta": OVER}, ProposalState.QUEUED),
        ({"eta": OVER - DAY * 14}, ProposalState.EXPIRED),
        ({"submitted_at": None}, ProposalState.DRAFT),
    ],
)
def test_what_follows_a_vote_that_was_won(
    further: dict[str, datetime | None], expected: ProposalState
) -> None:
    assert state(replace(WON, **further), OVER) is expected


def test_a_vote_that_is_over_without_a_known_electorate_waits_for_its_count() -> None:
    share = {"quorum": Quorum(share=Fraction(1, 2))}
    assert state(proposal(rules=share, tally=votes(2, 1)), OVER) is ProposalState.ACTIVE


def test_a_vote_that_was_lost_is_defeated() -> None:
    assert state(LOST, ENDS + TICK) is ProposalState.DEFEATED


def test_a_vote_in_which_nobody_voted_is_defeated() -> None:
    assert state(proposal(), ENDS + TICK) is ProposalState.DEFEATED


def test_a_vote_below_quorum_is_defeated() -> None:
    assert state(proposal(tally=votes(2), quorum=3), OVER) is ProposalState.DEFEATED
    assert state(proposal(tally=votes(3), quorum=3), OVER) is ProposalState.SUCCEEDED


@pytest.mark.parametrize("now", [PENDING, ACTIVE, OVER])
def test_a_canceled_proposal_stays_canceled(now: datetime) -> None:
    assert state(canceled(), now) is ProposalState.CANCELED


def test_a_moment_is_the_same_in_every_time_zone() -> None:
    east = ENDS.astimezone(UTC).astimezone()
    assert state(WON, east) is ProposalState.ACTIVE
    assert state(WON, east + TICK) is ProposalState.SUCCEEDED


@given(st.timedeltas(min_value=timedelta(0), max_value=DAY * 30), st.integers(0, 3))
def test_states_follow_one_another_and_never_go_back(after: timedelta, in_favour: int) -> None:
    order = [ProposalState.PENDING, ProposalState.ACTIVE, ProposalState.DEFEATED]
    here = proposal(tally=votes(in_favour, 1))
    order[2] = state(here, here.vote_end + DAY * 1000)
    now = state(here, here.created_at + after)
    later = state(here, here.created_at + after + TICK)
    assert order.index(later) - order.index(now) in (0, 1)


# A ballot


def test_a_ballot_is_taken_from_the_first_to_the_last_moment_of_voting() -> None:
    require_active(proposal(), STARTS + TICK)
    require_active(proposal(), ENDS)


def test_a_ballot_before_the_start_is_refused_and_told_when_voting_starts() -> None:
    for now in (MADE, STARTS):
        with pytest.raises(Refusal, match=f"starts <t:{int(STARTS.timestamp())}:R>"):
            require_active(proposal(), now)


def test_a_ballot_after_the_end_is_refused_and_told_that_it_was_not_counted() -> None:
    for decided in (WON, LOST):
        with pytest.raises(Refusal, match=f"ended <t:{int(ENDS.timestamp())}:R>.*not counted"):
            require_active(decided, ENDS + TICK)


@pytest.mark.parametrize("now", [PENDING, ACTIVE, OVER])
def test_a_canceled_proposal_takes_no_ballot(now: datetime) -> None:
    with pytest.raises(Refusal, match="was canceled"):
        require_active(canceled(), now)


def test_a_draft_takes_no_ballot() -> None:
    with pytest.raises(Refusal, match="is a draft"):
        require_active(proposal(submitted_at=None), ACTIVE)


# An edit


def test_the_author_edits_until_voting_starts() -> None:
    require_editable(proposal(), AUTHOR, MADE)
    require_editable(proposal(), AUTHOR, STARTS)


@pytest.mark.parametrize("now", [STARTS + TICK, ENDS, ENDS + TICK])
def test_nobody_edits_once_voting_has_started(now: datetime) -> None:
    with pytest.raises(Refusal, match="fixed from the moment voting"):
        require_editable(proposal(), AUTHOR, now)


def test_nobody_edits_what_was_canceled() -> None:
    with pytest.raises(Refusal):
        require_editable(canceled(), AUTHOR, MADE)


@pytest.mark.parametrize("now", [PENDING, ACTIVE, OVER])
def test_nobody_else_edits_at_any_time(now: datetime) -> None:
    with pytest.raises(NotAllowed, match="Only its author can edit #12"):
        require_editable(proposal(), OTHER, now)


# A cancellation


def test_the_author_cancels_until_voting_starts() -> None:
    require_cancelable(proposal(), AUTHOR, False, MADE)
    require_cancelable(proposal(), AUTHOR, False, STARTS)


@pytest.mark.parametrize("now", [STARTS + TICK, ENDS, ENDS + TICK])
def test_the_author_alone_does_not_cancel_once_voting_has_started(now: datetime) -> None:
    with pytest.raises(NotAllowed, match="only a moderator can cancel"):
        require_cancelable(WON, AUTHOR, False, now)


@pytest.mark.parametrize("now", [PENDING, ACTIVE, OVER])
def test_a_moderator_cancels_at_any_time_unless_it_was_defeated(now: datetime) -> None:
    require_cancelable(WON, OTHER, True, now)


@pytest.mark.parametrize(("who", "moderator"), [(AUTHOR, False), (OTHER, True)])
def test_nobody_cancels_what_was_defeated(who: int, moderator: bool) -> None:
    with pytest.raises(Refusal, match="was defeated"):
        require_cancelable(LOST, who, moderator, ENDS + TICK)


@pytest.mark.parametrize(
    ("further", "said"),
    [({"executed_at": OVER}, "was executed"), ({"eta": OVER - DAY * 14}, "has expired")],
)
def test_nobody_cancels_what_is_done_with(further: dict[str, datetime], said: str) -> None:
    with pytest.raises(Refusal, match=said):
        require_cancelable(replace(WON, **further), OTHER, True, OVER)


@pytest.mark.parametrize("now", [PENDING, ACTIVE, OVER])
def test_another_member_never_cancels(now: datetime) -> None:
    with pytest.raises(NotAllowed, match=r"[Oo]nly (its author or )?a moderator can cancel"):
        require_cancelable(WON, OTHER, False, now)


@pytest.mark.parametrize("now", [PENDING, ACTIVE, OVER])
@pytest.mark.parametrize("moderator", [True, False])
def test_nothing_is_canceled_twice(now: datetime, moderator: bool) -> None:
    with pytest.raises(Refusal, match="canceled already"):
        require_cancelable(canceled(), AUTHOR, moderator, now)


# What a proposal says of itself


def test_a_proposal_is_named_by_its_number_and_title() -> None:
    assert proposal().name == "#12 Mend the well"


@pytest.mark.parametrize(
    ("cast", "quorum", "reached"),
    [
        (votes(0), 0, True),
        (votes(2, 0, 1), 3, True),
        (votes(2), 3, False),
        (votes(0, 3), 3, False),
        ({1: 3 * UNIT - 1}, 3, False),
    ],
)
def test_it_knows_whether_quorum_is_reached(
    cast: dict[int, int], quorum: int, reached: bool
) -> None:
    assert proposal(tally=cast, quorum=quorum).quorum_reached is reached


def test_its_outcome_is_that_of_its_own_rules() -> None:
    def succeeds(one: Proposal) -> bool:
        return one.outcome.succeeded

    assert succeeds(proposal(tally=votes(3, 2), quorum=3))
    assert not succeeds(proposal(tally=votes(3, 2), quorum=4))
