"""A real client logs in, hears what it may hear, and comes back after a cut."""

import asyncio
from datetime import timedelta

import aiohttp
import discord
import pytest

from sandbox.clock import Clock
from sandbox.discord import (
    Application,
    Channel,
    Failed,
    Intent,
    LocalDiscord,
    Permission,
    Person,
    Server,
)
from tests.sandbox.client import Bot, Start, connector_to, hearing, running, soon


async def test_a_client_sees_its_server_when_it_is_ready(
    start: Start, hamlet: Server, square: Channel
) -> None:
    bot = await start()
    guild = bot.get_guild(hamlet.id)
    assert guild is not None
    assert guild.name == "Hamlet"
    assert guild.me.guild_permissions.manage_webhooks
    assert guild.owner_id == hamlet.owner.id
    assert [channel.id for channel in guild.text_channels] == [square.id]
    assert guild.self_role is not None


async def test_a_wrong_token_is_turned_away(local: LocalDiscord) -> None:
    bot = Bot(local, discord.Intents(guilds=True))
    with pytest.raises(discord.LoginFailure):
        await bot.login("wrong")
    await bot.close()


async def test_a_wrong_token_at_the_gateway_closes_with_4004(local: LocalDiscord) -> None:
    session = aiohttp.ClientSession(connector=connector_to(local))
    async with session, session.ws_connect("https://gateway.discord.gg/?v=10&encoding=json") as ws:
        assert (await ws.receive_json())["op"] == 10
        await ws.send_json({"op": 2, "d": {"token": "wrong", "intents": 0}})
        await ws.receive()
        assert ws.close_code == 4004


async def test_privileged_intents_must_be_granted(
    local: LocalDiscord, application: Application, hamlet: Server
) -> None:
    bot = Bot(local, discord.Intents(guilds=True, message_content=True))
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with running(bot, application.token):
            pass


async def test_a_bot_hears_that_it_was_invited_and_removed(
    start: Start, local: LocalDiscord, application: Application
) -> None:
    bot = await start()
    joined, removed = hearing(bot, "guild_join"), hearing(bot, "guild_remove")
    village = local.add_server("Village")
    village.invite(application)
    assert (await soon(joined)).name == "Village"
    village.kick(application)
    assert (await soon(removed)).name == "Village"
    assert bot.get_guild(village.id) is None


async def test_a_bot_hears_of_channels_and_roles(start: Start, hamlet: Server) -> None:
    bot = await start()
    made, gone = hearing(bot, "guild_channel_create"), hearing(bot, "guild_channel_delete")
    role = hearing(bot, "guild_role_create")
    channel = hamlet.add_channel("market")
    assert (await soon(made)).id == channel.id
    hamlet.delete_channel(channel)
    assert (await soon(gone)).id == channel.id
    hamlet.add_role("Citizen")
    assert (await soon(role)).name == "Citizen"


async def test_a_bot_hears_of_its_own_roles_without_the_members_intent(
    start: Start, hamlet: Server, application: Application
) -> None:
    bot = await start()
    assert not bot.get_guild(hamlet.id).me.guild_permissions.administrator
    changed = hearing(bot, "guild_role_update")
    own = next(iter(hamlet.guild.members[application.user_id].roles.values()))
    hamlet.change_role(own, Permission.ADMINISTRATOR)
    await soon(changed)
    assert bot.get_guild(hamlet.id).me.guild_permissions.administrator


async def test_without_the_messages_intent_no_message_is_heard(
    start: Start, square: Channel, ann: Person, hamlet: Server
) -> None:
    bot = await start()
    heard, role = hearing(bot, "message"), hearing(bot, "guild_role_create")
    await ann.say(square, "psst")
    hamlet.add_role("Marker")
    await soon(role)
    assert heard.empty()


async def test_without_the_content_intent_messages_of_others_are_empty(
    start: Start, square: Channel, ann: Person
) -> None:
    bot = await start(intents=discord.Intents(guilds=True, guild_messages=True))
    heard = hearing(bot, "message")
    said = await ann.say(square, "secret")
    message = await soon(heard)
    assert (message.id, message.content, message.author.id) == (said.id, "", ann.id)
    assert (await bot.get_channel(square.id).fetch_message(said.id)).content == ""
    await ann.say(square, f"for you {bot.user.mention}")
    assert "for you" in (await soon(heard)).content
    await bot.get_channel(square.id).send("my own")
    assert (await soon(heard)).content == "my own"


