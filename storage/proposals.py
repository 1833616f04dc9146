"""Queries about proposals."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    func,
    insert,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from governance.counts import from_json
from governance.proposal import Cancellation, Proposal, Tally, first_end
from governance.proposing import Record
from governance.rules import Rules
from governance.texts import Text
from governance.types import STANDARD
from governance.voting import conviction, multisig
from storage.ballots import points, read_tally, stored_tally
from storage.tables import proposals, servers, versions

# What may change once an electorate is fixed.
_CHANGING = (
    "opened_at",
    "vote_end",
    "quorum_reached_at",
    "ended_at",
    "electorate",
    "second_electorate",
    "seed",
    "elsewhere",
    "removed",
    "canceled_at",
    "canceled_by",
    "cancel_reason",
    "counted_at",
    "final_count",
    "final_second",
    "eta",
    "executed_at",
    "tally",
    "voters",
    "revision",
    "channel_id",
    "message_id",
    "thread_id",
)


def _locking(query: Select[Any]) -> Select[Any]:
    chosen = query.where(proposals.c.id.in_(bindparam("ids", expanding=True)))
    # In one order, so that two writers never wait for each other.
    return chosen.order_by(proposals.c.id).with_for_update()


# Made once: they run for each batch of ballots. Most are of one proposal, and it takes as long to
# write a list of parameters into a statement as to run it.
_LOCK = _locking(select(proposals))
_CHANGES = select(proposals.c.id, *(proposals.c[name] for name in _CHANGING))
_LOCK_AGAIN = _locking(_CHANGES)
_LOCK_ONE_AGAIN = _CHANGES.where(proposals.c.id == bindparam("only")).with_for_update()


async def add(
    connection: AsyncConnection,
    guild_id: int,
    author_id: int,
    text: Text,
    rules: Rules,
    now: datetime,
    *,
    type_name: str = STANDARD.name,
    space_id: int = 0,
    topic: str = "",
    draft: bool = False,
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
            type=type_name,
            space_id=space_id,
            topic=topic,
            rules=rules.stored(),
            created_at=now,
            shared_at=None if draft else now,
            submitted_at=None if draft else now,
            vote_start=vote_start,
            vote_end=first_end(rules, vote_start),
            tally=stored_tally(Tally()),
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


async def lock_again(
    connection: AsyncConnection, read: Mapping[int, Proposal]
) -> dict[int, Proposal]:
    """Like `lock`, for votes read with their electorates: reads only what may have changed."""
    if len(read) == 1:
        rows = await connection.execute(_LOCK_ONE_AGAIN, {"only": next(iter(read))})
    else:
        rows = await connection.execute(_LOCK_AGAIN, {"ids": list(read)})
    return {row.id: replace(read[row.id], **_changing(row)) for row in rows}


async def conviction_votes(
    connection: AsyncConnection, guild_id: int, *, locked: bool = False
) -> dict[int, Proposal]:
    """A server's conviction votes that are pending or open; `locked` as with `lock`."""
    query = (
        select(proposals)
        .where(
            of_server(guild_id),
            _submitted(),
            proposals.c.ended_at.is_(None),
            proposals.c.counted_at.is_(None),
            proposals.c.rules["system"].as_string() == conviction.NAME,
        )
        .order_by(proposals.c.id)
    )
    query = query.with_for_update() if locked else query
    return {each.id: each for each in await _read(connection, query)}


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


def seen_by(member_id: int) -> ColumnElement[bool]:
    """All but the drafts that others keep to themselves."""
    return or_(proposals.c.shared_at.is_not(None), proposals.c.author_id == member_id)


def draft() -> ColumnElement[bool]:
    return and_(not_canceled(), proposals.c.submitted_at.is_(None))


def pending(now: datetime) -> ColumnElement[bool]:
    return and_(_submitted(), proposals.c.vote_start >= now, not_(_opened()))


def editable(now: datetime) -> ColumnElement[bool]:
    """Pending or a draft."""
    return or_(draft(), pending(now))


def active(now: datetime) -> ColumnElement[bool]:
    started = or_(proposals.c.vote_start < now, _opened())
    return and_(_submitted(), started, _takes_votes(now))


def open_(now: datetime) -> ColumnElement[bool]:
    """Pending or active."""
    return and_(_submitted(), _takes_votes(now))


def closed(now: datetime) -> ColumnElement[bool]:
    """Over: canceled, or no vote is taken any more."""
    over = and_(_submitted(), or_(proposals.c.ended_at.is_not(None), proposals.c.vote_end < now))
    return or_(proposals.c.canceled_at.is_not(None), over)


def counted(guild_id: int) -> ColumnElement[bool]:
    """Votes of a server that were counted, without those that only its signers could vote on."""
    system = proposals.c.rules["system"].as_string()
    return and_(
        of_server(guild_id),
        proposals.c.counted_at.is_not(None),
        not_canceled(),
        system != multisig.NAME,
    )


def not_canceled() -> ColumnElement[bool]:
    return proposals.c.canceled_at.is_(None)


def _submitted() -> ColumnElement[bool]:
    return and_(not_canceled(), proposals.c.submitted_at.is_not(None))


