"""The outbox: announcements wait here, from the transaction that makes them true until sent."""

import asyncio
from collections.abc import Collection
from datetime import datetime

from governance.deliveries import Delivery, Target
from storage import deliveries
from storage.database import Database

_STOPPED = "Folkmoot is being restarted."


class Outbox:
    """Hands out what waits, and keeps what became of it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tried: dict[int, asyncio.Future[str | None]] = {}
        self._stopped = False
        self.filled = asyncio.Event()
        """Set when there may be something new to send."""
        self.mended: set[int] = set()
        """Servers whose waiting announcements are worth another try at once."""

    def try_again(self, guild_id: int) -> None:
        self.mended.add(guild_id)
        self.filled.set()

    async def waiting(self, guild_id: int | None = None) -> list[Delivery]:
        """What is not delivered yet, in order; of one server or of all."""
        async with self._database.read() as connection:
            return await deliveries.waiting(connection, guild_id)

    async def last_result_message(self, guild_id: int, space_ids: Collection[int] = (0,)) -> int:
        """The id of the latest confirmed result of these spaces (0: the server); 0 for none."""
        async with self._database.read() as connection:
            return await deliveries.last_result_message(connection, guild_id, space_ids)

    async def trying(self, delivery: Delivery, at: datetime) -> None:
        """A request is about to be made whose outcome could stay unknown."""
        await self._change(delivery, tried_at=at)

    async def confirmed(self, delivery: Delivery, sent: int, message_id: int) -> None:
        """So many messages of it are in Discord for certain; this is the last one."""
        await self._change(delivery, sent=sent, message_id=message_id, tried_at=None)

    async def start_again(self, delivery: Delivery) -> None:
        """What was sent of it was deleted: all of it is to be sent anew, under another nonce."""
        await self._change(
            delivery, sent=0, message_id=None, tried_at=None, nonce=deliveries.new_nonce()
        )

    async def refused(self, delivery: Delivery) -> None:
        """Discord said no, so nothing of the last request is there."""
        await self._change(delivery, tried_at=None)

    async def delivered(self, delivery: Delivery, at: datetime) -> None:
        await self._change(delivery, delivered_at=at, problem=None)
        self._answer(delivery, None)

    async def failed(self, delivery: Delivery, problem: str) -> None:
        """It waits for another try; the problem is shown to moderators."""
        if problem != delivery.problem:
            await self._change(delivery, problem=problem)
        self._answer(delivery, problem)

    async def dropped(self, delivery: Delivery, problem: str, at: datetime) -> None:
        """The place it was for is gone for good; the record says why."""
        await self._change(delivery, delivered_at=at, problem=problem)
        self._answer(delivery, problem)

    def stop(self) -> None:
        """Nothing more is sent by this process: who waits for a card is told so."""
        self._stopped = True
        for tried in self._tried.values():
            if not tried.done():
                tried.set_result(_STOPPED)

    async def published(self, guild_id: int, proposal_id: int, within: float) -> str | None:
        """Wait until the proposal's card is up; says why where it isn't after `within` seconds."""
        tried = self._tried.setdefault(proposal_id, asyncio.get_running_loop().create_future())
        self.filled.set()
        try:
            card = (proposal_id, Target.CARD)
            if card not in {(d.proposal_id, d.target) for d in await self.waiting(guild_id)}:
                return None
            if self._stopped:
                return _STOPPED
            return await asyncio.wait_for(asyncio.shield(tried), within)
        except TimeoutError:
            return "Discord is slow at the moment."
        finally:
            self._tried.pop(proposal_id, None)

    def _answer(self, delivery: Delivery, problem: str | None) -> None:
        tried = self._tried.get(delivery.proposal_id)
        if delivery.target is Target.CARD and tried and not tried.done():
            tried.set_result(problem)

    async def _change(self, delivery: Delivery, **values: object) -> None:
        async with self._database.write() as connection:
            await deliveries.change(connection, delivery.id, **values)
