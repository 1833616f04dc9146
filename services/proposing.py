"""From a draft to a proposal under discussion: saving, sharing, sponsoring, submitting."""

from contextlib import suppress
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from governance.deliveries import Event, Target
from governance.electorate import Member, may_vote_now
from governance.errors import NotAllowed, NotFound, Refusal
from governance.proposal import Proposal, ProposalState, first_end, state
from governance.proposing import (
    fitting,
    require_complete,
    require_may_propose,
    require_may_sponsor,
)
from governance.rules import Rules
from governance.spaces import require_open, require_topic, topic_named
from governance.strategies.strategy import Snapshot
from governance.texts import Text, answers
from governance.types import ProposalType
from services import staking
from services.clock import Now
from services.powers import Powers
from services.proposals import locked, rewritten, seen
from services.spaces import ground
from services.types import type_and_rules, type_named
from storage import deliveries, proposals, settings
from storage.database import Database


class Proposing:
    def __init__(self, database: Database, now: Now, powers: Powers) -> None:
        self._database = database
        self._now = now
        self._powers = powers

    async def require_may_propose(
        self, guild_id: int, member: Member, type_name: str, space_id: int = 0
    ) -> tuple[ProposalType, Rules]:
        """The type with its rules in a space; a Refusal where this member can't propose so."""
        power = await self._power(guild_id, member, type_name, space_id)
        async with self._database.read() as connection:
            return await self._allowed(connection, guild_id, member, type_name, space_id, power)

    async def propose(
        self,
        guild_id: int,
        member: Member,
        text: Text,
        type_name: str,
        *,
        space_id: int = 0,
        topic: str = "",
        draft: bool = False,
    ) -> Proposal:
        """Store a proposal and its announcement, under the rules of this moment.

        It is under discussion then, or waits for the sponsors that they ask for; as a `draft` only
        its author sees it. It belongs to a space (0: the server), and may have one of the server's
        topics.
        """
        power = await self._power(guild_id, member, type_name, space_id)
        async with self._database.write() as connection:
            # Two proposals at once must not pass the same bound.
            found, _ = await settings.lock(connection, guild_id)
            known, rules = await self._allowed(
                connection, guild_id, member, type_name, space_id, power
            )
            text = fitting(rules, text)
            require_complete(rules, text)
            saved = await proposals.add(
                connection,
                guild_id,
                member.id,
                text,
                rules,
                self._now(),
                type_name=known.name,
                space_id=space_id,
                topic=topic_named(found, topic),
                draft=True,
            )
            return saved if draft else await self._submit(connection, saved, rules)

    async def draft(
        self, guild_id: int, proposal_id: int, member: Member
    ) -> tuple[Proposal, ProposalType | None]:
        """A draft of this member with its type; None for one that was removed."""
        async with self._database.read() as connection:
            found = seen(guild_id, await proposals.get(connection, proposal_id), member.id)
            self._require_own_draft(found, member)
            with suppress(NotFound):
                return found, await type_named(connection, guild_id, found.type)
            return found, None

    async def submit(self, guild_id: int, proposal_id: int, member: Member) -> Proposal:
        """Let the discussion of a draft start, under the rules of this moment."""
        power = await self._power_of_author(guild_id, proposal_id, member)
        async with self._database.write() as connection:
            await settings.lock(connection, guild_id)
            draft = await self._own_draft(connection, guild_id, proposal_id, member)
            known, rules = await self._allowed(
                connection, guild_id, member, draft.type, draft.space_id, power, besides=draft
            )
            require_topic((await settings.get(connection, guild_id))[0], draft.topic)
            text = fitting(rules, draft.text)
            require_complete(rules, text)
            answers(dict(text.fields), known.fields)
            if text != draft.text:
                draft = await rewritten(connection, draft, text, self._now())
            if draft.sponsors and rules != draft.rules:  # which they didn't sponsor
                await proposals.change(connection, draft.id, sponsors=[])
                draft = replace(draft, sponsors=())
            return await self._submit(connection, draft, rules)

    async def share(self, guild_id: int, proposal_id: int, member: Member) -> Proposal:
        """Show a draft to everyone, for comments."""
        power = await self._power_of_author(guild_id, proposal_id, member)
        async with self._database.write() as connection:
            await settings.lock(connection, guild_id)
            draft = await self._own_draft(connection, guild_id, proposal_id, member)
            if draft.shared_at:
                raise Refusal(f"{draft.label} is shared already; its card is in the channel.")
            await self._allowed(
                connection, guild_id, member, draft.type, draft.space_id, power, besides=draft
            )
            await self._show(connection, draft)
            return await _again(connection, draft)

    async def answer(
        self, guild_id: int, proposal_id: int, member: Member, given: dict[str, str]
    ) -> Proposal:
        """Keep the answers to the questions of a draft's type."""
        async with self._database.write() as connection:
            draft = await self._own_draft(connection, guild_id, proposal_id, member)
            known = await type_named(connection, guild_id, draft.type)
            text = replace(draft.text, fields=answers(given, known.fields))
            if text == draft.text:
                return draft
            return await rewritten(connection, draft, text, self._now())

    async def sponsor(
        self, guild_id: int, proposal_id: int, member: Member, seen_version: int
    ) -> Proposal:
        """Co-sign a draft as `seen_version` has it.

        The last sponsor of a ready one starts its discussion.
        """
        async with self._database.write() as connection:
            await settings.lock(connection, guild_id)
            draft = await locked(connection, guild_id, proposal_id, member.id)
            require_may_sponsor(draft, member, seen_version, self._now())
            require_open((await ground(connection, guild_id)).line(draft.space_id))
            draft = replace(draft, sponsors=(*draft.sponsors, member.id))
            await proposals.change(
                connection, draft.id, sponsors=[str(each) for each in draft.sponsors]
            )
            if draft.ready_at and not draft.missing_sponsors:
                return await self._submit(connection, draft, draft.rules)
            return await _again(connection, draft)

    async def _allowed(
        self,
        connection: AsyncConnection,
        guild_id: int,
        member: Member,
        type_name: str,
        space_id: int,
        power: int,
        *,
        besides: Proposal | None = None,
    ) -> tuple[ProposalType, Rules]:
        """The type with its rules, for one proposal more `besides` the draft that becomes it.

        `power` (units) is that of the member.
        """
        here = await ground(connection, guild_id)
        require_open(here.line(space_id))
        if here.settings(space_id).missing:
            raise Refusal(
                "Folkmoot isn't set up in this server yet. A moderator chooses the channels with "
                "/setup; then everyone can propose."
            )
        known, rules = await type_and_rules(connection, guild_id, type_name, space_id)
        now = self._now()
        record = await proposals.record(
            connection, guild_id, member.id, now, besides.id if besides else 0
        )
        require_may_propose(rules, member, power, record, now)
        return known, rules

    async def _power(self, guild_id: int, member: Member, type_name: str, space_id: int) -> int:
        """The power (units) that the member would have if voting started now, where that matters.

        Not asked within a transaction: it may be slow.
        """
        async with self._database.read() as connection:
            _, rules = await type_and_rules(connection, guild_id, type_name, space_id)
        if not rules.proposal_threshold or not may_vote_now(member, rules):
            return 0
        at = Snapshot(guild_id, self._now(), rules.reputation_half_life)
        return (await self._powers.of(member, rules, at)).power

    async def _power_of_author(self, guild_id: int, proposal_id: int, member: Member) -> int:
        draft, _ = await self.draft(guild_id, proposal_id, member)
        return await self._power(guild_id, member, draft.type, draft.space_id)

    async def _own_draft(
        self, connection: AsyncConnection, guild_id: int, proposal_id: int, member: Member
    ) -> Proposal:
        draft = await locked(connection, guild_id, proposal_id, member.id)
        self._require_own_draft(draft, member)
        return draft

    def _require_own_draft(self, draft: Proposal, member: Member) -> None:
        if draft.author_id != member.id:
            raise NotAllowed(f"Only its author can do that with {draft.label}.")
        if state(draft, self._now()) is not ProposalState.DRAFT:
            raise Refusal(f"{draft.label} is no draft any more. See /proposal show {draft.number}.")

    async def _submit(self, connection: AsyncConnection, draft: Proposal, rules: Rules) -> Proposal:
        now = self._now()
        if replace(draft, rules=rules).missing_sponsors:
            await proposals.change(connection, draft.id, rules=rules.stored(), ready_at=now)
        else:
            vote_start = now + rules.voting_delay
            await staking.brought_up_to_date(connection, replace(draft, rules=rules), now)
            await proposals.change(
                connection,
                draft.id,
                rules=rules.stored(),
                submitted_at=now,
                vote_start=vote_start,
                vote_end=first_end(rules, vote_start),
            )
            await staking.brought_up_to_date(connection, replace(draft, rules=rules), now)
            if draft.shared_at:
                await deliveries.add(connection, Event.SUBMITTED, draft.id, Target.THREAD)
        if not draft.shared_at:
            await self._show(connection, draft)
        return await _again(connection, draft)

    async def _show(self, connection: AsyncConnection, draft: Proposal) -> None:
        await proposals.change(connection, draft.id, shared_at=self._now())
        await deliveries.add(
            connection,
            Event.PROPOSED,
            draft.id,
            Target.CARD,
            Target.THREAD,
            version=draft.version,
        )


async def _again(connection: AsyncConnection, proposal: Proposal) -> Proposal:
    return (await proposals.by_ids(connection, [proposal.id]))[proposal.id]
