"""Votes open and close by the clock, and everybody is told once."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.deliveries import Event
from governance.errors import Refusal, Unavailable
from governance.power import UNIT
from services import deadlines
from services.proposals import Which
from tests.services.hall import ANN, MODERATOR, Hall, ballot, voting_hall
from tests.storage.databases import DAY, HAMLET, TICK

OPENED, CLOSED = Event.OPENED, Event.CLOSED


async def test_nothing_opens_before_its_start_and_nothing_closes_before_its_end(
    hall: Hall,
) -> None:
    proposal = await hall.proposed()
    for now in (proposal.created_at, proposal.vote_start):
        hall.clock.at = now
        assert await hall.deadlines.settle() == []
    assert await hall.announcements(OPENED) == []
    hall.clock.advance(TICK)
    assert [each.id for each in await hall.deadlines.settle()] == [proposal.id]
    assert await hall.announcements(OPENED) == [(1, "thread")]
    hall.clock.at = proposal.vote_end
    assert await hall.deadlines.settle() == []
    assert await hall.announcements(CLOSED) == []
    hall.clock.advance(TICK)
    (closed,) = await hall.deadlines.settle()
    assert closed.counted_at == hall.clock.at
    assert await hall.announcements(CLOSED) == [(1, "thread"), (1, "results")]


async def test_however_often_it_is_asked_it_announces_once(hall: Hall) -> None:
    proposal = await hall.opened()
    for _ in range(3):
        await hall.deadlines.settle()
    await asyncio.gather(*(hall.deadlines.settle() for _ in range(3)))
    hall.clock.at = proposal.vote_end + TICK
    await asyncio.gather(*(hall.deadlines.settle() for _ in range(3)))
    for _ in range(3):
        hall.clock.advance(DAY)
        await hall.deadlines.settle()
    assert await hall.announcements(OPENED) == [(1, "thread")]
    assert await hall.announcements(CLOSED) == [(1, "thread"), (1, "results")]


async def test_what_was_delivered_meanwhile_is_not_announced_again(hall: Hall) -> None:
    proposal = await hall.opened()
    for now in (hall.clock.at, proposal.vote_end + TICK):
        hall.clock.at = now
        await hall.deadlines.settle()
        for each in await hall.outbox.waiting():
            await hall.outbox.delivered(each, now)
        assert await hall.deadlines.settle() == []
        assert await hall.announced() == []


async def test_after_a_long_sleep_it_catches_up(hall: Hall) -> None:
    proposal = await hall.proposed()
    hall.clock.at = proposal.vote_end + DAY * 400
    assert [each.id for each in await hall.deadlines.settle()] == [proposal.id]
    assert await hall.deadlines.settle() == []
    assert await hall.announcements(CLOSED) == [(1, "thread"), (1, "results")]
    assert await hall.announcements(OPENED) == []  # nobody can vote any more


async def test_what_became_due_during_a_sleep_is_announced_in_its_order(hall: Hall) -> None:
    for title in ("One", "Two", "Three"):
        await hall.proposed(title)
        hall.clock.advance(DAY / 24)
    hall.clock.advance(DAY)
    await hall.deadlines.settle()
    assert await hall.announcements(OPENED) == [(n, "thread") for n in (1, 2, 3)]
    hall.clock.advance(DAY * 3)
    await hall.deadlines.settle()
    ends = [number for number, target in await hall.announcements(CLOSED) if target == "results"]
    assert ends == [1, 2, 3]


async def test_a_shorter_vote_that_was_proposed_later_closes_first(hall: Hall) -> None:
    await hall.proposed("Slow")
    await hall.set_up(voting_delay="1h", voting_period="1d")
    await hall.proposed("Quick")
    hall.clock.advance(DAY + DAY / 48)
    await hall.deadlines.settle()
    assert await hall.announcements(OPENED) == [(2, "thread"), (1, "thread")]
    hall.clock.advance(DAY * 9)
    await hall.deadlines.settle()
    ends = [number for number, target in await hall.announcements(CLOSED) if target == "results"]
    assert ends == [2, 1]


async def test_what_is_canceled_neither_opens_nor_closes(hall: Hall) -> None:
    one, two = await hall.proposed("One"), await hall.proposed("Two")
    await hall.proposals.cancel(one.guild_id, one.id, ANN, "Overtaken.")
    hall.clock.at = one.vote_start + TICK
    await hall.deadlines.settle()
    assert await hall.announcements(OPENED) == [(2, "thread")]
    await hall.proposals.cancel(two.guild_id, two.id, MODERATOR, "Against the law.")
    hall.clock.at = one.vote_end + TICK
    assert await hall.deadlines.settle() == []
    assert await hall.announcements(CLOSED) == []


async def test_a_vote_that_ends_while_its_opening_is_looked_at_does_not_open(hall: Hall) -> None:
    proposal = await hall.proposed()
    hall.clock.at, hall.clock.step = proposal.vote_end, TICK
    await hall.deadlines.settle()
    assert await hall.announcements(OPENED) == []
    assert await hall.announcements(CLOSED) == [(1, "thread"), (1, "results")]


async def test_the_sender_is_woken_only_by_what_changed(hall: Hall) -> None:
    proposal = await hall.proposed()
    hall.outbox.filled.clear()
    await hall.deadlines.settle()
    assert not hall.outbox.filled.is_set()
    hall.clock.at = proposal.vote_start + TICK
    await hall.deadlines.settle()
    assert hall.outbox.filled.is_set()


async def test_a_wrong_count_is_never_announced_and_holds_up_nobody_else(
    hall: Hall, caplog: pytest.LogCaptureFixture
) -> None:
    wrong, right = await hall.proposed("Wrong"), await hall.opened("Right")
    await hall.writer.cast(ballot(wrong, 1))
    honest = await hall.now(wrong)
    await hall.tamper(wrong, replace(honest.tally, scores={1: 9 * UNIT}))
    hall.clock.at = right.vote_end + TICK
    with caplog.at_level(logging.ERROR):
        assert [each.id for each in await hall.deadlines.settle()] == [right.id]
        for _ in range(3):
            assert await hall.deadlines.settle() == []
    assert {number for number, _ in await hall.announcements(CLOSED)} == {2}
    assert caplog.text.count("The result is not announced") == 1
    await hall.tamper(wrong, honest.tally)
    assert [each.id for each in await hall.deadlines.settle()] == [wrong.id]


@pytest.mark.parametrize("opened", [True, False])
async def test_the_text_of_an_open_vote_is_fixed_even_if_the_clock_is_set_back(
    hall: Hall, opened: bool
) -> None:
    proposal = await hall.opened()
    if opened:
        await hall.deadlines.settle()
    else:
        await hall.writer.cast(ballot(proposal, 1))
    hall.clock.at = proposal.vote_start
    other = replace(proposal.text, body="All to me.")
    with pytest.raises(Refusal, match="fixed from the moment voting"):
        await hall.proposals.edit(HAMLET, proposal.id, ANN, other, proposal.version)
    for which, found in ((Which.PENDING, []), (Which.EDITABLE, []), (Which.ACTIVE, [1])):
        page = await hall.proposals.page(HAMLET, ANN.id, which, limit=9)
        assert [each.number for each in page] == found


async def test_a_server_that_gives_no_answer_is_asked_more_and_more_seldom(
    hall: Hall, caplog: pytest.LogCaptureFixture
) -> None:
    asked = []

    async def away(guild_id: int, role: int | None) -> int:
        asked.append(hall.clock.at)
        raise Unavailable("403 Missing Access")

    hall.register.count = away
    await hall.opened(kind=await hall.type("Share", quorum="8 %"))
    for _ in range(720):
        hall.clock.advance(timedelta(seconds=5))
        await hall.deadlines.settle()
    waits = [(later - earlier).total_seconds() for earlier, later in pairwise(asked)]
    assert waits[:7] == [5, 10, 20, 40, 80, 160, 300]
    assert set(waits[7:]) == {300}
    assert caplog.text.count("is not known: 403 Missing Access") == 1
    hall.clock.advance(-DAY / 24)  # a clock set back is no reason to wait longer
    asked.clear()
    hall.clock.at += DAY / 48
    await hall.deadlines.settle()
    assert len(asked) == 1


async def test_a_slow_answer_holds_up_other_servers_for_a_moment_only(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def slow(guild_id: int, role: int | None) -> int:
        await asyncio.sleep(60)
        return 5

    monkeypatch.setattr(deadlines, "ANSWER_SECONDS", 0.05)
    hall.register.count = slow
    await hall.set_up(8)
    await hall.proposed(kind=await hall.type("Share", quorum="8 %"))
    other = await hall.proposed(guild_id=8)
    hall.clock.at = other.vote_end + TICK
    async with asyncio.timeout(10):
        assert [each.id for each in await hall.deadlines.settle()] == [other.id]
    assert "is not known: no answer" in caplog.text


@settings(max_examples=15)
@given(
    st.lists(st.integers(0, 8), min_size=1, max_size=8),
    st.lists(st.integers(0, 40), max_size=8),
)
def test_at_whatever_moments_it_is_asked_each_announcement_comes_once(
    proposing: list[int], waits: list[int]
) -> None:
    """A wait is in tenths of a day; a vote opens after ten of them and closes after thirty more."""

    async def run() -> None:
        async with voting_hall() as hall:
            made = []
            for wait in proposing:
                made.append(await hall.proposed())
                hall.clock.advance(wait * DAY / 10)
            could_open = set()
            for wait in (*waits, 0):
                hall.clock.advance(wait * DAY / 10)
                await hall.deadlines.settle()
                now = hall.clock.at
                could_open |= {p.number for p in made if p.vote_start < now <= p.vote_end}
            opened = [number for number, _ in await hall.announcements(OPENED)]
            assert sorted(opened) == sorted(could_open)
            closed = [n for n, target in await hall.announcements(CLOSED) if target == "results"]
            assert closed == [p.number for p in made if p.vote_end < hall.clock.at]

    asyncio.run(run())
