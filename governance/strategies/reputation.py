"""Reputation: a point is a vote."""

from collections.abc import Mapping, Sequence

from governance.strategies.strategy import Entries, Snapshot, Sources, Voter

NAME = "reputation"
TITLE = "Reputation"
SOURCE = "reputation"
NAMES = ""


async def values(
    voters: Sequence[Voter], entries: Entries, snapshot: Snapshot, sources: Sources
) -> Mapping[int, int]:
    ids = [voter.id for voter in voters]
    return {**dict.fromkeys(ids, 0), **await sources.reputation(snapshot, ids)}


def total_is_known(entries: Entries, role: int | None) -> bool:
    """Of all members only: nobody counts which of them have a role."""
    return role is None


async def total(entries: Entries, snapshot: Snapshot, sources: Sources, role: int | None) -> int:
    return await sources.all_reputation(snapshot)
