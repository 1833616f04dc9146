"""A database that an earlier version wrote is upgraded with all that is in it.

`written/<revision>.json` is what a small server left behind under that revision: rows by table;
a power is {"power": digits}, a moment {"moment": ISO}, a JSON value {"json": value}.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, column, insert, table
from sqlalchemy.ext.asyncio import AsyncConnection

from governance.power import UNIT
from governance.proposal import ProposalState, state
from storage import ballots, deliveries, migration, proposals, schema, settings
from storage.database import Database
from storage.types import Moment, Power
from tests import stores

WRITTEN = Path(__file__).parent / "written"
REVISIONS = sorted(path.name[:4] for path in schema.VERSIONS.glob("[0-9]*.py"))
KINDS: dict[str, Any] = {"power": Power(), "moment": Moment(), "json": JSON()}
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


def _read(value: Any) -> tuple[Any, Any]:
    if not isinstance(value, dict):
        return None, value
    ((kind, text),) = value.items()
    read = {"power": int, "moment": datetime.fromisoformat, "json": dict}[kind]
    return KINDS[kind], read(text)


@pytest.mark.parametrize("revision", REVISIONS)
async def test_what_a_revision_wrote_is_there_after_the_upgrade(
    revision: str, tmp_path: Path
) -> None:
    url = await stores.create_bare(tmp_path)
    database = Database(url)
    async with database.write() as connection:
        await write(connection, revision)
    await schema.upgrade(database)
    assert await schema.drift(database) == []
    async with database.read() as connection:
        found, webhook = await settings.get(connection, HAMLET)
        assert (found.quorum, found.voting_role, webhook) == (2, 900, 2**62 + 3)
        known = await proposals.by_ids(connection, [1, 2, 3])
        well, pond, tree = known[1], known[2], known[3]
        after = max(each.vote_end for each in (well, tree))
        assert well.text.title == "Mend the wells"
        assert well.tally == {1: 2 * UNIT, 2: UNIT, 3: UNIT}
        assert state(well, after) is ProposalState.SUCCEEDED
        assert pond.canceled
        assert pond.canceled.reason == "It rained."
        assert state(tree, tree.vote_end) is ProposalState.ACTIVE
        first = await proposals.text_of_version(connection, 1, 1)
        assert first
        assert first.body == "It is dry."
        cast = await ballots.cast(connection, [(1, 12), (3, 11)])
        assert {key: each.choice for key, each in cast.items()} == {(1, 12): 1, (3, 11): 2}
        assert cast[1, 12].reason == "I care."
        assert len(await deliveries.waiting(connection)) > 0
    await database.close()
    await stores.drop(url)


def test_every_revision_has_left_something_behind() -> None:
    assert sorted(path.stem for path in WRITTEN.glob("*.json")) == REVISIONS
