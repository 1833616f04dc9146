"""Private messages about delegation: who gets which, and when there is nothing to say any more."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from governance.ballot import Ballot
from governance.delegation import Delegation
from governance.notices import Notice, NoticeEvent
from governance.proposal import Proposal, takes_votes
from governance.rules import Secrecy
from services.clock import Now
from services.places import place_of, places_of
from storage import ballots, delegates, delegations, electorate, notices, proposals
from storage.database import Database

BEFORE_THE_END = timedelta(hours=24)
"""Delegates are reminded so long before a vote ends; less where a quarter of it is less."""
_AT_ONCE = 50
"""Messages read at a time, so that a more urgent one that comes meanwhile doesn't wait long."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Of TRUSTED and WITHDRAWN: the delegation, and the name of its place."""

    notice: Notice
    delegation: Delegation
    place: str


@dataclass(frozen=True, slots=True)
class Reminder:
    """Of a vote that ends soon, and the members for whom the delegate votes there."""

    proposal: Proposal
    carries: int


@dataclass(frozen=True, slots=True)
class Vote:
    """How a delegate voted."""

    notice: Notice
    proposal: Proposal
    ballot: Ballot


Told = Trust | Reminder | Vote


class Notices:
    """Hands out what waits, and keeps what became of it: each is sent at most once."""

    def __init__(self, database: Database, now: Now) -> None:
        self._database = database
        self._now = now
        self.filled = asyncio.Event()
        """Set when there may be something new to send."""

    async def waiting(self, guilds: Collection[int], without: Collection[int] = ()) -> list[Notice]:
        """Some of what waits in these servers, to members but those `without`."""
        async with self._database.read() as connection:
            return await notices.waiting(connection, guilds, without, limit=_AT_ONCE)

    async def told(self, notice: Notice) -> Told | None:
        """What it says as things stand; None where there is nothing to say any more."""
        async with self._database.read() as connection:
            profile = await delegates.get(connection, notice.guild_id, notice.member_id)
            if not profile.tells:
                return None
            match notice.event:
                case NoticeEvent.TRUSTED | NoticeEvent.WITHDRAWN:
                    return await self._trust(connection, notice)
                case NoticeEvent.REMINDER:
                    return await self._reminder(connection, notice)
                case NoticeEvent.VOTED:
                    return await self._vote(connection, notice)

    async def _trust(self, connection: AsyncConnection, notice: Notice) -> Trust | None:
        found = (await delegations.by_ids(connection, [notice.version])).get(notice.version)
        given = notice.event is NoticeEvent.TRUSTED
        if found is None or (given and not found.stands(self._now())):
            return None
        known = await places_of(connection, notice.guild_id)
        return Trust(notice, found, place_of(found.scope, known).name)

    async def _reminder(self, connection: AsyncConnection, notice: Notice) -> Reminder | None:
        proposal = await proposals.get(connection, notice.proposal_id)
        if proposal is None or not takes_votes(proposal, self._now()):
            return None
        key = (proposal.id, notice.member_id)
        line = await electorate.line(connection, *key)
        if not line or not line[0].carries or await ballots.cast(connection, [key]):
            return None
        return Reminder(proposal, line[0].carries)

    async def _vote(self, connection: AsyncConnection, notice: Notice) -> Vote | None:
        proposal = await proposals.get(connection, notice.proposal_id)
        if proposal is None or proposal.canceled or proposal.hides_tally:
            return None
        voters = (notice.other_id, notice.member_id)
        cast = await ballots.of_voters(connection, [proposal.id], voters)
        ballot = cast.get((proposal.id, notice.other_id))
        if ballot is None or (proposal.id, notice.member_id) in cast:
            return None
        return Vote(notice, proposal, ballot)

    async def trying(self, notice: Notice, at: datetime) -> str | None:
        """A request is about to be made: its nonce, None where nothing is to be sent any more."""
        async with self._database.write() as connection:
            return await notices.trying(connection, notice, at)

    async def refused(self, notice: Notice) -> None:
        """Discord said no, so nothing of the last request is there."""
        await self._change(notice, tried_at=None)

    async def settle(self, notice: Notice) -> None:
        """It was sent, or never will be."""
        await self._change(notice, settled_at=self._now())

    async def _change(self, notice: Notice, **values: object) -> None:
        async with self._database.write() as connection:
            await notices.change(connection, notice.id, **values)

    async def remind(self) -> None:
        """Remind delegates who haven't voted of votes that end soon, once each."""
        async with self._database.read() as connection:
            due = await notices.due_reminders(connection, self._now(), BEFORE_THE_END)
        for each in due:
            if self._now() < _reminded_from(each):
                continue
            async with self._database.write() as connection:
                proposal = (await proposals.lock(connection, [each.id]))[each.id]
                now = self._now()
                if takes_votes(proposal, now) and await notices.reminded(connection, each.id, now):
                    await notices.add_reminders(connection, proposal)
            self.filled.set()


def _reminded_from(proposal: Proposal) -> datetime:
    before = min(BEFORE_THE_END, proposal.rules.voting_period / 4)
    return max(proposal.vote_start, proposal.vote_end - before)


async def voted(connection: AsyncConnection, proposal: Proposal, voter_id: int) -> None:
    """Tell a voter's delegators who asked for it; of its first ballot, in its transaction.

    Of a secret vote nothing is told before it is counted.
    """
    if proposal.electors and proposal.rules.secrecy == Secrecy.OPEN:
        await notices.add_votes(connection, proposal, voter_id)


async def told_at_close(connection: AsyncConnection, proposal: Proposal) -> None:
    """Tell delegators how their delegates voted in secret; in the transaction that counts it."""
    if proposal.electors and proposal.rules.secrecy != Secrecy.OPEN:
        await notices.add_votes(connection, proposal)
