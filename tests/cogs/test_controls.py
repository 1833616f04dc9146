"""The state of buttons and forms lies in their custom_id, which is read strictly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.controls import custom_id, paging, read

verbs = st.text(alphabet="abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=20)
numbers = st.lists(st.integers(0, 10**15 - 1), max_size=4)


def test_a_custom_id_holds_the_verb_and_the_numbers() -> None:
    assert custom_id("vote", 12, 1) == "fm1:vote:12:1"
    assert custom_id("setup") == "fm1:setup"


@given(verbs, numbers)
def test_what_is_written_is_read(verb: str, held: list[int]) -> None:
    written = custom_id(verb, *held)
    assert read(written) == (verb, held)
    assert len(written) <= 100


def test_a_number_that_is_read_can_be_asked_the_database_for() -> None:
    """SQLite's integers have 64 bits; a larger one would be an error instead of an answer."""
    found = read("fm1:vote:" + "9" * 15)
    assert found
    assert found[1][0] < 2**63
    assert read("fm1:vote:" + "9" * 19) is None


@pytest.mark.parametrize(
    "written",
    [
        "",
        "vote",
        "fm1",
        "fm1:",
        "fm1::1",
        "fm2:vote:1",
        "FM1:vote:1",
        " fm1:vote:1",
        "fm1:vote:1 ",
        "fm1:vote:1\n",
        "fm1:vote:",
        "fm1:vote:1:",
        "fm1:vote::1",
        "fm1:vote:-1",
        "fm1:vote:+1",
        "fm1:vote:1.0",
        "fm1:vote:0x1",
        "fm1:vote:1_000",
        "fm1:vote:x",
        "fm1:vote:١",
        "fm1:vote:²",
        "fm1:Vote:1",
        "fm1:vo te:1",
        "fm1:vote;1",
        "fm1:vote:1234567890123456",
        "x:fm1:vote:1",
    ],
)
def test_what_was_tampered_with_is_not_read(written: str) -> None:
    assert read(written) is None


@given(verbs, numbers, st.data())
def test_a_stroke_more_or_less_never_crashes(
    verb: str, held: list[int], data: st.DataObject
) -> None:
    written = custom_id(verb, *held)
    at = data.draw(st.integers(0, len(written)))
    changed = written[:at] + data.draw(st.text(max_size=2)) + written[at + 1 :]
    found = read(changed)
    if found:
        again, numbers_again = found
        assert custom_id(again, *numbers_again).count(":") == changed.count(":")


@given(st.text(max_size=100))
def test_a_foreign_custom_id_is_left_alone(written: str) -> None:
    assert read(written) is None


@pytest.mark.parametrize(
    ("page", "more", "leads_to"),
    [
        (0, False, {}),
        (0, True, {"Older": "fm1:list:1:7"}),
        (2, True, {"Newer": "fm1:list:1:7", "Older": "fm1:list:3:7"}),
        (2, False, {"Newer": "fm1:list:1:7"}),
    ],
)
async def test_pages_lead_to_those_before_and_after(
    page: int, more: bool, leads_to: dict[str, str]
) -> None:
    view = paging("list", page, more=more, numbers=(7,))
    assert {each.label: each.custom_id for each in view.children} == leads_to  # type: ignore[attr-defined]
