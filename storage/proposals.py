"""Queries about proposals."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from governance.proposal import Cancellation, Proposal, Rules, Text
from governance.voting import SYSTEMS
from storage.tables import proposals, servers, versions

# In one order, so that two writers never wait for each other.
_LOCK = (
    select(proposals)
    .where(proposals.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(proposals.c.id)
    .with_for_update()
)


async def add(
    connection: AsyncConnection,
    guild_id: int,
    author_id: int,
    text: Text,
    rules: Rules,
    now: datetime,
) -> Proposal:
    """Store a new proposal under the next number of its server; the server's row must exist."""
    # Two proposals at once must not draw the same number.
    await connection.execute(
        select(servers.c.guild_id).where(servers.c.guild_id == guild_id).with_for_update()
    )
    number = await connection.scalar(
        select(func.coalesce(func.max(proposals.c.number), 0) + 1).where(
            proposals.c.guild_id == guild_id
        )
    )
    vote_start = now + rules.voting_delay
    added = await connection.execute(
        insert(proposals)
        .returning(proposals.c.id)
        .values(
            guild_id=guild_id,
            number=number,
            author_id=author_id,
            **_texts(text),
            version=1,
            rules=_stored_rules(rules),
            created_at=now,
            vote_start=vote_start,
            vote_end=vote_start + rules.voting_period,
            tally=SYSTEMS[rules.system].count([]),
        )
    )
    proposal_id: int = added.scalar_one()
    await _keep_version(connection, proposal_id, 1, text, now)
    return (await by_ids(connection, [proposal_id]))[proposal_id]


async def get(connection: AsyncConnection, proposal_id: int) -> Proposal | None:
    return (await by_ids(connection, [proposal_id])).get(proposal_id)


async def by_ids(connection: AsyncConnection, ids: Iterable[int]) -> dict[int, Proposal]:
    """The proposals that exist, by id."""
    found = await _where(connection, proposals.c.id.in_(list(ids)))
    return {proposal.id: proposal for proposal in found}


async def lock(connection: AsyncConnection, ids: Iterable[int]) -> dict[int, Proposal]:
    """Like `by_ids`, holding the rows until the transaction ends."""
    rows = await connection.execute(_LOCK, {"ids": list(ids)})
    return {row.id: _proposal(row) for row in rows}


async def by_number(connection: AsyncConnection, guild_id: int, number: int) -> Proposal | None:
    found = await _where(
        connection, and_(proposals.c.guild_id == guild_id, proposals.c.number == number)
    )
    return found[0] if found else None


async def page(
    connection: AsyncConnection,
    condition: ColumnElement[bool],
    *,
    limit: int,
    offset: int = 0,
) -> list[Proposal]:
    """Proposals, newest first."""
    return await _where(connection, condition, limit=limit, offset=offset)


def of_server(guild_id: int) -> ColumnElement[bool]:
    return proposals.c.guild_id == guild_id


def titled(guild_id: int, typed: str) -> ColumnElement[bool]:
    """Of this server, whose title contains the text, whatever its case, or whose number it is."""
    fits = proposals.c.title_folded.contains(typed.casefold(), autoescape=True)
    digits = typed.removeprefix("#")
    if digits.isascii() and digits.isdigit() and len(digits) < 10:
        fits = or_(fits, proposals.c.number == int(digits))
    # Found in the index alone: of a hundred thousand proposals none is read that doesn't fit.
    return proposals.c.id.in_(select(proposals.c.id).where(proposals.c.guild_id == guild_id, fits))


def pending(now: datetime) -> ColumnElement[bool]:
    return and_(not_canceled(), proposals.c.vote_start >= now)


def active(now: datetime) -> ColumnElement[bool]:
    return and_(not_canceled(), proposals.c.vote_start < now, proposals.c.vote_end >= now)


def open_(now: datetime) -> ColumnElement[bool]:
    """Pending or active."""
    return and_(not_canceled(), proposals.c.vote_end >= now)


def closed(now: datetime) -> ColumnElement[bool]:
    """Succeeded, defeated or canceled."""
    return or_(proposals.c.canceled_at.is_not(None), proposals.c.vote_end < now)


def not_canceled() -> ColumnElement[bool]:
    return proposals.c.canceled_at.is_(None)


def by_author(author_id: int) -> ColumnElement[bool]:
    return proposals.c.author_id == author_id


async def due_to_open(connection: AsyncConnection, now: datetime) -> list[Proposal]:
    """Voting has started and that isn't in the outbox yet."""
    return await _where(
        connection,
        and_(
            not_canceled(),
            proposals.c.opened_at.is_(None),
            proposals.c.vote_start < now,
            proposals.c.vote_end >= now,
        ),
    )


