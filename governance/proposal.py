"""A proposal: what it says, the rules it was made under, and its state."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from governance.errors import NotAllowed, Refusal
from governance.power import UNIT
from governance.voting import SYSTEMS
from governance.voting.system import Outcome, Tally

TITLE_LENGTH = 100
BODY_LENGTH = 4000
LINK_LENGTH = 500
REASON_LENGTH = 500


class ProposalState(StrEnum):
    """OpenZeppelin Governor's names. Pending is the time for discussion, before voting starts."""

    PENDING = "Pending"
    ACTIVE = "Active"
    SUCCEEDED = "Succeeded"
    DEFEATED = "Defeated"
    CANCELED = "Canceled"


@dataclass(frozen=True, slots=True)
class Text:
    """What a proposal says: `body` is Markdown, `link` may be empty."""

    title: str
    body: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """Copied into a proposal when it is made; a later change of settings never touches them.

    `quorum` is in units of voting power, 0 for none; `voting_role` None means everyone.
    """

    system: str
    quorum: int
    voting_delay: timedelta
    voting_period: timedelta
    voting_role: int | None


@dataclass(frozen=True, slots=True)
class Cancellation:
    at: datetime
    by: int
    reason: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """The stored facts. `number` counts within the server; `version` starts at 1.

    `tally` and `voters` are the running count, and from `counted_at` on the final one.
    `channel_id` and `message_id` place the card, `thread_id` the discussion; None while missing.
    """

    id: int
    guild_id: int
    number: int
    author_id: int
    text: Text
    version: int
    rules: Rules
    created_at: datetime
    vote_start: datetime
    vote_end: datetime
    canceled: Cancellation | None
    counted_at: datetime | None
    tally: Tally
    voters: int
    revision: int
    channel_id: int | None
    message_id: int | None
    thread_id: int | None

    @property
    def name(self) -> str:
        """`#12 Fund the grants round`."""
        return f"#{self.number} {self.text.title}"

    @property
    def label(self) -> str:
        """`#12`, for sentences, where a title could disguise a link."""
        return f"#{self.number}"

    @property
    def quorum_reached(self) -> bool:
        system = SYSTEMS[self.rules.system]
        return system.towards_quorum(self.tally) >= self.rules.quorum

    @property
    def outcome(self) -> Outcome:
        """How the vote ends with the tally as it stands."""
        return SYSTEMS[self.rules.system].outcome(self.tally, self.rules.quorum)


def state(proposal: Proposal, now: datetime) -> ProposalState:
    """Pending while now ≤ vote_start, Active while now ≤ vote_end (Governor's boundaries)."""
    if proposal.canceled:
        return ProposalState.CANCELED
    if proposal.counted_at is None:  # once counted it stays so, even if the clock is set back
        if now <= proposal.vote_start:
            return ProposalState.PENDING
        if now <= proposal.vote_end:
            return ProposalState.ACTIVE
    return ProposalState.SUCCEEDED if proposal.outcome.succeeded else ProposalState.DEFEATED


def require_active(proposal: Proposal, now: datetime) -> None:
    """Refuse a ballot outside `vote_start < now <= vote_end`, saying which side it fell on."""
    match state(proposal, now):
        case ProposalState.ACTIVE:
            return
        case ProposalState.PENDING:
            raise Refusal(
                f"Voting on {proposal.label} starts {_moment(proposal.vote_start)}; "
                "until then you can discuss it in its thread."
            )
        case ProposalState.CANCELED:
            raise Refusal(f"{proposal.label} was canceled, so it takes no votes.")
        case _:
            raise Refusal(
                f"Voting on {proposal.label} ended {_moment(proposal.vote_end)}, "
                "so this vote was not counted."
            )


def require_editable(proposal: Proposal, editor: int, now: datetime) -> None:
    """Only the author edits, and only until voting starts."""
    if proposal.author_id != editor:
        raise NotAllowed(f"Only its author can edit {proposal.label}.")
    if state(proposal, now) is not ProposalState.PENDING:
        raise Refusal(
            f"{proposal.label} can't be edited any more: its text is fixed from the moment voting "
            "starts. Propose a new version instead."
        )


