"""Private messages come at most once, whatever becomes of the request that posts them."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import discord
import pytest
from sqlalchemy import func, select

from bot.notices import PACE_SECONDS, NoticeSender
from governance.notices import Notice
from sandbox.discord import Faults, Message, Person
from storage.database import Database
from storage.tables import notices
from tests.moot import Moot, hamlet, private
from tests.survival.siege import besieged

OPEN, POST, LOOK = (
    "POST /users/@me/channels",
    "POST /channels/{channel}/messages",
    "GET /channels/{channel}/messages",
)


async def trust(moot: Moot, who: Person, whom: Person) -> None:
    given = await private(who.command("delegate to", in_=moot.square, member=whom))
    assert "votes for you" in given.text


async def everything_is_settled(database_url: str, within: float = 20.0) -> None:
    """Wait until no private message waits any more."""
    database = Database(database_url)
    unsettled = select(func.count()).where(notices.c.settled_at.is_(None))
    try:
        async with asyncio.timeout(within):
            while True:
                async with database.read() as connection:
                    if not await connection.scalar(unsettled):
                        return
                await asyncio.sleep(0.1)
    finally:
        await database.close()


def heard(moot: Moot, who: Person) -> list[Message]:
    return who.direct_messages(moot.application)


def lost(faults: Faults) -> None:
    """It arrives, and the answer is lost."""
    faults.lose(POST)


def never_confirmed(faults: Faults) -> None:
    """It arrives; what answers it, and what comes again at once, is lost."""
    faults.lose(POST)
    faults.refuse(POST, after=1, times=2)


def never_arrived(faults: Faults) -> None:
    """Three times it is lost on its way."""
    faults.refuse(POST, times=3)


def denied(faults: Faults) -> None:
    """It arrives, and Discord says that it failed."""
    faults.mislead(POST)


def not_opened(faults: Faults) -> None:
    """The conversation can't be opened at first."""
    faults.fail(OPEN, 403)


def too_fast(faults: Faults) -> None:
    """Too many conversations were opened."""
    faults.rate_limit(OPEN, code=40003, retry_after=0.2)


@pytest.fixture
async def forgetful(tmp_path: Path, database_url: str) -> AsyncIterator[Moot]:
    """A Hamlet whose Discord knows no nonces, as after a long time."""
    async with hamlet(tmp_path, database_url, {"nonces_for": 0}) as moot:
        yield moot


@pytest.mark.parametrize(
    "break_it", [lost, never_confirmed, never_arrived, denied, not_opened, too_fast]
)
async def test_a_message_comes_once_however_its_request_breaks(
    moot: Moot, database_url: str, break_it: Callable[[Faults], None]
) -> None:
    ann, bea = moot.member("Ann"), moot.member("Bea")
    break_it(moot.discord.faults)
    await trust(moot, ann, bea)
    await bea.receives(moot.application, "lets you vote for them")
    await everything_is_settled(database_url)
    assert len(heard(moot, bea)) == 1


@pytest.mark.parametrize("look_fails", [False, True])
async def test_what_arrived_before_discord_forgot_it_is_found_again(
    forgetful: Moot, database_url: str, look_fails: bool
) -> None:
    ann, bea = forgetful.member("Ann"), forgetful.member("Bea")
    never_confirmed(forgetful.discord.faults)
    if look_fails:
        forgetful.discord.faults.fail(LOOK, 403)
    await trust(forgetful, ann, bea)
    await everything_is_settled(database_url)
    assert len(heard(forgetful, bea)) == 1


async def test_what_never_arrived_is_sent_though_something_alike_is_there(
    forgetful: Moot, database_url: str
) -> None:
    ann, cleo, bea = (forgetful.member(name) for name in ("Ann", "Cleo", "Bea"))
    await trust(forgetful, cleo, bea)
    await everything_is_settled(database_url)
    never_arrived(forgetful.discord.faults)
    await trust(forgetful, ann, bea)
    await everything_is_settled(database_url)
    first, second = heard(forgetful, bea)
    assert cleo.mention in first.text
    assert ann.mention in second.text


