"""The weights of all of a member's roles together."""

from collections.abc import Mapping, Sequence

from governance.strategies.strategy import Entries, Snapshot, Sources, Voter

NAME = "roles"
TITLE = "Sum of roles"
SOURCE = "from roles"
NAMES = "roles"


async def values(
    voters: Sequence[Voter], entries: Entries, snapshot: Snapshot, sources: Sources
) -> Mapping[int, int]:
    return {
        voter.id: sum(weight for role, weight in entries if role in voter.roles) for voter in voters
    }


def total_is_known(entries: Entries, role: int | None) -> bool:
    """Of all members only: nobody counts who has a second role."""
    return role is None


async def total(entries: Entries, snapshot: Snapshot, sources: Sources, role: int | None) -> int:
    return sum([await sources.members(snapshot, each) * weight for each, weight in entries])
