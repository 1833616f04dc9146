"""Reputation granted, taken and earned: what is stored, and what two at once can't do."""

import asyncio

import pytest
from sqlalchemy import event

from governance.electorate import Member
from governance.errors import NotAllowed, Refusal, Unavailable
from governance.power import UNIT
from governance.proposal import Proposal
from governance.reputation import Entry
from services.reputation import Place
from tests.services.hall import ANN, BEN, CLEO, MODERATOR, PERIOD, Hall, member
from tests.storage.databases import DAY, ELSEWHERE, HAMLET, TICK


async def held(hall: Hall, who: Member, guild_id: int = HAMLET) -> int:
    return (await hall.reputation.of_member(guild_id, who.id, limit=1)).balance


async def entries(hall: Hall, who: Member) -> list[Entry]:
    account = await hall.reputation.of_member(HAMLET, who.id, limit=50)
    return [entry for entry, _ in account.entries]


async def closed(hall: Hall, proposal: Proposal) -> None:
    """Move past the end of voting, and count."""
    hall.clock.at = proposal.vote_end + TICK
    assert await hall.deadlines.settle()


async def test_what_is_granted_and_taken_is_kept_with_its_reasons(hall: Hall) -> None:
    assert await hall.reputation.grant(HAMLET, MODERATOR, ANN, 10, "Feast") == 10 * UNIT
    hall.clock.advance(DAY)
    assert await hall.reputation.take(HAMLET, MODERATOR, ANN, 4, "Noise") == 6 * UNIT
    assert await held(hall, ANN) == 6 * UNIT
    assert [(e.points, e.reason, e.given_by) for e in await entries(hall, ANN)] == [
        (-4, "Noise", MODERATOR.id),
        (10, "Feast", MODERATOR.id),
    ]
    assert await held(hall, BEN) == 0
    assert await held(hall, ANN, ELSEWHERE) == 0


async def test_points_fade_by_the_half_life_of_the_server(hall: Hall) -> None:
    await hall.reputation.grant(HAMLET, MODERATOR, ANN, 8, "Feast")
    await hall.reputation.rules(HAMLET, MODERATOR, {"reputation_half_life": "30d"})
    hall.clock.advance(60 * DAY)
    account = await hall.reputation.of_member(HAMLET, ANN.id, limit=5)
    assert account.balance == 2 * UNIT
    assert [worth for _, worth in account.entries] == [2]
    with pytest.raises(Refusal, match="has 2 points, so 3 can't be taken"):
        await hall.reputation.take(HAMLET, MODERATOR, ANN, 3, "Noise")


async def test_of_a_refused_change_nothing_is_stored(hall: Hall) -> None:
    await hall.reputation.grant(HAMLET, MODERATOR, ANN, 3, "Feast")
    with pytest.raises(NotAllowed, match="Manage Server"):
        await hall.reputation.grant(HAMLET, BEN, ANN, 3, "Feast")
    with pytest.raises(Refusal, match="has 3 points"):
        await hall.reputation.take(HAMLET, MODERATOR, ANN, 4, "Noise")
    with pytest.raises(NotAllowed, match="Manage Server"):
        await hall.reputation.rules(HAMLET, BEN, {"reputation_for_voting": 5})
    with pytest.raises(Refusal, match="from 0 to 1,000"):
        await hall.reputation.rules(HAMLET, MODERATOR, {"reputation_for_voting": 1001})
    assert len(await entries(hall, ANN)) == 1
    assert (await hall.settings.get(HAMLET)).reputation_for_voting == 0


async def test_two_who_take_at_once_cannot_take_the_same_points(hall: Hall) -> None:
    await hall.reputation.grant(HAMLET, MODERATOR, ANN, 10, "Feast")
    taken = await asyncio.gather(
        *(hall.reputation.take(HAMLET, MODERATOR, ANN, 4, f"Noise {n}") for n in range(5)),
        return_exceptions=True,
    )
    assert sum(isinstance(each, Refusal) for each in taken) == 3
    assert await held(hall, ANN) == 2 * UNIT


async def test_the_rules_leave_the_other_settings_and_the_webhook(hall: Hall) -> None:
    before, webhook = await hall.settings.with_webhook(HAMLET)
    changed = await hall.reputation.rules(HAMLET, MODERATOR, {"reputation_half_life": "90d"})
    assert changed == before.with_changes({"reputation_half_life": 90 * DAY})
    assert await hall.settings.with_webhook(HAMLET) == (changed, webhook)


