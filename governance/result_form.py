"""The form of what a result file holds: how it is written, and readers that name wrong places."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from governance.texts import plain

_DEEPEST = 8
LARGEST = 10**40
"""Above every number of a result file."""
_LONGEST_LINE = 300


class Wrong(Exception):
    """Its string names the place in the file: `proposal.number: it must be …`."""

    def __init__(self, place: str, text: str) -> None:
        super().__init__(f"{place}: {text}")


Reader = Callable[[Any, str], Any]
"""Takes a value and its place; returns what it stands for, or raises Wrong."""


def text(value: Any, place: str) -> str:
    if not isinstance(value, str):
        raise Wrong(place, "it must be text")
    return value


def number(value: Any, place: str) -> int:
    if type(value) is not int or not 0 <= value < 10**9:
        raise Wrong(place, "it must be a whole number from 0 to 999,999,999")
    return value


def flag(value: Any, place: str) -> bool:
    if not isinstance(value, bool):
        raise Wrong(place, "it must be true or false")
    return value


def pattern(form: str, wanted: str) -> Reader:
    compiled = re.compile(form, re.ASCII)

    def reader(value: Any, place: str) -> str:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            raise Wrong(place, f"it must be {wanted}")
        return value

    return reader


def or_null(reader: Reader) -> Reader:
    return lambda value, place: None if value is None else reader(value, place)


def list_of(reader: Reader, most: int | None = None) -> Reader:
    def read_list(value: Any, place: str) -> list[Any]:
        if not isinstance(value, list):
            raise Wrong(place, "it must be a list")
        if most is not None and len(value) > most:
            raise Wrong(place, f"it has {len(value)} entries, and {most} are possible")
        return [reader(each, at(place, index)) for index, each in enumerate(value)]

    return read_list


def moment(value: Any, place: str) -> datetime:
    _MOMENT(value, place)
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        raise Wrong(place, "there is no such moment") from None


identifier = pattern(r"0|[1-9]\d{0,19}", "an id as text")
exact = pattern(r"0|[1-9]\d{0,95}", "a whole number as text")
_SHARE = r"[1-9]\d{0,19}/[1-9]\d{0,19}"
share = pattern(_SHARE, "a share such as “2/3”")
quorum = pattern(rf"0|[1-9]\d{{0,95}}|{_SHARE}", "a power or a share as text")
seed = pattern(r"[0-9a-f]{64}", "32 bytes in hexadecimal")
_MOMENT = pattern(
    r"2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00",
    "a moment such as “2026-03-01T12:30:15.250000+00:00”",
)


def canonical(value: object) -> str:
    """The one way to write JSON without fractions (RFC 8785)."""
    return json.dumps(
        value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )


def digest(value: object) -> str:
    """SHA-256 of the canonical form, in hexadecimal."""
    return sha256(canonical(value).encode()).hexdigest()


def listed(choice: Any) -> Any:
    """A choice as JSON reads it back."""
    return [listed(each) for each in choice] if isinstance(choice, tuple) else choice


def require_plain(value: object, place: str, depth: int) -> None:
    """Only objects, lists, text, whole numbers, true, false and null, as JSON has them."""
    if depth > _DEEPEST:
        raise Wrong(place, "it is nested more deeply than any result file")
    if isinstance(value, Mapping | list):
        items = value.items() if isinstance(value, Mapping) else enumerate(value)
        for name, item in items:
            if isinstance(value, Mapping):
                require_plain(name, place, depth)
            require_plain(item, at(place, name), depth + 1)
    elif isinstance(value, str):
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            raise Wrong(place, "it holds half a letter (an unpaired surrogate)")
    elif type(value) is int:
        if abs(value) >= LARGEST:
            raise Wrong(place, "the number is too large")
    elif value is not None and not isinstance(value, bool):
        raise Wrong(place, "it must be text, a whole number, true, false or null")


def require_keys(value: object, place: str, names: Sequence[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Wrong(place, "it must be an object")
    for name in names:
        if name not in value:
            raise Wrong(at(place, name), "it is missing")
    for name in value:
        if name not in names:
            raise Wrong(at(place, name), "nothing of that name belongs there")
    return value


def at(place: str, name: object) -> str:
    """The place of what has this name, or index, within a place."""
    return f"{place}.{name}" if place else str(name)


def printable(line: str) -> str:
    """Without what could move the cursor of a terminal."""
    kept = "".join(" " if letter.isspace() else plain(letter) for letter in line)
    return kept if len(kept) <= _LONGEST_LINE else f"{kept[: _LONGEST_LINE - 1]}…"
