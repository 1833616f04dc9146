"""Casting ballots and looking at one's own."""

import logging
from dataclasses import dataclass

from governance import staking
from governance.ballot import RECUSED, Ballot, require_reason
from governance.carry import Elector
from governance.electorate import Member, require_may_vote, require_person, require_recorded
from governance.errors import Refusal, Unavailable
from governance.proposal import Proposal, require_active
from governance.texts import REASON_LENGTH, plain
from governance.voting import conviction
from services.ballot_writer import BallotWriter, Receipt
from services.clock import Now
from services.members import Members
from services.powers import Own, Powers, snapshot_of
from services.proposals import seen
from services.signers import removed_signers
from services.snapshots import Snapshots
from services.ways import Carrier, carrier
from storage import ballots, electorate, proposals
from storage.database import Database

_PATIENCE = 5.0
"""Seconds that a vote waits for its electorate to be fixed."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Purse:
    """What a member stakes: `here` on one vote, and on the server's other open votes (units)."""

    here: int
    others: tuple[tuple[Proposal, int], ...]


@dataclass(frozen=True, slots=True)
class Mine:
    """A member's ballot beside the proposal it was cast on; None where there is none yet.

    `carrier` is then who has its power by delegation, where somebody has.
    """

    proposal: Proposal
    ballot: Ballot | None
    carrier: Carrier | None = None


class Voting:
    def __init__(
        self,
        database: Database,
        now: Now,
        writer: BallotWriter,
        members: Members,
        snapshots: Snapshots,
        powers: Powers,
    ) -> None:
        self._database = database
        self._members = members
        self._snapshots = snapshots
        self._powers = powers
        self._now = now
        self._writer = writer

    async def cast(
        self,
        guild_id: int,
        proposal_id: int,
        member: Member,
        choice: object,
        reason: str = "",
    ) -> Receipt:
        """Cast a ballot; returned once it is on disk. `choice` as the voting system takes it.

        Raises Refusal or Unavailable; then nothing was counted.
        """
        proposal = await self._open(guild_id, proposal_id, member.id)
        own, elector = await self._own(member, proposal)
        if not own and not (elector and (elector.carried or elector.second_carried)):
            raise Refusal("You have no voting power on this proposal; /power tells why.")
        recused = proposal.rules.recusal and choice == RECUSED
        checked = RECUSED if recused else proposal.system.check(choice, own.power, proposal.terms)
        reason = _reason(reason)
        require_reason(proposal.rules, checked, reason)
        ballot = Ballot(
            proposal_id, member.id, checked, own.power, reason, self._now(), second=own.second
        )
        stakes_in = guild_id if proposal.rules.system == conviction.NAME else None
        removed = await self._removed(proposal)
        return await self._writer.cast(ballot, stakes_in=stakes_in, removed=removed)

    async def power(self, guild_id: int, proposal_id: int, member: Member) -> int:
        """The member's own power (units) on a vote that is open; a Refusal where it has none."""
        return (await self._own(member, await self._open(guild_id, proposal_id, member.id)))[
            0
        ].power

    async def _own(self, member: Member, proposal: Proposal) -> tuple[Own, Elector | None]:
        """The member's power, with what was recorded of it; NotAllowed for who may not vote."""
        elector = None
        if proposal.electors:
            async with self._database.read() as connection:
                elector = await electorate.get(connection, proposal.id, member.id)
        require_person(member)
        require_recorded(elector, proposal)
        if elector and elector.power is not None:
            return Own(elector.power, elector.second or 0), elector
        require_may_vote(member, proposal)
        at = snapshot_of(proposal)
        return await self._powers.of(member, proposal.rules, at, proposal.electorate), elector

    async def _removed(self, proposal: Proposal) -> frozenset[int] | None:
        """Signers who aren't any more; None where Discord doesn't tell."""
        try:
            return await removed_signers(self._members, proposal)
        except Unavailable as error:
            log.warning("who still signs proposal %d is not known: %s", proposal.id, error)
            return None

    async def _open(self, guild_id: int, proposal_id: int, member_id: int) -> Proposal:
        """A proposal whose voting has started: what a ballot is checked against is fixed by then.

        Whether it still is Active, the writer decides.
        """
        if known := self._writer.opened.get(proposal_id):
            return seen(guild_id, known, member_id)
        async with self._database.read() as connection:
            proposal = seen(guild_id, await proposals.get(connection, proposal_id), member_id)
        require_active(proposal, self._now())
        fixed = await self._snapshots.take(proposal, _PATIENCE)
        if fixed is None or fixed.snapshot_at is None:
            require_active(fixed or proposal, self._now())
            raise Refusal(
                f"Voting on {proposal.label} has only just started, and its electorate is still "
                "being recorded, so your vote has not been counted. Please vote again in a minute."
            )
        self._writer.know(fixed)
        return fixed

    async def mine(self, guild_id: int, proposal_id: int, member_id: int) -> Mine:
        """A member's ballot on a proposal."""
        key = (proposal_id, member_id)
        async with self._database.read() as connection:
            proposal = seen(guild_id, await proposals.get(connection, proposal_id), member_id)
            ballot = (await ballots.cast(connection, [key])).get(key)
            if ballot or not proposal.electors or proposal.canceled:
                return Mine(proposal, ballot)
            return Mine(proposal, None, await carrier(connection, proposal, member_id))

    async def purse(self, guild_id: int, proposal_id: int, member_id: int) -> Purse:
        """What a member stakes on a conviction vote, and beside it."""
        async with self._database.read() as connection:
            proposal = seen(guild_id, await proposals.get(connection, proposal_id), member_id)
            votes = await proposals.conviction_votes(connection, guild_id)
            cast = await ballots.of_voters(connection, [proposal.id, *votes], [member_id])
        living, _ = staking.settled(votes, self._now())
        held = {key[0]: staking.held(each.choice) for key, each in cast.items()}
        here = held.pop(proposal.id, 0)
        others = tuple((living[i], held[i]) for i in living if held.get(i))
        return Purse(here, others)

    async def all_mine(
        self, guild_id: int, member_id: int, *, limit: int, offset: int
    ) -> list[Mine]:
        """A member's ballots in a server, the latest proposals first."""
        async with self._database.read() as connection:
            cast = await ballots.of_member(
                connection, guild_id, member_id, limit=limit, offset=offset
            )
            known = await proposals.by_ids(connection, [each.proposal_id for each in cast])
        return [Mine(known[each.proposal_id], each) for each in cast]


def _reason(text: str) -> str:
    reason = plain(text).strip()
    if len(reason) > REASON_LENGTH:
        raise Refusal(
            f"The reason has {len(reason)} characters. Shorten it to {REASON_LENGTH} or fewer; "
            "your vote has not been counted yet."
        )
    return reason
