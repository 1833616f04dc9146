"""The bot is killed, or stopped, under a storm of votes: no acknowledged vote is lost."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.discord import Message, Person
from tests.moot import DAY, private
from tests.survival.ballots import Voter, check, everything_is_sent, stored, storm
from tests.survival.carried import Trust, check_exported, check_running, stored_vote
from tests.survival.siege import Besieged, besieged

PEOPLE = 40
ROUNDS, LONG_ROUNDS = 10, 100
TRUSTING_ROUNDS, LONG_TRUSTING_ROUNDS = 4, 60
LONGEST_STORM = 0.4
SEED = 3
STORMS_OF_A_VOTE = 2
"""Half of the people storm each time, so that some decide for themselves only in the second."""
CARD_SECONDS = 1.1
"""Discord takes five messages of a channel in five seconds; nobody here waits long for a card."""
RESULT = "POST /webhooks/{webhook}/{token}"


@dataclass
class Counting(Voter):
    receipts: int = 0

    async def press(self, card: Message, choice: str) -> None:
        await super().press(card, choice)
        self.receipts += 1


@pytest.fixture
async def at_war(tmp_path: Path) -> AsyncIterator[Besieged]:
    """Hamlet, set up."""
    async with besieged(tmp_path / "hamlet") as moot:
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


@pytest.mark.timeout(900)
async def test_no_carried_power_is_lost_or_doubled_when_the_bot_is_killed(
    at_war: Besieged, voters: list[Counting], long: bool
) -> None:
    people = [voter.person for voter in voters]
    await at_war.setup(topics="Wells")
    trust = await trusting(at_war, people)
    chance, rounds = random.Random(SEED), LONG_TRUSTING_ROUNDS if long else TRUSTING_ROUNDS
    cards = []
    for number in range(rounds // STORMS_OF_A_VOTE):
        cards.append(await at_war.proposed(people[number], f"Plan {number}", topic="Wells"))
        await asyncio.sleep(CARD_SECONDS)
    everyone = [[Counting(person) for person in people] for _ in cards]
    at_war.clock.advance(DAY)
    for number in range(len(cards)):
        await at_war.owner.sees(at_war.proposals, f"Plan {number}\n🟢 **Active**", within=60)
    for turn in range(rounds):
        number = turn % len(cards)
        some = chance.sample(everyone[number], PEOPLE // 2)
        raging = asyncio.create_task(storm(some, cards[number]))
        await asyncio.sleep(chance.uniform(0.0, LONGEST_STORM))
        await at_war.kill()
        await raging
        found = await stored_vote(at_war.database_url, number + 1)
        check(everyone[number], found.choices)
        check_running(found, trust)
        await at_war.start()
    # Each does a little only: nobody may go on as fast as the test.
    for number, card in enumerate(cards):
        await everyone[number][number].press(card, "Against")
    at_war.clock.advance(3 * DAY)
    for number, present in enumerate(everyone, 1):
        await at_war.owner.sees(at_war.results, f"#{number} Plan", within=60)
        found = await stored_vote(at_war.database_url, number)
        check(present, found.choices)
        check_running(found, trust)
        asked = {"proposal": str(number)}
        asking = people[number].command("proposal export", in_=at_war.square, **asked)
        answer = await private(asking)
        (attachment,) = answer.attachments
        check_exported(attachment.content, found, trust)
    await everything_is_sent(at_war.database_url)
    assert len(at_war.owner.read(at_war.results)) == len(cards)


async def trusting(moot: Besieged, people: list[Person]) -> Trust:
    """A chain of eight, a delegate whom ten trust and through one of them others, and a circle.

    The circle is closed by a narrower scope, and two more stand before it.
    """
    chain = {number: number + 1 for number in range(7)}
    popular = dict.fromkeys(range(11, 21), 10) | {21: 12, 22: 21}
    circle = {25: 26, 26: 27, 28: 26, 29: 28}
    closing = {27: 25}
    for scope, links in (("This server", chain | popular | circle), ("Topic: Wells", closing)):
        for who, whom in links.items():
            given = {"member": people[whom], "scope": scope}
            answer = await private(people[who].command("delegate to", in_=moot.square, **given))
            assert "votes for you" in answer.text, answer.text
    links = chain | popular | circle | closing
    return {people[who].id: people[whom].id for who, whom in links.items()}


async def test_sigterm_under_a_storm_answers_what_it_has_taken(
    at_war: Besieged, card: Message, voters: list[Counting]
) -> None:
    raging = asyncio.create_task(storm(voters, card))
    # People press in this process, the bot answers in its own.
    while not any(voter.receipts for voter in voters):  # noqa: ASYNC110
        await asyncio.sleep(0.01)
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
