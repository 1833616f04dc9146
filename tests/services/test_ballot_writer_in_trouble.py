"""The one writer of ballots where something goes wrong: refusals, stops, and a bad database."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from governance.errors import NotFound, Refusal, Unavailable
from governance.voting import basic
from services.ballot_writer import Receipt
from tests.services.hall import ANN, Hall, all_of, ballot, open_hall
from tests.storage.databases import on_each_connection, on_every_connection

FOR = basic.FOR


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
    assert (await hall.now(proposal)).tally.voters == 2
    assert (await hall.now(gone)).tally.voters == (await hall.now(later)).tally.voters == 0


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
    now = await hall.now(proposal)
    assert (await hall.recounted(proposal), now.tally.voters) == (now.running, 2)


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
    now = await idle.now(proposal)
    assert (await idle.recounted(proposal), now.tally.voters) == (now.running, 2)


# Stopping


async def test_what_waits_is_written_before_it_stops(idle: Hall) -> None:
    proposal = await idle.opened()
    waiting = [asyncio.create_task(idle.writer.cast(ballot(proposal, v))) for v in range(1, 11)]
    await asyncio.sleep(0)
    idle.writer.stop()
    await idle.writer.run()
    assert all(isinstance(each, Receipt) for each in await all_of(*waiting))
    assert (await idle.now(proposal)).tally.voters == 10


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
    assert (await hall.now(proposal)).tally.voters == 2


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
        assert (await hall.now(proposal)).tally.voters == 0
        assert (await hall.writer.cast(ballot(proposal, 1))).proposal.tally.voters == 1


@pytest.mark.sqlite
async def test_a_full_disk_leaves_no_ballot_without_its_tally(database_url: str) -> None:
    async with open_hall(database_url) as hall:
        await hall.set_up()
        hall.write()
        proposal = await hall.opened()
        async with hall.database.write() as connection:
            pages = await connection.scalar(text("PRAGMA page_count"))
            await connection.execute(text(f"PRAGMA max_page_count = {pages}"))
        on_each_connection(hall.database, f"PRAGMA max_page_count = {pages}")
        long = "x" * 500
        answers = await all_of(
            *(hall.writer.cast(replace(ballot(proposal, v), reason=long)) for v in range(1, 100))
        )
        assert {type(each) for each in answers} == {Unavailable}
        assert await hall.cast_ballots(proposal) == []
        assert await hall.now(proposal) == proposal
