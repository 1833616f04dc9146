"""What waits in the outbox is sent once."""

import asyncio
from types import SimpleNamespace
from typing import Any

from bot.deliveries import Sender
from governance.deliveries import Delivery, Event, Target

RESULT = Delivery(1, 7, 0, Event.CLOSED, 3, 0, Target.RESULTS, "nonce", 0, None, None, None)


async def test_what_is_delivered_while_the_outbox_is_read_is_not_sent_again() -> None:
    under_way, sent = asyncio.Event(), []

    async def waiting() -> list[Delivery]:
        found = [] if sent else [RESULT]  # as of now; the answer takes until the lane has ended
        if lanes := list(sender._lanes.values()):
            under_way.set()
            await asyncio.gather(*lanes)
        return found

    async def send(delivery: Delivery) -> bool:
        await under_way.wait()
        sent.append(delivery)
        return True

    outbox = SimpleNamespace(waiting=waiting, mended=set(), filled=asyncio.Event())
    client = SimpleNamespace(get_guild=lambda _: SimpleNamespace(unavailable=False))
    unused: Any = None
    services: Any = SimpleNamespace(outbox=outbox)
    found: Any = client
    sender = Sender(found, services, unused, unused, unused, unused, unused)
    sender._sent = send
    await sender._start_lanes()
    await sender._start_lanes()
    await asyncio.gather(*sender._lanes.values())
    assert sent == [RESULT]
    assert outbox.filled.is_set()  # it is looked at again
