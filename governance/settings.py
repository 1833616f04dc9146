"""What a server's moderators set. One field here is all a new setting needs:

the command's option, its check, storage and display follow from the field.
"""

import re
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, get_type_hints

from governance.errors import Refusal
from governance.proposal import Rules, quorum_of_voters
from governance.voting import basic


class Kind(StrEnum):
    """What a setting holds; a channel or a role is its id, None while it isn't set."""

    CHANNEL = "channel"
    ROLE = "role"
    COUNT = "count"
    DURATION = "duration"


@dataclass(frozen=True, slots=True)
class About:
    """What is to be known of a setting. `help` has at most 100 characters, as Discord's options.

    `least` and `most` are its bounds, `needed` that nothing can be proposed without it.
    """

    kind: Kind
    help: str
    least: Any = None
    most: Any = None
    needed: bool = False


MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
_LONGEST = DAY * 90


@dataclass(frozen=True, slots=True)
class Settings:
    """A server's settings."""

    proposals_channel: Annotated[
        int | None, About(Kind.CHANNEL, "Where proposals appear and are voted on", needed=True)
    ] = None
    results_channel: Annotated[
        int | None, About(Kind.CHANNEL, "Where results are announced", needed=True)
    ] = None
    voting_role: Annotated[
        int | None, About(Kind.ROLE, "Who may vote; choose @everyone to let every member vote")
    ] = None
    proposing_role: Annotated[
        int | None,
        About(Kind.ROLE, "Who may propose; choose @everyone to let every member propose"),
    ] = None
    quorum: Annotated[
        int,
        About(
            Kind.COUNT,
            "Voters For or Abstain without whom no decision is made; 0 for none",
            0,
            10**6,
        ),
    ] = 0
    voting_delay: Annotated[
        timedelta,
        About(
            Kind.DURATION,
            "Discussion before voting starts, such as 1d or 2h 30m",
            DAY * 0,
            _LONGEST,
        ),
    ] = DAY
    voting_period: Annotated[
        timedelta, About(Kind.DURATION, "How long voting lasts, such as 3d or 1m", MINUTE, _LONGEST)
    ] = DAY * 3

    @property
    def missing(self) -> list[str]:
        """Names of the settings without which nothing can be proposed."""
        return [
            name for name, about in ABOUT.items() if about.needed and getattr(self, name) is None
        ]

    def rules(self) -> Rules:
        """The rules that a proposal made now is frozen with."""
        return Rules(
            system=basic.NAME,
            quorum=quorum_of_voters(self.quorum),
            voting_delay=self.voting_delay,
            voting_period=self.voting_period,
            voting_role=self.voting_role,
        )

    def with_changes(self, changes: dict[str, Any]) -> "Settings":
        """The settings with some changed; durations may be text. Refuses what is out of bounds."""
        return replace(self, **{name: _checked(name, value) for name, value in changes.items()})

    def stored(self) -> dict[str, int | None]:
        """As JSON can hold them: durations in whole seconds."""
        return {
            name: seconds(value) if isinstance(value, timedelta) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_stored(cls, values: dict[str, Any]) -> "Settings":
        """The inverse of `stored`; a setting that isn't there has its default."""
        read: dict[str, Any] = {
            name: timedelta(seconds=value) if ABOUT[name].kind is Kind.DURATION else value
            for name, value in values.items()
            if name in ABOUT
        }
        return cls(**read)


ABOUT: dict[str, About] = {
    name: hint.__metadata__[0]
    for name, hint in get_type_hints(Settings, include_extras=True).items()
}
"""What is to be known of each setting, by its name."""

_LENGTHS = {
    "w": timedelta(weeks=1),
    "d": DAY,
    "h": timedelta(hours=1),
    "m": MINUTE,
}
_PART = re.compile(
    r"(\d{1,5})\s*(w(?:eeks?)?|d(?:ays?)?|h(?:ours?)?|m(?:in(?:utes?)?)?)(?![a-z])[\s,]*", re.ASCII
)


def duration(text: str) -> timedelta:
    """`3d`, `1d 12h`, `90 minutes` as a length of time."""
    rest, total = text.strip().lower(), timedelta()
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


def _checked(name: str, value: Any) -> Any:
    about = ABOUT[name]
    if about.kind is Kind.DURATION and isinstance(value, str):
        value = duration(value)
    if about.least is not None and not about.least <= value <= about.most:
        least, most = (
            spoken(bound) if isinstance(bound, timedelta) else f"{bound:,}"
            for bound in (about.least, about.most)
        )
        raise Refusal(f"{name} must be from {least} to {most}.")
    return value
