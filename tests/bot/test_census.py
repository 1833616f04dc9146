"""The size of the electorate and who is in it, as Discord tells it."""

import asyncio
import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import bot.census
from bot.census import Census
from governance.errors import Unavailable
from sandbox.discord import traffic
from tests.moot import Moot, hamlet


@pytest.fixture
def census(moot: Moot) -> Census:
    census = Census()
    census.client = moot.bot
    return census


async def test_it_counts_members_and_those_with_a_role(moot: Moot, census: Census) -> None:
    villager, elder = moot.server.add_role("Villager"), moot.server.add_role("Elder")
    moot.member("Ann", roles=[villager, elder])
    moot.member("Bea", roles=[villager])
    assert await census.count(moot.server.id, None) == 4  # the owner and the bot too
    assert await census.count(moot.server.id, villager.id) == 2
    assert await census.count(moot.server.id, elder.id) == 1
    assert await census.count(moot.server.id, 1) == 0


@pytest.mark.parametrize(
    "route", ["GET /guilds/{guild}", "GET /guilds/{guild}/roles/member-counts"]
)
async def test_what_discord_doesnt_tell_is_not_known(
    moot: Moot, census: Census, route: str
) -> None:
    role = moot.server.add_role("Villager").id if "roles" in route else None
    moot.discord.faults.fail(route, 403)
    with pytest.raises(Unavailable):
        await census.count(moot.server.id, role)


async def test_without_a_connection_it_is_not_known(moot: Moot, census: Census) -> None:
    role = moot.server.add_role("Villager").id
    async with moot.discord.faults.unreachable():
        for who in (None, role):
            with pytest.raises(Unavailable):
                await census.count(moot.server.id, who)
    with pytest.raises(Unavailable):
        await census.count(1, role)


async def test_it_tells_who_of_some_is_a_member_with_a_role(moot: Moot, census: Census) -> None:
    elder = moot.server.add_role("Elder")
    ann, bea, cay = moot.member("Ann", roles=[elder]), moot.member("Bea"), moot.member("Cay")
    cay.leave()
    asked = frozenset({ann.id, bea.id, cay.id})
    assert await census.present(moot.server.id, asked, None) == {ann.id, bea.id}
    assert await census.present(moot.server.id, asked, elder.id) == {ann.id}


@pytest.mark.parametrize("status", [403, 404])
async def test_a_failure_says_nothing_about_who_is_a_member(
    moot: Moot, census: Census, status: int
) -> None:
    ann = moot.member("Ann")
    moot.discord.faults.fail("GET /guilds/{guild}/members/{user}", status)
    with pytest.raises(Unavailable):
        await census.present(moot.server.id, frozenset({ann.id}), None)


# Who some members are


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.census, "_ANSWER", 0.5)


@pytest.fixture
def asked() -> Iterator[list[float]]:
    """The moments at which the gateway heard a request for members."""
    moments: list[float] = []

    def listen(said: object) -> None:
        if isinstance(said, traffic.Payload) and said.from_bot and json.loads(said.text)["op"] == 8:
            moments.append(time.monotonic())

    traffic.listeners.append(listen)
    yield moments
    traffic.listeners.remove(listen)


async def test_it_tells_who_many_members_are(
    moot: Moot, census: Census, asked: list[float]
) -> None:
    elder, before = moot.server.add_role("Elder"), moot.clock.now()
    ann, cay = moot.member("Ann", roles=[elder]), moot.member("Cay")
    moot.clock.advance(timedelta(days=9))
    others = [moot.member(f"Member {number}").id for number in range(246)]
    helper = moot.discord.add_application("Helper")
    moot.server.invite(helper)
    cay.leave()
    ids = {ann.id, cay.id, helper.user_id, 5, *others}
    found = await census.found(moot.server.id, ids)
    assert set(found) == ids
    assert {id_ for id_, member in found.items() if member is None} == {cay.id, 5}
    known = {id_: member for id_, member in found.items() if member}
    assert {id_ for id_, member in known.items() if member.bot} == {helper.user_id}
    assert known[ann.id].roles == {elder.id}
    assert known[others[0]].roles == set()
    joined = known[ann.id].joined_at
    assert joined is not None
    assert abs(joined - before) < timedelta(minutes=1)
    assert all(id_ == member.id and not member.moderator for id_, member in known.items())
    assert len(asked) == 3


