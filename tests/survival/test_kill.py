"""kill -9 at any moment: what was acknowledged is there once, what is announced comes once."""

import asyncio
import random
from pathlib import Path

import pytest

from tests.survival.ballots import everything_is_sent
from tests.survival.decision import Decision
from tests.survival.siege import besieged

AT_ONCE = 4
"""Decisions that are made side by side, each with a Discord and a bot of its own."""
SAMPLE = 4


@pytest.mark.timeout(900)
@pytest.mark.parametrize("after", [False, True], ids=["before it is done", "after it is done"])
async def test_a_decision_survives_a_kill_at_any_request(
    tmp_path: Path, long: bool, after: bool
) -> None:
    async def killed(number: int) -> int:
        return await decided(tmp_path / str(number), number, after)

    requests = await killed(1_000)  # which doesn't come
    numbers = list(range(1, requests + 1))
    if not long:
        numbers = random.Random(after).sample(numbers, SAMPLE)
    for first in range(0, len(numbers), AT_ONCE):
        await asyncio.gather(*map(killed, numbers[first : first + AT_ONCE]))


async def decided(folder: Path, number: int, after: bool) -> int:
    """A decision whose bot is killed at that request; how many requests there were in all."""
    async with besieged(folder) as moot, moot.discord.faults.hold(number=number, after=after) as at:
        decision = Decision(moot, moot.up)
        kill = asyncio.create_task(moot.killed_at(at))
        try:
            await moot.process.start()
            serving = asyncio.ensure_future(moot.discord.online(moot.application))
            await asyncio.wait({kill, serving}, return_when=asyncio.FIRST_COMPLETED)
            moot.up.set()
            await decision.take_place()
            await everything_is_sent(moot.database_url)
            await moot.stop()
            decision.check()
        except Exception as error:
            request = at.reached.result() if at.reached.done() else "none"
            log = "\n".join(moot.process.log_lines()[-30:])
            raise AssertionError(
                f"killed at request {number} ({request}): {error}\n{log}"
            ) from error
        finally:
            kill.cancel()
        return at.seen
