"""The outbox: what waits, what became of it, and who waits for the card."""

import asyncio

import pytest

from governance.deliveries import Delivery, Event, Target
from governance.proposal import Proposal
from tests.services.hall import Hall
from tests.storage.databases import ELSEWHERE, HAMLET, NOW, TICK


async def waiting(hall: Hall, target: Target = Target.CARD) -> Delivery:
    (only,) = [each for each in await hall.outbox.waiting() if each.target is target]
    return only


@pytest.fixture
async def proposal(hall: Hall) -> Proposal:
    return await hall.proposed()


@pytest.fixture
async def card(hall: Hall, proposal: Proposal) -> Delivery:
    assert proposal.number == 1
    return await waiting(hall)


async def test_what_is_about_to_be_tried_is_marked_until_it_is_confirmed(
    hall: Hall, card: Delivery
) -> None:
    await hall.outbox.trying(card, NOW + TICK)
    assert (await waiting(hall)).tried_at == NOW + TICK
    await hall.outbox.confirmed(card, 1, 77)
    now = await waiting(hall)
    assert (now.sent, now.message_id, now.tried_at) == (1, 77, None)


async def test_what_is_delivered_waits_no_longer(hall: Hall, card: Delivery) -> None:
    await hall.outbox.delivered(card, NOW)
    assert card.id not in {each.id for each in await hall.outbox.waiting()}


async def test_what_failed_waits_with_its_problem(hall: Hall, card: Delivery) -> None:
    await hall.outbox.failed(card, "I can't see the channel.")
    now = await waiting(hall)
    assert now.problem == "I can't see the channel."
    await hall.outbox.failed(now, "I can't see the channel.")
    await hall.outbox.failed(now, "Something else.")
    assert (await waiting(hall)).problem == "Something else."


async def test_what_was_given_up_waits_no_longer(hall: Hall, card: Delivery) -> None:
    await hall.outbox.dropped(card, "The channel was deleted.", NOW)
    assert card.id not in {each.id for each in await hall.outbox.waiting()}


async def test_a_server_sees_what_waits_for_it(hall: Hall, proposal: Proposal) -> None:
    await hall.set_up(ELSEWHERE)
    theirs = await hall.proposed(guild_id=ELSEWHERE)
    for server, own in ((HAMLET, proposal), (ELSEWHERE, theirs)):
        assert {d.proposal_id for d in await hall.outbox.waiting(server)} == {own.id}


async def test_the_last_result_of_a_server_is_known(hall: Hall, proposal: Proposal) -> None:
    assert await hall.outbox.last_result_message(HAMLET) == 0
    hall.clock.at = proposal.vote_end + TICK
    await hall.deadlines.settle()
    await hall.outbox.confirmed(await waiting(hall, Target.RESULTS), 1, 77)
    assert await hall.outbox.last_result_message(HAMLET) == 77
    assert await hall.outbox.last_result_message(ELSEWHERE) == 0


async def test_a_mended_server_is_tried_again_at_once(hall: Hall) -> None:
    hall.outbox.mended.clear()
    hall.outbox.filled.clear()
    hall.outbox.try_again(HAMLET)
    assert hall.outbox.mended == {HAMLET}
    assert hall.outbox.filled.is_set()


# Waiting for the card


async def test_who_proposed_learns_when_the_card_is_up(
    hall: Hall, proposal: Proposal, card: Delivery
) -> None:
    hall.outbox.filled.clear()
    published = asyncio.create_task(hall.outbox.published(HAMLET, proposal.id, 5))
    await asyncio.wait_for(hall.outbox.filled.wait(), 10)
    await asyncio.sleep(0.02)
    assert not published.done()
    await hall.outbox.delivered(card, NOW)
    assert await published is None


async def test_who_proposed_learns_why_the_card_is_not_up(
    hall: Hall, proposal: Proposal, card: Delivery
) -> None:
    published = asyncio.create_task(hall.outbox.published(HAMLET, proposal.id, 5))
    await asyncio.sleep(0.02)
    await hall.outbox.failed(card, "I can't see the channel.")
    assert await published == "I can't see the channel."


async def test_a_card_that_is_up_already_is_not_waited_for(
    hall: Hall, proposal: Proposal, card: Delivery
) -> None:
    await hall.outbox.delivered(card, NOW)
    assert await hall.outbox.published(HAMLET, proposal.id, 5) is None


async def test_nobody_waits_longer_than_agreed(hall: Hall, proposal: Proposal) -> None:
    assert await hall.outbox.published(HAMLET, proposal.id, 0.02) == (
        "Discord is slow at the moment."
    )


async def test_the_thread_is_not_the_card(hall: Hall, proposal: Proposal) -> None:
    published = asyncio.create_task(hall.outbox.published(HAMLET, proposal.id, 0.1))
    await asyncio.sleep(0.02)
    await hall.outbox.delivered(await waiting(hall, Target.THREAD), NOW)
    assert await published == "Discord is slow at the moment."


async def test_another_proposals_card_is_not_this_one(hall: Hall, proposal: Proposal) -> None:
    other = await hall.proposed("Another")
    published = asyncio.create_task(hall.outbox.published(HAMLET, proposal.id, 0.1))
    await asyncio.sleep(0.02)
    (theirs,) = [
        each
        for each in await hall.outbox.waiting()
        if (each.proposal_id, each.target) == (other.id, Target.CARD)
    ]
    await hall.outbox.delivered(theirs, NOW)
    assert await published == "Discord is slow at the moment."


async def test_a_result_that_comes_after_the_waiting_is_no_trouble(
    hall: Hall, proposal: Proposal, card: Delivery
) -> None:
    await hall.outbox.published(HAMLET, proposal.id, 0.01)
    await hall.outbox.failed(card, "Busy.")
    await hall.outbox.delivered(card, NOW)
    assert await hall.announcements(Event.PROPOSED) == [(1, "thread")]
    assert await hall.outbox.published(HAMLET, proposal.id, 5) is None


async def test_who_waits_for_a_card_as_the_bot_stops_is_told_so(
    hall: Hall, proposal: Proposal
) -> None:
    published = asyncio.create_task(hall.outbox.published(HAMLET, proposal.id, 60))
    await asyncio.sleep(0.02)
    hall.outbox.stop()
    assert await published == "Folkmoot is being restarted."
    assert await hall.outbox.published(HAMLET, proposal.id, 60) == await published
