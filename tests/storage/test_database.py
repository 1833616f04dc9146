"""The connection: what it insists on, and what becomes of a database that can't be used."""

import asyncio
import os
import signal
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from governance.ballot import Ballot
from governance.errors import Unavailable
from storage import ballots, deliveries, proposals, schema, settings
from storage.database import Database, require_supported
from tests import stores
from tests.storage.databases import (
    ANN,
    BEN,
    HAMLET,
    NOW,
    RULES,
    SETTINGS,
    WELL,
    on_every_connection,
)

BALLOT = Ballot(1, BEN, 1, 10**18, "", NOW)


@pytest.fixture
async def hasty(database_url: str) -> AsyncIterator[Database]:
    """A database that doesn't wait for locks, with one proposal in it."""
    database = Database(database_url)
    on_every_connection(database, {"busy_timeout": 20})
    async with database.write() as connection:
        await settings.save(connection, HAMLET, SETTINGS, None)
        await proposals.add(connection, HAMLET, ANN, WELL, RULES, NOW)
    yield database
    await database.close()


async def rows(database: Database, table: str) -> int:
    async with database.read() as connection:
        return int(await connection.scalar(text(f"SELECT count(*) FROM {table}")))  # noqa: S608


async def vote(database: Database, reason: str = "") -> None:
    """A ballot in two steps, as the ballot writer does it."""
    async with database.write() as connection:
        proposal = (await proposals.lock(connection, [1]))[1]
        cast = Ballot(1, BEN, 1, 10**18, reason, NOW)
        await ballots.save(connection, [cast])
        await ballots.save_tally(connection, [proposal])


# Addresses


@pytest.mark.parametrize("url", ["sqlite:///folkmoot.db", "sqlite:////var/lib/folkmoot.db"])
def test_a_file_is_the_address_of_a_database(url: str) -> None:
    assert require_supported(url).database


@pytest.mark.parametrize(
    "url",
    ["", "folkmoot.db", "sqlite://", "sqlite:///", "mysql://localhost/f", "sqlite+aiosqlite:///f"],
)
def test_any_other_address_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(ValueError, match=r"write it like sqlite:///folkmoot\.db"):
        require_supported(url)
    with pytest.raises(ValueError, match="isn't the address of a database"):
        Database(url)


# What every connection insists on


@pytest.mark.sqlite
async def test_every_connection_syncs_checks_references_and_waits_for_locks(
    database: Database,
) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}
    async with database.read() as first, database.read() as second, database.write() as third:
        for connection in (first, second, third):
            for name, value in wanted.items():
                assert await connection.scalar(text(f"PRAGMA {name}")) == value


def test_a_database_that_would_be_lost_with_the_process_is_refused() -> None:
    with pytest.raises(ValueError, match="isn't the address of a database"):
        Database("sqlite:///:memory:")


async def test_a_view_stays_the_same_while_others_write(database: Database) -> None:
    async with database.read() as view:
        before = await settings.get(view, HAMLET)
        async with database.write() as connection:
            await settings.save(connection, HAMLET, SETTINGS, 5)
        assert await settings.get(view, HAMLET) == before
    async with database.read() as view:
        assert await settings.get(view, HAMLET) == (SETTINGS, 5)


async def test_what_fails_halfway_leaves_nothing(database: Database) -> None:
    async def fail() -> None:
        async with database.write() as connection:
            await settings.save(connection, HAMLET, SETTINGS, None)
            await proposals.add(connection, HAMLET, ANN, WELL, RULES, NOW)
            raise RuntimeError("the power is gone")

    with pytest.raises(RuntimeError, match="the power is gone"):
        await fail()
    assert [await rows(database, name) for name in ("servers", "proposals", "versions")] == [
        0,
        0,
        0,
    ]


@pytest.mark.sqlite
async def test_writers_wait_for_one_another(database: Database) -> None:
    """Each reads before it writes, which would be refused to a transaction begun for reading."""

    async def count_up() -> None:
        async with database.write() as connection:
            _, webhook = await settings.get(connection, HAMLET)
            await asyncio.sleep(0.001)
            await settings.save(connection, HAMLET, SETTINGS, (webhook or 0) + 1)

    await asyncio.gather(*(count_up() for _ in range(20)))
    async with database.read() as connection:
        assert (await settings.get(connection, HAMLET))[1] == 20


@pytest.mark.postgresql
@pytest.mark.skipif(stores.FOREIGN_SERVER in os.environ, reason="the server isn't ours to be cut")
@pytest.mark.parametrize("noticed", [True, False])
async def test_a_server_that_has_hung_up_meanwhile_costs_nobody_a_vote(
    database: Database, noticed: bool
) -> None:
    async with database.write() as connection:
        served_by = await connection.scalar(text("SELECT pg_backend_pid()"))
    os.kill(served_by, signal.SIGTERM)
    if noticed:
        await asyncio.sleep(0.1)
    else:
        time.sleep(1.1)  # noqa: ASYNC251 - nobody reads the socket meanwhile
    async with database.write() as connection:
        assert await connection.scalar(text("SELECT pg_backend_pid()")) != served_by


