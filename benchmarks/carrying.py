"""A vote with many delegations stored: its snapshot, each ballot's carry, and its close.

    python -m benchmarks.carrying [--store sqlite|postgresql] [--members 1000000] [--ballots 2000]

Nine tenths of the members delegate, in chains of up to ten. Ballots of members anywhere in the
chains go one by one through the real ballot writer, by turns with ballots on a vote without
delegations. Prints the medians and the 99th percentiles in milliseconds, and their ratio.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from benchmarks.delegation import delegates
from governance.ballot import Ballot
from governance.carry import Elector, enrolled
from governance.power import UNIT
from governance.proposal import Proposal
from governance.rules import Rules
from governance.texts import Text
from services.ballot_writer import BallotWriter
from storage import electorate, proposals, settings
from storage.database import Database
from storage.tables import delegations
from tests import stores

NOW = datetime(2026, 1, 1, tzinfo=UTC)
GUILD = 7
_AT_ONCE = 50_000


class Clock:
    at = NOW

    def __call__(self) -> datetime:
        return self.at


@asynccontextmanager
async def stored(store: str) -> AsyncIterator[Database]:
    stores.choose(store)
    with tempfile.TemporaryDirectory() as folder:
        url = await stores.create(Path(folder))
        database = Database(url)
        try:
            yield database
        finally:
            await database.close()
            await stores.drop(url)


async def opened(database: Database, electors: dict[int, Elector]) -> Proposal:
    """A vote that is open, with these electors."""
    rules = Rules(voting_delay=timedelta(), voting_period=timedelta(days=3))
    async with database.write() as connection:
        await settings.lock(connection, GUILD)
        made = await proposals.add(connection, GUILD, 1, Text("Mend the well", "Dry."), rules, NOW)
        await electorate.add(connection, made.id, electors.values())
        await proposals.change(
            connection, made.id, snapshot_at=NOW, opened_at=NOW, electors=len(electors)
        )
        return (await proposals.by_ids(connection, [made.id]))[made.id]


async def given(database: Database, trust: dict[int, int]) -> None:
    """The delegations themselves."""
    rows = [
        {
            "guild_id": GUILD,
            "member_id": who,
            "space_id": 0,
            "topic": "",
            "delegate_id": trusted,
            "given_at": NOW,
            "expires_at": None,
            "ended_at": None,
            "tell": False,
        }
        for who, trusted in trust.items()
    ]
    async with database.write() as connection:
        for start in range(0, len(rows), _AT_ONCE):
            await connection.execute(insert(delegations), rows[start : start + _AT_ONCE])


async def main(store: str, members: int, ballots: int) -> dict[str, float]:
    """Milliseconds of a ballot with and without delegations, and seconds of snapshot and close."""
    chance = random.Random(1)  # noqa: S311 (a benchmark repeats)
    order = list(range(1, members + 1))
    chance.shuffle(order)
    trust = delegates(order, chance)
    clock, figures = Clock(), dict[str, float]()
    async with stored(store) as database:
        await given(database, trust)
        started = time.perf_counter()
        electors = enrolled(
            Elector(who, UNIT, 0, trust.get(who), None) for who in range(1, members + 1)
        )
        delegated = await opened(database, electors)
        figures["snapshot, s"] = time.perf_counter() - started
        plain = await opened(database, {})
        writer = BallotWriter(database, clock)
        writer.know(delegated)
        writer.know(plain)
        writing = asyncio.create_task(writer.run())
        clock.at = NOW + timedelta(hours=1)
        taken: dict[int, list[float]] = {delegated.id: [], plain.id: []}
        for voter in chance.sample(order, ballots):
            for vote in (delegated, plain):
                ballot = Ballot(vote.id, voter, chance.randint(1, 3), UNIT, "", NOW)
                started = time.perf_counter()
                await writer.cast(ballot)
                taken[vote.id].append(time.perf_counter() - started)
        clock.at = delegated.vote_end + timedelta(seconds=1)
        started = time.perf_counter()
        closed = await writer.close(delegated.id)
        figures["close, s"] = time.perf_counter() - started
        if not closed or not closed.tally.carried:
            raise SystemExit("Nothing was carried.")
        writer.stop()
        await writing
    for name, vote in (("carry", delegated), ("plain", plain)):
        times = sorted(taken[vote.id])
        figures[f"{name} p50, ms"] = 1000 * statistics.median(times)
        figures[f"{name} p99, ms"] = 1000 * times[len(times) * 99 // 100]
    for name, value in figures.items():
        print(f"{name:16} {value:8.2f}")
    figures["ratio"] = figures["carry p50, ms"] / figures["plain p50, ms"]
    print(f"\nratio: {figures['ratio']:.2f}")
    return figures


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", default="sqlite", choices=["sqlite", "postgresql"])
    parser.add_argument("--members", type=int, default=1_000_000)
    parser.add_argument("--ballots", type=int, default=2000)
    asked = parser.parse_args()
    asyncio.run(main(asked.store, asked.members, asked.ballots))
