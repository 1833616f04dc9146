"""The members of a server, as bots are told of them; people come and go."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import discord
import pytest

from sandbox.clock import Clock
from sandbox.discord import (
    Application,
    Channel,
    Intent,
    LocalDiscord,
    NotOffered,
    Permission,
    Person,
    Server,
)
from sandbox.discord import rate_limits as limits
from sandbox.discord.rate_limits import Rule
from tests.sandbox.client import Api, Bot, connector_to, running


@pytest.fixture
def census(local: LocalDiscord, hamlet: Server) -> Application:
    """An application that may list the members, and its bot in the server."""
    census = local.add_application("Census", members_intent=True)
    hamlet.invite(census)
    return census


@pytest.fixture
async def ask(local: LocalDiscord, census: Application) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession(connector=connector_to(local)) as session:
        yield Api(session, census.token)


async def listed(ask: Api, hamlet: Server, query: str = "") -> list[int]:
    status, members = await ask("GET", f"/guilds/{hamlet.id}/members{query}")
    assert status == 200
    return [int(member["user"]["id"]) for member in members]


async def test_members_are_listed_by_their_ids_page_by_page(
    ask: Api, hamlet: Server, local: LocalDiscord
) -> None:
    early = local.add_server("Village").owner
    people = [hamlet.join(f"Member {number}") for number in range(4)]
    hamlet.join(early)
    known = sorted(hamlet.guild.members)
    assert {early.id, hamlet.owner.id, *(person.id for person in people)} < set(known)
    assert await listed(ask, hamlet) == known[:1]
    assert await listed(ask, hamlet, "?limit=3") == known[:3]
    assert await listed(ask, hamlet, f"?limit=1000&after={known[2]}") == known[3:]
    assert await listed(ask, hamlet, f"?limit=2&after={known[-1]}") == []


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=many", "after=-1"])
async def test_a_page_has_a_size_and_a_beginning(ask: Api, hamlet: Server, query: str) -> None:
    status, body = await ask("GET", f"/guilds/{hamlet.id}/members?{query}")
    assert (status, body["code"]) == (400, 50035)
    assert query.split("=")[0] in body["errors"]


async def test_a_member_is_told_with_all_there_is(
    ask: Api, hamlet: Server, clock: Clock, census: Application
) -> None:
    clock.advance(timedelta(days=30))
    elder = hamlet.add_role("Elder")
    ann = hamlet.join("Ann", roles=[elder])
    _, members = await ask("GET", f"/guilds/{hamlet.id}/members?limit=1000")
    by_id: dict[int, Any] = {int(member["user"]["id"]): member for member in members}
    told = by_id[ann.id]
    assert told["roles"] == [str(elder.id)]
    assert told["joined_at"] == ann.member.joined_at.isoformat()
    assert abs(ann.member.joined_at - clock.now()) < timedelta(seconds=5)
    assert not told["user"]["bot"]
    assert by_id[census.user_id]["user"]["bot"]
    assert by_id[hamlet.owner.id]["roles"] == []
    assert await ask("GET", f"/guilds/{hamlet.id}/members/{ann.id}") == (200, told)


async def test_without_the_intent_they_are_not_listed(
    api: Api, application: Application, hamlet: Server, ann: Person
) -> None:
    path = f"/guilds/{hamlet.id}/members"
    status, body = await api("GET", f"{path}?limit=1000")
    assert (status, body["code"]) == (403, 50001)
    assert (await api("GET", f"{path}/{ann.id}"))[0] == 200, "one by one they can be asked for"
    application.granted |= Intent.GUILD_MEMBERS
    assert (await api("GET", f"{path}?limit=1000"))[0] == 200


async def test_the_application_says_whether_it_has_the_intent(
    ask: Api, api: Api, local: LocalDiscord, census: Application
) -> None:
    for path in ("/applications/@me", "/oauth2/applications/@me"):
        assert (await ask("GET", path))[1]["flags"] == 1 << 15
        assert (await api("GET", path))[1]["flags"] == 0
    async with running(Bot(local, discord.Intents(guilds=True)), census.token) as bot:
        assert bot.application_flags.gateway_guild_members_limited
        assert not bot.application_flags.gateway_message_content_limited


async def test_only_with_the_intent_a_bot_hears_of_them(
    local: LocalDiscord, hamlet: Server, census: Application, application: Application
) -> None:
    intents = discord.Intents(guilds=True, members=True)
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with running(Bot(local, intents), application.token):
            pass
    async with running(Bot(local, intents), census.token) as bot:
        guild = bot.get_guild(hamlet.id)
        assert guild is not None
        assert {member.id for member in guild.members} == set(hamlet.guild.members)
        found = [member.id async for member in guild.fetch_members(limit=None)]
        assert sorted(found) == sorted(hamlet.guild.members)


async def test_asking_has_its_limits(
    ask: Api,
    api: Api,
    hamlet: Server,
    ann: Person,
    local: LocalDiscord,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of_one = "GET /guilds/{guild}/members/{user}"
    assert limits.BUCKETS["GET /guilds/{guild}/members"] == Rule(10, 10)
    assert limits.BUCKETS[of_one] == Rule(5, 1)
    monkeypatch.setitem(limits.BUCKETS, of_one, Rule(2, 50))
    path = f"/guilds/{hamlet.id}/members"
    statuses = [(await ask("GET", f"{path}/{ann.id}"))[0] for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert (await ask("GET", path))[0] == 200
    assert (await api("GET", f"{path}/{ann.id}"))[0] == 200, "each bot has its own"


async def test_faults_strike_there_too(ask: Api, hamlet: Server, local: LocalDiscord) -> None:
    with local.faults.fail("GET /guilds/{guild}/members", 503):
        assert (await ask("GET", f"/guilds/{hamlet.id}/members"))[0] == 503
    assert await listed(ask, hamlet)


async def test_who_leaves_and_comes_back_starts_anew(
    ask: Api, hamlet: Server, ann: Person, square: Channel, clock: Clock
) -> None:
    ann.add_role(hamlet.add_role("Elder"))
    first, path = ann.member.joined_at, f"/guilds/{hamlet.id}/members/{ann.id}"
    ann.leave()
    status, body = await ask("GET", path)
    assert (status, body["code"]) == (404, 10007)
    assert ann.id not in await listed(ask, hamlet, "?limit=1000")
    with pytest.raises(NotOffered):
        await ann.say(square, "still here?")
    clock.advance(timedelta(days=1))
    assert hamlet.join(ann).id == ann.id
    _, member = await ask("GET", path)
    assert (member["roles"], ann.member.joined_at > first) == ([], True)
    await ann.say(square, "back again")


async def test_a_server_removes_people_from_itself_alone(
    hamlet: Server, ann: Person, local: LocalDiscord
) -> None:
    village = local.add_server("Village")
    village.join(ann)
    village.kick(ann)
    assert ann.member.guild is hamlet.guild
    hamlet.kick(ann)
    with pytest.raises(NotOffered):
        _ = ann.member


async def test_a_deleted_role_is_gone_everywhere(
    ask: Api, hamlet: Server, ann: Person, square: Channel
) -> None:
    elder = hamlet.add_role("Elder")
    ann.add_role(elder)
    hamlet.change_overwrites(square, {elder: (0, Permission.SEND_MESSAGES)})
    hamlet.delete_role(elder)
    _, member = await ask("GET", f"/guilds/{hamlet.id}/members/{ann.id}")
    _, channel = await ask("GET", f"/channels/{square.id}")
    _, roles = await ask("GET", f"/guilds/{hamlet.id}/roles")
    assert (member["roles"], channel["permission_overwrites"]) == ([], [])
    assert str(elder.id) not in {role["id"] for role in roles}
    await ann.say(square, "hello")
