"""Who of a multisig vote's signers still signs: one removed meanwhile doesn't count (as a Safe)."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from governance.ballot import Ballot
from governance.proposal import Proposal, Tally
from services.members import Members
from services.tallying import tallied
from storage import ballots


async def removed_signers(members: Members, proposal: Proposal) -> frozenset[int]:
    """The signers who have left the server, or lost the role that votes."""
    signers = frozenset(proposal.rules.signers)
    if not signers:
        return signers
    return signers - await members.present(proposal.guild_id, signers, proposal.rules.voting_role)


async def without(
    connection: AsyncConnection,
    proposal: Proposal,
    removed: frozenset[int],
    cast_now: Iterable[Ballot] = (),
) -> Proposal:
    """The proposal counted without those signers, with ballots that aren't stored yet."""
    if removed == frozenset(proposal.removed):
        return proposal
    found = await ballots.of_voters(connection, [proposal.id], proposal.rules.signers)
    found |= {(each.proposal_id, each.voter_id): each for each in cast_now}
    proposal = replace(proposal, removed=tuple(sorted(removed)), tally=Tally())
    for each in found.values():
        if each.proposal_id == proposal.id and each.voter_id not in removed:
            proposal = replace(proposal, tally=tallied(proposal, each, None))
    return proposal
