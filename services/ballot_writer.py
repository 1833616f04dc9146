"""The one writer of ballots: concurrent ballots reach the disk together, in order of arrival."""

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from governance import extensions, staking
from governance.ballot import RECUSED, Ballot
from governance.counts import as_json
from governance.deliveries import Event, Target
from governance.errors import Busy, CountMismatch, NotFound, Refusal, Unavailable
from governance.proposal import Proposal, Tally, require_active, takes_votes
from governance.voting import conviction
from governance.voting.system import Count, Score, Terms
from services import staking as stakes
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

    `news` is True for a ballot whose effect everyone should see at once: it brought the count to
    quorum, moved the end of the vote, or ended it.
    """

    ballot: Ballot
    replaced: Ballot | None
    proposal: Proposal
    news: bool


@dataclass(frozen=True, slots=True)
class _Waiting:
    wanted: Ballot
    guild_id: int | None
    removed: frozenset[int] | None
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
            after = await _without(connection, proposal, removed, ())
            after = extensions.after_ballot(proposal, after, now)
            after = replace(after, revision=proposal.revision + 1)
            await ballots.save_tally(connection, [after])
            return after

    async def close(
        self,
        proposal_id: int,
        electorate: int | None = None,
        removed: frozenset[int] | None = None,
    ) -> Proposal | None:
        """Count a proposal whose deadline has passed, for good; None where that isn't due.

        `electorate` (units) is recorded where it wasn't at the start of voting. `removed` are
        signers who aren't any more; None where that was settled before.
        Raises CountMismatch, and stores nothing, if the recount differs from the running tally.
        """
        async with self._turn, self._database.write() as connection:
            now = self._now()
            if found := await proposals.get(connection, proposal_id):
                await stakes.brought_up_to_date(connection, found, now)
            proposal = (await proposals.lock(connection, [proposal_id])).get(proposal_id)
            if proposal is None or proposal.canceled or proposal.counted_at:
                return None
            if proposal.submitted_at is None or not proposal.voting_is_over(now):
                return None
            if proposal.needs_electorate:
                proposal = replace(proposal, electorate=electorate)
            if proposal.needs_lot:
                proposal = replace(proposal, seed=secrets.token_bytes(32))
            if removed is not None:
                without = await _without(connection, proposal, removed, ())
                if without != proposal:
                    await ballots.save_tally(connection, [without])
                proposal = without
            cast = await ballots.to_count(connection, proposal_id, proposal.removed)
            sides = [ballot for ballot in cast if ballot[0] != RECUSED]
            # In a thread: some systems take a second for it, and other servers' votes don't wait.
            count = await asyncio.to_thread(proposal.system.count, sides, proposal.terms)
            _require_agreement(proposal, count, sum(times for _, _, times in cast))
            await proposals.change(
                connection,
                proposal_id,
                counted_at=now,
                final_count=as_json(count),
                electorate=proposal.electorate,
                seed=proposal.seed,
            )
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
        extended: set[int] = set()
        guilds = {each.guild_id for each in batch if each.guild_id is not None}
        async with self._database.write() as connection:
            staked = {each: await stakes.locked(connection, each) for each in sorted(guilds)}
            voted_on = {vote for votes in staked.values() for vote in votes}
            known = await proposals.lock(connection, {each for each, _ in keys} - voted_on)
            earlier = await ballots.cast(connection, keys)
            if voted_on:
                earlier |= await ballots.of_voters(connection, voted_on, {who for _, who in keys})
            terms = {each: known[each].terms for each in known}  # once for all of its ballots
            now = self._now()
            for votes in staked.values():
                living, passed = staking.settled(votes, now)
                known |= {**living, **passed}
            for each in batch:
                try:
                    proposal = known.get(each.wanted.proposal_id)
                    if proposal is None:
                        raise NotFound("That proposal doesn't exist any more.")
                    require_active(proposal, now)
                    key = (proposal.id, each.wanted.voter_id)
                    ballot, replaced = replace(each.wanted, cast_at=now), earlier.get(key)
                    if each.guild_id is not None:
                        beside = [known[vote] for vote in staked[each.guild_id]]
                        others = _others(beside, ballot, earlier)
                        ballot = staking.with_stake(ballot, replaced, proposal, others, now)
                except Refusal as refusal:
                    receipts.append((each, refusal))
                    continue
                if replaced and replaced.choice == ballot.choice and not ballot.reason:
                    ballot = replace(ballot, reason=replaced.reason)
                if proposal.rules.signers:
                    gone = frozenset(proposal.removed) if each.removed is None else each.removed
                    gone -= {ballot.voter_id}
                    proposal = await _without(connection, proposal, gone, cast_now.values())
                after = _with_ballot(proposal, terms.get(proposal.id), ballot, replaced, now)
                if each.removed is None:
                    after = replace(after, ended_at=None)
                known[proposal.id], earlier[key], cast_now[key] = after, ballot, ballot
                receipts.append((each, Receipt(ballot, replaced, after, _is_news(proposal, after))))
                if after.vote_end > proposal.vote_end:
                    extended.add(proposal.id)
            for votes in staked.values():
                living = {vote: known[vote] for vote in votes if not known[vote].ended_at}
                known |= staking.as_of(living, now)
                await stakes.save(connection, votes, {vote: known[vote] for vote in votes})
            if cast_now:
                await ballots.save(connection, list(cast_now.values()))
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
        for each, answer in receipts:
            if isinstance(answer, Refusal):
                _refuse(each, answer)
            elif not each.answer.done():
                each.answer.set_result(_final(answer, known, now))


def _is_news(before: Proposal, after: Proposal) -> bool:
    if after.vote_end != before.vote_end or after.ended_at:
        return True
    # When the card of a secret vote is edited must not tell how anyone voted.
    if not after.rules.quorum or after.hides_tally:
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


def _others(
    votes: Iterable[Proposal], ballot: Ballot, earlier: Mapping[ballots.Key, Ballot]
) -> list[tuple[Proposal, int]]:
    """What a voter stakes on the other votes that are open."""
    return [
        (vote, staking.held(earlier[vote.id, ballot.voter_id].choice))
        for vote in votes
        if vote.id != ballot.proposal_id
        and not vote.ended_at
        and (vote.id, ballot.voter_id) in earlier
    ]


async def _without(
    connection: AsyncConnection,
    proposal: Proposal,
    removed: frozenset[int],
    cast_now: Iterable[Ballot],
) -> Proposal:
    """The proposal counted without those signers, with ballots that aren't stored yet."""
    if removed == frozenset(proposal.removed):
        return proposal
    found = await ballots.of_voters(connection, [proposal.id], proposal.rules.signers)
    found |= {(each.proposal_id, each.voter_id): each for each in cast_now}
    proposal = replace(proposal, removed=tuple(sorted(removed)), tally=Tally())
    for each in found.values():
        if each.proposal_id == proposal.id and each.voter_id not in removed:
            proposal = replace(proposal, tally=_tallied(proposal, each, None))
    return proposal


