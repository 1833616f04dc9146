"""What one member, a crowd, or a server that throws the bot out can do to it: little."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from bot.config import Configuration
from sandbox.discord import Failed, Form, Person
from tests.moot import DAY, NEEDED, Moot, hamlet, private, visible

AT_ONCE = Configuration.model_fields["actions_at_once"].default
TOO_MUCH = "try again in a second"


@pytest.fixture
async def strict(tmp_path: Path, database_url: str) -> AsyncIterator[Moot]:
    """Hamlet, set up, with the limit that holds where nobody chose another."""
    async with hamlet(tmp_path, database_url, actions_at_once=AT_ONCE) as there:
        await there.setup()
        yield there


# One member


async def test_who_presses_without_end_is_told_to_wait_and_heard_again(strict: Moot) -> None:
    ann, bea = strict.member("Ann"), strict.member("Bea")
    card = await strict.opened(bea)
    presses = (private(ann.press(card, "For")) for _ in range(3 * AT_ONCE))
    answers = [answer.text for answer in await asyncio.gather(*presses)]
    taken = [text for text in answers if text.startswith("☑️")]
    assert AT_ONCE <= len(taken) < 2 * AT_ONCE
    assert all(TOO_MUCH in text for text in answers if text not in taken)
    assert "Counted" in (await private(bea.press(card, "Against"))).text
    await asyncio.sleep(1.0)
    assert "from **For** to **Against**" in (await private(ann.press(card, "Against"))).text


async def test_commands_and_presses_count_together(strict: Moot) -> None:
    ann = strict.member("Ann")
    card = await strict.opened(strict.member("Bea"))
    *_, pressed, typed = await asyncio.gather(
        *(private(ann.command("my-votes", in_=strict.square)) for _ in range(AT_ONCE + 10)),
        private(ann.press(card, "For")),
        private(ann.command("my-votes", in_=strict.square)),
    )
    assert TOO_MUCH in pressed.text
    assert TOO_MUCH in typed.text


async def test_a_form_that_came_too_fast_is_given_back_with_its_text(strict: Moot) -> None:
    ann = strict.member("Ann")
    form = await ann.command("propose", in_=strict.square)
    assert isinstance(form, Form)
    *_, refusal = await asyncio.gather(
        *(private(ann.command("my-votes", in_=strict.square)) for _ in range(AT_ONCE + 10)),
        private(form.submit(title="Mend the well", body="It is dry.")),
    )
    assert TOO_MUCH in refusal.text
    assert "It is dry." in refusal.text
    await asyncio.sleep(2.0)
    again = await ann.press(refusal, "Edit again")
    assert isinstance(again, Form)
    assert "is up" in (await private(again.submit())).text


async def test_suggestions_follow_the_fastest_typist(strict: Moot) -> None:
    ann = strict.member("Ann")
    await strict.proposed(strict.member("Bea"))
    typed = "Mend the well, and everything else, before the winter"
    for end in range(len(typed)):
        await ann.suggest("proposal show", "proposal", typed[:end], in_=strict.square)
    assert (
        "#1 Mend"
        in (await private(ann.command("proposal show", in_=strict.square, proposal="1"))).text
    )


# A crowd


async def test_after_a_crowd_nothing_of_it_is_kept(ready: Moot) -> None:
    people = [ready.member(f"Voter {number}") for number in range(200)]
    card = await ready.opened(people[0])
    few = asyncio.Semaphore(20)

    async def press(person: Person) -> None:
        with suppress(Failed):  # a busy machine keeps such a crowd waiting too long
            await person.press(card, "Against")

    async def vote(person: Person) -> None:
        async with few:
            assert "☑️" in (await private(person.press(card, "For"))).text

    await asyncio.gather(*map(press, people))
    await asyncio.gather(*map(vote, people))
    for person in people[:20]:
        await private(person.command("vote", in_=ready.square, proposal="1", choice="For"))
        await private(person.command("proposal list", in_=ready.square))
        await person.command("propose", in_=ready.square)
    await ready.owner.sees(ready.proposals, "200 voters")
    gc.collect()
    bot, (guild,) = ready.bot, ready.bot.guilds
    assert bot.intents.value == 1
    assert list(guild.members) == [guild.me]
    assert len(bot.users) < 10
    assert not bot.cached_messages
    assert not bot.persistent_views
    store = bot._connection._view_store
    assert not any((*store._views.values(), store._synced_message_views, store._modals))


# A server that throws the bot out


async def test_a_vote_goes_on_when_the_bot_is_invited_again(
    ready: Moot, caplog: pytest.LogCaptureFixture
) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")
    card = await ready.opened(ann)
    await private(ann.press(card, "For"))
    await ann.sees(ready.proposals, "1 voter ")
    await kicked(ready)
    await stays_quiet(ready, caplog)
    ready.server.invite(ready.application, NEEDED)
    await back(ready)
    await private(bea.press(card, "Against"))
    assert "**For**" in (await private(ann.press(card, "My vote"))).text
    result = await ready.wait_for_deadline()
    assert "2 voters" in result.text


async def test_a_vote_that_ended_meanwhile_is_announced_when_the_bot_is_back(
    ready: Moot, caplog: pytest.LogCaptureFixture
) -> None:
    ann = ready.member("Ann")
    card = await ready.opened(ann)
    await private(ann.press(card, "For"))
    await ann.sees(ready.proposals, "1 voter ")
    await kicked(ready)
    ready.clock.advance(4 * DAY)
    await stays_quiet(ready, caplog)
    assert "succeeded" not in visible(ann, ready.results)
    ready.server.invite(ready.application, NEEDED)
    result = await ann.sees(ready.results, "succeeded")
    await ann.sees(ready.proposals, "**Succeeded**")
    assert card.buttons == []
    assert "1 voter" in result.text
    assert visible(ann, ready.results).count("Mend the well") == result.text.count("Mend the well")


async def test_a_restart_meanwhile_changes_nothing(
    ready: Moot, caplog: pytest.LogCaptureFixture
) -> None:
    card = await ready.opened(ready.member("Ann"))
    await kicked(ready)
    await ready.stop()
    ready.clock.advance(4 * DAY)
    await ready.start()
    await stays_quiet(ready, caplog)
    ready.server.invite(ready.application, NEEDED)
    await ready.owner.sees(ready.results, "was defeated")
    await ready.owner.sees(ready.proposals, "**Defeated**")
    assert card.buttons == []


async def kicked(moot: Moot) -> None:
    moot.server.kick(moot.application)
    while moot.bot.guilds:  # noqa: ASYNC110 (discord.py offers no event of its own here)
        await asyncio.sleep(0.01)


async def back(moot: Moot) -> None:
    while not moot.bot.guilds:  # noqa: ASYNC110
        await asyncio.sleep(0.01)


async def stays_quiet(moot: Moot, caplog: pytest.LogCaptureFixture) -> None:
    """The jobs run a few times; nothing is asked of Discord, and nothing is complained about."""
    caplog.clear()
    before = len(moot.discord.requests)
    await asyncio.sleep(2.5)
    await moot.bot.cards.sweep()
    assert [r.path for r in list(moot.discord.requests)[before:]] == []
    # On a busy machine a job may outlast its second; then its scheduler lets a turn pass.
    said = [r for r in caplog.records if r.name != "apscheduler.scheduler"]
    assert [r.message for r in said if r.levelno >= logging.WARNING] == []
