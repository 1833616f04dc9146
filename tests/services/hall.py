"""The services on a database of their own, with a clock that tests set."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from governance.ballot import Ballot
from governance.deliveries import Delivery
from governance.electorate import Member
from governance.errors import Unavailable
from governance.power import UNIT
from governance.proposal import Proposal, Tally
from governance.texts import Text
from governance.types import STANDARD
from governance.voting.system import Count
from services.ballot_writer import BallotWriter, Receipt
from services.commands import Commands
from services.deadlines import Deadlines
from services.delegates import Delegates
from services.delegations import Delegations
from services.deliveries import Outbox
from services.notices import Notices
from services.powers import Powers
from services.proposals import Proposals
from services.proposing import Proposing
from services.reputation import Reputation
from services.settings import ServerSettings
from services.snapshots import Snapshots
from services.spaces import Spaces, Wanted
from services.types import Types
from services.voting import Voting
from storage import ballots, proposals
from storage.database import Database
from storage.tables import delegations
from tests import stores
from tests.storage.databases import DAY, HAMLET, NOW, TICK

PERIOD = 3 * DAY


class Clock:
    """A governance clock that stands still until it is moved, but for a `step` at each reading."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at
        self.step = timedelta()
        self.read = 0

    def __call__(self) -> datetime:
        self.read += 1
        now, self.at = self.at, self.at + self.step
        return now

    def advance(self, by: timedelta) -> None:
        self.at += by


def member(id: int, **more: Any) -> Member:  # noqa: A002 (as Member has it)
    """Somebody who has been in the server for a year."""
    present: dict[str, Any] = {"roles": frozenset(), "joined_at": NOW - DAY * 365}
    return Member(id, **{**present, **more})


ANN, BEN, CLEO = (member(number) for number in (11, 12, 13))
MODERATOR = member(19, moderator=True)


class Register:
    """The members as Discord would tell of them: a hundred, wherever it is; nobody has left.

    `roles` are held by those who aren't voters of the test themselves; `gone` have left, `silent`
    aren't told of; `listed` may be listed, where that isn't None.
    """

    def __init__(self) -> None:
        self.size = 100
        self.known: dict[int, Member] = {}
        self.gone: set[int] = set()
        self.silent: set[int] = set()
        self.listed: list[Member] | None = None
        self.asked: list[int] = []
        self.count: Callable[[int, int | None], Awaitable[int]] = self._count

    async def _count(self, guild_id: int, role_id: int | None) -> int:
        return self.size

    async def present(
        self, guild_id: int, members: frozenset[int], role_id: int | None
    ) -> frozenset[int]:
        if members & self.silent:
            raise Unavailable("no answer")
        return members - self.gone

    async def found(self, guild_id: int, members: Collection[int]) -> dict[int, Member | None]:
        self.asked += members
        return {
            each: None if each in self.gone else self.known.get(each, member(each))
            for each in members
            if each not in self.silent
        }

    async def everyone(self, guild_id: int) -> list[Member] | None:
        return self.listed


