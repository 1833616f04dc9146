"""The outbox: every announcement once, in the order in which it became true."""

import pytest
from sqlalchemy.exc import IntegrityError

from governance.deliveries import Delivery, Event, Target
from storage import deliveries, proposals, settings
from storage.database import Database
from tests.storage.databases import ANN, ELSEWHERE, HAMLET, NOW, RULES, SETTINGS, TICK, WELL


@pytest.fixture
async def ids(database: Database) -> list[int]:
    """Two proposals here and one in another server."""
    added = []
    async with database.write() as connection:
        for server in (HAMLET, HAMLET, ELSEWHERE):
            await settings.save(connection, server, SETTINGS, None)
            added.append(await proposals.add(connection, server, ANN, WELL, RULES, NOW))
    return [each.id for each in added]


async def add(database: Database, event: Event, at: int, *to: Target, version: int = 0) -> None:
    async with database.write() as connection:
        await deliveries.add(connection, event, at, *to, version=version)


async def waiting(database: Database, guild_id: int | None = None) -> list[Delivery]:
    async with database.read() as connection:
        return await deliveries.waiting(connection, guild_id)


async def change(database: Database, delivery: Delivery, **values: object) -> None:
    async with database.write() as connection:
        await deliveries.change(connection, delivery.id, **values)


async def test_an_announcement_waits_with_all_that_its_sender_needs(
    database: Database, ids: list[int]
) -> None:
    await add(database, Event.CLOSED, ids[0], Target.THREAD, Target.RESULTS)
    thread, results = await waiting(database)
    assert thread == Delivery(
        id=thread.id,
        guild_id=HAMLET,
        space_id=0,
        event=Event.CLOSED,
        proposal_id=ids[0],
        version=0,
        target=Target.THREAD,
        nonce=thread.nonce,
        sent=0,
        message_id=None,
        tried_at=None,
        problem=None,
    )
    assert results.target is Target.RESULTS


async def test_an_announcement_is_put_in_once(database: Database, ids: list[int]) -> None:
    for _ in range(3):
        await add(database, Event.OPENED, ids[0], Target.THREAD)
    await add(database, Event.OPENED, ids[0], Target.THREAD, Target.RESULTS)
    first, second = await waiting(database)
    assert (first.target, second.target) == (Target.THREAD, Target.RESULTS)


async def test_each_version_and_each_proposal_has_its_own(
    database: Database, ids: list[int]
) -> None:
    for version in (2, 3, 3):
        await add(database, Event.EDITED, ids[0], Target.THREAD, version=version)
    await add(database, Event.EDITED, ids[1], Target.THREAD, version=2)
    found = [(each.proposal_id, each.version) for each in await waiting(database)]
    assert found == [(ids[0], 2), (ids[0], 3), (ids[1], 2)]


async def test_what_was_delivered_is_not_put_in_again(database: Database, ids: list[int]) -> None:
    await add(database, Event.OPENED, ids[0], Target.THREAD)
    (only,) = await waiting(database)
    await change(database, only, delivered_at=NOW)
    await add(database, Event.OPENED, ids[0], Target.THREAD)
    assert await waiting(database) == []


async def test_nothing_is_announced_of_a_proposal_that_is_not_there(database: Database) -> None:
    with pytest.raises(IntegrityError):
        await add(database, Event.OPENED, 99, Target.THREAD)


async def test_a_nonce_is_its_own_and_short_enough_for_discord(
    database: Database, ids: list[int]
) -> None:
    for each in ids:
        await add(database, Event.CLOSED, each, *Target)
    nonces = [each.nonce for each in await waiting(database)]
    assert len(set(nonces)) == len(ids) * len(Target)
    assert all(1 <= len(nonce) <= 25 for nonce in nonces)


async def test_they_wait_in_order_and_a_server_sees_its_own(
    database: Database, ids: list[int]
) -> None:
    for at in (ids[1], ids[2], ids[0]):
        await add(database, Event.OPENED, at, Target.THREAD)
    assert [each.proposal_id for each in await waiting(database)] == [ids[1], ids[2], ids[0]]
    assert [each.proposal_id for each in await waiting(database, HAMLET)] == [ids[1], ids[0]]
    assert [each.proposal_id for each in await waiting(database, ELSEWHERE)] == [ids[2]]
    assert await waiting(database, 99) == []


async def test_what_became_of_a_try_is_kept(database: Database, ids: list[int]) -> None:
    await add(database, Event.OPENED, ids[0], Target.THREAD)
    (only,) = await waiting(database)
    await change(database, only, sent=2, message_id=2**63 - 1, tried_at=NOW + TICK, problem="Busy.")
    (now,) = await waiting(database)
    assert (now.sent, now.message_id, now.tried_at) == (2, 2**63 - 1, NOW + TICK)
    assert (now.problem, now.nonce) == ("Busy.", only.nonce)


async def test_what_was_given_up_waits_no_longer(database: Database, ids: list[int]) -> None:
    await add(database, Event.OPENED, ids[0], Target.THREAD)
    (only,) = await waiting(database)
    async with database.write() as connection:
        await deliveries.change(
            connection, only.id, delivered_at=NOW, problem="The thread was deleted."
        )
    assert await waiting(database) == []


async def test_the_last_result_is_that_of_the_server(database: Database, ids: list[int]) -> None:
    async def last(guild_id: int) -> int:
        async with database.read() as connection:
            return await deliveries.last_result_message(connection, guild_id, [0])

    assert await last(HAMLET) == 0
    for at, message in ((ids[1], 500), (ids[0], 400), (ids[2], 900)):
        await add(database, Event.CLOSED, at, Target.THREAD, Target.RESULTS)
        thread, results = (await waiting(database))[-2:]
        await change(database, thread, message_id=message + 5000)
        await change(database, results, message_id=message)
    assert await last(HAMLET) == 500
    assert await last(ELSEWHERE) == 900
