"""Electorates and spaces that tests write as the snapshot of a vote would leave them."""

from sqlalchemy import delete, insert

from governance.proposal import Proposal
from storage import proposals
from storage.tables import electorate, spaces
from tests.services.hall import Hall
from tests.storage.databases import HAMLET, NOW


async def enrolled(
    hall: Hall, proposal: Proposal, links: dict[int, tuple[int, int] | None], **carries: int
) -> Proposal:
    """The proposal with these electors: member: (delegate, delegation); `carries` as m12=3."""
    async with hall.database.write() as connection:
        await connection.execute(delete(electorate).where(electorate.c.proposal_id == proposal.id))
        for member, link in links.items():
            delegate, delegation = link or (None, None)
            await connection.execute(
                insert(electorate).values(
                    proposal_id=proposal.id,
                    member_id=member,
                    delegate_id=delegate,
                    delegation_id=delegation,
                    cut=False,
                    carried=0,
                    second_carried=0,
                    carries=carries.get(f"m{member}", 0),
                )
            )
        fixed = {"snapshot_at": hall.clock.at, "electors": len(links)}
        await proposals.change(connection, proposal.id, **fixed)
    return await hall.now(proposal)


async def space(hall: Hall, name: str, parent: int | None = None, *, archived: bool = False) -> int:
    """The id of a new space."""
    async with hall.database.write() as connection:
        added = await connection.execute(
            insert(spaces)
            .returning(spaces.c.id)
            .values(
                guild_id=HAMLET,
                parent_id=parent,
                name=name,
                name_folded=name.casefold(),
                settings={},
                reserved=[],
                archived_at=NOW if archived else None,
            )
        )
        return int(added.scalar_one())
