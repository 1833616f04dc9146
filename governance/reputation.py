"""Reputation: points granted, taken and earned, each with its reason; they may fade.

Half of what is there is left after each half-life. In between it falls along straight lines that
all points share, so that it is an exact fraction at every moment, and that what was granted and
what was taken fade alike: a balance that a taking left above zero stays there.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from governance.electorate import Member
from governance.errors import NotAllowed, Refusal
from governance.power import UNIT, whole
from governance.texts import plain

MOST_POINTS = 1_000_000
"""Points of one grant."""
REASON_LENGTH = 300
_START = datetime(2000, 1, 1, tzinfo=UTC)
"""Where the first half-life starts, for all."""
_NOTHING_LEFT = 400
"""Half-lives after which nothing is left that a unit could measure."""


@dataclass(frozen=True, slots=True)
class Entry:
    """`points` are negative where they were taken. `given_by` is None where a rule gave them."""

    member_id: int
    points: int
    reason: str
    given_by: int | None
    proposal_id: int | None
    at: datetime


def granted(giver: Member, member: Member, points: int, reason: str, at: datetime) -> Entry:
    """What a moderator grants a member; a Refusal where that can't be."""
    if not giver.moderator:
        raise NotAllowed(
            "Only members with the permission Manage Server can grant or take reputation."
        )
    if member.bot:
        raise Refusal("Bots have no reputation. Choose a member who is a person.")
    if member.id == giver.id:
        raise NotAllowed("Nobody changes their own reputation: another moderator has to do it.")
    if member.joined_at is None:
        raise Refusal(f"<@{member.id}> isn't a member of this server. Choose somebody who is.")
    if not 1 <= points <= MOST_POINTS:
        raise Refusal(f"{points:,} points aren't possible. Choose from 1 to {MOST_POINTS:,}.")
    reason = " ".join(plain(reason).split())
    if not reason:
        raise Refusal("The reason is empty. It is kept with the points, so say why in a sentence.")
    if len(reason) > REASON_LENGTH:
        raise Refusal(
            f"The reason has {len(reason)} characters. Shorten it to {REASON_LENGTH} or fewer."
        )
    return Entry(member.id, points, reason, giver.id, None, at)


def taken(giver: Member, member: Member, points: int, reason: str, at: datetime) -> Entry:
    """What a moderator takes from a member; a Refusal where that can't be."""
    entry = granted(giver, member, points, reason, at)
    return replace(entry, points=-points)


def require_enough(held: int, member_id: int, points: int) -> None:
    """Refuse to take more points than somebody holds (units)."""
    if points * UNIT <= held:
        return
    most = held // UNIT
    way = f"Take {most:,} at most." if most else "There is nothing to take."
    raise Refusal(f"<@{member_id}> has {spoken(held)}, so {points:,} can't be taken. {way}")


def worth(entry: Entry, at: datetime, half_life: timedelta) -> Fraction:
    """What an entry is worth at a moment, in points; `half_life` zero: as much as ever."""
    return entry.points * Fraction(*_left(entry.at, at, half_life))


def balance(changes: Iterable[tuple[datetime, int]], at: datetime, half_life: timedelta) -> int:
    """The reputation (units) at a moment of whoever got these points: (when, points); never < 0.

    At each change it is rounded down to a unit. Where the half-life was made shorter meanwhile,
    somebody may have held less than was taken: that is no debt.
    """
    held, since = 0, at
    for then, points in sorted(changes, key=lambda change: (change[0], -change[1])):
        held = max(0, _faded(held, since, then, half_life) + points * UNIT)
        since = then
    return _faded(held, since, at, half_life)


def spoken(held: int) -> str:
    """`7.5 points`, with two decimals at the most; ≈ says that it is rounded."""
    hundredth = UNIT // 100
    shown = (2 * held + hundredth) // (2 * hundredth) * hundredth
    return f"{'≈' * (shown != held)}{whole(shown)} point{'s' * (shown != UNIT)}"


def _faded(held: int, since: datetime, at: datetime, half_life: timedelta) -> int:
    part, of = _left(since, at, half_life)
    return held * part // of


def _left(since: datetime, at: datetime, half_life: timedelta) -> tuple[int, int]:
    """The share that is left at a moment of what was there: (part, of)."""
    if not half_life or at <= since:
        return 1, 1
    tick = timedelta(microseconds=1)
    half = half_life // tick
    before, passed = divmod((since - _START) // tick, half)
    halves, rest = divmod((at - _START) // tick, half)
    if halves - before > _NOTHING_LEFT:
        return 0, 1
    return 2 * half - rest, (2 * half - passed) << (halves - before)
