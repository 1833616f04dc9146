"""Any route may break once: the decision goes through, and everything comes exactly once."""

import asyncio
import random
from pathlib import Path

import pytest

from tests.moot import hamlet
from tests.survival import routes
from tests.survival.ballots import everything_is_sent
from tests.survival.breaks import BREAKS, Break, side_by_side
from tests.survival.decision import Decision

ROUTES = (
    routes.ANSWER,
    routes.ANSWER_LATER,
    routes.POST,
    routes.OPEN_THREAD,
    routes.EDIT,
    routes.FIND_WEBHOOKS,
    routes.MAKE_WEBHOOK,
    routes.SHOW_WEBHOOK,
    routes.POST_RESULT,
    routes.LOOK,
    routes.SHOW_THREAD,
    routes.RENAME_THREAD,
)
SAMPLE = random.Random(3).sample(sorted(BREAKS), 3)
"""What breaks in a short run on PostgreSQL; a run on SQLite takes it all."""


@pytest.mark.timeout(900)
@pytest.mark.parametrize("what", BREAKS)
async def test_a_decision_goes_through_when_a_route(
    tmp_path: Path, pytestconfig: pytest.Config, long: bool, what: str
) -> None:
    if not long and what not in SAMPLE and pytestconfig.getoption("--store") != "sqlite":
        pytest.skip("a short run on PostgreSQL takes a sample")
    await side_by_side(
        tmp_path, ROUTES, lambda folder, url, route: decided(folder, url, route, BREAKS[what])
    )


async def decided(folder: Path, url: str, route: str, break_: Break) -> None:
    try:
        async with asyncio.timeout(150), hamlet(folder, url) as moot:
            if route == routes.LOOK:
                moot.discord.faults.lose(routes.POST_RESULT)
            fault = break_(moot.discord.faults, route)
            decision = Decision(moot)
            await decision.take_place(edited=route in (routes.SHOW_THREAD, routes.RENAME_THREAD))
            await everything_is_sent(url)
            decision.check()
            assert fault.over
    except Exception as error:
        raise AssertionError(f"{route}: {error!r}") from error
