"""What delegates carry: against LiquidFeedback, and against a walk from every single member."""

import json
import os
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.carry import (
    Elector,
    Share,
    Uncast,
    enrolled,
    first_ballot,
    recounted,
    uncast,
)
from governance.delegation import SERVER, Delegation, Scope, applying, scopes, way

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
FOLDER = os.environ.get("VOTING_DATA", "")

Delegates = Mapping[int, int | None]


def electorate(delegates: Delegates, power: int = 1) -> dict[int, Elector]:
    """Members with equal power and their delegates, before anybody has voted."""
    return enrolled(
        Elector(member, power, power * 100, delegate, None if delegate is None else member)
        for member, delegate in delegates.items()
    )


def vote(voters: Sequence[int], electors: Mapping[int, Elector]) -> None:
    """Let these vote, one after the other, each for the first time."""
    for place, voter in enumerate(voters):
        first_ballot(voter, electors, voters[:place])


def carried(electors: Mapping[int, Elector], voters: Collection[int]) -> dict[int, int]:
    return {voter: electors[voter].carried for voter in voters}


def weights(electors: Mapping[int, Elector], voters: Collection[int]) -> dict[int, int]:
    return {voter: 1 + power for voter, power in carried(electors, voters).items()}


def running(
    electors: Mapping[int, Elector], voters: Collection[int]
) -> dict[int, tuple[int, int, int]]:
    """What each voter carries by the state that is kept up."""
    return {
        voter: (elector.carried, elector.second_carried, elector.carries)
        for voter, elector in electors.items()
        if voter in voters
    }


# -- what a ballot does --


def test_power_flows_to_the_delegate_through_members_who_do_not_vote() -> None:
    electors = electorate({1: 2, 2: 3, 3: None})
    vote([3], electors)
    assert carried(electors, [3]) == {3: 2}
    assert (electors[3].second_carried, electors[3].carries) == (200, 2)


def test_a_direct_vote_takes_ones_own_delegators_along() -> None:
    electors = electorate({1: 2, 2: 3, 3: 4, 4: None, 5: 3})
    vote([4], electors)
    assert carried(electors, [4]) == {4: 4}
    assert first_ballot(2, electors, [4]) == {3, 4}
    assert carried(electors, [2, 4]) == {2: 1, 4: 2}
    assert electors[3].carried == 1


def test_the_order_of_votes_makes_no_difference() -> None:
    late, early = electorate({1: 2, 2: 3, 3: None}), electorate({1: 2, 2: 3, 3: None})
    vote([3, 2], late)
    vote([2, 3], early)
    assert late == early


def test_a_vote_changes_nobody_who_is_not_on_its_way() -> None:
    electors = electorate({1: 2, 2: 3, 3: 4, 4: None, 5: 2, 6: 3})
    assert first_ballot(3, electors, []) == {4}
    assert first_ballot(2, electors, [3]) == {3}
    assert first_ballot(5, electors, [3, 2]) == {2}
    assert first_ballot(4, electors, [3, 2, 5]) == set()


def test_a_voter_outside_of_the_recorded_electorate_changes_nothing() -> None:
    electors = electorate({1: 2, 2: None})
    assert first_ballot(9, electors, [2]) == set()
    assert recounted(electors, [2, 9]) == {2: (1, 100, 1), 9: (0, 0, 0)}


def test_a_delegate_who_is_no_elector_ends_the_way() -> None:
    electors = electorate({1: 2, 2: 9})
    assert first_ballot(1, electors, []) == {2}
    assert recounted(electors, [9]) == {9: (0, 0, 0)}
    assert uncast(electors, [9])[Uncast.UNHEARD] == Share(2, 200, 2)


def test_power_that_only_the_ballot_tells_does_not_flow() -> None:
    electors = enrolled([Elector(1, 5, None, 2, 1), Elector(2, None, None, None, None)])
    assert recounted(electors, [2]) == {2: (5, 0, 1)}
    assert uncast(electors, []) == {
        Uncast.ABSENT: Share(0, 0, 1),
        Uncast.UNHEARD: Share(5, 0, 1),
        Uncast.CIRCLE: Share(),
        Uncast.CAP: Share(),
    }


# -- circles --


def test_a_circle_is_cut_at_its_smallest_member() -> None:
    electors = electorate({3: 2, 2: 4, 4: 3, 5: 4})
    assert [member for member in electors if electors[member].cut] == [2]
    assert {member: electors[member].carried for member in electors} == {4: 1, 3: 2, 2: 3, 5: 0}


