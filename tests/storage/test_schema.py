"""Migrations lead to the tables, once, and whole or not at all."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from governance.errors import Unavailable
from storage import proposals, schema, settings
from storage.database import Database
from storage.tables import metadata
from tests.storage.databases import ANN, HAMLET, NOW, RULES, SETTINGS, WELL


def tables(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as connection:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {name for (name,) in found}


@pytest.fixture
async def empty(tmp_path: Path) -> Database:
    return Database(f"sqlite:///{tmp_path}/folkmoot.db")


async def test_the_migrations_lead_to_the_tables(empty: Database, tmp_path: Path) -> None:
    await schema.upgrade(empty)
    assert await schema.drift(empty) == []
    await empty.close()
    assert tables(tmp_path / "folkmoot.db") == {*metadata.tables, "alembic_version"}


async def test_a_difference_would_be_found(empty: Database) -> None:
    await schema.upgrade(empty)
    async with empty.write() as connection:
        await connection.execute(text("DROP INDEX ix_ballots_voter_id"))
        await connection.execute(text("ALTER TABLE servers ADD COLUMN colour TEXT"))
    differences = "\n".join(await schema.drift(empty))
    assert "ix_ballots_voter_id" in differences
    assert "colour" in differences
    await empty.close()


async def test_upgrading_again_changes_nothing(empty: Database) -> None:
    await schema.upgrade(empty)
    async with empty.write() as connection:
        await settings.save(connection, HAMLET, SETTINGS, 5)
        before = await proposals.add(connection, HAMLET, ANN, WELL, RULES, NOW)
    await schema.upgrade(empty)
    assert await schema.drift(empty) == []
    async with empty.read() as connection:
        assert await proposals.get(connection, before.id) == before
        assert await settings.get(connection, HAMLET) == (SETTINGS, 5)
    await empty.close()


async def test_two_processes_that_upgrade_at_once_both_find_the_tables(tmp_path: Path) -> None:
    both = [Database(f"sqlite:///{tmp_path}/folkmoot.db") for _ in range(2)]
    await asyncio.gather(*(schema.upgrade(each) for each in both))
    for each in both:
        assert await schema.drift(each) == []
        await each.close()


async def test_an_upgrade_that_fails_leaves_the_database_as_it_was(
    empty: Database, tmp_path: Path
) -> None:
    file = tmp_path / "folkmoot.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE tallies (something TEXT)")  # in a migration's way
    with pytest.raises(Unavailable, match="tallies already exists"):
        await schema.upgrade(empty)
    await empty.close()
    assert tables(file) == {"tallies"}


async def test_a_database_of_another_version_is_unavailable_and_stays_as_it_is(
    empty: Database,
) -> None:
    await schema.upgrade(empty)
    async with empty.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Unavailable, match="written by another version of Folkmoot"):
        await schema.upgrade(empty)
    async with empty.read() as connection:
        assert await connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"
    await empty.close()
