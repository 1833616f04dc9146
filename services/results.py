"""The result of a vote as a file that anybody can recount."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from governance.ballot import RECUSED, Ballot
from governance.carry import Elector
from governance.errors import NotFound, Refusal
from governance.proposal import Proposal
from governance.result import Pattern, as_file
from governance.result_delegations import links_of
from governance.voting.system import Choice
from services.clock import Now
from storage import ballots, electorate, proposals
from storage.database import Database

_MISSING = "There is no such proposal in this server. See /proposal list."


class Results:
    def __init__(self, database: Database, now: Now) -> None:
        self._database = database
        self._now = now

    async def file(
        self, guild_id: int, proposal_id: int, member_id: int | None = None
    ) -> dict[str, Any]:
        """The result file of a counted proposal, always the same; a Refusal before the count."""
        async with self._database.read() as connection:
            proposal = await proposals.get(connection, proposal_id)
            if proposal is None or proposal.guild_id != guild_id:
                raise NotFound(_MISSING)
            self._require_counted(proposal, member_id)
            cast = await ballots.patterns(connection, proposal.id, proposal.removed)
            electors, theirs = await _delegating(connection, proposal)
        # In a thread: nobody's vote waits for it.
        return await asyncio.to_thread(_file, proposal, cast, electors, theirs)

    async def numbered(self, guild_id: int, number: int) -> dict[str, Any]:
        """The same for the proposal with this number."""
        async with self._database.read() as connection:
            found = await proposals.by_number(connection, guild_id, number)
        if found is None:
            raise NotFound(f"There is no proposal #{number} in the server {guild_id}.")
        return await self.file(guild_id, found.id)

    async def ballots(self, proposal: Proposal) -> Sequence[tuple[Choice, int, int]]:
        """Those that were counted, as (choice, power in units, how many such ballots)."""
        async with self._database.read() as connection:
            cast = await ballots.to_count(connection, proposal.id, proposal.removed)
        return [ballot for ballot in cast if ballot[0] != RECUSED]

    def _require_counted(self, proposal: Proposal, member_id: int | None) -> None:
        if proposal.counted_at:
            return
        if not proposal.shared_at and proposal.author_id != member_id:
            raise NotFound(_MISSING)
        if proposal.canceled:
            raise Refusal(
                f"{proposal.label} was canceled before its votes were counted, so it has no result."
            )
        if proposal.submitted_at is None:
            raise Refusal(f"{proposal.label} is a draft, so it has no result.")
        if proposal.voting_is_over(self._now()):
            raise Refusal(
                f"The votes on {proposal.label} are being counted. Try again in a minute."
            )
        raise Refusal(
            f"The vote on {proposal.label} isn't over, so it has no result yet. Export it once "
            "the result is announced."
        )


async def _delegating(
    connection: AsyncConnection, proposal: Proposal
) -> tuple[list[Elector], dict[int, Ballot]]:
    """Who delegates or is delegated to, and the ballots that they cast themselves."""
    if not proposal.electors:
        return [], {}
    electors = [each async for each in electorate.delegating(connection, proposal.id)]
    cast = await ballots.cast(connection, [(proposal.id, each.member_id) for each in electors])
    return electors, {voter: ballot for (_, voter), ballot in cast.items()}


def _file(
    proposal: Proposal,
    cast: Sequence[Pattern],
    electors: Sequence[Elector],
    theirs: Mapping[int, Ballot],
) -> dict[str, Any]:
    return as_file(proposal, cast, links_of(electors, theirs))
