"""What members are told in private about delegations."""

from cogs.ballots import said as choice
from cogs.markdown import absolute, escaped, relative
from cogs.states import link_to, named
from governance.notices import NoticeEvent
from services.notices import Reminder, Told, Trust, Vote


def said(told: Told, server: str) -> str:
    """The message. Its first line never changes, so that it can be found again."""
    end = (
        f"-# From {escaped(server)}. To get no such messages, "
        "use `/delegate notices on:False` there."
    )
    match told:
        case Trust():
            return f"{_trust(told)}\n{end}"
        case Reminder():
            return f"{_reminder(told)}\n{end}"
        case Vote():
            return f"{_vote(told)}\n{end}"


def _trust(told: Trust) -> str:
    other, until = f"<@{told.notice.other_id}>", told.delegation.expires_at
    if told.notice.event is NoticeEvent.WITHDRAWN:
        return (
            f"↩️ {other} doesn't let you vote for them any more ({placed(told.place)}).\n"
            "It counts from the next vote that starts."
        )
    end = f" until {absolute(until)}" if until else ""
    return (
        f"🤝 {other} lets you vote for them ({placed(told.place)}).\n"
        f"Your vote carries their power{end}, on votes that start from now on and in which they "
        "don't vote themselves. `/delegate show` lists who trusts you."
    )


def _reminder(told: Reminder) -> str:
    proposal, end = told.proposal, told.proposal.vote_end
    whose = f"{told.carries:,} member{'s' * (told.carries > 1)}"
    if proposal.hides_voters:  # how many are left would tell how many have voted themselves
        whose = "others"
    return (
        f"⏰ You haven't voted on {named(proposal)}.\n"
        f"You carry {whose}, whose power is lost unless you or they vote. Voting ends "
        f"{relative(end)} ({absolute(end)}). {link_to(proposal)}"
    )


def _vote(told: Vote) -> str:
    proposal = told.proposal
    counts = (
        "The vote is over."
        if proposal.counted_at
        else "It counts for you too, unless you vote yourself."
    )
    return (
        f"🗳️ <@{told.notice.other_id}>, to whom you delegate, has voted on {named(proposal)}.\n"
        f"Their vote: **{choice(proposal, told.ballot.choice)}**. {counts} {link_to(proposal)}"
    )


def placed(name: str) -> str:
    """The name of a place, such as “Topic: Treasury”, safe to show."""
    kind, sign, own = name.partition(": ")
    return f"{kind}{sign}{escaped(own)}"
