"""The electorate of a vote, fixed when it starts: who has which power, and who delegates to whom.

Where Discord lists a server's members, all of them are recorded; else those who delegate are, and
the others' power is told by the interaction that casts their ballot.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from sqlalchemy.ext.asyncio import AsyncConnection

from governance import carry, delegation
from governance.carry import Elector
from governance.composition import Curve
from governance.consistency import require_known_electorate
from governance.delegation import Delegation
from governance.electorate import Member, may_vote
from governance.errors import Refusal, Unavailable
from governance.options import NO_QUORUM
from governance.proposal import Proposal
from governance.voting import multisig
from services.clock import Now
from services.members import Members
from services.powers import Own, Powers, snapshot_of
from storage import delegations, electorate, proposals, spaces
from storage.database import Database

log = logging.getLogger(__name__)

_FIRST_WAIT, _LONGEST_WAIT = 5.0, 300.0
"""Seconds until Discord is asked again after no answer; twice as long each time."""
_AT_ONCE = 10_000
"""Electors of one transaction."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What is to be recorded: `total` and `second_total` (units) None where they aren't known."""

    electors: Mapping[int, Elector]
    recorded: bool = False
    total: int | None = None
    second_total: int | None = None

    @property
    def size(self) -> int:
        """How many there are; where all are recorded, of those who may vote."""
        if not self.recorded:
            return len(self.electors)
        return sum(each.power is not None for each in self.electors.values())


class Snapshots:
    def __init__(self, database: Database, now: Now, members: Members, powers: Powers) -> None:
        self._database = database
        self._now = now
        self._members = members
        self._powers = powers
        self._taking: dict[int, asyncio.Task[Proposal | None]] = {}
        self._stopping = False

    async def take(self, proposal: Proposal, patience: float) -> Proposal | None:
        """The proposal with its electorate fixed; None if that takes longer than `patience` (s).

        It goes on meanwhile, however often it is asked for.
        """
        if proposal.snapshot_at is not None:
            return proposal
        if self._stopping:
            return None
        task = self._taking.get(proposal.id)
        if task is None:
            task = self._taking[proposal.id] = asyncio.create_task(self._take(proposal))
            task.add_done_callback(lambda _: self._taking.pop(proposal.id, None))
        await asyncio.wait({task}, timeout=patience)
        return task.result() if task.done() and not task.cancelled() else None

    async def stop(self) -> None:
        """Leave the rest to the next start; who waits for it is told so."""
        self._stopping = True
        running = list(self._taking.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def is_taking(self, proposal_id: int) -> bool:
        return proposal_id in self._taking

    async def _take(self, proposal: Proposal) -> Proposal | None:
        wait = _FIRST_WAIT
        known: dict[int, Member | None] = {}
        while not await self._try(proposal, known, first=wait == _FIRST_WAIT):
            await asyncio.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT)
        async with self._database.read() as connection:
            return await proposals.get(connection, proposal.id)

    async def _try(
        self, proposal: Proposal, known: dict[int, Member | None], *, first: bool
    ) -> bool:
        """Whether there is nothing left to do; what is in the way of it is logged."""
        try:
            async with self._database.read() as connection:
                missing = _lacks_snapshot(await proposals.get(connection, proposal.id))
            if missing:
                await self._store(proposal.id, await self._find(proposal, known))
        except Unavailable as error:
            if first:
                log.warning("the electorate of proposal %d waits: %s", proposal.id, error)
            return False
        except Exception:  # which must not keep other votes from opening
            log.exception("the electorate of proposal %d can't be recorded", proposal.id)
            return False
        return True

    async def _store(self, proposal_id: int, found: _Found) -> None:
        """Record the electors, a part at a time: no ballot elsewhere waits until all are on disk.

        They count once the proposal says that they are fixed.
        """
        async with self._database.write() as connection:
            if not await _locked(connection, proposal_id):
                return
            await electorate.clear(connection, proposal_id)  # what a stop in the middle has left
        waiting = iter(found.electors.values())
        while some := list(islice(waiting, _AT_ONCE)):
            async with self._database.write() as connection:
                await electorate.add(connection, proposal_id, some)
        if found.electors:
            async with self._database.write() as connection:
                await electorate.analyze(connection)
        async with self._database.write() as connection:
            if not await _locked(connection, proposal_id):
                return
            if await electorate.stored(connection, proposal_id) != len(found.electors):
                raise Unavailable("another process records it, too")
            await proposals.fix(
                connection,
                proposal_id,
                snapshot_at=self._now(),
                electors=found.size,
                recorded=found.recorded,
                electorate=found.total,
                second_electorate=found.second_total,
            )

    async def _find(self, proposal: Proposal, known: dict[int, Member | None]) -> _Found:
        """Everything read that is to be recorded; `known` keeps what was read before a failure."""
        standing = await self._standing(proposal)
        if proposal.rules.system == multisig.NAME:  # whose electorate are its signers
            return _Found({})
        everyone = await self._members.everyone(proposal.guild_id)
        if everyone is not None:
            voters = await asyncio.to_thread(_who_may_vote, everyone, proposal)
            return await self._recorded(proposal, voters, standing)
        _require_known_electorate(proposal)
        asked = {who for who, each in standing.items() if each.delegate_id is not None} - set(known)
        known.update(await self._members.found(proposal.guild_id, asked))
        if missing := asked - set(known):
            raise Unavailable(f"Discord didn't tell who {len(missing)} delegators are")
        total = await self._total(proposal)
        second_total = await self._second_total(proposal)
        told = [member for who, member in known.items() if member and who in standing]
        voters = await asyncio.to_thread(_who_may_vote, told, proposal)
        own = await self._own(proposal, voters, total)
        electors = await asyncio.to_thread(_enrolled, own, standing)
        return _Found(electors, False, total, second_total)

    async def _recorded(
        self, proposal: Proposal, voters: Sequence[Member], standing: Mapping[int, Delegation]
    ) -> _Found:
        uncapped = None
        if proposal.rules.power_cap.share:
            linear = replace(proposal.rules, power_cap=NO_QUORUM, power_curve=Curve.LINEAR.value)
            plain = await self._own(replace(proposal, rules=linear), voters, None)
            uncapped = sum(each.power for each in plain.values())
        own = await self._own(proposal, voters, uncapped)
        electors = await asyncio.to_thread(_enrolled, own, standing)
        total = sum(each.power for each in own.values())
        return _Found(electors, True, total, sum(each.second for each in own.values()))

    async def _own(
        self, proposal: Proposal, voters: Sequence[Member], total: int | None
    ) -> dict[int, Own]:
        own = await self._powers.own(voters, proposal.rules, snapshot_of(proposal), total)
        if unknown := len(voters) - len(own):
            raise Unavailable(f"the power of {unknown} members is not known")
        return own

    async def _total(self, proposal: Proposal) -> int | None:
        """What a cap refers to; without one it can be told later."""
        if not proposal.needs_electorate_to_vote:
            return proposal.electorate
        total = await self._powers.total(proposal.rules, snapshot_of(proposal))
        if total is None:
            raise Unavailable("nobody knows the power of all members, which its cap refers to")
        return total

    async def _second_total(self, proposal: Proposal) -> int | None:
        if not proposal.needs_second_electorate:
            return proposal.second_electorate
        return await self._powers.second_total(proposal.rules, snapshot_of(proposal))

    async def _standing(self, proposal: Proposal) -> dict[int, Delegation]:
        """Of each member the delegation that applied when voting started, “nobody” too."""
        if not proposal.delegates:
            return {}
        at = proposal.vote_start
        async with self._database.read() as connection:
            line = await spaces.line(connection, proposal.space_id)
            to = delegation.scopes(line, proposal.topic)
            found = await delegations.standing(connection, proposal.guild_id, to, at)
        return await asyncio.to_thread(delegation.applying, found, to, at)


