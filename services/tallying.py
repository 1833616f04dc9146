"""What a ballot changes in its proposal: the running tally, and with it the end of the vote."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from governance import extensions, staking
from governance.ballot import Ballot
from governance.proposal import Proposal, Tally
from governance.voting import conviction
from governance.voting.system import Score, Terms


def with_ballot(
    proposal: Proposal,
    terms: Terms | None,
    ballot: Ballot,
    replaced: Ballot | None,
    now: datetime,
    moved: Iterable[tuple[Ballot, Ballot]] = (),
) -> Proposal:
    """The proposal with its running tally, and its end, after this ballot.

    `moved` are others' ballots, before and after it took some of what they carried.
    """
    # Of a secret vote the card tells no more than how many voted, not even that a vote changed.
    shown = not proposal.hides_tally or (replaced is None and not proposal.hides_voters)
    tally = tallied(proposal, ballot, replaced, terms)
    after = replace(proposal, tally=tally, revision=proposal.revision + shown)
    for more, less in moved:
        after = replace(after, tally=tallied(after, less, more, terms))
    return extensions.after_ballot(proposal, after, now)


def tallied(
    proposal: Proposal, ballot: Ballot, replaced: Ballot | None, terms: Terms | None = None
) -> Tally:
    """The running tally after this ballot; `terms` are the proposal's, where they are known."""
    if proposal.system.ADDITIVE and terms is None:
        terms = proposal.terms
    scores = dict(proposal.tally.scores)
    power, counted = proposal.tally.power, proposal.tally.ballots
    carried, second_power = proposal.tally.carried, proposal.tally.second_power
    second = dict(proposal.tally.second)
    for each, sign in ((replaced, -1), (ballot, 1)):
        if each is None or each.recused:
            continue
        power, counted = power + sign * each.power, counted + sign
        carried, second_power = carried + sign * each.carried, second_power + sign * each.second
        if proposal.system.ADDITIVE and terms:
            _add(scores, sign, proposal.system.score(each.choice, each.power, terms))
            if proposal.rules.second_power:
                _add(second, sign, proposal.system.score(each.choice, each.second, terms))
    voters = proposal.tally.voters + (replaced is None)
    tally = replace(
        proposal.tally,
        scores=scores,
        power=power,
        ballots=counted,
        voters=voters,
        carried=carried,
        second=second,
        second_power=second_power,
    )
    if proposal.rules.system == conviction.NAME:
        return staking.with_ballot(tally, replaced, ballot)
    return tally


def _add(scores: dict[int, Score], sign: int, given: Mapping[int, Score]) -> None:
    for choice, score in given.items():
        before = scores.get(choice, 0)
        scores[choice] = before + score if sign > 0 else before - score
