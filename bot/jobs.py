"""The few interval jobs. Each asks what is due, so after a stop of any length it catches up."""

import logging
from collections.abc import Awaitable, Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from cogs.cards import Cards
from governance.errors import Unavailable
from services import Services

log = logging.getLogger(__name__)

SETTLE_SECONDS = 1
SWEEP_SECONDS = 30


def schedule(services: Services, cards: Cards) -> AsyncIOScheduler:
    """A scheduler, not yet started, that opens and closes votes and mends cards."""

    async def settle() -> None:
        for proposal in await services.deadlines.settle():
            cards.mark(proposal, at_once=True)

    scheduler = AsyncIOScheduler(
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    scheduler.add_job(_logged(settle), "interval", seconds=SETTLE_SECONDS)
    scheduler.add_job(_logged(cards.sweep), "interval", seconds=SWEEP_SECONDS)
    return scheduler


def _logged(job: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """The job comes back by itself, so a database that is away is no more than a line."""

    async def run() -> None:
        try:
            await job()
        except Unavailable as error:
            log.warning("the database is unavailable: %s", error)

    return run