@dataclass
class Hall:
    """All use cases of one process, whose ballots are written while `writing` runs."""

    database: Database
    clock: Clock
    writer: BallotWriter
    outbox: Outbox
    settings: ServerSettings
    spaces: Spaces
    types: Types
    proposing: Proposing
    proposals: Proposals
    voting: Voting
    deadlines: Deadlines
    delegations: Delegations
    notices: Notices
    commands: Commands
    register: Register
    snapshots: Snapshots
    powers: Powers
    reputation: Reputation
    delegates: Delegates
    writing: asyncio.Task[None] | None = None

    def write(self) -> None:
        """Let the ballot writer run."""
        self.writing = asyncio.create_task(self.writer.run())

    async def set_up(self, guild_id: int = HAMLET, **changes: Any) -> None:
        wanted = {"proposals_channel": 1, "results_channel": 2, **changes}
        await self.settings.change(guild_id, wanted, 5)

    async def proposed(
        self,
        title: str = "Mend the well",
        *,
        by: Member = ANN,
        guild_id: int = HAMLET,
        kind: str = STANDARD.name,
        choices: tuple[str, ...] = (),
        space: int = 0,
        topic: str = "",
    ) -> Proposal:
        """A proposal of the type `kind`, in a space (0: the server), about a topic."""
        text = Text(title, "It is dry.", choices=choices)
        return await self.proposing.propose(guild_id, by, text, kind, space_id=space, topic=topic)

    async def space(
        self,
        name: str,
        parent: str | None = None,
        *,
        by: Member = MODERATOR,
        reserved: tuple[str, ...] = (),
        **changes: Any,
    ) -> int:
        """The id of a new space that sets these settings itself."""
        wanted = Wanted(name, parent, changes, reserved)
        return (await self.spaces.save(HAMLET, by, None, wanted)).id

    async def type(self, name: str, **rules: Any) -> str:
        """The name of a new type with these rules, as a moderator types them."""
        return (await self.types.create(HAMLET, MODERATOR, name, rules)).name

    async def opened(self, title: str = "Mend the well", **more: Any) -> Proposal:
        """A proposal, at the first moment of its vote."""
        proposal = await self.proposed(title, **more)
        self.clock.at = proposal.vote_start + TICK
        return proposal

    async def delegated(self, **trust: int | None) -> None:
        """Delegations in the server, given long ago: `m11=12` lets member 11 vote through 12."""
        rows = [
            {
                "guild_id": HAMLET,
                "member_id": int(who[1:]),
                "space_id": 0,
                "topic": "",
                "delegate_id": trusted,
                "given_at": NOW - DAY,
                "expires_at": None,
                "ended_at": None,
                "tell": False,
            }
            for who, trusted in trust.items()
        ]
        if not rows:
            return
        async with self.database.write() as connection:
            await connection.execute(insert(delegations), rows)

    async def now(self, proposal: Proposal) -> Proposal:
        """The proposal as it is stored."""
        return await self.proposals.get(proposal.guild_id, proposal.id, proposal.author_id)

    async def cast_ballots(self, proposal: Proposal) -> list[Ballot]:
        """All that is stored of its ballots, by voter."""
        async with self.database.read() as connection:
            keys = [(proposal.id, voter) for voter in range(1, 2000)]
            found = await ballots.cast(connection, keys)
        return [found[key] for key in sorted(found)]

    async def recounted(self, proposal: Proposal) -> Count:
        """The stored ballots, counted anew."""
        async with self.database.read() as connection:
            cast = await ballots.to_count(connection, proposal.id)
        return proposal.system.count(cast, proposal.terms)

    async def tamper(self, proposal: Proposal, tally: Tally) -> None:
        """Change the running count behind everybody's back."""
        wrong = replace(await self.now(proposal), tally=tally)
        async with self.database.write() as connection:
            await ballots.save_tally(connection, [wrong])

    async def announced(self) -> list[tuple[str, int, str]]:
        """What is in the outbox: (event, number of the proposal, target)."""
        waiting: list[Delivery] = await self.outbox.waiting()
        async with self.database.read() as connection:
            known = await proposals.by_ids(connection, {each.proposal_id for each in waiting})
        return [(each.event, known[each.proposal_id].number, each.target) for each in waiting]

    async def announcements(self, event: str) -> list[tuple[int, str]]:
        """(number, target) of what is in the outbox for one event."""
        return [(number, to) for what, number, to in await self.announced() if what == event]


def ballot(proposal: Proposal, voter: int, choice: int = 1, power: int = UNIT) -> Ballot:
    return Ballot(proposal.id, voter, choice, power, "", NOW)


async def all_of(*waiting: Awaitable[Receipt]) -> Sequence[Receipt | BaseException]:
    return await asyncio.gather(*waiting, return_exceptions=True)


@asynccontextmanager
async def open_hall(url: str) -> AsyncIterator[Hall]:
    """The services on a new database; nothing is set up and no ballot is written yet."""
    database = Database(url)
    clock = Clock()
    writer, outbox = BallotWriter(database, clock), Outbox(database)
    register = Register()
    powers = Powers(database, clock, register)
    snapshots = Snapshots(database, clock, register, powers)
    hall = Hall(
        database=database,
        clock=clock,
        writer=writer,
        outbox=outbox,
        settings=ServerSettings(database, outbox),
        spaces=Spaces(database, clock, outbox),
        types=Types(database),
        proposing=Proposing(database, clock, powers),
        proposals=Proposals(database, clock),
        voting=Voting(database, clock, writer, register, snapshots, powers),
        deadlines=Deadlines(database, clock, writer, outbox, register, snapshots, powers),
        delegations=Delegations(database, clock, register),
        notices=Notices(database, clock),
        commands=Commands(database),
        register=register,
        snapshots=snapshots,
        powers=powers,
        reputation=Reputation(database, clock),
        delegates=Delegates(database, clock),
    )
    try:
        yield hall
    finally:
        await snapshots.stop()
        writer.stop()
        if hall.writing:
            await hall.writing
        await database.close()


@asynccontextmanager
async def voting_hall() -> AsyncIterator[Hall]:
    """A hall in a folder of its own, set up and writing: for tests that need many."""
    with tempfile.TemporaryDirectory() as folder:
        url = await stores.create(Path(folder))
        try:
            async with open_hall(url) as hall:
                await hall.set_up(voting_delay=DAY, voting_period=PERIOD)
                hall.write()
                yield hall
        finally:
            await stores.drop(url)
