"""The count of ballots: while voting runs, around the deadline, and at the close."""

import asyncio
import threading
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.deliveries import Event
from governance.errors import CountMismatch, Refusal
from governance.power import UNIT
from governance.proposal import Proposal, ProposalState, state
from governance.voting import basic, condorcet
from governance.voting.system import Ballots, Count, Terms
from services.ballot_writer import Receipt
from tests.services.hall import ANN, Hall, ballot, voting_hall
from tests.storage.databases import DAY, TICK

FOR, AGAINST, ABSTAIN = basic.FOR, basic.AGAINST, basic.ABSTAIN


# Counting at the close


async def test_closing_counts_what_was_cast(hall: Hall) -> None:
    proposal = await hall.opened()
    for voter, choice in ((1, FOR), (2, FOR), (3, AGAINST), (1, ABSTAIN)):
        await hall.writer.cast(ballot(proposal, voter, choice))
    hall.clock.at = proposal.vote_end + DAY
    closed = await hall.writer.close(proposal.id)
    assert closed == await hall.now(proposal)
    assert closed
    assert closed.running.scores == {FOR: UNIT, AGAINST: UNIT, ABSTAIN: UNIT}
    assert (closed.tally.voters, closed.counted_at) == (3, hall.clock.at)
    assert state(closed, hall.clock.at) is ProposalState.DEFEATED
    assert await hall.announcements(Event.CLOSED) == [(1, "thread"), (1, "results")]


async def test_it_closes_only_after_the_last_moment_and_only_once(hall: Hall) -> None:
    proposal = await hall.opened()
    for now in (proposal.created_at, proposal.vote_start + TICK, proposal.vote_end):
        hall.clock.at = now
        assert await hall.writer.close(proposal.id) is None
    hall.clock.advance(TICK)
    assert await hall.writer.close(proposal.id)
    assert await hall.writer.close(proposal.id) is None
    assert len(await hall.announcements(Event.CLOSED)) == 2


async def test_what_was_canceled_or_never_was_is_not_closed(hall: Hall) -> None:
    proposal = await hall.proposed()
    await hall.proposals.cancel(proposal.guild_id, proposal.id, ANN, "Overtaken.")
    hall.clock.at = proposal.vote_end + TICK
    assert await hall.writer.close(proposal.id) is None
    assert await hall.writer.close(999) is None
    assert await hall.announcements(Event.CLOSED) == []


async def test_a_running_count_that_was_changed_stops_the_close(hall: Hall) -> None:
    proposal = await hall.opened()
    await hall.writer.cast(ballot(proposal, 1))
    honest = await hall.now(proposal)
    hall.clock.at = proposal.vote_end + TICK
    for changes in (
        {"scores": {FOR: 2 * UNIT}},
        {"scores": {FOR: UNIT, AGAINST: 1}},
        {"scores": {AGAINST: UNIT}},
        {"power": 2 * UNIT},
        {"ballots": 2},
        {"voters": 2},
    ):
        await hall.tamper(proposal, replace(honest.tally, **changes))
        with pytest.raises(CountMismatch, match=f"proposal {proposal.id}: 1 ballots give"):
            await hall.writer.close(proposal.id)
        assert (await hall.now(proposal)).counted_at is None
        assert await hall.announcements(Event.CLOSED) == []
        await hall.tamper(proposal, honest.tally)
    assert await hall.writer.close(proposal.id)


# A ballot is counted or it is refused, never both


@dataclass
class Race:
    """What voters were told."""

    counted: dict[int, Receipt] = field(default_factory=dict)
    refused: list[int] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def voter(
        self, hall: Hall, proposal: Proposal, id_: int, choice: int, after: int
    ) -> None:
        for _ in range(after):
            await asyncio.sleep(0)
        try:
            self.counted[id_] = await hall.writer.cast(ballot(proposal, id_, choice))
        except Refusal:
            self.refused.append(id_)
        self.begun.set()


deadlines = st.integers(0, 120)
arrivals = st.lists(st.tuples(st.integers(1, 3), deadlines), min_size=1, max_size=60)


