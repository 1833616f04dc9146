"""Stakes on the conviction votes of a server: what one vote sees of the others.

A member's stakes on all open votes together never exceed its power. Every change of one changes
the sum that each vote's threshold depends on, from that step of it on; a vote that has passed, or
was canceled, releases its stakes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import cast

from governance.ballot import Ballot
from governance.errors import Refusal
from governance.power import whole
from governance.proposal import FOREVER, STEP, Proposal, Tally
from governance.voting import conviction
from governance.voting.system import Choice, Count, Points

Votes = Mapping[int, Proposal]
"""The conviction votes of a server that are pending or open, by id."""


def held(choice: Choice) -> int:
    """What is staked (units) after these changes."""
    return cast("Points", choice)[-1][1] if choice else 0


def with_stake(
    wanted: Ballot,
    before: Ballot | None,
    proposal: Proposal,
    others: Iterable[tuple[Proposal, int]],
    now: datetime,
) -> Ballot:
    """The ballot of a voter who stakes as much as `wanted` says last; its history goes on.

    `others` are its stakes on the server's other open votes. Refuses more than it has in all.
    """
    history = cast("Points", before.choice) if before else ()
    stake = held(wanted.choice)
    if stake == held(history):
        if not before:
            raise Refusal(
                f"You stake nothing on {proposal.label}, so there is nothing to withdraw."
            )
        return replace(wanted, choice=history)
    elsewhere = [(other, amount) for other, amount in others if amount]
    left = wanted.power - sum(amount for _, amount in elsewhere)
    if stake > max(left, 0):
        named = ", ".join(f"{whole(amount)} on {other.label}" for other, amount in elsewhere)
        raise Refusal(
            f"You have {whole(wanted.power)} to stake, and stake {named} already. Stake at most "
            f"{whole(max(left, 0))} here, or withdraw something there first."
        )
    return replace(wanted, choice=conviction.changed(history, _step(proposal, now), stake))


def with_ballot(tally: Tally, before: Ballot | None, ballot: Ballot) -> Tally:
    """The stakes of all voters after one of them has changed its own."""
    old, new = held(before.choice) if before else 0, held(ballot.choice)
    if old == new:
        return tally
    step = cast("Points", ballot.choice)[-1][0]
    return replace(
        tally,
        stakes=conviction.changed(tally.stakes, step, held(tally.stakes) + new - old),
        supporters=tally.supporters + bool(new) - bool(old),
    )


def settled(votes: Votes, now: datetime) -> tuple[Votes, Votes]:
    """The votes that `now` are not over, and those that have passed meanwhile.

    Each that passed releases its stakes at that moment, which may let another pass.
    """
    living, passed = dict(votes), dict[int, Proposal]()
    while due := [each for each in living.values() if each.vote_end < now]:
        first = min(due, key=lambda each: (each.vote_end, each.id))
        del living[first.id]
        passed[first.id] = replace(first, ended_at=first.vote_end, revision=first.revision + 1)
        living = as_of(living, first.vote_end)
    return living, passed


def as_of(votes: Votes, at: datetime) -> dict[int, Proposal]:
    """Each vote with what is staked on the others from that moment on, and the end it has so."""
    total = sum(held(each.tally.stakes) for each in votes.values())
    return {each.id: _seeing(each, total - held(each.tally.stakes), at) for each in votes.values()}


def standing(proposal: Proposal, at: datetime) -> Count:
    """Conviction and its threshold at a moment, as far as stakes are known."""
    terms = replace(proposal.terms, closing_step=proposal.step(at))
    tally = proposal.tally
    count = conviction.count([(tally.stakes, 0, 1)], terms)
    return replace(count, ballots=tally.ballots, power=tally.power)


def _seeing(proposal: Proposal, others: int, at: datetime) -> Proposal:
    elsewhere = proposal.elsewhere
    if others != held(elsewhere):
        elsewhere = conviction.changed(elsewhere, _step(proposal, at), others)
    seeing = replace(proposal, elsewhere=elsewhere)
    seeing = replace(seeing, vote_end=_end(seeing, at))
    return replace(seeing, revision=seeing.revision + 1) if seeing != proposal else proposal


def _end(proposal: Proposal, at: datetime) -> datetime:
    """When it passes if no stake changes any more; at once where the present step is enough."""
    if proposal.electorate is None:
        return proposal.vote_end
    step = conviction.passing_step([(proposal.tally.stakes, 0, 1)], proposal.terms)
    if step is None:
        return proposal.vote_start + FOREVER
    return max(proposal.vote_start + step * STEP, at)


def _step(proposal: Proposal, at: datetime) -> int:
    """The step of a change; never before one that is known, even if the clock is set back."""
    known: list[Points] = [proposal.tally.stakes[-1:], proposal.elsewhere[-1:]]
    return max(proposal.step(at), *(step for last in known for step, _ in last), 0)
