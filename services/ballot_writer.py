"""The one writer of ballots: concurrent ballots reach the disk together, in order of arrival."""

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from governance import extensions, staking
from governance.ballot import RECUSED, Ballot
from governance.counts import as_json
from governance.deliveries import Event, Target
from governance.errors import Busy, CountMismatch, NotFound, Refusal, Unavailable
from governance.proposal import Proposal, require_active, takes_votes
from governance.voting import conviction
from governance.voting.system import Choice, Count, Score
from services import carrying, notices, signers
from services.clock import Now
from services.reputation import earned
from services.staking import Staked, brought_up_to_date
from services.tallying import with_ballot
from storage import ballots, deliveries, proposals
from storage.database import Database

log = logging.getLogger(__name__)

MOST_IN_A_BATCH = 500
"""Ballots of one transaction; SQLite takes about 10 ms for so many."""
MOST_WAITING = 10_000
"""Ballots that wait for their batch; more could not be answered in time."""
_MOST_OPENED = 1000
"""Proposals kept in memory."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a voter is told: the ballot as stored, the one it replaced, the proposal with it.

    `news` is True for a ballot whose effect everyone should see at once: it brought the count to
    quorum, moved the end of the vote, or ended it. `carries` is for how many members the voter
    votes besides itself.
    """

    ballot: Ballot
    replaced: Ballot | None
    proposal: Proposal
    news: bool
    carries: int = 0


@dataclass(frozen=True, slots=True)
class _Waiting:
    wanted: Ballot
    guild_id: int | None
    removed: frozenset[int] | None
    answer: asyncio.Future[Receipt]


