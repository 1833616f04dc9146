"""Direct messages: opened, written, refused, read and pressed."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import discord
import pytest
from discord import ui

from sandbox.clock import Clock
from sandbox.discord import Application, Channel, LocalDiscord, NotOffered, Person, Server
from sandbox.discord import rate_limits as limits
from sandbox.discord.rate_limits import Rule
from tests.sandbox.client import Api, Bot, Start, connector_to, soon

OPEN = "/users/@me/channels"


class Reminder(ui.View):
    """A message with a button of its own."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        self.pressed: list[discord.Interaction] = []

    @ui.button(label="Stop", custom_id="stop")
    async def stop_(self, interaction: discord.Interaction, _: Any) -> None:
        self.pressed.append(interaction)
        await interaction.response.edit_message(content="stopped", view=None)


async def opened(api: Api, who: Person) -> str:
    """The path of the messages in the conversation with a person."""
    _, channel = await api("POST", OPEN, {"recipient_id": str(who.id)})
    return f"/channels/{channel['id']}/messages"


async def test_a_conversation_is_opened_once(
    api: Api, ann: Person, hamlet: Server, application: Application
) -> None:
    answers = [await api("POST", OPEN, {"recipient_id": str(ann.id)}) for _ in range(2)]
    assert answers[0] == answers[1]
    status, channel = answers[0]
    assert (status, channel["type"]) == (200, 1)
    assert [user["id"] for user in channel["recipients"]] == [str(ann.id)]
    assert int(channel["id"]) == ann.direct(application).id
    assert await api("GET", f"/channels/{channel['id']}") == (200, channel)
    _, other = await api("POST", OPEN, {"recipient_id": str(hamlet.owner.id)})
    assert other["id"] != channel["id"]


async def test_whom_nobody_knows_cannot_be_written_to(api: Api, application: Application) -> None:
    for form, code in (
        ({}, 50035),
        ({"recipient_id": "ann"}, 50035),
        ({"recipient_id": "5"}, 50033),
        ({"recipient_id": str(application.user_id)}, 50007),
    ):
        status, body = await api("POST", OPEN, form)
        assert (status, body["code"]) == (400, code)


async def test_a_client_writes_and_a_person_reads(
    start: Start, ann: Person, application: Application
) -> None:
    bot = await start()
    channel = await bot.create_dm(discord.Object(ann.id))
    assert ann.direct_messages(application) == []
    waiting = asyncio.create_task(ann.receives(application, "closes"))
    await asyncio.sleep(0)
    sent = await channel.send("#12 closes soon", embed=discord.Embed(title="Mend the well"))
    message = await waiting
    assert (message.id, message.text) == (sent.id, "#12 closes soon\nMend the well")
    assert ann.direct_messages(application) == [message]
    await sent.edit(content="#12 is closed")
    assert (await ann.receives(application, "closed")) is message
    await sent.delete()
    assert ann.direct_messages(application) == []
    with pytest.raises(AssertionError):
        await ann.receives(application, "closed", within=0.05)


async def test_a_nonce_brings_back_what_was_sent(
    api: Api, ann: Person, hamlet: Server, application: Application
) -> None:
    path = await opened(api, ann)
    form = {"content": "once", "nonce": "r1", "enforce_nonce": True}
    ids = {(await api("POST", path, form))[1]["id"] for _ in range(2)}
    assert ids == {str(message.id) for message in ann.direct_messages(application)}
    assert len(ids) == 1


async def test_whoever_is_mentioned_there_is_told(
    api: Api, ann: Person, hamlet: Server, application: Application
) -> None:
    path = await opened(api, ann)
    text = f"{ann.mention} {hamlet.owner.mention} @everyone"
    _, message = await api("POST", path, {"content": text})
    assert [user["id"] for user in message["mentions"]] == [str(ann.id)]


async def test_who_closed_direct_messages_gets_none(
    api: Api, ann: Person, hamlet: Server, application: Application
) -> None:
    path = await opened(api, ann)
    _, before = await api("POST", path, {"content": "before"})
    ann.closes_direct_messages()
    assert await opened(api, ann) == path
    status, body = await api("POST", path, {"content": "hello?"})
    assert (status, body["code"]) == (403, 50007)
    assert (await api("PATCH", f"{path}/{before['id']}", {"content": "edited"}))[0] == 200
    ann.opens_direct_messages()
    assert (await api("POST", path, {"content": "hello"}))[0] == 200
    assert [m.text for m in ann.direct_messages(application)] == ["edited", "hello"]


