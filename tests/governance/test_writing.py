"""A voting power as moderators type it, as it is shown, and as it is stored."""

from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.errors import Refusal
from governance.options import About, Kind, checked, spoken_value, words
from governance.power import UNIT
from governance.rules import RULES
from governance.strategies import ONE_EACH
from governance.strategies.strategy import Part
from governance.strategies.writing import from_stored, read, roles_named, spoken, stored

ELDER, FRIEND, ANN, BEN = 111_111, 222_222, 333_333, 444_444
numbers = st.one_of(
    st.builds(lambda a, b: f"{a}/{b}", st.integers(1, 10**9 - 1), st.integers(1, 10**9 - 1)),
    st.builds(lambda a, b: f"{a}.{b:06d}", st.integers(1, 10**9 - 1), st.integers(0, 10**6 - 1)),
    st.integers(1, 10**9 - 1).map(str),
)
entries = st.lists(
    st.tuples(st.integers(10**16, 2**63), numbers), min_size=1, max_size=3, unique_by=lambda e: e[0]
)
plain = st.sampled_from(["member", "reputation"])
by_role = st.builds(
    lambda name, listed: f"{name}({', '.join(f'<@&{each}> {n}' for each, n in listed)})",
    st.sampled_from(["highest", "roles"]),
    entries,
)
by_member = entries.map(
    lambda listed: f"list({'; '.join(f'<@{each}>: {n}' for each, n in listed)})"
)
parts = st.one_of(plain, by_role, by_member)
typed_parts = st.builds(lambda times, part: f"{times} {part}", numbers, parts)
typed = st.lists(typed_parts, min_size=1, max_size=8).map(" + ".join)


def test_a_power_is_read_as_it_is_said() -> None:
    text = f"2 highest(<@&{ELDER}> 10, <@&{FRIEND}> 1) + 1/2 reputation"
    assert read(text) == (
        Part("highest", Fraction(2), ((ELDER, 10 * UNIT), (FRIEND, UNIT))),
        Part("reputation", Fraction(1, 2)),
    )
    assert spoken(read(text)) == text


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("member", Part("member")),
        (" Member ", Part("member")),
        ("0.5 member", Part("member", Fraction(1, 2))),
        ("0,25x member", Part("member", Fraction(1, 4))),
        ("3 * member", Part("member", Fraction(3))),
        ("3×member", Part("member", Fraction(3))),
        ("1 /\t3 member", Part("member", Fraction(1, 3))),
        (f"roles (<@&{ELDER}>: 1/3)", Part("roles", entries=((ELDER, UNIT // 3),))),
        (
            f"list(<@!{ANN}>=2;<@{BEN}> 0.5)",
            Part("list", entries=((ANN, 2 * UNIT), (BEN, UNIT // 2))),
        ),
        (
            f"list(<@{ANN}> 1000\n<@{BEN}> 1,)",
            Part("list", entries=((ANN, 1000 * UNIT), (BEN, UNIT))),
        ),
    ],
)
def test_there_are_several_ways_to_write_the_same(text: str, part: Part) -> None:
    assert read(text) == (part,)


@pytest.mark.parametrize("none", ["", " ", "none", "None", "0"])
def test_no_power_can_be_written_too(none: str) -> None:
    assert read(none) == ()
    assert spoken(()) == "none"


@given(typed)
def test_what_is_shown_can_be_typed_and_means_the_same(text: str) -> None:
    assert read(spoken(read(text))) == read(text)
    assert spoken(read(spoken(read(text)))) == spoken(read(text))


@given(typed)
def test_a_power_comes_back_from_storage_as_it_went_in(text: str) -> None:
    assert from_stored(stored(read(text))) == read(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0 member", "The multiplier of member is 0, so it gives nobody power. Take it away."),
        ("0.000 reputation", "multiplier of reputation is 0"),
        ("0/3 member", "multiplier of member is 0"),
        ("1/0 member", "“1/0” divides by 0. Write a number such as 2, 0.5 or 1/3."),
        (f"roles(<@&{ELDER}> 1/0)", "divides by 0"),
        ("tokens", "“tokens” isn't a voting power. Write one of member, highest, roles"),
        ("2", "isn't a voting power"),
        ("-1 member", "isn't a voting power"),
        ("1e3 member", "isn't a voting power"),
        ("٣ member", "isn't a voting power"),
        ("1/2/3 member", "isn't a voting power"),
        ("member reputation", "isn't a voting power"),
        ("member +", "“” isn't a voting power"),
        ("highest", "highest needs roles with a number of votes each: highest(@Elder 10"),
        ("roles()", "roles needs roles with a number"),
        ("list( , ;)", "list needs members with a number of votes each: list(@Ann 3"),
        ("member()", "member takes nothing in brackets. Write just member."),
        (f"reputation(<@&{ELDER}> 1)", "reputation takes nothing in brackets"),
        (f"highest(<@{ANN}> 1)", "isn't one of roles with a number"),
        (f"list(<@&{ELDER}> 1)", "isn't one of members with a number"),
        ("highest(Elder 10)", "“Elder 10” isn't one of roles with a number"),
        (f"highest(<@&{ELDER}>)", "isn't one of roles with a number"),
        (f"highest(<@&{ELDER}> 0)", "has no votes. Leave it out, or give it more than 0."),
        (f"highest(<@&{ELDER}> 1, <@&{ELDER}> 2)", "highest names one of its roles twice"),
        (f"list(<@{ANN}> 1, <@!{ANN}> 1)", "list names one of its members twice"),
        (" + ".join(["member"] * 9), "There are 9 parts, and a power has 8 at the most."),
        (
            f"list({', '.join(f'<@{10**6 + n}> 1' for n in range(101))})",
            "list has 101 entries, and 100 are possible.",
        ),
    ],
    ids=lambda text: text[:40],
)
def test_what_is_no_power_is_refused_with_how_to_mend_it(text: str, said: str) -> None:
    with pytest.raises(Refusal) as refusal:
        read(text)
    assert said in str(refusal.value)


@given(st.text(alphabet="0123456789/., \n\t+x×()<@&>member", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(Refusal):
        assert all(part.multiplier > 0 for part in read(text))


def test_it_is_known_which_roles_a_power_names() -> None:
    found = read(f"highest(<@&{ELDER}> 2) + roles(<@&{FRIEND}> 1) + list(<@{ANN}> 1) + member")
    assert roles_named(found) == [ELDER, FRIEND]


# As a rule, and beside it names separated by commas


def test_a_rule_is_read_and_shown_as_a_power() -> None:
    assert checked("power", "2 member", RULES["power"]) == (Part("member", Fraction(2)),)
    assert checked("second_power", "none", RULES["second_power"]) == ()
    assert spoken_value(ONE_EACH, RULES["power"]) == "member"
    with pytest.raises(Refusal, match="power can't be none: then nobody could vote"):
        checked("power", "none", RULES["power"])


def test_names_are_separated_by_commas_and_each_is_there_once() -> None:
    about = About(Kind.WORDS, "Topics")
    assert checked("topics", " Treasury,  The  well;\nRules, ", about) == (
        "Treasury",
        "The well",
        "Rules",
    )
    assert words("none") == words("") == ()
    assert spoken_value(("Treasury", "Rules"), about) == "Treasury, Rules"
    assert spoken_value((), about) == "none"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Rules, rULES", "there twice"),
        ("x" * 41, "is too long: 40 characters"),
        (",".join(map(str, range(26))), "There are 26 names, and 25 are possible"),
    ],
)
def test_names_that_cannot_be_kept_are_refused(text: str, said: str) -> None:
    with pytest.raises(Refusal, match=said):
        words(text)
