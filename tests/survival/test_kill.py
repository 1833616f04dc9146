"""kill -9 at any moment: what was acknowledged is there once, what is announced comes once."""

import asyncio
import random
from pathlib import Path

import pytest

from sandbox.discord import Failed
from tests.survival import routes
from tests.survival.ballots import everything_is_sent
from tests.survival.decision import Decision
from tests.survival.siege import besieged
from tests.survival.trusting import Trusting

AT_ONCE = 4
"""Decisions that are made side by side, each with a Discord and a bot of its own."""
SAMPLE = 4
"""Requests of a short run; of a plain decision on SQLite it takes them all."""
DELETE_WEBHOOK = "DELETE /webhooks/{webhook}"
AFTER = pytest.mark.parametrize(
    "after", [False, True], ids=["before it is done", "after it is done"]
)


@pytest.mark.timeout(900)
@AFTER
@pytest.mark.parametrize("kind", [Decision, Trusting], ids=["plain", "with delegates"])
async def test_a_decision_survives_a_kill_at_any_request(
    tmp_path: Path, pytestconfig: pytest.Config, long: bool, kind: type[Decision], after: bool
) -> None:
    turns = asyncio.Semaphore(AT_ONCE)

    async def killed(number: int) -> int:
        async with turns:
            return await decided(tmp_path / str(number), kind, number, after)

    requests = await killed(1_000)  # which doesn't come
    numbers = list(range(1, requests + 1))
    everything = long or (kind is Decision and pytestconfig.getoption("--store") == "sqlite")
    if not everything:
        numbers = random.Random(after).sample(numbers, SAMPLE)
    async with asyncio.TaskGroup() as decisions:
        for number in numbers:
            decisions.create_task(killed(number))


@pytest.mark.parametrize("route", [routes.MAKE_WEBHOOK, DELETE_WEBHOOK])
@AFTER
async def test_a_change_of_the_results_channel_survives_a_kill(
    tmp_path: Path, route: str, after: bool
) -> None:
    async with besieged(tmp_path / "hamlet") as moot:
        hall = moot.server.add_channel("hall")
        await moot.start()
        await moot.setup()
        async with moot.discord.faults.hold(route, after=after) as held:
            changing = asyncio.create_task(moot.setup(results_channel=hall))
            await moot.killed_at(held)
        with pytest.raises(Failed):
            await changing
        assert "All set" in (await moot.setup(results_channel=hall)).text
        assert (len(moot.webhooks()), len(hall.webhooks)) == (0, 1)


async def decided(folder: Path, kind: type[Decision], number: int, after: bool) -> int:
    """A decision whose bot is killed at that request; how many requests there were in all."""
    async with besieged(folder) as moot, moot.discord.faults.hold(number=number, after=after) as at:
        decision = kind(moot, moot.up)
        kill = asyncio.create_task(moot.killed_at(at))
        try:
            await moot.process.start()
            serving = asyncio.ensure_future(moot.discord.online(moot.application))
            await asyncio.wait({kill, serving}, return_when=asyncio.FIRST_COMPLETED)
            moot.up.set()
            await decision.take_place()
            await everything_is_sent(moot.database_url)
            if at.reached.done():
                await kill  # maybe of the last request, whose answer came all the same
            await moot.stop()
            decision.check()
            assert len(moot.webhooks()) == 1
        except Exception as error:
            request = at.reached.result() if at.reached.done() else "none"
            log = "\n".join(moot.process.log_lines()[-30:])
            raise AssertionError(
                f"killed at request {number} ({request}): {error}\n{log}"
            ) from error
        finally:
            kill.cancel()
        return at.seen
