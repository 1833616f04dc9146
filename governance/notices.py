"""What a member is told in private. Rendered only when it is sent."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class NoticeEvent(StrEnum):
    """TRUSTED and WITHDRAWN are for a delegate, REMINDER too; VOTED is for a delegator."""

    TRUSTED = "trusted"
    WITHDRAWN = "withdrawn"
    REMINDER = "reminder"
    VOTED = "voted"


@dataclass(frozen=True, slots=True)
class Notice:
    """A private message to a member, unique per (event, proposal, other, version).

    Of TRUSTED and WITHDRAWN `other_id` is the delegator and `version` the delegation; of VOTED
    `other_id` is the delegate. What doesn't apply is 0. `tried_at` (wall time) is set while the
    outcome of a request may be unknown.
    """

    id: int
    guild_id: int
    member_id: int
    event: NoticeEvent
    proposal_id: int
    other_id: int
    version: int
    nonce: str
    tried_at: datetime | None
