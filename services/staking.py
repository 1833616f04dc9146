"""The conviction votes of a server within one transaction: a change of one moves them all."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Self

from sqlalchemy.ext.asyncio import AsyncConnection

from governance import staking
from governance.ballot import Ballot
from governance.proposal import Proposal
from governance.staking import Votes
from governance.voting import conviction
from storage import ballots, proposals, settings


async def locked(connection: AsyncConnection, guild_id: int) -> Votes:
    """A server's conviction votes that are pending or open, nobody else changing one meanwhile.

    To be called before any other lock is taken.
    """
    await settings.lock(connection, guild_id)
    return await proposals.conviction_votes(connection, guild_id, locked=True)


async def brought_up_to_date(connection: AsyncConnection, proposal: Proposal, at: datetime) -> None:
    """Store what the clock, or this transaction, has changed in the votes beside a proposal.

    Before and after a change of a conviction vote that isn't a stake; nothing for other systems.
    """
    if proposal.rules.system != conviction.NAME:
        return
    before = await locked(connection, proposal.guild_id)
    living, passed = staking.settled(before, at)
    await save(connection, before, {**staking.as_of(living, at), **passed})


async def save(connection: AsyncConnection, before: Votes, after: Mapping[int, Proposal]) -> None:
    changed = [each for each in after.values() if each != before[each.id]]
    if changed:
        await ballots.save_tally(connection, changed)


class Staked:
    """The conviction votes of the servers that the ballots of one transaction stake in."""

    def __init__(self, before: Mapping[int, Votes]) -> None:
        """`before` are the votes of each server, as they are stored."""
        self._before = before
        self.votes = frozenset(vote for votes in before.values() for vote in votes)

    @classmethod
    async def locked(cls, connection: AsyncConnection, guilds: Iterable[int]) -> Self:
        return cls({guild: await locked(connection, guild) for guild in sorted(guilds)})

    def settled(self, now: datetime) -> dict[int, Proposal]:
        """All of them at this moment; those that the clock has ended, ended."""
        known: dict[int, Proposal] = {}
        for votes in self._before.values():
            living, passed = staking.settled(votes, now)
            known |= {**living, **passed}
        return known

    def others(
        self,
        guild_id: int,
        ballot: Ballot,
        known: Mapping[int, Proposal],
        cast: Mapping[ballots.Key, Ballot],
    ) -> list[tuple[Proposal, int]]:
        """What a voter stakes on the other votes of the server that are open."""
        return [
            (known[vote], staking.held(cast[vote, ballot.voter_id].choice))
            for vote in self._before[guild_id]
            if vote != ballot.proposal_id
            and not known[vote].ended_at
            and (vote, ballot.voter_id) in cast
        ]

    async def save(
        self, connection: AsyncConnection, known: Mapping[int, Proposal], now: datetime
    ) -> dict[int, Proposal]:
        """Store those that have changed; all of them, as they are after the stakes."""
        after = {vote: known[vote] for vote in self.votes}
        for votes in self._before.values():
            after |= staking.as_of({i: after[i] for i in votes if not after[i].ended_at}, now)
            await save(connection, votes, {vote: after[vote] for vote in votes})
        return after
