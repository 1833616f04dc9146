"""Every power strategy, by what all of them promise and by what each of them says."""

import asyncio
from collections.abc import Collection, Coroutine, Mapping
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.power import UNIT
from governance.strategies import ONE_EACH, STRATEGIES
from governance.strategies.strategy import Entries, Snapshot, Strategy, Voter
from governance.strategies.writing import spoken
from tests.governance.examples import MADE

ELDER, FRIEND, STEWARD = 101, 102, 103
ANN, BEN, CLEO = Voter(11, frozenset({ELDER, FRIEND})), Voter(12, frozenset({FRIEND})), Voter(13)
VILLAGE = (ANN, BEN, CLEO)
NOW = Snapshot(7, MADE)
HUGE = 2**256

T = TypeVar("T")


def run(asked: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asked)


class World:
    """What strategies ask of: reputation by member, and how many members each role has."""

    def __init__(
        self,
        reputation: Mapping[int, int] | None = None,
        members: Mapping[int | None, int] | None = None,
    ) -> None:
        self.points = reputation or {}
        self.counted = members or {}

    async def reputation(self, snapshot: Snapshot, members: Collection[int]) -> Mapping[int, int]:
        return {each: self.points[each] for each in members if each in self.points}

    async def all_reputation(self, snapshot: Snapshot) -> int:
        return sum(self.points.values())

    async def members(self, snapshot: Snapshot, role: int | None) -> int:
        return self.counted[role]


def of_each(
    name: str,
    entries: Entries = (),
    voters: Collection[Voter] = VILLAGE,
    world: World | None = None,
) -> list[int]:
    """The values that a strategy gives to the voters, in their order."""
    found = run(STRATEGIES[name].values(list(voters), entries, NOW, world or World()))
    return [found[voter.id] for voter in voters]


every = pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=list(STRATEGIES))
roles = st.sampled_from([ELDER, FRIEND, STEWARD])
ids = st.integers(1, 50)
voters = st.lists(
    st.builds(Voter, ids, st.frozensets(roles)), min_size=1, max_size=20, unique_by=lambda v: v.id
)
weights = st.one_of(st.integers(1, 10 * UNIT), st.just(HUGE - 1))
worlds = st.builds(World, st.dictionaries(ids, weights))


def entries_of(strategy: Strategy) -> st.SearchStrategy[Entries]:
    if not strategy.NAMES:
        return st.just(())
    named = roles if strategy.NAMES == "roles" else ids
    each = st.tuples(named, weights)
    return st.lists(each, min_size=1, max_size=3, unique_by=lambda entry: entry[0]).map(tuple)


# What all of them promise


def test_the_menu_starts_with_what_everybody_knows() -> None:
    assert list(STRATEGIES) == ["member", "highest", "roles", "reputation", "list"]
    assert spoken(ONE_EACH) == "member"


@every
def test_a_strategy_is_listed_under_its_own_name_and_has_a_title(strategy: Strategy) -> None:
    assert STRATEGIES[strategy.NAME] is strategy
    assert strategy.NAMES in ("roles", "members", "")
    assert strategy.TITLE


@every
@given(data=st.data())
def test_each_voter_has_an_exact_value_however_many_ask_at_once(
    strategy: Strategy, data: st.DataObject
) -> None:
    asked, entries, world = data.draw(voters), data.draw(entries_of(strategy)), data.draw(worlds)
    together = run(strategy.values(asked, entries, NOW, world))
    assert together.keys() == {voter.id for voter in asked}
    assert all(type(value) is int and value >= 0 for value in together.values())
    for voter in asked:
        assert run(strategy.values([voter], entries, NOW, world)) == {voter.id: together[voter.id]}


@every
@given(data=st.data())
def test_the_order_of_voters_and_entries_never_matters(
    strategy: Strategy, data: st.DataObject
) -> None:
    asked, entries, world = data.draw(voters), data.draw(entries_of(strategy)), data.draw(worlds)
    mixed = data.draw(st.permutations(asked))
    turned = tuple(data.draw(st.permutations(entries)))
    one = run(strategy.values(asked, entries, NOW, world))
    assert run(strategy.values(mixed, turned, NOW, world)) == one


@every
@given(data=st.data())
def test_a_total_that_is_known_is_what_all_members_have_together(
    strategy: Strategy, data: st.DataObject
) -> None:
    asked, entries = data.draw(voters), data.draw(entries_of(strategy))
    if strategy.NAMES == "members":  # a list names members that are there
        entries = tuple(each for each in entries if each[0] in {voter.id for voter in asked})
    role = data.draw(st.one_of(st.none(), roles))
    electorate = [voter for voter in asked if role is None or role in voter.roles]
    world = World(
        {voter.id: data.draw(weights) for voter in asked},
        {
            None: len(asked),
            **{
                each: sum(each in voter.roles for voter in asked)
                for each in (ELDER, FRIEND, STEWARD)
            },
        },
    )
    if strategy.total_is_known(entries, role):
        values = run(strategy.values(electorate, entries, NOW, world))
        assert run(strategy.total(entries, NOW, world, role)) == sum(values.values())


# What each of them says


def test_one_member_has_one_vote() -> None:
    assert of_each("member") == [UNIT, UNIT, UNIT]


def test_of_several_roles_the_one_with_the_most_counts_or_all_of_them() -> None:
    listed = ((ELDER, 10 * UNIT), (FRIEND, UNIT))
    assert of_each("highest", listed) == [10 * UNIT, UNIT, 0]
    assert of_each("roles", listed) == [11 * UNIT, UNIT, 0]


def test_a_point_of_reputation_is_a_vote_and_who_has_none_has_zero() -> None:
    assert of_each("reputation", world=World({11: 7 * UNIT})) == [7 * UNIT, 0, 0]


def test_a_list_says_who_has_how_much() -> None:
    assert of_each("list", ((12, 3 * UNIT),)) == [0, 3 * UNIT, 0]


def test_values_beyond_any_machine_number_stay_exact() -> None:
    listed = ((ELDER, HUGE - 1), (FRIEND, HUGE - 1))
    assert of_each("roles", listed)[0] == 2 * HUGE - 2
    assert of_each("highest", listed)[0] == HUGE - 1
    assert of_each("reputation", world=World({11: HUGE - 1}))[0] == HUGE - 1


@pytest.mark.parametrize(
    ("name", "entries", "everyone", "with_a_role"),
    [
        ("member", (), True, True),
        ("highest", ((ELDER, UNIT),), True, False),
        ("highest", ((ELDER, UNIT), (FRIEND, UNIT)), False, False),
        ("roles", ((ELDER, UNIT), (FRIEND, UNIT)), True, False),
        ("reputation", (), True, False),
        ("list", ((11, UNIT),), True, False),
    ],
)
def test_without_a_list_of_members_some_totals_are_known(
    name: str, entries: Entries, everyone: bool, with_a_role: bool
) -> None:
    strategy = STRATEGIES[name]
    assert strategy.total_is_known(entries, None) == everyone
    assert strategy.total_is_known(entries, ELDER) == with_a_role
