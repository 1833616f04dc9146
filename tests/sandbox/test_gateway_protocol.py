"""Compression, heartbeats, sessions that end, and the gateway's limits."""

import asyncio
import json
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import discord
import pytest
from backports.zstd import ZstdDecompressor

from sandbox.clock import Clock
from sandbox.discord import Application, LocalDiscord, Server, chunks, gateway, lines
from sandbox.discord.rate_limits import Rule
from tests.sandbox.client import Bot, Start, connector_to, hearing, running, soon

Connect = Callable[..., Awaitable[aiohttp.ClientWebSocketResponse]]
Ask = Connect


@pytest.fixture
def heartbeat() -> float:
    """Discord's own, of which no test lives to see the first."""
    return 41.25


@pytest.fixture
async def local(clock: Clock, heartbeat: float) -> AsyncIterator[LocalDiscord]:
    async with LocalDiscord(
        clock=clock, heartbeat=heartbeat, identify_every=0, resume_within=5
    ) as local:
        yield local


@pytest.fixture
async def connect(local: LocalDiscord) -> AsyncIterator[Connect]:
    """A raw connection to the gateway that has heard HELLO."""
    async with AsyncExitStack() as stack:
        connector = connector_to(local)
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))

        async def connect() -> aiohttp.ClientWebSocketResponse:
            url = "https://gateway.discord.gg/?v=10&encoding=json"
            socket = await stack.enter_async_context(session.ws_connect(url))
            assert (await socket.receive_json())["op"] == 10
            return socket

        yield connect


async def identify(socket: aiohttp.ClientWebSocketResponse, token: str) -> Any:
    """Log in; returns the answer."""
    await socket.send_json({"op": 2, "d": {"token": token, "intents": 1}})
    return await socket.receive_json()


def prompt(bot: Bot) -> None:
    """Identify again without the five seconds that discord.py waits before."""

    async def at_once(shard_id: int | None, *, initial: bool = False) -> None:
        return None

    bot.before_identify_hook = at_once


# Compression


class Zstd:
    """What discord.py uses where Python brings zstd or the package zstandard is installed."""

    COMPRESSION_TYPE = "zstd-stream"

    def __init__(self) -> None:
        self._decompressor = ZstdDecompressor()

    def decompress(self, data: bytes, /) -> str:
        return self._decompressor.decompress(data).decode()


class Counting(Zstd):
    """Counts the payloads."""

    payloads = 0

    def decompress(self, data: bytes, /) -> str:
        Counting.payloads += 1
        text = super().decompress(data)
        json.loads(text)
        return text


async def test_a_client_may_ask_for_zstd(
    start: Start, hamlet: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discord.utils, "_ActiveDecompressionContext", Counting)
    bot = await start()
    made = hearing(bot, "guild_channel_create")
    channel = hamlet.add_channel("a name that takes some room " * 3)
    assert (await soon(made)).id == channel.id
    assert Counting.payloads >= 4


async def test_a_client_that_wants_no_compression_gets_none(
    connect: Connect, application: Application
) -> None:
    ready = await identify(await connect(), application.token)
    assert ready["t"] == "READY"


# Heartbeats


@pytest.mark.parametrize("heartbeat", [1.0])
async def test_a_client_that_stops_its_heart_is_closed(
    connect: Connect, application: Application
) -> None:
    socket = await connect()
    await identify(socket, application.token)
    async with asyncio.timeout(10):
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
    assert socket.close_code == 4000


@pytest.mark.parametrize("heartbeat", [1.0])
async def test_a_client_whose_heart_beats_stays(
    start: Start, hamlet: Server, heartbeat: float
) -> None:
    bot = await start()
    dropped = hearing(bot, "disconnect")
    await asyncio.sleep(heartbeat * 3)
    assert dropped.empty()
    assert bot.latency < math.inf, "a heartbeat was acknowledged"


# Sessions


async def missed_nothing(bot: Bot, hamlet: Server, action: Callable[[], Any]) -> None:
    """After ``action`` the bot resumes and hears what happened meanwhile."""
    resumed, channels = hearing(bot, "resumed"), hearing(bot, "guild_channel_create")
    result = action()
    missed = hamlet.add_channel("missed")
    if result:
        await result
    await soon(resumed)
    assert (await soon(channels)).id == missed.id


@pytest.mark.parametrize("code", [1000, 1011, 4000, 4009])
async def test_a_client_that_is_closed_resumes_at_once(
    start: Start, local: LocalDiscord, hamlet: Server, code: int
) -> None:
    bot = await start()
    await missed_nothing(bot, hamlet, lambda: local.faults.close_gateway(code))


