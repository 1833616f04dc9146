"""The connection to the database: with the column types, the one place that knows its dialect."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Table, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from governance.errors import Unavailable

BUSY_SECONDS = 5
"""How long a statement waits for a locked SQLite file before it gives up."""

_DRIVERS = {"sqlite": "sqlite+aiosqlite"}
_PRAGMAS = {
    # name: (value set, value read back)
    "journal_mode": ("WAL", "wal"),
    "synchronous": ("FULL", 2),
    "foreign_keys": ("ON", 1),
    "busy_timeout": (BUSY_SECONDS * 1000, BUSY_SECONDS * 1000),
}


class Database:
    """Read and write transactions. A failure to reach or use the database raises Unavailable."""

    def __init__(self, url: str) -> None:
        """`url` such as `sqlite:///folkmoot.db`; the file is made when it isn't there."""
        where = require_supported(url)
        self.engine: AsyncEngine = create_async_engine(
            where.set(drivername=_DRIVERS[where.drivername]),
            hide_parameters=True,  # ballots never reach a log
        )
        event.listen(self.engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(self.engine.sync_engine, "begin", _begin_sqlite)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """One consistent view."""
        with _translated():
            async with self.engine.connect() as connection, connection.begin():
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One transaction, on disk when the block has been left without an error."""
        with _translated():
            async with self.engine.connect() as connection:
                await connection.execution_options(writes=True)
                async with connection.begin():
                    yield connection

    async def close(self) -> None:
        await self.engine.dispose()


def require_supported(url: str) -> URL:
    """The parsed address of a database; ValueError for one that can't be used."""
    try:
        where = make_url(url)
    except ArgumentError:
        where = None
    if where is None or where.drivername not in _DRIVERS or not where.database:
        raise ValueError("isn't the address of a database: write it like sqlite:///folkmoot.db")
    return where


def insert(connection: AsyncConnection, table: Table) -> Any:
    """An INSERT that has ON CONFLICT, in the connection's dialect."""
    return _INSERTS[connection.dialect.name](table)


_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (DataError, IntegrityError, ProgrammingError):
        raise  # a mistake of ours, not the database's state
    except (DatabaseError, InterfaceError, PoolTimeout) as error:
        raise Unavailable(str(error.orig if isinstance(error, DatabaseError) else error)) from error


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN is replaced by _begin_sqlite
    cursor = connection.cursor()
    for name, (value, expected) in _PRAGMAS.items():
        cursor.execute(f"PRAGMA {name} = {value}")
        cursor.execute(f"PRAGMA {name}")
        found = cursor.fetchone()[0]
        if found != expected:
            raise Unavailable(f"SQLite answered {name} = {found!r} where {expected!r} is needed")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A write transaction takes its lock at once: one that began by reading could not wait for it.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
