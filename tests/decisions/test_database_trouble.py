"""The database is locked, read-only or full: a sentence, and nothing lost or half-done."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from sqlalchemy import text

from sandbox.discord import Form
from storage.database import Database
from tests.decisions.balloting import menu, opened, panel_of
from tests.moot import Moot, private
from tests.storage.databases import on_each_connection
from tests.survival.routes import ANSWER

pytestmark = pytest.mark.sqlite
AWAY = "The database doesn't answer at the moment, so nothing was recorded."


@asynccontextmanager
async def locked(path: Path) -> AsyncIterator[None]:
    """Somebody else is writing, and doesn't stop."""
    with closing(sqlite3.connect(path / "folkmoot.db", check_same_thread=False)) as other:
        # In a thread: the bot may be writing, and needs this one to finish.
        await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
        yield
        other.rollback()


async def on_every_connection(moot: Moot, pragma: str) -> None:
    database: Database = moot.bot.services.commands._database
    on_each_connection(database, f"PRAGMA {pragma}")
    # All that the pool can hand out: one that is at work is waited for.
    connections = [await database.engine.connect() for _ in range(15)]
    for connection in connections:
        await connection.execute(text(f"PRAGMA {pragma}"))
        await connection.close()


async def test_a_vote_while_the_database_is_locked_is_refused_and_can_be_repeated(
    ready: Moot, tmp_path: Path
) -> None:
    ann = ready.member("Ann")
    card = await ready.opened(ann)
    async with locked(tmp_path):
        refusal = await private(ann.press(card, "For"))
        assert AWAY in refusal.text
    receipt = await private(ann.press(card, "For"))
    assert "Counted" in receipt.text


async def test_a_vote_that_waits_for_a_lock_is_counted_once_it_is_free(
    ready: Moot, tmp_path: Path
) -> None:
    ann = ready.member("Ann")
    card = await ready.opened(ann)
    async with locked(tmp_path):
        pressed = asyncio.create_task(private(ann.press(card, "For")))
        await asyncio.sleep(2)
        assert not pressed.done()
    assert "Counted" in (await pressed).text


@pytest.mark.parametrize("unheard", [1, 3])
async def test_a_ballot_that_waits_has_its_receipt_though_its_waiting_sign_was_not_confirmed(
    ready: Moot, tmp_path: Path, unheard: int
) -> None:
    ann = ready.member("Ann")
    card = await opened(ready, ann, "approval")
    panel = await panel_of(ann, card)
    await ann.choose(panel, menu(panel), ["1 Oak"])
    with ready.discord.faults.lose(ANSWER, times=unheard):
        async with locked(tmp_path):
            pressed = asyncio.create_task(private(ann.press(panel, "Confirm")))
            await asyncio.sleep(2)
        answer = await pressed
        assert await ann.sees(ready.proposals, "Counted") is answer
    assert "**Oak**" in answer.text


async def test_a_form_sent_while_the_database_is_locked_keeps_its_text(
    ready: Moot, tmp_path: Path
) -> None:
    ann = ready.member("Ann")
    form = await ann.command("propose", in_=ready.square)
    assert isinstance(form, Form)
    async with locked(tmp_path):
        refusal = await private(form.submit(title="Mend the well", body="It is dry."))
        assert AWAY in refusal.text
        again = await ann.press(refusal, "Edit again")
        assert isinstance(again, Form)
    answer = await private(again.submit())
    assert "#1 Mend the well is up" in answer.text


async def test_a_read_only_database_refuses_votes_and_still_shows_them(ready: Moot) -> None:
    ann = ready.member("Ann")
    card = await ready.opened(ann)
    await private(ann.press(card, "For"))
    await on_every_connection(ready, "query_only = ON")
    refusal = await private(ann.press(card, "Against"))
    assert AWAY in refusal.text
    mine = await private(ann.press(card, "My vote"))
    assert "**For**" in mine.text
    await on_every_connection(ready, "query_only = OFF")
    receipt = await private(ann.press(card, "Against"))
    assert "from **For** to **Against**" in receipt.text


async def test_a_full_disk_refuses_a_proposal_and_keeps_its_text(ready: Moot) -> None:
    ann = ready.member("Ann")
    await on_every_connection(ready, "max_page_count = 1")
    body = "It is dry. " * 360
    answers = [await ready.propose(ann, body=body) for _ in range(5)]  # a few may still have room
    refusal = answers[-1]
    assert AWAY in refusal.text
    assert body.strip() in refusal.text
    await on_every_connection(ready, "max_page_count = 1000000")
    again = await ann.press(refusal, "Edit again")
    assert isinstance(again, Form)
    answer = await private(again.submit())
    taken = [each for each in answers if "is up" in each.text]
    assert f"#{len(taken) + 1} Mend the well is up" in answer.text
