"""The bot is killed with -9, or stopped, and started again as its own process."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.bot_process import BotProcess
from sandbox.discord import Failed, Form
from tests.moot import Moot, private, visible

START_SECONDS = 20


@pytest.fixture
async def killable(ready: Moot, tmp_path: Path) -> AsyncIterator[tuple[Moot, BotProcess]]:
    """Hamlet with the bot in a process of its own; on another database file than `ready`."""
    await ready.stop()
    async with BotProcess((sys.executable, "-m", "bot"), tmp_path) as process:
        process.configure(ready.discord, ready.application, ready.clock)
        await started(ready, process)
        await ready.setup()
        yield ready, process
        await process.kill()
        await ready.start()


async def started(moot: Moot, process: BotProcess) -> None:
    await process.start()
    await process.until(moot.discord.online(moot.application), within=START_SECONDS)


async def test_votes_survive_kill_9_and_old_buttons_work(
    killable: tuple[Moot, BotProcess],
) -> None:
    moot, process = killable
    ann, bea = moot.member("Ann"), moot.member("Bea")
    card = await moot.opened(ann)
    await private(ann.press(card, "For"))
    await process.kill()
    with pytest.raises(Failed, match="failed"):
        await bea.press(card, "For")
    await started(moot, process)
    receipt = await private(bea.press(card, "For"))
    assert "Counted" in receipt.text
    receipt = await private(ann.press(card, "Against"))
    assert "from **For** to **Against**" in receipt.text
    await ann.sees(moot.proposals, "2 voters")


async def test_a_form_that_was_open_during_a_restart_is_accepted(
    killable: tuple[Moot, BotProcess],
) -> None:
    moot, process = killable
    ann, bea = moot.member("Ann"), moot.member("Bea")
    forms = [await person.command("propose", in_=moot.square) for person in (ann, bea)]
    await process.kill()
    await started(moot, process)
    for form, person in zip(forms, (ann, bea), strict=True):
        assert isinstance(form, Form)
        answer = await private(form.submit(title=f"By {person.name}", body="It is dry."))
        assert f"By {person.name} is up" in answer.text
    assert len(moot.owner.threads(moot.proposals)) == 2


async def test_a_proposal_is_published_once_whenever_the_bot_is_killed(
    killable: tuple[Moot, BotProcess],
) -> None:
    moot, process = killable
    ann = moot.member("Ann")
    form = await ann.command("propose", in_=moot.square)
    assert isinstance(form, Form)
    submitted = asyncio.create_task(form.submit(title="Mend the well", body="It is dry."))
    await ann.sees(moot.proposals, "Mend the well")  # the plain message, before it is a card
    await process.kill()
    await asyncio.gather(submitted, return_exceptions=True)
    await started(moot, process)
    await ann.sees(moot.proposals, "in the thread")
    (card,) = moot.owner.read(moot.proposals)
    await ann.sees(moot.thread(card), "It is dry.")
    assert visible(ann, moot.thread(card)).count("It is dry.") == 1


async def test_commands_are_registered_only_when_they_have_changed(
    killable: tuple[Moot, BotProcess],
) -> None:
    moot, process = killable

    def registrations() -> int:
        return sum(r.method == "PUT" and "commands" in r.path for r in moot.discord.requests)

    before = registrations()
    await process.kill()
    await started(moot, process)
    assert registrations() == before


async def test_who_votes_as_the_bot_stops_gets_the_receipt(ready: Moot) -> None:
    ann = ready.member("Ann")
    card = await ready.opened(ann)
    async with ready.discord.faults.hold("POST /interactions/*/*/callback") as held:
        pressing = asyncio.create_task(private(ann.press(card, "For")))
        await held.reached
        stopping = asyncio.create_task(ready.stop())
        held.drop()  # the bot has to answer once more
        await stopping
    assert "Counted" in (await pressing).text
