"""Queries about delegations."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    and_,
    case,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from governance.delegation import Delegation, Scope
from storage.tables import delegations

_AT_ONCE = 5000
"""Rows of one statement, so that others get their turn in between."""


@dataclass(frozen=True, slots=True)
class Received:
    """How many delegate to a member in a scope, and the first of them."""

    scope: Scope
    count: int
    members: tuple[int, ...]


async def standing(
    connection: AsyncConnection, guild_id: int, scopes: Collection[Scope], at: datetime
) -> list[Delegation]:
    """What members of a server have delegated in these scopes, and stood at that moment."""
    query = (
        select(delegations)
        .where(
            delegations.c.guild_id == guild_id,
            _in(scopes),
            delegations.c.given_at <= at,
            or_(delegations.c.ended_at.is_(None), delegations.c.ended_at > at),
            or_(delegations.c.expires_at.is_(None), delegations.c.expires_at > at),
        )
        .order_by(delegations.c.id)
        .limit(_AT_ONCE)
    )
    found: list[Delegation] = []
    last = 0
    while rows := (await connection.execute(query.where(delegations.c.id > last))).all():
        found += map(_delegation, rows)
        last = rows[-1].id
    return found


async def ahead(
    connection: AsyncConnection,
    guild_id: int,
    member_id: int,
    scopes: Sequence[Scope],
    now: datetime,
) -> list[Delegation]:
    """What applies to a member, of these scopes (the narrowest first), and to all on the way on.

    Each step is a lookup of its own: of a join, databases make a reading of the whole table.
    """
    given = delegations.alias("given")
    narrowest = case(
        *(
            (and_(given.c.space_id == each.space_id, given.c.topic == each.topic), place)
            for place, each in enumerate(scopes)
        )
    )

    def applying(member: ColumnElement[Any]) -> ColumnElement[Any]:
        return (
            select(given.c.id)
            .where(
                given.c.guild_id == guild_id,
                given.c.member_id == member,
                narrowest.is_not(None),
                given.c.ended_at.is_(None),
                or_(given.c.expires_at.is_(None), given.c.expires_at > now),
            )
            .order_by(narrowest)
            .limit(1)
            .scalar_subquery()
        )

    first = applying(literal(member_id, BigInteger))
    way = select(first.label("id")).cte("way", recursive=True)
    here = delegations.alias("here")
    way = way.union(  # which leaves out what is met again, so circles end
        select(applying(here.c.delegate_id).label("id")).where(
            here.c.id == way.c.id, here.c.delegate_id.is_not(None)
        )
    )
    rows = await connection.execute(select(delegations).join(way, way.c.id == delegations.c.id))
    return [_delegation(row) for row in rows]


async def of_member(connection: AsyncConnection, guild_id: int, member_id: int) -> list[Delegation]:
    """What a member has delegated and not ended, expired ones too; the latest first."""
    rows = await connection.execute(
        select(delegations)
        .where(
            delegations.c.guild_id == guild_id,
            delegations.c.member_id == member_id,
            delegations.c.ended_at.is_(None),
        )
        .order_by(delegations.c.id.desc())
    )
    return [_delegation(row) for row in rows]


async def in_scope(
    connection: AsyncConnection, guild_id: int, member_id: int, scope: Scope
) -> Delegation | None:
    """What a member has delegated in a scope and not ended; perhaps it has expired."""
    row = (
        await connection.execute(
            select(delegations).where(
                delegations.c.guild_id == guild_id,
                delegations.c.member_id == member_id,
                _in([scope]),
                delegations.c.ended_at.is_(None),
            )
        )
    ).first()
    return _delegation(row) if row else None


async def by_ids(connection: AsyncConnection, ids: Collection[int]) -> dict[int, Delegation]:
    """Delegations by id, ended ones too."""
    rows = await connection.execute(select(delegations).where(delegations.c.id.in_(list(ids))))
    return {row.id: _delegation(row) for row in rows}


async def received(
    connection: AsyncConnection, guild_id: int, member_id: int, now: datetime, *, first: int
) -> list[Received]:
    """Who delegates to a member, by scope; `first` of each by name."""
    scope = (delegations.c.space_id, delegations.c.topic)
    numbered = (
        select(
            *scope,
            delegations.c.member_id,
            func.row_number().over(partition_by=scope, order_by=delegations.c.id).label("place"),
            func.count().over(partition_by=scope).label("many"),
        )
        .where(
            delegations.c.guild_id == guild_id,
            delegations.c.delegate_id == member_id,
            delegations.c.ended_at.is_(None),
            or_(delegations.c.expires_at.is_(None), delegations.c.expires_at > now),
        )
        .subquery()
    )
    rows = await connection.execute(
        select(numbered)
        .where(numbered.c.place <= first)
        .order_by(numbered.c.space_id, numbered.c.topic, numbered.c.place)
    )
    found: dict[Scope, tuple[int, list[int]]] = {}
    for row in rows:
        _, members = found.setdefault(Scope(row.space_id, row.topic), (row.many, []))
        members.append(row.member_id)
    return [Received(scope, count, tuple(members)) for scope, (count, members) in found.items()]


async def add(connection: AsyncConnection, guild_id: int, given: Delegation) -> Delegation:
    """Store a new delegation; returns it with its id. None may be left that hasn't ended there."""
    added = await connection.execute(
        insert(delegations)
        .returning(delegations.c.id)
        .values(
            guild_id=guild_id,
            member_id=given.member_id,
            space_id=given.scope.space_id,
            topic=given.scope.topic,
            delegate_id=given.delegate_id,
            given_at=given.given_at,
            expires_at=given.expires_at,
            tell=given.tell,
        )
    )
    return replace(given, id=added.scalar_one())


async def end(connection: AsyncConnection, delegation_id: int, now: datetime) -> None:
    await connection.execute(
        update(delegations).where(delegations.c.id == delegation_id).values(ended_at=now)
    )


def _in(scopes: Collection[Scope]) -> ColumnElement[bool]:
    return or_(
        *(
            and_(delegations.c.space_id == each.space_id, delegations.c.topic == each.topic)
            for each in scopes
        )
    )


def _delegation(row: Row[Any]) -> Delegation:
    return Delegation(
        row.id,
        row.member_id,
        Scope(row.space_id, row.topic),
        row.delegate_id,
        row.given_at,
        row.expires_at,
        row.ended_at,
        row.tell,
    )
