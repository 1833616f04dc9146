"""One member, one vote."""

from collections.abc import Mapping, Sequence

from governance.power import UNIT
from governance.strategies.strategy import Entries, Snapshot, Sources, Voter

NAME = "member"
TITLE = "One member, one vote"
SOURCE = "as a member"
NAMES = ""


async def values(
    voters: Sequence[Voter], entries: Entries, snapshot: Snapshot, sources: Sources
) -> Mapping[int, int]:
    return dict.fromkeys((voter.id for voter in voters), UNIT)


def total_is_known(entries: Entries, role: int | None) -> bool:
    return True


async def total(entries: Entries, snapshot: Snapshot, sources: Sources, role: int | None) -> int:
    return await sources.members(snapshot, role) * UNIT
