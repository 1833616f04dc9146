"""The bot is killed, or stopped, under a storm of votes: no acknowledged vote is lost."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.discord import Message
from tests.moot import DAY
from tests.survival.ballots import Voter, check, everything_is_sent, stored, storm
from tests.survival.siege import Besieged, besieged

PEOPLE = 40
ROUNDS, LONG_ROUNDS = 10, 100
LONGEST_STORM = 0.4
SEED = 3
RESULT = "POST /webhooks/{webhook}/{token}"


@dataclass
class Counting(Voter):
    receipts: int = 0

    async def press(self, card: Message, choice: str) -> None:
        await super().press(card, choice)
        self.receipts += 1


@pytest.fixture
async def at_war(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Besieged]:
    """Hamlet, set up; the parameter is how many seconds Discord waits for an answer."""
    patience = getattr(request, "param", 1.0)
    async with besieged(tmp_path / "hamlet", answer_within=patience) as moot:
        await moot.start()
        await moot.setup()
        yield moot


@pytest.fixture
async def card(at_war: Besieged, voters: list[Counting]) -> Message:
    """A proposal whose vote is open to them."""
    return await at_war.opened(at_war.owner)


@pytest.fixture
def voters(at_war: Besieged) -> list[Counting]:
    return [Counting(at_war.member(f"Voter {number}")) for number in range(PEOPLE)]


@pytest.mark.timeout(900)
async def test_no_acknowledged_vote_is_lost_when_the_bot_is_killed(
    at_war: Besieged,
    card: Message,
    voters: list[Counting],
    long: bool,
) -> None:
    moments, rounds = random.Random(SEED), LONG_ROUNDS if long else ROUNDS
    for _ in range(rounds):
        raging = asyncio.create_task(storm(voters, card))
        await asyncio.sleep(moments.uniform(0.0, LONGEST_STORM))
        await at_war.kill()
        await raging
        check(voters, await stored(at_war.database_url))
        await at_war.start()
    await asyncio.gather(*(voter.press(card, "For") for voter in voters))
    check(voters, await stored(at_war.database_url))
    result = await at_war.wait_for_deadline()
    assert f"{PEOPLE} voters" in result.text
    acknowledged = sum(voter.receipts for voter in voters)
    print(f"{rounds} kills, {acknowledged} acknowledged votes, none lost")  # noqa: T201


# As long as Discord waits: a busy machine isn't what this is about.
@pytest.mark.parametrize("at_war", [3.0], indirect=True)
async def test_sigterm_under_a_storm_answers_what_it_has_taken(
    at_war: Besieged, card: Message, voters: list[Counting]
) -> None:
    raging = asyncio.create_task(storm(voters, card))
    await asyncio.sleep(LONGEST_STORM)
    await at_war.stop()
    await raging
    found = await stored(at_war.database_url)
    check(voters, found)
    assert found
    assert set(found) == {voter.person.id for voter in voters if voter.certain}


@pytest.mark.parametrize("answered", [True, False], ids=["Discord answers", "Discord is silent"])
async def test_sigterm_while_a_result_is_posted_ends_in_time_and_posts_it_once(
    at_war: Besieged, card: Message, answered: bool
) -> None:
    async with at_war.discord.faults.hold(RESULT, after=True) as held:
        at_war.clock.advance(3 * DAY)
        await held.reached
        stopping = asyncio.create_task(at_war.stop())
        if answered:
            await at_war.owner.sees(at_war.results, "#1 ")
            held.release()
        await stopping
        held.drop()
    await at_war.start()
    await everything_is_sent(at_war.database_url)
    (result,) = at_war.owner.read(at_war.results)
    assert "was defeated" in result.text
