"""The conviction votes of a server within one transaction: a change of one moves them all."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from governance import staking
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
