"""Who may do what: members as the rules see them."""

from dataclasses import dataclass
from datetime import datetime

from governance.carry import Elector
from governance.errors import NotAllowed
from governance.proposal import Proposal
from governance.rules import Rules


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a server at the moment of a command or press, as Discord vouches for it.

    `joined_at` is None for guests whom Discord doesn't count as members.
    A moderator is a member with the permission Manage Server.
    """

    id: int
    roles: frozenset[int]
    joined_at: datetime | None
    bot: bool = False
    moderator: bool = False

    def has(self, role: int | None) -> bool:
        """Whether the member holds `role`; everyone holds None."""
        return role is None or role in self.roles


def require_person(member: Member) -> None:
    """Refuse bots and guests."""
    if member.bot:
        raise NotAllowed("Bots can't vote; decisions here are made by people.")
    if member.joined_at is None:
        raise NotAllowed("Guests can't vote. Join the server to take part in the next vote.")


def require_may_vote(member: Member, proposal: Proposal) -> None:
    """Refuse who isn't in the electorate, as far as the member itself tells, saying why."""
    require_person(member)
    rules = proposal.rules
    if member.joined_at and member.joined_at > proposal.vote_start:
        raise NotAllowed(
            "You joined after voting on this proposal started, and its electorate was fixed then. "
            "You can discuss it in its thread, and vote on proposals that open from now on."
        )
    if not member.has(rules.voting_role):
        raise NotAllowed(
            f"Only members with the role <@&{rules.voting_role}> can vote on this "
            "proposal. Ask a moderator for the role; voting works as soon as you have it."
        )
    if rules.signers and member.id not in rules.signers:
        raise NotAllowed(
            "Only its signers can sign this proposal. You can discuss it in its thread."
        )


def require_recorded(elector: Elector | None, proposal: Proposal) -> None:
    """Refuse who isn't in an electorate that is recorded whole."""
    if proposal.recorded and (elector is None or elector.power is None):
        raise NotAllowed(
            f"You aren't in the electorate of {proposal.label}, which was recorded when voting "
            "started: you weren't a member then, hadn't the role that votes, or had no voting "
            "power. You can discuss it in its thread, and vote on proposals that open from now on."
        )


def may_vote(member: Member, proposal: Proposal) -> bool:
    """Whether the member is in the electorate, as far as it tells itself."""
    try:
        require_may_vote(member, proposal)
    except NotAllowed:
        return False
    return True


def may_vote_now(member: Member, rules: Rules) -> bool:
    """Whether the member would be in the electorate if voting started now."""
    return not member.bot and member.joined_at is not None and member.has(rules.voting_role)
