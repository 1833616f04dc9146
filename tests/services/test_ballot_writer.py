"""The one writer of ballots: what reaches the disk, in which order, and what each voter is told."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from governance.deliveries import Event
from governance.errors import Busy, CountMismatch, NotFound, Refusal, Unavailable
from governance.power import UNIT
from governance.proposal import Proposal, ProposalState, state
from governance.voting import basic
from services.ballot_writer import MOST_IN_A_BATCH, MOST_WAITING, Receipt
from tests.services.hall import ANN, BEN, Hall, ballot, open_hall, voting_hall
from tests.storage.databases import DAY, TICK, commits, on_every_connection

FOR, AGAINST, ABSTAIN = basic.FOR, basic.AGAINST, basic.ABSTAIN
Answers = Sequence[Receipt | BaseException]


async def all_of(*waiting: Awaitable[Receipt]) -> Answers:
    return await asyncio.gather(*waiting, return_exceptions=True)


# One ballot


async def test_a_receipt_holds_the_ballot_as_it_is_stored(hall: Hall) -> None:
    proposal = await hall.opened()
    receipt = await hall.writer.cast(replace(ballot(proposal, 12, AGAINST), reason="Too dear."))
    assert [receipt.ballot] == await hall.cast_ballots(proposal)
    assert (receipt.ballot.choice, receipt.ballot.reason) == (AGAINST, "Too dear.")
    assert receipt.replaced is None
    assert receipt.proposal == await hall.now(proposal)
    assert receipt.proposal.tally == {FOR: 0, AGAINST: UNIT, ABSTAIN: 0}
    assert receipt.proposal.voters == 1


async def test_a_later_ballot_replaces_the_earlier_and_the_receipt_says_which(hall: Hall) -> None:
    proposal = await hall.opened()
    first = await hall.writer.cast(ballot(proposal, 12, AGAINST, 3 * UNIT))
    second = await hall.writer.cast(ballot(proposal, 12, FOR, 2 * UNIT))
    assert second.replaced == first.ballot
    assert second.proposal.tally == {FOR: 2 * UNIT, AGAINST: 0, ABSTAIN: 0}
    assert second.proposal.voters == 1


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
    assert (await hall.now(proposal)).tally[FOR] == 7 * largest + 1


async def test_the_ballot_that_reaches_quorum_is_told_so_and_no_other(empty: Hall) -> None:
    await empty.set_up(quorum=3)
    proposal = await empty.opened()
    choices = [FOR, AGAINST, ABSTAIN, FOR, FOR]
    answers = await all_of(
        *(empty.writer.cast(ballot(proposal, v, c)) for v, c in enumerate(choices, 1))
    )
    reached = [each.reached_quorum for each in answers if isinstance(each, Receipt)]
    assert reached == [False, False, False, True, False]


async def test_quorum_that_was_lost_can_be_reached_again(empty: Hall) -> None:
    await empty.set_up(quorum=1)
    proposal = await empty.opened()
    told = [
        (await empty.writer.cast(ballot(proposal, 12, choice))).reached_quorum
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
    assert (await hall.now(proposal)).voters == 300


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
    assert (await idle.now(proposal)).voters == casts


async def test_ballots_are_counted_in_the_order_in_which_they_arrive(hall: Hall) -> None:
    proposal = await hall.opened()
    answers = await all_of(*(hall.writer.cast(ballot(proposal, v)) for v in range(1, 51)))
    receipts = [each for each in answers if isinstance(each, Receipt)]
    assert [each.proposal.voters for each in receipts] == list(range(1, 51))
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
    assert (now.tally, now.voters) == ({FOR: UNIT, AGAINST: 0, ABSTAIN: 4 * UNIT}, 2)


async def test_ballots_on_several_proposals_share_a_batch_and_nothing_else(hall: Hall) -> None:
    one, two = await hall.proposed("One"), await hall.opened("Two")
    seen = commits(hall.database)
    await all_of(
        hall.writer.cast(ballot(one, 12, FOR)),
        hall.writer.cast(ballot(two, 12, AGAINST)),
        hall.writer.cast(ballot(one, 13, ABSTAIN)),
    )
    assert len(seen) == 1
    assert (await hall.now(one)).tally == {FOR: UNIT, AGAINST: 0, ABSTAIN: UNIT}
    assert (await hall.now(two)).tally == {FOR: 0, AGAINST: UNIT, ABSTAIN: 0}
    assert ((await hall.now(one)).voters, (await hall.now(two)).voters) == (2, 1)


async def test_ballots_that_arrive_during_a_write_are_in_the_next_one(hall: Hall) -> None:
    proposal = await hall.opened()
    seen = commits(hall.database)
    first = asyncio.create_task(hall.writer.cast(ballot(proposal, 1)))
    await asyncio.sleep(0.001)
    assert not seen
    others = [hall.writer.cast(ballot(proposal, v)) for v in range(2, 40)]
    await asyncio.gather(first, *others)
    assert len(seen) == 2


# Refusals


async def test_a_refusal_reaches_only_its_own_voter(hall: Hall) -> None:
    gone = await hall.proposed("Gone")
    await hall.proposals.cancel(gone.guild_id, gone.id, ANN, "Overtaken.")
    proposal = await hall.opened()
    later = await hall.proposed("Later")
    answers = await all_of(
        hall.writer.cast(ballot(proposal, 1)),
        hall.writer.cast(ballot(gone, 2)),
        hall.writer.cast(ballot(later, 3)),
        hall.writer.cast(replace(ballot(proposal, 4), proposal_id=999)),
        hall.writer.cast(ballot(proposal, 5)),
    )
    assert [type(each) for each in answers] == [Receipt, Refusal, Refusal, NotFound, Receipt]
    assert "was canceled" in str(answers[1])
    assert "starts" in str(answers[2])
    assert "doesn't exist any more" in str(answers[3])
    assert (await hall.now(proposal)).voters == 2
    assert (await hall.now(gone)).voters == (await hall.now(later)).voters == 0


async def test_a_batch_of_refusals_writes_nothing(hall: Hall) -> None:
    proposal = await hall.proposed()
    answers = await all_of(*(hall.writer.cast(ballot(proposal, v)) for v in (1, 2)))
    assert [type(each) for each in answers] == [Refusal, Refusal]
    assert await hall.now(proposal) == proposal


async def test_a_ballot_that_cannot_be_stored_takes_no_other_down(hall: Hall) -> None:
    proposal = await hall.opened()
    answers = await all_of(
        hall.writer.cast(ballot(proposal, 1)),
        hall.writer.cast(ballot(proposal, 2, FOR, 10**96)),
        hall.writer.cast(ballot(proposal, 3)),
    )
    assert [isinstance(each, Receipt) for each in answers] == [True, False, True]
    assert isinstance(answers[1], StatementError)
    assert [each.voter_id for each in await hall.cast_ballots(proposal)] == [1, 3]
    assert await hall.recounted(proposal) == ((await hall.now(proposal)).tally, 2)


async def test_a_voter_who_stopped_waiting_disturbs_nobody(idle: Hall) -> None:
    proposal = await idle.opened()
    impatient = asyncio.create_task(idle.writer.cast(ballot(proposal, 1)))
    refused = asyncio.create_task(idle.writer.cast(replace(ballot(proposal, 2), proposal_id=999)))
    patient = asyncio.create_task(idle.writer.cast(ballot(proposal, 3)))
    await asyncio.sleep(0)
    impatient.cancel()
    refused.cancel()
    idle.write()
    await patient
    assert await idle.recounted(proposal) == ((await idle.now(proposal)).tally, 2)


# The clock


async def test_the_clock_decides_when_the_ballot_is_written_not_when_it_was_sent(
    idle: Hall,
) -> None:
    proposal = await idle.opened()
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
    assert (await hall.writer.cast(ballot(proposal, 1))).proposal.voters == 1
    hall.clock.advance(TICK)
    with pytest.raises(Refusal, match="not counted"):
        await hall.writer.cast(ballot(proposal, 1, AGAINST))
    assert (await hall.now(proposal)).tally[FOR] == UNIT


# Stopping


async def test_what_waits_is_written_before_it_stops(idle: Hall) -> None:
    proposal = await idle.opened()
    waiting = [asyncio.create_task(idle.writer.cast(ballot(proposal, v))) for v in range(1, 11)]
    await asyncio.sleep(0)
    idle.writer.stop()
    await idle.writer.run()
    assert all(isinstance(each, Receipt) for each in await all_of(*waiting))
    assert (await idle.now(proposal)).voters == 10


async def test_after_stopping_nothing_more_is_taken(hall: Hall) -> None:
    proposal = await hall.opened()
    hall.writer.stop()
    with pytest.raises(Unavailable, match="stopping"):
        await hall.writer.cast(ballot(proposal, 1))


async def test_it_stops_in_the_middle_of_a_write_without_losing_it(hall: Hall) -> None:
    proposal = await hall.opened()
    first = asyncio.create_task(hall.writer.cast(ballot(proposal, 1)))
    await asyncio.sleep(0.001)
    second = asyncio.create_task(hall.writer.cast(ballot(proposal, 2)))
    await asyncio.sleep(0)
    hall.writer.stop()
    assert hall.writing
    await hall.writing
    await asyncio.gather(first, second)
    assert (await hall.now(proposal)).voters == 2


# A database that can't be used


@pytest.mark.sqlite
async def test_while_the_database_is_locked_voters_are_told_and_later_served(
    tmp_path: Path, database_url: str
) -> None:
    async with open_hall(database_url) as hall:
        on_every_connection(hall.database, {"busy_timeout": 20})
        await hall.set_up()
        hall.write()
        proposal = await hall.opened()
        with closing(sqlite3.connect(tmp_path / "folkmoot.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            answers = await all_of(*(hall.writer.cast(ballot(proposal, v)) for v in (1, 2, 3)))
            assert [type(each) for each in answers] == [Unavailable] * 3
            other.execute("ROLLBACK")
        assert await hall.cast_ballots(proposal) == []
        assert (await hall.now(proposal)).voters == 0
        assert (await hall.writer.cast(ballot(proposal, 1))).proposal.voters == 1


@pytest.mark.sqlite
async def test_a_full_disk_leaves_no_ballot_without_its_tally(database_url: str) -> None:
    async with open_hall(database_url) as hall:
        await hall.set_up()
        hall.write()
        proposal = await hall.opened()
        async with hall.database.write() as connection:
            pages = await connection.scalar(text("PRAGMA page_count"))
            await connection.execute(text(f"PRAGMA max_page_count = {pages}"))
        long = "x" * 500
        answers = await all_of(
            *(hall.writer.cast(replace(ballot(proposal, v), reason=long)) for v in range(1, 100))
        )
        assert {type(each) for each in answers} == {Unavailable}
        assert await hall.cast_ballots(proposal) == []
        assert await hall.now(proposal) == proposal


# Counting at the close


async def test_closing_counts_what_was_cast(hall: Hall) -> None:
    proposal = await hall.opened()
    for voter, choice in ((1, FOR), (2, FOR), (3, AGAINST), (1, ABSTAIN)):
        await hall.writer.cast(ballot(proposal, voter, choice))
    hall.clock.at = proposal.vote_end + DAY
    closed = await hall.writer.close(proposal.id)
    assert closed == await hall.now(proposal)
    assert closed
    assert closed.tally == {FOR: UNIT, AGAINST: UNIT, ABSTAIN: UNIT}
    assert (closed.voters, closed.counted_at) == (3, hall.clock.at)
    assert state(closed, hall.clock.at) is ProposalState.DEFEATED
    assert await hall.announcements(Event.CLOSED) == [(1, "thread"), (1, "results")]


async def test_it_closes_only_after_the_last_moment_and_only_once(hall: Hall) -> None:
    proposal = await hall.opened()
    for now in (proposal.created_at, proposal.vote_start + TICK, proposal.vote_end):
        hall.clock.at = now
        assert await hall.writer.close(proposal.id) is None
    hall.clock.advance(TICK)
    assert await hall.writer.close(proposal.id)
    assert await hall.writer.close(proposal.id) is None
    assert len(await hall.announcements(Event.CLOSED)) == 2


async def test_what_was_canceled_or_never_was_is_not_closed(hall: Hall) -> None:
    proposal = await hall.proposed()
    await hall.proposals.cancel(proposal.guild_id, proposal.id, ANN, "Overtaken.")
    hall.clock.at = proposal.vote_end + TICK
    assert await hall.writer.close(proposal.id) is None
    assert await hall.writer.close(999) is None
    assert await hall.announcements(Event.CLOSED) == []


async def test_a_running_count_that_was_changed_stops_the_close(hall: Hall) -> None:
    proposal = await hall.opened()
    await hall.writer.cast(ballot(proposal, 1))
    honest = await hall.now(proposal)
    hall.clock.at = proposal.vote_end + TICK
    for changes in (
        {"tally": {**honest.tally, FOR: 2 * UNIT}},
        {"tally": {**honest.tally, AGAINST: 1}},
        {"tally": {FOR: 0, AGAINST: UNIT, ABSTAIN: 0}},
        {"voters": 2},
    ):
        await hall.tamper(proposal, **changes)
        with pytest.raises(CountMismatch, match=f"proposal {proposal.id}: 1 ballots give"):
            await hall.writer.close(proposal.id)
        assert (await hall.now(proposal)).counted_at is None
        assert await hall.announcements(Event.CLOSED) == []
        await hall.tamper(proposal, tally=honest.tally, voters=honest.voters)
    assert await hall.writer.close(proposal.id)


# A ballot is counted or it is refused, never both


@dataclass
class Race:
    """What voters were told."""

    counted: dict[int, Receipt] = field(default_factory=dict)
    refused: list[int] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def voter(
        self, hall: Hall, proposal: Proposal, id_: int, choice: int, after: int
    ) -> None:
        for _ in range(after):
            await asyncio.sleep(0)
        try:
            self.counted[id_] = await hall.writer.cast(ballot(proposal, id_, choice))
        except Refusal:
            self.refused.append(id_)
        self.begun.set()


deadlines = st.integers(0, 120)
arrivals = st.lists(st.tuples(st.integers(1, 3), deadlines), min_size=1, max_size=60)


@settings(max_examples=25)
@given(arrivals, deadlines, st.lists(deadlines, max_size=3))
def test_around_the_deadline_every_ballot_is_either_counted_or_refused(
    cast: list[tuple[int, int]], deadline: int, closings: list[int]
) -> None:
    async def run() -> None:
        async with voting_hall() as hall:
            proposal = await hall.opened()
            hall.clock.at = proposal.vote_end
            race = Race()

            async def time_passes() -> None:
                for _ in range(deadline):
                    await asyncio.sleep(0)
                hall.clock.advance(TICK)

            async def close(after: int) -> Proposal | None:
                for _ in range(after):
                    await asyncio.sleep(0)
                return await hall.writer.close(proposal.id)

            voters = (
                race.voter(hall, proposal, n, choice, after)
                for n, (choice, after) in enumerate(cast, 1)
            )
            _, closed, *_ = await asyncio.gather(
                time_passes(), asyncio.gather(*(close(each) for each in closings)), *voters
            )
            final = [each for each in (*closed, await hall.writer.close(proposal.id)) if each]
            assert len(final) == 1
            assert len(race.counted) + len(race.refused) == len(cast)
            assert final[0].voters == len(race.counted)
            told = basic.count((r.ballot.choice, UNIT) for r in race.counted.values())
            assert final[0].tally == told
            assert {b.voter_id for b in await hall.cast_ballots(proposal)} == set(race.counted)
            assert all(r.ballot.cast_at <= proposal.vote_end for r in race.counted.values())
            assert await hall.now(proposal) == final[0]

    asyncio.run(run())


async def test_a_close_waits_for_the_ballots_that_came_before_it(hall: Hall) -> None:
    proposal = await hall.opened()
    hall.clock.at = proposal.vote_end
    race = Race()
    voters = [
        asyncio.create_task(race.voter(hall, proposal, v, FOR, v // 20)) for v in range(1, 400)
    ]
    await race.begun.wait()
    hall.clock.advance(TICK)
    closed = await hall.writer.close(proposal.id)
    await asyncio.gather(*voters)
    assert closed
    assert closed.voters == len(race.counted)
    assert await hall.recounted(proposal) == (closed.tally, closed.voters)


# The running count


deeds = st.tuples(
    st.integers(1, 5),  # who
    st.integers(1, 3),  # what
    st.one_of(st.just(UNIT), st.integers(0, 2**256 - 1)),  # with which power
    st.booleans(),  # whether others wait with it
)


@settings(max_examples=25)
@given(st.lists(deeds, min_size=1, max_size=30))
def test_the_running_count_is_always_that_of_a_recount(
    cast: list[tuple[int, int, int, bool]],
) -> None:
    async def run() -> None:
        async with voting_hall() as hall:
            proposal = await hall.opened()
            together: list[asyncio.Task[Receipt]] = []
            last: dict[int, tuple[int, int]] = {}
            for voter, choice, power, more in cast:
                wanted = ballot(proposal, voter, choice, power)
                together.append(asyncio.create_task(hall.writer.cast(wanted)))
                last[voter] = (choice, power)
                if more:
                    continue
                await asyncio.gather(*together)
                now = await hall.now(proposal)
                assert await hall.recounted(proposal) == (now.tally, now.voters)
            await asyncio.gather(*together)
            now = await hall.now(proposal)
            assert (now.tally, now.voters) == (basic.count(last.values()), len(last))
            hall.clock.at = proposal.vote_end + TICK
            closed = await hall.writer.close(proposal.id)
            assert closed
            assert closed.tally == now.tally

    asyncio.run(run())


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
    assert receipt.proposal.voters == MOST_WAITING + 1
