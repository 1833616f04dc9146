"""Reputation fades by half in each half-life, exactly; nobody ever holds less than nothing."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.electorate import Member
from governance.errors import NotAllowed, Refusal
from governance.power import UNIT
from governance.reputation import (
    MOST_POINTS,
    REASON_LENGTH,
    Entry,
    balance,
    granted,
    require_enough,
    spoken,
    taken,
    worth,
)

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
DAY, NEVER = timedelta(days=1), timedelta()
MOD = Member(19, frozenset(), NOW, moderator=True)
ANN = Member(11, frozenset(), NOW)

moments = st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
lives = st.timedeltas(timedelta(minutes=1), timedelta(days=3650))
points = st.integers(1, MOST_POINTS)


def entry(points: int = 8, at: datetime = NOW) -> Entry:
    return Entry(11, points, "", 19, None, at)


@given(points, moments, lives, st.integers(0, 100))
def test_half_of_a_point_is_left_after_each_half_life(
    points: int, at: datetime, half_life: timedelta, halves: int
) -> None:
    left = worth(entry(points, at), at + half_life * halves, half_life)
    assert left == Fraction(points, 2**halves)


@given(points, moments, lives, st.lists(st.timedeltas(NEVER, timedelta(days=9000)), min_size=2))
def test_a_point_is_worth_less_and_less(
    points: int, at: datetime, half_life: timedelta, ages: list[timedelta]
) -> None:
    values = [worth(entry(points, at), at + age, half_life) for age in sorted(ages)]
    assert all(later <= earlier <= points for earlier, later in pairwise(values))
    assert all(value >= 0 for value in values)
    assert worth(entry(points, at), at + half_life / 2, half_life) >= Fraction(points, 2)


@given(points, moments, lives)
def test_points_that_were_taken_fade_as_those_that_were_granted(
    points: int, at: datetime, half_life: timedelta
) -> None:
    later = at + timedelta(days=77)
    assert worth(entry(-points, at), later, half_life) == -worth(
        entry(points, at), later, half_life
    )


def test_without_a_half_life_points_are_worth_as_much_as_ever() -> None:
    assert worth(entry(8), NOW + 9000 * DAY, NEVER) == 8
    assert balance([(NOW, 8), (NOW + DAY, -3)], NOW + 9000 * DAY, NEVER) == 5 * UNIT


def test_between_two_half_lives_points_fall_along_a_straight_line() -> None:
    start = datetime(2000, 1, 1, tzinfo=UTC)
    quarters = [worth(entry(8, start), start + DAY * n, DAY * 4) for n in range(9)]
    assert quarters == [8, 7, 6, 5, 4, Fraction(7, 2), 3, Fraction(5, 2), 2]


def test_points_of_the_future_are_whole() -> None:
    assert worth(entry(8, NOW + DAY), NOW, DAY) == 8


def test_what_is_left_after_very_many_half_lives_is_nothing_and_costs_nothing() -> None:
    minute = timedelta(minutes=1)
    assert worth(entry(MOST_POINTS), NOW + 3650 * DAY, minute) == 0
    assert balance([(NOW, MOST_POINTS)], NOW + 3650 * DAY, minute) == 0


changes = st.lists(st.tuples(moments, st.integers(-1000, 1000)), max_size=20)


@given(changes, moments, st.one_of(st.just(NEVER), lives), st.randoms())
def test_nobody_holds_less_than_nothing_in_whichever_order_entries_are_read(
    changes: list[tuple[datetime, int]], at: datetime, half_life: timedelta, chance: Random
) -> None:
    held = balance(changes, at, half_life)
    assert held >= 0
    chance.shuffle(changes)
    assert balance(changes, at, half_life) == held


@given(
    st.lists(st.tuples(st.timedeltas(NEVER, DAY * 900), points), min_size=1, max_size=15),
    st.one_of(st.just(NEVER), lives),
    points,
)
def test_whoever_was_left_something_owes_nothing_later(
    steps: list[tuple[timedelta, int]], half_life: timedelta, more: int
) -> None:
    """Grants, and takings of no more than is there: what is granted afterwards counts in full."""
    at, made = NOW, list[tuple[datetime, int]]()
    for age, number in steps:
        at += age
        held = balance(made, at, half_life)
        made.append((at, -min(number, held // UNIT) if number % 2 and held >= UNIT else number))
        assert balance(made, at, half_life) == held + made[-1][1] * UNIT
    at += DAY
    before = balance(made, at, half_life)
    assert balance([*made, (at, more)], at, half_life) == before + more * UNIT


def test_a_shorter_half_life_makes_no_debts() -> None:
    history = [(NOW, 100), (NOW + 300 * DAY, -60)]
    assert balance(history, NOW + 300 * DAY, NEVER) == 40 * UNIT
    later = NOW + 400 * DAY
    assert balance(history, later, 30 * DAY) == 0
    assert balance([*history, (later, 5)], later, 30 * DAY) == 5 * UNIT


def test_a_grant_is_kept_with_its_reason_and_its_giver() -> None:
    given_ = granted(MOD, ANN, 10, "  For the\nharvest feast ", NOW)
    assert given_ == Entry(11, 10, "For the harvest feast", 19, None, NOW)
    assert taken(MOD, ANN, 10, "It rained", NOW) == Entry(11, -10, "It rained", 19, None, NOW)


@pytest.mark.parametrize("change", [granted, taken])
@pytest.mark.parametrize(
    ("giver", "member", "points", "reason", "sentence"),
    [
        (ANN, MOD, 1, "x", "permission Manage Server"),
        (MOD, MOD, 1, "x", "another moderator"),
        (MOD, Member(12, frozenset(), NOW, bot=True), 1, "x", "Bots have no reputation"),
        (MOD, Member(12, frozenset(), None), 1, "x", "isn't a member"),
        (MOD, ANN, 0, "x", "0 points aren't possible"),
        (MOD, ANN, -1, "x", "-1 points aren't possible"),
        (MOD, ANN, MOST_POINTS + 1, "x", "from 1 to 1,000,000"),
        (MOD, ANN, 1, " \n\u200b", "The reason is empty"),
        (MOD, ANN, 1, "x" * (REASON_LENGTH + 1), "301 characters"),
    ],
)
def test_who_may_not_and_what_is_not_possible(
    change: Callable[..., Entry],
    giver: Member,
    member: Member,
    points: int,
    reason: str,
    sentence: str,
) -> None:
    with pytest.raises((Refusal, NotAllowed), match=sentence):
        change(giver, member, points, reason, NOW)


def test_no_more_is_taken_than_is_there() -> None:
    require_enough(10 * UNIT, 11, 10)
    with pytest.raises(Refusal, match=r"<@11> has 7\.5 points, so 10 can't be taken\. Take 7 at"):
        require_enough(15 * UNIT // 2, 11, 10)
    with pytest.raises(Refusal, match=r"has 0 points, so 1 can't be taken\. There is nothing"):
        require_enough(0, 11, 1)


@pytest.mark.parametrize(
    ("held", "words"),
    [
        (0, "0 points"),
        (UNIT, "1 point"),
        (1500 * UNIT, "1,500 points"),
        (UNIT * 5 // 2, "2.5 points"),
        (UNIT // 3, "≈0.33 points"),
        (UNIT * 2 // 3, "≈0.67 points"),
        (UNIT - 1, "≈1 point"),
    ],
)
def test_a_balance_has_two_decimals_at_the_most(held: int, words: str) -> None:
    assert spoken(held) == words
