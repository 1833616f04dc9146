"""Two houses: a proposal passes where both agree, each with its own power, quorum and threshold."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.extensions import after_ballot, decided
from governance.options import NO_QUORUM, Quorum
from governance.power import UNIT
from governance.proposal import Proposal, ProposalState, Tally, state
from governance.strategies import ONE_EACH
from governance.strategies.strategy import Part
from governance.voting import basic
from governance.voting.system import Outcome, Reason
from tests.governance.examples import DAY, TICK, proposal, votes

HOUR = timedelta(hours=1)
POINTS = (Part("reputation"),)


def vote(
    first: dict[int, int], second: dict[int, int], rules: dict[str, Any] | None = None, **more: Any
) -> Proposal:
    """A vote of members and of reputation, with these scores in each house."""
    voters = int(any(first.values()) or any(second.values()))
    tally = Tally(
        first,
        sum(first.values()),
        voters,
        voters,
        second=second,
        second_power=sum(second.values()),
    )
    return proposal(tally=tally, rules={"second_power": POINTS, **(rules or {})}, **more)


def counted(one: Proposal) -> Proposal:
    """The same after its count."""
    second = one.second_house
    return replace(
        one,
        counted_at=one.vote_end + TICK,
        count=one.running,
        second_count=second and second.running,
    )


def test_it_takes_both_houses() -> None:
    assert vote(votes(2, 1), votes(2, 1)).outcome == Outcome(True, Reason.MAJORITY_FOR)
    no = vote(votes(2, 1), votes(1, 2)).outcome
    assert no == Outcome(False, Reason.MAJORITY_AGAINST, house=2)
    assert vote(votes(1, 2), votes(2, 1)).outcome == Outcome(False, Reason.MAJORITY_AGAINST)
    assert vote(votes(1, 1), votes(0, 0)).outcome == Outcome(False, Reason.TIE)


def test_the_second_house_has_its_own_quorum_and_threshold() -> None:
    rules: dict[str, Any] = {
        "second_quorum": Quorum(5 * UNIT),
        "second_threshold": Fraction(2, 3),
    }
    few = vote(votes(2, 1), votes(4, 0), rules)
    assert few.outcome == Outcome(False, Reason.QUORUM, house=2)
    assert not few.quorum_reached
    assert vote(votes(2, 1), votes(5, 3), rules).outcome == Outcome(
        False, Reason.THRESHOLD, house=2
    )
    both = vote(votes(2, 1), votes(6, 3), rules)
    assert both.outcome == Outcome(True, Reason.MAJORITY_FOR)
    assert both.quorum_reached


def test_nobody_with_power_in_the_second_house_is_no_agreement() -> None:
    assert vote(votes(2, 1), {}).outcome == Outcome(False, Reason.NO_VOTES, house=2)


def test_a_share_of_the_second_house_is_one_of_its_own_electorate() -> None:
    rules = {"second_quorum": Quorum(share=Fraction(1, 10))}
    unknown = vote(votes(2, 1), votes(4, 0), rules, electorate=9 * UNIT)
    assert unknown.needs_second_electorate
    assert not unknown.needs_electorate
    assert unknown.outcome is None
    assert vote(votes(1, 2), votes(4, 0), rules).outcome  # defeated, whatever the second says
    known = replace(unknown, second_electorate=40 * UNIT)
    assert not known.needs_second_electorate
    assert known.outcome == Outcome(True, Reason.MAJORITY_FOR)
    few = replace(known, second_electorate=41 * UNIT).outcome
    assert few == Outcome(False, Reason.QUORUM, house=2)


def test_the_final_count_of_each_house_decides() -> None:
    passed = counted(vote(votes(2, 1), votes(3, 1)))
    assert state(passed, passed.vote_end + TICK) is ProposalState.SUCCEEDED
    second = passed.second_house
    assert second
    assert second.running == passed.second_count
    forged = replace(passed, tally=replace(passed.tally, second=votes(0, 9)))
    assert state(forged, passed.vote_end + TICK) is ProposalState.SUCCEEDED
    lost = counted(vote(votes(2, 1), votes(1, 3)))
    assert state(lost, lost.vote_end + TICK) is ProposalState.DEFEATED


def test_a_secret_vote_has_no_outcome_in_either_house_before_its_count() -> None:
    secret = vote(votes(2, 1), votes(3, 1), {"secrecy": "tally"})
    assert secret.outcome is None
    second = secret.second_house
    assert second
    assert second.outcome is None
    assert counted(secret).outcome == Outcome(True, Reason.MAJORITY_FOR)


def test_seen_from_the_second_house_there_is_one_house() -> None:
    capped = {"power_cap": Quorum(5 * UNIT), "power_curve": "sqrt", "quorum_counts": "all"}
    second = vote(votes(2, 1), votes(3, 1), capped).second_house
    assert second
    assert second.second_house is None
    assert second.rules.power == POINTS
    assert (second.rules.power_cap, second.rules.power_curve) == (NO_QUORUM, "linear")
    assert second.towards_quorum == 4 * UNIT
    assert proposal().second_house is None
    assert proposal().rules.power == ONE_EACH


scores = st.builds(votes, st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))


@given(scores, scores, st.integers(0, 9), st.integers(0, 9))
def test_it_passes_iff_it_would_pass_in_each_house_alone(
    first: dict[int, int], second: dict[int, int], quorum: int, other: int
) -> None:
    rules = {"second_quorum": Quorum(other * UNIT)}
    outcome = vote(first, second, rules, quorum=quorum).outcome
    alone = [
        proposal(tally=tally, quorum=quorum).outcome
        for tally, quorum in ((first, quorum), (second, other))
    ]
    assert outcome
    assert all(alone)
    assert outcome.succeeded == all(each.succeeded for each in alone if each)
    assert outcome.house == (2 if alone[0] and alone[0].succeeded and not outcome.succeeded else 1)


# The end of the vote


def test_time_remains_once_both_houses_have_their_quorum() -> None:
    rules: dict[str, Any] = {
        "second_quorum": Quorum(2 * UNIT),
        "late_quorum_extension": 8 * HOUR,
    }
    before = vote(votes(1), votes(1), rules)
    at = before.vote_end - HOUR
    half = replace(vote(votes(2), votes(1), rules))
    assert after_ballot(before, half, at).vote_end == before.vote_end
    whole = after_ballot(half, vote(votes(2), votes(2), rules), at)
    assert whole.vote_end == at + 8 * HOUR
    assert whole.quorum_reached_at == at


def test_a_new_leader_in_either_house_moves_a_quiet_ending() -> None:
    rules = {"quiet_ending": 8 * HOUR}
    before = vote(votes(2, 1), votes(2, 1), rules)
    at = before.vote_end - HOUR
    same = vote(votes(3, 1), votes(3, 1), rules)
    assert after_ballot(before, same, at).vote_end == before.vote_end
    turned = vote(votes(3, 1), votes(2, 3), rules)
    assert after_ballot(before, turned, at).vote_end == at + 8 * HOUR
    assert not decided(turned)


# The electorate, and who carries whom


def test_a_cap_is_a_share_of_each_house() -> None:
    capped = proposal(
        rules={"delegation_cap": Fraction(1, 10), "second_power": POINTS},
    )
    assert capped.needs_electorate_to_vote
    assert capped.needs_electorate
    assert capped.needs_second_electorate
    known = replace(capped, electorate=99, second_electorate=40)
    assert known.capped(100, 100) == (9, 4)
    assert known.capped(8, 3) == (8, 3)
    assert not known.needs_electorate
    assert not known.needs_second_electorate
    assert proposal().capped(100, 100) == (100, 100)


def test_a_cap_on_power_needs_the_electorate_where_it_is_a_share_of_it() -> None:
    assert proposal(rules={"power_cap": Quorum(share=Fraction(1, 20))}).needs_electorate
    assert not proposal(rules={"power_cap": Quorum(5 * UNIT)}).needs_electorate
    assert not proposal(rules={"delegation": False}).needs_electorate_to_vote


@pytest.mark.parametrize("system", ["multisig", "conviction", "quadratic", "quadratic_funding"])
def test_where_persons_or_budgets_count_nobody_votes_for_another(system: str) -> None:
    assert not proposal(rules={"system": system}).delegates


@pytest.mark.parametrize("system", ["basic", "approval", "ranked_choice", "weighted", "condorcet"])
def test_elsewhere_voters_carry_others_unless_the_rules_say_no(system: str) -> None:
    assert proposal(rules={"system": system}).delegates
    assert not proposal(rules={"system": system, "delegation": False}).delegates


def test_abstaining_reaches_quorum_in_each_house() -> None:
    abstained = {basic.ABSTAIN: 3 * UNIT}
    rules = {"second_quorum": Quorum(3 * UNIT)}
    assert vote(abstained, abstained, rules, quorum=3).quorum_reached
    assert vote(votes(2), votes(2), {"voting_delay": DAY}).quorum_reached  # of none
