"""Many people who vote at once, and what the database holds of it."""

import asyncio
from dataclasses import dataclass, field

from sqlalchemy import select

from governance.voting import basic
from sandbox.discord import Failed, Message, Person
from services.deliveries import Outbox
from storage.database import Database
from storage.tables import ballots, proposals
from tests.moot import private

CHOICES = {"For": basic.FOR, "Against": basic.AGAINST}


@dataclass
class Voter:
    """A person, and how their presses ended: `possible` may be stored, `certain` must be."""

    person: Person
    certain: bool = False
    possible: set[int | None] = field(default_factory=lambda: {None})

    async def press(self, card: Message, choice: str) -> None:
        """Vote; raises Failed where Discord or the bot says so."""
        before, self.possible = self.possible, self.possible | {CHOICES[choice]}
        receipt = await private(self.person.press(card, choice))
        if "nothing was recorded" in receipt.text:
            self.possible = before
            raise Failed(receipt.text)
        assert "☑️" in receipt.text, receipt.text
        self.certain, self.possible = True, {CHOICES[choice]}

    async def press_on(self, card: Message) -> None:
        """For, then Against, then For, until it fails."""
        try:
            while True:
                for choice in CHOICES:
                    await self.press(card, choice)
        except Failed:
            return


async def storm(voters: list[Voter], card: Message) -> None:
    await asyncio.gather(*(voter.press_on(card) for voter in voters))


async def stored(database_url: str) -> dict[int, int]:
    """Each voter's choice, read back from the disk; the running tally agrees with them."""
    database = Database(database_url)
    try:
        async with database.read() as connection:
            rows = (await connection.execute(select(ballots.c.voter_id, ballots.c.choice))).all()
            counted = await connection.scalar(select(proposals.c.voters))
    finally:
        await database.close()
    assert counted == len(rows) == len({row.voter_id for row in rows})
    return {row.voter_id: row.choice for row in rows}


def check(voters: list[Voter], found: dict[int, int]) -> None:
    """The acknowledged is there, the unacknowledged perhaps, and nothing else."""
    for voter in voters:
        assert found.get(voter.person.id) in voter.possible
    assert set(found) <= {voter.person.id for voter in voters}


async def something_waits(database_url: str, problem: str, within: float = 60.0) -> None:
    """Wait until an announcement was tried, and waits because of this problem."""
    database = Database(database_url)
    try:
        async with asyncio.timeout(within):
            # Another task or process notes the problem.
            while not any(  # noqa: ASYNC110
                problem in (each.problem or "") for each in await Outbox(database).waiting()
            ):
                await asyncio.sleep(0.05)
    finally:
        await database.close()


async def everything_is_sent(database_url: str, within: float = 60.0) -> None:
    """Wait until nothing is left in the outbox, so that nothing can follow."""
    database = Database(database_url)
    try:
        async with asyncio.timeout(within):
            # Another process fills it and empties it.
            while await Outbox(database).waiting():  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    finally:
        await database.close()