async def test_who_takes_no_messages_is_left_alone_and_keeps_nobody_waiting(
    moot: Moot, database_url: str
) -> None:
    ann, bea, cleo, dora = (moot.member(name) for name in ("Ann", "Bea", "Cleo", "Dora"))
    bea.closes_direct_messages()
    await moot.stop()
    await moot.start()
    await trust(moot, ann, bea)
    await trust(moot, cleo, dora)
    await dora.receives(moot.application, "lets you vote")
    await everything_is_settled(database_url)
    bea.opens_direct_messages()
    await trust(moot, dora, bea)
    await bea.receives(moot.application, dora.mention)
    assert len(heard(moot, bea)) == 1


async def test_one_whose_messages_fail_keeps_nobody_waiting(moot: Moot) -> None:
    ann, bea, cleo = (moot.member(name) for name in ("Ann", "Bea", "Cleo"))
    path = f"POST /channels/{bea.direct(moot.application).id}/messages"
    with moot.discord.faults.fail(path, 403, times=None):
        await trust(moot, ann, bea)
        await trust(moot, bea, cleo)
        await cleo.receives(moot.application, "lets you vote")
        assert heard(moot, bea) == []
    await bea.receives(moot.application, "lets you vote")


async def test_a_stop_waits_for_the_message_in_flight(moot: Moot, database_url: str) -> None:
    ann, bea = moot.member("Ann"), moot.member("Bea")
    async with moot.discord.faults.hold(POST, after=True) as held:
        await trust(moot, ann, bea)
        await held.reached
        stopping = asyncio.create_task(moot.stop())
        await asyncio.sleep(0.2)
        held.release()
        await stopping
    await moot.start()
    await everything_is_settled(database_url)
    assert len(heard(moot, bea)) == 1


async def test_a_stop_leaves_a_message_that_hangs_and_it_comes_once(
    forgetful: Moot, database_url: str
) -> None:
    ann, bea = forgetful.member("Ann"), forgetful.member("Bea")
    async with forgetful.discord.faults.hold(POST, after=True) as held:
        await trust(forgetful, ann, bea)
        await held.reached
        await forgetful.stop()
        held.drop()
    await forgetful.start()
    await everything_is_settled(database_url)
    assert len(heard(forgetful, bea)) == 1


@pytest.mark.timeout(180)
@pytest.mark.parametrize("route", [OPEN, POST])
@pytest.mark.parametrize("after", [False, True], ids=["before it is done", "after it is done"])
async def test_a_message_survives_a_kill_and_comes_once(
    tmp_path: Path, route: str, after: bool
) -> None:
    async with besieged(tmp_path / "hamlet", nonces_for=0) as moot:
        await moot.start()
        ann, bea = moot.member("Ann"), moot.member("Bea")
        async with moot.discord.faults.hold(route, after=after) as held:
            await trust(moot, ann, bea)
            await moot.killed_at(held)
        await bea.receives(moot.application, "lets you vote")
        await everything_is_settled(moot.database_url)
        await moot.stop()
        assert len(heard(moot, bea)) == 1


async def test_trust_that_ended_before_it_could_be_told_is_not_told(
    moot: Moot, database_url: str
) -> None:
    ann, bea = moot.member("Ann"), moot.member("Bea")
    async with moot.discord.faults.hold(OPEN) as held:
        await trust(moot, ann, bea)
        await held.reached
        await private(ann.command("delegate revoke", in_=moot.square))
    await everything_is_settled(database_url)
    assert heard(moot, bea) == []


class Nothing:
    """An outbox in which there is never anything, however often somebody says so."""

    def __init__(self) -> None:
        self.filled = asyncio.Event()
        self.looks = 0

    async def waiting(self, _guilds: object, _without: object) -> list[Notice]:
        self.looks += 1
        return []


async def test_a_crowd_that_votes_has_the_outbox_looked_at_once_a_second() -> None:
    nothing: Any = Nothing()
    client: Any = SimpleNamespace(guilds=[])
    sender = NoticeSender(client, nothing, discord.utils.utcnow)
    begun, sending = time.monotonic(), asyncio.create_task(sender.run())
    while nothing.looks < 3:
        nothing.filled.set()
        await asyncio.sleep(0.01)
    assert time.monotonic() - begun >= 2 * PACE_SECONDS
    await sender.stop()
    await sending
