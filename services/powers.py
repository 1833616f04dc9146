"""Voting power as the strategies give it, for many members at once."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from governance import composition
from governance.carry import Elector
from governance.composition import Term, Told
from governance.electorate import Member, may_vote, may_vote_now
from governance.errors import Unavailable
from governance.power import UNIT
from governance.proposal import Proposal
from governance.rules import Rules, is_one_each
from governance.strategies.strategy import Part, Snapshot, Voter
from governance.types import STANDARD
from services.clock import Now
from services.members import Members
from services.types import type_and_rules
from storage import electorate, reputation
from storage.database import Database


@dataclass(frozen=True, slots=True)
class Own:
    """A member's own power (units), and that in the second house."""

    power: int
    second: int = 0

    def __bool__(self) -> bool:
        return bool(self.power or self.second)


ONE = Own(UNIT)
OUTSIDE = Told((), 0, (), 0)
"""The power of who isn't in the electorate."""
_AT_ONCE = 1000
"""Members looked at before others get their turn; a query names as many."""


class Powers:
    """It is the Sources that strategies ask."""

    def __init__(self, database: Database, now: Now, members: Members) -> None:
        self._database = database
        self._now = now
        self._members = members

    async def own(
        self,
        voters: Collection[Member],
        rules: Rules,
        snapshot: Snapshot,
        electorate: int | None = None,
    ) -> dict[int, Own]:
        """The power of members, by id; who is unknown to a strategy is missing.

        `electorate` (units) is what a cap refers to that is a share of it. Raises Unavailable.
        """
        if is_one_each(rules):
            return dict.fromkeys((member.id for member in voters), ONE)
        cap = rules.power_cap.of(electorate) if rules.power_cap else None
        waiting, found = iter(voters), dict[int, Own]()
        while some := [Voter(each.id, each.roles) for each in islice(waiting, _AT_ONCE)]:
            first = await composition.terms(some, rules.power, snapshot, self)
            second = await composition.terms(some, rules.second_power, snapshot, self)
            for voter in first.keys() & second.keys():
                found[voter] = Own(
                    composition.power(first[voter], cap, rules.power_curve),
                    composition.power(second[voter]),
                )
            await asyncio.sleep(0)
        return found

    async def of(
        self, member: Member, rules: Rules, snapshot: Snapshot, electorate: int | None = None
    ) -> Own:
        """Like `own`, for one member; Unavailable where it is unknown to a strategy."""
        own = await self.own([member], rules, snapshot, electorate)
        if member.id not in own:
            raise Unavailable("your voting power is not known at the moment")
        return own[member.id]

    async def total(self, rules: Rules, snapshot: Snapshot) -> int | None:
        """The power (units) of the electorate together, perhaps approximate; None: nobody knows.

        Raises Unavailable where it can't be told at the moment.
        """
        return await composition.total(rules.power, snapshot, self, rules.voting_role)

    async def second_total(self, rules: Rules, snapshot: Snapshot) -> int | None:
        """Like `total`, of the second house."""
        return await composition.total(rules.second_power, snapshot, self, rules.voting_role)

    async def explain(self, guild_id: int, member: Member, proposal: Proposal | None) -> Told:
        """The member's power on a proposal, or by the rules that the server has now."""
        if proposal is None:
            return await self._expected(member, await self._rules(guild_id), guild_id)
        if proposal.snapshot_at is None:
            return await self._expected(member, proposal.rules, guild_id)
        async with self._database.read() as connection:
            elector = await electorate.get(connection, proposal.id, member.id)
        told, at = OUTSIDE, snapshot_of(proposal)
        recorded = elector is not None and elector.power is not None
        if recorded or (not proposal.recorded and may_vote(member, proposal)):
            told = await self._explained(member, proposal.rules, at, proposal.electorate)
        return _as_fixed(told, proposal, elector)

    async def _expected(self, member: Member, rules: Rules, guild_id: int) -> Told:
        """What it would be if voting started now."""
        signs = not rules.signers or member.id in rules.signers
        if not (signs and may_vote_now(member, rules)):
            return OUTSIDE
        at = Snapshot(guild_id, self._now(), rules.reputation_half_life)
        return await self._explained(member, rules, at)

    async def _explained(
        self, member: Member, rules: Rules, at: Snapshot, electorate: int | None = None
    ) -> Told:
        """`electorate` (units) is what a cap refers to that is a share of it."""
        if is_one_each(rules):
            rules = Rules()
        first = await self._terms(member, rules.power, at)
        second = await self._terms(member, rules.second_power, at)
        cap = rules.power_cap.of(electorate) if rules.power_cap else None
        known = cap is not None or not rules.power_cap
        return Told(
            terms=first,
            power=composition.power(first, cap, rules.power_curve) if first and known else None,
            second_terms=second,
            second=composition.power(second) if second else None,
        )

    async def _terms(
        self, member: Member, parts: tuple[Part, ...], snapshot: Snapshot
    ) -> tuple[Term, ...] | None:
        voter = Voter(member.id, member.roles)
        return (await composition.terms([voter], parts, snapshot, self)).get(member.id) or None

    async def _rules(self, guild_id: int) -> Rules:
        async with self._database.read() as connection:
            _, rules = await type_and_rules(connection, guild_id, STANDARD.name, None)
        return rules

    async def reputation(
        self, snapshot: Snapshot, members: Collection[int] | None
    ) -> Mapping[int, int]:
        async with self._database.read() as connection:
            return await reputation.balances(
                connection, snapshot.guild_id, snapshot.at, snapshot.half_life, members
            )

    async def all_reputation(self, snapshot: Snapshot) -> int:
        return sum((await self.reputation(snapshot, None)).values())

    async def members(self, snapshot: Snapshot, role: int | None) -> int:
        return await self._members.count(snapshot.guild_id, role)


def snapshot_of(proposal: Proposal) -> Snapshot:
    """The moment at which a proposal's powers are read."""
    half_life = proposal.rules.reputation_half_life
    return Snapshot(proposal.guild_id, proposal.vote_start, half_life)


def _as_fixed(told: Told, proposal: Proposal, elector: Elector | None) -> Told:
    """What was recorded at the start; its terms only where they still give as much."""
    told = replace(told, recorded_at=proposal.snapshot_at)
    if elector is None:
        return told
    if elector.power is not None and (told.power, told.second or 0) != (
        elector.power,
        elector.second or 0,
    ):
        told = replace(
            told, terms=None, power=elector.power, second_terms=None, second=elector.second
        )
    if proposal.hides_voters:  # which what is carried tells, because who votes takes it away
        return told
    carried, second_carried = proposal.capped(elector.carried, elector.second_carried)
    return replace(told, carried=carried, second_carried=second_carried, carries=elector.carries)