def require_cancelable(proposal: Proposal, member: int, moderator: bool, now: datetime) -> None:
    """The author cancels while Pending; a moderator at any time before the proposal is executed."""
    if proposal.canceled:
        raise Refusal(f"{proposal.label} is canceled already.")
    if state(proposal, now) is ProposalState.DEFEATED:
        raise Refusal(f"{proposal.label} was defeated, so there is nothing left to cancel.")
    if moderator:
        return
    if proposal.author_id != member:
        raise NotAllowed(f"Only its author or a moderator can cancel {proposal.label}.")
    if state(proposal, now) is not ProposalState.PENDING:
        raise NotAllowed(
            f"Voting on {proposal.label} has started, so only a moderator can cancel it now. "
            "Ask a member with the permission Manage Server."
        )


def written(title: str, body: str, link: str = "") -> Text:
    """The text as it will be stored, or a Refusal that says what to change."""
    title = " ".join(plain(title).split())
    body = plain(body).strip()
    link = plain(link).strip()
    if not any(map(_visible, title)):
        raise Refusal("The title is empty. Give your proposal a title of up to 100 characters.")
    if len(title) > TITLE_LENGTH:
        raise Refusal(
            f"The title has {len(title)} characters. Shorten it to {TITLE_LENGTH} or fewer."
        )
    if not body:
        raise Refusal("The text is empty. Say what should be decided, and why.")
    if len(body) > BODY_LENGTH:
        raise Refusal(
            f"The text has {len(body):,} characters. Shorten it to {BODY_LENGTH:,} or fewer, "
            "and put the rest behind the link."
        )
    if link:
        _require_web_address(link)
    return Text(title, body, link)


def public_reason(reason: str) -> str:
    """The reason for a cancellation, on the record: one to 500 characters."""
    reason = plain(reason).strip()
    if not reason:
        raise Refusal("The reason is empty. Everyone will read it, so say why in a sentence.")
    if len(reason) > REASON_LENGTH:
        raise Refusal(
            f"The reason has {len(reason)} characters. Shorten it to {REASON_LENGTH} or fewer."
        )
    return reason


def plain(text: str) -> str:
    """Text without characters that hide or reorder others.

    Control, bidirectional-override, zero-width and surrogate characters go; a line break, a tab
    and what joins emoji or letters (ZWJ, ZWNJ) stay.
    """
    kept = "".join(
        c
        for c in text.replace("\r\n", "\n").replace("\r", "\n")
        if c in "\n\t\u200c\u200d" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co")
    )
    more_than_joiners = kept.replace("\u200c", "").replace("\u200d", "").strip()
    return unicodedata.normalize("NFC", kept) if more_than_joiners else ""


def _visible(character: str) -> bool:
    """Whether there is anything to see: a letter, digit or sign, but not one that is blank."""
    blank = "\u115f\u1160\u2800\u3164\uffa0"
    return unicodedata.category(character)[0] in "LNPS" and character not in blank


def quorum_of_voters(voters: int) -> int:
    """A quorum of so many voters, in units of voting power."""
    return voters * UNIT


def _require_web_address(link: str) -> None:
    advice = "Give a complete address such as https://example.org/budget, or leave it empty."
    if len(link) > LINK_LENGTH:
        raise Refusal(f"The link has {len(link)} characters; {LINK_LENGTH} are possible.")
    try:
        parts = urlsplit(link)
        host = parts.hostname
    except ValueError:
        raise Refusal(f"The link isn't a web address. {advice}") from None
    if (
        parts.scheme not in ("http", "https")
        or not host
        or any(c.isspace() or c in "<>\\" for c in link)
    ):
        raise Refusal(f"The link isn't a web address. {advice}")
    if parts.username or parts.password:
        raise Refusal("The link holds a user name before its host, which disguises where it leads.")


def _moment(at: datetime) -> str:
    return f"<t:{int(at.timestamp())}:R>"
