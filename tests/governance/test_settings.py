"""What moderators may set, and the rules that follow from it."""

import json
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.errors import Refusal
from governance.options import DAY, MINUTE, Kind, Quorum
from governance.power import UNIT
from governance.rules import Rules
from governance.settings import ABOUT, Settings
from governance.voting import SYSTEMS

bounded = [name for name, about in ABOUT.items() if about.least is not None]

ids = st.one_of(st.none(), st.integers(1, 2**63 - 1))
words = st.lists(st.sampled_from(["Treasury", "Events", "Rules"]), unique=True).map(tuple)
_VALUES: dict[Kind, Any] = {Kind.CHANNEL: ids, Kind.ROLE: ids, Kind.WORDS: words}


def _values(name: str) -> Any:
    about = ABOUT[name]
    match about.kind:
        case Kind.COUNT:
            return st.integers(about.least, about.most)
        case Kind.DURATION:
            longest = about.most // timedelta(seconds=1)
            shortest = about.least // timedelta(seconds=1)
            return st.integers(shortest, longest).map(lambda s: timedelta(seconds=s))
        case _:
            return _VALUES[about.kind]


anything = st.builds(Settings, **{name: _values(name) for name in ABOUT})


def just_outside(name: str) -> list[Any]:
    about = ABOUT[name]
    step: Any = timedelta(seconds=1) if about.kind is Kind.DURATION else 1
    return [about.least - step, about.most + step]


def test_every_setting_says_what_it_is() -> None:
    assert list(ABOUT) == [field.name for field in fields(Settings)]


@pytest.mark.parametrize("name", ABOUT)
def test_a_setting_can_be_an_option_of_a_command(name: str) -> None:
    assert 1 <= len(ABOUT[name].help) <= 100
    assert 1 <= len(name) <= 32
    assert name == name.lower()


@pytest.mark.parametrize("name", bounded)
def test_a_default_lies_within_its_bounds(name: str) -> None:
    value = getattr(Settings(), name)
    assert Settings().with_changes({name: value}) == Settings()


@pytest.mark.parametrize(
    "name",
    [n for n, about in ABOUT.items() if n not in bounded and about.kind is not Kind.WORDS],
)
def test_a_setting_without_bounds_is_a_channel_or_a_role_that_is_not_set(name: str) -> None:
    assert ABOUT[name].kind in (Kind.CHANNEL, Kind.ROLE)
    assert getattr(Settings(), name) is None
    assert getattr(Settings().with_changes({name: 2**63 - 1}), name) == 2**63 - 1


@pytest.mark.parametrize("name", bounded)
def test_the_bounds_themselves_are_accepted(name: str) -> None:
    for bound in (ABOUT[name].least, ABOUT[name].most):
        assert getattr(Settings().with_changes({name: bound}), name) == bound


@pytest.mark.parametrize("name", bounded)
def test_what_lies_outside_is_refused_with_the_bounds(name: str) -> None:
    for value in just_outside(name):
        with pytest.raises(Refusal, match=f"{name} must be from .+ to .+\\."):
            Settings().with_changes({name: value})


def test_the_bounds_are_said_in_words_that_people_use() -> None:
    with pytest.raises(Refusal, match=r"voting_period must be from 1 minute to 90 days\."):
        Settings().with_changes({"voting_period": "91d"})
    with pytest.raises(Refusal, match=r"voting_delay must be from 0 to 90 days\."):
        Settings().with_changes({"voting_delay": "13w"})
    with pytest.raises(Refusal, match=r"quorum must be from 0 to 1,000,000\."):
        Settings().with_changes({"quorum": -1})


def test_durations_may_be_written_as_text() -> None:
    changed = Settings().with_changes({"voting_delay": "2h 30m", "voting_period": "1w"})
    assert changed == Settings(
        voting_delay=timedelta(hours=2, minutes=30), voting_period=timedelta(days=7)
    )


def test_what_is_no_duration_is_refused_and_nothing_is_changed() -> None:
    before = Settings()
    with pytest.raises(Refusal, match="isn't a length of time"):
        before.with_changes({"quorum": 5, "voting_period": "soon"})
    assert before == Settings()


def test_a_change_leaves_the_other_settings_as_they_were() -> None:
    before = Settings(proposals_channel=1, results_channel=2, quorum=3)
    assert before.with_changes({"quorum": 4}) == replace(before, quorum=4)
    assert before.with_changes({}) == before


def test_a_role_can_be_taken_away_again() -> None:
    assert Settings(voting_role=9).with_changes({"voting_role": None}).voting_role is None


@pytest.mark.parametrize(
    ("present", "missing"),
    [
        (Settings(), ["proposals_channel", "results_channel"]),
        (Settings(proposals_channel=1), ["results_channel"]),
        (Settings(results_channel=1), ["proposals_channel"]),
        (Settings(proposals_channel=1, results_channel=1), []),
    ],
)
def test_what_is_still_needed_before_anybody_can_propose(
    present: Settings, missing: list[str]
) -> None:
    assert present.missing == missing


# Stored and read again


@given(anything)
def test_settings_are_stored_and_read_again_exactly(present: Settings) -> None:
    assert Settings.from_stored(json.loads(json.dumps(present.stored()))) == present


def test_a_setting_that_was_not_stored_yet_has_its_default() -> None:
    assert Settings.from_stored({}) == Settings()
    assert Settings.from_stored({"quorum": 4}) == Settings(quorum=4)


def test_a_setting_of_another_version_is_left_alone() -> None:
    assert Settings.from_stored({"colour": "red", "quorum": 4}) == Settings(quorum=4)


def test_a_duration_is_stored_in_whole_seconds() -> None:
    assert Settings(voting_delay=DAY, voting_period=MINUTE).stored()["voting_delay"] == 86_400


# The rules that a proposal is frozen with


def test_the_rules_follow_from_the_settings() -> None:
    present = Settings(quorum=4, voting_delay=DAY * 0, voting_period=MINUTE, voting_role=9)
    assert present.rules() == Rules(
        quorum=Quorum(4 * UNIT),
        voting_delay=timedelta(),
        voting_period=MINUTE,
        voting_role=9,
    )


@given(anything)
def test_the_rules_name_a_system_that_exists_and_a_quorum_in_units(present: Settings) -> None:
    rules = present.rules()
    assert rules.system in SYSTEMS
    assert rules.quorum == Quorum(present.quorum * 10**18)
    assert rules.voting_period >= MINUTE
