"""Power put together from strategies: multiplied, added, rounded once, then capped and curved."""

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance import composition
from governance.composition import Curve, Term, power, total_is_known
from governance.options import NO_QUORUM, Quorum
from governance.power import UNIT
from governance.strategies import ONE_EACH, STRATEGIES, reputation
from governance.strategies.strategy import Entries, Part, Snapshot, Sources, Voter
from tests.governance.test_strategies import (
    ANN,
    CLEO,
    ELDER,
    FRIEND,
    HUGE,
    NOW,
    VILLAGE,
    World,
    run,
)

HALF = Fraction(1, 2)
POINTS = Part("reputation")
values = st.integers(0, HUGE)
fractions = st.builds(Fraction, st.integers(1, 10**9), st.integers(1, 10**9))
terms = st.lists(
    st.builds(lambda times, value: Term(Part("member", times), value), fractions, values),
    max_size=8,
)


def test_power_is_a_sum_of_strategies_each_with_its_multiplier() -> None:
    parts = (
        Part("highest", Fraction(2), ((ELDER, 10 * UNIT), (FRIEND, UNIT))),
        Part("reputation", HALF),
    )
    found = run(composition.terms(VILLAGE, parts, NOW, World({11: 4 * UNIT, 13: 3 * UNIT})))
    assert {who: power(each) for who, each in found.items()} == {
        11: 22 * UNIT,
        12: 2 * UNIT,
        13: 3 * UNIT // 2,
    }
    assert [term.power for term in found[11]] == [20 * UNIT, 2 * UNIT]


def test_without_parts_there_is_no_power() -> None:
    assert run(composition.terms([ANN], (), NOW, World())) == {11: ()}
    assert power(()) == 0


@given(terms)
def test_power_is_the_exact_sum_rounded_down_once(found: Sequence[Term]) -> None:
    exact = sum((term.part.multiplier * term.value for term in found), Fraction())
    assert power(found) == floor(exact)
    assert 0 <= exact - power(found) < 1


def test_thirds_of_a_unit_are_added_before_they_are_rounded() -> None:
    third = Term(Part("member", Fraction(1, 3)), UNIT)
    assert power([third]) == UNIT // 3
    assert power([third] * 3) == UNIT  # not 3 times 0.333…


@given(terms, values)
def test_a_cap_applies_to_the_sum_and_before_the_curve(found: Sequence[Term], cap: int) -> None:
    assert power(found, cap) == min(power(found), cap)
    assert power(found, cap, Curve.SQRT) <= power(found, None, Curve.SQRT)
    nine = [Term(Part("member"), 9 * UNIT)]
    assert power(nine, 4 * UNIT, Curve.SQRT) == 2 * UNIT


@given(terms)
def test_the_root_is_exact_rounded_down_and_one_vote_stays_one(found: Sequence[Term]) -> None:
    root, square = power(found, curve=Curve.SQRT), power(found) * UNIT
    assert root**2 <= square < (root + 1) ** 2
    one = [Term(Part("member"), UNIT)]
    assert power(one, curve=Curve.SQRT) == UNIT


class Partly:
    """Reputation that is known of some members only, as a read that failed leaves it."""

    NAME, TITLE, SOURCE = "partly", "Partly", "partly"
    NAMES = ""

    async def values(
        self, voters: Sequence[Voter], entries: Entries, snapshot: Snapshot, sources: Sources
    ) -> Mapping[int, int]:
        found = await reputation.values(voters, entries, snapshot, sources)
        return {who: value for who, value in found.items() if who != CLEO.id}

    def total_is_known(self, entries: Entries, role: int | None) -> bool:
        return False

    async def total(
        self, entries: Entries, snapshot: Snapshot, sources: Sources, role: int | None
    ) -> int:
        raise AssertionError("it isn't known")


def test_who_is_unknown_to_one_strategy_is_unknown_and_never_zero(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(composition, "STRATEGIES", {**STRATEGIES, "partly": Partly()})
    parts = (*ONE_EACH, Part("partly"))
    found = run(composition.terms(VILLAGE, parts, NOW, World()))
    assert found.keys() == {11, 12}
    assert run(composition.total(parts, NOW, World(members={None: 3}), None)) is None


# The electorate


def test_the_power_of_all_members_is_known_where_every_part_is() -> None:
    world = World({11: 5 * UNIT, 12: UNIT}, {None: 100, ELDER: 8, FRIEND: 40})
    both = (Part("roles", HALF, ((ELDER, 10 * UNIT), (FRIEND, UNIT))), POINTS)

    def together(parts: tuple[Part, ...], role: int | None = None) -> int | None:
        return run(composition.total(parts, NOW, world, role))

    assert together(ONE_EACH) == 100 * UNIT
    assert together(ONE_EACH, ELDER) == 8 * UNIT
    assert together(both) == (80 + 40) * UNIT // 2 + 6 * UNIT
    assert together(both, FRIEND) is None
    assert together((Part("list", Fraction(1, 3), ((11, UNIT),)),)) == UNIT // 3
    assert together((*ONE_EACH, Part("highest", Fraction(1), ((ELDER, 1), (FRIEND, 1))))) is None


def test_what_a_cap_or_a_curve_takes_away_is_known_for_each_member_only() -> None:
    linear = Curve.LINEAR.value
    assert total_is_known(ONE_EACH, None, NO_QUORUM, linear)
    assert total_is_known((*ONE_EACH, POINTS), None, NO_QUORUM, linear)
    assert not total_is_known((*ONE_EACH, POINTS), ELDER, NO_QUORUM, linear)
    assert not total_is_known(ONE_EACH, None, Quorum(5 * UNIT), linear)
    assert not total_is_known(ONE_EACH, None, Quorum(share=HALF), linear)
    assert not total_is_known(ONE_EACH, None, NO_QUORUM, Curve.SQRT.value)


def test_a_total_asks_nothing_where_it_cannot_be_known() -> None:
    class Mute(World):
        async def members(self, snapshot: Snapshot, role: int | None) -> int:
            raise AssertionError("there was no need to ask")

        async def reputation(
            self, snapshot: Snapshot, members: Collection[int]
        ) -> Mapping[int, int]:
            raise AssertionError("there was no need to ask")

    assert run(composition.total((*ONE_EACH, POINTS), NOW, Mute(), ELDER)) is None
