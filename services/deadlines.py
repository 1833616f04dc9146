"""What the clock makes true: votes open and close. Asks what is due, however long it slept."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from governance import extensions
from governance.deliveries import Event, Target
from governance.errors import CountMismatch, Unavailable
from governance.proposal import Proposal, ProposalState, state
from services import staking
from services.ballot_writer import BallotWriter
from services.clock import Now
from services.deliveries import Outbox
from services.members import Members
from services.powers import Powers, snapshot_of
from services.signers import removed_signers
from services.snapshots import Snapshots
from storage import deliveries, proposals
from storage.database import Database

log = logging.getLogger(__name__)

ANSWER_SECONDS = 5.0
"""How long an answer about members is waited for; other servers' votes wait as long."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=5)
"""Until a proposal's members are asked for again after no answer; twice as long each time."""

_Answer = TypeVar("_Answer")


class Deadlines:
    def __init__(
        self,
        database: Database,
        now: Now,
        writer: BallotWriter,
        outbox: Outbox,
        members: Members,
        snapshots: Snapshots,
        powers: Powers,
    ) -> None:
        self._database = database
        self._now = now
        self._writer = writer
        self._members = members
        self._snapshots = snapshots
        self._powers = powers
        self._outbox = outbox
        self._mismatched: set[int] = set()
        self._uncounted: dict[int, tuple[datetime, timedelta]] = {}
        """By proposal, when its members were asked for in vain, and how long that rests."""

    async def settle(self) -> list[Proposal]:
        """Open and close what is due, in order; returns the proposals that changed."""
        return [*await self._open(), *await self._decide(), *await self._close()]

    async def _open(self) -> list[Proposal]:
        async with self._database.read() as connection:
            due = await proposals.due_to_open(connection, self._now())
        due.sort(key=lambda proposal: (proposal.vote_start, proposal.id))
        fixed = await asyncio.gather(*map(self._fixed, due))
        due = [each for each in fixed if each and each.snapshot_at]
        opened = []
        for each, (electorate, second) in zip(due, await self._electorates(due), strict=True):
            if _unknown(each, electorate, second):
                continue
            async with self._database.write() as connection:
                now = self._now()
                await staking.brought_up_to_date(connection, each, now)
                proposal = (await proposals.lock(connection, [each.id]))[each.id]
                if state(proposal, now) is not ProposalState.ACTIVE:
                    continue
                after = _counted_with(proposal, electorate, second, now)
                await proposals.change(
                    connection,
                    proposal.id,
                    opened_at=now,
                    electorate=electorate,
                    second_electorate=second,
                    seed=secrets.token_bytes(32) if proposal.needs_lot else proposal.seed,
                    vote_end=after.vote_end,
                    quorum_reached_at=after.quorum_reached_at,
                    ended_at=after.ended_at,
                )
                await staking.brought_up_to_date(connection, proposal, now)
                await deliveries.add(connection, Event.OPENED, proposal.id, Target.THREAD)
                if after.vote_end > proposal.vote_end:
                    await deliveries.add(
                        connection,
                        Event.EXTENDED,
                        proposal.id,
                        Target.THREAD,
                        version=int(after.vote_end.timestamp()),
                    )
            opened.append(proposal)
            self._outbox.filled.set()
        return opened

    async def _fixed(self, proposal: Proposal) -> Proposal | None:
        """The proposal with its electorate fixed; None while it isn't, which is waited for once."""
        patience = 0 if self._snapshots.is_taking(proposal.id) else ANSWER_SECONDS
        return await self._snapshots.take(proposal, patience)

    async def _electorates(self, votes: list[Proposal]) -> list[tuple[int | None, int | None]]:
        """The power (units) of each electorate and its second house, where a rule refers to it.

        None while unknown.
        """
        return await asyncio.gather(*map(self._electorate, votes))

    async def _electorate(self, proposal: Proposal) -> tuple[int | None, int | None]:
        known = proposal.electorate, proposal.second_electorate
        if not proposal.needs_electorate and not proposal.needs_second_electorate:
            return known
        told = await self._answer(
            proposal,
            partial(self._totals, proposal),
            "the electorate of proposal %d is not known: %s",
        )
        return told or known

    async def _totals(self, proposal: Proposal) -> tuple[int | None, int | None]:
        total, second = proposal.electorate, proposal.second_electorate
        at = snapshot_of(proposal)
        if proposal.needs_electorate:
            total = await self._powers.total(proposal.rules, at)
        if proposal.needs_second_electorate:
            second = await self._powers.second_total(proposal.rules, at)
        if _unknown(proposal, total, second) and proposal.snapshot_at is None:
            # Its whole vote was slept through: only a list of the members tells.
            fixed = await self._fixed(proposal) or proposal
            total, second = fixed.electorate, fixed.second_electorate
        if _unknown(proposal, total, second):
            raise Unavailable("nobody knows the voting power of all members")
        return total, second

    async def _decide(self) -> list[Proposal]:
        """End the votes that enough have signed while nobody knew who still signs."""
        async with self._database.read() as connection:
            signed = await proposals.being_signed(connection, self._now())
        signed = list(filter(extensions.decided, signed))
        ended = []
        for each, removed in zip(signed, await self._absent(signed), strict=True):
            after = None if removed is None else await self._writer.review(each.id, removed)
            if after:
                ended.append(after)
        return ended

    async def _absent(self, votes: list[Proposal]) -> list[frozenset[int] | None]:
        """Signers who aren't any more; None while that isn't known, or once it is settled."""
        return await asyncio.gather(*map(self._removed, votes))

    async def _removed(self, proposal: Proposal) -> frozenset[int] | None:
        if proposal.ended_at:
            return None
        if not proposal.rules.signers:
            return frozenset()
        return await self._answer(
            proposal,
            partial(removed_signers, self._members, proposal),
            "who still signs proposal %d is not known: %s",
        )

    async def _answer(
        self, proposal: Proposal, ask: Callable[[], Awaitable[_Answer]], line: str
    ) -> _Answer | None:
        """What Discord says of a proposal's members; None while it doesn't, which is logged once.

        The job comes back every second, the question more and more seldom.
        """
        now = self._now()
        asked_at, wait = self._uncounted.get(proposal.id, (None, FIRST_WAIT / 2))
        if asked_at and asked_at <= now < asked_at + wait:
            return None
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = await ask()
        except (Unavailable, TimeoutError) as error:
            if asked_at is None:
                log.warning(line, proposal.id, str(error) or "no answer")
            self._uncounted[proposal.id] = (now, min(wait * 2, LONGEST_WAIT))
            return None
        self._uncounted.pop(proposal.id, None)
        return answer

    async def _close(self) -> list[Proposal]:
        async with self._database.read() as connection:
            due = await proposals.due_to_close(connection, self._now())
            known = await proposals.by_ids(connection, due)
        votes = [known[proposal_id] for proposal_id in due]
        electorates = await self._electorates(votes)
        absent = await self._absent(votes)
        closed = []
        for proposal_id, totals, removed in zip(due, electorates, absent, strict=True):
            if _unknown(known[proposal_id], *totals):
                continue
            if removed is None and known[proposal_id].ended_at is None:
                continue
            try:
                proposal = await self._writer.close(proposal_id, totals, removed)
            except CountMismatch as error:
                # Logged once: the job comes back every second until someone looks.
                if proposal_id not in self._mismatched:
                    log.error("The result is not announced: %s", error)  # noqa: TRY400
                    self._mismatched.add(proposal_id)
                    await self._report_mismatch(proposal_id)
                continue
            if proposal:
                closed.append(proposal)
                self._outbox.filled.set()
        return closed

    async def _report_mismatch(self, proposal_id: int) -> None:
        async with self._database.write() as connection:
            await deliveries.add(connection, Event.MISMATCHED, proposal_id, Target.MODERATORS)
        self._outbox.filled.set()


def _unknown(proposal: Proposal, electorate: int | None, second: int | None) -> bool:
    """Whether a rule refers to the size of an electorate that isn't known."""
    return (proposal.needs_electorate and electorate is None) or (
        proposal.needs_second_electorate and second is None
    )


def _counted_with(
    proposal: Proposal, electorate: int | None, second: int | None, now: datetime
) -> Proposal:
    """The vote as the ballots cast while its electorate wasn't known have left it.

    Signatures are looked at by `Deadlines._decide`, which knows who still signs.
    """
    needed = proposal.needs_electorate or proposal.needs_second_electorate
    if not needed or proposal.rules.signers:
        return proposal
    sized = replace(proposal, electorate=electorate, second_electorate=second)
    return extensions.after_ballot(proposal, sized, now)
