"""The few interval jobs. Each asks what is due, so after a stop of any length it catches up."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from cogs.cards import Cards
from governance.errors import Unavailable
from services import Services

log = logging.getLogger(__name__)

SETTLE_SECONDS = 1
SWEEP_SECONDS = 30
REMIND_SECONDS = 5
STOP_SECONDS = 3.0


class Jobs:
    """Opens and closes votes, reminds delegates, and mends cards."""

    def __init__(self, services: Services, cards: Cards) -> None:
        self._services = services
        self._cards = cards
        self._running: set[asyncio.Task[None] | None] = set()
        self._scheduler = AsyncIOScheduler(
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        for job, seconds in (
            (self._settle, SETTLE_SECONDS),
            (services.notices.remind, REMIND_SECONDS),
            (cards.sweep, SWEEP_SECONDS),
        ):
            self._scheduler.add_job(self._run, "interval", [job], seconds=seconds)

    def start(self) -> None:
        self._scheduler.start()

    async def stop(self) -> None:
        """Start nothing more, and let what runs finish; the next start does what takes long."""
        if self._scheduler.running:
            self._scheduler.pause()
            if running := [task for task in self._running if task]:
                _, late = await asyncio.wait(running, timeout=STOP_SECONDS)
                for task in late:
                    task.cancel()
                await asyncio.gather(*running, return_exceptions=True)
            self._scheduler.shutdown(wait=False)

    async def _settle(self) -> None:
        for proposal in await self._services.deadlines.settle():
            self._cards.mark(proposal, at_once=True)
            if proposal.electors:
                self._services.notices.filled.set()  # who delegates hears of a secret vote

    async def _run(self, job: Callable[[], Awaitable[None]]) -> None:
        """The job comes back by itself, so a database that is away is no more than a line."""
        task = asyncio.current_task()
        self._running.add(task)
        try:
            await job()
        except Unavailable as error:
            log.warning("the database is unavailable: %s", error)
        finally:
            self._running.discard(task)
