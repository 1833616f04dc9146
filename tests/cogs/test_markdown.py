"""Texts of members made safe to show, and cut without losing anything."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cogs.markdown import absolute, bar, beginning, escaped, parts, relative, shown

SIGNS = "\\*_~`|>#[]()<@:-"
FENCE = re.compile(r"^\s*```+\s*[\w+-]*\s*$")
AT = datetime(2026, 3, 1, 12, 30, 15, 999_999, tzinfo=UTC)

one_line = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=80)
signs = st.text(alphabet=SIGNS + "ab 1", max_size=40)

words = st.text(alphabet="abcdefghij", min_size=1, max_size=30)
long_words = st.integers(1, 400).map(lambda n: "x" * n)
lines = st.lists(st.one_of(words, long_words), max_size=30).map(" ".join)
codes = st.lists(lines.filter(bool), max_size=8).map(
    lambda inner: "\n".join(["```py", *inner, "```"])
)
bodies = st.lists(st.one_of(lines, codes), max_size=12).map("\n".join).map(str.strip)
rooms = st.integers(100, 400)


def fences(text: str) -> int:
    return sum(bool(FENCE.match(line)) for line in text.split("\n"))


def bare(text: str) -> str:
    """A text without the lines that open and close code, and without the space between words."""
    kept = [line for line in text.split("\n") if not FENCE.match(line)]
    return "".join("".join(kept).split())


# One line


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("Mend the well", "Mend the well"),
        ("**bold**", r"\*\*bold\*\*"),
        ("snake_case", r"snake\_case"),
        ("@everyone", r"\@everyone"),
        ("<@&12>", r"\<\@&12\>"),
        ("[bank](https://evil.example)", r"\[bank\]\(https\://evil.example\)"),
        ("# Title", r"\# Title"),
        ("> quote", r"\> quote"),
        ("- item", r"\- item"),
        ("||spoiler||", r"\|\|spoiler\|\|"),
        ("`code`", r"\`code\`"),
        ("~~gone~~", r"\~\~gone\~\~"),
        (r"\*", r"\\\*"),
        ("<t:0:R>", r"\<t\:0\:R\>"),
        ("", ""),
    ],
)
def test_signs_of_markdown_are_shown_as_they_are(text: str, safe: str) -> None:
    assert escaped(text) == safe


@given(st.one_of(one_line, signs))
def test_no_sign_is_left_that_discord_would_follow_and_nothing_is_lost(text: str) -> None:
    safe = escaped(text)
    assert re.sub(r"\\([\\*_~`|>#\[\]()<@:-])", r"\1", safe) == text
    assert not set(re.sub(r"\\.", "", safe)) & set(SIGNS)


# Links


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("[bank](https://evil.example)", "[bank] (https://evil.example)"),
        ("[a](b)[c](d)", "[a] (b)[c] (d)"),
        ("[a](<b>)", "[a] (<b>)"),
        ("see https://example.org (really)", "see https://example.org (really)"),
        ("[x] done", "[x] done"),
    ],
)
def test_a_link_shows_where_it_leads(text: str, safe: str) -> None:
    assert shown(text) == safe


@given(st.text(alphabet="[]() ab:/", max_size=40))
def test_no_hidden_link_is_left(text: str) -> None:
    assert "](" not in shown(text)
    assert shown(text).replace(" ", "") == text.replace(" ", "")


# The beginning of a text


@pytest.mark.parametrize(
    ("text", "length", "begins"),
    [
        ("Mend the well", 13, "Mend the well"),
        ("Mend the well", 12, "Mend the…"),
        ("Mend the well", 9, "Mend…"),
        ("Unbreakable", 5, "Unbr…"),
        ("Mend\nthe well", 7, "Mend…"),
        ("", 5, ""),
    ],
)
def test_a_text_is_cut_between_words(text: str, length: int, begins: str) -> None:
    assert beginning(text, length) == begins


@given(st.text(max_size=60).map(str.strip), st.integers(1, 40))
def test_a_beginning_is_never_too_long_and_says_that_it_is_one(text: str, length: int) -> None:
    cut = beginning(text, length)
    assert len(cut) <= length
    if len(text) <= length:
        assert cut == text
    else:
        assert cut.endswith("…")
        assert cut[:-1].strip() in text


# A long text in parts


def test_a_text_that_fits_is_one_part() -> None:
    text = "# Why\n\nIt is dry.\n\n```py\nx = 1\n```"
    assert list(parts(text, 2000)) == [text]


def test_no_text_has_no_parts() -> None:
    assert list(parts("", 2000)) == []


def test_a_long_text_is_cut_between_lines() -> None:
    line = "x" * 50
    assert list(parts("\n".join([line] * 4), 150)) == ["\n".join([line] * 2)] * 2


def test_a_long_line_is_cut_between_words() -> None:
    found = list(parts("word " * 60, 140))
    assert sum(len(part.split()) for part in found) == 60
    assert max(map(len, found[:-1])) > 90
    assert all(set(part.split()) == {"word"} for part in found)


def test_a_word_that_is_too_long_is_cut_anywhere() -> None:
    found = list(parts("x" * 250, 140))
    assert [len(part) for part in found] == [100, 100, 50]


def test_a_code_block_that_is_cut_is_closed_and_opened_again() -> None:
    code = "\n".join(["```py", *["print(1)"] * 20, "```"])
    found = list(parts(f"Look:\n{code}\nDone.", 140))
    assert len(found) > 1
    for part in found:
        assert fences(part) % 2 == 0
    assert all(part.startswith("```py\n") for part in found[1:])
    assert found[0].startswith("Look:")
    assert found[-1].endswith("Done.")
    assert sum(part.count("print(1)") for part in found) == 20


@given(bodies, rooms)
def test_no_part_is_too_long_and_nothing_is_lost(text: str, length: int) -> None:
    found = list(parts(text, length))
    assert all(len(part) <= length for part in found)
    assert bare("\n".join(found)) == bare(text)


@given(bodies, rooms)
def test_every_part_closes_the_code_that_it_opens(text: str, length: int) -> None:
    assert all(fences(part) % 2 == 0 for part in parts(text, length))


@given(st.text(max_size=900), rooms)
@example("```\n" + "x" * 50 + "\n```" + "y" * 50, 100)
def test_whatever_the_text_is_its_parts_fit(text: str, length: int) -> None:
    assert all(0 < len(part) <= length for part in parts(text, length))


@given(st.text(alphabet="x ", max_size=900).map(str.strip), rooms)
@example("x" * 60 + "\n \n" + "y" * 60, 100)
@example("x" + " " * 200 + "y", 100)
def test_no_part_is_blank_because_discord_refuses_such(text: str, length: int) -> None:
    assert all(part.strip() for part in parts(text, length))


@given(bodies, rooms)
@example("```py\n" + "x" * 60 + "\n```", 100)
def test_no_part_is_an_empty_block_of_code(text: str, length: int) -> None:
    if not re.search(r"```py\s*```", text):  # unless it is the author's own
        assert all(bare(part) for part in parts(text, length))


# Figures and moments


@pytest.mark.parametrize(
    ("part", "total", "drawn"),
    [
        (0, 0, "▱▱▱▱▱▱▱▱▱▱ **0 %**"),
        (0, 3, "▱▱▱▱▱▱▱▱▱▱ **0 %**"),
        (1, 3, "▰▰▰▱▱▱▱▱▱▱ **33 %**"),
        (1, 2, "▰▰▰▰▰▱▱▱▱▱ **50 %**"),
        (2, 3, "▰▰▰▰▰▰▰▱▱▱ **67 %**"),
        (1, 20, "▰▱▱▱▱▱▱▱▱▱ **5 %**"),
        (3, 3, "▰▰▰▰▰▰▰▰▰▰ **100 %**"),
        (2**256 - 1, 2**256 - 1, "▰▰▰▰▰▰▰▰▰▰ **100 %**"),
    ],
)
def test_a_share_is_drawn(part: int, total: int, drawn: str) -> None:
    assert bar(part, total) == drawn


@given(st.integers(0, 2**256), st.integers(0, 2**256))
def test_a_bar_is_always_ten_long_and_grows_with_its_share(part: int, rest: int) -> None:
    drawn = bar(part, part + rest)
    filled = drawn.count("▰")
    assert filled + drawn.count("▱") == 10
    assert filled <= bar(part + 1, part + rest + 1).count("▰")


def test_a_moment_is_left_to_each_readers_discord() -> None:
    assert relative(AT) == "<t:1772368215:R>"
    assert absolute(AT) == "<t:1772368215:f>"
