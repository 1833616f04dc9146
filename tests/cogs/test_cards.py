"""A card that is behind is drawn as soon as that can be done."""

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from cogs.cards import Cards
from governance.errors import Unavailable
from tests.governance.examples import proposal


class Store:
    """Tells which proposals were asked for."""

    def __init__(self) -> None:
        self.asked: asyncio.Queue[int] = asyncio.Queue()

    async def by_ids(self, ids: list[int]) -> dict[int, Any]:
        self.asked.put_nowait(ids[0])
        raise Unavailable("it was only asked")


@pytest.mark.parametrize("there", [None, SimpleNamespace(unavailable=True)], ids=["gone", "away"])
async def test_a_card_whose_server_is_not_there_waits_for_it_and_no_longer(there: Any) -> None:
    store, servers = Store(), {7: there}
    now = lambda: datetime.now(UTC)  # noqa: E731
    client: Any = SimpleNamespace(get_guild=servers.get)
    services: Any = SimpleNamespace(proposals=store)
    cards = Cards(client, services, now, now)
    behind = proposal(channel_id=1, message_id=2)
    cards.mark(behind)
    cards.welcome(7)
    await asyncio.sleep(0)
    assert store.asked.empty()
    servers[7] = SimpleNamespace(unavailable=False)
    cards.welcome(7)
    assert await asyncio.wait_for(store.asked.get(), 5) == behind.id
    await cards.close()
