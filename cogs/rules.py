"""The rules of a vote in words, for its card."""

from collections.abc import Iterable

from governance.options import spoken, spoken_share
from governance.power import UNIT, whole
from governance.proposal import Proposal
from governance.rules import Reasons, Secrecy
from governance.voting import basic, conviction, multisig, quadratic

_SIGNERS = 20  # by name
_AGAINST = {basic.NAME: "A vote Against", multisig.NAME: "A rejection"}


def explained(proposal: Proposal) -> str:
    """Every rule that decides, in a few sentences."""
    return " ".join(_rules(proposal))


def _rules(proposal: Proposal) -> Iterable[str]:
    rules, system = proposal.rules, proposal.system
    if rules.optimistic:
        yield "Vote For, Against or Abstain. It passes unless the votes Against reach the quorum."
    else:
        yield system.EXPLANATION
    if rules.system == conviction.NAME:
        yield f"It asks for {proposal.text.amount:,} of {rules.funds:,}."
        yield (
            f"{spoken_share(rules.decay)} of conviction outlasts each hour. Your stakes on all "
            "proposals together are at most your voting power; 0 withdraws one."
        )
    if rules.winners > 1:
        yield f"{rules.winners} choices win."
    if rules.threshold:
        yield f"It takes {spoken_share(rules.threshold)} For of all For and Against."
    if rules.system == quadratic.NAME:
        yield (
            f"Each voter has {rules.credits:,} credit{'s' * (rules.credits != 1)}."
            if rules.credits
            else "Each voter has as many credits as votes."
        )
        if rules.negative:
            yield "Votes against a choice can be bought too."
    if rules.tie_by_lot:
        yield "A tie for first is decided by lot."
    if rules.signers:
        names = [f"<@{each}>" for each in rules.signers[:_SIGNERS]]
        if len(rules.signers) > _SIGNERS:
            names.append(f"and {len(rules.signers) - _SIGNERS} more")
        yield f"{rules.signatures} of these must approve: {', '.join(names)}."
    if rules.super_quorum:
        at = rules.super_quorum
        votes = "1 vote is" if at.power == UNIT else f"{whole(at.power)} votes are"
        if at.share:
            votes = f"{spoken_share(at.share)} of the members are"
        yield f"It passes at once when {votes} For and it has all else that it takes."
    if rules.late_quorum_extension:
        yield f"At least {spoken(rules.late_quorum_extension)} remain once quorum is reached."
    if rules.quiet_ending:
        length = spoken(rules.quiet_ending)
        yield f"A new leader in the last {length} moves the end by {length}."
    if rules.late_quorum_extension or rules.quiet_ending:
        yield f"All that moves the end by {spoken(rules.max_extension)} at most."
    if rules.voting_role:
        yield f"Members with <@&{rules.voting_role}> vote."
    if rules.reasons == Reasons.REQUIRED:
        yield "Every vote needs a reason."
    elif rules.reasons == Reasons.AGAINST and rules.system in _AGAINST:
        yield f"{_AGAINST[rules.system]} needs a reason."
    if rules.recusal:
        yield "Who recuses counts for turnout only."
    if rules.secrecy == Secrecy.TALLY:
        yield "The tally is secret until the close, for everyone."
    elif rules.secrecy == Secrecy.VOTERS:
        yield "The tally and the turnout are secret until the close, for everyone."
