"""Ballots with delegated power: from the snapshot at the start to the recount at the close."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.ballot import RECUSED
from governance.errors import NotAllowed, Refusal
from governance.power import UNIT
from governance.proposal import Proposal
from governance.voting import basic
from storage import electorate
from tests.services.hall import Hall, member, voting_hall
from tests.storage.databases import HAMLET, TICK

FOR, AGAINST, ABSTAIN = basic.FOR, basic.AGAINST, basic.ABSTAIN


async def vote(hall: Hall, proposal: Proposal, who: int, choice: int = FOR) -> tuple[int, int]:
    """Cast a ballot; its power and what of it is carried, in whole votes."""
    receipt = await hall.voting.cast(HAMLET, proposal.id, member(who), choice)
    return receipt.ballot.power // UNIT, receipt.ballot.carried // UNIT


async def stand(hall: Hall, proposal: Proposal) -> tuple[dict[int, int], int]:
    """The running scores and the carried power, in whole votes."""
    tally = (await hall.now(proposal)).tally
    return {
        choice: int(score) // UNIT for choice, score in tally.scores.items() if score
    }, tally.carried // UNIT


async def close(hall: Hall, proposal: Proposal) -> Proposal:
    hall.clock.at = (await hall.now(proposal)).vote_end + TICK
    (closed,) = await hall.deadlines.settle()
    return closed


async def test_a_delegate_votes_for_those_behind_it_and_further_behind(hall: Hall) -> None:
    await hall.delegated(m21=22, m22=23, m24=23)
    proposal = await hall.opened()
    assert await vote(hall, proposal, 23) == (4, 3)
    assert await stand(hall, proposal) == ({FOR: 4}, 3)
    closed = await close(hall, proposal)
    assert closed.count
    assert closed.count.scores[FOR] == 4 * UNIT


async def test_a_delegator_who_votes_takes_its_own_delegators_along(hall: Hall) -> None:
    await hall.delegated(m21=22, m22=23, m24=23)
    proposal = await hall.opened()
    await vote(hall, proposal, 23)
    assert await vote(hall, proposal, 22, AGAINST) == (2, 1)
    assert await stand(hall, proposal) == ({FOR: 2, AGAINST: 2}, 2)
    assert await vote(hall, proposal, 23, ABSTAIN) == (2, 1)
    assert await vote(hall, proposal, 21) == (1, 0)
    assert await stand(hall, proposal) == ({FOR: 1, AGAINST: 1, ABSTAIN: 2}, 1)
    await close(hall, proposal)


async def test_a_delegator_who_votes_in_the_last_moment_counts_itself(hall: Hall) -> None:
    await hall.delegated(m21=23)
    proposal = await hall.opened()
    await vote(hall, proposal, 23)
    hall.clock.at = proposal.vote_end
    await vote(hall, proposal, 21, AGAINST)
    closed = await close(hall, proposal)
    assert closed.count
    assert (closed.count.scores[FOR], closed.count.scores[AGAINST]) == (UNIT, UNIT)


async def test_what_is_delegated_after_the_start_counts_from_the_next_vote(hall: Hall) -> None:
    await hall.delegated(m21=23)
    first = await hall.opened()
    await hall.deadlines.settle()
    await hall.delegated(m22=23)
    assert await vote(hall, first, 23) == (2, 1)
    second = await hall.opened("Dig another")
    assert await vote(hall, second, 23) == (3, 2)


async def test_who_joined_later_left_or_is_a_bot_is_not_carried(hall: Hall) -> None:
    await hall.delegated(m21=25, m22=25, m23=25, m24=25)
    proposal = await hall.proposed()
    hall.register.gone = {21}
    hall.register.known = {
        22: member(22, joined_at=proposal.vote_start + TICK),
        23: member(23, bot=True),
    }
    hall.clock.at = proposal.vote_start + TICK
    assert await vote(hall, proposal, 25) == (2, 1)


async def test_a_chain_over_somebody_who_left_ends_there(hall: Hall) -> None:
    await hall.delegated(m21=22, m22=23)
    hall.register.gone = {22}
    proposal = await hall.opened()
    assert await vote(hall, proposal, 23) == (1, 0)
    await close(hall, proposal)


async def test_a_circle_counts_once_somebody_on_it_votes(hall: Hall) -> None:
    await hall.delegated(m21=22, m22=23, m23=21, m24=22)
    proposal = await hall.opened()
    assert await vote(hall, proposal, 22) == (4, 3)
    assert await vote(hall, proposal, 23, AGAINST) == (1, 0)
    await close(hall, proposal)


async def test_a_vote_without_delegations_carries_nothing(hall: Hall) -> None:
    await hall.delegated(m21=22)
    kind = await hall.type("Personal", delegation=False)
    proposal = await hall.opened(kind=kind)
    assert await vote(hall, proposal, 22) == (1, 0)


async def test_what_is_over_the_cap_is_not_counted(hall: Hall) -> None:
    await hall.delegated(**{f"m{who}": 50 for who in range(21, 41)})
    kind = await hall.type("Capped", delegation_cap="5 %")
    proposal = await hall.opened(kind=kind)
    assert await vote(hall, proposal, 50) == (6, 5)  # 5 % of a hundred members
    await vote(hall, proposal, 21, AGAINST)
    assert await stand(hall, proposal) == ({FOR: 6, AGAINST: 1}, 5)
    await close(hall, proposal)


async def test_a_recused_delegate_keeps_its_delegators_from_being_counted(hall: Hall) -> None:
    await hall.delegated(m21=23)
    proposal = await hall.opened()
    await hall.voting.cast(HAMLET, proposal.id, member(23), RECUSED)
    assert await stand(hall, proposal) == ({}, 0)
    await vote(hall, proposal, 21)
    closed = await close(hall, proposal)
    assert closed.tally.voters == 2
    assert closed.count
    assert closed.count.power == UNIT


async def test_voting_waits_for_delegators_whom_discord_does_not_tell_of(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.voting._PATIENCE", 0.05)
    monkeypatch.setattr("services.snapshots._FIRST_WAIT", 0.01)
    monkeypatch.setattr("services.snapshots._LONGEST_WAIT", 0.01)
    monkeypatch.setattr("services.deadlines.ANSWER_SECONDS", 0.5)
    await hall.delegated(m21=23, m22=23)
    hall.register.silent = {21}
    proposal = await hall.opened()
    with pytest.raises(Refusal, match="still being recorded"):
        await vote(hall, proposal, 23)
    assert await hall.deadlines.settle() == []
    hall.register.silent = set()
    assert await hall.snapshots.take(proposal, 30)
    assert [each.id for each in await hall.deadlines.settle()] == [proposal.id]
    assert await vote(hall, proposal, 23) == (3, 2)
    assert hall.register.asked.count(22) == 1  # what was told once isn't asked again


async def test_where_members_can_be_listed_all_are_recorded(hall: Hall) -> None:
    await hall.delegated(m21=22)
    hall.register.listed = [member(who) for who in (21, 22, 23)] + [member(9, bot=True)]
    proposal = await hall.opened()
    (opened,) = await hall.deadlines.settle()
    assert (opened.recorded, opened.electors, opened.electorate) == (True, 3, 3 * UNIT)
    assert await vote(hall, proposal, 22) == (2, 1)
    assert await vote(hall, proposal, 23) == (1, 0)
    with pytest.raises(NotAllowed, match="aren't in the electorate"):
        await vote(hall, proposal, 24)


async def test_who_loses_the_role_after_the_start_stays_in_the_electorate(hall: Hall) -> None:
    await hall.set_up(voting_role=900)
    elder = member(21, roles=frozenset({900}))
    hall.register.listed = [elder, member(22)]
    proposal = await hall.opened()
    assert await vote(hall, proposal, 21) == (1, 0)
    with pytest.raises(NotAllowed, match="aren't in the electorate"):
        await vote(hall, proposal, 22)


async def test_power_by_roles_is_that_of_the_snapshot_for_delegators(hall: Hall) -> None:
    kind = await hall.type("Council", power="member + roles(<@&90000> 10)")
    elder = member(21, roles=frozenset({90000}))
    hall.register.known = {21: elder}
    await hall.delegated(m21=22)
    proposal = await hall.opened(kind=kind)
    assert await vote(hall, proposal, 22) == (12, 11)
    hall.register.known = {}
    assert await vote(hall, proposal, 21, AGAINST) == (11, 0)
    assert await vote(hall, proposal, 22) == (1, 0)


async def test_a_second_house_is_tallied_beside_the_first(hall: Hall) -> None:
    kind = await hall.type("Both", second_power="list(<@10021> 3, <@10023> 5)")
    await hall.delegated(m10021=10022)
    proposal = await hall.opened(kind=kind)
    await vote(hall, proposal, 10022)
    await vote(hall, proposal, 10023, AGAINST)
    tally = (await hall.now(proposal)).tally
    assert tally.scores == {FOR: 2 * UNIT, AGAINST: UNIT}
    assert tally.second == {FOR: 3 * UNIT, AGAINST: 5 * UNIT}
    closed = await close(hall, proposal)
    assert closed.second_count
    assert closed.second_count.scores[AGAINST] == 5 * UNIT


async def test_a_running_state_that_was_changed_stops_the_result_and_is_reported(
    hall: Hall, caplog: pytest.LogCaptureFixture
) -> None:
    await hall.delegated(m21=23, m22=23)
    proposal = await hall.opened()
    await vote(hall, proposal, 23)
    async with hall.database.write() as connection:
        elector = await electorate.get(connection, proposal.id, 23)
        assert elector
        elector.carried += UNIT
        await electorate.save(connection, proposal.id, [elector])
    await vote(hall, proposal, 23, AGAINST)
    hall.clock.at = proposal.vote_end + TICK
    assert await hall.deadlines.settle() == []
    assert f"{2 * UNIT}" in caplog.text
    assert f"{3 * UNIT}" in caplog.text
    assert await hall.announcements("mismatched") == [(1, "moderators")]
    assert (await hall.now(proposal)).counted_at is None


@settings(max_examples=15)
@given(
    trust=st.dictionaries(st.integers(21, 32), st.integers(21, 34), max_size=12),
    votes=st.lists(
        st.tuples(st.integers(21, 34), st.sampled_from([FOR, AGAINST, ABSTAIN])), max_size=20
    ),
    seed=st.integers(0, 5),
)
async def test_whatever_is_delegated_and_in_whatever_order_votes_come_the_recount_agrees(
    trust: dict[int, int], votes: list[tuple[int, int]], seed: int
) -> None:
    async with voting_hall() as hall:
        await hall.delegated(**{f"m{who}": to for who, to in trust.items() if who != to})
        proposal = await hall.opened()
        random.Random(seed).shuffle(votes)
        await hall.snapshots.take(proposal, 5)
        for who, choice in votes:
            await vote(hall, proposal, who, choice)
        closed = await close(hall, proposal)
        assert closed.count
        expected = dict.fromkeys((FOR, AGAINST, ABSTAIN), 0)
        direct = dict(votes)
        for who in {*trust, *direct}:
            seen = set()
            while who not in direct and who in trust and trust[who] != who and who not in seen:
                seen.add(who)
                who = trust[who]
            if who in direct:
                expected[direct[who]] += UNIT
        assert closed.count.scores == expected
