"""A setting as moderators type it and as it is stored: how to read, check, show and keep it.

A class of settings is a frozen dataclass whose fields are `Annotated[type, About(...)]`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Any, get_type_hints

from governance.errors import Refusal
from governance.power import UNIT, whole
from governance.strategies import writing
from governance.strategies.strategy import Part

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Kind(StrEnum):
    """What a setting holds; a channel or a role is its id, None while it isn't set."""

    CHANNEL = "channel"
    ROLE = "role"
    COUNT = "count"
    DURATION = "duration"
    FLAG = "flag"
    CHOICE = "choice"  # one of the members of an enumeration, or of a mapping's keys
    SHARE = "share"  # a Fraction, None for none
    QUORUM = "quorum"
    MEMBERS = "members"  # ids of members, in the order in which they were named
    WORDS = "words"  # a tuple of names
    POWER = "power"  # a tuple of the Parts of a voting power


@dataclass(frozen=True, slots=True)
class About:
    """What is to be known of a setting. `help` has at most 100 characters, as Discord's options.

    `least` and `most` are its bounds, `needed` that there can't be none of it, `among`
    the values of a choice with the words for each (of words: the possible ones), `group` the
    command that sets it, `nobody` who has the role that isn't set.
    """

    kind: Kind
    help: str
    least: Any = None
    most: Any = None
    needed: bool = False
    among: Mapping[str, str] | None = None
    group: str = ""
    nobody: str = "@everyone"


@dataclass(frozen=True, slots=True)
class Quorum:
    """An absolute `power` (units), or a `share` of the electorate's total power, rounded down.

    Rounding: OpenZeppelin Governor, GovernorVotesQuorumFraction.
    """

    power: int = 0
    share: Fraction | None = None

    def of(self, electorate: int | None) -> int | None:
        """The power it takes (units); None where that depends on an unknown electorate."""
        if self.share is None:
            return self.power
        return None if electorate is None else int(self.share * electorate)

    def __bool__(self) -> bool:
        return bool(self.power or self.share)


NO_QUORUM = Quorum()


def abouts(settings: type) -> dict[str, About]:
    """What is to be known of each setting of a class, by its name."""
    hints = get_type_hints(settings, include_extras=True)
    return {field.name: hints[field.name].__metadata__[0] for field in fields(settings)}


def checked(name: str, value: Any, about: About) -> Any:
    """The value of a setting as its class holds it, from what was typed; or a Refusal."""
    if isinstance(value, str):
        match about.kind:
            case Kind.DURATION:
                value = duration(value)
            case Kind.SHARE:
                none = not about.needed and value.strip() in ("", "0", "none")
                value = None if none else share(value)
            case Kind.QUORUM:
                value = quorum(value)
            case Kind.MEMBERS:
                value = members(value)
            case Kind.WORDS:
                value = words(value)
                _require_among(value, about)
            case Kind.POWER:
                value = writing.read(value)
                if about.needed and not value:
                    raise Refusal(f"{name} can't be none: then nobody could vote.")
            case Kind.CHOICE if value not in (about.among or ()):
                raise Refusal(f"{name} must be one of: {', '.join((about.among or {}).values())}.")
    bounded = value.power if isinstance(value, Quorum) else value
    if about.least is not None and value is not None and not about.least <= bounded <= about.most:
        least, most = (_shown_bound(bound, about) for bound in (about.least, about.most))
        raise Refusal(f"{name} must be from {least} to {most}.")
    return value


def _require_among(given: Iterable[str], about: About) -> None:
    for word in given:
        if about.among is not None and word not in about.among:
            raise Refusal(
                f"“{word}” is none of the settings that can be named here: "
                f"{', '.join(about.among)}."
            )


def _shown_bound(bound: Any, about: About) -> str:
    if about.kind is Kind.QUORUM:
        return whole(bound)
    return (spoken(bound) if bound else "0") if isinstance(bound, timedelta) else f"{bound:,}"


def stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as JSON can hold them: durations in whole seconds, exact numbers as text."""
    return {name: _stored(value) for name, value in values.items()}


def _stored(value: Any) -> Any:
    match value:
        case timedelta():
            return seconds(value)
        case Fraction():
            return f"{value.numerator}/{value.denominator}"
        case Quorum(power=power, share=part):
            return str(power) if part is None else _stored(part)
        case (Part(), *_):
            return writing.stored(value)
        case tuple():
            return [str(each) for each in value]  # JSON readers round large numbers
        case _:
            return value


def from_stored(values: Mapping[str, Any], about: Mapping[str, About]) -> dict[str, Any]:
    """The inverse of `stored`; what isn't a setting (any more) is left out."""
    return {
        name: _from_stored(value, about[name].kind)
        for name, value in values.items()
        if name in about
    }


def _from_stored(value: Any, kind: Kind) -> Any:
    match kind:
        case Kind.DURATION:
            return timedelta(seconds=value)
        case Kind.SHARE:
            return value and Fraction(value)
        case Kind.QUORUM:
            return Quorum(share=Fraction(value)) if "/" in value else Quorum(int(value))
        case Kind.MEMBERS:
            return tuple(int(each) for each in value)
        case Kind.WORDS:
            return tuple(value)
        case Kind.POWER:
            return writing.from_stored(value)
        case _:
            return value


def as_stored(settings: Any) -> dict[str, Any]:
    """All settings of an instance, as JSON can hold them."""
    return stored({field.name: getattr(settings, field.name) for field in fields(settings)})


