"""Casting ballots and looking at one's own."""

from dataclasses import dataclass

from governance.ballot import Ballot
from governance.electorate import Member, voting_power
from governance.errors import Refusal
from governance.proposal import REASON_LENGTH, Proposal, plain, require_active
from governance.voting import SYSTEMS
from services.ballot_writer import BallotWriter, Receipt
from services.clock import Now
from services.proposals import of_server
from storage import ballots, proposals
from storage.database import Database

_MOST_OPENED = 1000
"""Proposals kept in memory, so that a vote needs no read of its own."""


@dataclass(frozen=True, slots=True)
class Mine:
    """A member's ballot beside the proposal it was cast on; None where there is none yet."""

    proposal: Proposal
    ballot: Ballot | None


class Voting:
    def __init__(self, database: Database, now: Now, writer: BallotWriter) -> None:
        self._database = database
        self._now = now
        self._writer = writer
        self._opened: dict[int, Proposal] = {}

    async def cast(
        self,
        guild_id: int,
        proposal_id: int,
        member: Member,
        choice: int,
        reason: str = "",
    ) -> Receipt:
        """Cast a ballot; returned once it is on disk.

        Raises Refusal or Unavailable; then nothing was counted.
        """
        proposal = await self._open(guild_id, proposal_id)
        power = voting_power(member, proposal)
        if not power:
            raise Refusal("You have no voting power on this proposal.")
        return await self._writer.cast(
            Ballot(
                proposal_id=proposal_id,
                voter_id=member.id,
                choice=SYSTEMS[proposal.rules.system].check(choice),
                power=power,
                reason=_reason(reason),
                cast_at=self._now(),
            )
        )

    async def _open(self, guild_id: int, proposal_id: int) -> Proposal:
        """A proposal whose voting has started: what a ballot is checked against is fixed by then.

        Whether it still is Active, the writer decides.
        """
        if known := self._opened.get(proposal_id):
            return of_server(guild_id, known)
        async with self._database.read() as connection:
            proposal = of_server(guild_id, await proposals.get(connection, proposal_id))
        require_active(proposal, self._now())
        if len(self._opened) >= _MOST_OPENED:
            self._opened.pop(next(iter(self._opened)))
        self._opened[proposal_id] = proposal
        return proposal

    async def mine(self, guild_id: int, proposal_id: int, member_id: int) -> Mine:
        """A member's ballot on a proposal."""
        key = (proposal_id, member_id)
        async with self._database.read() as connection:
            proposal = of_server(guild_id, await proposals.get(connection, proposal_id))
            return Mine(proposal, (await ballots.cast(connection, [key])).get(key))

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
