"""Queries about the outbox."""

import secrets
from collections.abc import Collection
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from governance.deliveries import Delivery, Event, Target
from storage.database import insert
from storage.tables import deliveries, proposals


async def add(
    connection: AsyncConnection, event: Event, proposal_id: int, *targets: Target, version: int = 0
) -> None:
    """Put announcements into the outbox; one that is there already stays as it is."""
    await connection.execute(
        insert(connection, deliveries).on_conflict_do_nothing(),
        [
            {
                "event": event,
                "proposal_id": proposal_id,
                "version": version,
                "target": target,
                "nonce": new_nonce(),
            }
            for target in targets
        ],
    )


def new_nonce() -> str:
    """Unguessable, and short enough to number the messages of a delivery behind it."""
    return secrets.token_hex(8)


async def waiting(connection: AsyncConnection, guild_id: int | None = None) -> list[Delivery]:
    """What is not delivered yet, in the order in which it became true; of one server or of all."""
    query = (
        select(
            deliveries.c.id,
            proposals.c.guild_id,
            proposals.c.space_id,
            deliveries.c.event,
            deliveries.c.proposal_id,
            deliveries.c.version,
            deliveries.c.target,
            deliveries.c.nonce,
            deliveries.c.sent,
            deliveries.c.message_id,
            deliveries.c.tried_at,
            deliveries.c.problem,
        )
        .join(proposals, proposals.c.id == deliveries.c.proposal_id)
        .where(deliveries.c.delivered_at.is_(None))
        .order_by(deliveries.c.id)
    )
    if guild_id is not None:
        query = query.where(proposals.c.guild_id == guild_id)
    return [
        Delivery(
            **{
                **row._mapping,  # noqa: SLF001 (a public name of Row, in spite of its underscore)
                "event": Event(row.event),
                "target": Target(row.target),
            }
        )
        for row in await connection.execute(query)
    ]


async def change(connection: AsyncConnection, delivery_id: int, **values: Any) -> None:
    await connection.execute(
        update(deliveries).where(deliveries.c.id == delivery_id).values(**values)
    )


async def last_result_message(
    connection: AsyncConnection, guild_id: int, space_ids: Collection[int]
) -> int:
    """The id of the latest confirmed result of these spaces (0: the server); 0 for none."""
    found = await connection.scalar(
        select(func.max(deliveries.c.message_id))
        .join(proposals, proposals.c.id == deliveries.c.proposal_id)
        .where(
            proposals.c.guild_id == guild_id,
            proposals.c.space_id.in_(list(space_ids)),
            deliveries.c.target == Target.RESULTS,
        )
    )
    return found or 0