async def test_a_client_resumes_when_asked_to_reconnect(
    start: Start, local: LocalDiscord, hamlet: Server
) -> None:
    bot = await start()
    await missed_nothing(bot, hamlet, local.faults.request_reconnect)


async def test_a_client_resumes_a_session_that_is_invalid_for_now(
    start: Start, local: LocalDiscord, hamlet: Server
) -> None:
    bot = await start()
    await missed_nothing(bot, hamlet, lambda: local.faults.invalidate_sessions(resumable=True))


async def test_a_client_logs_in_anew_when_its_session_is_over(
    start: Start, local: LocalDiscord, hamlet: Server, application: Application
) -> None:
    bot = await start(prompt)
    ready, resumed = hearing(bot, "ready"), hearing(bot, "resumed")
    local.faults.invalidate_sessions(resumable=False)
    missed = hamlet.add_channel("missed")
    await soon(ready)
    assert resumed.empty()
    assert bot.get_channel(missed.id) is not None
    assert application.session_starts(60) == 2


# Limits


async def test_who_logs_in_too_soon_is_turned_away_and_comes_again(clock: Clock) -> None:
    async with LocalDiscord(clock=clock, identify_every=0.5) as local:
        application = local.add_application("Hasty")
        intents = discord.Intents(guilds=True)
        async with running(Bot(local, intents), application.token):
            pass
        bot = Bot(local, intents)
        turned_away = hearing(bot, "disconnect")

        async def wait(shard_id: int | None, *, initial: bool = False) -> None:
            await asyncio.sleep(0 if initial else 0.5)

        bot.before_identify_hook = wait
        async with running(bot, application.token):
            assert turned_away.qsize() == 1


async def test_a_bot_that_logs_in_too_often_loses_its_token(
    start: Start, application: Application, monkeypatch: pytest.MonkeyPatch, connect: Connect
) -> None:
    bot = await start()
    dropped = hearing(bot, "disconnect")
    limit = await bot.http.request(discord.http.Route("GET", "/gateway/bot"))
    assert limit["session_start_limit"]["remaining"] == 999
    monkeypatch.setattr(gateway, "IDENTIFIES_A_DAY", 1)
    old = application.token
    socket = await connect()
    await socket.send_json({"op": 2, "d": {"token": old, "intents": 1}})
    await socket.receive()
    assert socket.close_code == 4004
    assert application.token != old
    await soon(dropped)
    assert bot.ws.socket.close_code == 4004


async def test_logging_in_twice_on_one_connection_closes_it(
    connect: Connect, application: Application
) -> None:
    socket = await connect()
    await identify(socket, application.token)
    await socket.send_json({"op": 2, "d": {"token": application.token, "intents": 1}})
    await socket.receive()
    assert socket.close_code == 4005


async def test_a_payload_of_more_than_4096_bytes_closes_the_connection(connect: Connect) -> None:
    socket = await connect()
    await socket.send_json({"op": 1, "d": None, "x": "é" * 2040})
    await socket.receive()
    assert socket.close_code == 4002


async def test_what_is_no_json_closes_the_connection(connect: Connect) -> None:
    socket = await connect()
    await socket.send_str("hello")
    await socket.receive()
    assert socket.close_code == 4002


async def test_who_says_too_much_is_closed(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "SENDS", Rule(3, 60))
    socket = await connect()
    for _ in range(4):
        await socket.send_json({"op": 1, "d": None})
    async for acknowledged in socket:
        assert acknowledged.json() == {"op": 11}
    assert socket.close_code == 4008


# Requests for members


@pytest.fixture
def ask(connect: Connect, local: LocalDiscord, hamlet: Server) -> Ask:
    """A raw session, with these intents, that has asked for members."""

    async def ask(intents: int = 1, **said: Any) -> aiohttp.ClientWebSocketResponse:
        application = local.add_application("Asker", members_intent=True)
        hamlet.invite(application)
        socket = await connect()
        await socket.send_json({"op": 2, "d": {"token": application.token, "intents": intents}})
        assert [(await socket.receive_json())["t"] for _ in range(2)] == ["READY", "GUILD_CREATE"]
        await socket.send_json({"op": 8, "d": {"guild_id": str(hamlet.id), **said}})
        return socket

    return ask


async def told(socket: aiohttp.ClientWebSocketResponse) -> Any:
    async with asyncio.timeout(20):
        return (await socket.receive_json())["d"]


async def nothing_is_told(socket: aiohttp.ClientWebSocketResponse) -> None:
    """The answer to a heartbeat comes first."""
    await socket.send_json({"op": 1, "d": None})
    assert (await socket.receive_json())["op"] == 11


