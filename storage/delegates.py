"""Queries about delegates' profiles."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from governance.delegates import Profile
from governance.delegation import SERVER
from storage.database import insert
from storage.tables import delegates, delegations


async def get(connection: AsyncConnection, guild_id: int, member_id: int) -> Profile:
    """A member's profile; the default where it has none."""
    stored = await connection.scalar(
        select(delegates.c.profile).where(
            delegates.c.guild_id == guild_id, delegates.c.member_id == member_id
        )
    )
    return Profile.from_stored(stored or {})


async def of_server(connection: AsyncConnection, guild_id: int) -> dict[int, Profile]:
    """Every profile of a server, by member."""
    rows = await connection.execute(select(delegates).where(delegates.c.guild_id == guild_id))
    return {row.member_id: Profile.from_stored(row.profile) for row in rows}


async def save(
    connection: AsyncConnection, guild_id: int, member_id: int, profile: Profile
) -> None:
    stored = profile.stored()
    await connection.execute(
        insert(connection, delegates)
        .values(guild_id=guild_id, member_id=member_id, profile=stored)
        .on_conflict_do_update(
            index_elements=[delegates.c.guild_id, delegates.c.member_id], set_={"profile": stored}
        )
    )


async def trust(connection: AsyncConnection, guild_id: int, now: datetime) -> dict[int, int]:
    """Who delegates to whom in a whole server now."""
    rows = await connection.execute(
        select(delegations.c.member_id, delegations.c.delegate_id).where(
            delegations.c.guild_id == guild_id,
            delegations.c.space_id == SERVER.space_id,
            delegations.c.topic == SERVER.topic,
            delegations.c.delegate_id.is_not(None),
            delegations.c.ended_at.is_(None),
            or_(delegations.c.expires_at.is_(None), delegations.c.expires_at > now),
        )
    )
    return {row.member_id: row.delegate_id for row in rows}
