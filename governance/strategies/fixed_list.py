"""A list of members with the votes of each."""

from collections.abc import Mapping, Sequence

from governance.strategies.strategy import Entries, Snapshot, Sources, Voter

NAME = "list"
TITLE = "Fixed list"
SOURCE = "from a list"
NAMES = "members"


async def values(
    voters: Sequence[Voter], entries: Entries, snapshot: Snapshot, sources: Sources
) -> Mapping[int, int]:
    weights = dict(entries)
    return {voter.id: weights.get(voter.id, 0) for voter in voters}


def total_is_known(entries: Entries, role: int | None) -> bool:
    """Of all members only: nobody counts which of them have a role."""
    return role is None


async def total(entries: Entries, snapshot: Snapshot, sources: Sources, role: int | None) -> int:
    return sum(weight for _, weight in entries)