def ids(chunk: Any) -> list[int]:
    return [int(member["user"]["id"]) for member in chunk["members"]]


async def test_members_that_are_not_told_leave_the_connection_as_it_is(
    ask: Ask, local: LocalDiscord, hamlet: Server
) -> None:
    ann = hamlet.join("Ann")
    with local.faults.members_untold():
        socket = await ask(user_ids=[str(ann.id)])
        await nothing_is_told(socket)
    await socket.send_json({"op": 8, "d": {"guild_id": str(hamlet.id), "user_ids": [str(ann.id)]}})
    assert ids(await told(socket)) == [ann.id]


async def test_members_are_told_by_their_ids_without_the_intent(ask: Ask, hamlet: Server) -> None:
    ann, ben = hamlet.join("Ann"), hamlet.join("Ben")
    ben.leave()
    asked = [str(ann.id), str(ben.id), 5, ann.id]
    chunk = await told(await ask(user_ids=asked, nonce="é" * 16))
    assert chunk == {
        "guild_id": str(hamlet.id),
        "members": [hamlet.guild.members[ann.id].wire()],
        "chunk_index": 0,
        "chunk_count": 1,
        "not_found": [str(ben.id), "5"],
        "nonce": "é" * 16,
    }


async def test_a_hundred_of_the_ids_are_answered(ask: Ask, hamlet: Server) -> None:
    people = [hamlet.join(f"Member {number}").id for number in range(3)]
    chunk = await told(await ask(user_ids=[*people[:2], *range(1, 99), people[2]]))
    assert ids(chunk) == people[:2]
    assert chunk["not_found"] == [str(number) for number in range(1, 99)]


@pytest.mark.parametrize("nonce", ["é" * 17, 5])
async def test_a_nonce_that_is_none_is_left_out(ask: Ask, nonce: object) -> None:
    assert "nonce" not in await told(await ask(user_ids="5", nonce=nonce))


async def test_members_are_told_by_how_their_names_begin(ask: Ask, hamlet: Server) -> None:
    ann, anna = hamlet.join("Ann"), hamlet.join("Anna")
    hamlet.join("Ben")
    socket = await ask(query="aN", limit=0)
    assert ids(await told(socket)) == [ann.id, anna.id]
    request = {"guild_id": str(hamlet.id), "query": "An", "limit": 1}
    await socket.send_json({"op": 8, "d": request})
    assert ids(await told(socket)) == [ann.id]


async def test_all_members_are_told_in_chunks_and_not_too_often(
    ask: Ask, hamlet: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 2)
    hamlet.join("Ann")  # besides the owner, the tiny bot and the one that asks
    hamlet.join("Ben")
    socket = await ask(intents=3, query="", limit=0)
    found = [await told(socket) for _ in range(3)]
    assert [(each["chunk_index"], each["chunk_count"]) for each in found] == [
        (0, 3),
        (1, 3),
        (2, 3),
    ]
    assert [id_ for each in found for id_ in ids(each)] == sorted(hamlet.guild.members)
    request = {"guild_id": str(hamlet.id), "query": "", "limit": 0, "nonce": "again"}
    await socket.send_json({"op": 8, "d": request})
    limited = await told(socket)
    assert limited["meta"] == {"guild_id": str(hamlet.id), "nonce": "again"}
    assert 0 < limited["retry_after"] <= 30


async def test_all_members_are_not_told_without_the_intent(ask: Ask) -> None:
    await nothing_is_told(await ask(query="", limit=0))


async def test_a_server_without_the_bot_tells_it_no_members(ask: Ask, local: LocalDiscord) -> None:
    village = local.add_server("Village")
    await nothing_is_told(await ask(guild_id=str(village.id), user_ids=[village.owner.id]))


@pytest.mark.parametrize(
    "said", [{}, {"query": "a"}, {"user_ids": ["ann"]}, {"guild_id": ["1"], "user_ids": []}]
)
async def test_a_malformed_request_for_members_closes_the_connection(
    ask: Ask, said: dict[str, Any]
) -> None:
    socket = await ask(**said)
    await socket.receive()
    assert socket.close_code == 4001


async def test_a_client_finds_members_that_it_keeps_in_no_cache(
    start: Start, hamlet: Server
) -> None:
    bot = await start()
    ann = hamlet.join("Ann")
    guild = bot.get_guild(hamlet.id)
    (found,) = await guild.query_members(user_ids=[ann.id, 5], cache=False)
    assert found.id == ann.id
    assert guild.get_member(ann.id) is None