@pytest.mark.parametrize(("voter", "changed"), [(2, {2}), (3, {2, 4, 3}), (4, {2, 3, 4})])
def test_whoever_votes_first_on_a_circle_carries_all_of_it(voter: int, changed: set[int]) -> None:
    electors = electorate({3: 2, 2: 4, 4: 3, 5: 4})
    assert first_ballot(voter, electors, []) == changed
    assert carried(electors, [voter]) == {voter: 3}
    assert not any(elector.cut for elector in electors.values())


def test_a_vote_on_the_way_into_a_circle_leaves_it_closed() -> None:
    electors = electorate({3: 2, 2: 4, 4: 3, 5: 4, 6: 5})
    assert first_ballot(5, electors, []) == {2, 3, 4}
    assert carried(electors, [5]) == {5: 1}
    assert electors[2].cut
    first_ballot(4, electors, [5])
    assert carried(electors, [4, 5]) == {4: 2, 5: 1}


def test_a_second_voter_on_a_circle_takes_its_part() -> None:
    electors = electorate({1: 2, 2: 3, 3: 4, 4: 1})
    vote([3, 1], electors)
    assert carried(electors, [1, 3]) == {1: 1, 3: 1}


def test_a_member_who_delegates_to_itself_is_a_circle_of_one() -> None:
    electors = electorate({1: 1, 2: 1})
    assert electors[1].cut
    assert uncast(electors, [])[Uncast.CIRCLE] == Share(2, 200, 2)
    assert first_ballot(1, electors, []) == {1}
    assert carried(electors, [1]) == {1: 1}


# -- sizes --


def test_a_chain_of_a_thousand() -> None:
    electors = electorate({member: member + 1 for member in range(1, 1000)} | {1000: None})
    vote([1000], electors)
    assert carried(electors, [1000]) == {1000: 999}
    assert len(first_ballot(1, electors, [1000])) == 999
    assert carried(electors, [1, 1000]) == {1: 0, 1000: 998}


def test_a_circle_of_a_thousand() -> None:
    electors = electorate({member: member % 1000 + 1 for member in range(1, 1001)})
    vote([500], electors)
    assert carried(electors, [500]) == {500: 999}


def test_a_thousand_delegators_behind_one_delegate_and_one_of_them_votes_last() -> None:
    electors = electorate(dict.fromkeys(range(2, 1002), 1) | {1: None})
    vote([1], electors)
    assert carried(electors, [1]) == {1: 1000}
    assert first_ballot(777, electors, [1]) == {1}
    assert carried(electors, [1, 777]) == {1: 999, 777: 0}


# -- what is not cast --


def test_what_is_not_cast_is_told_with_its_reason() -> None:
    electors = electorate(
        {1: 2, 2: None, 3: None, 4: 5, 5: 4, 6: 5, 10: None} | dict.fromkeys(range(11, 16), 10)
    )
    assert uncast(electors, [10], cap=3) == {
        Uncast.ABSENT: Share(2, 200, 2),
        Uncast.UNHEARD: Share(1, 100, 1),
        Uncast.CIRCLE: Share(3, 300, 3),
        Uncast.CAP: Share(2, 0, 5),
    }
    assert uncast(electors, [10], second_cap=450)[Uncast.CAP] == Share(0, 50, 5)
    assert uncast(electors, [10], cap=5, second_cap=500)[Uncast.CAP] == Share()


# -- LiquidFeedback --


def line(member: int, electors: Mapping[int, Elector], voters: Collection[int]) -> list[int]:
    """The members on the way of the member's power, as far as the first who votes."""
    return way(
        member,
        {each: None if each in voters else electors[each].delegate_id for each in electors},
    )


def given_delegation(
    member: int, delegate: int | None, scope: Scope = SERVER, expires: datetime | None = None
) -> Delegation:
    return Delegation(0, member, scope, delegate, NOW - HOUR, expires, None, False)


def resolved(
    given: Sequence[Delegation], to: Sequence[Scope], members: Collection[int]
) -> dict[int, Elector]:
    """The electors of all members by the delegations that apply, as at the start of voting."""
    found = applying(given, to, NOW)
    return electorate(
        {member: found[member].delegate_id if member in found else None for member in members}
    )


