"""How a proposal stands, in words: its state with its times, and why a vote ended as it did."""

from collections.abc import Sequence
from datetime import datetime

import discord

from cogs.markdown import absolute, beginning, escaped, relative, shown
from governance.options import spoken_share
from governance.proposal import Proposal, ProposalState, state
from governance.voting import basic, conviction, multisig
from governance.voting.system import Count, Outcome, Reason

SIGNS = {
    ProposalState.DRAFT: "📝",
    ProposalState.PENDING: "🕓",
    ProposalState.ACTIVE: "🟢",
    ProposalState.SUCCEEDED: "✅",
    ProposalState.DEFEATED: "❌",
    ProposalState.QUEUED: "⌛",
    ProposalState.EXECUTED: "🏁",
    ProposalState.EXPIRED: "💤",
    ProposalState.CANCELED: "🚫",
}
_GREEN, _GREY = discord.Colour(0x23A55A), discord.Colour(0x80848E)
COLOURS = {
    ProposalState.DRAFT: _GREY,
    ProposalState.PENDING: discord.Colour(0xF0B232),
    ProposalState.ACTIVE: discord.Colour(0x5865F2),
    ProposalState.SUCCEEDED: _GREEN,
    ProposalState.DEFEATED: discord.Colour(0xDA373C),
    ProposalState.QUEUED: _GREEN,
    ProposalState.EXECUTED: _GREEN,
    ProposalState.EXPIRED: _GREY,
    ProposalState.CANCELED: _GREY,
}
REASONS = {
    Reason.MAJORITY_FOR: "more votes For than Against",
    Reason.MAJORITY_AGAINST: "more votes Against than For",
    Reason.TIE: "a tie: as many For as Against",
    Reason.NO_VOTES: "nobody voted",
    Reason.QUORUM: "quorum was not reached",
    Reason.THRESHOLD: "too small a share was For",
    Reason.NO_OBJECTION: "too few votes Against to reject it",
    Reason.REJECTED: "enough votes Against to reject it",
    Reason.SIGNED: "enough signers approved",
    Reason.NOT_SIGNED: "too few signers approved in time",
    Reason.CONVINCED: "support lasted long enough",
    Reason.NOT_CONVINCED: "support did not last long enough",
}
MOST_NAMED = 5
"""Winners, or choices that tie, by name."""
_NAME_LENGTH = 40  # of a choice where it stands among others


def named(proposal: Proposal) -> str:
    """`#12 Fund the grants round`, safe to show."""
    return f"#{proposal.number} {escaped(proposal.text.title)}"


def place(proposal: Proposal, space: str) -> str:
    """`in **Gardens** · Treasury`: the space and the topic, empty where it has neither."""
    where = [f"in **{escaped(space)}**"] if space else []
    return " · ".join([*where, *([escaped(proposal.topic)] if proposal.topic else [])])


def link_to(proposal: Proposal) -> str:
    """The address of the card; empty while there is none."""
    if not proposal.message_id:
        return ""
    return (
        f"https://discord.com/channels/{proposal.guild_id}"
        f"/{proposal.channel_id}/{proposal.message_id}"
    )


def headline(proposal: Proposal, now: datetime) -> str:
    """The state in words, with its times: relative for people, absolute to be sure."""
    current = state(proposal, now)
    sign = SIGNS[current]
    match current:
        case ProposalState.DRAFT:
            return f"{sign} **Draft**{_sponsors(proposal)} · voting has no date yet"
        case ProposalState.PENDING:
            at = proposal.vote_start
            return f"{sign} **Pending** · voting starts {relative(at)} ({absolute(at)})"
        case ProposalState.CANCELED if proposal.canceled:
            at = proposal.canceled.at
            by = "by a veto of" if proposal.is_vetoed else "by"
            return (
                f"{sign} **Canceled** {relative(at)} ({absolute(at)}) {by} "
                f"<@{proposal.canceled.by}>: {shown(proposal.canceled.reason)}"
            )
        case ProposalState.ACTIVE if not proposal.voting_is_over(now):
            at = proposal.vote_end
            if proposal.rules.system == conviction.NAME:
                return f"{sign} **Active** · {open_until(proposal)}"
            if at > proposal.vote_start + proposal.rules.voting_period:
                return f"{sign} **Active** · extended until {absolute(at)} ({relative(at)})"
            return f"{sign} **Active** · closes {relative(at)} ({absolute(at)})"
        case _ if proposal.counted_at is None:
            at = proposal.ended_at or proposal.vote_end
            return (
                f"⏳ **Voting ended** {relative(at)} ({absolute(at)}); the votes are being counted"
            )
        case _:
            text = f"{sign} **{current}**: {why(proposal)} · {_ended(proposal)}"
            if current is ProposalState.QUEUED and proposal.eta:
                text += f" · can be executed from {absolute(proposal.eta)} on"
            if (until := proposal.veto_until) and now <= until:
                text += f" · may be vetoed until {absolute(until)} ({relative(until)})"
            return text