async def due_to_close(connection: AsyncConnection, now: datetime) -> Sequence[int]:
    """Ids of those whose deadline has passed and whose ballots aren't counted yet."""
    rows = await connection.execute(
        select(proposals.c.id)
        .where(not_canceled(), proposals.c.counted_at.is_(None), proposals.c.vote_end < now)
        .order_by(proposals.c.vote_end)
    )
    return rows.scalars().all()


async def behind(connection: AsyncConnection) -> list[Proposal]:
    """Whose card shows less than the facts."""
    return await _where(
        connection,
        and_(proposals.c.drawn < proposals.c.revision, proposals.c.message_id.is_not(None)),
    )


async def change(connection: AsyncConnection, proposal_id: int, **values: Any) -> None:
    """Set columns that the card shows: the card is behind from this transaction on."""
    await connection.execute(
        update(proposals)
        .where(proposals.c.id == proposal_id)
        .values(revision=proposals.c.revision + 1, **values)
    )


async def rewrite(
    connection: AsyncConnection, proposal: Proposal, text: Text, now: datetime
) -> int:
    """Give the proposal a new text; the earlier versions stay. Returns the new version."""
    version = proposal.version + 1
    await change(connection, proposal.id, version=version, **_texts(text))
    await _keep_version(connection, proposal.id, version, text, now)
    return version


async def text_of_version(
    connection: AsyncConnection, proposal_id: int, version: int
) -> Text | None:
    row = (
        await connection.execute(
            select(versions.c.title, versions.c.body, versions.c.link).where(
                versions.c.proposal_id == proposal_id, versions.c.version == version
            )
        )
    ).first()
    return Text(*row) if row else None


async def place(
    connection: AsyncConnection,
    proposal_id: int,
    *,
    channel_id: int | None,
    message_id: int | None,
    thread_id: int | None,
) -> None:
    """Where the card and the discussion are; a card placed anew has nothing drawn on it."""
    await connection.execute(
        update(proposals)
        .where(proposals.c.id == proposal_id)
        .values(channel_id=channel_id, message_id=message_id, thread_id=thread_id, drawn=0)
    )


async def set_drawn(connection: AsyncConnection, proposal_id: int, revision: int) -> None:
    await connection.execute(
        update(proposals)
        .where(proposals.c.id == proposal_id, proposals.c.drawn < revision)
        .values(drawn=revision)
    )


async def _where(
    connection: AsyncConnection,
    condition: ColumnElement[bool],
    limit: int | None = None,
    offset: int | None = None,
) -> list[Proposal]:
    query = select(proposals).where(condition).order_by(proposals.c.number.desc())
    return await _read(connection, query.limit(limit).offset(offset))


async def _read(connection: AsyncConnection, query: Select[Any]) -> list[Proposal]:
    return [_proposal(row) for row in await connection.execute(query)]


def _proposal(row: Row[Any]) -> Proposal:
    canceled = (
        Cancellation(row.canceled_at, row.canceled_by, row.cancel_reason)
        if row.canceled_at
        else None
    )
    return Proposal(
        id=row.id,
        guild_id=row.guild_id,
        number=row.number,
        author_id=row.author_id,
        text=Text(row.title, row.body, row.link),
        version=row.version,
        rules=_rules(row.rules),
        created_at=row.created_at,
        vote_start=row.vote_start,
        vote_end=row.vote_end,
        canceled=canceled,
        counted_at=row.counted_at,
        tally=row.tally,
        voters=row.voters,
        revision=row.revision,
        channel_id=row.channel_id,
        message_id=row.message_id,
        thread_id=row.thread_id,
    )


def _texts(text: Text) -> dict[str, str]:
    return {**asdict(text), "title_folded": text.title.casefold()}


async def _keep_version(
    connection: AsyncConnection, proposal_id: int, version: int, text: Text, now: datetime
) -> None:
    await connection.execute(
        insert(versions).values(
            proposal_id=proposal_id, version=version, written_at=now, **asdict(text)
        )
    )


def _stored_rules(rules: Rules) -> dict[str, Any]:
    second = timedelta(seconds=1)
    return {
        "system": rules.system,
        "quorum": str(rules.quorum),  # JSON readers round large numbers
        "voting_delay": rules.voting_delay // second,
        "voting_period": rules.voting_period // second,
        "voting_role": rules.voting_role,
    }


def _rules(stored: dict[str, Any]) -> Rules:
    return Rules(
        system=stored["system"],
        quorum=int(stored["quorum"]),
        voting_delay=timedelta(seconds=stored["voting_delay"]),
        voting_period=timedelta(seconds=stored["voting_period"]),
        voting_role=stored["voting_role"],
    )
