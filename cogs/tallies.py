"""How a vote stands or stood, in words and text bars: choices, rounds, pairs, turnout, quorum."""

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction

from cogs.markdown import bar, escaped
from cogs.rules import power_named
from cogs.states import MOST_NAMED, choice_name
from governance.options import spoken_share
from governance.power import UNIT, whole
from governance.proposal import Proposal
from governance.rules import is_one_each
from governance.staking import held, standing
from governance.voting import basic, condorcet, conviction, multisig, quadratic
from governance.voting.system import Count, Counting, Round, Score

_TOWARDS_QUORUM = {
    Counting.FOR_AND_ABSTAIN: "For and Abstain count",
    Counting.FOR: "only For counts",
    Counting.ALL: "all votes count",
}
_BARS = 10  # choices; of more, only the figures are shown
_ROOM = 1000  # of a field of an embed
_LEAST_ROOM = 200


def amount(score: Score, one: int) -> str:
    """A score with two decimals at the most, `one` read as 1; ≈ says that it is rounded."""
    hundredths = Fraction(score) * 100 / one
    rounded = round(hundredths)
    votes, rest = divmod(abs(rounded), 100)
    sign = ("≈" if rounded != hundredths else "") + "-" * (rounded < 0)
    return f"{sign}{votes:,}" + (f".{rest:02d}".rstrip("0") if rest else "")


def choices(proposal: Proposal, room: int = _ROOM) -> str:
    """The choices with their numbers, one a line."""
    return _fitting(
        proposal, [f"**{n}** {escaped(name)}" for n, name in enumerate(proposal.choices, 1)], room
    )


def tally(proposal: Proposal, room: int = _ROOM, now: datetime | None = None) -> str:
    """How the vote stands or stood, in at most `room` characters; nothing that is secret.

    Conviction grows by itself, so as long as it does, it takes the moment.
    """
    count = proposal.running
    if proposal.rules.system == conviction.NAME:
        at = proposal.canceled.at if proposal.canceled else now or proposal.vote_start
        return _conviction(proposal, count or standing(proposal, at))
    if proposal.hides_tally:
        hidden = "🔒 The tally is hidden until the vote closes."
        if proposal.canceled:
            hidden = "🔒 The tally was hidden, and the votes were never counted."
    elif count is None:
        hidden = "The votes are counted at the close; until then you see how many have voted."
        if proposal.canceled:
            hidden = "The votes were not counted."
    elif second := proposal.second_house:
        return f"{_house('First house', proposal)}\n{_house('Second house', second)}"
    elif proposal.system.CHOICES:
        return _bars(proposal, count)
    elif not proposal.count:
        return _fitting(proposal, _scores(proposal, count), room)
    else:
        steps = _rounds(proposal, count.rounds) or _pairs(proposal, count)
        while len("\n".join(steps)) > room // 2:
            steps.pop(0)  # the last rounds decide
        lines = _fitting(proposal, _scores(proposal, count), room - len("\n".join(steps)) - 1)
        return "\n".join([lines, *steps])
    if proposal.system.CHOICES:
        return hidden
    return f"{choices(proposal, room - len(hidden) - 1)}\n{hidden}"


def _fitting(proposal: Proposal, lines: Sequence[str], room: int) -> str:
    """As many lines as have room."""
    text, room = "\n".join(lines), max(room, _LEAST_ROOM)
    if len(text) <= room:
        return text
    kept = text[: room - 60].count("\n")
    rest = f"-# … and {len(lines) - kept} more: /proposal show {proposal.number}"
    return "\n".join([*lines[:kept], rest])


def _house(name: str, proposal: Proposal) -> str:
    """The bars of one of two houses, under its name and power."""
    count = proposal.running
    bars = _bars(proposal, count) if count else ""
    return f"**{name}** · {power_named(proposal.rules.power)}\n{bars}"


def _bars(proposal: Proposal, count: Count) -> str:
    """A text bar for each of the system's own choices, as its share of all votes."""
    one, names = proposal.system.WHOLE, proposal.choices
    total: Score = proposal.terms.signers * one or sum(count.scores.values(), Fraction())
    width = max(map(len, names))
    return "\n".join(
        f"`{name:<{width}}` {_share(score, total)} · {amount(score, one)}"
        for name, score in zip(names, count.scores.values(), strict=True)
    )


def _conviction(proposal: Proposal, count: Count) -> str:
    """Conviction beside what it must exceed."""
    if proposal.electorate is None or count.threshold is None:
        return "How much conviction it takes is known once the number of members is."
    reached = count.scores[1]
    return (
        f"`Conviction` {_share(reached, count.threshold)} of the threshold\n"
        f"{amount(reached, UNIT)}; it takes more than {amount(count.threshold, UNIT)}"
    )


def _share(score: Score, total: Score) -> str:
    part = Fraction(score) / total if total else Fraction()
    return bar(part.numerator, part.denominator)


def _scores(proposal: Proposal, count: Count) -> list[str]:
    """A line for each of the proposal's own choices, best first."""
    one = proposal.system.WHOLE
    match proposal.rules.system:
        case condorcet.NAME:
            return [
                f"**{place}.** {choice_name(proposal, each)} · beats {count.scores[each]}"
                for place, group in enumerate(count.ranking, 1)
                for each in group
            ]
        case quadratic.NAME if proposal.rules.negative:
            total: Score = 0  # with votes against a choice there is no whole to have a share of
        case quadratic.NAME:
            total = sum(count.scores.values(), Fraction())
        case _:
            total = count.power
    lines = []
    for each in (each for group in count.ranking for each in group):
        score = count.scores[each]
        share = f"{_share(score, total)} · " if total and len(proposal.choices) <= _BARS else ""
        lines.append(f"{share}{amount(score, one)} · **{each}** {choice_name(proposal, each)}")
    return lines


