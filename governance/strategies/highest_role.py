"""The weight of a member's highest role."""

from collections.abc import Mapping, Sequence

from governance.strategies.strategy import Entries, Snapshot, Sources, Voter

NAME = "highest"
TITLE = "Highest role"
SOURCE = "from the highest role"
NAMES = "roles"


async def values(
    voters: Sequence[Voter], entries: Entries, snapshot: Snapshot, sources: Sources
) -> Mapping[int, int]:
    return {
        voter.id: max((weight for role, weight in entries if role in voter.roles), default=0)
        for voter in voters
    }


def total_is_known(entries: Entries, role: int | None) -> bool:
    """Of one role only: nobody counts who has several."""
    return role is None and len(entries) == 1


async def total(entries: Entries, snapshot: Snapshot, sources: Sources, role: int | None) -> int:
    ((only, weight),) = entries
    return await sources.members(snapshot, only) * weight
