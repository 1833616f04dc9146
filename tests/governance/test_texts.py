"""What a proposal says: nothing empty, nothing over-long, nothing that hides or disguises."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.errors import Refusal
from governance.texts import (
    BODY_LENGTH,
    CHOICE_LENGTH,
    LINK_LENGTH,
    MOST_CHOICES,
    REASON_LENGTH,
    TITLE_LENGTH,
    Text,
    amount,
    answers,
    choices,
    plain,
    public_reason,
    written,
)
from governance.types import FIELD_LENGTH, FormField

HIDDEN = {
    "null": "\0",
    "backspace": "\b",
    "escape": "\x1b",
    "delete": "\x7f",
    "next line": "\x85",
    "soft hyphen": "\xad",
    "zero width space": "\u200b",
    "left-to-right mark": "\u200e",
    "right-to-left mark": "\u200f",
    "right-to-left override": "\u202e",
    "left-to-right embedding": "\u202a",
    "right-to-left isolate": "\u2067",
    "word joiner": "\u2060",
    "byte order mark": "\ufeff",
    "arabic letter mark": "\u061c",
    "tag letter": "\U000e0041",
    "half of a pair": "\ud800",
    "private use": "\ue000",
}
hidden = pytest.mark.parametrize("character", HIDDEN.values(), ids=HIDDEN.keys())
texts = st.text(st.characters(exclude_categories=[]), max_size=60)


def refusal(title: str = "Title", body: str = "Body", link: str = "") -> str:
    with pytest.raises(Refusal) as refused:
        written(title, body, link)
    return str(refused.value)


def test_a_text_is_kept_as_it_was_written() -> None:
    body = "# Why\n\n- it is *dry*\n\tsince May\n\n```py\nx = 1\n```"
    kept = written("Mend the well – 修理 🪣", body, "https://example.org/well?a=1#b")
    assert kept == Text("Mend the well – 修理 🪣", body, "https://example.org/well?a=1#b")


def test_the_link_may_be_left_out() -> None:
    assert written("Title", "Body") == Text("Title", "Body", "")
    assert written("Title", "Body", "  ").link == ""


def test_space_around_a_text_goes_and_a_title_is_one_line() -> None:
    kept = written("  Mend \n the\t\twell ", "\n\n It is dry. \n\n Still. \n", " https://a.org ")
    assert kept == Text("Mend the well", "It is dry. \n\n Still.", "https://a.org")


def test_line_breaks_of_every_machine_become_one_kind() -> None:
    assert written("T", "one\r\ntwo\rthree\nfour").body == "one\ntwo\nthree\nfour"


@pytest.mark.parametrize("empty", ["", " ", "\n\t ", "\u200b", "\u202e\u2060", "\0"])
def test_an_empty_text_is_refused(empty: str) -> None:
    assert "title is empty" in refusal(title=empty)
    assert "text is empty" in refusal(body=empty)
    with pytest.raises(Refusal, match="reason is empty"):
        public_reason(empty)


@pytest.mark.parametrize("joiners", ["\u200d", "\u200c", " \u200d\u200c ", "\u200d\n\u200d"])
def test_a_text_of_nothing_but_joiners_is_empty_too(joiners: str) -> None:
    assert "title is empty" in refusal(title=joiners)
    assert "text is empty" in refusal(body=joiners)
    with pytest.raises(Refusal, match="reason is empty"):
        public_reason(joiners)


def test_the_longest_texts_are_taken_and_one_character_more_is_refused() -> None:
    assert written("x" * TITLE_LENGTH, "y" * BODY_LENGTH) == Text(
        "x" * TITLE_LENGTH, "y" * BODY_LENGTH
    )
    assert "101 characters" in refusal(title="x" * (TITLE_LENGTH + 1))
    assert "4,001 characters" in refusal(body="y" * (BODY_LENGTH + 1))
    assert public_reason("z" * REASON_LENGTH) == "z" * REASON_LENGTH
    with pytest.raises(Refusal, match="501 characters"):
        public_reason("z" * (REASON_LENGTH + 1))


def test_length_is_counted_after_what_hides_is_gone() -> None:
    assert written("x" * TITLE_LENGTH + "\u200b" * 50, "y").title == "x" * TITLE_LENGTH


def test_lengths_fit_what_a_form_of_discord_can_hold() -> None:
    assert BODY_LENGTH <= 4000
    assert REASON_LENGTH <= 4000


@hidden
def test_characters_that_hide_or_reorder_others_go(character: str) -> None:
    assert plain(f"well{character}being") == "wellbeing"
    assert written(f"a{character}b", f"c{character}d") == Text("ab", "cd")
    assert public_reason(f"a{character}b") == "ab"


@hidden
def test_they_do_not_hide_in_a_link_either(character: str) -> None:
    assert written("T", "B", f"https://exa{character}mple.org").link == "https://example.org"


@pytest.mark.parametrize("kept", ["👩\u200d🌾", "می\u200cخواهم", "e\u0301tat", "שלום", "a\tb\nc"])
def test_what_letters_and_pictures_are_made_of_stays(kept: str) -> None:
    assert plain(kept) == unicodedata.normalize("NFC", kept)


def test_the_same_letters_are_stored_in_the_same_way() -> None:
    assert plain("caf\u0065\u0301") == plain("caf\u00e9") == "caf\u00e9"


@given(texts)
def test_nothing_that_hides_is_left(text: str) -> None:
    left = {unicodedata.category(c) for c in plain(text) if c not in "\n\t\u200c\u200d"}
    assert not left & {"Cc", "Cf", "Cs", "Co"}


@given(texts)
def test_what_is_plain_stays_as_it_is(text: str) -> None:
    assert plain(plain(text)) == plain(text)
    plain(text).encode()


def test_letters_that_were_kept_apart_come_together() -> None:
    assert plain("e\u200b\u0301") == "\u00e9"


@given(texts, texts)
def test_a_text_that_was_accepted_is_accepted_again_unchanged(title: str, body: str) -> None:
    try:
        once = written(title, body)
    except Refusal:
        return
    assert written(once.title, once.body, once.link) == once
    assert 0 < len(once.title) <= TITLE_LENGTH
    assert "\n" not in once.title


# Links


@pytest.mark.parametrize(
    "link",
    [
        "https://example.org",
        "http://example.org/budget",
        "https://example.org:8443/a/b?c=d&e=f#g",
        "HTTPS://EXAMPLE.ORG/",
        "https://[2001:db8::1]/",
        "https://bücher.example/größe",
        "https://example.org/a@b",
        "https://example.org/%20",
    ],
)
def test_a_web_address_is_taken(link: str) -> None:
    assert written("T", "B", link).link == link


@pytest.mark.parametrize(
    "link",
    [
        "example.org",
        "//example.org/a",
        "/budget",
        "https://",
        "https:///path",
        "https:example.org",
        "ftp://example.org",
        "javascript:alert(1)",
        "JavaScript://example.org/%0aalert(1)",
        "java\tscript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "discord://-/channels",
        "https://example.org/a b",
        "https://exam ple.org",
        "https://example.org/\nhttps://evil.example",
        "https://example.org/\tb",
        "https://example.org>",
        "<https://example.org>",
        "https://[2001:db8::1",
        "https://?x",
        "a link",
    ],
)
def test_anything_else_is_refused_with_an_example(link: str) -> None:
    text = refusal(link=link)
    assert "isn't a web address" in text
    assert "https://example.org/budget" in text


@pytest.mark.parametrize("space", ["\u00a0", "\u2003", "\u2028", "\u3000"])
def test_a_space_of_any_width_is_no_part_of_a_web_address(space: str) -> None:
    assert "isn't a web address" in refusal(link=f"https://example.org/{space}evil")


@pytest.mark.parametrize(
    "link", ["https://evil.example\\.example.org/", "https:\\\\evil.example/", "https://a.org\\b"]
)
def test_a_backslash_which_browsers_read_as_a_slash_is_refused(link: str) -> None:
    assert "isn't a web address" in refusal(link=link)


@pytest.mark.parametrize(
    "link",
    [
        "https://example.org@evil.example/",
        "https://ann:secret@example.org/",
        "https://:secret@example.org/",
        "https://example.org%2f@evil.example",
    ],
)
def test_a_name_before_the_host_is_refused_because_it_disguises(link: str) -> None:
    assert "disguises" in refusal(link=link)


def test_the_longest_link_is_taken_and_one_character_more_is_refused() -> None:
    longest = "https://example.org/".ljust(LINK_LENGTH, "x")
    assert written("T", "B", longest).link == longest
    assert "501 characters" in refusal(link=longest + "x")


@given(st.text(max_size=40))
def test_no_link_whatever_crashes_the_check(rest: str) -> None:
    for link in (rest, f"https://{rest}", f"https://example.org/{rest}"):
        try:
            kept = written("T", "B", link).link
        except Refusal:
            continue
        assert not kept or kept.lower().startswith(("https://", "http://"))
        assert not set(kept) & set(" \n\t<>")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("", 0), (" 0 ", 0), ("1000", 1000), ("1,000", 1000), ("12,345,678", 12_345_678)],
)
def test_an_amount_is_a_whole_number(typed: str, expected: int) -> None:
    assert amount(typed) == expected


@pytest.mark.parametrize("typed", ["a lot", "-1", "1.5", "1,5", "10,00", "1" * 10, "٣", "1 000"])
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(Refusal, match="isn't an amount"):
        amount(typed)


# Choices, and the answers to a type's questions


def test_choices_are_lines_in_which_there_is_something_to_see() -> None:
    assert choices("  Oak \n\n\u3164\nElm  tree\n") == ("Oak", "Elm tree")
    assert len(choices("\n".join(f"Tree {n}" for n in range(MOST_CHOICES)))) == MOST_CHOICES


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Oak", "at least two"),
        ("\n".join(f"Tree {n}" for n in range(MOST_CHOICES + 1)), f"can have {MOST_CHOICES}"),
        ("Oak\n" + "x" * (CHOICE_LENGTH + 1), f"{CHOICE_LENGTH} or fewer"),
        ("Oak\n12", "bare number"),
        ("Oak\nElm\noak", "there twice"),
    ],
)
def test_choices_that_voters_could_not_tell_apart_are_refused(typed: str, said: str) -> None:
    with pytest.raises(Refusal, match=said):
        choices(typed)


QUESTIONS = (FormField("Cost", required=True), FormField("Team", required=False))


def test_answers_are_kept_with_their_questions_but_for_those_left_empty() -> None:
    given = {"Cost": " 5\u200b ", "Team": " ", "Other": "x"}
    assert answers(given, QUESTIONS) == (("Cost", "5"),)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"Team": "Ann"}, "“Cost” is not answered"),
        ({"Cost": "x" * (FIELD_LENGTH + 1)}, f"{FIELD_LENGTH} or fewer"),
    ],
)
def test_an_answer_that_is_missing_or_too_long_is_refused(given: dict[str, str], said: str) -> None:
    with pytest.raises(Refusal, match=said):
        answers(given, QUESTIONS)
