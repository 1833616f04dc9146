"""The one writer of ballots: what reaches the disk, in which order, and what each voter is told."""

import asyncio
from dataclasses import replace

import pytest

from governance.errors import Busy, Refusal
from governance.power import UNIT
from governance.voting import basic
from services.ballot_writer import MOST_IN_A_BATCH, MOST_WAITING, Receipt
from storage import proposals
from tests.services.hall import BEN, Hall, all_of, ballot
from tests.storage.databases import TICK, commits

FOR, AGAINST, ABSTAIN = basic.FOR, basic.AGAINST, basic.ABSTAIN


# One ballot


async def test_a_receipt_holds_the_ballot_as_it_is_stored(hall: Hall) -> None:
    proposal = await hall.opened()
    receipt = await hall.writer.cast(replace(ballot(proposal, 12, AGAINST), reason="Too dear."))
    assert [receipt.ballot] == await hall.cast_ballots(proposal)
    assert (receipt.ballot.choice, receipt.ballot.reason) == (AGAINST, "Too dear.")
    assert receipt.replaced is None
    assert receipt.proposal == await hall.now(proposal)
    assert receipt.proposal.running.scores == {FOR: 0, AGAINST: UNIT, ABSTAIN: 0}
    assert receipt.proposal.tally.voters == 1


async def test_a_later_ballot_replaces_the_earlier_and_the_receipt_says_which(hall: Hall) -> None:
    proposal = await hall.opened()
    first = await hall.writer.cast(ballot(proposal, 12, AGAINST, 3 * UNIT))
    second = await hall.writer.cast(ballot(proposal, 12, FOR, 2 * UNIT))
    assert second.replaced == first.ballot
    assert second.proposal.running.scores == {FOR: 2 * UNIT, AGAINST: 0, ABSTAIN: 0}
    assert second.proposal.tally.voters == 1


async def test_the_moment_of_a_ballot_is_the_writers(hall: Hall) -> None:
    proposal = await hall.opened()
    hall.clock.advance(TICK)
    receipt = await hall.writer.cast(ballot(proposal, 12))
    assert receipt.ballot.cast_at == hall.clock.at


async def test_powers_of_any_size_are_counted_exactly(hall: Hall) -> None:
    proposal = await hall.opened()
    largest = 2**256 - 1
    await all_of(*(hall.writer.cast(ballot(proposal, v, FOR, largest)) for v in range(1, 8)))
    await hall.writer.cast(ballot(proposal, 8, FOR, 1))
    assert (await hall.now(proposal)).tally.scores[FOR] == 7 * largest + 1


async def test_the_ballot_that_reaches_quorum_is_told_so_and_no_other(empty: Hall) -> None:
    await empty.set_up(quorum=3)
    proposal = await empty.opened()
    choices = [FOR, AGAINST, ABSTAIN, FOR, FOR]
    answers = await all_of(
        *(empty.writer.cast(ballot(proposal, v, c)) for v, c in enumerate(choices, 1))
    )
    reached = [each.news for each in answers if isinstance(each, Receipt)]
    assert reached == [False, False, False, True, False]


async def test_quorum_that_was_lost_can_be_reached_again(empty: Hall) -> None:
    await empty.set_up(quorum=1)
    proposal = await empty.opened()
    told = [
        (await empty.writer.cast(ballot(proposal, 12, choice))).news
        for choice in (FOR, ABSTAIN, AGAINST, FOR)
    ]
    assert told == [True, False, False, True]


# Many at once


async def test_ballots_at_the_same_time_are_committed_together(hall: Hall) -> None:
    proposal = await hall.opened()
    seen = commits(hall.database)
    answers = await all_of(*(hall.writer.cast(ballot(proposal, v)) for v in range(1, 301)))
    assert all(isinstance(each, Receipt) for each in answers)
    assert len(seen) == 1
    assert (await hall.now(proposal)).tally.voters == 300


async def test_no_transaction_grows_without_bounds(idle: Hall) -> None:
    proposal = await idle.opened()
    seen = commits(idle.database)
    casts = 2 * MOST_IN_A_BATCH + 1
    waiting = [
        asyncio.create_task(idle.writer.cast(ballot(proposal, v))) for v in range(1, casts + 1)
    ]
    await asyncio.sleep(0)
    idle.write()
    await asyncio.gather(*waiting)
    assert len(seen) == 3
    assert (await idle.now(proposal)).tally.voters == casts


