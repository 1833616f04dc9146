"""Editing, canceling, finding; and where a proposal's card is."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_
from sqlalchemy.ext.asyncio import AsyncConnection

from governance.deliveries import Event, Target
from governance.electorate import Member
from governance.errors import NotFound, Refusal
from governance.proposal import Proposal, require_cancelable, require_editable
from governance.proposing import require_complete
from governance.texts import Text, plain, public_reason
from services import staking
from services.clock import Now
from storage import deliveries, proposals
from storage.database import Database

_MOST_MATCHES = 100
"""Titles looked at for one that is exactly what was typed."""


class Which(StrEnum):
    """A selection of proposals."""

    ALL = "all"
    OPEN = "open"
    CLOSED = "closed"
    DRAFT = "draft"
    PENDING = "pending"
    ACTIVE = "active"
    EDITABLE = "editable"  # pending or a draft
    LIVING = "living"  # not canceled


class Proposals:
    def __init__(self, database: Database, now: Now) -> None:
        self._database = database
        self._now = now

    async def edit(
        self, guild_id: int, proposal_id: int, member: Member, text: Text, seen_version: int
    ) -> Proposal:
        """Give a draft or pending proposal a new text; its editor started from `seen_version`."""
        async with self._database.write() as connection:
            proposal = await locked(connection, guild_id, proposal_id, member.id)
            require_editable(proposal, member.id, self._now())
            if proposal.version != seen_version:
                raise Refusal(
                    f"{proposal.label} was edited meanwhile (version {proposal.version}). Look at "
                    "it with /proposal show, then edit that version."
                )
            if text == proposal.text:
                raise Refusal("Nothing was changed, so the proposal stays as it is.")
            if proposal.submitted_at or proposal.ready_at:
                require_complete(proposal.rules, text)
            return await rewritten(connection, proposal, text, self._now())

    async def require_may_edit(self, guild_id: int, typed: str, member: Member) -> Proposal:
        proposal = await self.find(guild_id, typed, member.id)
        require_editable(proposal, member.id, self._now())
        return proposal

    async def require_may_cancel(self, guild_id: int, typed: str, member: Member) -> Proposal:
        proposal = await self.find(guild_id, typed, member.id)
        require_cancelable(proposal, member.id, member.moderator, self._now(), member.roles)
        return proposal

    async def cancel(
        self, guild_id: int, proposal_id: int, member: Member, reason: str
    ) -> Proposal:
        """Cancel for good, with a reason that everyone reads."""
        reason = public_reason(reason)
        async with self._database.write() as connection:
            now = self._now()
            found = seen(guild_id, await proposals.get(connection, proposal_id), member.id)
            await staking.brought_up_to_date(connection, found, now)
            proposal = await locked(connection, guild_id, proposal_id, member.id)
            require_cancelable(proposal, member.id, member.moderator, now, member.roles)
            await proposals.change(
                connection,
                proposal.id,
                canceled_at=now,
                canceled_by=member.id,
                cancel_reason=reason,
            )
            await staking.brought_up_to_date(connection, proposal, now)
            if proposal.submitted_at:
                await deliveries.add(
                    connection, Event.CANCELED, proposal.id, Target.THREAD, Target.RESULTS
                )
            elif proposal.shared_at:
                await deliveries.add(connection, Event.CANCELED, proposal.id, Target.THREAD)
            return (await proposals.by_ids(connection, [proposal.id]))[proposal.id]

    async def get(self, guild_id: int, proposal_id: int, member_id: int | None = None) -> Proposal:
        """The proposal with this id, if it belongs to this server and this member sees it."""
        async with self._database.read() as connection:
            return seen(guild_id, await proposals.get(connection, proposal_id), member_id)

    async def by_ids(self, ids: list[int]) -> dict[int, Proposal]:
        async with self._database.read() as connection:
            return await proposals.by_ids(connection, ids)

    async def find(self, guild_id: int, typed: str, member_id: int) -> Proposal:
        """What a member means by `12`, `#12`, `#12 Fund the grants round` or a title.

        Drafts that others keep to themselves aren't found.
        """
        typed = plain(typed).strip()
        # A title may begin with a number: only behind a # may more follow it.
        number = typed[1:].split(" ", 1)[0] if typed.startswith("#") else typed
        async with self._database.read() as connection:
            if number.isascii() and number.isdigit() and len(number) < 10:
                found = await proposals.by_number(connection, guild_id, int(number))
                if found and (found.shared_at or found.author_id == member_id):
                    return found
            matching = await proposals.page(
                connection,
                and_(
                    proposals.of_server(guild_id),
                    proposals.seen_by(member_id),
                    proposals.titled(guild_id, typed),
                ),
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
        member_id: int,
        which: Which = Which.ALL,
        *,
        titled: str = "",
        author_id: int | None = None,
        space_id: int | None = None,
        limit: int,
        offset: int = 0,
    ) -> list[Proposal]:
        """A server's proposals as a member sees them, newest first."""
        conditions = [
            proposals.of_server(guild_id),
            proposals.seen_by(member_id),
            *self._selection(which),
        ]
        if titled:
            conditions.append(proposals.titled(guild_id, titled))
        if author_id is not None:
            conditions.append(proposals.by_author(author_id))
        if space_id is not None:
            conditions.append(proposals.in_space(space_id))
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
            case Which.DRAFT:
                return [proposals.draft()]
            case Which.EDITABLE:
                return [proposals.editable(now)]
            case Which.PENDING:
                return [proposals.pending(now)]
            case Which.ACTIVE:
                return [proposals.active(now)]
            case Which.LIVING:
                return [proposals.not_canceled()]


async def locked(
    connection: AsyncConnection, guild_id: int, proposal_id: int, member_id: int
) -> Proposal:
    found = (await proposals.lock(connection, [proposal_id])).get(proposal_id)
    return seen(guild_id, found, member_id)


async def rewritten(
    connection: AsyncConnection, proposal: Proposal, text: Text, now: datetime
) -> Proposal:
    """Give the proposal a new text; who sees it is told, and who sponsored the old one is asked."""
    version = await proposals.rewrite(connection, proposal, text, now)
    if proposal.sponsors and proposal.submitted_at is None:
        await proposals.change(connection, proposal.id, sponsors=[])
    if proposal.shared_at:
        await deliveries.add(connection, Event.EDITED, proposal.id, Target.THREAD, version=version)
    return (await proposals.by_ids(connection, [proposal.id]))[proposal.id]


def seen(guild_id: int, proposal: Proposal | None, member_id: int | None = None) -> Proposal:
    """The proposal, if it exists in this server and isn't a draft that another keeps private."""
    here = proposal is not None and proposal.guild_id == guild_id
    if proposal is None or not here or not (proposal.shared_at or proposal.author_id == member_id):
        raise NotFound("There is no such proposal in this server. See /proposal list.")
    return proposal