def _sponsors(proposal: Proposal) -> str:
    needed = proposal.rules.sponsors
    sponsors = f"sponsor{'s' * (needed != 1)}"
    return f" · {len(proposal.sponsors)} of {needed} {sponsors}" if needed else ""


def _ended(proposal: Proposal) -> str:
    if proposal.rules.system == conviction.NAME:
        return f"passed {relative(proposal.vote_end)} ({absolute(proposal.vote_end)})"
    if at := proposal.ended_at:
        return f"decided early, {relative(at)} ({absolute(at)})"
    at = proposal.vote_end
    return f"voting ended {relative(at)} ({absolute(at)})"


def short(proposal: Proposal, now: datetime) -> str:
    """The state and its next or last moment in a few words, for lists."""
    current = state(proposal, now)
    sign, ended = SIGNS[current], proposal.ended_at or proposal.vote_end
    match current:
        case ProposalState.DRAFT:
            return f"{sign} {current}{_sponsors(proposal)}"
        case ProposalState.PENDING:
            return f"{sign} {current}, starts {relative(proposal.vote_start)}"
        case ProposalState.CANCELED if proposal.canceled:
            return f"{sign} {current} {relative(proposal.canceled.at)}"
        case ProposalState.ACTIVE if not proposal.voting_is_over(now):
            if proposal.is_endless:
                return f"{sign} {current}, open until it passes"
            verb = "passes" if proposal.rules.system == conviction.NAME else "closes"
            return f"{sign} {current}, {verb} {relative(proposal.vote_end)}"
        case _ if proposal.counted_at is None:
            return f"⏳ Being counted, ended {relative(ended)}"
        case _:
            return f"{sign} {current}, ended {relative(ended)}"


def open_until(proposal: Proposal) -> str:
    """How long a conviction vote is open: `open until it passes: in 3 days, if …`."""
    if proposal.is_endless:
        return "open until it passes."
    at = proposal.vote_end
    return f"open until it passes: {relative(at)} ({absolute(at)}), if nobody changes their stake."


def until(proposal: Proposal) -> str:
    """Until when votes can be changed."""
    if proposal.rules.system == conviction.NAME:
        return "it passes"
    return absolute(proposal.vote_end)


def why(proposal: Proposal) -> str:
    """Why a vote ended as it did: `**Oak** wins`."""
    outcome, count = proposal.outcome, proposal.count
    if outcome is None or count is None:
        return "the votes are being counted"
    second = proposal.second_house
    if second and outcome.house > 1:
        return f"the second house: {_because(second, outcome, count)}"
    if second and outcome.succeeded:
        return f"{_because(proposal, outcome, count)} in both houses"
    return _because(proposal, outcome, count)


def _because(proposal: Proposal, outcome: Outcome, count: Count) -> str:
    match outcome.reason:
        case Reason.ELECTED:
            names = [f"**{choice_name(proposal, each)}**" for each in outcome.winners]
            return f"{together(names)} {'wins' if len(names) == 1 else 'win'}"
        case Reason.TIE if proposal.rules.system != basic.NAME:
            names = [choice_name(proposal, each) for each in _tied(count, proposal.rules.winners)]
            return f"a tie between {together(names)}, so there is no winner"
        case Reason.THRESHOLD if proposal.rules.threshold:
            return f"For stayed below {spoken_share(proposal.rules.threshold)} of For and Against"
        case Reason.REJECTED if proposal.rules.system == multisig.NAME:
            return "too few signers are left to approve it"
        case Reason.NO_VOTES if proposal.tally.ballots:
            return "nobody voted who has power in it"
        case Reason.NO_VOTES if proposal.tally.voters:
            return "all who voted recused themselves"
        case reason:
            return REASONS[reason]


def _tied(count: Count, winners: int) -> Sequence[int]:
    """The choices that tie for the last place."""
    for group in count.ranking:
        if len(group) > winners:
            return group
        winners -= len(group)
    return ()


def choice_name(proposal: Proposal, choice: int) -> str:
    return escaped(beginning(proposal.choices[choice - 1], _NAME_LENGTH))


def together(names: Sequence[str]) -> str:
    if len(names) > MOST_NAMED:
        names = [*names[:MOST_NAMED], f"{len(names) - MOST_NAMED} more"]
    return " and ".join([*([", ".join(names[:-1])] if names[:-1] else []), names[-1]])
