"""The connection to the database: with the column types, the one place that knows its dialect."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    StaticPool,
    Table,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    InvalidatePoolError,
    ProgrammingError,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from governance.errors import Unavailable
from storage.one_thread import OneThread, Result, Work

_TRUSTED_SECONDS = 1
"""How long after its last use a connection isn't asked whether its server is still there."""
WAIT_SECONDS = 5
"""How long a statement waits for a lock, or a connection for its server, before it gives up."""

__all__ = ["INSERTS", "URL", "Database", "file_of", "insert", "require_supported"]

_PRAGMAS = {
    # name: (value set, value read back)
    "busy_timeout": (WAIT_SECONDS * 1000, WAIT_SECONDS * 1000),
    "journal_mode": ("WAL", "wal"),
    "synchronous": ("FULL", 2),
    "foreign_keys": ("ON", 1),
}
_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
_QUIET: dict[str, Any] = {"hide_parameters": True}  # ballots never reach a log
_COMMON = _QUIET | {"pool_timeout": WAIT_SECONDS}
_ONE_CONNECTION = _QUIET | {"poolclass": StaticPool}
_POSTGRESQL = _COMMON | {
    "connect_args": {
        "timeout": WAIT_SECONDS,
        "command_timeout": 4 * WAIT_SECONDS,
        "server_settings": {
            "application_name": "folkmoot",
            "synchronous_commit": "on",
            "lock_timeout": f"{WAIT_SECONDS}s",
        },
    },
}
_NOWHERE = (None, "", ":memory:")
_ONE_VIEW = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


class Database:
    """Read and write transactions. A failure to reach or use the database raises Unavailable."""

    def __init__(self, url: str | URL) -> None:
        """`url` such as `sqlite:///folkmoot.db`, whose file is made when it isn't there."""
        where = require_supported(url)
        lite = where.drivername == "sqlite"
        address = where.set(drivername=_DRIVERS[where.drivername])
        options = _COMMON if lite else _POSTGRESQL
        # Two pools: those who only look never wait behind those who wait for a lock.
        self.engine: AsyncEngine = create_async_engine(address, **options)
        self._reader = create_async_engine(address, **options)
        self._reading = self._reader if lite else self._reader.execution_options(**_ONE_VIEW)
        self._writing = self.engine.execution_options(writes=True)
        # SQLite has one writer at a time, and lets others sleep on it for longer than it takes.
        self._turns = asyncio.Semaphore(1 if lite else sys.maxsize)
        self.writers: tuple[Engine, ...] = (self.engine.sync_engine,)
        self._whole: OneThread | None = None
        if lite:
            whole = create_engine(where, **_ONE_CONNECTION)
            self.writers += (whole,)
            self._whole = OneThread(whole.execution_options(writes=True))
            for engine in (*self.writers, self._reader.sync_engine):
                event.listen(engine, "connect", _prepare_sqlite)
                event.listen(engine, "begin", _begin_sqlite)
        else:
            for engine in (*self.writers, self._reader.sync_engine):
                event.listen(engine, "checkin", _leave)
                event.listen(engine, "checkout", _require_server)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """One consistent view."""
        async with _connected(self._reading) as connection:
            with _translated():
                async with connection.begin():
                    yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One transaction, on disk when the block has been left without an error."""
        async with self._turn(), _connected(self._writing) as connection:
            with _translated():
                async with connection.begin():
                    yield connection

    async def write_whole(self, work: Work[Result]) -> Result:
        """Like `write`, for work that awaits nothing but the connection it is given."""
        if self._whole is None:
            async with self.write() as connection:
                return await work(connection)
        async with self._turn():
            with _translated():
                return await self._whole.run(work)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._turns.acquire()
        except TimeoutError as error:
            raise Unavailable("another transaction holds the database") from error
        try:
            yield
        finally:
            self._turns.release()

    async def close(self) -> None:
        await self.engine.dispose()
        await self._reader.dispose()
        if self._whole:
            await asyncio.to_thread(self._whole.close)


def require_supported(url: str | URL) -> URL:
    """The parsed address of a database; ValueError for one that can't be used."""
    try:
        where = make_url(url)
    except ArgumentError:
        where = None
    if where is None or where.drivername not in _DRIVERS or where.database in _NOWHERE:
        raise ValueError(
            "isn't the address of a database: write it like sqlite:///folkmoot.db or "
            "postgresql://user@host/name"
        )
    return where


def file_of(url: URL) -> Path | None:
    """The file of an SQLite database; None where the database lies on a server."""
    return Path(url.database) if url.drivername == "sqlite" and url.database else None


def insert(connection: AsyncConnection, table: Table) -> Any:
    """An INSERT that has ON CONFLICT, in the connection's dialect."""
    return INSERTS[connection.dialect.name](table)


INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
"""The INSERT that has ON CONFLICT, by dialect."""


@asynccontextmanager
async def _connected(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    async with AsyncExitStack() as stack:
        try:
            connection = await stack.enter_async_context(engine.connect())
        except Unavailable:
            raise
        except Exception as error:  # drivers raise what they like here
            raise Unavailable(_brief(error)) from error
        yield connection


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (DataError, IntegrityError, ProgrammingError):
        raise  # a mistake of ours, not the database's state
    except (DBAPIError, OSError, TimeoutError) as error:
        raise Unavailable(_brief(error)) from error


def _brief(error: Exception) -> str:
    """What the driver said, without the statement."""
    return str(error.orig if isinstance(error, DBAPIError) else error) or type(error).__name__


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


def _leave(_connection: object, record: Any) -> None:
    record.info["left"] = monotonic()


def _require_server(connection: Any, record: Any, _proxy: object) -> None:
    """Have a connection made anew whose server was restarted meanwhile: it costs nobody a vote.

    Unlike the pool's own ping, this takes no trip to the server where one was just made.
    """
    if connection.driver_connection.is_closed():
        raise InvalidatePoolError
    left = record.info.get("left")
    if left and monotonic() - left > _TRUSTED_SECONDS:
        try:
            connection.ping()
        except Exception as error:  # drivers raise what they like here
            raise InvalidatePoolError from error


def _begin_sqlite(connection: Connection) -> None:
    # A write transaction takes its lock at once: one that began by reading could not wait for it.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
