"""A member may be quick, but not for ever."""

import asyncio

import pytest

from cogs import pace
from cogs.pace import Pace
from governance.errors import Busy

HAMLET, ANN, BEN = 1, 11, 12


def taken(of: Pace, member: int, tries: int, guild: int = HAMLET) -> int:
    """How many of so many things at once are taken."""
    count = 0
    for _ in range(tries):
        try:
            of.keep(guild, member)
        except Busy:
            continue
        count += 1
    return count


def test_a_burst_is_taken_and_no_more() -> None:
    assert taken(Pace(5), ANN, 100) == 5


async def test_after_a_second_there_is_one_more_whatever_was_refused() -> None:
    of = Pace(3)
    assert taken(of, ANN, 1000) == 3
    await asyncio.sleep(pace.SECONDS)
    assert taken(of, ANN, 10) == 1


def test_nobody_waits_for_another_member_or_server() -> None:
    of = Pace(3)
    taken(of, ANN, 10)
    assert taken(of, BEN, 10) == 3
    assert taken(of, ANN, 10, guild=2) == 3


def test_a_crowd_takes_no_more_memory_than_a_town() -> None:
    of = Pace(1)
    for member in range(3 * pace.MOST_MEMBERS):
        of.keep(HAMLET, member)
    assert len(of._paid) == pace.MOST_MEMBERS


def test_who_goes_on_is_not_forgotten_in_a_crowd() -> None:
    of = Pace(20)
    for member in range(100, 100 + 3 * pace.MOST_MEMBERS):
        of.keep(HAMLET, member)
        if member % 1000 == 0:
            taken(of, ANN, 3)
    assert taken(of, ANN, 10) == 0


def test_the_sentence_says_when_to_try_again() -> None:
    of = Pace(1)
    of.keep(HAMLET, ANN)
    with pytest.raises(Busy, match="try again in a second"):
        of.keep(HAMLET, ANN)
