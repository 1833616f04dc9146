"""Each announcement comes exactly once, whatever becomes of the request that posts it."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.discord import Channel, Faults, Form, Permission
from tests.moot import DAY, MINUTE, NEEDED, Moot, hamlet, private, visible
from tests.survival import routes
from tests.survival.ballots import everything_is_sent, something_waits

Break = Callable[[Faults], None]


def lost(faults: Faults) -> None:
    faults.lose(routes.POST_RESULT)


def denied(faults: Faults) -> None:
    faults.mislead(routes.POST_RESULT)


def refused_then_lost(faults: Faults) -> None:
    faults.refuse(routes.POST_RESULT)
    faults.lose(routes.POST_RESULT, after=1)


@pytest.mark.parametrize("break_it", [lost, denied, refused_then_lost])
async def test_two_results_are_posted_once_each_when_the_answer_to_one_is_missing(
    ready: Moot, database_url: str, break_it: Break
) -> None:
    ann = ready.member("Ann")
    for title in ("First", "Second"):
        await ready.proposed(ann, title)
    break_it(ready.discord.faults)
    ready.clock.advance(4 * DAY + MINUTE)
    await ann.sees(ready.results, "Second")
    await everything_is_sent(database_url)
    first, second = ann.read(ready.results)
    assert "#1 First" in first.text
    assert "#2 Second" in second.text


async def test_a_result_whose_answer_was_lost_is_found_among_much_chat(
    ready: Moot, database_url: str
) -> None:
    ann = ready.member("Ann")
    await ready.opened(ann)
    async with ready.discord.faults.hold(routes.POST_RESULT, after=True) as held:
        ready.clock.advance(3 * DAY)
        await held.reached
        for number in range(220):
            await ann.say(ready.results, f"chat {number}")
        held.drop()
        await everything_is_sent(database_url)
    assert visible(ann, ready.results).count("#1 Mend the well was defeated") == 1


async def test_a_result_whose_answer_was_lost_is_posted_once_though_its_channel_is_hidden_meanwhile(
    ready: Moot, database_url: str
) -> None:
    ann = ready.member("Ann")
    await ready.opened(ann)
    async with ready.discord.faults.hold(routes.POST_RESULT, after=True) as held:
        ready.clock.advance(3 * DAY)
        await held.reached
        await _hidden(ready, ready.results)
        held.drop()
        await something_waits(database_url, "Read Message History")
    await _shown(ready, ready.results)
    await everything_is_sent(database_url)
    assert visible(ann, ready.results).count("#1 Mend the well was defeated") == 1


async def test_words_whose_answer_was_lost_are_posted_once_though_their_thread_is_hidden_meanwhile(
    tmp_path: Path, database_url: str
) -> None:
    async with hamlet(tmp_path, database_url, {"nonces_for": 0}) as moot:
        await moot.setup()
        ann = moot.member("Ann")
        card = await moot.proposed(ann)
        await everything_is_sent(database_url)
        async with moot.discord.faults.hold(routes.POST, after=True) as held:
            # Meanwhile none of the repetitions arrives.
            refused = moot.discord.faults.refuse(routes.POST, after=1, times=2)
            moot.clock.advance(DAY)
            await held.reached
            await _hidden(moot, moot.proposals)
            held.drop()
            await something_waits(database_url, "Read Message History")
        assert refused.over
        await _shown(moot, moot.proposals)
        await everything_is_sent(database_url)
        assert visible(ann, moot.thread(card)).count("is open until") == 1


async def test_a_result_whose_answer_was_lost_is_posted_once_though_nobody_may_look_for_it_at_first(
    ready: Moot, database_url: str
) -> None:
    ann = ready.member("Ann")
    await ready.opened(ann)
    ready.discord.faults.lose(routes.POST_RESULT)
    with ready.discord.faults.fail(routes.LOOK, 403, times=2) as looking:
        ready.clock.advance(3 * DAY)
        await something_waits(database_url, "Forbidden")
        await ready.setup()
        await everything_is_sent(database_url)
    assert looking.over
    assert visible(ann, ready.results).count("#1 Mend the well was defeated") == 1


async def test_words_whose_answer_was_lost_are_posted_once_though_nobody_may_look_for_them_at_first(
    tmp_path: Path, database_url: str
) -> None:
    async with hamlet(tmp_path, database_url, {"nonces_for": 0}) as moot:
        await moot.setup()
        ann = moot.member("Ann")
        card = await moot.proposed(ann)
        await everything_is_sent(database_url)
        moot.discord.faults.lose(routes.POST)
        moot.discord.faults.refuse(routes.POST, after=1, times=2)
        looking = moot.discord.faults.fail(routes.LOOK, 403)
        moot.clock.advance(DAY)
        await something_waits(database_url, "Forbidden")
        await moot.setup()
        await everything_is_sent(database_url)
        assert looking.over
        assert visible(ann, moot.thread(card)).count("is open until") == 1


async def test_an_announcement_deleted_before_it_became_a_card_comes_again(ready: Moot) -> None:
    ann = ready.member("Ann")
    async with ready.discord.faults.hold(routes.OPEN_THREAD) as held:
        proposing = asyncio.create_task(ready.propose(ann))
        await held.reached
        ready.owner.delete(ready.owner.read(ready.proposals)[0])
        held.release()
        await proposing
    card = await ann.sees(ready.proposals, "Discuss it in the thread")
    await ann.sees(ready.thread(card), "It is dry.")
    await ready.wait_for_voting(card)
    await ready.wait_for_deadline()
    assert ann.read(ready.proposals) == [card]


async def test_a_card_that_cannot_come_again_does_not_keep_the_result(
    ready: Moot, database_url: str
) -> None:
    ann = ready.member("Ann")
    async with ready.discord.faults.hold(routes.OPEN_THREAD) as held:
        proposing = asyncio.create_task(ready.propose(ann))
        await held.reached
        ready.owner.delete(ready.owner.read(ready.proposals)[0])
        ready.server.change_role(ready.bot_role, NEEDED & ~Permission.CREATE_PUBLIC_THREADS)
        held.release()
        assert "isn't up yet" in (await proposing).text
    ready.clock.advance(4 * DAY + MINUTE)
    await ann.sees(ready.results, "#1 Mend the well was defeated")
    ready.server.change_role(ready.bot_role, NEEDED)
    await ready.setup()
    card = await ann.sees(ready.proposals, "Discuss it in the thread")
    await everything_is_sent(database_url)
    assert ann.read(ready.proposals) == [card]
    assert len(ann.read(ready.results)) == 1


async def test_a_deleted_proposals_channel_does_not_keep_the_result(ready: Moot) -> None:
    ann = ready.member("Ann")
    await ready.opened(ann)
    ready.server.delete_channel(ready.proposals)
    await private(ann.command("vote", in_=ready.square, proposal="1", choice="For"))
    ready.clock.advance(3 * DAY)
    await ann.sees(ready.results, "#1 Mend the well succeeded")


async def test_a_result_that_waits_while_the_proposal_is_canceled_is_not_announced(
    ready: Moot, database_url: str
) -> None:
    ann = ready.member("Ann")
    card = await ready.opened(ann)
    await private(ann.press(card, "For"))
    ready.server.delete_channel(ready.results)
    ready.clock.advance(3 * DAY)
    await ann.sees(ready.thread(card), "succeeded")
    form = await ready.owner.command("proposal cancel", in_=ready.square, proposal="1")
    assert isinstance(form, Form)
    await private(form.submit(reason="There is no money."))
    hall = ready.server.add_channel("hall")
    await private(ready.owner.command("setup", in_=ready.square, results_channel=hall))
    await ann.sees(hall, "was canceled")
    await everything_is_sent(database_url)
    assert len(ann.read(hall)) == 1


async def test_a_deferral_whose_answer_was_lost_still_gets_its_receipt(moot: Moot) -> None:
    with moot.discord.faults.lose(routes.ANSWER) as fault:
        answer = await moot.setup()
    assert fault.struck
    assert "All set" in answer.text


async def test_parts_of_a_long_text_are_not_repeated_when_answers_are_lost(
    tmp_path: Path, database_url: str
) -> None:
    async with hamlet(tmp_path, database_url, {"nonces_for": 0}) as moot:
        await moot.setup()
        ann = moot.member("Ann")
        # The second part arrives and its answer is lost; until Discord has forgotten the nonce,
        # nothing else arrives.
        moot.discord.faults.lose(routes.POST, after=2)
        refused = moot.discord.faults.refuse(routes.POST, after=3, times=2)
        await moot.propose(ann, body="word " * 799)
        await everything_is_sent(database_url)
        (thread,) = ann.threads(moot.proposals)
        parts = [message.content for message in ann.read(thread)]
        assert " ".join(parts) == ("word " * 799).strip()
        assert all(part == part.strip() for part in parts)  # as Discord would make it
        assert refused.over


async def test_a_card_comes_back_after_a_long_rate_limit(ready: Moot) -> None:
    ann = ready.member("Ann")
    card = await ready.opened(ann)
    ready.bot.http.max_ratelimit_timeout = 1.0  # so that two seconds are long
    limit = ready.discord.faults.rate_limit(routes.EDIT, retry_after=2)
    await private(ann.press(card, "For"))
    await ann.sees(ready.proposals, "1 voter ")
    assert limit.over


async def test_a_limit_on_new_names_of_threads_keeps_nothing(ready: Moot) -> None:
    ann = ready.member("Ann")
    card = await ready.proposed(ann)
    limit = ready.discord.faults.rate_limit(routes.RENAME_THREAD, retry_after=500, times=None)
    form = await ann.command("proposal edit", in_=ready.square, proposal="1")
    assert isinstance(form, Form)
    await private(form.submit(title="Mend both wells", body="They are dry."))
    ready.clock.advance(DAY)
    await ann.sees(ready.thread(card), "is open until")
    assert limit.struck == 1


async def test_a_slow_server_does_not_hold_up_another(ready: Moot) -> None:
    elsewhere = ready.discord.add_server("Elsewhere")
    square, proposals, results = map(elsewhere.add_channel, ("square", "proposals", "results"))
    elsewhere.invite(ready.application, NEEDED)
    eve, ann = elsewhere.join("Eve"), ready.member("Ann")
    chosen = {"proposals_channel": proposals, "results_channel": results}
    await private(elsewhere.owner.command("setup", in_=square, **chosen))
    async with ready.discord.faults.hold(f"POST /channels/{ready.proposals.id}/messages") as held:
        waiting = asyncio.create_task(ready.propose(ann))
        await held.reached
        form = await eve.command("propose", in_=square)
        assert isinstance(form, Form)
        answer = await private(form.submit(title="Elsewhere", body="It is wet."))
        assert "is up" in answer.text
        assert not waiting.done()
    await waiting


async def _hidden(moot: Moot, channel: Channel) -> None:
    """The bot may not read what was said there, and knows it."""
    denied = {moot.bot_role: (0, Permission.READ_MESSAGE_HISTORY)}
    moot.server.change_overwrites(channel, denied)
    assert "Read Message History" in (await moot.setup()).text


async def _shown(moot: Moot, channel: Channel) -> None:
    moot.server.change_overwrites(channel, {})
    await moot.setup()
