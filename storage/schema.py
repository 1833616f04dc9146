"""Brings a database to the tables of this version, and tells where the two differ."""

from pathlib import Path

from sqlalchemy import Column, Connection, Integer, MetaData, Table, inspect, text
from sqlalchemy.exc import ProgrammingError

from governance.errors import Unavailable
from storage.database import Database

VERSIONS = Path(__file__).parent / "migrations" / "versions"


async def upgrade(database: Database) -> None:
    """Apply the migrations that this database hasn't seen; all of them or, on an error, none."""
    if await revision(database) == newest():
        return
    from storage import migration

    async with database.write() as connection:
        await connection.run_sync(migration.upgrade)


async def write_migration(database: Database, message: str) -> None:
    """Write the migration from the newest revision, which the database is at, to the tables."""
    from storage import migration

    async with database.write() as connection:
        await connection.run_sync(migration.write, message)


async def drift(database: Database) -> list[str]:
    """How the migrated database differs from the tables; empty where it doesn't."""
    from storage import migration

    async with database.read() as connection:
        return await connection.run_sync(migration.drift)


async def revision(database: Database) -> str | None:
    """The latest migration that this database has seen; None where it is empty."""
    async with database.read() as connection:
        return await connection.run_sync(_revision)


def newest() -> str:
    """The latest migration of this version: revisions are the numbers their files begin with."""
    return max(path.name[:4] for path in VERSIONS.glob("[0-9]*.py"))


async def rehearse(database: Database) -> None:
    """Make a table, write to it, and take both back; Unavailable where that can't be done."""
    table = Table("rehearsal", MetaData(), Column("id", Integer))
    try:
        async with database.write() as connection:
            await connection.run_sync(table.create)
            await connection.execute(table.insert().values(id=1))
            await connection.rollback()
    except ProgrammingError as error:  # on PostgreSQL, that this user may not
        raise Unavailable(str(error.orig)) from error


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
