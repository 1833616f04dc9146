"""A recount in words, round by round, for people who follow it by hand."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from fractions import Fraction

from governance.ballot import RECUSED
from governance.options import Kind, seconds, spoken_value
from governance.power import UNIT, percent, whole
from governance.proposal import Proposal
from governance.rules import RULES
from governance.voting.shapes import typed
from governance.voting.system import Ballots, Choice, Count, Score

_PATTERNS = 10
"""Patterns of ballots that are listed, the most frequent first."""
_DECIMALS = 10**6


def recount_in_words(proposal: Proposal, ballots: Ballots) -> list[str]:
    """Lines about a proposal that was counted, and about its ballots."""
    count = proposal.count
    if count is None:
        raise ValueError("only a counted proposal can be told")
    return [
        *_decision(proposal),
        *_rules(proposal),
        *_choices(proposal),
        *_ballots(proposal, sorted(ballots, key=lambda each: -each[2])),
        *_rounds(proposal, count),
        *_pairs(count),
        *_scores(proposal, count),
        *_threshold(count),
        *_outcome(proposal),
    ]


def _decision(proposal: Proposal) -> Iterator[str]:
    yield f"Proposal {proposal.name}"
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
    if proposal.electorate is not None:
        yield f"  electorate: {whole(proposal.electorate)}"
    if proposal.removed:
        yield f"  signers who aren't any more: {len(proposal.removed)}"
    if proposal.terms.conviction:
        yield f"  it asks for {proposal.text.amount:,} of {proposal.rules.funds:,}"
        for step, stake in proposal.elsewhere:
            yield f"  staked on other votes from step {step:,} on: {whole(stake)}"
    if proposal.terms.lot:
        yield f"  lot, the first losing: {', '.join(map(str, proposal.terms.lot))}"


def _choices(proposal: Proposal) -> Iterator[str]:
    yield from ("", "Choices")
    for number, name in enumerate(proposal.choices, 1):
        yield f"  {number} {name}"


def _ballots(proposal: Proposal, ballots: Sequence[tuple[Choice, int, int]]) -> Iterator[str]:
    voters = sum(times for _, _, times in ballots)
    recused = sum(times for choice, _, times in ballots if choice == RECUSED)
    yield from (
        "",
        f"Ballots: {voters:,} in {len(ballots):,} patterns, {recused:,} of them recused",
    )
    for choice, power, times in ballots[:_PATTERNS]:
        says = "recused" if choice == RECUSED else typed(proposal.system.SHAPE, choice)
        yield f"  {times:,} × {says} (power {whole(power)})"
    if len(ballots) > _PATTERNS:
        yield f"  and {len(ballots) - _PATTERNS:,} patterns more"


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


def _outcome(proposal: Proposal) -> Iterator[str]:
    outcome, quorum, counted = proposal.outcome, proposal.quorum, proposal.towards_quorum
    if outcome is None or quorum is None:
        raise ValueError("only a counted proposal can be told")
    yield ""
    if quorum:
        share = percent(counted, quorum)
        yield f"Quorum: {whole(counted)} of {whole(quorum)} ({share})"
    verb = "succeeded" if outcome.succeeded else "was defeated"
    yield f"Outcome: the proposal {verb}, {outcome.reason.value}"
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
