"""Queries about servers' settings, and about what is registered with Discord."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from governance.settings import Settings
from storage.database import insert
from storage.tables import registrations, servers


async def get(connection: AsyncConnection, guild_id: int) -> tuple[Settings, int | None]:
    """A server's settings and the id of its results webhook; defaults where none are stored."""
    row = (
        await connection.execute(
            select(servers.c.settings, servers.c.results_webhook_id).where(
                servers.c.guild_id == guild_id
            )
        )
    ).first()
    return (
        (Settings.from_stored(row.settings), row.results_webhook_id) if row else (Settings(), None)
    )


async def everywhere(connection: AsyncConnection) -> dict[int, Settings]:
    """The settings of every server that has some, by its id."""
    rows = await connection.execute(select(servers.c.guild_id, servers.c.settings))
    return {row.guild_id: Settings.from_stored(row.settings) for row in rows}


async def lock(connection: AsyncConnection, guild_id: int) -> tuple[Settings, int | None]:
    """Like `get`, keeping others from changing them until the transaction ends."""
    await connection.execute(
        insert(connection, servers)
        .values(guild_id=guild_id, settings=Settings().stored())
        .on_conflict_do_nothing()
    )
    await connection.execute(
        select(servers.c.guild_id).where(servers.c.guild_id == guild_id).with_for_update()
    )
    return await get(connection, guild_id)


async def save(
    connection: AsyncConnection, guild_id: int, settings: Settings, results_webhook_id: int | None
) -> None:
    values = {"settings": settings.stored(), "results_webhook_id": results_webhook_id}
    await connection.execute(
        insert(connection, servers)
        .values(guild_id=guild_id, **values)
        .on_conflict_do_update(index_elements=[servers.c.guild_id], set_=values)
    )


async def applications(connection: AsyncConnection) -> set[int]:
    """The ids of the applications that this database has served."""
    return set(await connection.scalars(select(registrations.c.application_id)))


async def registered_commands(connection: AsyncConnection, application_id: int) -> str | None:
    """The hash of the command tree that Discord has from us."""
    return await connection.scalar(
        select(registrations.c.commands_hash).where(
            registrations.c.application_id == application_id
        )
    )


async def register_commands(
    connection: AsyncConnection, application_id: int, commands_hash: str
) -> None:
    await connection.execute(
        insert(connection, registrations)
        .values(application_id=application_id, commands_hash=commands_hash)
        .on_conflict_do_update(
            index_elements=[registrations.c.application_id], set_={"commands_hash": commands_hash}
        )
    )
