"""Texts of members, made safe to show; and the few signs that our own texts are made of."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from governance.power import percent

_SIGNS = re.compile(r"([\\*_~`|>#\[\]()<@:-])")
_FENCE = re.compile(r"^\s*(```+)\s*([\w+-]*)\s*$")
_BAR_LENGTH = 10


def escaped(text: str) -> str:
    """Text of one line in which Discord finds no Markdown, mention or link."""
    return _SIGNS.sub(r"\\\1", text)


def shown(text: str) -> str:
    """Markdown whose links show where they lead: `[bank](evil)` reads `[bank] (evil)`."""
    return text.replace("](", "] (")


def beginning(text: str, length: int) -> str:
    """The first `length` characters at the most, cut between words."""
    text = text.strip()
    if len(text) <= length:
        return text
    cut = text[: length - 1]
    words = cut.rsplit(None, 1)
    return (words[0] if len(words) > 1 else cut) + "…"


def fitting(lines: Sequence[str], room: int) -> list[str]:
    """As many lines as `room` characters hold, the last one saying how many more there are."""
    if len("\n".join(lines)) <= room:
        return list(lines)
    kept, left = list[str](), room - len("… and 99,999 more")
    for each in lines:
        left -= len(each) + 1
        if left < 0:
            break
        kept.append(each)
    return [*kept, f"… and {len(lines) - len(kept):,} more"]


def parts(text: str, length: int) -> Iterator[str]:
    """Markdown split into messages of at most `length` characters, trimmed as Discord trims them.

    Cut between lines, else between words; a code block that is cut is closed and opened again.
    """
    room = length - 40  # for a fence's two ends
    fence, part = "", ""
    for line in _lines(text, room):
        found = _FENCE.match(line)
        closes = fence and line.strip() == "```" and len(line) < 10
        begun = part.strip() not in ("", fence)
        if begun and not closes and len(part) + len(line) + 1 > room:
            yield f"{part}\n```".strip() if fence else part.strip()
            part = fence
        part = f"{part}\n{line}" if part.strip() else line
        if found:
            fence = "" if fence else f"```{found[2][:20]}"
    if part.strip():
        yield part.strip()


def _lines(text: str, length: int) -> Iterator[str]:
    for line in text.split("\n"):
        rest = line
        while len(rest) > length:
            cut = rest.rfind(" ", 1, length) if " " in rest[1:length] else length
            yield rest[:cut]
            rest = rest[cut:]
        yield rest


def bar(part: int, total: int) -> str:
    """A share as text: `▰▰▰▱▱▱▱▱▱▱ **33 %**`."""
    filled = (2 * part * _BAR_LENGTH + total) // (2 * total) if total else 0
    return "▰" * filled + "▱" * (_BAR_LENGTH - filled) + f" **{percent(part, total)}**"


def relative(at: datetime) -> str:
    """A moment as each reader's Discord shows it, relative to now: in 3 days."""
    return f"<t:{int(at.timestamp())}:R>"


def absolute(at: datetime) -> str:
    """A moment as each reader's Discord shows it, in their own time zone."""
    return f"<t:{int(at.timestamp())}:f>"
