"""The gateway breaks under a storm of votes; the bot comes back, and no vote is lost or doubled."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from sandbox.discord import Faults
from tests.moot import Moot
from tests.survival.ballots import Voter, check, stored, storm


async def dropped(faults: Faults) -> None:
    faults.drop_gateway()


async def closed(faults: Faults) -> None:
    await faults.close_gateway(1011)


async def asked_to_reconnect(faults: Faults) -> None:
    faults.request_reconnect()


async def invalidated(faults: Faults) -> None:
    faults.invalidate_sessions(resumable=False)


@pytest.mark.parametrize("broken", [dropped, closed, asked_to_reconnect, invalidated])
async def test_votes_go_on_after_the_gateway_was(
    ready: Moot, database_url: str, broken: Callable[[Faults], Awaitable[None]]
) -> None:
    voters = [Voter(ready.member(f"Voter {number}")) for number in range(10)]
    card = await ready.opened(ready.owner)
    raging = asyncio.create_task(storm(voters, card))
    await ready.owner.sees(ready.proposals, "10 voters")
    await broken(ready.discord.faults)
    # A replayed press is older than its person's patience, or answered in time.
    await asyncio.wait({raging}, timeout=3.5)
    raging.cancel()
    await asyncio.gather(raging, return_exceptions=True)
    await ready.discord.online(ready.application)
    await asyncio.gather(*(voter.press(card, "Against") for voter in voters))
    check(voters, await stored(database_url))
    result = await ready.wait_for_deadline()
    assert "10 voters" in result.text
