"""Delegating by command, and what others write beside the bot."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from governance.delegation import Scope
from sandbox.discord import Person
from storage import delegations, proposals
from storage.database import Database
from storage.tables import electorate
from tests.moot import Moot, private

GIVEN = datetime(2026, 3, 1, tzinfo=UTC)


async def to(moot: Moot, who: Person, member: object, **options: object) -> str:
    """What `/delegate to` answers."""
    answer = await private(who.command("delegate to", in_=moot.square, member=member, **options))
    return answer.text


async def delegate(moot: Moot, who: Person, command: str, **options: object) -> str:
    """What another `/delegate` command answers."""
    return (await private(who.command(f"delegate {command}", in_=moot.square, **options))).text


async def explained(moot: Moot, who: Person) -> str:
    return await delegate(moot, who, "explain", proposal="1")


@asynccontextmanager
async def written(moot: Moot) -> AsyncIterator[AsyncConnection]:
    """A transaction beside those of the bot."""
    database = Database(moot.configuration.database)
    try:
        async with database.write() as connection:
            yield connection
    finally:
        await database.close()


async def fixed(moot: Moot, *line: Person) -> None:
    """Electors of the first proposal, each delegating to the next, as voting starts."""
    async with written(moot) as connection:
        for place, (who, whom) in enumerate(zip(line, [*line[1:], None], strict=True)):
            given = None
            if whom:
                given = await delegations.in_scope(connection, moot.server.id, who.id, Scope())
            await connection.execute(
                insert(electorate).values(
                    proposal_id=1,
                    member_id=who.id,
                    delegate_id=whom and whom.id,
                    delegation_id=given and given.id,
                    cut=False,
                    carried=0,
                    second_carried=0,
                    carries=place,
                )
            )
        await proposals.change(connection, 1, snapshot_at=GIVEN, electors=len(line))
