"""Reputation: granted and taken by moderators, earned by voting and by proposals that pass."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from governance.electorate import Member
from governance.errors import NotAllowed
from governance.reputation import Entry, granted, require_enough, taken, worth
from governance.settings import Settings
from services.clock import Now
from storage import proposals, reputation, settings
from storage.database import Database


@dataclass(frozen=True, slots=True)
class Account:
    """What a member holds (units), and some of the entries it is made of, the latest first.

    Each entry stands beside what it is worth now, in points.
    """

    member_id: int
    balance: int
    entries: list[tuple[Entry, Fraction]]


@dataclass(frozen=True, slots=True)
class Place:
    """A member's place among those who hold some; as much as another (units) is the same place."""

    number: int
    member_id: int
    balance: int


class Reputation:
    def __init__(self, database: Database, now: Now) -> None:
        self._database = database
        self._now = now

    async def grant(
        self, guild_id: int, giver: Member, member: Member, points: int, reason: str
    ) -> int:
        """Give a member points, for a reason; returns what it holds then (units)."""
        async with self._database.write() as connection:
            found, _ = await settings.lock(connection, guild_id)
            entry = granted(giver, member, points, reason, self._now())
            await reputation.add(connection, guild_id, [entry])
            return await _held(
                connection, guild_id, member.id, entry.at, found.reputation_half_life
            )

    async def take(
        self, guild_id: int, giver: Member, member: Member, points: int, reason: str
    ) -> int:
        """Take points that a member holds, for a reason; returns what it holds then (units)."""
        async with self._database.write() as connection:
            # So that two at once can't take the same points.
            found, _ = await settings.lock(connection, guild_id)
            entry = taken(giver, member, points, reason, self._now())
            half_life = found.reputation_half_life
            held = await _held(connection, guild_id, member.id, entry.at, half_life)
            require_enough(held, member.id, points)
            await reputation.add(connection, guild_id, [entry])
            return await _held(connection, guild_id, member.id, entry.at, half_life)

    async def of_member(
        self, guild_id: int, member_id: int, *, limit: int, offset: int = 0
    ) -> Account:
        """What a member holds now, with so many of its entries."""
        async with self._database.read() as connection:
            found, _ = await settings.get(connection, guild_id)
            now, half_life = self._now(), found.reputation_half_life
            held = await _held(connection, guild_id, member_id, now, half_life)
            entries = await reputation.latest(
                connection, guild_id, member_id, limit=limit, offset=offset
            )
        return Account(member_id, held, [(each, worth(each, now, half_life)) for each in entries])

    async def leaderboard(self, guild_id: int, *, limit: int, offset: int = 0) -> list[Place]:
        """Those who hold some reputation now, who holds most first."""
        async with self._database.read() as connection:
            found, _ = await settings.get(connection, guild_id)
            held = await reputation.balances(
                connection, guild_id, self._now(), found.reputation_half_life
            )
        places: list[Place] = []
        for number, (member_id, balance) in enumerate(
            sorted(held.items(), key=lambda each: (-each[1], each[0])), 1
        ):
            if not balance or len(places) >= offset + limit:
                break
            same = places and places[-1].balance == balance
            places.append(Place(places[-1].number if same else number, member_id, balance))
        return places[offset:]

    async def rules(self, guild_id: int, member: Member, changes: Mapping[str, Any]) -> Settings:
        """Change how reputation is earned and fades, as moderators type it."""
        if not member.moderator:
            raise NotAllowed(
                "Only members with the permission Manage Server can change the rules of reputation."
            )
        async with self._database.write() as connection:
            present, webhook_id = await settings.lock(connection, guild_id)
            changed = present.with_changes(dict(changes))
            await settings.save(connection, guild_id, changed, webhook_id)
            return changed


async def earned(connection: AsyncConnection, proposal_id: int, now: datetime) -> None:
    """Give what the members have earned with a proposal that this transaction has counted."""
    proposal = (await proposals.by_ids(connection, [proposal_id]))[proposal_id]
    found, _ = await settings.get(connection, proposal.guild_id)
    if points := found.reputation_for_voting:
        await reputation.add_for_voters(
            connection, proposal.guild_id, proposal_id, points, f"Voted on {proposal.name}", now
        )
    points, outcome = found.reputation_for_success, proposal.outcome
    if points and outcome and outcome.succeeded:
        reason = f"Proposed {proposal.name}, which passed"
        entry = Entry(proposal.author_id, points, reason, None, proposal_id, now)
        await reputation.add(connection, proposal.guild_id, [entry])


async def _held(
    connection: AsyncConnection, guild_id: int, member_id: int, at: datetime, half_life: timedelta
) -> int:
    found = await reputation.balances(connection, guild_id, at, half_life, [member_id])
    return found.get(member_id, 0)
