"""What voters carry for those who delegate to them, within one transaction."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from governance import carry
from governance.ballot import Ballot
from governance.carry import Elector
from governance.errors import CountMismatch
from governance.proposal import Proposal
from storage import ballots, electorate
from storage.ballots import Key


class Carrying:
    """The ways of a batch's voters to the first of each who has voted, kept up with its ballots."""

    def __init__(self, ways: Mapping[int, dict[int, Elector]]) -> None:
        self._ways = ways
        self.first_ballots: list[Key] = []
        """Those of members with a part in the delegations."""
        self._voted: defaultdict[int, set[int]] = defaultdict(set)
        self._changed: defaultdict[int, set[int]] = defaultdict(set)

    def members(self) -> set[Key]:
        """Everyone on these ways."""
        return {(of, member) for of, electors in self._ways.items() for member in electors}

    def know(self, cast: Collection[Key]) -> None:
        """Who of them has voted already."""
        for proposal_id, voter in cast:
            self._voted[proposal_id].add(voter)

    def with_carried(
        self,
        proposal: Proposal,
        ballot: Ballot,
        replaced: Ballot | None,
        earlier: Mapping[Key, Ballot],
    ) -> tuple[Ballot, int, list[tuple[Ballot, Ballot]]]:
        """The ballot with what its voter carries, for how many; whose ballots carry less for it.

        Of those, each before and after.
        """
        electors = self._ways.get(proposal.id, {})
        elector = electors.get(ballot.voter_id)
        if elector is None:
            return ballot, 0, []
        moved = []
        if replaced is None:
            voted = self._voted[proposal.id]
            changed = carry.first_ballot(ballot.voter_id, electors, voted)
            for member in changed & voted:
                before = earlier[proposal.id, member]
                moved.append((before, _with_carried(proposal, before, electors[member])))
            voted.add(ballot.voter_id)
            self.first_ballots.append((proposal.id, ballot.voter_id))
            self._changed[proposal.id] |= changed
        return _with_carried(proposal, ballot, elector), elector.carries, moved

    async def save(self, connection: AsyncConnection) -> None:
        for proposal_id, changed in self._changed.items():
            electors = self._ways[proposal_id]
            await electorate.save(connection, proposal_id, [electors[each] for each in changed])


async def along(
    connection: AsyncConnection, known: Mapping[int, Proposal], keys: Collection[Key]
) -> Carrying:
    """The ways of these voters, in votes with delegations."""
    asked = [key for key in keys if key[0] in known and known[key[0]].electors]
    return Carrying(await electorate.ways(connection, asked) if asked else {})


async def require_agreement(connection: AsyncConnection, proposal: Proposal) -> None:
    """Raise CountMismatch where a recount of all delegations differs from what ballots carry."""
    if not proposal.electors:
        return
    electors = {
        each.member_id: each async for each in electorate.delegating(connection, proposal.id)
    }
    cast = await ballots.carried(connection, proposal.id)
    found = await asyncio.to_thread(carry.recounted, electors, cast.keys())
    for voter, (carried, second, _) in found.items():
        counted = proposal.capped(carried, second)
        if cast[voter] != counted:
            raise CountMismatch(
                f"proposal {proposal.id}: member {voter} carries {counted} by the delegations, "
                f"{cast[voter]} by the running count"
            )


def _with_carried(proposal: Proposal, ballot: Ballot, elector: Elector) -> Ballot:
    own, second = ballot.power - ballot.carried, ballot.second - ballot.second_carried
    carried, carried_second = proposal.capped(elector.carried, elector.second_carried)
    return replace(
        ballot,
        power=own + carried,
        carried=carried,
        second=second + carried_second,
        second_carried=carried_second,
    )
