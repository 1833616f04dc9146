"""A recount in words, round by round, for people who follow it by hand."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from fractions import Fraction

from governance.ballot import RECUSED
from governance.carry import Share, Uncast
from governance.options import Kind, seconds, spoken_value
from governance.power import UNIT, percent, whole
from governance.proposal import Proposal
from governance.result import Pattern
from governance.result_delegations import Carry, Link
from governance.rules import RULES
from governance.voting.shapes import typed
from governance.voting.system import Count, Score

_PATTERNS = 10
"""Patterns of ballots that are listed, the most frequent first."""
_DECIMALS = 10**6
_LOST = {
    Uncast.UNHEARD: "members not heard, as nobody on the way voted",
    Uncast.CIRCLE: "members not heard, in a circle in which nobody voted",
    Uncast.CAP: "members whose delegate carried more than it may",
    Uncast.ABSENT: "delegates who neither voted nor delegated",
}


def recount_in_words(
    proposal: Proposal, ballots: Sequence[Pattern], links: Sequence[Link], carried: Carry
) -> list[str]:
    """Lines about a proposal that was counted, about its ballots, and what they carry."""
    count = proposal.count
    if count is None:
        raise ValueError("only a counted proposal can be told")
    return [
        *_decision(proposal),
        *_rules(proposal),
        *_electorate(proposal, ballots, carried),
        *_choices(proposal),
        *_ballots(proposal, sorted(ballots, key=lambda each: -each[3])),
        *_delegations(proposal, links, carried),
        *_rounds(proposal, count),
        *_pairs(count),
        *_scores(proposal, count),
        *_threshold(count),
        *_second_house(proposal),
        *_outcome(proposal),
    ]


def _decision(proposal: Proposal) -> Iterator[str]:
    yield f"Proposal {proposal.name}"
    if proposal.space_id or proposal.topic:
        space = f"in space {proposal.space_id}" if proposal.space_id else "in the server itself"
        yield f"  {space}{', about ' * bool(proposal.topic)}{proposal.topic}"
    yield f"  by {proposal.author_id} in server {proposal.guild_id}, type {proposal.type}"
    yield f"  version {proposal.version} of its text, written {_moment(proposal.created_at)}"
    yield f"  voting from {_moment(proposal.vote_start)} to {_moment(proposal.vote_end)}"
    if proposal.ended_at:
        yield f"  decided before its end, {_moment(proposal.ended_at)}"
    yield f"  counted {_moment(proposal.counted_at)}"


def _rules(proposal: Proposal) -> Iterator[str]:
    yield from ("", f"Rules: {proposal.system.TITLE}", f"  {proposal.system.EXPLANATION}")
    for name, about in RULES.items():
        value = getattr(proposal.rules, name)
        if name == "system" or not (value or about.kind is Kind.FLAG):
            continue
        if about.kind is Kind.DURATION and seconds(value) % 60:
            words = f"{seconds(value)} seconds"
        elif about.kind in (Kind.ROLE, Kind.MEMBERS):
            words = ", ".join(map(str, value)) if about.kind is Kind.MEMBERS else str(value)
        else:
            words = spoken_value(value, about)
        yield f"  {name}: {words}"
    if proposal.removed:
        yield f"  signers who aren't any more: {len(proposal.removed)}"
    if proposal.terms.conviction:
        yield f"  it asks for {proposal.text.amount:,} of {proposal.rules.funds:,}"
        for step, stake in proposal.elsewhere:
            yield f"  staked on other votes from step {step:,} on: {whole(stake)}"
    if proposal.terms.lot:
        yield f"  lot, the first losing: {', '.join(map(str, proposal.terms.lot))}"


def _electorate(proposal: Proposal, ballots: Sequence[Pattern], carried: Carry) -> Iterator[str]:
    total, second = proposal.electorate, proposal.second_house
    if total is None and proposal.snapshot_at is None:
        return
    fixed = f", fixed {_moment(proposal.snapshot_at)}" if proposal.snapshot_at else ""
    yield from ("", f"Electorate{fixed}")
    if proposal.recorded:
        yield f"  members: {proposal.electors:,}"
    if total is not None:
        yield f"  power: {whole(total)}"
    if second and second.electorate is not None:
        yield f"  power in the second house: {whole(second.electorate)}"
    if proposal.recorded and total is not None:
        cast, lost = sum(each[1] * each[3] for each in ballots), carried.lost.power
        yield (
            f"  {whole(cast)} of it cast, {whole(lost)} delegated and not counted, "
            f"{whole(total - cast - lost)} neither"
        )


def _choices(proposal: Proposal) -> Iterator[str]:
    yield from ("", "Choices")
    for number, name in enumerate(proposal.choices, 1):
        yield f"  {number} {name}"


def _ballots(proposal: Proposal, ballots: Sequence[Pattern]) -> Iterator[str]:
    voters = sum(each[3] for each in ballots)
    recused = sum(each[3] for each in ballots if each[0] == RECUSED)
    yield from (
        "",
        f"Ballots: {voters:,} in {len(ballots):,} patterns, {recused:,} of them recused",
    )
    for choice, power, second, times in ballots[:_PATTERNS]:
        says = "recused" if choice == RECUSED else typed(proposal.system.SHAPE, choice)
        yield f"  {times:,} × {says} ({_powers(proposal, power, second)})"
    if len(ballots) > _PATTERNS:
        yield f"  and {len(ballots) - _PATTERNS:,} patterns more"


def _delegations(proposal: Proposal, links: Sequence[Link], carried: Carry) -> Iterator[str]:
    if not links:
        return
    delegators = [link for link in links if link.delegate is not None]
    themselves = sum(link.choice is not None for link in delegators)

    def told(share: Share) -> str:
        return _powers(proposal, share.power, share.second)

    yield from ("", f"Delegations: {len(delegators):,}")
    yield f"  members who voted themselves: {themselves:,}"
    yield f"  members for whom another voted: {carried.carried.members:,} ({told(carried.carried)})"
    for reason, words in _LOST.items():
        share = carried.uncast[reason]
        if share.members:
            yield f"  {words}: {share.members:,} ({told(share)}, not counted)"


def _powers(proposal: Proposal, power: int, second: int) -> str:
    words = f"power {whole(power)}"
    return f"{words}, second house {whole(second)}" if proposal.rules.second_power else words


def _rounds(proposal: Proposal, count: Count) -> Iterator[str]:
    for number, each in enumerate(count.rounds, 1):
        yield from ("", f"Round {number}")
        for choice, power in sorted(each.scores.items(), key=lambda item: (-item[1], item[0])):
            yield f"  {_named(proposal, choice)}: {whole(power)}"
        yield f"  exhausted: {whole(each.exhausted)}"
        if each.dropped is not None:
            yield f"  {_named(proposal, each.dropped)} drops out{' by lot' if each.by_lot else ''}"


def _pairs(count: Count) -> Iterator[str]:
    if not count.pairs:
        return
    yield from ("", "Pairs: the power that prefers the choice of the line to that of the column")
    every = sorted(count.scores)
    table = [
        ["", *map(str, every)],
        *(
            [str(row), *(whole(count.pairs[row, each]) if row != each else "-" for each in every)]
            for row in every
        ),
    ]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for line in table:
        cells = (f"{cell:>{width}}" for cell, width in zip(line, widths, strict=True))
        yield "  " + "  ".join(cells)


def _scores(proposal: Proposal, count: Count) -> Iterator[str]:
    yield from ("", "Scores, best first")
    for place, group in enumerate(count.ranking, 1):
        for choice in group:
            score = count.scores[choice]
            tied = " (tied)" if len(group) > 1 else ""
            words = _amount(score, proposal.system.WHOLE)
            yield f"  {place}. {_named(proposal, choice)}: {words}{tied}"


def _threshold(count: Count) -> Iterator[str]:
    if count.threshold is not None:
        yield f"Threshold, which it had to exceed: {_amount(count.threshold, UNIT)}"


def _second_house(proposal: Proposal) -> Iterator[str]:
    second = proposal.second_house
    if second is None or second.count is None:
        return
    yield from ("", "The second house, which has to agree")
    yield from list(_scores(second, second.count))[2:]
    yield from _quorum(second, " of the second house")


def _quorum(proposal: Proposal, which: str = "") -> Iterator[str]:
    quorum, counted = proposal.quorum, proposal.towards_quorum
    if quorum:
        yield f"Quorum{which}: {whole(counted)} of {whole(quorum)} ({percent(counted, quorum)})"


def _outcome(proposal: Proposal) -> Iterator[str]:
    outcome = proposal.outcome
    if outcome is None:
        raise ValueError("only a counted proposal can be told")
    yield ""
    yield from _quorum(proposal)
    verb = "succeeded" if outcome.succeeded else "was defeated"
    house = " in the second house" if outcome.house == 2 else ""
    yield f"Outcome: the proposal {verb}, {outcome.reason.value}{house}"
    for each in outcome.winners:
        yield f"  elected: {_named(proposal, each)}"


def _named(proposal: Proposal, choice: int) -> str:
    return f"{choice} {proposal.choices[choice - 1]}"


def _amount(score: Score, one: int) -> str:
    """A score as people read it; rounded down where its decimals don't end."""
    units, rest = divmod(Fraction(score * UNIT, one), 1)
    if not rest:
        return whole(units)
    return f"about {whole(units * _DECIMALS // UNIT * (UNIT // _DECIMALS))}"


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if at else "never"