Answers = list[tuple[_Waiting, Receipt | Refusal]]


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
        self.opened: dict[int, Proposal] = {}
        """What a ballot is checked against, fixed by now; other facts are of some earlier time."""

    def know(self, proposal: Proposal) -> None:
        """Keep a proposal whose electorate is fixed in memory, so that no vote reads it again."""
        if proposal.id not in self.opened and len(self.opened) >= _MOST_OPENED:
            self.opened.pop(next(iter(self.opened)))
        self.opened[proposal.id] = proposal

    async def cast(
        self,
        ballot: Ballot,
        *,
        stakes_in: int | None = None,
        removed: frozenset[int] | None = frozenset(),
    ) -> Receipt:
        """Store a ballot; returned once it is on disk. Its `cast_at` is set by the writer.

        A stake is of the server `stakes_in`; the writer sets its step, too. `removed` are signers
        who aren't any more; None where that isn't known, so that nothing is decided early.
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
        self._waiting.append(_Waiting(ballot, stakes_in, removed, answer))
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

    async def review(self, proposal_id: int, removed: frozenset[int]) -> Proposal | None:
        """End a vote that its signatures have decided, those of `removed` signers left out."""
        async with self._turn, self._database.write() as connection:
            proposal = (await proposals.lock(connection, [proposal_id]))[proposal_id]
            now = self._now()
            if not takes_votes(proposal, now):
                return None
            after = await signers.without(connection, proposal, removed)
            after = extensions.after_ballot(proposal, after, now)
            after = replace(after, revision=proposal.revision + 1)
            await ballots.save_tally(connection, [after])
            return after

    async def close(
        self,
        proposal_id: int,
        electorates: tuple[int | None, int | None] = (None, None),
        removed: frozenset[int] | None = None,
    ) -> Proposal | None:
        """Count a proposal whose deadline has passed, for good; None where that isn't due.

        `electorates` (units; the second house's too) are recorded where they weren't at the start
        of voting. `removed` are signers who aren't any more; None where that was settled before.
        Raises CountMismatch, and stores nothing, if the recount differs from the running tally.
        """
        async with self._turn, self._database.write() as connection:
            now = self._now()
            if found := await proposals.get(connection, proposal_id):
                await brought_up_to_date(connection, found, now)
            proposal = (await proposals.lock(connection, [proposal_id])).get(proposal_id)
            if proposal is None or proposal.canceled or proposal.counted_at:
                return None
            if proposal.submitted_at is None or not proposal.voting_is_over(now):
                return None
            if proposal.needs_electorate:
                proposal = replace(proposal, electorate=electorates[0])
            if proposal.needs_second_electorate:
                proposal = replace(proposal, second_electorate=electorates[1])
            if proposal.needs_lot:
                proposal = replace(proposal, seed=secrets.token_bytes(32))
            if removed is not None:
                without = await signers.without(connection, proposal, removed)
                if without != proposal:
                    await ballots.save_tally(connection, [without])
                proposal = without
            await carrying.require_agreement(connection, proposal)
            cast = await ballots.to_count(connection, proposal_id, proposal.removed)
            count = await _counted(proposal, cast)
            _require_agreement(proposal, count, sum(times for _, _, times in cast))
            second = None
            if proposal.rules.second_power:
                second = await _counted(
                    proposal, await ballots.to_count(connection, proposal_id, second=True)
                )
                _require_second_agreement(proposal, second)
            await proposals.change(
                connection,
                proposal_id,
                counted_at=now,
                final_count=as_json(count),
                final_second=second and as_json(second),
                electorate=proposal.electorate,
                second_electorate=proposal.second_electorate,
                seed=proposal.seed,
            )
            await notices.told_at_close(connection, proposal)
            await deliveries.add(
                connection, Event.CLOSED, proposal_id, Target.THREAD, Target.RESULTS
            )
            await earned(connection, proposal_id, now)
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
        for each, answer in await self._database.write_whole(partial(self._write, batch)):
            if isinstance(answer, Refusal):
                _refuse(each, answer)
            elif not each.answer.done():
                each.answer.set_result(answer)

    async def _locked(self, connection: AsyncConnection, ids: set[int]) -> dict[int, Proposal]:
        # In another thread than `know`, on SQLite.
        opened = {each: known for each in ids if (known := self.opened.get(each))}
        if len(opened) == len(ids):
            return await proposals.lock_again(connection, opened)
        return await proposals.lock(connection, ids)

    async def _write(self, batch: list[_Waiting], connection: AsyncConnection) -> Answers:
        """Store a batch; awaits nothing but the database."""
        keys = {(each.wanted.proposal_id, each.wanted.voter_id) for each in batch}
        receipts: Answers = []
        cast_now: dict[ballots.Key, Ballot] = {}
        extended: set[int] = set()
        guilds = {each.guild_id for each in batch if each.guild_id is not None}
        staked = await Staked.locked(connection, guilds)
        known = await self._locked(connection, {each for each, _ in keys} - staked.votes)
        ways = await carrying.along(connection, known, keys)
        earlier = await ballots.cast(connection, keys | ways.members())
        ways.know(earlier.keys())
        if staked.votes:
            voters = {voter for _, voter in keys}
            earlier |= await ballots.of_voters(connection, staked.votes, voters)
        terms = {each: known[each].terms for each in known}  # once for all of its ballots
        now = self._now()
        known |= staked.settled(now)
        for each in batch:
            try:
                proposal, ballot, replaced = _admitted(each, known, earlier, staked, now)
            except Refusal as refusal:
                receipts.append((each, refusal))
                continue
            if proposal.rules.signers:
                gone = frozenset(proposal.removed) if each.removed is None else each.removed
                gone -= {ballot.voter_id}
                proposal = await signers.without(connection, proposal, gone, cast_now.values())
            ballot, carries, moved = ways.with_carried(proposal, ballot, replaced, earlier)
            after = with_ballot(proposal, terms.get(proposal.id), ballot, replaced, now, moved)
            if each.removed is None:
                after = replace(after, ended_at=None)
            for changed in (ballot, *(less for _, less in moved)):
                key = (proposal.id, changed.voter_id)
                earlier[key] = cast_now[key] = changed
            known[proposal.id], news = after, _is_news(proposal, after)
            receipts.append((each, Receipt(ballot, replaced, after, news, carries)))
            if after.vote_end > proposal.vote_end:
                extended.add(proposal.id)
        known |= await staked.save(connection, known, now)
        if cast_now:
            await ballots.save(connection, list(cast_now.values()))
            await ways.save(connection)
            for proposal_id, voter in ways.first_ballots:
                await notices.voted(connection, known[proposal_id], voter)
            await ballots.save_tally(
                connection, [known[i] for i in {proposal_id for proposal_id, _ in cast_now}]
            )
        for proposal_id in extended:
            await deliveries.add(
                connection,
                Event.EXTENDED,
                proposal_id,
                Target.THREAD,
                version=int(known[proposal_id].vote_end.timestamp()),
            )
        return [
            (each, answer if isinstance(answer, Refusal) else _final(answer, known, now))
            for each, answer in receipts
        ]


def _admitted(
    waiting: _Waiting,
    known: Mapping[int, Proposal],
    earlier: Mapping[ballots.Key, Ballot],
    staked: Staked,
    now: datetime,
) -> tuple[Proposal, Ballot, Ballot | None]:
    """The proposal, the ballot as it is to be stored, and the one it replaces; or a Refusal."""
    wanted = waiting.wanted
    proposal = known.get(wanted.proposal_id)
    if proposal is None:
        raise NotFound("That proposal doesn't exist any more.")
    require_active(proposal, now)
    ballot, replaced = replace(wanted, cast_at=now), earlier.get((proposal.id, wanted.voter_id))
    if waiting.guild_id is not None:
        others = staked.others(waiting.guild_id, ballot, known, earlier)
        ballot = staking.with_stake(ballot, replaced, proposal, others, now)
    if replaced and replaced.choice == ballot.choice and not ballot.reason:
        ballot = replace(ballot, reason=replaced.reason)
    return proposal, ballot, replaced


async def _counted(proposal: Proposal, cast: Iterable[tuple[Choice, int, int]]) -> Count:
    sides = [ballot for ballot in cast if ballot[0] != RECUSED]
    # In a thread: some systems take a second for it, and other servers' votes don't wait.
    return await asyncio.to_thread(proposal.system.count, sides, proposal.terms)


def _is_news(before: Proposal, after: Proposal) -> bool:
    if after.vote_end != before.vote_end or after.ended_at:
        return True
    # When the card of a secret vote is edited must not tell how anyone voted.
    if not (after.rules.quorum or after.rules.second_quorum) or after.hides_tally:
        return False
    return after.quorum_reached and not before.quorum_reached


def _require_agreement(proposal: Proposal, count: Count, voters: int) -> None:
    """Raise CountMismatch where the recount differs from the running tally."""
    tally, scores = proposal.tally, _expected(proposal)
    counted = (voters, count.ballots, count.power)
    if counted == (tally.voters, tally.ballots, tally.power) and scores in (None, count.scores):
        return
    raise CountMismatch(
        f"proposal {proposal.id}: {voters} ballots give {dict(count.scores)} with power "
        f"{count.power}, the running tally says {tally.voters}, {dict(tally.scores)} and "
        f"{tally.power}"
    )


def _require_second_agreement(proposal: Proposal, count: Count) -> None:
    tally = proposal.tally
    scores = {**dict.fromkeys(count.scores, 0), **tally.second}
    if (tally.second_power, scores) != (count.power, count.scores):
        raise CountMismatch(
            f"proposal {proposal.id}: the second house's ballots give {dict(count.scores)}, the "
            f"running tally says {dict(tally.second)}"
        )


def _expected(proposal: Proposal) -> Mapping[int, Score] | None:
    """What the recount has to give; None where the system keeps no scores while the vote runs."""
    if proposal.rules.system == conviction.NAME:
        return staking.standing(proposal, proposal.vote_end).scores
    return proposal.running.scores if proposal.running else None


def _final(receipt: Receipt, known: Mapping[int, Proposal], now: datetime) -> Receipt:
    """Of a stake, the proposal as it is after all stakes of the same batch."""
    proposal = known[receipt.proposal.id]
    if proposal.rules.system != conviction.NAME:
        return receipt
    return replace(receipt, proposal=proposal, news=proposal.vote_end <= now)


def _refuse(waiting: _Waiting, error: Exception) -> None:
    if not waiting.answer.done():
        waiting.answer.set_exception(error)