def _with_ballot(
    proposal: Proposal,
    terms: Terms | None,
    ballot: Ballot,
    replaced: Ballot | None,
    now: datetime,
) -> Proposal:
    """The proposal with its running tally, and its end, after this ballot."""
    # Of a secret vote the card tells no more than how many voted, not even that a vote changed.
    shown = not proposal.hides_tally or (replaced is None and not proposal.hides_voters)
    tally = _tallied(proposal, ballot, replaced, terms)
    after = replace(proposal, tally=tally, revision=proposal.revision + shown)
    return extensions.after_ballot(proposal, after, now)


def _tallied(
    proposal: Proposal, ballot: Ballot, replaced: Ballot | None, terms: Terms | None = None
) -> Tally:
    """The running tally after this ballot; `terms` are the proposal's, where they are known."""
    if proposal.system.ADDITIVE and terms is None:
        terms = proposal.terms
    scores = dict(proposal.tally.scores)
    power, counted = proposal.tally.power, proposal.tally.ballots
    for each, sign in ((replaced, -1), (ballot, 1)):
        if each is None or each.recused:
            continue
        power, counted = power + sign * each.power, counted + sign
        if proposal.system.ADDITIVE and terms:
            given = proposal.system.score(each.choice, each.power, terms)
            for choice, score in given.items():
                before = scores.get(choice, 0)
                scores[choice] = before + score if sign > 0 else before - score
    voters = proposal.tally.voters + (replaced is None)
    tally = replace(proposal.tally, scores=scores, power=power, ballots=counted, voters=voters)
    if proposal.rules.system == conviction.NAME:
        return staking.with_ballot(tally, replaced, ballot)
    return tally


def _refuse(waiting: _Waiting, error: Exception) -> None:
    if not waiting.answer.done():
        waiting.answer.set_exception(error)
