"""Letting another member vote, taking it back, and looking at where one's power goes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from governance.delegation import Delegation, Place, expiry, meant, way
from governance.electorate import Member
from governance.errors import NotAllowed, NotFound, Refusal, Unavailable
from governance.notices import NoticeEvent
from services import ways
from services.clock import Now
from services.members import Members
from services.places import open_place, place_of, places_of
from services.proposals import seen
from services.ways import Given, Way
from storage import ballots, delegates, delegations, notices, proposals, settings
from storage.database import Database
from storage.delegations import Received

_NAMED = 10
"""Delegators by name, of each scope."""
_ENDS = 3
"""Members named at each end of a long circle."""


@dataclass(frozen=True, slots=True)
class Trust:
    """What a member delegates, each with why it doesn't apply (empty where it does); who trusts it.

    `received` has the place beside how many there are.
    """

    given: Sequence[tuple[Given, str]]
    received: Sequence[tuple[Place, Received]]


class Delegations:
    def __init__(self, database: Database, now: Now, members: Members) -> None:
        self._database = database
        self._now = now
        self._members = members

    async def places(self, guild_id: int) -> list[Place]:
        """Where members can delegate: the server, its spaces, its topics."""
        async with self._database.read() as connection:
            found = await places_of(connection, guild_id)
        return [each for each in found.values() if not each.gone]

    async def mine(self, guild_id: int, member_id: int) -> list[Place]:
        """Where a member has delegated something."""
        async with self._database.read() as connection:
            return await _own_places(connection, guild_id, member_id)

    async def require_may_give(self, guild_id: int, member: Member, delegate: Member) -> None:
        """Refuse what no scope could make right."""
        _require_pair(member, delegate)
        async with self._database.read() as connection:
            await _require_acceptance(connection, guild_id, delegate.id)

    async def give(
        self,
        guild_id: int,
        member: Member,
        delegate: Member,
        where: str = "",
        expires: str = "",
        tell: bool | None = None,
    ) -> Given:
        """Let `delegate` vote for `member`; who isn't in the server has no `joined_at`.

        `where` and `expires` as people write them. What is left out stays as it was, where the
        same delegate is given anew.
        """
        _require_pair(member, delegate)
        async with self._database.write() as connection:
            await settings.lock(connection, guild_id)
            now = self._now()
            place = open_place(where, await places_of(connection, guild_id))
            ends = expiry(expires, now)
            await _require_acceptance(connection, guild_id, delegate.id)
            before = await delegations.in_scope(connection, guild_id, member.id, place.scope)
            if before and before.delegate_id == delegate.id and before.stands(now):
                ends = ends if expires.strip() else before.expires_at
                tell = before.tell if tell is None else tell
                if (ends, tell) == (before.expires_at, before.tell):
                    raise Refusal(
                        f"You delegate to <@{delegate.id}> there already: {place.name}. Give it "
                        "another expiry, or end it with /delegate revoke."
                    )
            ahead = await delegations.ahead(connection, guild_id, delegate.id, [place.scope], now)
            line = way(delegate.id, {each.member_id: each.delegate_id for each in ahead})
            if member.id in line:
                raise Refusal(_circle(line[: line.index(member.id)], place))
            wanted = Delegation(
                0, member.id, place.scope, delegate.id, now, ends, None, tell=bool(tell)
            )
            return await self._replace(connection, guild_id, place, before, wanted)

    async def nobody(self, guild_id: int, member: Member, where: str = "") -> Given:
        """Switch wider delegations off in a scope."""
        _require_may_delegate(member)
        async with self._database.write() as connection:
            await settings.lock(connection, guild_id)
            place = open_place(where, await places_of(connection, guild_id))
            before = await delegations.in_scope(connection, guild_id, member.id, place.scope)
            if before and before.delegate_id is None:
                raise Refusal(
                    f"Nobody votes for you there already: {place.name}. To let wider delegations "
                    "apply there again, use /delegate revoke."
                )
            wanted = Delegation(
                0, member.id, place.scope, None, self._now(), None, None, tell=False
            )
            return await self._replace(connection, guild_id, place, before, wanted)

    async def revoke(self, guild_id: int, member: Member, where: str = "") -> Given:
        """End what a member has delegated in a scope, “nobody” too."""
        async with self._database.write() as connection:
            await settings.lock(connection, guild_id)
            try:
                place = meant(where, await _own_places(connection, guild_id, member.id))
            except NotFound:
                place = meant(where, list((await places_of(connection, guild_id)).values()))
            before = await delegations.in_scope(connection, guild_id, member.id, place.scope)
            if before is None:
                raise NotFound(
                    f"You have delegated nothing there: {place.name}. /delegate show lists what "
                    "you have delegated."
                )
            await self._end(connection, guild_id, before, self._now())
            return Given(before, place)

    async def _replace(
        self,
        connection: AsyncConnection,
        guild_id: int,
        place: Place,
        before: Delegation | None,
        wanted: Delegation,
    ) -> Given:
        """Store `wanted` and end what was `before` it; a delegate who stays is told once."""
        same = heard = False
        if before:
            now = wanted.given_at
            same = before.delegate_id == wanted.delegate_id and before.stands(now)
            heard = await self._end(connection, guild_id, before, now, quiet=same)
        given = await delegations.add(connection, guild_id, wanted)
        if given.delegate_id is not None and not (same and heard):
            await notices.add(
                connection,
                guild_id,
                given.delegate_id,
                NoticeEvent.TRUSTED,
                other_id=given.member_id,
                version=given.id,
            )
        return Given(given, place, before)

    async def _end(
        self,
        connection: AsyncConnection,
        guild_id: int,
        ended: Delegation,
        now: datetime,
        *,
        quiet: bool = False,
    ) -> bool:
        """End a delegation; returns whether its delegate has (perhaps) heard of it."""
        await delegations.end(connection, ended.id, now)
        if ended.delegate_id is None:
            return False
        if await notices.settle_untried(
            connection, guild_id, ended.delegate_id, NoticeEvent.TRUSTED, ended.id, now
        ):
            return False
        if not quiet and ended.stands(now):
            await notices.add(
                connection,
                guild_id,
                ended.delegate_id,
                NoticeEvent.WITHDRAWN,
                other_id=ended.member_id,
                version=ended.id,
            )
        return True

    async def of_member(self, guild_id: int, member_id: int) -> Trust:
        """What a member delegates, and who delegates to it."""
        now = self._now()
        async with self._database.read() as connection:
            known = await places_of(connection, guild_id)
            own = await delegations.of_member(connection, guild_id, member_id)
            received = await delegations.received(
                connection, guild_id, member_id, now, first=_NAMED
            )
        left = await self._left(
            guild_id, {each.delegate_id for each in own if each.delegate_id is not None}
        )
        given = []
        for each in own:
            place = place_of(each.scope, known)
            problem = place.gone
            if not each.stands(now):
                problem = "it has expired"
            elif each.delegate_id in left:
                problem = "they aren't a member any more"
            given.append((Given(each, place), problem))
        return Trust(given, [(place_of(each.scope, known), each) for each in received])

    async def _left(self, guild_id: int, members: Collection[int]) -> frozenset[int]:
        """Who of these isn't a member; nobody where Discord doesn't tell."""
        asked = frozenset(members)
        try:
            return asked - await self._members.present(guild_id, asked, None)
        except Unavailable:
            return frozenset()

    async def explain(self, guild_id: int, proposal_id: int, member_id: int) -> Way:
        """The way of a member's own power on a proposal: as fixed, or as it would be now."""
        async with self._database.read() as connection:
            proposal = seen(guild_id, await proposals.get(connection, proposal_id), member_id)
            known = await places_of(connection, guild_id)
            key = (proposal.id, member_id)
            mine = (await ballots.cast(connection, [key])).get(key)
            if not proposal.delegates:
                return Way(proposal, fixed=True, final=member_id, mine=mine)
            if proposal.snapshot_at is None:
                return await ways.expected(connection, proposal, member_id, known, self._now())
            return await ways.frozen(connection, proposal, member_id, known, mine)


