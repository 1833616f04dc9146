"""The texts that everybody reads: announcements, results, and the words for each state."""

from datetime import datetime, timedelta

import discord

from cogs.markdown import absolute, bar, escaped, parts, relative, shown
from governance.power import whole
from governance.proposal import Proposal, ProposalState, Text, state
from governance.voting import SYSTEMS
from governance.voting.system import Reason

MESSAGE_LENGTH = 2000
LATE = timedelta(minutes=1)
"""A count that comes later than this after the deadline is explained."""

SIGNS = {
    ProposalState.PENDING: "🕓",
    ProposalState.ACTIVE: "🟢",
    ProposalState.SUCCEEDED: "✅",
    ProposalState.DEFEATED: "❌",
    ProposalState.CANCELED: "🚫",
}
COLOURS = {
    ProposalState.PENDING: discord.Colour(0xF0B232),
    ProposalState.ACTIVE: discord.Colour(0x5865F2),
    ProposalState.SUCCEEDED: discord.Colour(0x23A55A),
    ProposalState.DEFEATED: discord.Colour(0xDA373C),
    ProposalState.CANCELED: discord.Colour(0x80848E),
}
REASONS = {
    Reason.MAJORITY_FOR: "more votes For than Against",
    Reason.MAJORITY_AGAINST: "more votes Against than For",
    Reason.TIE: "a tie: as many For as Against",
    Reason.NO_VOTES: "nobody voted",
    Reason.QUORUM: "quorum was not reached",
}


def named(proposal: Proposal) -> str:
    """`#12 Fund the grants round`, safe to show."""
    return f"#{proposal.number} {escaped(proposal.text.title)}"


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
        case ProposalState.PENDING:
            at = proposal.vote_start
            return f"{sign} **Pending** · voting starts {relative(at)} ({absolute(at)})"
        case ProposalState.ACTIVE:
            at = proposal.vote_end
            return f"{sign} **Active** · closes {relative(at)} ({absolute(at)})"
        case ProposalState.CANCELED if proposal.canceled:
            at = proposal.canceled.at
            return (
                f"{sign} **Canceled** {relative(at)} ({absolute(at)}) by "
                f"<@{proposal.canceled.by}>: {shown(proposal.canceled.reason)}"
            )
        case _ if proposal.counted_at is None:
            at = proposal.vote_end
            return (
                f"⏳ **Voting ended** {relative(at)} ({absolute(at)}); the votes are being counted"
            )
        case _:
            at = proposal.vote_end
            reason = REASONS[proposal.outcome.reason]
            return f"{sign} **{current}**: {reason} · voting ended {relative(at)} ({absolute(at)})"


def short(proposal: Proposal, now: datetime) -> str:
    """The state and its next or last moment in a few words, for lists."""
    current = state(proposal, now)
    sign = SIGNS[current]
    match current:
        case ProposalState.PENDING:
            return f"{sign} {current}, starts {relative(proposal.vote_start)}"
        case ProposalState.ACTIVE:
            return f"{sign} {current}, closes {relative(proposal.vote_end)}"
        case ProposalState.CANCELED if proposal.canceled:
            return f"{sign} {current} {relative(proposal.canceled.at)}"
        case _ if proposal.counted_at is None:
            return f"⏳ Being counted, ended {relative(proposal.vote_end)}"
        case _:
            return f"{sign} {current}, ended {relative(proposal.vote_end)}"


def tally(proposal: Proposal) -> str:
    """A text bar for each choice, as its share of all votes."""
    choices = SYSTEMS[proposal.rules.system].CHOICES
    total = sum(proposal.tally.values())
    width = max(map(len, choices.values()))
    return "\n".join(
        f"`{name:<{width}}` {bar(power, total)} · {whole(power)}"
        for number, name in choices.items()
        for power in [proposal.tally.get(number, 0)]
    )


def turnout(proposal: Proposal) -> str:
    """`5 voters · quorum 3 of 4 (For and Abstain)`."""
    voters = f"{proposal.voters:,} voter{'s' * (proposal.voters != 1)}"
    quorum = proposal.rules.quorum
    if not quorum:
        return f"{voters} · no quorum needed"
    counted = SYSTEMS[proposal.rules.system].towards_quorum(proposal.tally)
    final = proposal.counted_at or proposal.canceled
    reached = "reached" if proposal.quorum_reached else "not reached" + " yet" * (not final)
    return (
        f"{voters} · quorum **{reached}**: {whole(counted)} of {whole(quorum)} "
        "(For and Abstain count)"
    )


def proposed(proposal: Proposal) -> str:
    """The plain message that becomes the card: its words are what a phone's notification shows."""
    return (
        f"📣 Proposal {named(proposal)} by <@{proposal.author_id}>: "
        f"voting starts {relative(proposal.vote_start)}."
    )


def reposted(proposal: Proposal) -> str:
    """The same for a card that takes the place of one that was deleted."""
    return f"📣 Proposal {named(proposal)} by <@{proposal.author_id}> is here again."


def full_text(text: Text) -> list[str]:
    """The whole text as messages."""
    link = f"\n\n🔗 <{text.link}>" if text.link else ""
    return list(parts(shown(text.body) + link, MESSAGE_LENGTH))


def edited(version: int, text: Text) -> list[str]:
    head = f"✏️ The author edited this proposal. Version {version}: **{escaped(text.title)}**"
    return [head, *full_text(text)]


def opened(proposal: Proposal) -> str:
    at = proposal.vote_end
    return (
        f"🗳️ Voting on {named(proposal)} is open until {absolute(at)} ({relative(at)}). "
        f"Vote on the card or with `/vote`. The text is fixed from now on."
    )


def ended(proposal: Proposal) -> tuple[str, discord.Embed]:
    """The result, or the cancellation: a line for the notification and the figures."""
    now = proposal.vote_end + timedelta(microseconds=1)  # Active is over, whenever this is sent
    current = state(proposal, now)
    embed = discord.Embed(
        title=f"{SIGNS[current]} {named(proposal)}"[:256],
        url=link_to(proposal) or None,
        colour=COLOURS[current],
        description=headline(proposal, now),
    )
    if proposal.canceled is None or proposal.voters:
        embed.add_field(name="Votes", value=f"{tally(proposal)}\n{turnout(proposal)}", inline=False)
    counted = proposal.counted_at
    if counted and counted - proposal.vote_end > LATE and not proposal.canceled:
        embed.set_footer(text="Counted late, because the bot was not running at the deadline.")
        embed.timestamp = counted
    if proposal.canceled:
        return f"🚫 Proposal {named(proposal)} was canceled.", embed
    verb = "succeeded" if current is ProposalState.SUCCEEDED else "was defeated"
    return f"{SIGNS[current]} Proposal {named(proposal)} {verb}.", embed