async def test_with_the_content_intent_messages_can_be_read(
    local: LocalDiscord, ann: Person, square: Channel, hamlet: Server
) -> None:
    reader = local.add_application("Reader", Intent.MESSAGE_CONTENT)
    hamlet.invite(reader)
    intents = discord.Intents(guilds=True, guild_messages=True, message_content=True)
    async with running(Bot(local, intents), reader.token) as bot:
        heard = hearing(bot, "message")
        await ann.say(square, "open")
        assert (await soon(heard)).content == "open"


async def test_what_a_bot_may_not_see_it_does_not_hear(
    start: Start, hamlet: Server, ann: Person, square: Channel
) -> None:
    hidden = {hamlet.everyone: (0, Permission.VIEW_CHANNEL), ann: (Permission.VIEW_CHANNEL, 0)}
    cellar = hamlet.add_channel("cellar", overwrites=hidden)
    bot = await start(intents=discord.Intents(guilds=True, guild_messages=True))
    heard = hearing(bot, "message")
    await ann.say(cellar, "nobody hears")
    said = await ann.say(square, "all hear")
    assert (await soon(heard)).id == said.id


async def test_a_cut_connection_is_resumed_and_nothing_is_missed(
    start: Start, local: LocalDiscord, application: Application, hamlet: Server
) -> None:
    bot = await start()
    resumed, channels = hearing(bot, "resumed"), hearing(bot, "guild_channel_create")
    ready = hearing(bot, "ready")
    local.disconnect(application)
    missed = hamlet.add_channel("missed")
    await soon(resumed)
    assert (await soon(channels)).id == missed.id
    assert ready.empty()
    await local.online(application)


async def test_an_unknown_session_is_invalid(local: LocalDiscord, application: Application) -> None:
    session = aiohttp.ClientSession(connector=connector_to(local))
    async with session, session.ws_connect("https://gateway.discord.gg/?v=10&encoding=json") as ws:
        await ws.receive_json()
        resume = {"token": application.token, "session_id": "lost", "seq": 3}
        await ws.send_json({"op": 6, "d": resume})
        assert (await ws.receive_json()).items() >= {"op": 9, "d": False}.items()


async def test_heartbeats_are_acknowledged(local: LocalDiscord) -> None:
    session = aiohttp.ClientSession(connector=connector_to(local))
    async with session, session.ws_connect("https://gateway.discord.gg/?v=10&encoding=json") as ws:
        await ws.receive_json()
        await ws.send_json({"op": 1, "d": None})
        assert (await ws.receive_json())["op"] == 11


async def test_a_session_ends_when_it_is_not_resumed_in_time(clock: Clock) -> None:
    async with LocalDiscord(clock=clock, resume_within=0.05, answer_within=5) as local:
        application = local.add_application("Gone")
        hamlet = local.add_server("Hamlet")
        hamlet.invite(application)
        square = hamlet.add_channel("square")
        application.commands[1] = {
            "id": "1",
            "type": 1,
            "name": "hello",
            "contexts": None,
            "default_member_permissions": None,
        }
        session = aiohttp.ClientSession(connector=connector_to(local))
        async with session:
            socket = await session.ws_connect("https://gateway.discord.gg/?v=10&encoding=json")
            identify = {"token": application.token, "intents": 1}
            await socket.send_json({"op": 2, "d": identify})
            await local.online(application)
            await socket.close(code=4000)
            await asyncio.sleep(0.2)
            with pytest.raises(Failed):
                async with asyncio.timeout(4):
                    await hamlet.owner.command("hello", in_=square)


async def test_when_the_bot_is_down_people_see_that_it_did_not_respond(
    start: Start, local: LocalDiscord, square: Channel, ann: Person
) -> None:
    def greets(bot: Bot) -> None:
        @bot.tree.command(description="Say hello")
        async def hello(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("hello")

    bot = await start(greets)
    await ann.command("hello", in_=square)
    await bot.close()
    with pytest.raises(Failed, match="The application did not respond"):
        await ann.command("hello", in_=square)


async def test_members_have_joined_by_the_governance_clock(
    start: Start, hamlet: Server, clock: Clock
) -> None:
    clock.advance(timedelta(days=30))
    late = hamlet.join("Late")
    bot = await start()
    member = await bot.get_guild(hamlet.id).fetch_member(late.id)
    assert abs(member.joined_at - clock.now()) < timedelta(seconds=5)
    assert abs(member.created_at - discord.utils.utcnow()) < timedelta(seconds=5)


async def test_a_client_closes_at_once(start: Start, hamlet: Server) -> None:
    bot = await start()
    async with asyncio.timeout(2):
        await bot.close()
