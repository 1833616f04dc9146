"""Who may propose, and what it takes until the discussion of a proposal starts."""

from dataclasses import dataclass, replace
from datetime import datetime

from governance.electorate import Member
from governance.errors import NotAllowed, Refusal
from governance.options import spoken, spoken_share
from governance.power import UNIT, whole
from governance.proposal import Proposal, ProposalState, state
from governance.rules import Rules
from governance.texts import Text
from governance.voting import SYSTEMS, conviction
from governance.voting.system import Shape

MOST_DRAFTS = 25
"""Drafts of one author in a server."""


@dataclass(frozen=True, slots=True)
class Record:
    """What an author has under way in a server; shared drafts are under way as proposals are.

    `open` proposals and shared drafts, when the `last` was put before the others, and all `drafts`.
    """

    open: int
    last: datetime | None
    drafts: int = 0


def require_may_propose(
    rules: Rules, member: Member, power: int, record: Record, now: datetime
) -> None:
    """Refuse a proposal of a member with `power` (units), saying what would allow it."""
    if member.bot:
        raise NotAllowed("Bots can't propose; decisions here are made by people.")
    if not member.has(rules.proposing_role):
        raise NotAllowed(
            f"Only members with the role <@&{rules.proposing_role}> can propose this. "
            "Ask a moderator for the role."
        )
    needed = rules.proposal_threshold * UNIT
    if power < needed:
        raise NotAllowed(
            f"Proposing this takes {whole(needed)} vote{'s' * (needed > UNIT)}, and you have "
            f"{whole(power)}. Ask somebody with more voting power to propose it."
        )
    if rules.max_open and record.open >= rules.max_open:
        raise Refusal(
            f"You have {record.open} open proposal{'s' * (record.open > 1)}, counting shared "
            "drafts, which is as many as one author may have. Wait until one is decided, or "
            "cancel one."
        )
    if rules.cooldown and record.last and now < record.last + rules.cooldown:
        again = int((record.last + rules.cooldown).timestamp())
        raise Refusal(
            f"Between two proposals of one author {spoken(rules.cooldown)} must pass. "
            f"You can propose again <t:{again}:R>."
        )
    if record.drafts >= MOST_DRAFTS:
        raise Refusal(
            f"You have {record.drafts} drafts, and one author may keep {MOST_DRAFTS}. Submit or "
            "discard one first; /proposal drafts finds them."
        )


def fitting(rules: Rules, text: Text) -> Text:
    """The text without what its voting system doesn't ask for."""
    system = SYSTEMS[rules.system]
    return replace(
        text,
        choices=() if system.CHOICES else text.choices,
        amount=text.amount if system.SHAPE is Shape.STAKES else 0,
    )


def require_complete(rules: Rules, text: Text) -> None:
    """Refuse a text without what its voting system leaves to it, or that can never pass."""
    system = SYSTEMS[rules.system]
    if rules.system == conviction.NAME and text.amount >= rules.beta * rules.funds:
        raise Refusal(
            f"This can never pass: you ask for {text.amount:,}, and of funds of {rules.funds:,} "
            f"a proposal must ask for less than {spoken_share(rules.beta)}. Ask for less."
        )
    if system.CHOICES:
        return
    if len(text.choices) < 2:
        raise Refusal(f"{system.TITLE} needs choices. Give at least two, one a line.")
    if rules.winners >= len(text.choices):
        raise Refusal(
            f"{rules.winners} choices win here, so there must be more than {rules.winners} to "
            "choose from."
        )


def require_may_sponsor(
    proposal: Proposal, member: Member, seen_version: int, now: datetime
) -> None:
    """Refuse a sponsor of a draft, who read `seen_version` of it, saying why."""
    if state(proposal, now) is not ProposalState.DRAFT or not proposal.missing_sponsors:
        raise Refusal(f"{proposal.label} needs no sponsors (any more).")
    if member.id == proposal.author_id:
        raise Refusal("This is your own proposal; its sponsors are other members.")
    if member.bot:
        raise NotAllowed("Bots can't sponsor; decisions here are made by people.")
    if member.joined_at is None:
        raise NotAllowed("Guests can't sponsor. Join the server to take part in its decisions.")
    if not member.has(proposal.rules.voting_role):
        raise NotAllowed(
            f"Only members with the role <@&{proposal.rules.voting_role}> can sponsor this."
        )
    if member.id in proposal.sponsors:
        raise Refusal(f"You sponsor {proposal.label} already.")
    if proposal.version != seen_version:
        raise Refusal(
            f"{proposal.label} was edited meanwhile (version {proposal.version}), so you don't "
            "sponsor it yet. Read it again, then press Sponsor."
        )
