"""A voting power as moderators type it, such as `2 highest(@Elder 10, @Friend 1) + reputation`."""

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from governance.errors import Refusal
from governance.power import UNIT, whole
from governance.strategies import STRATEGIES
from governance.strategies.strategy import Entries, Part

MOST_PARTS = 8
MOST_ENTRIES = 100

_NUMBER = r"\d{1,9}(?:[.,]\d{1,6}|\s*/\s*\d{1,9})?"
_WEIGHT = r"\d{1,9}(?:\.\d{1,18}|\s*/\s*\d{1,9})?"
_PART = re.compile(
    rf"(?:(?P<times>{_NUMBER})\s*[x×*]?\s*)?(?P<strategy>[a-z]+)\s*(?:\((?P<entries>[^()]*)\))?",
    re.ASCII | re.IGNORECASE,
)
_ENTRY = {
    "roles": re.compile(rf"<@&(?P<id>\d{{5,20}})>\s*[:=]?\s*(?P<weight>{_WEIGHT})", re.ASCII),
    "members": re.compile(rf"<@!?(?P<id>\d{{5,20}})>\s*[:=]?\s*(?P<weight>{_WEIGHT})", re.ASCII),
}


def read(text: str) -> tuple[Part, ...]:
    """The parts of a voting power; none for `none`. A Refusal says what is wrong with the text."""
    if text.strip().lower() in ("", "none", "0"):
        return ()
    parts = tuple(_part(each.strip()) for each in text.split("+"))
    if len(parts) > MOST_PARTS:
        raise Refusal(f"There are {len(parts)} parts, and a power has {MOST_PARTS} at the most.")
    return parts


def _part(text: str) -> Part:
    found = _PART.fullmatch(text)
    name = found["strategy"].lower() if found else ""
    if found is None or name not in STRATEGIES:
        raise Refusal(
            f"“{text[:60]}” isn't a voting power. Write one of {', '.join(STRATEGIES)}, with a "
            "multiplier before it if you like, and + between several, such as "
            "2 highest(@Elder 10, @Friend 1) + 1/2 reputation."
        )
    times = _number(found["times"]) if found["times"] else Fraction(1)
    if not times:
        raise Refusal(f"The multiplier of {name} is 0, so it gives nobody power. Take it away.")
    return Part(name, times, _entries(name, found["entries"]))


def _entries(name: str, text: str | None) -> Entries:
    whose = STRATEGIES[name].NAMES
    if not whose:
        if text is not None:
            raise Refusal(f"{name} takes nothing in brackets. Write just {name}.")
        return ()
    example = "@Elder 10, @Friend 1" if whose == "roles" else "@Ann 3, @Ben 2"
    entries = []
    for each in filter(None, (part.strip() for part in re.split(r"[,;\n]", text or ""))):
        found = _ENTRY[whose].fullmatch(each)
        if found is None:
            raise Refusal(
                f"“{each[:60]}” isn't one of {whose} with a number: {name}({example}). Choose each "
                "from the list that Discord shows after @."
            )
        weight = int(_number(found["weight"]) * UNIT)
        if not weight:
            raise Refusal(f"“{each[:60]}” has no votes. Leave it out, or give it more than 0.")
        entries.append((int(found["id"]), weight))
    if not entries:
        raise Refusal(f"{name} needs {whose} with a number of votes each: {name}({example}).")
    if len(entries) > MOST_ENTRIES:
        raise Refusal(f"{name} has {len(entries)} entries, and {MOST_ENTRIES} are possible.")
    if len({entry for entry, _ in entries}) < len(entries):
        raise Refusal(f"{name} names one of its {whose} twice. Name each of them once.")
    return tuple(entries)


def _number(text: str) -> Fraction:
    try:
        return Fraction("".join(text.replace(",", ".").split()))
    except ZeroDivisionError:
        raise Refusal(f"“{text}” divides by 0. Write a number such as 2, 0.5 or 1/3.") from None


def spoken(parts: Sequence[Part]) -> str:
    """The parts as they are shown, with mentions: what `read` takes."""
    return " + ".join(map(_spoken, parts)) or "none"


def _spoken(part: Part) -> str:
    times = "" if part.multiplier == 1 else f"{spoken_number(part.multiplier)} "
    mark = "@&" if STRATEGIES[part.strategy].NAMES == "roles" else "@"
    entries = ", ".join(
        f"<{mark}{each}> {whole(weight).replace(',', '')}" for each, weight in part.entries
    )
    return f"{times}{part.strategy}" + (f"({entries})" if entries else "")


def spoken_number(number: Fraction) -> str:
    """`3`, `1/3`, or with decimals what has more digits than `read` takes of a fraction."""
    if max(number.numerator, number.denominator) < 10**9:
        return str(number)
    return whole(int(number * UNIT)).replace(",", "")


def stored(parts: Sequence[Part]) -> list[Any]:
    """As JSON can hold them: ids and exact numbers as text."""
    return [
        [
            part.strategy,
            f"{part.multiplier.numerator}/{part.multiplier.denominator}",
            [[str(each), str(weight)] for each, weight in part.entries],
        ]
        for part in parts
    ]


def from_stored(value: Sequence[Any]) -> tuple[Part, ...]:
    """The inverse of `stored`."""
    return tuple(
        Part(name, Fraction(times), tuple((int(each), int(weight)) for each, weight in entries))
        for name, times, entries in value
    )


def roles_named(parts: Sequence[Part]) -> list[int]:
    """The ids of the roles that a power refers to."""
    return [
        role
        for part in parts
        if STRATEGIES[part.strategy].NAMES == "roles"
        for role, _ in part.entries
    ]