async def test_strangers_get_none(
    api: Api, ann: Person, hamlet: Server, application: Application, local: LocalDiscord
) -> None:
    path = await opened(api, ann)
    assert (await api("POST", path, {"content": "before"}))[0] == 200
    ann.leave()
    status, body = await api("POST", path, {"content": "hello?"})
    assert (status, body["code"]) == (403, 50278)
    assert [message.text for message in ann.direct_messages(application)] == ["before"]
    village = local.add_server("Village")
    village.join(ann)
    village.invite(application)
    assert (await api("POST", path, {"content": "hello"}))[0] == 200


async def test_there_is_nothing_to_manage_in_a_conversation(
    api: Api, ann: Person, hamlet: Server, application: Application
) -> None:
    said = await ann.say(ann.direct(application), "mine")
    messages = await opened(api, ann)
    channel = messages.removesuffix("/messages")
    for method, path, form in (
        ("DELETE", f"{messages}/{said.id}", None),
        ("PATCH", channel, {"name": "ours"}),
        ("POST", f"{channel}/webhooks", {"name": "herald"}),
    ):
        status, body = await api(method, path, form)
        assert (status, body["code"]) == (403, 50013)


async def test_nobody_else_reads_or_writes_there(
    api: Api, ann: Person, hamlet: Server, local: LocalDiscord, application: Application
) -> None:
    path = await opened(api, ann)
    await api("POST", path, {"content": "between us"})
    with pytest.raises(NotOffered):
        hamlet.owner.read(ann.direct(application))
    other = local.add_application("Other")
    hamlet.invite(other)
    async with aiohttp.ClientSession(connector=connector_to(local)) as session:
        status, body = await Api(session, other.token)("GET", path)
    assert (status, body["code"]) == (403, 50001)


async def test_a_button_is_pressed_there(
    start: Start, ann: Person, application: Application
) -> None:
    reminder = Reminder()
    bot = await start()
    channel = await bot.create_dm(discord.Object(ann.id))
    await channel.send("closes soon", view=reminder)
    ann.closes_direct_messages()
    ann.leave()
    message = await ann.receives(application, "closes soon")
    assert await ann.press(message, "Stop") is message
    assert (message.text, message.buttons) == ("stopped", [])
    (interaction,) = reminder.pressed
    assert isinstance(interaction.user, discord.User)
    assert (interaction.user.id, interaction.guild_id) == (ann.id, None)
    assert isinstance(interaction.channel, discord.DMChannel)
    assert interaction.context.dm_channel
    assert interaction.message is not None


async def test_a_bot_that_asks_hears_what_is_written_to_it(
    start: Start, ann: Person, application: Application
) -> None:
    heard: asyncio.Queue[discord.Message] = asyncio.Queue()

    def listen(bot: Bot) -> None:
        @bot.event
        async def on_message(message: discord.Message) -> None:
            heard.put_nowait(message)

    await start(listen, intents=discord.Intents(guilds=True, dm_messages=True))
    await ann.say(ann.direct(application), "psst")
    message = await soon(heard)
    assert (message.content, message.author.id, message.guild) == ("psst", ann.id, None)


async def test_a_bot_that_opens_too_many_is_refused(
    api: Api,
    ann: Person,
    hamlet: Server,
    application: Application,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "OPENINGS", Rule(1, 20))
    path = await opened(api, ann)
    form = {"recipient_id": str(hamlet.owner.id)}
    status, body = await api("POST", OPEN, form)
    assert (status, body["code"]) == (403, 40003)
    assert await opened(api, ann) == path, "what is open needs no opening"
    await asyncio.sleep(2)  # a tenth of the limit's time, as every limit here
    assert (await api("POST", OPEN, form))[0] == 200


@pytest.fixture
async def unlimited(clock: Clock) -> AsyncIterator[LocalDiscord]:
    async with LocalDiscord(clock=clock, rate_limits=0) as local:
        yield local


async def test_without_limits_all_can_be_written_to(
    unlimited: LocalDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "OPENINGS", Rule(0, 5))
    application, hamlet = unlimited.add_application("Fast"), unlimited.add_server("Hamlet")
    hamlet.invite(application)
    async with aiohttp.ClientSession(connector=connector_to(unlimited)) as session:
        assert await opened(Api(session, application.token), hamlet.join("Ann"))


async def test_faults_strike_there_too(
    api: Api, ann: Person, local: LocalDiscord, application: Application, square: Channel
) -> None:
    with local.faults.fail(f"POST {OPEN}", 503):
        assert (await api("POST", OPEN, {"recipient_id": str(ann.id)}))[0] == 503
    with local.faults.rate_limit(f"POST {OPEN}", code=40003):
        status, body = await api("POST", OPEN, {"recipient_id": str(ann.id)})
    assert (status, body["code"]) == (429, 40003)
    path = await opened(api, ann)
    with local.faults.mislead(f"POST {path}", 500):
        assert (await api("POST", path, {"content": "arrives"}))[0] == 500
    assert (await ann.receives(application, "arrives")).author.name == "Tiny"