async def test_to_know_nobody_takes_no_server(census: Census) -> None:
    assert await census.found(1, []) == {}


async def test_a_server_that_discord_doesnt_show_is_not_asked(census: Census) -> None:
    with pytest.raises(Unavailable):
        await census.found(1, [5])


@pytest.mark.usefixtures("impatient")
async def test_a_gateway_that_doesnt_answer_leaves_members_unknown(
    moot: Moot, census: Census, asked: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.census, "_PIECE", 1)
    ann, ben = moot.member("Ann"), moot.member("Ben")
    with moot.discord.faults.gateway_frozen():
        assert await census.found(moot.server.id, [ann.id, ben.id]) == {}
    assert set(await census.found(moot.server.id, [ann.id, ben.id])) == {ann.id, ben.id}
    assert len(asked) == 3  # in vain only once


@pytest.mark.usefixtures("impatient")
async def test_members_are_known_again_after_the_connection_broke(
    moot: Moot, census: Census
) -> None:
    ann, resumed = moot.member("Ann"), asyncio.create_task(moot.bot.wait_for("resumed"))
    async with moot.discord.faults.unreachable():
        assert await census.found(moot.server.id, [ann.id]) == {}
    await resumed
    assert (await census.found(moot.server.id, [ann.id]))[ann.id] is not None


async def test_a_new_session_leaves_members_unknown(
    moot: Moot, census: Census, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def at_once(shard_id: int | None, *, initial: bool = False) -> None:
        """Instead of five seconds later."""

    monkeypatch.setattr(moot.bot, "before_identify_hook", at_once)
    ann, ready = moot.member("Ann"), asyncio.create_task(moot.bot.wait_for("ready"))
    with moot.discord.faults.gateway_frozen():
        finding = asyncio.create_task(census.found(moot.server.id, [ann.id]))
        await asyncio.sleep(0.1)
        moot.discord.faults.invalidate_sessions(resumable=False)
    assert await finding == {}
    await ready
    assert (await census.found(moot.server.id, [ann.id]))[ann.id] is not None


async def test_the_gateway_is_not_asked_too_often(
    moot: Moot, asked: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.census, "_PIECE", 1)
    monkeypatch.setattr(bot.census, "_TURNS", 2)
    monkeypatch.setattr(bot.census, "_MINUTE", 0.5)
    census = Census()
    census.client = moot.bot
    assert len(await census.found(moot.server.id, range(5))) == 5
    assert len(asked) == 5
    assert asked[4] - asked[0] >= 0.9


# Who all members are


async def test_all_members_are_told_page_by_page_with_the_intent(
    tmp_path: Path, database_url: str
) -> None:
    async with hamlet(tmp_path, database_url, members_intent=True) as moot:
        people = [moot.member(f"Member {number}").id for number in range(999)]
        census = Census()
        census.client = moot.bot
        everyone = await census.everyone(moot.server.id)
        assert everyone is not None
        bot_id = moot.application.user_id
        assert {member.id for member in everyone} == {*people, moot.owner.id, bot_id}
        assert [member.id for member in everyone if member.bot] == [bot_id]
        pages = [r for r in moot.discord.requests if r.path.endswith("/members")]
        assert len(everyone) == 1001
        assert len(pages) == 2


async def test_without_the_intent_members_are_not_listed(moot: Moot, census: Census) -> None:
    assert await census.everyone(moot.server.id) is None
