"""Queries about a server's types of proposals."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from governance.types import FormField, ProposalType
from storage.database import insert
from storage.tables import types


async def of_server(connection: AsyncConnection, guild_id: int) -> list[ProposalType]:
    """A server's own types, by name."""
    rows = await connection.execute(
        select(types).where(types.c.guild_id == guild_id).order_by(types.c.name_folded)
    )
    return [_type(row) for row in rows]


async def get(connection: AsyncConnection, guild_id: int, name: str) -> ProposalType | None:
    row = (
        await connection.execute(
            select(types).where(
                types.c.guild_id == guild_id, types.c.name_folded == name.casefold()
            )
        )
    ).first()
    return _type(row) if row else None


async def save(connection: AsyncConnection, guild_id: int, saved: ProposalType) -> None:
    definition = asdict(saved)
    values = {"space_id": definition.pop("space_id"), "definition": definition}
    await connection.execute(
        insert(connection, types)
        .values(guild_id=guild_id, name_folded=saved.name.casefold(), **values)
        .on_conflict_do_update(index_elements=[types.c.guild_id, types.c.name_folded], set_=values)
    )


async def remove(connection: AsyncConnection, guild_id: int, name: str) -> None:
    await connection.execute(
        delete(types).where(types.c.guild_id == guild_id, types.c.name_folded == name.casefold())
    )


def _type(row: Row[Any]) -> ProposalType:
    fields = tuple(FormField(**field) for field in row.definition["fields"])
    return ProposalType(**{**row.definition, "fields": fields}, space_id=row.space_id)
