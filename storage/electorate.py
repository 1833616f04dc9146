"""Queries about the electorate of a vote: whose power, and whose delegation, was fixed."""

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable
from itertools import islice
from typing import Any

from sqlalchemy import (
    BindParameter,
    Row,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from governance.carry import Elector
from storage.ballots import Key, named
from storage.tables import ballots, electorate

_AT_ONCE, _ADDED_AT_ONCE = 10_000, 1000
"""Rows of one statement, so that others get their turn in between; writing takes longer."""


def _ways() -> Any:
    """From members on, along their delegations, as far as the first of each who has voted."""
    of: BindParameter[int] = bindparam("of")
    way = (
        select(electorate.c.member_id)
        .where(
            electorate.c.proposal_id == of,
            electorate.c.member_id.in_(bindparam("members", expanding=True)),
        )
        .cte("way", recursive=True)
    )
    here = electorate.alias("here")
    voted = exists().where(ballots.c.proposal_id == of, ballots.c.voter_id == here.c.member_id)
    # No join: PostgreSQL, which knows little of what was written just now, would read all of the
    # electorate at each step.
    delegate = select(here.c.delegate_id).where(
        here.c.proposal_id == of, here.c.member_id == way.c.member_id, ~voted
    )
    way = way.union(select(delegate.scalar_subquery()).where(way.c.member_id.is_not(None)))
    return (
        select(electorate)
        .join(way, way.c.member_id == electorate.c.member_id)
        .where(electorate.c.proposal_id == of)
    )


# Made once: they run for each batch of ballots.
_WAYS = _ways()
_SAVE = (
    update(electorate)
    .where(electorate.c.proposal_id == bindparam("of"), electorate.c.member_id == bindparam("who"))
    .values({name: bindparam(name) for name in ("cut", "carried", "second_carried", "carries")})
)


async def add(connection: AsyncConnection, proposal_id: int, electors: Iterable[Elector]) -> None:
    """Record who may vote with which power, and who delegates to whom."""
    waiting = iter(electors)
    while some := list(islice(waiting, _ADDED_AT_ONCE)):
        await connection.execute(
            insert(electorate),
            [
                {
                    "proposal_id": proposal_id,
                    "member_id": each.member_id,
                    "power": each.power,
                    "second": each.second,
                    "delegation_id": each.delegation_id,
                    "delegate_id": each.delegate_id,
                    "cut": each.cut,
                    "carried": each.carried,
                    "second_carried": each.second_carried,
                    "carries": each.carries,
                }
                for each in some
            ],
        )


async def analyze(connection: AsyncConnection) -> None:
    """Tell PostgreSQL's planner what was added; SQLite's plans without knowing.

    Else it takes a new electorate for a row or none, and reads all of it wherever it needs one.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(text("ANALYZE electorate"))


async def clear(connection: AsyncConnection, proposal_id: int) -> None:
    """Forget who was recorded."""
    await connection.execute(delete(electorate).where(electorate.c.proposal_id == proposal_id))


async def stored(connection: AsyncConnection, proposal_id: int) -> int:
    """How many are recorded, with power of their own or without."""
    found = await connection.scalar(
        select(func.count()).where(electorate.c.proposal_id == proposal_id)
    )
    return found or 0


async def get(connection: AsyncConnection, proposal_id: int, member_id: int) -> Elector | None:
    """A member as it was recorded; None where it wasn't."""
    row = (
        await connection.execute(
            select(electorate).where(
                electorate.c.proposal_id == proposal_id, electorate.c.member_id == member_id
            )
        )
    ).first()
    return _elector(row) if row else None


async def ways(
    connection: AsyncConnection, keys: Collection[Key]
) -> defaultdict[int, dict[int, Elector]]:
    """By proposal, these members and all on the way from them to the first who has voted."""
    found: defaultdict[int, dict[int, Elector]] = defaultdict(dict)
    for names in named(keys):
        for row in await connection.execute(_WAYS, names):
            found[row.proposal_id][row.member_id] = _elector(row)
    return found


async def line(connection: AsyncConnection, proposal_id: int, member_id: int) -> list[Elector]:
    """A member and those on the way from it, in order, to the first who has voted or the end."""
    found = (await ways(connection, [(proposal_id, member_id)]))[proposal_id]
    order: list[Elector] = []
    here: int | None = member_id
    while here is not None and here in found:
        order.append(found.pop(here))
        here = order[-1].delegate_id
    return order


async def save(connection: AsyncConnection, proposal_id: int, changed: Collection[Elector]) -> None:
    """Store what these electors carry now."""
    if not changed:
        return
    await connection.execute(
        _SAVE,
        [
            {
                "of": proposal_id,
                "who": each.member_id,
                "cut": each.cut,
                "carried": each.carried,
                "second_carried": each.second_carried,
                "carries": each.carries,
            }
            for each in changed
        ],
    )


async def delegating(connection: AsyncConnection, proposal_id: int) -> AsyncIterator[Elector]:
    """Everyone who delegates, or is delegated to, in a vote."""
    giver, last = electorate.alias("giver"), 0
    trusted = exists().where(
        giver.c.proposal_id == electorate.c.proposal_id,
        giver.c.delegate_id == electorate.c.member_id,
    )
    query = (
        select(electorate)
        .where(
            electorate.c.proposal_id == proposal_id,
            or_(electorate.c.delegate_id.is_not(None), trusted),
        )
        .order_by(electorate.c.member_id)
        .limit(_AT_ONCE)
    )
    while rows := (await connection.execute(query.where(electorate.c.member_id > last))).all():
        for row in rows:
            yield _elector(row)
        last = rows[-1].member_id


def _elector(row: Row[Any]) -> Elector:
    return Elector(
        row.member_id,
        row.power,
        row.second,
        row.delegate_id,
        row.delegation_id,
        row.cut,
        row.carried,
        row.second_carried,
        row.carries,
    )
