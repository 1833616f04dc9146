"""Delegates: their profiles, how many they carry, how often they vote and agree with somebody."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from governance.ballot import Ballot
from governance.delegates import Profile, agreement, followers
from governance.proposal import Proposal
from governance.rules import Secrecy
from governance.voting.system import Choice
from services.clock import Now
from storage import ballots, delegates, proposals, settings
from storage.database import Database

LOOKED_AT = 50
"""Votes, the latest that were counted, in which turnout and agreement are looked for."""
_MENTION = re.compile(r"<@!?(\d{5,20})>", re.ASCII)


@dataclass(frozen=True, slots=True)
class Delegate:
    """A delegate as one member sees it.

    It carries so many members in the whole server, through others too. It voted on `voted` of the
    latest `votes`; the two chose the same on `agreed` of `compared`.
    """

    member_id: int
    profile: Profile
    carries: int
    voted: int
    votes: int
    agreed: int
    compared: int


class Delegates:
    def __init__(self, database: Database, now: Now) -> None:
        self._database = database
        self._now = now

    async def profile(self, guild_id: int, member_id: int) -> Profile:
        """A member's profile; the default where it has none."""
        async with self._database.read() as connection:
            return await delegates.get(connection, guild_id, member_id)

    async def write(
        self, guild_id: int, member_id: int, statement: str, topics: str, conflicts: str
    ) -> Profile:
        """Give a member's profile another text; an empty one takes it from the list."""
        return await self._changed(
            guild_id,
            member_id,
            lambda profile, known: profile.written(statement, topics, conflicts, known),
        )

    async def accept(self, guild_id: int, member_id: int, accepting: bool) -> Profile:
        """Let others delegate to a member, or no more; those who do so already still do."""
        return await self._changed(
            guild_id, member_id, lambda profile, _: replace(profile, accepting=accepting)
        )

    async def tell(self, guild_id: int, member_id: int, tells: bool) -> Profile:
        """Whether a member gets private messages about those who trust it."""
        return await self._changed(
            guild_id, member_id, lambda profile, _: replace(profile, tells=tells)
        )

    async def carried(self, guild_id: int, member_id: int) -> int:
        """How many members somebody carries in the whole server now, through others too."""
        return (await self._followers(guild_id))[member_id]

    async def page(
        self, guild_id: int, asker: int, search: str = "", *, limit: int, offset: int = 0
    ) -> list[Delegate]:
        """A server's delegates whose profile contains a text, or who are mentioned in it.

        Those who carry most come first.
        """
        async with self._database.read() as connection:
            profiles = await delegates.of_server(connection, guild_id)
        named = _MENTION.fullmatch(search.strip())
        fitting = {
            member: profile
            for member, profile in profiles.items()
            if profile.statement
            and (member == int(named[1]) if named else profile.fits(search.strip()))
        }
        carried = await self._followers(guild_id) if fitting else Counter[int]()
        order = sorted(fitting, key=lambda member: (-carried[member], member))
        shown = order[offset : offset + limit]
        async with self._database.read() as connection:
            votes = await proposals.page(connection, proposals.counted(guild_id), limit=LOOKED_AT)
            cast = await ballots.of_voters(connection, [each.id for each in votes], [asker, *shown])
        return [
            Delegate(
                member,
                fitting[member],
                carried[member],
                sum((each.id, member) in cast for each in votes),
                len(votes),
                *agreement(_common(votes, cast, asker, member)),
            )
            for member in shown
        ]

    async def _followers(self, guild_id: int) -> Counter[int]:
        async with self._database.read() as connection:
            trust = await delegates.trust(connection, guild_id, self._now())
        return await asyncio.to_thread(followers, trust)

    async def _changed(
        self,
        guild_id: int,
        member_id: int,
        change: Callable[[Profile, Sequence[str]], Profile],
    ) -> Profile:
        """Store what becomes of a profile, which `change` gets with the server's topics."""
        async with self._database.write() as connection:
            # Two changes at once are both kept.
            found, _ = await settings.lock(connection, guild_id)
            profile = await delegates.get(connection, guild_id, member_id)
            changed = change(profile, found.topics)
            await delegates.save(connection, guild_id, member_id, changed)
            return changed


def _common(
    votes: Iterable[Proposal], cast: Mapping[ballots.Key, Ballot], one: int, other: int
) -> Iterator[tuple[str, Choice, Choice]]:
    """What two members chose where both cast a ballot, in votes that hid nothing."""
    for each in votes:
        mine, theirs = cast.get((each.id, one)), cast.get((each.id, other))
        if mine and theirs and one != other and each.rules.secrecy == Secrecy.OPEN:
            yield each.rules.system, mine.choice, theirs.choice
