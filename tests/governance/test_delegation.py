"""Who lets whom vote: which delegation applies, where, until when, and along which way."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.delegation import (
    HERE,
    SERVER,
    Delegation,
    Scope,
    applying,
    expiry,
    meant,
    scopes,
    space_place,
    topic_place,
    way,
)
from governance.errors import NotFound, Refusal

NOW = datetime(2026, 11, 30, 12, 30, tzinfo=UTC)
DAY = timedelta(days=1)
ANN, BEN, CLEO = 11, 12, 13
TREASURY, GUILD = topic_place("Treasury"), space_place(5, "Guild")
PLACES = (HERE, TREASURY, GUILD)


def delegation(scope: Scope = SERVER, delegate: int | None = BEN, **more: Any) -> Delegation:
    facts: dict[str, Any] = {
        "id": 1,
        "member_id": ANN,
        "given_at": NOW,
        "expires_at": None,
        "ended_at": None,
        "tell": False,
    }
    return Delegation(scope=scope, delegate_id=delegate, **{**facts, **more})


def test_a_delegation_stands_from_when_it_is_given_until_it_expires_or_is_ended() -> None:
    for ends in ("expires_at", "ended_at"):
        given = delegation(**{ends: NOW + DAY})
        assert not given.stands(NOW - DAY)
        assert given.stands(NOW)
        assert not given.stands(NOW + DAY)
    assert delegation().stands(NOW + 1000 * DAY)


def test_the_narrowest_scope_that_applies_wins() -> None:
    to = scopes((5, 4), "Treasury")
    assert to == (Scope(topic="treasury"), Scope(5), Scope(4), SERVER)
    assert scopes((), "") == (SERVER,)
    wide, narrow = delegation(SERVER, BEN), delegation(Scope(5), CLEO)
    off = delegation(TREASURY.scope, None)
    assert applying([wide, narrow, off], to, NOW) == {ANN: off}
    assert applying([narrow, wide], to, NOW) == {ANN: narrow}
    assert applying([off, narrow, wide], scopes((5,), "Rules"), NOW) == {ANN: narrow}
    expired = delegation(Scope(5), CLEO, expires_at=NOW)
    assert applying([expired, wide], to, NOW) == {ANN: wide}


def test_a_way_ends_with_who_delegates_to_nobody_or_before_it_meets_itself() -> None:
    assert way(ANN, {}) == [ANN]
    assert way(ANN, {ANN: BEN, BEN: CLEO}) == [ANN, BEN, CLEO]
    assert way(ANN, {ANN: BEN, BEN: None}) == [ANN, BEN]
    assert way(ANN, {ANN: BEN, BEN: CLEO, CLEO: BEN}) == [ANN, BEN, CLEO]


@given(st.dictionaries(st.integers(0, 20), st.none() | st.integers(0, 20)))
def test_every_way_ends_and_meets_nobody_twice(delegates: dict[int, int | None]) -> None:
    found = way(0, delegates)
    assert len(found) == len(set(found)) <= 21
    assert all(delegates[a] == b for a, b in pairwise(found))


@pytest.mark.parametrize("typed", ["", "server", "This server", " this  SERVER "])
def test_nothing_typed_is_the_server(typed: str) -> None:
    assert meant(typed, PLACES) is HERE
    assert meant(typed, ()) is HERE


@pytest.mark.parametrize(
    ("typed", "place"),
    [("Topic: Treasury", TREASURY), ("treasury", TREASURY), ("space: guild", GUILD)],
)
def test_a_place_is_meant_by_its_name_whatever_its_case(typed: str, place: object) -> None:
    assert meant(typed, PLACES) is place


def test_a_name_that_two_places_have_needs_its_kind() -> None:
    both = (*PLACES, topic_place("Guild"))
    with pytest.raises(NotFound, match="no single"):
        meant("guild", both)
    assert meant("topic: guild", both) is both[-1]


def test_what_is_unknown_is_refused() -> None:
    with pytest.raises(NotFound, match="“Parks”"):
        meant("Parks", PLACES)


def test_a_place_says_why_it_is_gone() -> None:
    assert not TREASURY.gone
    assert not GUILD.gone
    assert topic_place("Parks", removed=True).gone == "the topic was removed"
    assert space_place(1, "Old", archived=True).gone == "the space is archived"


@pytest.mark.parametrize(
    ("typed", "ends"),
    [
        ("", None),
        ("never", None),
        ("None", None),
        ("30d", NOW + 30 * DAY),
        ("1w 12h", NOW + 7.5 * DAY),
        ("3 months", datetime(2027, 2, 28, 12, 30, tzinfo=UTC)),
        ("1mo", datetime(2026, 12, 30, 12, 30, tzinfo=UTC)),
        ("2 years", datetime(2028, 11, 30, 12, 30, tzinfo=UTC)),
        ("2027-03-01", datetime(2027, 3, 1, tzinfo=UTC)),
    ],
)
def test_an_expiry_is_a_length_or_a_date(typed: str, ends: datetime | None) -> None:
    assert expiry(typed, NOW) == ends


@pytest.mark.parametrize("typed", ["soon", "2027-13-01", "2027-02-30", "30", "-3d", "3 moons"])
def test_what_is_no_time_is_refused(typed: str) -> None:
    with pytest.raises(Refusal, match="isn't a time"):
        expiry(typed, NOW)


@pytest.mark.parametrize("typed", ["2026-11-30", "2020-01-01", "0", "0 months"])
def test_what_has_passed_is_refused(typed: str) -> None:
    with pytest.raises(Refusal, match="has passed"):
        expiry(typed, NOW)


@pytest.mark.parametrize("typed", ["9999-12-31", "999y", "99999w 99999w", "11 years"])
def test_what_is_too_far_ahead_is_refused(typed: str) -> None:
    with pytest.raises(Refusal, match="too far"):
        expiry(typed, NOW)


@given(st.text(max_size=12))
def test_any_text_is_an_expiry_ahead_or_refused(typed: str) -> None:
    try:
        ends = expiry(typed, NOW)
    except Refusal:
        return
    assert ends is None or ends > NOW