async def test_ballots_are_counted_in_the_order_in_which_they_arrive(hall: Hall) -> None:
    proposal = await hall.opened()
    answers = await all_of(*(hall.writer.cast(ballot(proposal, v)) for v in range(1, 51)))
    receipts = [each for each in answers if isinstance(each, Receipt)]
    assert [each.proposal.tally.voters for each in receipts] == list(range(1, 51))
    revisions = [each.proposal.revision for each in receipts]
    assert revisions == sorted(set(revisions))


async def test_of_one_voters_ballots_in_a_batch_the_last_is_kept(hall: Hall) -> None:
    proposal = await hall.opened()
    seen = commits(hall.database)
    order = [AGAINST, FOR, FOR, AGAINST, ABSTAIN]
    answers = await all_of(
        *(
            hall.writer.cast(ballot(proposal, 12, choice, n * UNIT))
            for n, choice in enumerate(order)
        ),
        hall.writer.cast(ballot(proposal, 13, FOR)),
    )
    assert len(seen) == 1
    receipts = [each for each in answers if isinstance(each, Receipt)]
    assert [each.replaced for each in receipts] == [
        None,
        *(each.ballot for each in receipts[:4]),
        None,
    ]
    assert [each.choice for each in await hall.cast_ballots(proposal)] == [ABSTAIN, FOR]
    now = await hall.now(proposal)
    assert now.running.scores == {FOR: UNIT, AGAINST: 0, ABSTAIN: 4 * UNIT}
    assert now.tally.voters == 2


async def test_ballots_on_several_proposals_share_a_batch_and_nothing_else(hall: Hall) -> None:
    one, two = await hall.proposed("One"), await hall.opened("Two")
    seen = commits(hall.database)
    await all_of(
        hall.writer.cast(ballot(one, 12, FOR)),
        hall.writer.cast(ballot(two, 12, AGAINST)),
        hall.writer.cast(ballot(one, 13, ABSTAIN)),
    )
    assert len(seen) == 1
    assert (await hall.now(one)).running.scores == {FOR: UNIT, AGAINST: 0, ABSTAIN: UNIT}
    assert (await hall.now(two)).running.scores == {FOR: 0, AGAINST: UNIT, ABSTAIN: 0}
    assert ((await hall.now(one)).tally.voters, (await hall.now(two)).tally.voters) == (2, 1)


async def test_ballots_that_arrive_during_a_write_are_in_the_next_one(hall: Hall) -> None:
    proposal = await hall.opened()
    async with hall.database.write() as connection:
        await proposals.lock(connection, [proposal.id])
        first = asyncio.create_task(hall.writer.cast(ballot(proposal, 1)))
        await asyncio.sleep(0.05)  # its write waits for this one
        others = [asyncio.create_task(hall.writer.cast(ballot(proposal, v))) for v in range(2, 40)]
        await asyncio.sleep(0.05)
    seen = commits(hall.database)
    await asyncio.gather(first, *others)
    assert len(seen) == 2


async def test_when_too_many_wait_the_next_is_told_to_press_again(idle: Hall) -> None:
    proposal = await idle.opened()
    crowd = [
        asyncio.create_task(idle.writer.cast(ballot(proposal, voter)))
        for voter in range(1, MOST_WAITING + 1)
    ]
    await asyncio.sleep(0)
    with pytest.raises(Busy, match="press again in a few seconds"):
        await idle.writer.cast(ballot(proposal, MOST_WAITING + 1))
    idle.write()
    await asyncio.gather(*crowd)
    receipt = await idle.writer.cast(ballot(proposal, MOST_WAITING + 1))
    assert receipt.proposal.tally.voters == MOST_WAITING + 1


# The clock


async def test_the_clock_decides_when_the_ballot_is_written_not_when_it_was_sent(
    idle: Hall,
) -> None:
    proposal = await idle.opened()
    await idle.snapshots.take(proposal, 5)
    idle.clock.at = proposal.vote_end
    before = idle.clock.read
    late = asyncio.create_task(idle.voting.cast(proposal.guild_id, proposal.id, BEN, FOR))
    await asyncio.sleep(0.1)
    assert idle.clock.read == before + 2  # it was asked whether voting is open, and it was
    idle.clock.advance(TICK)
    idle.write()
    with pytest.raises(Refusal, match="not counted"):
        await late
    assert await idle.cast_ballots(proposal) == []


async def test_the_last_moment_of_voting_counts(hall: Hall) -> None:
    proposal = await hall.opened()
    hall.clock.at = proposal.vote_end
    assert (await hall.writer.cast(ballot(proposal, 1))).proposal.tally.voters == 1
    hall.clock.advance(TICK)
    with pytest.raises(Refusal, match="not counted"):
        await hall.writer.cast(ballot(proposal, 1, AGAINST))
    assert (await hall.now(proposal)).tally.scores[FOR] == UNIT