# A mistake of ours is not the database's state


async def test_a_statement_that_is_wrong_is_no_unavailable_database(database: Database) -> None:
    with pytest.raises((OperationalError, ProgrammingError, Unavailable)):
        async with database.read() as connection:
            await connection.execute(text("SELECT nonsense"))
    with pytest.raises(IntegrityError):
        async with database.write() as connection:
            await ballots.save(connection, [BALLOT])  # on a proposal that isn't there


async def test_an_error_never_tells_what_was_voted(database: Database) -> None:
    with pytest.raises(IntegrityError) as failed:
        async with database.write() as connection:
            await ballots.save(connection, [Ballot(1, BEN, 1, 10**18, "my secret", NOW)])
    assert "my secret" not in str(failed.value)


# A database that can't be used


async def goodbye(database: Database) -> None:
    """Close a database that could not be opened: its driver still speaks to the loop once."""
    await database.close()
    await asyncio.sleep(0.05)


@pytest.mark.sqlite
async def test_a_locked_database_is_unavailable_and_serves_again_afterwards(
    hasty: Database, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "folkmoot.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="locked"):
            await vote(hasty)
        assert await rows(hasty, "ballots") == 0  # and it can still be read
        other.execute("ROLLBACK")
    await vote(hasty)
    assert await rows(hasty, "ballots") == 1


@pytest.mark.sqlite
async def test_a_short_lock_is_waited_for(database: Database, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "folkmoot.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        writing = asyncio.create_task(self_made_server(database))
        await asyncio.sleep(0.1)
        assert not writing.done()
        other.execute("COMMIT")
        await writing
    assert await rows(database, "servers") == 1


async def self_made_server(database: Database) -> None:
    async with database.write() as connection:
        await settings.save(connection, HAMLET, SETTINGS, None)


@pytest.mark.sqlite
async def test_a_full_disk_is_unavailable_and_nothing_is_half_done(
    hasty: Database,
) -> None:
    async with hasty.write() as connection:
        pages = await connection.scalar(text("PRAGMA page_count"))
        await connection.execute(text(f"PRAGMA max_page_count = {pages}"))
    with pytest.raises(Unavailable, match="full"):
        await vote(hasty, reason="x" * 100_000)
    assert await rows(hasty, "ballots") == 0
    async with hasty.write() as connection:
        assert (await proposals.by_ids(connection, [1]))[1].revision == 1
        await connection.execute(text("PRAGMA max_page_count = 1000000"))
    await vote(hasty, reason="x" * 100_000)
    assert await rows(hasty, "ballots") == 1


@pytest.mark.sqlite
async def test_a_full_disk_in_the_middle_of_a_proposal_leaves_no_part_of_it(
    hasty: Database,
) -> None:
    async with hasty.write() as connection:
        pages = await connection.scalar(text("PRAGMA page_count"))
        await connection.execute(text(f"PRAGMA max_page_count = {pages + 10}"))

    async def fill() -> None:
        async with hasty.write() as connection:
            for _ in range(200):
                await proposals.add(connection, HAMLET, ANN, WELL, RULES, NOW)
                await deliveries.add(connection, "proposed", 1, "card")  # type: ignore[arg-type]

    with pytest.raises(Unavailable, match="full"):
        await fill()
    assert await rows(hasty, "proposals") == 1
    assert await rows(hasty, "versions") == 1
    assert await rows(hasty, "deliveries") == 0


@pytest.mark.sqlite
async def test_a_database_that_may_only_be_read_is_unavailable_for_writing(
    hasty: Database, tmp_path: Path
) -> None:
    await hasty.close()
    reading = Database(f"sqlite:///file:{tmp_path}/folkmoot.db?mode=ro&uri=true")
    with pytest.raises(Unavailable, match="readonly"):
        await vote(reading)
    async with reading.read() as connection:
        assert (await proposals.by_ids(connection, [1]))[1].text == WELL
    await reading.close()


@pytest.mark.sqlite
async def test_a_folder_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/nowhere/folkmoot.db")
    with pytest.raises(Unavailable, match="unable to open"):
        await schema.upgrade(database)
    await goodbye(database)


@pytest.mark.sqlite
async def test_a_file_that_is_no_database_is_unavailable_and_stays_as_it_is(
    tmp_path: Path,
) -> None:
    file = tmp_path / "diary.db"
    file.write_text("Dear diary, today we voted. " * 100)
    database = Database(f"sqlite:///{file}")
    with pytest.raises(Unavailable, match="not a database"):
        await schema.upgrade(database)
    await goodbye(database)
    assert file.read_text().startswith("Dear diary")


@pytest.mark.sqlite
async def test_a_database_that_was_not_migrated_is_unavailable(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/empty.db")
    with pytest.raises(Unavailable, match="no such table"):
        await rows(database, "proposals")
    await goodbye(database)
