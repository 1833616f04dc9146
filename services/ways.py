"""Where a member's own power goes on a proposal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from governance.ballot import Ballot
from governance.delegation import Delegation, Place, Scope, scopes, way
from governance.proposal import Proposal
from services.places import place_of
from storage import ballots, delegations, electorate, spaces


@dataclass(frozen=True, slots=True)
class Given:
    """A delegation with its place; `replaced` is the one that ended for it."""

    delegation: Delegation
    place: Place
    replaced: Delegation | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """Where a member's own power goes on a proposal.

    `links` are the delegations on the way, the member's own first; `fixed` says whether they were
    when voting started. `mine` is the member's ballot. `final` is who votes with the power, or
    the last on the way; None in a circle. Of who voted, `ballot` is its ballot. Where the vote
    hides who has voted, the way ends with the member's own delegation and `hidden` is True.
    """

    proposal: Proposal
    fixed: bool
    links: Sequence[Given] = ()
    final: int | None = None
    mine: Ballot | None = None
    ballot: Ballot | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Carrier:
    """With whom a delegator's power is: who `voted` with it, else its own delegate.

    `voted` is None where the vote hides who has voted.
    """

    member_id: int
    voted: bool | None


async def expected(
    connection: AsyncConnection,
    proposal: Proposal,
    member_id: int,
    known: Mapping[Scope, Place],
    now: datetime,
) -> Way:
    """The way as it would be if voting started now."""
    to = scopes(await spaces.line(connection, proposal.space_id), proposal.topic)
    ahead = await delegations.ahead(connection, proposal.guild_id, member_id, to, now)
    standing = {each.member_id: each for each in ahead}
    line = way(member_id, {each.member_id: each.delegate_id for each in standing.values()})
    links = [Given(standing[who], place_of(standing[who].scope, known)) for who in line[:-1]]
    last = standing.get(line[-1])
    circle = last is not None and last.delegate_id is not None
    if last is not None and (circle or len(line) == 1):
        links.append(Given(last, place_of(last.scope, known)))
    return Way(proposal, False, links, None if circle else line[-1])


async def carrier(
    connection: AsyncConnection, proposal: Proposal, member_id: int
) -> Carrier | None:
    """With whom the recorded power of a member is who hasn't voted; None if it delegates none."""
    line = await electorate.line(connection, proposal.id, member_id)
    if not line or line[0].delegate_id is None or not (line[0].power or line[0].second):
        return None
    if proposal.hides_voters:
        return Carrier(line[0].delegate_id, None)
    last = (proposal.id, line[-1].member_id)
    if await ballots.cast(connection, [last]):
        return Carrier(line[-1].member_id, True)
    return Carrier(line[0].delegate_id, False)


async def frozen(
    connection: AsyncConnection,
    proposal: Proposal,
    member_id: int,
    known: Mapping[Scope, Place],
    mine: Ballot | None,
) -> Way:
    """The way as it was fixed when voting started."""
    line = await electorate.line(connection, proposal.id, member_id)
    if proposal.hides_voters:
        line = line[:1]
    cast = await ballots.cast(connection, [(proposal.id, each.member_id) for each in line])
    voted = {voter: ballot for (_, voter), ballot in cast.items()}
    ids = [each.delegation_id for each in line if each.delegation_id is not None]
    given = await delegations.by_ids(connection, ids)
    links, ballot = list[Given](), None
    for each in line:
        if each.member_id != member_id and each.member_id in voted:
            ballot = voted[each.member_id]
            break
        if each.delegate_id is None or each.delegation_id is None:
            break
        found = given[each.delegation_id]
        links.append(Given(found, place_of(found.scope, known)))
    final = links[-1].delegation.delegate_id if links else member_id
    circle = final in {each.delegation.member_id for each in links}
    if proposal.hides_voters:
        return Way(proposal, True, links, final, mine, hidden=bool(links))
    return Way(proposal, True, links, None if circle else final, mine, ballot)
