"""What must be announced, and where. Rendered only when it is sent."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Event(StrEnum):
    PROPOSED = "proposed"
    REPOSTED = "reposted"
    EDITED = "edited"
    SUBMITTED = "submitted"
    OPENED = "opened"
    EXTENDED = "extended"
    CLOSED = "closed"
    CANCELED = "canceled"
    MISMATCHED = "mismatched"


class Target(StrEnum):
    """CARD is the message in the proposals channel, RESULTS the webhook of the results channel.

    THREAD is the discussion, MODERATORS the channel where moderators are told what needs them.
    """

    CARD = "card"
    THREAD = "thread"
    RESULTS = "results"
    MODERATORS = "moderators"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One announcement in the outbox, unique per (event, proposal, version, target).

    `version` is that of the text for PROPOSED and EDITED, the lost card's id for REPOSTED, the
    new end (Unix time) for EXTENDED.

    `sent` messages of it are confirmed, `message_id` is the last of them. `tried_at` (wall time)
    is set while the outcome of a request may be unknown.
    """

    id: int
    guild_id: int
    space_id: int
    event: Event
    proposal_id: int
    version: int
    target: Target
    nonce: str
    sent: int
    message_id: int | None
    tried_at: datetime | None
    problem: str | None
