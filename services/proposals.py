"""Proposing, editing, canceling, finding; and where a proposal's card is."""

from enum import StrEnum

from sqlalchemy import ColumnElement, and_
from sqlalchemy.ext.asyncio import AsyncConnection

from governance.deliveries import Event, Target
from governance.electorate import Member
from governance.errors import NotAllowed, NotFound, Refusal
from governance.proposal import (
    Proposal,
    Text,
    plain,
    public_reason,
    require_cancelable,
    require_editable,
)
from governance.settings import Settings
from services.clock import Now
from storage import deliveries, proposals, settings
from storage.database import Database

_MOST_MATCHES = 100
"""Titles looked at for one that is exactly what was typed."""


class Which(StrEnum):
    """A selection of proposals."""

    ALL = "all"
    OPEN = "open"
    CLOSED = "closed"
    PENDING = "pending"
    ACTIVE = "active"
    LIVING = "living"  # not canceled


class Proposals:
    def __init__(self, database: Database, now: Now) -> None:
        self._database = database
        self._now = now

    async def require_may_propose(self, guild_id: int, member: Member) -> Settings:
        """The server's settings, or a Refusal that says why this member can't propose here."""
        async with self._database.read() as connection:
            return await _require_may_propose(connection, guild_id, member)

    async def propose(self, guild_id: int, member: Member, text: Text) -> Proposal:
        """Store a proposal under the rules of this moment, its announcement with it."""
        async with self._database.write() as connection:
            found = await _require_may_propose(connection, guild_id, member)
            proposal = await proposals.add(
                connection, guild_id, member.id, text, found.rules(), self._now()
            )
            await deliveries.add(
                connection, Event.PROPOSED, proposal.id, Target.CARD, Target.THREAD
            )
            return proposal

    async def edit(
        self, guild_id: int, proposal_id: int, member: Member, text: Text, seen_version: int
    ) -> Proposal:
        """Give a pending proposal a new text; `seen_version` is the one the editor started from."""
        async with self._database.write() as connection:
            proposal = await _locked(connection, guild_id, proposal_id)
            require_editable(proposal, member.id, self._now())
            if proposal.version != seen_version:
                raise Refusal(
                    f"{proposal.label} was edited meanwhile (version {proposal.version}). Look at "
                    "it with /proposal show, then edit that version."
                )
            if text == proposal.text:
                raise Refusal("Nothing was changed, so the proposal stays as it is.")
            version = await proposals.rewrite(connection, proposal, text, self._now())
            await deliveries.add(
                connection, Event.EDITED, proposal.id, Target.THREAD, version=version
            )
            return (await proposals.by_ids(connection, [proposal.id]))[proposal.id]

    async def require_may_edit(self, guild_id: int, typed: str, member: Member) -> Proposal:
        proposal = await self.find(guild_id, typed)
        require_editable(proposal, member.id, self._now())
        return proposal

    async def require_may_cancel(self, guild_id: int, typed: str, member: Member) -> Proposal:
        proposal = await self.find(guild_id, typed)
        require_cancelable(proposal, member.id, member.moderator, self._now())
        return proposal

    async def cancel(
        self, guild_id: int, proposal_id: int, member: Member, reason: str
    ) -> Proposal:
        """Cancel for good, with a reason that everyone reads."""
        reason = public_reason(reason)
        async with self._database.write() as connection:
            now = self._now()
            proposal = await _locked(connection, guild_id, proposal_id)
            require_cancelable(proposal, member.id, member.moderator, now)
            await proposals.change(
                connection,
                proposal.id,
                canceled_at=now,
                canceled_by=member.id,
                cancel_reason=reason,
            )
            await deliveries.add(
                connection, Event.CANCELED, proposal.id, Target.THREAD, Target.RESULTS
            )
            return (await proposals.by_ids(connection, [proposal.id]))[proposal.id]

    async def get(self, guild_id: int, proposal_id: int) -> Proposal:
        """The proposal with this id, if it belongs to this server."""
        async with self._database.read() as connection:
            return of_server(guild_id, await proposals.get(connection, proposal_id))

    async def by_ids(self, ids: list[int]) -> dict[int, Proposal]:
        async with self._database.read() as connection:
            return await proposals.by_ids(connection, ids)

    async def find(self, guild_id: int, typed: str) -> Proposal:
        """What a member means by `12`, `#12`, `#12 Fund the grants round` or a title."""
        typed = plain(typed).strip()
        # A title may begin with a number: only behind a # may more follow it.
        number = typed[1:].split(" ", 1)[0] if typed.startswith("#") else typed
        async with self._database.read() as connection:
            if number.isascii() and number.isdigit() and len(number) < 10:
                found = await proposals.by_number(connection, guild_id, int(number))
                if found:
                    return found
            matching = await proposals.page(
                connection,
                and_(proposals.of_server(guild_id), proposals.titled(guild_id, typed)),
                limit=_MOST_MATCHES,
            )
        exact = [each for each in matching if each.text.title.casefold() == typed.casefold()]
        if typed and len(exact or matching) == 1:
            return (exact or matching)[0]
        raise NotFound(
            f"There is no single proposal called “{typed[:80]}” here. Choose one from the "
            "list while you type, or see /proposal list."
        )

    async def page(
        self,
        guild_id: int,
        which: Which = Which.ALL,
        *,
        titled: str = "",
        author_id: int | None = None,
        limit: int,
        offset: int = 0,
    ) -> list[Proposal]:
        """A server's proposals, newest first."""
        conditions = [proposals.of_server(guild_id), *self._selection(which)]
        if titled:
            conditions.append(proposals.titled(guild_id, titled))
        if author_id is not None:
            conditions.append(proposals.by_author(author_id))
        async with self._database.read() as connection:
            return await proposals.page(connection, and_(*conditions), limit=limit, offset=offset)

    async def behind(self) -> list[Proposal]:
        """Proposals whose card shows less than the facts."""
        async with self._database.read() as connection:
            return await proposals.behind(connection)

    async def text_of_version(self, proposal_id: int, version: int) -> Text | None:
        async with self._database.read() as connection:
            return await proposals.text_of_version(connection, proposal_id, version)

    async def placed(
        self,
        proposal: Proposal,
        *,
        channel_id: int | None,
        message_id: int | None,
        thread_id: int | None,
    ) -> None:
        """Remember where the card and the discussion are; None where they are gone."""
        async with self._database.write() as connection:
            await proposals.place(
                connection,
                proposal.id,
                channel_id=channel_id,
                message_id=message_id,
                thread_id=thread_id,
            )

    async def drawn(self, proposal: Proposal) -> None:
        """The card shows what this proposal held."""
        async with self._database.write() as connection:
            await proposals.set_drawn(connection, proposal.id, proposal.revision)

    async def card_lost(self, proposal: Proposal) -> None:
        """Somebody deleted the card: put a new one into the outbox."""
        async with self._database.write() as connection:
            await proposals.place(
                connection,
                proposal.id,
                channel_id=None,
                message_id=None,
                thread_id=proposal.thread_id,
            )
            await deliveries.add(
                connection,
                Event.REPOSTED,
                proposal.id,
                Target.CARD,
                Target.THREAD,
                version=proposal.message_id or 0,
            )

    def _selection(self, which: Which) -> list[ColumnElement[bool]]:
        now = self._now()
        match which:
            case Which.ALL:
                return []
            case Which.OPEN:
                return [proposals.open_(now)]
            case Which.CLOSED:
                return [proposals.closed(now)]
            case Which.PENDING:
                return [proposals.pending(now)]
            case Which.ACTIVE:
                return [proposals.active(now)]
            case Which.LIVING:
                return [proposals.not_canceled()]


async def _require_may_propose(
    connection: AsyncConnection, guild_id: int, member: Member
) -> Settings:
    found, _ = await settings.get(connection, guild_id)
    if found.missing:
        raise Refusal(
            "Folkmoot isn't set up in this server yet. A moderator chooses the channels with "
            "/setup; then everyone can propose."
        )
    if member.bot:
        raise NotAllowed("Bots can't propose; decisions here are made by people.")
    if not member.has(found.proposing_role):
        raise NotAllowed(
            f"Only members with the role <@&{found.proposing_role}> can propose here. "
            "Ask a moderator for the role."
        )
    return found


async def _locked(connection: AsyncConnection, guild_id: int, proposal_id: int) -> Proposal:
    return of_server(guild_id, (await proposals.lock(connection, [proposal_id])).get(proposal_id))


def of_server(guild_id: int, proposal: Proposal | None) -> Proposal:
    """The proposal, if it exists and belongs to this server."""
    if proposal is None or proposal.guild_id != guild_id:
        raise NotFound("There is no such proposal in this server. See /proposal list.")
    return proposal
