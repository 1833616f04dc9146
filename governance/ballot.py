"""A ballot: one member's vote on one proposal."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Ballot:
    """`power` in units of 10^-18 of a whole vote; `reason` may be empty."""

    proposal_id: int
    voter_id: int
    choice: int
    power: int
    reason: str
    cast_at: datetime
