"""Ballots: one per member and proposal, the later in place of the earlier."""

from dataclasses import replace

import pytest

from governance.ballot import Ballot
from governance.power import UNIT
from governance.proposal import Proposal
from governance.voting.system import Choice
from storage import ballots, proposals, settings
from storage.database import Database
from tests.storage.databases import (
    ANN,
    BEN,
    CLEO,
    ELSEWHERE,
    HAMLET,
    NOW,
    RULES,
    SETTINGS,
    TICK,
    WELL,
)


@pytest.fixture
async def two(database: Database) -> list[Proposal]:
    """A proposal here and one in another server."""
    async with database.write() as connection:
        for server in (HAMLET, ELSEWHERE):
            await settings.save(connection, server, SETTINGS, None)
        return [
            await proposals.add(connection, server, ANN, WELL, RULES, NOW)
            for server in (HAMLET, ELSEWHERE)
        ]


def ballot(proposal: Proposal, voter: int, choice: int = 1, power: int = UNIT) -> Ballot:
    return Ballot(proposal.id, voter, choice, power, "Because – ¿por qué no?", NOW + TICK)


async def test_a_ballot_is_kept_exactly(database: Database, two: list[Proposal]) -> None:
    here, there = two
    largest = ballot(here, 2**63 - 1, 3, 2**256 - 1)
    other = ballot(there, BEN)
    async with database.write() as connection:
        await ballots.save(connection, [largest, other])
    async with database.read() as connection:
        keys = [(here.id, 2**63 - 1), (there.id, BEN), (here.id, BEN)]
        found = await ballots.cast(connection, keys)
    assert found == {keys[0]: largest, keys[1]: other}


async def test_a_later_ballot_stands_in_place_of_the_earlier(
    database: Database, two: list[Proposal]
) -> None:
    here, _ = two
    first = ballot(here, BEN, 1)
    later = replace(first, choice=2, power=5, reason="", cast_at=NOW + 2 * TICK)
    async with database.write() as connection:
        await ballots.save(connection, [first, ballot(here, CLEO, 3)])
        await ballots.save(connection, [later])
    async with database.read() as connection:
        assert (await ballots.cast(connection, [(here.id, BEN)]))[here.id, BEN] == later
        assert sorted(await ballots.to_count(connection, here.id)) == [(2, 5, 1), (3, UNIT, 1)]


async def test_ballots_of_other_proposals_are_not_counted(
    database: Database, two: list[Proposal]
) -> None:
    here, there = two
    async with database.write() as connection:
        await ballots.save(connection, [ballot(here, BEN, 1), ballot(there, BEN, 2)])
    async with database.read() as connection:
        assert await ballots.to_count(connection, here.id) == [(1, UNIT, 1)]
        assert await ballots.to_count(connection, there.id) == [(2, UNIT, 1)]
        assert await ballots.to_count(connection, 99) == []


async def test_no_keys_find_no_ballots(database: Database) -> None:
    async with database.read() as connection:
        assert await ballots.cast(connection, []) == {}


async def test_a_member_sees_its_own_ballots_of_one_server_from_the_latest_on(
    database: Database, two: list[Proposal]
) -> None:
    first, there = two
    async with database.write() as connection:
        third = await proposals.add(connection, HAMLET, ANN, WELL, RULES, NOW)
        await ballots.save(
            connection,
            [ballot(first, BEN), ballot(there, BEN), ballot(third, BEN), ballot(third, CLEO)],
        )
    async with database.read() as connection:
        mine = await ballots.of_member(connection, HAMLET, BEN, limit=9, offset=0)
        page = await ballots.of_member(connection, HAMLET, BEN, limit=1, offset=1)
        anns = await ballots.of_member(connection, HAMLET, ANN, limit=9, offset=0)
    assert mine == [ballot(third, BEN), ballot(first, BEN)]
    assert page == [ballot(first, BEN)]
    assert anns == []


async def test_equal_ballots_are_counted_together(database: Database, two: list[Proposal]) -> None:
    here, _ = two
    cast = [ballot(here, voter, 1 + voter % 2) for voter in range(1, 8)]
    async with database.write() as connection:
        await ballots.save(connection, [*cast, ballot(here, 8, power=5)])
    async with database.read() as connection:
        patterns = await ballots.to_count(connection, here.id)
    assert sorted(patterns) == [(1, 5, 1), (1, UNIT, 3), (2, UNIT, 4)]


@pytest.mark.parametrize("choice", [3, (), (1, 3), ((2,), (1, 3)), ((1, -3), (2, 10**6))], ids=str)
async def test_a_ballot_of_any_shape_comes_back_as_it_was(
    database: Database, two: list[Proposal], choice: Choice
) -> None:
    cast = replace(ballot(two[0], BEN), choice=choice)
    async with database.write() as connection:
        await ballots.save(connection, [cast])
    async with database.read() as connection:
        assert (await ballots.cast(connection, [(two[0].id, BEN)])).popitem()[1] == cast
        assert await ballots.to_count(connection, two[0].id) == [(choice, UNIT, 1)]