def _opened() -> ColumnElement[bool]:
    """As `Proposal.has_opened`."""
    fixed, announced = proposals.c.snapshot_at, proposals.c.opened_at
    return or_(fixed.is_not(None), announced.is_not(None), proposals.c.voters > 0)


def _takes_votes(now: datetime) -> ColumnElement[bool]:
    return and_(proposals.c.ended_at.is_(None), proposals.c.vote_end >= now)


def in_space(space_id: int) -> ColumnElement[bool]:
    return proposals.c.space_id == space_id


def by_author(author_id: int) -> ColumnElement[bool]:
    return proposals.c.author_id == author_id


async def due_to_open(connection: AsyncConnection, now: datetime) -> list[Proposal]:
    """Voting has started and that isn't in the outbox yet."""
    return await _where(
        connection,
        and_(
            _submitted(),
            proposals.c.vote_start < now,
            _takes_votes(now),
            proposals.c.opened_at.is_(None),
        ),
    )


async def due_to_close(connection: AsyncConnection, now: datetime) -> Sequence[int]:
    """Ids of those whose deadline has passed and whose ballots aren't counted yet."""
    rows = await connection.execute(
        select(proposals.c.id)
        .where(
            _submitted(),
            proposals.c.counted_at.is_(None),
            or_(proposals.c.vote_end < now, proposals.c.ended_at.is_not(None)),
        )
        .order_by(proposals.c.vote_end, proposals.c.id)
    )
    return rows.scalars().all()


async def being_signed(connection: AsyncConnection, now: datetime) -> list[Proposal]:
    """The multisig votes that are open."""
    system = proposals.c.rules["system"].as_string()
    uncounted = proposals.c.counted_at.is_(None)  # that index has few; this is asked each second
    return await _where(connection, and_(uncounted, active(now), system == multisig.NAME))


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


async def fix(connection: AsyncConnection, proposal_id: int, **values: Any) -> None:
    """Set columns that the card doesn't show before something else changes it."""
    await connection.execute(
        update(proposals).where(proposals.c.id == proposal_id).values(**values)
    )


async def record(
    connection: AsyncConnection, guild_id: int, author_id: int, now: datetime, besides: int = 0
) -> Record:
    """What an author has under way in a server, `besides` the proposal with this id."""
    mine = and_(of_server(guild_id), by_author(author_id), proposals.c.id != besides)
    public = and_(mine, proposals.c.shared_at.is_not(None))
    count = select(func.count()).select_from(proposals)
    under_way = await connection.scalar(count.where(public, or_(open_(now), draft())))
    drafts = await connection.scalar(count.where(mine, draft()))
    last = func.coalesce(proposals.c.submitted_at, proposals.c.ready_at, proposals.c.shared_at)
    return Record(
        under_way or 0, await connection.scalar(select(func.max(last)).where(public)), drafts or 0
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
            select(versions).where(
                versions.c.proposal_id == proposal_id, versions.c.version == version
            )
        )
    ).first()
    return _text(row) if row else None


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
    return Proposal(
        id=row.id,
        guild_id=row.guild_id,
        number=row.number,
        author_id=row.author_id,
        type=row.type,
        space_id=row.space_id,
        topic=row.topic,
        text=_text(row),
        version=row.version,
        rules=Rules.from_stored(row.rules),
        created_at=row.created_at,
        shared_at=row.shared_at,
        ready_at=row.ready_at,
        submitted_at=row.submitted_at,
        sponsors=tuple(map(int, row.sponsors)),
        vote_start=row.vote_start,
        snapshot_at=row.snapshot_at,
        electors=row.electors,
        recorded=row.recorded,
        **_changing(row),
    )


def _changing(row: Row[Any]) -> dict[str, Any]:
    """What `_CHANGING` tells of a proposal."""
    canceled = (
        Cancellation(row.canceled_at, row.canceled_by, row.cancel_reason)
        if row.canceled_at
        else None
    )
    return {
        "opened_at": row.opened_at,
        "vote_end": row.vote_end,
        "quorum_reached_at": row.quorum_reached_at,
        "ended_at": row.ended_at,
        "electorate": row.electorate,
        "second_electorate": row.second_electorate,
        "seed": row.seed,
        "elsewhere": points(row.elsewhere),
        "removed": tuple(map(int, row.removed)),
        "canceled": canceled,
        "counted_at": row.counted_at,
        "count": from_json(row.final_count) if row.final_count else None,
        "second_count": from_json(row.final_second) if row.final_second else None,
        "eta": row.eta,
        "executed_at": row.executed_at,
        "tally": read_tally(row.tally, row.voters),
        "revision": row.revision,
        "channel_id": row.channel_id,
        "message_id": row.message_id,
        "thread_id": row.thread_id,
    }


def _text(row: Row[Any]) -> Text:
    fields = tuple((question, answer) for question, answer in row.fields)
    return Text(row.title, row.body, row.link, tuple(row.choices), fields, row.amount)


def _texts(text: Text) -> dict[str, Any]:
    return {**asdict(text), "title_folded": text.title.casefold()}


async def _keep_version(
    connection: AsyncConnection, proposal_id: int, version: int, text: Text, now: datetime
) -> None:
    await connection.execute(
        insert(versions).values(
            proposal_id=proposal_id, version=version, written_at=now, **asdict(text)
        )
    )
