"""Queries about reputation."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Text, insert, literal, null, select
from sqlalchemy.ext.asyncio import AsyncConnection

from governance.reputation import Entry, balance
from storage.tables import ballots, reputation
from storage.types import Moment

_MOST_NAMED = 1000  # members in a query; it could not name any number of them
_COLUMNS = ("guild_id", "member_id", "points", "reason", "given_by", "proposal_id", "at")


async def add(connection: AsyncConnection, guild_id: int, entries: Sequence[Entry]) -> None:
    if not entries:
        return
    await connection.execute(
        insert(reputation),
        [
            {
                "guild_id": guild_id,
                "member_id": each.member_id,
                "points": each.points,
                "reason": each.reason,
                "given_by": each.given_by,
                "proposal_id": each.proposal_id,
                "at": each.at,
            }
            for each in entries
        ],
    )


async def add_for_voters(
    connection: AsyncConnection,
    guild_id: int,
    proposal_id: int,
    points: int,
    reason: str,
    at: datetime,
) -> None:
    """An entry for everyone who has cast a ballot on a proposal; made by the database itself."""
    voters = select(
        literal(guild_id, reputation.c.guild_id.type),
        ballots.c.voter_id,
        literal(points, reputation.c.points.type),
        literal(reason, Text()),
        null(),
        ballots.c.proposal_id,
        literal(at, Moment()),
    ).where(ballots.c.proposal_id == proposal_id)
    await connection.execute(insert(reputation).from_select(_COLUMNS, voters))


async def latest(
    connection: AsyncConnection, guild_id: int, member_id: int, *, limit: int, offset: int
) -> list[Entry]:
    """A member's entries, the latest first."""
    rows = await connection.execute(
        select(reputation)
        .where(reputation.c.guild_id == guild_id, reputation.c.member_id == member_id)
        .order_by(reputation.c.at.desc(), reputation.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [_entry(row) for row in rows]


async def balances(
    connection: AsyncConnection,
    guild_id: int,
    at: datetime,
    half_life: timedelta,
    members: Collection[int] | None = None,
) -> dict[int, int]:
    """The reputation (units) at a moment of each of these members (of all) who has entries."""
    query = select(reputation.c.member_id, reputation.c.at, reputation.c.points).where(
        reputation.c.guild_id == guild_id, reputation.c.at <= at
    )
    if members is not None and len(members) <= _MOST_NAMED:
        query = query.where(reputation.c.member_id.in_(members))
    wanted = None if members is None else set(members)
    changes: defaultdict[int, list[tuple[datetime, int]]] = defaultdict(list)
    for member_id, then, points in await connection.execute(query):
        if wanted is None or member_id in wanted:
            changes[member_id].append((then, points))
    return await asyncio.to_thread(
        lambda: {member: balance(found, at, half_life) for member, found in changes.items()}
    )


def _entry(row: Row[Any]) -> Entry:
    return Entry(row.member_id, row.points, row.reason, row.given_by, row.proposal_id, row.at)
