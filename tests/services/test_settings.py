"""A server's settings, and what mending one of them sets going."""

import asyncio
from datetime import timedelta

import pytest

from governance.errors import Refusal
from governance.settings import Settings
from tests.services.hall import Hall
from tests.storage.databases import ELSEWHERE, HAMLET


async def test_a_change_is_stored_and_the_rest_stays(empty: Hall) -> None:
    await empty.set_up(quorum=3)
    changed = await empty.settings.change(HAMLET, {"voting_period": "1w"}, 6)
    assert changed == await empty.settings.get(HAMLET)
    assert changed == Settings(1, 2, quorum=3, voting_period=timedelta(days=7))
    assert await empty.settings.with_webhook(HAMLET) == (changed, 6)
    assert await empty.settings.with_webhook(ELSEWHERE) == (Settings(), None)


async def test_of_a_refused_change_nothing_is_stored(hall: Hall) -> None:
    before = await hall.settings.with_webhook(HAMLET)
    hall.outbox.mended.clear()
    with pytest.raises(Refusal, match="voting_period must be from"):
        await hall.settings.change(HAMLET, {"quorum": 9, "voting_period": "99w"}, 9)
    assert await hall.settings.with_webhook(HAMLET) == before
    assert hall.outbox.mended == set()


async def test_changes_at_the_same_time_are_all_kept(empty: Hall) -> None:
    await asyncio.gather(
        *(
            empty.settings.change(HAMLET, {name: value}, None)
            for name, value in (
                ("proposals_channel", 1),
                ("results_channel", 2),
                ("quorum", 3),
                ("voting_role", 4),
                ("proposing_role", 5),
            )
        )
    )
    assert await empty.settings.get(HAMLET) == Settings(1, 2, 4, 5, quorum=3)


async def test_another_webhook_changes_no_setting(hall: Hall) -> None:
    before = await hall.settings.get(HAMLET)
    await hall.spaces.use_webhook(HAMLET, 0, 77)
    assert await hall.settings.with_webhook(HAMLET) == (before, 77)
    await hall.spaces.use_webhook(HAMLET, 0, None)
    assert await hall.settings.with_webhook(HAMLET) == (before, None)


async def test_what_waits_is_tried_again_after_a_change(hall: Hall) -> None:
    hall.outbox.mended.clear()
    hall.outbox.filled.clear()
    await hall.settings.change(HAMLET, {"results_channel": 9}, 5)
    assert hall.outbox.mended == {HAMLET}
    assert hall.outbox.filled.is_set()


async def test_the_commands_that_discord_has_are_remembered(empty: Hall) -> None:
    assert await empty.commands.registered(1) is None
    await empty.commands.register(1, "a" * 64)
    await empty.commands.register(1, "b" * 64)
    assert await empty.commands.registered(1) == "b" * 64
    assert await empty.commands.registered(2) is None
