"""What every voting system answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

Tally = Mapping[int, int]
"""Power (units) by choice; a choice without votes may be absent."""


class Reason(StrEnum):
    """Why a vote ended as it did."""

    MAJORITY_FOR = "majority for"
    MAJORITY_AGAINST = "majority against"
    TIE = "tie"
    NO_VOTES = "no votes"
    QUORUM = "quorum not reached"


@dataclass(frozen=True, slots=True)
class Outcome:
    succeeded: bool
    reason: Reason


class VotingSystem(Protocol):
    """A module of this folder, listed in SYSTEMS."""

    @property
    def NAME(self) -> str: ...  # noqa: N802 (a module's constant)

    @property
    def CHOICES(self) -> Mapping[int, str]: ...  # noqa: N802 (a module's constant)

    def check(self, choice: object, /) -> int:
        """The valid choice, or a Refusal that says which there are."""

    def count(self, ballots: Iterable[tuple[int, int]], /) -> Tally:
        """Add up ballots of (choice, power in units), exactly."""

    def towards_quorum(self, tally: Tally, /) -> int:
        """The power (units) that counts towards quorum."""

    def outcome(self, tally: Tally, quorum: int, /) -> Outcome:
        """How a vote with this tally ends; `quorum` in units, 0 for none."""
