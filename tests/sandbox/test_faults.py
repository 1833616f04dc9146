"""Every fault, as a real client meets it."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp
import discord
import pytest

from sandbox.clock import Clock
from sandbox.discord import Application, Channel, Failed, LocalDiscord, Person, Server
from tests.sandbox.client import Bot, Start, connector_to, hearing, soon

SEND = "POST /channels/{channel}/messages"


@pytest.fixture
async def local(clock: Clock) -> AsyncIterator[LocalDiscord]:
    async with LocalDiscord(clock=clock, answer_within=2.0, rate_limits=0, patience=5) as local:
        yield local


def greets(bot: Bot) -> None:
    @bot.tree.command(description="Say hello")
    async def hello(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("hello")


@pytest.fixture
async def bot(start: Start, square: Channel) -> Bot:
    return await start(greets)


@pytest.fixture
def channel(bot: Bot, square: Channel) -> discord.TextChannel:
    found = bot.get_channel(square.id)
    assert isinstance(found, discord.TextChannel)
    return found


def said(ann: Person, square: Channel) -> list[str]:
    return [message.text for message in ann.read(square)]


# Requests


async def test_a_route_fails_as_often_as_it_shall(
    local: LocalDiscord, channel: discord.TextChannel, ann: Person, square: Channel
) -> None:
    fault = local.faults.fail(SEND, 503, times=2)
    for _ in range(2):
        with pytest.raises(discord.DiscordServerError):
            await channel.send("lost")
    await channel.send("heard")
    assert said(ann, square) == ["heard"]
    assert fault.struck == 2


async def test_a_fault_lets_some_requests_pass_and_other_routes_alone(
    local: LocalDiscord, channel: discord.TextChannel, square: Channel
) -> None:
    with local.faults.fail(f"POST /channels/{square.id}/*", 403, times=None, after=1):
        message = await channel.send("first")
        with pytest.raises(discord.Forbidden):
            await channel.send("second")
        await message.edit(content="changed")
    await channel.send("third")


async def test_an_answer_can_deny_what_was_done(
    local: LocalDiscord, channel: discord.TextChannel, ann: Person, square: Channel
) -> None:
    local.faults.mislead(SEND, 503)
    with pytest.raises(discord.DiscordServerError):
        await channel.send("done")
    assert said(ann, square) == ["done"]


async def test_an_answer_can_be_lost(
    local: LocalDiscord, channel: discord.TextChannel, ann: Person, square: Channel
) -> None:
    local.faults.lose(SEND)
    with pytest.raises(aiohttp.ClientConnectionError):
        await channel.send("done")
    assert said(ann, square) == ["done"]


async def test_a_connection_can_be_refused(
    local: LocalDiscord, channel: discord.TextChannel, ann: Person, square: Channel
) -> None:
    local.faults.refuse(SEND)
    with pytest.raises(aiohttp.ClientConnectionError):
        await channel.send("not done")
    assert said(ann, square) == []
    assert local.requests[-1].status == 0


@pytest.mark.parametrize("done", [False, True])
async def test_an_answer_may_never_come_whether_or_not_the_work_was_done(
    local: LocalDiscord, channel: discord.TextChannel, ann: Person, square: Channel, done: bool
) -> None:
    local.faults.freeze(SEND, 0.1, done=done, times=None)
    with pytest.raises(aiohttp.ClientConnectionError):
        await channel.send("who knows")
    assert bool(said(ann, square)) is done


async def test_a_route_can_be_slow(local: LocalDiscord, channel: discord.TextChannel) -> None:
    local.faults.delay(SEND, 0.2)
    started = time.monotonic()
    await channel.send("slow")
    assert time.monotonic() - started >= 0.2


async def test_faults_add_up(
    local: LocalDiscord, channel: discord.TextChannel, ann: Person, square: Channel
) -> None:
    local.faults.delay(SEND, 0.1)
    local.faults.lose(SEND)
    started = time.monotonic()
    with pytest.raises(aiohttp.ClientConnectionError):
        await channel.send("late and lost")
    assert time.monotonic() - started >= 0.1
    assert said(ann, square) == ["late and lost"]


async def test_a_client_waits_when_a_route_is_limited(
    local: LocalDiscord, channel: discord.TextChannel, ann: Person, square: Channel
) -> None:
    local.faults.rate_limit(SEND, retry_after=0.2)
    started = time.monotonic()
    await channel.send("heard")
    assert time.monotonic() - started >= 0.2
    assert [r.status for r in local.requests if r.method == "POST"][-2:] == [429, 200]
    assert said(ann, square) == ["heard"]


async def test_a_client_stops_everything_when_it_is_limited_everywhere(
    local: LocalDiscord, bot: Bot, channel: discord.TextChannel
) -> None:
    local.faults.rate_limit(SEND, retry_after=0.3, everywhere=True)
    started = time.monotonic()
    sending = asyncio.create_task(channel.send("heard"))
    await asyncio.sleep(0.1)
    await bot.application_info()
    assert time.monotonic() - started >= 0.3
    await sending


async def test_a_limit_without_a_time_is_a_key_error_in_discord_py(
    local: LocalDiscord, channel: discord.TextChannel
) -> None:
    message = await channel.send("old")
    local.faults.rate_limit("PATCH *", retry_after=None, code=30046)
    with pytest.raises(KeyError):
        await message.edit(content="new")


@pytest.mark.parametrize(
    ("status", "refusal"),
    [(403, discord.Forbidden), (429, discord.HTTPException), (503, discord.DiscordServerError)],
)
async def test_cloudflare_answers_in_discords_place(
    local: LocalDiscord,
    channel: discord.TextChannel,
    status: int,
    refusal: type[discord.HTTPException],
) -> None:
    local.faults.cloudflare(SEND, status)
    with pytest.raises(refusal) as page:
        await channel.send("unheard")
    assert page.value.status == status
    assert "Cloudflare" in page.value.text
    assert "Via" not in page.value.response.headers


async def test_a_person_sees_that_an_answer_failed(
    local: LocalDiscord, bot: Bot, square: Channel, ann: Person
) -> None:
    with (
        local.faults.fail("POST /interactions/*", 404, times=None),
        pytest.raises(Failed, match="The application did not respond"),
    ):
        await ann.command("hello", in_=square)


# Holding


async def test_a_request_is_held_before_its_work(
    local: LocalDiscord, channel: discord.TextChannel, ann: Person, square: Channel
) -> None:
    async with local.faults.hold(SEND, number=2) as held:
        await channel.send("first")
        sending = asyncio.create_task(channel.send("second"))
        assert await held.reached == f"POST /channels/{square.id}/messages"
        assert said(ann, square) == ["first"]
        held.release()
        await sending
        await channel.send("third")
    assert said(ann, square) == ["first", "second", "third"]
    assert held.seen == 3


async def test_a_request_is_held_after_its_work(
    local: LocalDiscord, channel: discord.TextChannel, ann: Person, square: Channel
) -> None:
    async with local.faults.hold(SEND, after=True) as held:
        sending = asyncio.create_task(channel.send("done"))
        await held.reached
        assert said(ann, square) == ["done"]
        assert not sending.done()
    await sending


@pytest.mark.parametrize("after", [False, True])
async def test_a_held_request_can_be_dropped(
    local: LocalDiscord, channel: discord.TextChannel, ann: Person, square: Channel, after: bool
) -> None:
    async with local.faults.hold(SEND, after=after) as held:
        sending = asyncio.create_task(channel.send("dropped"))
        await held.reached
        held.drop()
        with pytest.raises(aiohttp.ClientConnectionError):
            await sending
    assert said(ann, square) == (["dropped"] if after else [])


# Network


async def test_nothing_can_be_reached(
    local: LocalDiscord, bot: Bot, channel: discord.TextChannel, ann: Person, square: Channel
) -> None:
    dropped = hearing(bot, "disconnect")
    async with local.faults.unreachable():
        with pytest.raises(aiohttp.ClientConnectionError):
            await channel.send("unheard")
        with pytest.raises(aiohttp.ClientConnectorError):
            await channel.send("unheard")
        await soon(dropped)
    await channel.send("heard")
    assert said(ann, square) == ["heard"]


# The gateway


async def test_a_dropped_gateway_is_resumed(local: LocalDiscord, bot: Bot, hamlet: Server) -> None:
    resumed, channels = hearing(bot, "resumed"), hearing(bot, "guild_channel_create")
    local.faults.drop_gateway()
    missed = hamlet.add_channel("missed")
    await soon(resumed)
    assert (await soon(channels)).id == missed.id


async def test_the_gateway_is_late(
    local: LocalDiscord, bot: Bot, square: Channel, ann: Person
) -> None:
    started = time.monotonic()
    with local.faults.gateway_delayed(0.2):
        await ann.command("hello", in_=square)
    assert time.monotonic() - started >= 0.2


async def test_a_frozen_gateway_loses_nothing_that_isnt_urgent(
    local: LocalDiscord, bot: Bot, square: Channel, ann: Person, hamlet: Server
) -> None:
    channels = hearing(bot, "guild_channel_create")
    with local.faults.gateway_frozen():
        made = hamlet.add_channel("made")
        with pytest.raises(Failed, match="The application did not respond"):
            await ann.command("hello", in_=square)
        assert channels.empty()
    assert (await soon(channels)).id == made.id


async def test_a_client_leaves_a_frozen_gateway_and_resumes(
    local: LocalDiscord, application: Application, hamlet: Server
) -> None:
    bot = Bot(local, discord.Intents(guilds=True), heartbeat_timeout=0.3)
    resumed, dropped = hearing(bot, "resumed"), hearing(bot, "disconnect")
    async with bot:
        await bot.login(application.token)
        connection = asyncio.create_task(bot.connect())
        await local.online(application)
        with local.faults.gateway_frozen():
            await soon(dropped)
        await soon(resumed)
    await connection


# The clock


@pytest.mark.parametrize("skew", [timedelta(minutes=-10), timedelta(minutes=10)])
async def test_discords_clock_can_be_wrong(
    local: LocalDiscord,
    bot: Bot,
    channel: discord.TextChannel,
    square: Channel,
    ann: Person,
    skew: timedelta,
) -> None:
    heard: list[discord.Interaction] = []

    async def on_interaction(interaction: discord.Interaction) -> None:
        heard.append(interaction)

    bot.on_interaction = on_interaction
    local.faults.clock_skew = skew
    theirs = datetime.now(UTC) + skew
    message = await channel.send("dated")
    await ann.command("hello", in_=square)
    near = timedelta(seconds=5)
    assert abs(message.created_at - theirs) < near
    assert abs(discord.utils.parse_time(ann.read(square)[0].raw["timestamp"]) - theirs) < near
    assert abs(heard[0].created_at - theirs) < near
    async with (
        aiohttp.ClientSession(connector=connector_to(local)) as session,
        session.get("https://discord.com/api/v10/gateway") as answer,
    ):
        assert abs(parsedate_to_datetime(answer.headers["Date"]) - theirs) < near


async def test_ids_stay_apart_when_the_clock_is_set_back(local: LocalDiscord) -> None:
    ids = [local._world.snowflakes.next() for _ in range(1000)]
    for skew in (timedelta(seconds=1), timedelta(), timedelta(seconds=-1), timedelta()):
        local.faults.clock_skew = skew
        ids += [local._world.snowflakes.next() for _ in range(1000)]
    assert len(set(ids)) == len(ids)
