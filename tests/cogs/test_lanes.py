"""The edits that wait in one channel: what is urgent first, and nobody waits for ever."""

import asyncio
import time

import pytest

from cogs.cards import _Lane as Lane


@pytest.fixture
def lane() -> Lane:
    return Lane()


async def test_what_is_to_be_edited_at_once_comes_first(lane: Lane) -> None:
    lane.add(1, False)
    lane.add(2, True)
    assert [await lane.next(), await lane.next()] == [2, 1]


async def test_what_waits_twice_is_edited_once(lane: Lane) -> None:
    for _ in range(3):
        lane.add(1, False)
    assert await lane.next() == 1
    assert lane.waiting == {}


async def test_what_became_urgent_stays_urgent(lane: Lane) -> None:
    lane.free_at = time.monotonic() + 60
    lane.add(1, False)
    lane.add(1, True)
    lane.add(1, False)
    assert await asyncio.wait_for(lane.next(), 10) == 1


async def test_after_an_edit_the_channel_has_a_pause(lane: Lane) -> None:
    lane.free_at = time.monotonic() + 0.1
    lane.add(1, False)
    assert await lane.next() == 1
    assert time.monotonic() >= lane.free_at


async def test_an_urgent_edit_does_not_wait_for_the_pause(lane: Lane) -> None:
    lane.free_at = time.monotonic() + 60
    lane.add(1, False)
    waiting = asyncio.create_task(lane.next())
    await asyncio.sleep(0.01)
    assert not waiting.done()
    lane.add(2, True)
    assert await asyncio.wait_for(waiting, 10) == 2


async def test_an_old_card_waits_longer_than_the_others(lane: Lane) -> None:
    lane.not_before[1] = time.monotonic() + 1
    lane.add(1, False)
    lane.add(2, False)
    assert [await lane.next(), await lane.next()] == [2, 1]


async def test_a_busy_proposal_does_not_hold_up_the_others(lane: Lane) -> None:
    """Every edit of the first is followed by another vote on it."""
    lane.add(1, False)
    lane.add(2, False)
    edited = []
    for _ in range(3):
        edited.append(await lane.next())
        lane.add(1, False)
    assert 2 in edited
