"""Any route may break once: the decision goes through, and everything comes exactly once."""

import asyncio
from collections.abc import Callable
from itertools import repeat
from pathlib import Path

import pytest

from sandbox.discord import Faults, Planned
from tests import stores
from tests.moot import hamlet
from tests.survival import routes
from tests.survival.ballots import everything_is_sent
from tests.survival.decision import Decision

ROUTES = (
    routes.ANSWER,
    routes.ANSWER_LATER,
    routes.POST,
    routes.OPEN_THREAD,
    routes.EDIT,
    routes.MAKE_WEBHOOK,
    routes.POST_RESULT,
)
BREAKS: dict[str, Callable[[Faults, str], Planned]] = {
    "fails": lambda faults, route: faults.fail(route),
    "fails though the work is done": lambda faults, route: faults.mislead(route),
    "is slow": lambda faults, route: faults.delay(route, 2.0),
    "is limited": lambda faults, route: faults.rate_limit(route, 0.5),
    "is limited with all others": lambda faults, route: faults.rate_limit(
        route, 0.5, everywhere=True
    ),
    "is hidden by Cloudflare": lambda faults, route: faults.cloudflare(route),
    "loses its answer": lambda faults, route: faults.lose(route),
    "can't be reached": lambda faults, route: faults.refuse(route),
}


@pytest.mark.timeout(45)
@pytest.mark.parametrize("what", BREAKS)
async def test_a_decision_goes_through_when_a_route(tmp_path: Path, what: str) -> None:
    folders = [tmp_path / str(number) for number in range(len(ROUTES))]
    for folder in folders:
        folder.mkdir()
    urls = [await stores.create(folder) for folder in folders]
    try:
        await asyncio.gather(*map(decided, folders, urls, ROUTES, repeat(BREAKS[what])))
    finally:
        for url in urls:
            await stores.drop(url)


async def decided(
    folder: Path, url: str, route: str, break_: Callable[[Faults, str], Planned]
) -> None:
    try:
        async with asyncio.timeout(40), hamlet(folder, url) as moot:
            fault = break_(moot.discord.faults, route)
            decision = Decision(moot)
            await decision.take_place()
            await everything_is_sent(url)
            decision.check()
            assert fault.over
    except Exception as error:
        raise AssertionError(f"{route}: {error!r}") from error