# fmt: off
EVERYWHERE = {
    1: 9, 2: 11, 3: 12, 4: 13, 5: 14, 6: 7, 7: 8, 8: 6, 10: 9, 11: 9, 12: 21, 15: 10, 16: 17,
    17: 19, 18: 19, 23: 22,
}
BY_AREA = {
    1: {3: 17}, 2: {5: 10, 9: 10}, 3: {4: 14, 16: 20, 19: 20}, 4: {5: 13, 12: 22},
}
# fmt: on


def test_liquidfeedbacks_own_scenario() -> None:
    """Its third area votes; the circle 6, 7, 8 resolves because 8 votes."""
    delegations = [given_delegation(*each) for each in EVERYWHERE.items()]
    for area, delegates in BY_AREA.items():
        delegations += [given_delegation(*each, Scope(area)) for each in delegates.items()]
    electors = resolved(delegations, scopes([3], ""), range(1, 24))
    voters = [8, 9, 11, 12, 14, 19, 20, 21]
    vote(voters, electors)
    expected = {8: 3, 9: 4, 11: 2, 12: 2, 14: 3, 19: 3, 20: 2, 21: 1}
    assert weights(electors, voters) == expected
    assert sum(expected.values()) == 20
    assert line(6, electors, voters) == [6, 7, 8]
    assert line(15, electors, voters) == [15, 10, 9]
    assert line(4, electors, voters) == [4, 14]
    ends = {member: line(member, electors, voters)[-1] for member in electors}
    assert {member for member, last in ends.items() if last not in voters} == {13, 22, 23}
    assert uncast(electors, voters) == {
        Uncast.ABSENT: Share(2, 200, 2),
        Uncast.UNHEARD: Share(1, 100, 1),
        Uncast.CIRCLE: Share(),
        Uncast.CAP: Share(),
    }


LIQUID_SCOPES = {"unit": SERVER, "area": Scope(1), "issue": Scope(topic="this")}


@pytest.mark.skipif(
    not FOLDER or not Path(FOLDER).is_dir(),
    reason="VOTING_DATA doesn't name a folder of published elections",
)
def test_a_hundred_cases_run_through_liquidfeedbacks_own_code() -> None:
    """Every member there has the right to vote; “nobody” is a delegation to null."""
    cases = json.loads((Path(FOLDER) / "liquidfeedback_delegation.json").read_text())
    assert len(cases) == 100
    for case in cases:
        delegations = [
            given_delegation(member, delegate, LIQUID_SCOPES[scope])
            for member, scope, delegate in case["delegations"]
        ]
        electors = resolved(delegations, scopes([1], "this"), range(1, case["members"] + 1))
        voters = [int(voter) for voter in case["votes"]]
        vote(voters, electors)
        counted = {each["member_id"]: each["weight"] for each in case["direct"]}
        assert weights(electors, voters) == counted
        assert sum(counted.values()) == case["issue"]["voter_count"]
        delegating = {each["member_id"]: each for each in case["delegating"]}
        for member in electors:
            found = line(member, electors, voters)
            if member in delegating:
                expected = delegating[member]
                assert found == [member, *expected["delegate_member_ids"]]
                assert found[-1] in voters
                assert 1 + electors[member].carried == expected["weight"]
                scope = LIQUID_SCOPES[expected["scope"]]
                assert applying(delegations, scopes([1], "this"), NOW)[member].scope == scope
            else:
                assert (found[-1] in voters) == (member in voters)


# -- anything at all, against a slow and obvious walk --

MEMBERS = range(1, 13)
PLACES = (SERVER, Scope(1), Scope(2), Scope(topic="rules"), Scope(topic="other"))
members = st.sampled_from(MEMBERS)
delegations = st.builds(
    Delegation,
    id=st.just(0),
    member_id=members,
    scope=st.sampled_from(PLACES),
    delegate_id=st.none() | members,
    given_at=st.sampled_from([NOW - HOUR, NOW, NOW + HOUR]),
    expires_at=st.sampled_from([None, NOW, NOW + HOUR]),
    ended_at=st.sampled_from([None, None, NOW, NOW + HOUR]),
    tell=st.just(False),
)


def delegate_of(member: int, given: Sequence[Delegation]) -> int | None:
    """Whom a proposal of space 1 with the topic “rules” asks for the member, looked up slowly."""
    for scope in (Scope(topic="rules"), Scope(1), SERVER):
        for each in given:
            stands = each.given_at <= NOW and NOW not in (each.expires_at, each.ended_at)
            if each.member_id == member and each.scope == scope and stands:
                return each.delegate_id
    return None


