"""What everybody is told: the proposal, its text and its edits, the vote, and the result."""

from datetime import timedelta

import discord

from cogs import limits
from cogs.markdown import absolute, escaped, parts, relative, shown
from cogs.states import COLOURS, SIGNS, headline, link_to, named, why
from cogs.tallies import tally, turnout
from governance.proposal import Proposal, state
from governance.texts import Text
from governance.voting import conviction, ranked_choice

LATE = timedelta(minutes=1)
"""A count that comes later than this after the deadline is explained."""
_ROOM = 2500  # of an embed's description, beside a reason for cancelling


def proposed(proposal: Proposal) -> str:
    """The plain message that becomes the card: its words are what a phone's notification shows."""
    who = f"{named(proposal)} by <@{proposal.author_id}>"
    if proposal.submitted_at:
        return f"📣 Proposal {who}: voting starts {relative(proposal.vote_start)}."
    if proposal.ready_at:
        return f"📝 Draft {who} looks for sponsors: {proposal.missing_sponsors} to go."
    return f"📝 Draft {who} is open for comments."


def reposted(proposal: Proposal) -> str:
    """The same for a card that takes the place of one that was deleted."""
    return f"📣 Proposal {named(proposal)} by <@{proposal.author_id}> is here again."


def full_text(text: Text) -> list[str]:
    """The whole text as messages."""
    answers = "".join(f"\n\n**{escaped(asked)}**\n{shown(said)}" for asked, said in text.fields)
    among = "\n".join(f"**{n}** {escaped(name)}" for n, name in enumerate(text.choices, 1))
    among = f"\n\n**Choices**\n{among}" if among else ""
    among += f"\n\n**Asks for** {text.amount:,}" if text.amount else ""
    link = f"\n\n🔗 <{text.link}>" if text.link else ""
    return list(parts(shown(text.body) + answers + among + link, limits.MESSAGE))


def edited(version: int, text: Text) -> list[str]:
    head = f"✏️ The author edited this proposal. Version {version}: **{escaped(text.title)}**"
    return [head, *full_text(text)]


def submitted(proposal: Proposal) -> str:
    """A draft that became a proposal."""
    at = proposal.vote_start
    by = f", sponsored by {', '.join(f'<@{each}>' for each in proposal.sponsors)}"
    return (
        f"💬 {named(proposal)} is no draft any more{by if proposal.sponsors else ''}: "
        f"voting starts {absolute(at)} ({relative(at)})."
    )


def mismatched(proposal: Proposal) -> str:
    """For moderators: a result that isn't announced, because a second count differs."""
    return (
        f"The votes on {named(proposal)} were counted twice, with different results, so none is "
        "announced. Both are in the bot's log; please report them to those who run it."
    )


def opened(proposal: Proposal) -> str:
    at = proposal.vote_end
    if proposal.rules.system == conviction.NAME:
        return (
            f"🗳️ Voting on {named(proposal)} is open until it passes. Stake on the card or with "
            "`/vote`, and change your stake whenever you like. The text is fixed from now on."
        )
    return (
        f"🗳️ Voting on {named(proposal)} is open until {absolute(at)} ({relative(at)}). "
        f"Vote on the card or with `/vote`. The text is fixed from now on.{_lot(proposal)}"
    )


def _lot(proposal: Proposal) -> str:
    """What ties are decided by, published before the first vote so that nobody can steer it."""
    if proposal.seed is None:
        return ""
    rule = (
        "Where nothing else tells who drops out, it is the one that comes first here"
        if proposal.rules.system == ranked_choice.NAME
        else "Of choices that tie for first, the one that comes last here wins"
    )
    return (
        f"\n🎲 {rule}: {', '.join(map(str, proposal.terms.lot))}. This order was drawn by lot: it "
        f"is that of the SHA-256 of the seed `{proposal.seed.hex()}` with each choice's number."
    )


def extended(proposal: Proposal) -> str:
    """The end of the vote has moved."""
    at, rules = proposal.vote_end, proposal.rules
    causes = ["quorum was reached late"] if rules.late_quorum_extension else []
    causes += ["the lead changed shortly before the end"] if rules.quiet_ending else []
    return (
        f"⏱️ Voting on {named(proposal)} is extended until {absolute(at)} ({relative(at)}), "
        f"because {' or '.join(causes)}. You can vote, and change your vote, until then."
    )


def ended(proposal: Proposal) -> tuple[str, discord.Embed]:
    """The result, or the cancellation: a line for the notification and the figures."""
    end = proposal.ended_at or proposal.vote_end
    now = end + timedelta(microseconds=1)  # Active is over, whenever this is sent
    current = state(proposal, now)
    embed = discord.Embed(
        title=f"{SIGNS[current]} {named(proposal)}"[: limits.TITLE],
        url=link_to(proposal) or None,
        colour=COLOURS[current],
        description=headline(proposal, now),
    )
    if proposal.canceled is None or (proposal.tally.voters and not proposal.hides_tally):
        votes = f"{tally(proposal, _ROOM)}\n{turnout(proposal)}"
        embed.description = f"{embed.description}\n\n{votes}"
    counted = proposal.counted_at
    if counted and counted - end > LATE and not proposal.canceled:
        embed.set_footer(text="Counted late, because the bot was not running at the deadline.")
        embed.timestamp = counted
    if proposal.canceled:
        if proposal.is_vetoed:
            return f"🚫 The decision on proposal {named(proposal)} was vetoed.", embed
        return f"🚫 Proposal {named(proposal)} was canceled.", embed
    outcome = proposal.outcome
    verb = "succeeded" if outcome and outcome.succeeded else "was defeated"
    won = f": {why(proposal)}" if outcome and outcome.winners else ""
    return f"{SIGNS[current]} Proposal {named(proposal)} {verb}{won}.", embed
