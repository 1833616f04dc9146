"""Settings as moderators type them, as they are shown, and as they are stored."""

import json
from dataclasses import fields
from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.errors import Refusal
from governance.options import (
    About,
    Kind,
    Quorum,
    checked,
    members,
    quorum,
    share,
    spoken_share,
    spoken_value,
)
from governance.power import UNIT
from governance.rules import RULES, Rules
from governance.strategies.strategy import Part

shares = st.builds(Fraction, st.integers(1, 50), st.integers(50, 999))
quorums = st.one_of(st.builds(Quorum, st.integers(0, 10**24)), st.builds(Quorum, share=shares))
ids = st.integers(10**16, 2**63 - 1)
weights = st.tuples(ids, st.integers(1, 10**12).map(lambda thousandths: thousandths * 10**15))
powers = st.one_of(
    st.builds(Part, st.sampled_from(["member", "reputation"]), shares),
    st.builds(
        Part,
        st.sampled_from(["highest", "roles", "list"]),
        shares,
        st.lists(weights, min_size=1, max_size=3, unique_by=lambda entry: entry[0]).map(tuple),
    ),
)
VALUES = {
    Kind.ROLE: st.one_of(st.none(), ids),
    Kind.COUNT: st.integers(1, 24),
    Kind.DURATION: st.integers(1, 10_000).map(lambda minutes: timedelta(minutes=minutes)),
    Kind.FLAG: st.booleans(),
    Kind.SHARE: st.one_of(st.none(), shares),
    Kind.QUORUM: quorums,
    Kind.MEMBERS: st.lists(ids, unique=True, max_size=5).map(tuple),
    Kind.POWER: st.lists(powers, min_size=1, max_size=3).map(tuple),
}
rules = st.builds(
    Rules,
    **{
        name: st.sampled_from(sorted(about.among))
        if about.kind is Kind.CHOICE and about.among
        else VALUES[about.kind]
        for name, about in RULES.items()
    },
)


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("2/3", Fraction(2, 3)),
        (" 2 / 3 ", Fraction(2, 3)),
        ("8 %", Fraction(8, 100)),
        ("8%", Fraction(8, 100)),
        ("0.5 %", Fraction(1, 200)),
        ("0,5%", Fraction(1, 200)),
        ("33.333333 %", Fraction(33333333, 10**8)),
        ("100 %", Fraction(1)),
        ("1/1", Fraction(1)),
    ],
)
def test_a_share_is_read_exactly(typed: str, part: Fraction) -> None:
    assert share(typed) == part


@pytest.mark.parametrize(
    "typed", ["", "0 %", "0/3", "3/0", "4/3", "101 %", "-8 %", "8", "0.08", "1e2 %", "٣/٤", "8 %%"]
)
def test_what_is_no_share_is_refused_with_examples(typed: str) -> None:
    with pytest.raises(Refusal, match=r"isn't a share\. Write it like 2/3 or 8 %"):
        share(typed)


def test_a_quorum_is_so_many_votes_or_a_share_of_the_electorate() -> None:
    assert quorum("12") == Quorum(12 * UNIT)
    assert quorum("none") == quorum("0") == Quorum()
    assert not quorum("0")
    assert quorum("8 %") == Quorum(share=Fraction(2, 25))
    with pytest.raises(Refusal, match="isn't a quorum"):
        quorum("many")


def test_a_share_of_an_electorate_is_rounded_down_and_unknown_with_it() -> None:
    assert Quorum(share=Fraction(8, 100)).of(99) == 7
    assert Quorum(share=Fraction(8, 100)).of(100) == 8
    assert Quorum(share=Fraction(8, 100)).of(None) is None
    assert Quorum(5).of(None) == 5


def test_members_are_read_from_mentions_and_each_counts_once() -> None:
    assert members("<@12345678901234567> <@!22345678901234567>,12345678901234567") == (
        12345678901234567,
        22345678901234567,
    )
    assert members("<@12345678901234567><@22345678901234567>") == (
        12345678901234567,
        22345678901234567,
    )
    assert members("") == members(" None ") == ()
    with pytest.raises(Refusal, match="“@ann” names no member"):
        members("@ann")


def test_a_value_outside_its_bounds_is_refused_and_the_bounds_are_told() -> None:
    with pytest.raises(Refusal, match=r"winners must be from 1 to 24\."):
        checked("winners", 25, RULES["winners"])
    with pytest.raises(Refusal, match=r"quorum must be from 0 to 1,000,000\."):
        checked("quorum", "1000001", RULES["quorum"])
    with pytest.raises(Refusal, match=r"voting_period must be from 1 minute to 90 days\."):
        checked("voting_period", "91d", RULES["voting_period"])
    with pytest.raises(Refusal, match="system must be one of: For or against"):
        checked("system", "dice", RULES["system"])
    assert checked("threshold", "0", RULES["threshold"]) is None


@given(rules)
def test_rules_come_back_from_storage_as_they_went_in(written: Rules) -> None:
    stored = json.loads(json.dumps(written.stored()))
    assert Rules.from_stored(stored) == written
    assert not [value for value in stored.values() if isinstance(value, float)]


def test_a_rule_that_was_not_stored_has_its_default() -> None:
    assert Rules.from_stored({"quorum": "5", "gone": 1}) == Rules(quorum=Quorum(5))


@given(rules)
def test_every_rule_can_be_shown(present: Rules) -> None:
    for field in fields(present):
        assert spoken_value(getattr(present, field.name), RULES[field.name])


def test_values_are_shown_as_people_read_them() -> None:
    def said(kind: Kind, value: object) -> str:
        return spoken_value(value, About(kind, "", among={"a": "The first"}))

    assert said(Kind.CHANNEL, 5) == "<#5>"
    assert said(Kind.CHANNEL, None) == "not set"
    assert said(Kind.ROLE, None) == "@everyone"
    assert said(Kind.ROLE, 5) == "<@&5>"
    assert said(Kind.QUORUM, Quorum(share=Fraction(1, 3))) == "1/3 of the electorate"
    assert said(Kind.QUORUM, Quorum(3 * UNIT)) == "3"
    assert said(Kind.QUORUM, Quorum()) == "none"
    assert said(Kind.MEMBERS, (7, 8)) == "<@7>, <@8>"
    assert said(Kind.MEMBERS, ()) == "nobody"
    assert said(Kind.FLAG, True) == "yes"
    assert said(Kind.CHOICE, "a") == "The first"
    assert spoken_share(Fraction(8, 100)) == "8 %"
    assert spoken_share(Fraction(2, 3)) == "2/3"


@pytest.mark.parametrize("name", RULES)
def test_every_rule_is_explained_in_as_much_as_discord_shows(name: str) -> None:
    assert 5 < len(RULES[name].help) <= 100
    assert RULES[name].group in ("voting", "quorum", "time", "proposing", "conviction", "power", "")