def spoken_value(value: Any, about: About) -> str:
    """A setting in words, as it is shown; mentions for roles, channels and members."""
    match about.kind:
        case Kind.DURATION:
            return spoken(value)
        case Kind.SHARE:
            return "none" if value is None else spoken_share(value)
        case Kind.QUORUM:
            return spoken_quorum(value)
        case Kind.FLAG:
            return "yes" if value else "no"
        case Kind.MEMBERS:
            return ", ".join(f"<@{each}>" for each in value) or "nobody"
        case Kind.WORDS:
            return ", ".join(value) or "none"
        case Kind.POWER:
            return writing.spoken(value)
        case Kind.CHOICE:
            return (about.among or {}).get(value, value)
        case Kind.ROLE:
            return f"<@&{value}>" if value else about.nobody
        case Kind.CHANNEL:
            return f"<#{value}>" if value else "not set"
        case _:  # Kind.COUNT
            return f"{value:,}" if value else "none"


def spoken_quorum(wanted: Quorum) -> str:
    if wanted.share is not None:
        return f"{spoken_share(wanted.share)} of the electorate"
    return whole(wanted.power) if wanted.power else "none"


def spoken_share(part: Fraction) -> str:
    """`2/3`, or `8 %` where that is exact."""
    percentage = part * 100
    return f"{percentage} %" if percentage.denominator == 1 else str(part)


_SHARE = re.compile(r"(\d{1,6})\s*/\s*(\d{1,6})|(\d{1,3})(?:[.,](\d{1,6}))?\s*%", re.ASCII)


def share(text: str) -> Fraction:
    """`2/3`, `8 %` or `0.5 %` as an exact share, more than none and at most all."""
    found = _SHARE.fullmatch(text.strip())
    part = None
    if found and found[1] and int(found[2]):
        part = Fraction(int(found[1]), int(found[2]))
    elif found and found[3]:
        decimals = found[4] or ""
        part = Fraction(int(found[3] + decimals), 100 * 10 ** len(decimals))
    if part is None or not 0 < part <= 1:
        raise Refusal(f"“{text[:40]}” isn't a share. Write it like 2/3 or 8 %, at most 100 %.")
    return part


def quorum(text: str) -> Quorum:
    """`12` votes, or a share of the electorate such as `8 %`; `0` or `none` for none."""
    typed = text.strip().lower()
    if typed == "none":
        return Quorum()
    if typed.isascii() and typed.isdigit() and len(typed) < 30:
        return Quorum(int(typed) * UNIT)
    try:
        return Quorum(share=share(text))
    except Refusal:
        raise Refusal(
            f"“{text[:40]}” isn't a quorum. Write a number of votes like 12, a share of the "
            "electorate like 8 %, or 0 for none."
        ) from None


_MEMBER = re.compile(r"<@!?(\d{5,20})>|(\d{5,20})", re.ASCII)


def members(text: str) -> tuple[int, ...]:
    """Members named by mentions or ids, separated by spaces or commas; `none` for nobody."""
    if text.strip().lower() == "none":
        return ()
    found = []
    for word in text.replace(",", " ").replace("><", "> <").split():
        named = _MEMBER.fullmatch(word)
        if named is None:
            raise Refusal(f"“{word[:40]}” names no member. Mention each member with @, one by one.")
        found.append(int(named[1] or named[2]))
    return _once(found)


WORD_LENGTH, MOST_WORDS = 40, 25


def words(text: str) -> tuple[str, ...]:
    """Names separated by commas, each once; `none` for none."""
    if text.strip().lower() == "none":
        return ()
    found = [" ".join(word.split()) for word in re.split(r"[,;\n]", text)]
    found = [word for word in found if word]
    for word in found:
        if len(word) > WORD_LENGTH:
            raise Refusal(f"“{word[:60]}” is too long: {WORD_LENGTH} characters are possible.")
    if len({word.casefold() for word in found}) < len(found):
        raise Refusal("One of the names is there twice. Write each of them once.")
    if len(found) > MOST_WORDS:
        raise Refusal(f"There are {len(found)} names, and {MOST_WORDS} are possible.")
    return tuple(found)


def _once(ids: Iterable[int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(ids))


_LENGTHS = {
    "w": timedelta(weeks=1),
    "d": DAY,
    "h": HOUR,
    "m": MINUTE,
}
_PART = re.compile(
    r"(\d{1,5})\s*(w(?:eeks?)?|d(?:ays?)?|h(?:ours?)?|m(?:in(?:utes?)?)?)(?![a-z])[\s,]*", re.ASCII
)


def duration(text: str) -> timedelta:
    """`3d`, `1d 12h`, `90 minutes` as a length of time; `0` for none."""
    rest, total = text.strip().lower(), timedelta()
    if rest in ("0", "none"):
        return total
    while rest:
        part = _PART.match(rest)
        if part is None:
            raise Refusal(
                f"“{text[:40]}” isn't a length of time. Write it like 3d, 12h, 1d 12h or 30m."
            )
        total += int(part[1]) * _LENGTHS[part[2][0]]
        rest = rest[part.end() :]
    if not text.strip():
        raise Refusal("The length of time is empty. Write it like 3d, 12h, 1d 12h or 30m.")
    return total


def spoken(length: timedelta) -> str:
    """A length of time in words: `1 day 12 hours`; `none` for zero."""
    minutes, words = seconds(length) // 60, []
    for name, size in (("day", 1440), ("hour", 60), ("minute", 1)):
        amount, minutes = divmod(minutes, size)
        if amount:
            words.append(f"{amount} {name}{'s' * (amount > 1)}")
    return " ".join(words) or "none"


def seconds(length: timedelta) -> int:
    """Whole seconds, exactly."""
    return length // timedelta(seconds=1)
