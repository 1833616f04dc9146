"""Queries about private messages that wait to be sent."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from governance.notices import Notice, NoticeEvent
from governance.proposal import Proposal
from storage import delegates as profiles
from storage import proposals as stored
from storage.database import insert
from storage.tables import ballots, delegates, delegations, electorate, notices, proposals

_MOST_REMINDERS = 1000
"""Votes whose delegates are reminded at a time."""
_COLUMNS = ("guild_id", "member_id", "event", "proposal_id", "other_id", "version", "nonce")


async def add(
    connection: AsyncConnection,
    guild_id: int,
    member_id: int,
    event: NoticeEvent,
    *,
    other_id: int,
    version: int,
) -> None:
    """Put a message about a delegation into the outbox, unless it is there or none is wanted."""
    if not (await profiles.get(connection, guild_id, member_id)).tells:
        return
    given = (guild_id, member_id, event, 0, other_id, version, "")
    await connection.execute(
        insert(connection, notices)
        .values(**dict(zip(_COLUMNS, given, strict=True)))
        .on_conflict_do_nothing()
    )


async def add_votes(
    connection: AsyncConnection, proposal: Proposal, voter_id: int | None = None
) -> None:
    """A VOTED for each who delegates to the voter (None: to any), asked for it and hasn't voted."""
    voter = ballots.alias("voter")
    voted = exists().where(
        voter.c.proposal_id == proposal.id, voter.c.voter_id == electorate.c.delegate_id
    )
    await _add_for(
        connection,
        proposal,
        NoticeEvent.VOTED,
        electorate.c.delegate_id,
        exists().where(delegations.c.id == electorate.c.delegation_id, delegations.c.tell),
        voted if voter_id is None else electorate.c.delegate_id == voter_id,
    )


async def add_reminders(connection: AsyncConnection, proposal: Proposal) -> None:
    """A REMINDER for each who votes for others and hasn't voted."""
    await _add_for(
        connection,
        proposal,
        NoticeEvent.REMINDER,
        literal(0),
        electorate.c.carries > 0,
        electorate.c.delegate_id.is_(None),
    )


async def _add_for(
    connection: AsyncConnection,
    proposal: Proposal,
    event: NoticeEvent,
    other: ColumnElement[Any],
    *who: ColumnElement[bool],
) -> None:
    """One statement for all of the electorate who are meant, haven't voted and take messages."""
    member = electorate.c.member_id
    mute = exists().where(
        delegates.c.guild_id == proposal.guild_id,
        delegates.c.member_id == member,
        delegates.c.profile["tells"].as_boolean().is_(False),
    )
    voted = exists().where(ballots.c.proposal_id == proposal.id, ballots.c.voter_id == member)
    found = select(
        literal(proposal.guild_id),
        member,
        literal(event.value),
        literal(proposal.id),
        other,
        literal(0),
        literal(""),
    ).where(electorate.c.proposal_id == proposal.id, ~voted, ~mute, *who)
    await connection.execute(
        insert(connection, notices).from_select(_COLUMNS, found).on_conflict_do_nothing()
    )


async def due_reminders(
    connection: AsyncConnection, now: datetime, within: timedelta
) -> list[Proposal]:
    """Votes with delegations that end within that time, whose delegates weren't reminded yet."""
    return await stored.page(
        connection,
        and_(
            proposals.c.counted_at.is_(None),
            stored.active(now),
            proposals.c.reminded_at.is_(None),
            proposals.c.electors > 0,
            proposals.c.vote_end <= now + within,
        ),
        limit=_MOST_REMINDERS,
    )


async def reminded(connection: AsyncConnection, proposal_id: int, now: datetime) -> bool:
    """Note that a vote's delegates are reminded; False where they were before."""
    noted = await connection.execute(
        update(proposals)
        .where(proposals.c.id == proposal_id, proposals.c.reminded_at.is_(None))
        .values(reminded_at=now)
    )
    return noted.rowcount > 0


async def waiting(
    connection: AsyncConnection,
    guilds: Collection[int],
    without: Collection[int] = (),
    *,
    limit: int,
) -> list[Notice]:
    """What isn't settled in these servers, to members but those `without`; the urgent first."""
    rows = await connection.execute(
        select(*(notices.c[name] for name in ("id", *_COLUMNS, "tried_at")))
        .where(
            notices.c.settled_at.is_(None),
            notices.c.guild_id.in_(list(guilds)),
            notices.c.member_id.not_in(list(without)),
        )
        .order_by(notices.c.event == NoticeEvent.VOTED, notices.c.id)
        .limit(limit)
    )
    return [
        Notice(
            row.id,
            row.guild_id,
            row.member_id,
            NoticeEvent(row.event),
            row.proposal_id,
            row.other_id,
            row.version,
            row.nonce,
            row.tried_at,
        )
        for row in rows
    ]


async def trying(connection: AsyncConnection, notice: Notice, at: datetime) -> str | None:
    """Note that a request is about to be made; its nonce, None where it is settled meanwhile."""
    nonce = notice.nonce or secrets.token_hex(8)
    noted = await connection.execute(
        update(notices)
        .where(notices.c.id == notice.id, notices.c.settled_at.is_(None))
        .values(nonce=nonce, tried_at=at)
    )
    return nonce if noted.rowcount else None


async def change(connection: AsyncConnection, notice_id: int, **values: Any) -> None:
    await connection.execute(update(notices).where(notices.c.id == notice_id).values(**values))


async def settle_untried(
    connection: AsyncConnection,
    guild_id: int,
    member_id: int,
    event: NoticeEvent,
    version: int,
    now: datetime,
) -> bool:
    """Let a message be that nobody has tried to send; False where there is no such."""
    settled = await connection.execute(
        update(notices)
        .where(
            notices.c.guild_id == guild_id,
            notices.c.member_id == member_id,
            notices.c.event == event,
            notices.c.version == version,
            notices.c.tried_at.is_(None),
            notices.c.settled_at.is_(None),
        )
        .values(settled_at=now)
    )
    return settled.rowcount > 0
