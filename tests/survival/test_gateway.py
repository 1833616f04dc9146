"""The gateway breaks; the bot comes back, and no vote and no announcement is lost or doubled."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from sandbox.discord import Faults
from tests.moot import Moot, hamlet
from tests.survival.ballots import Voter, check, everything_is_sent, stored, storm
from tests.survival.breaks import asked_to_reconnect, closed, dropped, invalidated
from tests.survival.decision import Decision


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


@pytest.mark.parametrize("noticed", [True, False], ids=["noticed", "not noticed"])
async def test_a_decision_ends_after_the_gateway_froze(
    tmp_path: Path, database_url: str, noticed: bool
) -> None:
    async with hamlet(tmp_path, database_url, {"heartbeat": 0.3}) as moot:
        if noticed:  # after a second instead of a minute, also where a busy machine broke it before
            moot.bot.ws._max_heartbeat_timeout = moot.bot._connection.heartbeat_timeout = 1.0
        decision = Decision(moot)
        await decision.set_up()
        card = await decision.proposed()
        disconnected = asyncio.ensure_future(moot.bot.wait_for("disconnect"))
        with moot.discord.faults.gateway_frozen():
            await decision.opened(card)
            voting = asyncio.create_task(decision.voted(card))
            if noticed:
                await disconnected
            await decision.troubled.wait()
        disconnected.cancel()
        await voting
        await decision.closed(card)
        await everything_is_sent(database_url)
        decision.check()


async def test_a_decision_takes_place_though_everything_reaches_the_bot_late(
    moot: Moot, database_url: str
) -> None:
    decision = Decision(moot)
    with moot.discord.faults.gateway_delayed(1.0):
        await decision.take_place()
        await everything_is_sent(database_url)
    decision.check()