async def test_the_leaderboard_has_places_that_equals_share(hall: Hall) -> None:
    for who, points in ((ANN, 5), (BEN, 9), (CLEO, 5), (member(14), 1), (member(15), 2)):
        await hall.reputation.grant(HAMLET, MODERATOR, who, points, "Feast")
    await hall.reputation.take(HAMLET, MODERATOR, member(15), 2, "Noise")
    await hall.reputation.grant(ELSEWHERE, MODERATOR, ANN, 99, "Another server's")
    first = await hall.reputation.leaderboard(HAMLET, limit=3)
    assert first == [
        Place(1, BEN.id, 9 * UNIT),
        Place(2, ANN.id, 5 * UNIT),
        Place(2, CLEO.id, 5 * UNIT),
    ]
    assert await hall.reputation.leaderboard(HAMLET, limit=3, offset=3) == [Place(4, 14, UNIT)]


async def test_voters_and_the_author_of_what_passes_earn_points_once(hall: Hall) -> None:
    rules = {"reputation_for_voting": 2, "reputation_for_success": 5}
    await hall.reputation.rules(HAMLET, MODERATOR, rules)
    proposal = await hall.opened()
    await asyncio.gather(
        hall.voting.cast(HAMLET, proposal.id, BEN, 1),
        hall.voting.cast(HAMLET, proposal.id, CLEO, 0),
    )
    assert await entries(hall, BEN) == []
    await closed(hall, proposal)
    at = hall.clock.at
    voted, passed = "Voted on #1 Mend the well", "Proposed #1 Mend the well, which passed"
    assert await entries(hall, BEN) == [Entry(BEN.id, 2, voted, None, proposal.id, at)]
    assert await entries(hall, CLEO) == [Entry(CLEO.id, 2, voted, None, proposal.id, at)]
    assert await entries(hall, ANN) == [Entry(ANN.id, 5, passed, None, proposal.id, at)]
    assert await hall.writer.close(proposal.id) is None
    assert await hall.deadlines.settle() == []
    assert await held(hall, BEN) == 2 * UNIT


async def test_the_author_of_what_is_defeated_earns_nothing_but_for_its_vote(hall: Hall) -> None:
    rules = {"reputation_for_voting": 2, "reputation_for_success": 5}
    await hall.reputation.rules(HAMLET, MODERATOR, rules)
    proposal = await hall.opened()
    await hall.voting.cast(HAMLET, proposal.id, ANN, 2)
    await closed(hall, proposal)
    assert await held(hall, ANN) == 2 * UNIT


async def test_by_default_nothing_is_earned(hall: Hall) -> None:
    proposal = await hall.opened()
    await hall.voting.cast(HAMLET, proposal.id, ANN, 1)
    await closed(hall, proposal)
    assert await hall.reputation.leaderboard(HAMLET, limit=9) == []


async def test_a_canceled_vote_earns_nobody_anything(hall: Hall) -> None:
    await hall.reputation.rules(HAMLET, MODERATOR, {"reputation_for_voting": 2})
    proposal = await hall.opened()
    await hall.voting.cast(HAMLET, proposal.id, BEN, 1)
    await hall.proposals.cancel(HAMLET, proposal.id, MODERATOR, "It rained.")
    hall.clock.advance(PERIOD * 2)
    await hall.deadlines.settle()
    assert await held(hall, BEN) == 0


async def test_a_close_that_breaks_off_gives_nothing_and_its_repetition_gives_once(
    hall: Hall,
) -> None:
    await hall.reputation.rules(HAMLET, MODERATOR, {"reputation_for_voting": 2})
    proposal = await hall.opened()
    await hall.voting.cast(HAMLET, proposal.id, BEN, 1)
    hall.clock.at = proposal.vote_end + TICK

    def lose(_connection: object) -> None:
        raise OSError("the disk is gone")

    engine = hall.database.engine.sync_engine
    event.listen(engine, "commit", lose)
    with pytest.raises(Unavailable):
        await hall.writer.close(proposal.id)
    event.remove(engine, "commit", lose)
    assert await held(hall, BEN) == 0
    await hall.deadlines.settle()
    assert await held(hall, BEN) == 2 * UNIT
