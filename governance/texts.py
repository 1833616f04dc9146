"""What a proposal says, as it is stored: cleaned, and refused where it can't be shown."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from governance.errors import Refusal
from governance.types import FIELD_LENGTH, FormField

TITLE_LENGTH = 100
BODY_LENGTH = 4000
LINK_LENGTH = 500
REASON_LENGTH = 500
CHOICE_LENGTH = 100
MOST_CHOICES = 50
AMOUNT_LENGTH = 15


@dataclass(frozen=True, slots=True)
class Text:
    """What a proposal says: `body` is Markdown, `link` may be empty.

    `choices` are those the members vote among, where the voting system leaves them to the
    proposal; `fields` the answers to its type's own questions, as (question, answer); `amount`
    what it asks of the treasury, in whole units of that, 0 for nothing.
    """

    title: str
    body: str
    link: str = ""
    choices: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    amount: int = 0


def written(title: str, body: str, link: str = "") -> Text:
    """The text as it will be stored, or a Refusal that says what to change."""
    title = " ".join(plain(title).split())
    body = plain(body).strip()
    link = plain(link).strip()
    if not any(map(_visible, title)):
        raise Refusal("The title is empty. Give your proposal a title of up to 100 characters.")
    if len(title) > TITLE_LENGTH:
        raise Refusal(
            f"The title has {len(title)} characters. Shorten it to {TITLE_LENGTH} or fewer."
        )
    if not body:
        raise Refusal("The text is empty. Say what should be decided, and why.")
    if len(body) > BODY_LENGTH:
        raise Refusal(
            f"The text has {len(body):,} characters. Shorten it to {BODY_LENGTH:,} or fewer, "
            "and put the rest behind the link."
        )
    if link:
        _require_web_address(link)
    return Text(title, body, link)


def public_reason(reason: str) -> str:
    """The reason for a cancellation, on the record: one to 500 characters."""
    reason = plain(reason).strip()
    if not reason:
        raise Refusal("The reason is empty. Everyone will read it, so say why in a sentence.")
    if len(reason) > REASON_LENGTH:
        raise Refusal(
            f"The reason has {len(reason)} characters. Shorten it to {REASON_LENGTH} or fewer."
        )
    return reason


def plain(text: str) -> str:
    """Text without characters that hide or reorder others.

    Control, bidirectional-override, zero-width and surrogate characters go; a line break, a tab
    and what joins emoji or letters (ZWJ, ZWNJ) stay.
    """
    kept = "".join(
        c
        for c in text.replace("\r\n", "\n").replace("\r", "\n")
        if c in "\n\t\u200c\u200d" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co")
    )
    more_than_joiners = kept.replace("\u200c", "").replace("\u200d", "").strip()
    return unicodedata.normalize("NFC", kept) if more_than_joiners else ""


def _visible(character: str) -> bool:
    """Whether there is anything to see: a letter, digit or sign, but not one that is blank."""
    blank = "\u115f\u1160\u2800\u3164\uffa0"
    return unicodedata.category(character)[0] in "LNPS" and character not in blank


def choices(text: str) -> tuple[str, ...]:
    """The choices of a proposal, one a line, or a Refusal that says what to change."""
    found = tuple(
        " ".join(line.split()) for line in plain(text).splitlines() if any(map(_visible, line))
    )
    if len(found) < 2:
        raise Refusal("Give at least two choices, one a line.")
    if len(found) > MOST_CHOICES:
        raise Refusal(f"There are {len(found)} choices; a vote can have {MOST_CHOICES}.")
    seen: dict[str, str] = {}
    for choice in found:
        if len(choice) > CHOICE_LENGTH:
            raise Refusal(
                f"The choice “{choice[:40]}…” has {len(choice)} characters. Shorten it to "
                f"{CHOICE_LENGTH} or fewer."
            )
        if choice.isdigit():
            raise Refusal(
                f"The choice “{choice}” is a bare number, which voters would take for the number "
                "of a choice. Add a word."
            )
        if choice.casefold() in seen:
            raise Refusal(f"The choice “{choice}” is there twice. Write each choice once.")
        seen[choice.casefold()] = choice
    return found


_AMOUNT = re.compile(r"\d{1,9}|\d{1,3}(,\d{3}){1,2}", re.ASCII)


def amount(text: str) -> int:
    """What a proposal asks of the treasury: a whole number; nothing where it is left empty."""
    typed = text.strip()
    if typed and not _AMOUNT.fullmatch(typed):
        raise Refusal(
            f"“{plain(typed)[:40]}” isn't an amount. Write a whole number like 1000, or 0 to ask "
            "for nothing."
        )
    return int(typed.replace(",", "") or 0)


def answers(given: Mapping[str, str], asked: tuple[FormField, ...]) -> tuple[tuple[str, str], ...]:
    """The answers to a type's questions as (question, answer), without those left empty."""
    found = []
    for field in asked:
        answer = plain(given.get(field.label, "")).strip()
        if field.required and not answer:
            raise Refusal(f"“{field.label}” is not answered yet.")
        if len(answer) > FIELD_LENGTH:
            raise Refusal(
                f"The answer to “{field.label}” has {len(answer)} characters. Shorten it to "
                f"{FIELD_LENGTH} or fewer."
            )
        if answer:
            found.append((field.label, answer))
    return tuple(found)


def _require_web_address(link: str) -> None:
    advice = "Give a complete address such as https://example.org/budget, or leave it empty."
    if len(link) > LINK_LENGTH:
        raise Refusal(f"The link has {len(link)} characters; {LINK_LENGTH} are possible.")
    try:
        parts = urlsplit(link)
        host = parts.hostname
    except ValueError:
        raise Refusal(f"The link isn't a web address. {advice}") from None
    if (
        parts.scheme not in ("http", "https")
        or not host
        or any(c.isspace() or c in "<>\\" for c in link)
    ):
        raise Refusal(f"The link isn't a web address. {advice}")
    if parts.username or parts.password:
        raise Refusal("The link holds a user name before its host, which disguises where it leads.")
