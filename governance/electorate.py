"""Who may do what: members as the rules see them."""

from dataclasses import dataclass
from datetime import datetime

from governance.errors import NotAllowed
from governance.power import UNIT
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


def voting_power(member: Member, proposal: Proposal) -> int:
    """The member's power (units) on this proposal: one member, one vote.

    Raises NotAllowed with the reason and what the member can do.
    """
    rules = proposal.rules
    if member.bot:
        raise NotAllowed("Bots can't vote; decisions here are made by people.")
    if member.joined_at is None:
        raise NotAllowed("Guests can't vote. Join the server to take part in the next vote.")
    if member.joined_at > proposal.vote_start:
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
    return UNIT


def member_power(member: Member, rules: Rules) -> int:
    """The power (units) that a member would have if voting started now; 0 where it may not vote."""
    may = not member.bot and member.joined_at is not None and member.has(rules.voting_role)
    return UNIT if may else 0
