"""What every power strategy answers: how much power had these members at the snapshot?"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Protocol

Entries = tuple[tuple[int, int], ...]
"""(id of a role or member, weight in units), in the order in which they were named."""


@dataclass(frozen=True, slots=True)
class Part:
    """One term of a voting power: `multiplier` times what a strategy says; see `STRATEGIES`."""

    strategy: str
    multiplier: Fraction = Fraction(1)
    entries: Entries = ()


@dataclass(frozen=True, slots=True)
class Voter:
    """A member with the roles that it had at the snapshot."""

    id: int
    roles: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The server and the moment that power is asked of, and how reputation fades by then."""

    guild_id: int
    at: datetime
    half_life: timedelta = timedelta()


class Sources(Protocol):
    """What strategies ask of the world. All raise Unavailable where it doesn't answer."""

    async def reputation(self, snapshot: Snapshot, members: Collection[int]) -> Mapping[int, int]:
        """The reputation (units) of members; one who isn't there has none."""

    async def all_reputation(self, snapshot: Snapshot) -> int:
        """The reputation (units) of a server's members together."""

    async def members(self, snapshot: Snapshot, role: int | None) -> int:
        """How many members a server has (with a role), approximately."""


class Strategy(Protocol):
    """A module of this folder, listed in STRATEGIES. Its constants are read-only properties here.

    TITLE is for members; SOURCE follows an amount, as in “10 from a list”. NAMES says whose ids its
    entries hold: "roles", "members", or "" for a strategy without entries.
    """

    @property
    def NAME(self) -> str: ...  # noqa: N802 (a module's constant)

    @property
    def TITLE(self) -> str: ...  # noqa: N802

    @property
    def SOURCE(self) -> str: ...  # noqa: N802

    @property
    def NAMES(self) -> str: ...  # noqa: N802

    async def values(
        self, voters: Sequence[Voter], entries: Entries, snapshot: Snapshot, sources: Sources, /
    ) -> Mapping[int, int]:
        """The value (units) of each voter, by id; who is missing is unknown, which is never zero.

        Raises Unavailable where it is unknown for all. May be slow.
        """

    def total_is_known(self, entries: Entries, role: int | None, /) -> bool:
        """Whether `total` can be told where Discord doesn't list the members (with `role`)."""

    async def total(
        self, entries: Entries, snapshot: Snapshot, sources: Sources, role: int | None, /
    ) -> int:
        """The values (units) of all members (with `role`) together, where that is known.

        It may be approximate. Raises Unavailable where it can't be told at the moment.
        """
