"""Who of a multisig vote's signers still signs: one removed meanwhile doesn't count (as a Safe)."""

from collections.abc import Awaitable, Callable

from governance.proposal import Proposal

Present = Callable[[int, frozenset[int], int | None], Awaitable[frozenset[int]]]
"""Which of these are members of a server (with a role); Unavailable where that isn't known."""


async def removed_signers(present: Present, proposal: Proposal) -> frozenset[int]:
    """The signers who have left the server, or lost the role that votes."""
    signers = frozenset(proposal.rules.signers)
    if not signers:
        return signers
    return signers - await present(proposal.guild_id, signers, proposal.rules.voting_role)
