"""Who lets whom vote for them, where, and until when."""

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from governance.errors import NotFound, Refusal
from governance.options import DAY, duration

LONGEST = DAY * 3653
"""The latest expiry: ten years ahead."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a delegation applies: to a topic (folded), else to a space, else to the server."""

    space_id: int = 0
    topic: str = ""


SERVER = Scope()


@dataclass(frozen=True, slots=True)
class Delegation:
    """A member's trust, as it was given; it stands from `given_at` until it expires or is ended.

    `delegate_id` None is “nobody”: it switches wider delegations off. `tell` says whether the
    member wants to hear how its delegate voted.
    """

    id: int
    member_id: int
    scope: Scope
    delegate_id: int | None
    given_at: datetime
    expires_at: datetime | None
    ended_at: datetime | None
    tell: bool

    def stands(self, at: datetime) -> bool:
        ends = [end for end in (self.expires_at, self.ended_at) if end is not None]
        return self.given_at <= at and all(at < end for end in ends)


def scopes(spaces: Sequence[int], topic: str) -> tuple[Scope, ...]:
    """The scopes that apply to a proposal, the narrowest first (LiquidFeedback's precedence).

    `spaces` are its own and those above it, the own one first; the server is above all of them.
    """
    narrow = [Scope(topic=topic.casefold())] if topic else []
    return (*narrow, *(Scope(space_id=each) for each in spaces), SERVER)


def applying(
    found: Iterable[Delegation], to: Sequence[Scope], at: datetime
) -> dict[int, Delegation]:
    """Of each member the delegation of its narrowest scope, “nobody” too, that stands then."""
    places = {scope: place for place, scope in enumerate(to)}
    narrowest: dict[int, Delegation] = {}
    for each in found:
        if each.scope not in places or not each.stands(at):
            continue
        known = narrowest.get(each.member_id)
        if known is None or places[each.scope] < places[known.scope]:
            narrowest[each.member_id] = each
    return narrowest


def way(member_id: int, delegates: Mapping[int, int | None]) -> list[int]:
    """The members on the way from one along `delegates`, itself first; a circle ends it.

    `delegates` holds whom each delegates to, None for nobody.
    """
    found: dict[int, None] = {}
    here: int | None = member_id
    while here is not None and here not in found:
        found[here] = None
        here = delegates.get(here)
    return list(found)


@dataclass(frozen=True, slots=True)
class Place:
    """A scope as members read it, such as “Topic: Treasury”.

    `gone` says why delegations don't apply there any more; empty where they do.
    """

    scope: Scope
    name: str
    gone: str = ""


HERE = Place(SERVER, "This server")


def space_place(space_id: int, name: str, *, archived: bool = False) -> Place:
    return Place(Scope(space_id=space_id), f"Space: {name}", "the space is archived" * archived)


def topic_place(topic: str, *, removed: bool = False) -> Place:
    return Place(
        Scope(topic=topic.casefold()), f"Topic: {topic}", "the topic was removed" * removed
    )


def meant(typed: str, among: Sequence[Place]) -> Place:
    """The place meant by “Topic: Treasury”, or by “treasury” where only one is called so.

    Nothing typed is the server.
    """
    folded = " ".join(typed.casefold().split())
    if folded in ("", "server", HERE.name.casefold()):
        return HERE
    exact = [each for each in among if each.name.casefold() == folded]
    alike = [each for each in among if each.name.casefold().partition(": ")[2] == folded]
    found = exact or alike
    if len(found) != 1:
        raise NotFound(
            f"There is no single space or topic “{typed[:80]}” here (any more). Choose one from "
            "the list while you type."
        )
    return found[0]


_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_MONTHS = re.compile(r"(\d{1,3})\s*(mo|months?|y|years?)", re.ASCII)


def expiry(typed: str, now: datetime) -> datetime | None:
    """When a delegation ends by `30d`, `3 months`, `1 year` or `2027-03-01` (UTC); None for never.

    Refuses what has passed, or is too far ahead.
    """
    text = typed.strip().casefold()
    if text in ("", "never", "none"):
        return None
    try:
        ends = _date(text) or _in_months(text, now) or now + min(duration(text), 2 * LONGEST)
    except (Refusal, ValueError):
        raise Refusal(
            f"“{typed[:40]}” isn't a time at which it could end. Write a length like 30d or "
            "3 months, a date like 2027-03-01, or leave it out."
        ) from None
    if ends <= now:
        raise Refusal(f"“{typed[:40]}” has passed already. Choose a date ahead, or leave it out.")
    if ends > now + LONGEST:
        raise Refusal(f"“{typed[:40]}” is too far ahead: ten years are possible.")
    return ends


def _date(text: str) -> datetime | None:
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    return datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=UTC)


def _in_months(text: str, now: datetime) -> datetime | None:
    """The same day so many months later; the month's last where it is shorter."""
    found = _MONTHS.fullmatch(text)
    if found is None:
        return None
    months = now.month - 1 + int(found[1]) * (12 if found[2][0] == "y" else 1)
    year, month = now.year + months // 12, months % 12 + 1
    return now.replace(year=year, month=month, day=min(now.day, monthrange(year, month)[1]))