def _rounds(proposal: Proposal, rounds: Sequence[Round]) -> list[str]:
    """The rounds of a run-off in words."""
    lines = []
    for number, each in enumerate(rounds, 1):
        scores = each.scores
        standing = ", ".join(
            f"{choice_name(proposal, choice)} {amount(scores[choice], UNIT)}"
            for choice in sorted(scores, key=lambda choice: -scores[choice])[:4]
        ) + (", …" if len(scores) > 4 else "")
        if each.dropped:
            standing += (
                f"; {choice_name(proposal, each.dropped)} drops out" + " by lot" * each.by_lot
            )
        if each.exhausted:
            standing += f" ({amount(each.exhausted, UNIT)} for none of them)"
        lines.append(f"-# Round {number}: {standing}")
    return lines


def _pairs(proposal: Proposal, count: Count) -> list[str]:
    """How the first choice fared against those that come after it."""
    if not count.pairs or not count.ballots:
        return []
    first, *others = (each for group in count.ranking for each in group)
    return [
        f"-# {choice_name(proposal, first)} against {choice_name(proposal, other)}: "
        f"{amount(count.pairs[first, other], UNIT)} to {amount(count.pairs[other, first], UNIT)}"
        for other in others[:MOST_NAMED]
    ]


def turnout(proposal: Proposal) -> str:
    """`5 voters · quorum 3 of 4 (For and Abstain count)`."""
    count = proposal.tally
    if proposal.rules.system == conviction.NAME:
        staked, who = amount(held(count.stakes), UNIT), count.supporters
        told = [f"{who:,} supporter{'s' * (who != 1)} · {staked} staked", _electors(proposal)]
        return " · ".join(filter(None, told))
    if proposal.hides_voters:
        voters = "how many voted is hidden" + " until the vote closes" * (not proposal.canceled)
    else:
        voters = f"{count.voters:,} voter{'s' * (count.voters != 1)}"
        recused = count.voters - count.ballots
        if recused and not proposal.hides_tally:
            voters += f", {recused:,} of them recused"
    told = [voters, _power(proposal), _quorum(proposal)]
    if second := proposal.second_house:
        told.append(f"second house: {_quorum(second)}")
    return " · ".join(filter(None, [*told, _electors(proposal)]))


def _power(proposal: Proposal) -> str:
    """What of the power that voted was carried."""
    count = proposal.tally
    if not count.carried or proposal.hides_tally:
        return ""
    votes, carried = amount(count.power, UNIT), amount(count.carried, UNIT)
    return f"{votes} votes of power, {carried} of them carried"


def _electors(proposal: Proposal) -> str:
    """Who can vote, once that is fixed; signers are named by the rules."""
    if proposal.recorded:
        members = f"{proposal.electors:,} member{'s' * (proposal.electors != 1)}"
        return f"electorate: {members}, recorded at the start"
    if proposal.snapshot_at is None or proposal.rules.signers:
        return ""
    return "electorate: who had joined before the start"


def _quorum(proposal: Proposal) -> str:
    rules, count = proposal.rules, proposal.running
    if rules.system == multisig.NAME and count:
        approved = amount(count.scores[multisig.APPROVE], 1)
        gone = len(proposal.removed)
        left = f"; {gone:,} signer{'s have' if gone > 1 else ' has'} left" if gone else ""
        signatures = f"signature{'s' * (rules.signatures != 1)}"
        return f"**{approved} of {rules.signatures}** {signatures} needed{left}"
    if not rules.quorum:
        return "no quorum needed"
    needed = proposal.quorum
    notes = [_electorate(proposal)] if rules.quorum.share else []
    if needed is None:
        return f"quorum {notes[0]}"
    if proposal.hides_tally:
        return f"quorum {whole(needed)}" + (f" ({notes[0]})" if notes else "")
    if rules.optimistic and count:
        against = amount(count.scores[basic.AGAINST], UNIT)
        what = f"{against} of {whole(needed)} Against that reject it"
        return what + (f" ({notes[0]})" if notes else "")
    if rules.system == basic.NAME:
        notes.append(_TOWARDS_QUORUM[Counting(rules.quorum_counts)])
    final = proposal.counted_at or proposal.canceled
    reached = proposal.towards_quorum >= needed  # in this house
    word = "reached" if reached else "not reached" + " yet" * (not final)
    return f"quorum **{word}**: {whole(proposal.towards_quorum)} of {whole(needed)}" + (
        f" ({'; '.join(notes)})" if notes else ""
    )


def _electorate(proposal: Proposal) -> str:
    """`8 % of about 100 members`: without a list of members Discord's figure is approximate."""
    share, known, role = (
        spoken_share(proposal.rules.quorum.share or Fraction()),
        proposal.electorate,
        proposal.rules.voting_role,
    )
    if known is None:
        whom = "the members" if is_one_each(proposal.rules) else "the power of all members"
    else:
        about = "" if proposal.recorded else "about "
        what = "members" if is_one_each(proposal.rules) else "votes of all members"
        whom = f"{about}{amount(known, UNIT)} {what}"
    return f"{share} of {whom}" + (f" with <@&{role}>" if role else "")
