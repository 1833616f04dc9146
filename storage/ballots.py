"""Queries about ballots and running tallies."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from governance.ballot import Ballot
from governance.counts import choice_from_json, scores_as_json, scores_from_json
from governance.proposal import Proposal, Tally
from governance.voting.system import Choice, Points
from storage.database import INSERTS
from storage.tables import ballots, proposals

Key = tuple[int, int]
"""(proposal id, voter id)."""

_MOST_NAMED = 10_000
"""Members that one statement names; PostgreSQL takes three times as many."""

# Made once: they run for each batch of ballots. Of one proposal each, because for pairs of a
# proposal and a voter SQLite reads the whole table. One voter is found without a list, which takes
# as long to write into a statement as to run it.
_OF_ONE = select(ballots).where(ballots.c.proposal_id == bindparam("of"))
_CAST = _OF_ONE.where(ballots.c.voter_id.in_(bindparam("members", expanding=True)))
_CAST_BY_ONE = _OF_ONE.where(ballots.c.voter_id == bindparam("only"))
_SAVE_TALLY = update(proposals).where(proposals.c.id == bindparam("at"))


async def cast(connection: AsyncConnection, keys: Collection[Key]) -> dict[Key, Ballot]:
    """The ballots that these members have cast already."""
    if len(keys) == 1:
        [(proposal_id, voter)] = keys
        rows = list(await connection.execute(_CAST_BY_ONE, {"of": proposal_id, "only": voter}))
    else:
        rows = [row for names in named(keys) for row in await connection.execute(_CAST, names)]
    return {(row.proposal_id, row.voter_id): _ballot(row) for row in rows}


def named(keys: Collection[Key]) -> Iterator[dict[str, Any]]:
    """The members `of` each proposal, as many at a time as a statement may name."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for proposal_id, member_id in keys:
        found[proposal_id].append(member_id)
    for proposal_id, members in found.items():
        for at in range(0, len(members), _MOST_NAMED):
            yield {"of": proposal_id, "members": members[at : at + _MOST_NAMED]}


async def of_voters(
    connection: AsyncConnection, proposal_ids: Collection[int], voters: Collection[int]
) -> dict[Key, Ballot]:
    """The ballots that these members have cast on any of these proposals."""
    rows = await connection.execute(
        select(ballots).where(
            ballots.c.proposal_id.in_(proposal_ids), ballots.c.voter_id.in_(voters)
        )
    )
    return {(row.proposal_id, row.voter_id): _ballot(row) for row in rows}


async def save(connection: AsyncConnection, cast_now: Collection[Ballot]) -> None:
    """Store ballots, each in place of its voter's earlier one."""
    await connection.execute(
        _upsert(connection.dialect.name),
        [
            {
                "proposal_id": each.proposal_id,
                "voter_id": each.voter_id,
                "choice": each.choice,
                "power": each.power,
                "carried": each.carried,
                "second": each.second,
                "second_carried": each.second_carried,
                "reason": each.reason,
                "cast_at": each.cast_at,
            }
            for each in cast_now
        ],
    )


async def save_tally(connection: AsyncConnection, changed: Collection[Proposal]) -> None:
    """Store running tallies, and what follows from them; the cards are behind from now on."""
    await connection.execute(
        _SAVE_TALLY,
        [
            {
                "at": each.id,
                "tally": stored_tally(each.tally),
                "voters": each.tally.voters,
                "revision": each.revision,
                "vote_end": each.vote_end,
                "quorum_reached_at": each.quorum_reached_at,
                "ended_at": each.ended_at,
                "elsewhere": each.elsewhere,
                "removed": [str(signer) for signer in each.removed],
            }
            for each in changed
        ],
    )


async def to_count(
    connection: AsyncConnection,
    proposal_id: int,
    without: Collection[int] = (),
    *,
    second: bool = False,
) -> Sequence[tuple[Choice, int, int]]:
    """The ballots of a proposal as (choice, power in units, how many such ballots).

    `without` are voters whose ballots don't count (any more). With `second`, the power is that of
    the second house.
    """
    rows = await connection.execute(
        select(ballots.c.choice, ballots.c.second if second else ballots.c.power).where(
            ballots.c.proposal_id == proposal_id, ballots.c.voter_id.not_in(without)
        )
    )
    patterns = Counter((choice_from_json(choice), power) for choice, power in rows)
    return [(choice, power, times) for (choice, power), times in patterns.items()]


async def patterns(
    connection: AsyncConnection, proposal_id: int, without: Collection[int] = ()
) -> Sequence[tuple[Choice, int, int, int]]:
    """Like `to_count`, as (choice, power, power in the second house, how many such ballots)."""
    rows = await connection.execute(
        select(ballots.c.choice, ballots.c.power, ballots.c.second).where(
            ballots.c.proposal_id == proposal_id, ballots.c.voter_id.not_in(without)
        )
    )
    found = Counter((choice_from_json(choice), power, second) for choice, power, second in rows)
    return [(*pattern, times) for pattern, times in found.items()]


async def carried(connection: AsyncConnection, proposal_id: int) -> dict[int, tuple[int, int]]:
    """By voter, the power (units) that its ballot carries for others, in each house."""
    rows = await connection.execute(
        select(ballots.c.voter_id, ballots.c.carried, ballots.c.second_carried).where(
            ballots.c.proposal_id == proposal_id
        )
    )
    return {voter: (carried, second) for voter, carried, second in rows}


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
    return [_ballot(row) for row in rows]


def stored_tally(tally: Tally) -> dict[str, Any]:
    """A running tally as JSON holds it; the number of voters has a column of its own."""
    return {
        "scores": scores_as_json(tally.scores),
        "power": str(tally.power),
        "ballots": tally.ballots,
        "stakes": tally.stakes,
        "supporters": tally.supporters,
        "carried": str(tally.carried),
        "second": scores_as_json(tally.second),
        "second_power": str(tally.second_power),
    }


def read_tally(stored: dict[str, Any], voters: int) -> Tally:
    """The inverse of `stored_tally`; what isn't there is younger than the tally."""
    return Tally(
        scores_from_json(stored["scores"]),
        int(stored["power"]),
        stored["ballots"],
        voters,
        points(stored.get("stakes", [])),
        stored.get("supporters", 0),
        int(stored.get("carried", 0)),
        scores_from_json(stored.get("second", {})),
        int(stored.get("second_power", 0)),
    )


def points(value: Any) -> Points:
    """Steps and units, with tuples for JSON's lists."""
    return tuple((step, units) for step, units in value)


def _ballot(row: Row[Any]) -> Ballot:
    return Ballot(
        row.proposal_id,
        row.voter_id,
        choice_from_json(row.choice),
        row.power,
        row.reason,
        row.cast_at,
        row.carried,
        row.second,
        row.second_carried,
    )


@cache
def _upsert(dialect: str) -> Any:
    statement = INSERTS[dialect](ballots)
    replaced = ("choice", "power", "carried", "second", "second_carried", "reason", "cast_at")
    return statement.on_conflict_do_update(
        index_elements=[ballots.c.proposal_id, ballots.c.voter_id],
        set_={name: statement.excluded[name] for name in replaced},
    )