async def _own_places(connection: AsyncConnection, guild_id: int, member_id: int) -> list[Place]:
    known = await places_of(connection, guild_id)
    own = await delegations.of_member(connection, guild_id, member_id)
    return [place_of(each.scope, known) for each in own]


def _require_may_delegate(member: Member) -> None:
    if member.bot:
        raise NotAllowed("Bots can't delegate; decisions here are made by people.")
    if member.joined_at is None:
        raise NotAllowed("Guests can't delegate. Join the server to take part in its decisions.")


def _require_pair(member: Member, delegate: Member) -> None:
    _require_may_delegate(member)
    if delegate.id == member.id:
        raise Refusal(
            "You can't delegate to yourself: you vote for yourself anyway. Choose another member, "
            "or end a delegation with /delegate revoke."
        )
    if delegate.bot:
        raise Refusal(f"<@{delegate.id}> is a bot, and bots can't vote. Choose a person.")
    if delegate.joined_at is None:
        raise Refusal(
            f"<@{delegate.id}> isn't a member of this server (any more), so they can't vote for "
            "you. Choose somebody who is."
        )


async def _require_acceptance(connection: AsyncConnection, guild_id: int, delegate_id: int) -> None:
    if not (await delegates.get(connection, guild_id, delegate_id)).accepting:
        raise Refusal(
            f"<@{delegate_id}> accepts no delegations at the moment. Choose somebody else, or ask "
            "them to accept again."
        )


def _circle(line: Sequence[int], place: Place) -> str:
    """`line` are the members from the one chosen to the one who delegates to whoever chooses."""
    names = [f"<@{each}>" for each in line]
    if len(names) > 2 * _ENDS:
        left_out = len(names) - 2 * _ENDS
        names[_ENDS:-_ENDS] = [f"({left_out:,} more)"]
    return (
        f"That would close a circle ({place.name}): {' → '.join(names)} → you. Choose somebody "
        "whose vote doesn't come back to you."
    )
