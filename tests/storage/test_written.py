"""A database that an earlier version wrote is upgraded with all that is in it.

`written/<revision>.json` is what a small server left behind under that revision: rows by table;
a power is {"power": digits}, a moment {"moment": ISO}, a JSON value {"json": value}, bytes are
{"bytes": hexadecimal digits}.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, LargeBinary, column, insert, table
from sqlalchemy.ext.asyncio import AsyncConnection

from governance.delegation import SERVER
from governance.power import UNIT
from governance.proposal import ProposalState, state
from storage import (
    ballots,
    delegates,
    delegations,
    deliveries,
    electorate,
    migration,
    notices,
    proposal_types,
    proposals,
    reputation,
    schema,
    settings,
    spaces,
)
from storage.database import Database
from storage.types import Moment, Power
from tests import stores

WRITTEN = Path(__file__).parent / "written"
REVISIONS = sorted(path.name[:4] for path in schema.VERSIONS.glob("[0-9]*.py"))
KINDS: dict[str, Any] = {
    "power": Power(),
    "moment": Moment(),
    "json": JSON(),
    "bytes": LargeBinary(),
}
HAMLET = 7


async def write(connection: AsyncConnection, revision: str) -> None:
    """Make the tables of a revision, with what was written under it."""
    await connection.run_sync(migration.upgrade, revision)
    for name, rows in json.loads((WRITTEN / f"{revision}.json").read_text("utf-8")).items():
        for row in rows:
            typed = {field: _read(value) for field, value in row.items()}
            target = table(name, *(column(field, kind) for field, (kind, _) in typed.items()))
            values = {field: value for field, (_, value) in typed.items()}
            await connection.execute(insert(target).values(values))


@asynccontextmanager
async def upgraded(folder: Path, revision: str) -> AsyncIterator[AsyncConnection]:
    """What was written under a revision, in a database that is as new as all others now."""
    url = await stores.create_bare(folder)
    database = Database(url)
    async with database.write() as connection:
        await write(connection, revision)
    await schema.upgrade(database)
    assert await schema.drift(database) == []
    async with database.read() as connection:
        yield connection
    await database.close()
    await stores.drop(url)


def _read(value: Any) -> tuple[Any, Any]:
    if not isinstance(value, dict):
        return None, value
    ((kind, text),) = value.items()
    read = {"power": int, "moment": datetime.fromisoformat, "bytes": bytes.fromhex}
    return KINDS[kind], read.get(kind, lambda value: value)(text)


@pytest.mark.parametrize("revision", REVISIONS)
async def test_what_a_revision_wrote_is_there_after_the_upgrade(
    revision: str, tmp_path: Path
) -> None:
    async with upgraded(tmp_path, revision) as connection:
        found, webhook = await settings.get(connection, HAMLET)
        assert (found.quorum, found.voting_role, webhook) == (2, 900, 2**62 + 3)
        known = {
            each.text.title: each
            for each in await proposals.page(connection, proposals.of_server(HAMLET), limit=9)
        }
        well, pond, tree = known["Mend the wells"], known["Dig another"], known["Plant a tree"]
        after = max(each.vote_end for each in (well, tree))
        assert well.text.title == "Mend the wells"
        assert well.running
        assert well.running.scores == {1: 2 * UNIT, 2: UNIT, 3: UNIT}
        assert (well.tally.power, well.tally.ballots, well.tally.voters) == (4 * UNIT, 4, 4)
        assert well.submitted_at == well.created_at
        assert state(well, after) is ProposalState.SUCCEEDED
        assert pond.canceled
        assert pond.canceled.reason == "It rained."
        assert state(tree, tree.vote_end) is ProposalState.ACTIVE
        first = await proposals.text_of_version(connection, 1, 1)
        assert first
        assert first.body == "It is dry."
        cast = await ballots.cast(connection, [(1, 12), (tree.id, 11)])
        assert {key: each.choice for key, each in cast.items()} == {(1, 12): 1, (tree.id, 11): 2}
        assert cast[1, 12].reason == "I care."
        assert len(await deliveries.waiting(connection)) > 0


async def test_an_election_and_its_type_are_there_after_the_upgrade(tmp_path: Path) -> None:
    async with upgraded(tmp_path, "0003") as connection:
        election = (await proposals.by_ids(connection, [3]))[3]
        (kind,) = await proposal_types.of_server(connection, HAMLET)
        cast = await ballots.to_count(connection, 3)
    assert election.outcome
    assert election.outcome.winners == (2,)
    assert election.count == election.system.count(cast, election.terms)
    assert (election.text.choices, election.sponsors) == (("Oak", "Elm", "Ash"), (12,))
    assert election.text.fields == (("Seats", "1"),)
    assert (kind.name, kind.template) == ("Election", "We elect …")


async def test_spaces_delegations_and_reputation_are_there_after_the_upgrade(
    tmp_path: Path,
) -> None:
    async with upgraded(tmp_path, "0004") as connection:
        wells, pumps = (await spaces.of_server(connection, HAMLET)).values()
        assert (wells.name, wells.reserved, pumps.parent_id) == ("Wells", ("voting_role",), 1)
        assert pumps.archived_at
        (given,) = await delegations.of_member(connection, HAMLET, 11)
        assert (given.delegate_id, given.scope, given.tell) == (12, SERVER, True)
        at = given.given_at + timedelta(days=2)
        assert await reputation.balances(connection, HAMLET, at, timedelta()) == {12: 3 * UNIT}
        assert not (await delegates.get(connection, HAMLET, 12)).tells
        tree = next(
            each
            for each in await proposals.page(connection, proposals.of_server(HAMLET), limit=9)
            if each.topic == "Trees"
        )
        giver, trusted = await electorate.line(connection, tree.id, 21)
        assert (giver.power, trusted.power, trusted.carried) == (2 * UNIT, None, 2 * UNIT)
        (notice,) = await notices.waiting(connection, [HAMLET], limit=9)
        assert (notice.other_id, notice.nonce) == (11, "abc")


async def test_who_voted_before_the_upgrade_goes_on_voting(tmp_path: Path) -> None:
    async with upgraded(tmp_path, "0003") as connection:
        known = await proposals.page(connection, proposals.of_server(HAMLET), limit=9)
    for each in known:
        assert (each.snapshot_at is not None) == each.has_opened
        assert not each.electors
    assert any(each.has_opened for each in known)


def test_every_revision_has_left_something_behind() -> None:
    assert sorted(path.stem for path in WRITTEN.glob("*.json")) == REVISIONS
