"""What was deleted by hand is repaired or reported; the votes stay."""

import asyncio

import pytest

from sandbox.discord import Permission
from tests.moot import DAY, NEEDED, Moot, private, visible


async def test_a_deleted_card_is_posted_again(ready: Moot) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")
    card = await ready.opened(ann)
    await private(ann.press(card, "For"))
    await ann.sees(ready.proposals, "1 voter ")
    ready.owner.delete(card)
    await private(bea.command("vote", in_=ready.square, proposal="1", choice="For"))
    again = await ann.sees(ready.proposals, "2 voters")
    assert again.id != card.id
    assert again.buttons == ["For", "Against", "Abstain", "My vote"]
    await private(bea.press(again, "Against"))
    assert "#1 Mend the well" in visible(ann, ready.proposals)


async def test_a_deleted_thread_is_said_on_the_card_and_stops_nothing(ready: Moot) -> None:
    ann = ready.member("Ann")
    card = await ready.opened(ann)
    ready.server.delete_channel(ready.thread(card))
    await private(ann.press(card, "For"))
    result = await ready.wait_for_deadline()
    assert "succeeded" in result.text
    await ann.sees(ready.proposals, "Succeeded")
    ready.bot.cards.mark((await ready.bot.services.proposals.by_ids([1]))[1], at_once=True)
    await ann.sees(ready.proposals, "for the full text: /proposal show 1")


async def test_a_deleted_proposals_channel_is_reported_and_another_takes_over(ready: Moot) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")
    card = await ready.opened(ann)
    await private(ann.press(card, "For"))
    ready.server.delete_channel(ready.proposals)
    await private(bea.command("vote", in_=ready.square, proposal="1", choice="For"))
    refusal = await ready.propose(ann, "Dig another")
    assert "doesn't exist any more" in refusal.text
    forum = ready.server.add_channel("forum")
    await _reported(ready, "The proposals_channel is gone")
    await private(ready.owner.command("setup", in_=ready.square, proposals_channel=forum))
    again = await ann.sees(forum, "2 voters")
    await private(bea.press(again, "Against"))
    result = await ready.wait_for_deadline()
    assert "2 voters" in result.text


async def test_a_deleted_webhook_is_made_again(ready: Moot) -> None:
    await ready.opened(ready.member("Ann"))
    (webhook,) = ready.webhooks()
    ready.server.delete_webhook(webhook)
    result = await ready.wait_for_deadline()
    assert "was defeated" in result.text
    (again,) = ready.webhooks()
    assert again.id != webhook.id


@pytest.mark.usefixtures("looked_for")
async def test_a_webhook_whose_making_got_no_answer_is_found_and_used(ready: Moot) -> None:
    await ready.opened(ready.member("Ann"))
    ready.server.delete_webhook(*ready.webhooks())
    with ready.discord.faults.lose("POST /channels/{channel}/webhooks") as lost:
        result = await ready.wait_for_deadline()
    assert lost.struck
    (webhook,) = ready.webhooks()
    assert result.webhook_id == webhook.id


async def test_a_deleted_results_channel_is_reported_and_the_result_waits(ready: Moot) -> None:
    ann = ready.member("Ann")
    card = await ready.opened(ann)
    ready.server.delete_channel(ready.results)
    await private(ann.press(card, "For"))
    ready.clock.advance(3 * DAY)
    await ann.sees(ready.proposals, "Succeeded")
    await _reported(ready, "Waiting to be posted: the results channel was deleted")
    hall = ready.server.add_channel("hall")
    await private(ready.owner.command("setup", in_=ready.square, results_channel=hall))
    await ann.sees(hall, "succeeded")


async def test_without_permission_to_post_nothing_is_half_done(ready: Moot) -> None:
    ann = ready.member("Ann")
    denied = (0, Permission.SEND_MESSAGES)
    ready.server.change_overwrites(ready.proposals, {ready.bot_role: denied})
    refusal = await ready.propose(ann)
    assert "**Send Messages**" in refusal.text
    assert f"<#{ready.proposals.id}>" in refusal.text
    assert "It is dry." in refusal.text
    ready.server.change_overwrites(ready.proposals, {})
    again = await ann.press(refusal, "Edit again")
    answer = await private(again.submit())  # type: ignore[union-attr]
    assert "#1 Mend the well is up" in answer.text


async def test_a_permission_taken_away_later_is_reported_and_given_back(ready: Moot) -> None:
    ann = ready.member("Ann")
    card = await ready.opened(ann)
    ready.server.change_role(ready.bot_role, NEEDED & ~Permission.MANAGE_WEBHOOKS)
    await ready.stop()
    await ready.start()  # the webhook's token is read again, for which the permission is needed
    ready.clock.advance(3 * DAY)
    await ann.sees(ready.proposals, "Defeated")
    assert card.buttons == []
    await _reported(ready, "**Manage Webhooks**")
    ready.server.change_role(ready.bot_role, NEEDED)
    await private(ready.owner.command("setup", in_=ready.square, quorum=0))
    await ann.sees(ready.results, "was defeated")


async def _reported(moot: Moot, text: str) -> None:
    """Moderators read it in /setup, soon."""
    for _ in range(50):
        report = await private(moot.owner.command("setup", in_=moot.square))
        if text in report.text:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(report.text)
