"""Discord's clock is learned from the dates of its answers, to within what they allow."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from bot.discord_clock import DiscordClock

SECOND = timedelta(seconds=1)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

lengths = st.timedeltas(timedelta(), SECOND * 3)
answers = st.lists(st.tuples(lengths, lengths, lengths), min_size=1, max_size=30)
offsets = st.timedeltas(-timedelta(days=400), timedelta(days=400))


def test_before_the_first_answer_there_is_nothing_to_correct() -> None:
    clock = DiscordClock()
    assert clock.offset == timedelta()
    assert abs(clock.now() - datetime.now(UTC)) < SECOND


def test_one_answer_tells_it_to_half_a_second_and_half_the_way() -> None:
    clock = DiscordClock()
    clock.learn(NOON, NOON - SECOND / 10, NOON + SECOND / 10)
    assert clock.offset == SECOND / 2
    clock = DiscordClock()
    clock.learn(NOON + SECOND * 60, NOON, NOON)
    assert clock.offset == SECOND * 60 + SECOND / 2


@given(offsets, answers)
def test_the_truth_is_never_further_away_than_the_answers_allow(
    offset: timedelta, heard: list[tuple[timedelta, timedelta, timedelta]]
) -> None:
    """Discord's clock is `offset` ahead; each answer takes some time there and some time back."""
    clock, now = DiscordClock(), NOON
    allowed = timedelta.max
    for pause, there, back in heard:
        asked = now + pause
        received = asked + there + back
        date = (asked + there + offset).replace(microsecond=0)
        clock.learn(date, asked, received)
        allowed = min(allowed, (SECOND + there + back) / 2)
        assert abs(clock.offset - offset) <= allowed + timedelta(microseconds=1)
        now = received


def test_many_quick_answers_tell_it_closely() -> None:
    clock, offset = DiscordClock(), timedelta(minutes=-7, milliseconds=312)
    for tenth in range(20):
        asked = NOON + SECOND * tenth / 10
        clock.learn((asked + offset).replace(microsecond=0), asked, asked)
    assert abs(clock.offset - offset) <= SECOND / 20


def test_when_a_clock_jumps_the_latest_answer_is_believed() -> None:
    clock = DiscordClock()
    clock.learn(NOON, NOON, NOON)
    clock.learn(NOON + timedelta(hours=1), NOON + SECOND, NOON + SECOND)
    assert abs(clock.offset - timedelta(hours=1)) <= SECOND
    clock.learn(NOON, NOON + SECOND, NOON + SECOND)
    assert abs(clock.offset) <= SECOND


# Over a real connection


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    """Answers with the `Date` that the request asks for, or with none."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response()

    async def date(request: web.Request, response: web.StreamResponse) -> None:
        del response.headers["Date"]
        if "Say" in request.headers:
            response.headers["Date"] = request.headers["Say"]

    app = web.Application()
    app.router.add_get("/", answer)
    app.on_response_prepare.append(date)
    async with TestServer(app) as server:
        yield server


async def ask(server: TestServer, clock: DiscordClock, date: str | None) -> None:
    headers = {} if date is None else {"Say": date}
    async with (
        aiohttp.ClientSession(trace_configs=[clock.trace()]) as session,
        session.get(server.make_url("/"), headers=headers) as response,
    ):
        assert response.status == 200


@pytest.mark.parametrize("ahead", [timedelta(), timedelta(hours=1), timedelta(days=-2)])
async def test_it_listens_to_the_answers_of_a_session(server: TestServer, ahead: timedelta) -> None:
    clock = DiscordClock()
    date = (datetime.now(UTC) + ahead).replace(microsecond=0)
    await ask(server, clock, format_datetime(date, usegmt=True))
    assert abs(clock.offset - ahead) < 2 * SECOND
    assert abs(clock.now() - datetime.now(UTC) - ahead) < 2 * SECOND


@pytest.mark.parametrize("date", [None, "", "yesterday", "Mon, 99 Foo 2026 25:61:00 GMT"])
async def test_a_date_that_is_missing_or_cannot_be_read_is_passed_over(
    server: TestServer, date: str | None
) -> None:
    clock = DiscordClock()
    await ask(server, clock, date)
    assert clock.offset == timedelta()
