"""Balances of a whole server, of some members, and entries that the database makes itself."""

from datetime import timedelta

import pytest

from governance.ballot import Ballot
from governance.power import UNIT
from governance.reputation import Entry, balance
from storage import ballots, proposals, reputation, settings
from storage.database import Database
from tests.storage.databases import (
    ANN,
    BEN,
    CLEO,
    DAY,
    ELSEWHERE,
    HAMLET,
    NOW,
    RULES,
    SETTINGS,
    TICK,
    WELL,
)

NEVER = timedelta()


def entry(member: int, points: int, at: object = NOW) -> Entry:
    return Entry(member, points, "Feast", CLEO, None, at)  # type: ignore[arg-type]


async def test_balances_are_those_of_a_moment(database: Database) -> None:
    async with database.write() as connection:
        await reputation.add(connection, HAMLET, [])
        await reputation.add(
            connection, HAMLET, [entry(ANN, 5), entry(ANN, 3, NOW + DAY), entry(BEN, 1)]
        )
        await reputation.add(connection, ELSEWHERE, [entry(ANN, 99)])
        found = await reputation.balances(connection, HAMLET, NOW + DAY - TICK, NEVER)
        assert found == {ANN: 5 * UNIT, BEN: UNIT}
        found = await reputation.balances(connection, HAMLET, NOW + DAY, DAY, [ANN, CLEO])
        assert found == {ANN: 5 * UNIT // 2 + 3 * UNIT}
        assert await reputation.balances(connection, HAMLET, NOW, NEVER, []) == {}


@pytest.mark.parametrize("half_life", [NEVER, 30 * DAY])
async def test_many_entries_of_very_many_named_members_are_added_up(
    database: Database, half_life: timedelta
) -> None:
    later = NOW + 90 * DAY
    many = [
        entry(member, points, NOW + TICK * member) for points in (7, 2) for member in range(1, 2501)
    ]
    async with database.write() as connection:
        await reputation.add(connection, HAMLET, many)
    async with database.read() as connection:
        all_ = await reputation.balances(connection, HAMLET, later, half_life)
        some = await reputation.balances(connection, HAMLET, later, half_life, range(2, 40_000))
    assert len(all_) == 2500
    assert all_[9] == balance([(NOW + TICK * 9, 7), (NOW + TICK * 9, 2)], later, half_life)
    assert some == {member: held for member, held in all_.items() if member > 1}


async def test_the_latest_entries_come_first_a_page_at_a_time(database: Database) -> None:
    async with database.write() as connection:
        await reputation.add(
            connection, HAMLET, [entry(ANN, n, NOW + DAY * (n // 2)) for n in range(1, 6)]
        )
        await reputation.add(connection, HAMLET, [entry(BEN, 9)])
        pages = [
            await reputation.latest(connection, HAMLET, ANN, limit=2, offset=offset)
            for offset in (0, 2, 4, 6)
        ]
    assert [[each.points for each in page] for page in pages] == [[5, 4], [3, 2], [1], []]


async def test_everyone_who_cast_a_ballot_gets_an_entry(database: Database) -> None:
    async with database.write() as connection:
        await settings.save(connection, HAMLET, SETTINGS, None)
        well = await proposals.add(connection, HAMLET, ANN, WELL, RULES, NOW)
        other = await proposals.add(connection, HAMLET, ANN, WELL, RULES, NOW)
        await ballots.save(
            connection,
            [
                Ballot(well.id, BEN, 1, UNIT, "", NOW),
                Ballot(well.id, 2**62 + 1, 0, UNIT, "", NOW),
                Ballot(other.id, CLEO, 1, UNIT, "", NOW),
            ],
        )
        await reputation.add_for_voters(connection, HAMLET, well.id, 3, "Voted: it's “#1”", NOW)
        assert await reputation.balances(connection, HAMLET, NOW, NEVER) == {
            BEN: 3 * UNIT,
            2**62 + 1: 3 * UNIT,
        }
        assert await reputation.latest(connection, HAMLET, BEN, limit=9, offset=0) == [
            Entry(BEN, 3, "Voted: it's “#1”", None, well.id, NOW)
        ]
