"""What a ballot does to the end of its vote: later, where it came late; now, where it decides."""

from dataclasses import replace
from datetime import datetime

from governance.proposal import Proposal
from governance.voting import basic, multisig
from governance.voting.system import Reason


def after_ballot(before: Proposal, after: Proposal, now: datetime) -> Proposal:
    """The proposal with the end that its vote has after a ballot was added at `now`.

    Once quorum is first reached, the late quorum extension remains at least
    (OpenZeppelin, GovernorPreventLateQuorum); a new leader within the quiet ending moves the end
    to a quiet ending from now. All extensions together never exceed `max_extension`.
    """
    rules = after.rules
    if decided(after):
        return replace(after, ended_at=now, quorum_reached_at=after.quorum_reached_at or now)
    ends = after.vote_end
    wanted = rules.quorum or rules.second_quorum
    if after.quorum_reached_at is None and wanted and after.quorum_reached:
        after = replace(after, quorum_reached_at=now)
        ends = max(ends, now + rules.late_quorum_extension)
    quiet = rules.quiet_ending and now > after.vote_end - rules.quiet_ending
    if quiet and _leads(before) != _leads(after):
        ends = max(ends, now + rules.quiet_ending)
    latest = after.vote_start + rules.voting_period + rules.max_extension
    return replace(after, vote_end=max(after.vote_end, min(ends, latest)))


def decided(proposal: Proposal) -> bool:
    """Whether no further ballot could matter: super quorum, or a multisig's signatures."""
    if proposal.rules.system == multisig.NAME:
        outcome = proposal.outcome
        return outcome is not None and outcome.reason in (Reason.SIGNED, Reason.REJECTED)
    super_quorum = proposal.rules.super_quorum.of(proposal.electorate)
    if not super_quorum or proposal.tally.scores.get(basic.FOR, 0) < super_quorum:
        return False
    outcome = proposal.outcome
    return outcome is not None and outcome.succeeded


def _leads(proposal: Proposal) -> tuple[frozenset[int] | None, ...]:
    """The choices that would win, in each house."""
    second = proposal.second_house
    return (_leaders(proposal), _leaders(second)) if second else (_leaders(proposal),)


def _leaders(proposal: Proposal) -> frozenset[int] | None:
    """The choices that would win; None where the last of them is tied."""
    count, wanted = proposal.running, proposal.rules.winners
    if count is None or not count.ballots:
        return None
    leaders: frozenset[int] = frozenset()
    abstained = {basic.ABSTAIN} if proposal.rules.system == basic.NAME else set()
    for group in count.ranking:
        leaders |= set(group) - abstained
        if len(leaders) >= wanted:
            break
    return leaders if len(leaders) == wanted else None
