"""Voting power put together from strategies: multiplied, added up, rounded once, capped, curved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from math import floor, isqrt

from governance.options import NO_QUORUM, Quorum
from governance.power import UNIT
from governance.strategies import STRATEGIES
from governance.strategies.strategy import Part, Snapshot, Sources, Voter


class Curve(StrEnum):
    LINEAR = "linear"
    SQRT = "sqrt"


@dataclass(frozen=True, slots=True)
class Term:
    """What one part gives to one voter: its `value` (units) before the multiplier."""

    part: Part
    value: int

    @property
    def power(self) -> Fraction:
        return self.part.multiplier * self.value


@dataclass(frozen=True, slots=True)
class Told:
    """A member's power and how it comes about, for that member and whoever asks.

    `terms` are None where the power (units) was recorded without them, or is unknown; `power` is
    None where it is unknown, which is never zero. `second_terms` and `second` are those of the
    second house. `carried` (units) is what `carries` members bring who delegate to this one.
    `recorded_at` is when the power was fixed; None where it is that of this moment.
    """

    terms: tuple[Term, ...] | None
    power: int | None
    second_terms: tuple[Term, ...] | None = None
    second: int | None = None
    carried: int = 0
    second_carried: int = 0
    carries: int = 0
    recorded_at: datetime | None = None


async def terms(
    voters: Sequence[Voter], parts: Sequence[Part], snapshot: Snapshot, sources: Sources
) -> dict[int, tuple[Term, ...]]:
    """The terms of each voter's power, by id; who is unknown to a strategy is missing.

    Raises Unavailable where a strategy answers for nobody.
    """
    answers = [
        await STRATEGIES[part.strategy].values(voters, part.entries, snapshot, sources)
        for part in parts
    ]
    return {
        voter.id: tuple(
            Term(part, values[voter.id]) for part, values in zip(parts, answers, strict=True)
        )
        for voter in voters
        if all(voter.id in values for values in answers)
    }


def power(found: Sequence[Term], cap: int | None = None, curve: str = Curve.LINEAR) -> int:
    """The power (units): the floor of the sum, at most the cap (units; None for none), then curved.

    The curve `sqrt` is the integer square root of power x 10^18, so that one vote stays one.
    """
    total = floor(sum((term.power for term in found), Fraction()))
    if cap is not None:
        total = min(total, cap)
    return isqrt(total * UNIT) if curve == Curve.SQRT else total


def total_is_known(
    parts: Sequence[Part], role: int | None, cap: Quorum = NO_QUORUM, curve: str = Curve.LINEAR
) -> bool:
    """Whether the power of all members (with `role`) is known where Discord doesn't list them.

    What a cap or a curve takes away is known for each member only.
    """
    if cap or curve != Curve.LINEAR:
        return False
    return all(STRATEGIES[part.strategy].total_is_known(part.entries, role) for part in parts)


async def total(
    parts: Sequence[Part], snapshot: Snapshot, sources: Sources, role: int | None
) -> int | None:
    """The power (units) of all members (with `role`) before cap and curve; None where unknown."""
    if not total_is_known(parts, role):
        return None
    found = [
        part.multiplier
        * await STRATEGIES[part.strategy].total(part.entries, snapshot, sources, role)
        for part in parts
    ]
    return floor(sum(found, Fraction()))