def walked(member: int, delegates: Delegates, voters: Collection[int]) -> tuple[list[int], bool]:
    """The members on the way of the member's power, and whether the last one votes."""
    path = [member]
    while path[-1] not in voters:
        further = delegates[path[-1]]
        if further is None or further not in delegates or further in path:
            return path, False
        path.append(further)
    return path, True


def slowly_carried(
    electors: Mapping[int, Elector], voters: Collection[int]
) -> dict[int, tuple[int, int, int]]:
    """What everybody carries, voter or not, by walking from each who hasn't voted."""
    delegates = {
        member: None if elector.cut else elector.delegate_id for member, elector in electors.items()
    }
    found = dict.fromkeys(electors, (0, 0, 0))
    for member in set(electors) - set(voters):
        elector = electors[member]
        for passed in walked(member, delegates, voters)[0][1:]:
            power, second, count = found[passed]
            found[passed] = (
                power + (elector.power or 0),
                second + (elector.second or 0),
                count + 1,
            )
    return found


@given(
    given=st.lists(delegations, max_size=40),
    powers=st.lists(st.none() | st.integers(0, 10**30), min_size=12, max_size=12),
    missing=st.sets(members, max_size=2),
    voters=st.lists(members, max_size=30),
    cap=st.none() | st.integers(0, 10**30),
)
def test_the_running_state_is_what_a_walk_from_every_member_finds(
    given: list[Delegation],
    powers: list[int | None],
    missing: set[int],
    voters: list[int],
    cap: int | None,
) -> None:
    """Any scopes, expiries, “nobody”, circles; any order of votes and changes of vote."""
    given = list({(each.member_id, each.scope): each for each in given}.values())
    found = applying(given, scopes([1], "Rules"), NOW)
    assert {member: each.delegate_id for member, each in found.items() if each.delegate_id} == {
        member: delegate for member in MEMBERS if (delegate := delegate_of(member, given))
    }
    electors = enrolled(
        Elector(
            member, power, None if power is None else power * 3, delegate_of(member, given), None
        )
        for member, power in zip(MEMBERS, powers, strict=True)
        if member not in missing
    )
    delegates = {member: elector.delegate_id for member, elector in electors.items()}
    voted: list[int] = []
    for voter in [None, *voters]:
        if voter is not None and voter in electors and voter not in voted:
            before = {member: running(electors, [member]) for member in electors}
            cuts = {member for member in electors if electors[member].cut}
            changed = first_ballot(voter, electors, voted)
            voted.append(voter)
            assert changed == {
                member
                for member in electors
                if running(electors, [member]) != before[member]
                or electors[member].cut != (member in cuts)
            }
        assert running(electors, electors) == slowly_carried(electors, voted)
        assert recounted(electors, voted) == running(electors, voted)
        check_the_circles(electors, delegates, voted)
        check_that_power_is_conserved(electors, delegates, voted, cap)


def why_uncast(member: int, delegates: Delegates, voted: Collection[int]) -> Uncast | None:
    """Why the member's power isn't counted, by walking; None where it is."""
    path, heard = walked(member, delegates, voted)
    if heard:
        return None
    if delegates[path[-1]] in path:
        return Uncast.CIRCLE
    return Uncast.ABSENT if delegates[member] is None else Uncast.UNHEARD


def check_the_circles(
    electors: Mapping[int, Elector], delegates: Delegates, voted: Collection[int]
) -> None:
    """Every circle without a voter is cut once."""
    cuts = []
    for member in electors:
        if why_uncast(member, delegates, voted) is Uncast.CIRCLE:
            path, _ = walked(member, delegates, voted)
            again = path.index(delegates[path[-1]] or 0)
            cuts.append(sum(electors[each].cut for each in path[again:]))
    assert set(cuts) <= {1}
    assert bool(cuts) == any(elector.cut for elector in electors.values())


def check_that_power_is_conserved(
    electors: Mapping[int, Elector],
    delegates: Delegates,
    voted: Collection[int],
    cap: int | None,
) -> None:
    lost = uncast(electors, voted, cap)
    own = sum(electors[voter].power or 0 for voter in voted)
    carries = [power for power, _, _ in recounted(electors, voted).values()]
    counted = sum(power if cap is None else min(power, cap) for power in carries)
    everything = sum(elector.power or 0 for elector in electors.values())
    assert own + counted + sum(share.power for share in lost.values()) == everything
    reasons = [why_uncast(member, delegates, voted) for member in electors]
    for why in (Uncast.ABSENT, Uncast.UNHEARD, Uncast.CIRCLE):
        assert lost[why].members == reasons.count(why)
