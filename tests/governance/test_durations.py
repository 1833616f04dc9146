"""Lengths of time as people write and read them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.errors import Refusal
from governance.options import duration, seconds, spoken

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("written", "length"),
    [
        ("3d", 3 * DAY),
        ("12h", 12 * HOUR),
        ("30m", 30 * MINUTE),
        ("1w", 7 * DAY),
        ("1d 12h", 36 * HOUR),
        ("1d12h", 36 * HOUR),
        ("1 day, 2 hours, 3 minutes", DAY + 2 * HOUR + 3 * MINUTE),
        ("2 Weeks 1 DAY", 15 * DAY),
        ("  90 minutes  ", 90 * MINUTE),
        ("1 min", MINUTE),
        ("0d", timedelta()),
        ("1d 1d", 2 * DAY),
        ("12h 1d", 36 * HOUR),
    ],
)
def test_a_length_of_time_is_read(written: str, length: timedelta) -> None:
    assert duration(written) == length


@pytest.mark.parametrize(
    "written",
    [
        "3",
        "d",
        "3 months",
        "3y",
        "1.5d",
        "-1d",
        "1d and 2h",
        "tomorrow",
        "３d",
        "1e3m",
        "3dd",
        "999999d",
        "1d;2h",
        ",1d",
    ],
)
def test_what_is_no_length_of_time_is_refused_with_examples(written: str) -> None:
    with pytest.raises(Refusal, match=r"isn't a length of time\. Write it like 3d, 12h"):
        duration(written)


@pytest.mark.parametrize("written", ["", "   ", "\n"])
def test_an_empty_length_of_time_is_refused(written: str) -> None:
    with pytest.raises(Refusal, match="length of time is empty"):
        duration(written)


def test_a_refusal_quotes_only_the_beginning_of_a_long_text() -> None:
    with pytest.raises(Refusal) as refused:
        duration("x" * 6000)
    assert len(str(refused.value)) < 150


def test_the_longest_text_that_discord_passes_on_is_still_a_length_of_time() -> None:
    assert duration("99999w" * 1000) == timedelta(weeks=99_999_000)


@given(st.text(alphabet="0123456789dhmw, ayours.-x", max_size=20))
def test_whatever_is_typed_is_a_length_or_refused(written: str) -> None:
    try:
        assert duration(written) >= timedelta()
    except Refusal:
        assert True


@pytest.mark.parametrize(
    ("length", "read"),
    [
        (timedelta(), "none"),
        (timedelta(seconds=59), "none"),
        (MINUTE, "1 minute"),
        (2 * MINUTE, "2 minutes"),
        (HOUR, "1 hour"),
        (DAY, "1 day"),
        (36 * HOUR, "1 day 12 hours"),
        (90 * DAY + 23 * HOUR + 59 * MINUTE, "90 days 23 hours 59 minutes"),
        (DAY + MINUTE, "1 day 1 minute"),
    ],
)
def test_a_length_of_time_is_said_in_words(length: timedelta, read: str) -> None:
    assert spoken(length) == read


@given(st.integers(1, 99_999 * 1440))
def test_what_is_said_is_understood(minutes: int) -> None:
    assert duration(spoken(minutes * MINUTE)) == minutes * MINUTE


@given(st.timedeltas(min_value=timedelta(0)))
def test_whole_seconds_are_exact(length: timedelta) -> None:
    rest = length - timedelta(seconds=seconds(length))
    assert timedelta(0) <= rest < timedelta(seconds=1)


@pytest.mark.parametrize("typed", ["0", "none", " None "])
def test_no_time_at_all_can_be_said(typed: str) -> None:
    assert duration(typed) == timedelta()