def _lacks_snapshot(proposal: Proposal | None) -> bool:
    """Whether the electorate is still to be fixed: also of a vote that is over, until its count."""
    if proposal is None or proposal.snapshot_at or proposal.canceled:
        return False
    return proposal.counted_at is None


async def _locked(connection: AsyncConnection, proposal_id: int) -> bool:
    """Whether the electorate is still to be fixed, nobody else doing so meanwhile."""
    return _lacks_snapshot((await proposals.lock(connection, [proposal_id])).get(proposal_id))


def _require_known_electorate(proposal: Proposal) -> None:
    """Wait for the list of members where the rules, made while there was one, need it."""
    try:
        require_known_electorate(proposal.rules)
    except Refusal as error:
        raise Unavailable(str(error)) from error


def _who_may_vote(members: Iterable[Member], proposal: Proposal) -> list[Member]:
    return [member for member in members if may_vote(member, proposal)]


def _enrolled(own: Mapping[int, Own], standing: Mapping[int, Delegation]) -> dict[int, Elector]:
    """Those with power, or with a part in a delegation, and what each carries."""
    electors = {}
    delegates = {standing[who].delegate_id for who in own if who in standing}
    for who, each in own.items():
        given = standing.get(who)
        trusted = given.delegate_id if given else None
        if each or trusted is not None or who in delegates:
            delegation_id = given.id if given else None
            electors[who] = Elector(who, each.power, each.second, trusted, delegation_id)
    for trusted in [each.delegate_id for each in electors.values()]:
        if trusted is not None and trusted not in electors:
            # Its power is told when it votes; where all are recorded, it may not vote.
            electors[trusted] = Elector(trusted, None, None, None, None)
    return carry.enrolled(electors.values())
