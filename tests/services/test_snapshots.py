"""The electorate of a vote where Discord is silent, tells little, or the bot slept."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text

from governance.carry import Elector
from governance.errors import Refusal
from governance.power import UNIT
from governance.proposal import ProposalState, state
from governance.voting import basic
from services import deadlines, snapshots
from storage import ballots, electorate
from tests.services.hall import ANN, MODERATOR, Hall, member
from tests.storage.databases import HAMLET, TICK, WELL

FOR = basic.FOR


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.voting._PATIENCE", 2.0)
    monkeypatch.setattr(snapshots, "_FIRST_WAIT", 0.01)
    monkeypatch.setattr(snapshots, "_LONGEST_WAIT", 0.01)
    monkeypatch.setattr(deadlines, "ANSWER_SECONDS", 1.0)


async def test_who_answers_after_the_vote_has_been_counted_changes_nothing_of_it(
    hall: Hall,
) -> None:
    await hall.delegated(m21=23)
    hall.register.silent = {21}
    proposal = await hall.opened(kind=await hall.type("Share", quorum="8 %"))
    assert await hall.deadlines.settle() == []
    hall.clock.at = proposal.vote_end + TICK
    (closed,) = await hall.deadlines.settle()
    hall.register.silent = set()
    await hall.snapshots.take(replace(closed, snapshot_at=None), 30)
    assert await hall.now(proposal) == closed
    assert state(closed, hall.clock.at) is ProposalState.DEFEATED


async def test_who_votes_on_what_was_canceled_meanwhile_is_told_so(hall: Hall) -> None:
    await hall.delegated(m21=23)
    hall.register.silent = {21}
    proposal = await hall.opened()
    pressed = asyncio.create_task(hall.voting.cast(HAMLET, proposal.id, member(23), FOR))
    await asyncio.sleep(0.2)
    await hall.proposals.cancel(HAMLET, proposal.id, MODERATOR, "A mistake.")
    with pytest.raises(Refusal, match="was canceled"):
        await pressed


async def test_nobody_asks_on_for_a_vote_that_was_canceled(hall: Hall) -> None:
    await hall.delegated(m21=23)
    hall.register.silent = {21}
    proposal = await hall.opened()
    await hall.deadlines.settle()
    await hall.proposals.cancel(HAMLET, proposal.id, MODERATOR, "A mistake.")
    given_up = await hall.snapshots.take(proposal, patience=30)
    assert given_up
    assert given_up.snapshot_at is None


async def test_who_votes_as_the_bot_stops_is_told_that_it_does_not_count(hall: Hall) -> None:
    await hall.delegated(m21=23)
    hall.register.silent = {21}
    proposal = await hall.opened()
    pressed = asyncio.create_task(hall.voting.cast(HAMLET, proposal.id, member(23), FOR))
    await asyncio.sleep(0.1)
    await hall.snapshots.stop()
    for cast in (pressed, hall.voting.cast(HAMLET, proposal.id, member(24), FOR)):
        with pytest.raises(Refusal, match="your vote has not been counted"):
            await cast


async def test_a_vote_whose_electorate_is_fixed_stays_open_if_the_clock_is_set_back(
    hall: Hall,
) -> None:
    proposal = await hall.opened()
    await hall.snapshots.take(proposal, 5)
    hall.clock.at = proposal.vote_start - TICK
    assert state(await hall.now(proposal), hall.clock.at) is ProposalState.ACTIVE
    with pytest.raises(Refusal, match="fixed from the moment voting starts"):
        await hall.proposals.edit(HAMLET, proposal.id, ANN, WELL, 1)
    receipt = await hall.voting.cast(HAMLET, proposal.id, member(23), FOR)
    assert receipt.proposal.tally.voters == 1


async def test_who_has_no_power_of_its_own_votes_for_its_delegators_listed_or_not(
    hall: Hall,
) -> None:
    kind = await hall.type("Council", power="list(<@10021> 3)")
    await hall.delegated(m10021=10022)
    hall.register.listed = [member(10021), member(10022)]
    proposal = await hall.opened(kind=kind)
    receipt = await hall.voting.cast(HAMLET, proposal.id, member(10022), FOR)
    assert (receipt.ballot.power, receipt.ballot.carried) == (3 * UNIT, 3 * UNIT)


async def test_a_vote_slept_through_is_counted_where_members_are_listed(hall: Hall) -> None:
    hall.types.lists_members = lambda: True
    kind = await hall.type(
        "Council", power="roles(<@&90000> 10, <@&90001> 1)", quorum="10 %", voting_role=90000
    )
    hall.register.listed = [member(21, roles=frozenset({90000}))]
    proposal = await hall.proposed(kind=kind)
    hall.clock.at = proposal.vote_end + TICK
    (closed,) = await hall.deadlines.settle()
    assert closed.electorate == 10 * UNIT
    assert state(closed, hall.clock.at) is ProposalState.DEFEATED


async def test_without_the_list_a_vote_with_a_share_of_unknown_power_waits_for_it(
    hall: Hall,
) -> None:
    hall.types.lists_members = lambda: True
    kind = await hall.type("Council", power="roles(<@&90000> 10)", quorum="10 %", voting_role=90000)
    elder = member(21, roles=frozenset({90000}))
    proposal = await hall.opened(kind=kind)
    with pytest.raises(Refusal, match="still being recorded"):
        await hall.voting.cast(HAMLET, proposal.id, elder, FOR)
    hall.register.listed = [elder]
    assert await hall.snapshots.take(proposal, 30)
    assert [each.id for each in await hall.deadlines.settle()] == [proposal.id]
    await hall.voting.cast(HAMLET, proposal.id, elder, FOR)
    hall.clock.at = proposal.vote_end + TICK
    (closed,) = await hall.deadlines.settle()
    assert state(closed, hall.clock.at) is ProposalState.SUCCEEDED


async def test_a_cap_in_the_second_house_waits_for_its_size(hall: Hall) -> None:
    hall.types.lists_members = lambda: True
    kind = await hall.type(
        "Both", second_power="roles(<@&90000> 10)", delegation_cap="50 %", voting_role=90000
    )
    elders = [member(each, roles=frozenset({90000})) for each in (21, 22, 23, 24)]
    hall.register.known = {each.id: each for each in elders}
    await hall.delegated(m21=22)
    proposal = await hall.opened(kind=kind)
    with pytest.raises(Refusal, match="still being recorded"):
        await hall.voting.cast(HAMLET, proposal.id, elders[1], FOR)
    hall.register.listed = elders
    assert await hall.snapshots.take(proposal, 30)
    receipt = await hall.voting.cast(HAMLET, proposal.id, elders[1], FOR)
    assert receipt.ballot.second_carried == 10 * UNIT


async def test_an_electorate_that_is_waited_for_holds_up_other_servers_once_only(
    hall: Hall,
) -> None:
    await hall.delegated(m21=23)
    hall.register.silent = {21}
    await hall.opened()
    loop = asyncio.get_running_loop()
    await hall.deadlines.settle()
    before = loop.time()
    for _ in range(5):
        await hall.deadlines.settle()
    assert loop.time() - before < 4 * deadlines.ANSWER_SECONDS


async def test_a_snapshot_that_fails_holds_up_no_other_vote(hall: Hall) -> None:
    await hall.set_up(8)
    broken = await hall.proposed()
    other = await hall.proposed(guild_id=8)

    async def everyone(guild_id: int) -> None:
        if guild_id == HAMLET:
            raise ValueError("a mistake of ours")

    hall.register.everyone = everyone
    hall.clock.at = broken.vote_start + TICK
    assert [each.id for each in await hall.deadlines.settle()] == [other.id]


async def test_no_vote_of_who_has_voted_is_told_by_what_others_carry_where_that_is_hidden(
    hall: Hall,
) -> None:
    await hall.delegated(m21=23, m22=23)
    proposal = await hall.opened(kind=await hall.type("Secret", secrecy="voters"))
    await hall.deadlines.settle()
    delegate = member(23)

    async def told() -> object:
        return await hall.powers.explain(HAMLET, delegate, await hall.now(proposal))

    before = await told()
    await hall.voting.cast(HAMLET, proposal.id, member(21), FOR)
    assert await told() == before


async def test_a_half_life_set_meanwhile_changes_no_power_of_an_open_vote(hall: Hall) -> None:
    kind = await hall.type("Merit", power="reputation")
    await hall.reputation.grant(HAMLET, MODERATOR, ANN, 100, "Mended the roof")
    proposal = await hall.opened(kind=kind)
    await hall.deadlines.settle()
    first = await hall.voting.cast(HAMLET, proposal.id, ANN, FOR)
    await hall.reputation.rules(HAMLET, MODERATOR, {"reputation_half_life": "1d"})
    again = await hall.voting.cast(HAMLET, proposal.id, ANN, basic.AGAINST)
    assert again.ballot.power == first.ballot.power


async def test_a_chain_longer_than_a_statement_takes_names_is_followed(hall: Hall) -> None:
    size = 17_000
    await hall.delegated(**{f"m{100_000 + each}": 100_001 + each for each in range(size)})
    proposal = await hall.opened()
    assert await hall.snapshots.take(proposal, 60)
    last = await hall.voting.cast(HAMLET, proposal.id, member(100_000 + size), FOR)
    assert last.ballot.carried == size * UNIT
    first = await hall.voting.cast(HAMLET, proposal.id, member(100_000), basic.AGAINST)
    assert first.ballot.power == UNIT
    async with hall.database.read() as connection:
        (told,) = (await ballots.cast(connection, [(proposal.id, 100_000 + size)])).values()
    assert told.carried == (size - 1) * UNIT


@pytest.mark.postgresql
async def test_the_planner_knows_of_an_electorate_as_soon_as_it_is_fixed(hall: Hall) -> None:
    """Else it takes each step of a way for a look at one row, and reads all of them."""
    size = 1000
    await hall.delegated(m1=2)
    assert await hall.snapshots.take(await hall.opened(), 60)
    async with hall.database.write() as connection:
        await connection.execute(text("ANALYZE electorate"))
    await hall.delegated(**{f"m{each}": each + 1 for each in range(2, size)})
    proposal = await hall.opened()
    assert await hall.snapshots.take(proposal, 60)
    async with hall.database.read() as connection:
        assert len((await electorate.ways(connection, [(proposal.id, 1)]))[proposal.id]) == size
        rows_read = await connection.scalar(
            text(
                "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables"
                " WHERE relname = 'electorate'"
            )
        )
    assert size <= rows_read <= 5 * size


async def test_signers_are_told_of_the_one_signature_that_they_have(hall: Hall) -> None:
    kind = await hall.type(
        "Safe", system="multisig", signers=(10021, 10022), signatures=2, power="list(<@10021> 7)"
    )
    proposal = await hall.opened(kind=kind)
    await hall.deadlines.settle()
    told = await hall.powers.explain(HAMLET, member(10021), await hall.now(proposal))
    assert told.power == UNIT


async def test_a_delegate_who_left_is_nobody_of_the_recorded_electorate(hall: Hall) -> None:
    await hall.delegated(m21=23)
    hall.register.listed = [member(21), member(22)]
    await hall.opened()
    (opened,) = await hall.deadlines.settle()
    assert opened.electors == 2


async def test_what_a_stop_in_the_middle_of_recording_has_left_is_no_obstacle(hall: Hall) -> None:
    hall.register.listed = [member(21), member(22)]
    proposal = await hall.opened()
    async with hall.database.write() as connection:
        await electorate.add(connection, proposal.id, [Elector(22, 9, 0, None, None)])
        await electorate.add(connection, proposal.id, [Elector(23, 9, 0, None, None)])
    (opened,) = await hall.deadlines.settle()
    assert (opened.electors, opened.electorate) == (2, 2 * UNIT)
    receipt = await hall.voting.cast(HAMLET, proposal.id, member(22), FOR)
    assert receipt.ballot.power == UNIT
