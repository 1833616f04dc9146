"""Queries about ballots and running tallies."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from functools import cache
from typing import Any

from sqlalchemy import bindparam, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from governance.ballot import Ballot
from governance.proposal import Proposal
from storage.database import INSERTS
from storage.tables import ballots, proposals

Key = tuple[int, int]
"""(proposal id, voter id)."""

# Made once: they run for each batch of ballots.
_CAST = select(ballots).where(
    tuple_(ballots.c.proposal_id, ballots.c.voter_id).in_(bindparam("keys", expanding=True))
)
_SAVE_TALLY = update(proposals).where(proposals.c.id == bindparam("at"))


async def cast(connection: AsyncConnection, keys: Collection[Key]) -> dict[Key, Ballot]:
    """The ballots that these members have cast already."""
    rows = await connection.execute(_CAST, {"keys": list(keys)})
    return {(row.proposal_id, row.voter_id): Ballot(*row) for row in rows}


async def save(connection: AsyncConnection, cast_now: Collection[Ballot]) -> None:
    """Store ballots, each in place of its voter's earlier one."""
    await connection.execute(
        _upsert(connection.dialect.name), [asdict(ballot) for ballot in cast_now]
    )


async def save_tally(connection: AsyncConnection, changed: Collection[Proposal]) -> None:
    """Store running tallies; the cards are behind from this transaction on."""
    await connection.execute(
        _SAVE_TALLY,
        [
            {"at": each.id, "tally": each.tally, "voters": each.voters, "revision": each.revision}
            for each in changed
        ],
    )


async def to_count(connection: AsyncConnection, proposal_id: int) -> Sequence[tuple[int, int]]:
    """Every ballot of a proposal as (choice, power in units)."""
    rows = await connection.execute(
        select(ballots.c.choice, ballots.c.power).where(ballots.c.proposal_id == proposal_id)
    )
    return [(choice, power) for choice, power in rows]


async def of_member(
    connection: AsyncConnection, guild_id: int, voter_id: int, *, limit: int, offset: int
) -> list[Ballot]:
    """A member's ballots in a server, the latest proposals first."""
    rows = await connection.execute(
        select(ballots)
        .join(proposals, proposals.c.id == ballots.c.proposal_id)
        .where(proposals.c.guild_id == guild_id, ballots.c.voter_id == voter_id)
        .order_by(ballots.c.proposal_id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [Ballot(*row) for row in rows]


@cache
def _upsert(dialect: str) -> Any:
    statement = INSERTS[dialect](ballots)
    replaced = ("choice", "power", "reason", "cast_at")
    return statement.on_conflict_do_update(
        index_elements=[ballots.c.proposal_id, ballots.c.voter_id],
        set_={name: statement.excluded[name] for name in replaced},
    )
