"""Brings a database to the tables of this version, and tells where the two differ."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from storage.database import Database
from storage.tables import metadata

_ROOT = Path(__file__).resolve().parent.parent


async def upgrade(database: Database) -> None:
    """Apply the migrations that this database hasn't seen; all of them or, on an error, none."""
    async with database.write() as connection:
        await connection.run_sync(_upgrade)


async def write_migration(database: Database, message: str) -> None:
    """Write the migration from the newest revision, which the database is at, to the tables."""
    async with database.write() as connection:
        await connection.run_sync(_write, message)


async def drift(database: Database) -> list[str]:
    """How the migrated database differs from the tables; empty where it doesn't."""
    async with database.read() as connection:
        return await connection.run_sync(_drift)


def _upgrade(connection: Connection) -> None:
    config = _config(connection)
    newest = ScriptDirectory.from_config(config).get_current_head()
    if MigrationContext.configure(connection).get_current_revision() != newest:
        command.upgrade(config, "head")


def _write(connection: Connection, message: str) -> None:
    config = _config(connection)
    newest = ScriptDirectory.from_config(config).get_current_head() or "0"
    command.revision(config, message, autogenerate=True, rev_id=f"{int(newest) + 1:04d}")


def _drift(connection: Connection) -> list[str]:
    return [
        str(each) for each in compare_metadata(MigrationContext.configure(connection), metadata)
    ]


def _config(connection: Connection) -> Config:
    config = Config(toml_file=str(_ROOT / "pyproject.toml"))
    config.attributes["connection"] = connection
    return config
