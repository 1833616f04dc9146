"""Brings a database to the tables of this version, and tells where the two differ."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from storage.database import Database

VERSIONS = Path(__file__).parent / "migrations" / "versions"


async def upgrade(database: Database) -> None:
    """Apply the migrations that this database hasn't seen; all of them or, on an error, none."""
    async with database.read() as connection:
        if await connection.run_sync(_is_newest):
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


def _is_newest(connection: Connection) -> bool:
    """Whether no migration is left to apply: revisions are the numbers their files begin with."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found == max(path.name[:4] for path in VERSIONS.glob("[0-9]*.py"))
