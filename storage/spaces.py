"""Queries about a server's spaces."""

from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from governance.spaces import Space
from storage.tables import spaces


async def of_server(connection: AsyncConnection, guild_id: int) -> dict[int, Space]:
    """All of a server's spaces by id, archived ones too."""
    rows = await connection.execute(
        select(spaces).where(spaces.c.guild_id == guild_id).order_by(spaces.c.id)
    )
    return {row.id: _space(row) for row in rows}


async def everywhere(connection: AsyncConnection) -> list[Space]:
    """The spaces of every server, but archived ones."""
    rows = await connection.execute(
        select(spaces).where(spaces.c.archived_at.is_(None)).order_by(spaces.c.id)
    )
    return [_space(row) for row in rows]


async def line(connection: AsyncConnection, space_id: int) -> list[int]:
    """The ids of a space and of those above it, the own one first; none for the server itself."""
    found, here = list[int](), space_id or None
    while here is not None:
        found.append(here)
        here = await connection.scalar(select(spaces.c.parent_id).where(spaces.c.id == here))
    return found


async def add(connection: AsyncConnection, space: Space) -> Space:
    """Store a new space; returns it with its id."""
    added = await connection.execute(
        insert(spaces).returning(spaces).values(guild_id=space.guild_id, **_values(space))
    )
    return _space(added.one())


async def save(connection: AsyncConnection, space: Space) -> None:
    await connection.execute(update(spaces).where(spaces.c.id == space.id).values(_values(space)))


async def use_webhook(connection: AsyncConnection, space_id: int, webhook_id: int | None) -> None:
    await connection.execute(
        update(spaces).where(spaces.c.id == space_id).values(results_webhook_id=webhook_id)
    )


def _values(space: Space) -> dict[str, Any]:
    return {
        "parent_id": space.parent_id,
        "name": space.name,
        "name_folded": space.name.casefold(),
        "settings": dict(space.changes),
        "reserved": list(space.reserved),
        "results_webhook_id": space.results_webhook_id,
        "archived_at": space.archived_at,
    }


def _space(row: Row[Any]) -> Space:
    return Space(
        id=row.id,
        guild_id=row.guild_id,
        parent_id=row.parent_id,
        name=row.name,
        changes=row.settings,
        reserved=tuple(row.reserved),
        results_webhook_id=row.results_webhook_id,
        archived_at=row.archived_at,
    )
