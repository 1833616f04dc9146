"""Votes with delegated power: what is stored of them, and what they come to if every way is walked.

The count here knows who trusts whom from the test, not from what the bot keeps.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from governance.counts import scores_from_json
from governance.deliveries import Event
from governance.power import UNIT
from governance.result_reading import read
from governance.result_recount import verified
from governance.voting import basic
from storage.ballots import read_tally
from storage.database import Database
from storage.tables import ballots, deliveries, electorate, proposals

Trust = Mapping[int, int]
"""Who lets whom vote, of one proposal."""


@dataclass(frozen=True)
class Vote:
    """What lies on the disk of one vote, its rows by member."""

    proposal: Row[Any]
    cast: dict[int, Row[Any]]
    electors: dict[int, Row[Any]]

    @property
    def choices(self) -> dict[int, int]:
        return {voter: row.choice for voter, row in self.cast.items()}

    @property
    def snapshot(self) -> tuple[datetime, dict[int, tuple[int | None, int | None]]]:
        """When the electorate was fixed; of each of its members the power and the delegate."""
        fixed = {who: (row.power, row.delegate_id) for who, row in self.electors.items()}
        return self.proposal.snapshot_at, fixed


async def stored_vote(database_url: str, number: int = 1) -> Vote:
    """Read back from the disk; no ballot is there twice, and nothing was reported as wrong."""
    database = Database(database_url)
    try:
        async with database.read() as connection:
            proposal = (
                await connection.execute(select(proposals).where(proposals.c.number == number))
            ).one()
            cast, electors = [
                (
                    await connection.execute(
                        select(table).where(table.c.proposal_id == proposal.id)
                    )
                ).all()
                for table in (ballots, electorate)
            ]
            reported = await connection.scalar(
                select(func.count()).where(deliveries.c.event == Event.MISMATCHED)
            )
    finally:
        await database.close()
    assert not reported
    by_voter = {row.voter_id: row for row in cast}
    assert len(by_voter) == len(cast)
    return Vote(proposal, by_voter, {row.member_id: row for row in electors})


def voice(member: int, trust: Trust, voted: Collection[int]) -> int | None:
    """The first on the member's way who has voted; None if nobody has."""
    met = set[int]()
    while member not in voted:
        if member in met or member not in trust:
            return None
        met.add(member)
        member = trust[member]
    return member


def counted(choices: Mapping[int, int], trust: Trust) -> dict[int, int]:
    """Votes for each choice, where everybody has one."""
    voices = (voice(member, trust, choices) for member in {*trust, *choices})
    found = Counter(choices[each] for each in voices if each is not None)
    return {choice: found[choice] for choice in (basic.FOR, basic.AGAINST, basic.ABSTAIN)}


def check_running(vote: Vote, trust: Trust) -> None:
    """What the bot keeps up while the vote runs is what a count from scratch gives."""
    voted, tally = vote.choices, read_tally(vote.proposal.tally, vote.proposal.voters)
    voices = [voice(member, trust, voted) for member in trust if member not in voted]
    carries = Counter(each for each in voices if each is not None)
    for voter, row in vote.cast.items():
        assert (row.power, row.carried) == ((1 + carries[voter]) * UNIT, carries[voter] * UNIT)
    assert tally.voters == tally.ballots == len(voted)
    assert tally.carried == carries.total() * UNIT
    assert tally.power == (len(voted) + carries.total()) * UNIT
    scores = {choice: int(score) for choice, score in tally.scores.items() if score}
    expected = {choice: n * UNIT for choice, n in counted(voted, trust).items() if n}
    assert scores == expected
    _check_electors(vote, trust)


def check_exported(content: bytes, vote: Vote, trust: Trust) -> None:
    """The file recounts to itself, and to what the votes come to."""
    file = read(content)
    assert verified(file).problems == ()
    expected = counted(vote.choices, trust)
    found = scores_from_json(file["result"]["count"]["scores"])
    assert found == {choice: votes * UNIT for choice, votes in expected.items()}


def _check_electors(vote: Vote, trust: Trust) -> None:
    """Each member of the electorate has what those bring who pass theirs on to it."""
    voted, electors = vote.choices, vote.electors
    assert {who: row.delegate_id for who, row in electors.items() if row.delegate_id} == trust
    for who, row in electors.items():
        givers = [
            each
            for giver, each in electors.items()
            if each.delegate_id == who and giver not in voted and not each.cut
        ]
        assert row.carried == sum((each.power or 0) + each.carried for each in givers)
        assert row.carries == sum(1 + each.carries for each in givers)
    circles = {_circle(who, trust) for who in trust if voice(who, trust, voted) is None} - {None}
    cuts = [who for who, row in electors.items() if row.cut]
    assert len(cuts) == len(circles)
    assert all(len(circle.intersection(cuts)) == 1 for circle in circles if circle)


def _circle(member: int, trust: Trust) -> frozenset[int] | None:
    """The members of the circle in which a member's way ends; None where it ends elsewhere."""
    way = [member]
    while (following := trust.get(way[-1])) is not None:
        if following in way:
            return frozenset(way[way.index(following) :])
        way.append(following)
    return None