@settings(max_examples=25)
@given(arrivals, deadlines, st.lists(deadlines, max_size=3))
def test_around_the_deadline_every_ballot_is_either_counted_or_refused(
    cast: list[tuple[int, int]], deadline: int, closings: list[int]
) -> None:
    async def run() -> None:
        async with voting_hall() as hall:
            proposal = await hall.opened()
            hall.clock.at = proposal.vote_end
            race = Race()

            async def time_passes() -> None:
                for _ in range(deadline):
                    await asyncio.sleep(0)
                hall.clock.advance(TICK)

            async def close(after: int) -> Proposal | None:
                for _ in range(after):
                    await asyncio.sleep(0)
                return await hall.writer.close(proposal.id)

            voters = (
                race.voter(hall, proposal, n, choice, after)
                for n, (choice, after) in enumerate(cast, 1)
            )
            _, closed, *_ = await asyncio.gather(
                time_passes(), asyncio.gather(*(close(each) for each in closings)), *voters
            )
            final = [each for each in (*closed, await hall.writer.close(proposal.id)) if each]
            assert len(final) == 1
            assert len(race.counted) + len(race.refused) == len(cast)
            assert final[0].tally.voters == len(race.counted)
            told = ((r.ballot.choice, UNIT, 1) for r in race.counted.values())
            assert final[0].count == basic.count(told, final[0].terms)
            assert {b.voter_id for b in await hall.cast_ballots(proposal)} == set(race.counted)
            assert all(r.ballot.cast_at <= proposal.vote_end for r in race.counted.values())
            assert await hall.now(proposal) == final[0]

    asyncio.run(run())


async def test_a_close_waits_for_the_ballots_that_came_before_it(hall: Hall) -> None:
    proposal = await hall.opened()
    hall.clock.at = proposal.vote_end
    race = Race()
    voters = [
        asyncio.create_task(race.voter(hall, proposal, v, FOR, v // 20)) for v in range(1, 400)
    ]
    await race.begun.wait()
    hall.clock.advance(TICK)
    closed = await hall.writer.close(proposal.id)
    await asyncio.gather(*voters)
    assert closed
    assert closed.tally.voters == len(race.counted)
    assert await hall.recounted(proposal) == closed.count


# The running count


deeds = st.tuples(
    st.integers(1, 5),  # who
    st.integers(1, 3),  # what
    st.one_of(st.just(UNIT), st.integers(0, 2**256 - 1)),  # with which power
    st.booleans(),  # whether others wait with it
)


@settings(max_examples=25)
@given(st.lists(deeds, min_size=1, max_size=30))
def test_the_running_count_is_always_that_of_a_recount(
    cast: list[tuple[int, int, int, bool]],
) -> None:
    async def run() -> None:
        async with voting_hall() as hall:
            proposal = await hall.opened()
            together: list[asyncio.Task[Receipt]] = []
            last: dict[int, tuple[int, int]] = {}
            for voter, choice, power, more in cast:
                wanted = ballot(proposal, voter, choice, power)
                together.append(asyncio.create_task(hall.writer.cast(wanted)))
                last[voter] = (choice, power)
                if more:
                    continue
                await asyncio.gather(*together)
                now = await hall.now(proposal)
                assert await hall.recounted(proposal) == now.running
            await asyncio.gather(*together)
            now = await hall.now(proposal)
            told = basic.count(((*each, 1) for each in last.values()), now.terms)
            assert (now.running, now.tally.voters) == (told, len(last))
            hall.clock.at = proposal.vote_end + TICK
            closed = await hall.writer.close(proposal.id)
            assert closed
            assert closed.count == now.running

    asyncio.run(run())


async def test_a_long_count_holds_up_nobody(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    loop, others, real = asyncio.get_running_loop(), threading.Event(), condorcet.count

    def slow(ballots: Ballots, terms: Terms) -> Count:
        loop.call_soon_threadsafe(others.set)
        assert others.wait(10)
        return real(ballots, terms)

    monkeypatch.setattr(condorcet, "count", slow)
    kind = await hall.type("Ranks", system="condorcet")
    proposal = await hall.opened(kind=kind, choices=("Oak", "Elm"))
    hall.clock.at = proposal.vote_end + TICK
    assert [each.id for each in await hall.deadlines.settle()] == [proposal.id]
