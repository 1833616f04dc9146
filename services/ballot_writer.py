"""The one writer of ballots: concurrent ballots reach the disk together, in order of arrival."""

import asyncio
import logging
from collections import deque
from dataclasses import dataclass, replace

from governance.ballot import Ballot
from governance.deliveries import Event, Target
from governance.errors import Busy, CountMismatch, NotFound, Refusal, Unavailable
from governance.proposal import Proposal, require_active
from governance.voting import SYSTEMS
from services.clock import Now
from storage import ballots, deliveries, proposals
from storage.database import Database

log = logging.getLogger(__name__)

MOST_IN_A_BATCH = 500
"""Ballots of one transaction; SQLite takes about 10 ms for so many."""
MOST_WAITING = 10_000
"""Ballots that wait for their batch; more could not be answered in time."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a voter is told: the ballot as stored, the one it replaced, the proposal with it.

    `reached_quorum` is True for the ballot that brought the count to quorum.
    """

    ballot: Ballot
    replaced: Ballot | None
    proposal: Proposal
    reached_quorum: bool


@dataclass(frozen=True, slots=True)
class _Waiting:
    wanted: Ballot
    answer: asyncio.Future[Receipt]


class BallotWriter:
    """Commits waiting ballots in batches (group commit); each caller waits for its own batch.

    Counting at the close takes its turn in the same queue: a ballot is counted or refused.
    """

    def __init__(self, database: Database, now: Now) -> None:
        self._database = database
        self._now = now
        self._waiting: deque[_Waiting] = deque()
        self._filled = asyncio.Event()
        self._turn = asyncio.Lock()
        self._stopping = False

    async def cast(self, ballot: Ballot) -> Receipt:
        """Store a ballot; returned once it is on disk. Its `cast_at` is set by the writer.

        Raises Refusal where voting isn't open, Busy where too many wait, Unavailable where
        nothing could be stored.
        """
        if self._stopping:
            raise Unavailable("the bot is stopping")
        if len(self._waiting) >= MOST_WAITING:
            raise Busy(
                "Very many people are voting at this moment, so your vote has not been counted. "
                "Please press again in a few seconds."
            )
        answer: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(ballot, answer))
        self._filled.set()
        return await answer

    async def run(self) -> None:
        """Write until stopped; what waits then is written first."""
        while not (self._stopping and not self._waiting):
            await self._filled.wait()
            self._filled.clear()
            while self._waiting:
                async with self._turn:
                    most = min(len(self._waiting), MOST_IN_A_BATCH)
                    await self._settle([self._waiting.popleft() for _ in range(most)])

    def stop(self) -> None:
        self._stopping = True
        self._filled.set()

    async def close(self, proposal_id: int) -> Proposal | None:
        """Count a proposal whose deadline has passed, for good; None where that isn't due.

        Raises CountMismatch, and stores nothing, if the recount differs from the running tally.
        """
        async with self._turn, self._database.write() as connection:
            proposal = (await proposals.lock(connection, [proposal_id])).get(proposal_id)
            now = self._now()
            if proposal is None or proposal.canceled or proposal.counted_at:
                return None
            if now <= proposal.vote_end:
                return None
            cast = await ballots.to_count(connection, proposal_id)
            tally = SYSTEMS[proposal.rules.system].count(cast)
            if (tally, len(cast)) != (proposal.tally, proposal.voters):
                raise CountMismatch(
                    f"proposal {proposal_id}: {len(cast)} ballots give {tally}, the running tally "
                    f"says {proposal.voters} and {proposal.tally}"
                )
            await proposals.change(connection, proposal_id, counted_at=now)
            await deliveries.add(
                connection, Event.CLOSED, proposal_id, Target.THREAD, Target.RESULTS
            )
            return (await proposals.by_ids(connection, [proposal_id]))[proposal_id]

    async def _settle(self, batch: list[_Waiting]) -> None:
        try:
            await self._commit(batch)
        except Unavailable as error:
            log.warning("%d ballots could not be stored: %s", len(batch), error)
            for each in batch:
                _refuse(each, error)
        except Exception as error:
            if len(batch) == 1:
                _refuse(batch[0], error)
                return
            # One ballot must not take the others down with it.
            for each in batch:
                await self._settle([each])

    async def _commit(self, batch: list[_Waiting]) -> None:
        keys = {(each.wanted.proposal_id, each.wanted.voter_id) for each in batch}
        receipts: list[tuple[_Waiting, Receipt | Refusal]] = []
        cast_now: dict[ballots.Key, Ballot] = {}
        async with self._database.write() as connection:
            known = await proposals.lock(connection, {proposal_id for proposal_id, _ in keys})
            earlier = await ballots.cast(connection, keys)
            now = self._now()
            for each in batch:
                try:
                    proposal = known.get(each.wanted.proposal_id)
                    if proposal is None:
                        raise NotFound("That proposal doesn't exist any more.")
                    require_active(proposal, now)
                except Refusal as refusal:
                    receipts.append((each, refusal))
                    continue
                key = (proposal.id, each.wanted.voter_id)
                ballot = replace(each.wanted, cast_at=now)
                replaced = earlier.get(key)
                if replaced and replaced.choice == ballot.choice and not ballot.reason:
                    ballot = replace(ballot, reason=replaced.reason)
                after = _with_ballot(proposal, ballot, replaced)
                known[proposal.id], earlier[key], cast_now[key] = after, ballot, ballot
                reached = after.quorum_reached and not proposal.quorum_reached
                receipts.append((each, Receipt(ballot, replaced, after, reached)))
            if cast_now:
                await ballots.save(connection, list(cast_now.values()))
                await ballots.save_tally(
                    connection, [known[i] for i in {proposal_id for proposal_id, _ in cast_now}]
                )
        for each, answer in receipts:
            if isinstance(answer, Refusal):
                _refuse(each, answer)
            elif not each.answer.done():
                each.answer.set_result(answer)


def _with_ballot(proposal: Proposal, ballot: Ballot, replaced: Ballot | None) -> Proposal:
    """The proposal with its running tally after this ballot."""
    tally = dict(proposal.tally)
    if replaced:
        tally[replaced.choice] -= replaced.power
    tally[ballot.choice] = tally.get(ballot.choice, 0) + ballot.power
    voters = proposal.voters + (replaced is None)
    return replace(proposal, tally=tally, voters=voters, revision=proposal.revision + 1)


def _refuse(waiting: _Waiting, error: Exception) -> None:
    if not waiting.answer.done():
        waiting.answer.set_exception(error)
