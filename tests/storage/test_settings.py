"""Servers' settings, and what Discord has been told of our commands."""

from datetime import timedelta

from sqlalchemy import Connection, inspect

from governance.settings import Settings
from storage import settings
from storage.database import Database
from tests.storage.databases import ELSEWHERE, HAMLET, SETTINGS


async def test_a_server_that_was_never_set_up_has_the_defaults(database: Database) -> None:
    async with database.read() as connection:
        assert await settings.get(connection, HAMLET) == (Settings(), None)


async def test_settings_are_kept_for_each_server(database: Database) -> None:
    here = Settings(
        proposals_channel=2**63 - 1,
        results_channel=2,
        voting_role=3,
        proposing_role=4,
        quorum=10**6,
        voting_delay=timedelta(0),
        voting_period=timedelta(minutes=1),
    )
    async with database.write() as connection:
        await settings.save(connection, HAMLET, SETTINGS, None)
        await settings.save(connection, HAMLET, here, 2**63 - 1)
        await settings.save(connection, ELSEWHERE, SETTINGS, None)
    async with database.read() as connection:
        assert await settings.get(connection, HAMLET) == (here, 2**63 - 1)
        assert await settings.get(connection, ELSEWHERE) == (SETTINGS, None)


def _columns(connection: Connection) -> list[str]:
    there = inspect(connection)
    return [
        f"{table}.{column['name']}"
        for table in there.get_table_names()
        for column in there.get_columns(table)
    ]


async def test_no_secret_has_a_place_in_the_tables(database: Database) -> None:
    async with database.read() as connection:
        names = await connection.run_sync(_columns)
    assert "servers.results_webhook_id" in names
    assert not [name for name in names if "token" in name or "secret" in name]


async def test_the_registered_commands_are_remembered_for_each_application(
    database: Database,
) -> None:
    async with database.write() as connection:
        assert await settings.registered_commands(connection, 1) is None
        await settings.register_commands(connection, 1, "a" * 64)
        await settings.register_commands(connection, 1, "b" * 64)
        await settings.register_commands(connection, 2, "c" * 64)
    async with database.read() as connection:
        assert await settings.registered_commands(connection, 1) == "b" * 64
        assert await settings.registered_commands(connection, 2) == "c" * 64
