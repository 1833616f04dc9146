"""Channels, threads, webhooks and servers, as a bot meets them over HTTP."""

import io
from typing import Any

import aiohttp
import discord
import pytest

from sandbox.discord import Application, Channel, LocalDiscord, Permission, Person, Server
from tests.sandbox.client import Api, Bot, Start, connector_to


@pytest.fixture
async def bot(start: Start, square: Channel) -> Bot:
    return await start()


@pytest.fixture
def channel(bot: Bot, square: Channel) -> discord.TextChannel:
    found = bot.get_channel(square.id)
    assert isinstance(found, discord.TextChannel)
    return found


@pytest.fixture
def own_role(hamlet: Server, application: Application) -> Any:
    return next(iter(hamlet.guild.members[application.user_id].roles.values()))


def code(refusal: Any) -> tuple[int, int]:
    return refusal.value.status, refusal.value.code


async def test_a_thread_belongs_to_its_message(
    channel: discord.TextChannel, ann: Person, square: Channel
) -> None:
    message = await channel.send("card")
    thread = await message.create_thread(name="talk", auto_archive_duration=60)
    assert thread.id == message.id
    assert ann.threads(square)[0].name == "talk"
    assert ann.read(square)[0].thread is ann.threads(square)[0]
    with pytest.raises(discord.HTTPException) as refusal:
        await message.create_thread(name="again")
    assert code(refusal) == (400, 160004)


async def test_a_thread_stands_alone_public_or_private(
    channel: discord.TextChannel, ann: Person, square: Channel, hamlet: Server
) -> None:
    await channel.create_thread(name="open", type=discord.ChannelType.public_thread)
    await channel.create_thread(name="closed")
    assert [thread.name for thread in ann.threads(square)] == ["open"]
    assert [thread.name for thread in hamlet.owner.threads(square)] == ["open", "closed"]


async def test_threads_need_their_permission(
    channel: discord.TextChannel, hamlet: Server, square: Channel
) -> None:
    message = await channel.send("card")
    denied = Permission.CREATE_PUBLIC_THREADS
    hamlet.change_overwrites(square, {hamlet.everyone: (0, denied)})
    with pytest.raises(discord.Forbidden) as refusal:
        await message.create_thread(name="talk")
    assert code(refusal) == (403, 50013)


@pytest.mark.parametrize("name", ["", "n" * 101])
async def test_a_threads_name_has_a_length(channel: discord.TextChannel, name: str) -> None:
    message = await channel.send("card")
    with pytest.raises(discord.HTTPException) as refusal:
        await message.create_thread(name=name)
    assert code(refusal) == (400, 50035)


async def test_an_archived_thread_refuses_edits_until_it_is_opened(
    channel: discord.TextChannel, ann: Person, square: Channel
) -> None:
    thread = await (await channel.send("card")).create_thread(name="talk")
    inside = await thread.send("inside")
    await thread.edit(archived=True)
    for change in (inside.edit(content="x"), thread.edit(name="renamed")):
        with pytest.raises(discord.HTTPException) as refusal:
            await change
        assert code(refusal) == (400, 50083)
    await thread.edit(archived=False, name="renamed")
    await inside.edit(content="changed")
    assert ann.threads(square)[0].name == "renamed"


async def test_deleting_is_all_that_can_be_done_in_an_archived_thread(
    channel: discord.TextChannel, ann: Person, square: Channel
) -> None:
    thread = await (await channel.send("card")).create_thread(name="talk")
    inside = await thread.send("inside")
    await thread.edit(archived=True)
    await inside.delete()
    assert ann.threads(square)[0].archived


async def test_writing_opens_an_archived_thread(
    channel: discord.TextChannel, ann: Person, square: Channel
) -> None:
    thread = await (await channel.send("card")).create_thread(name="talk")
    await thread.edit(archived=True)
    place = ann.threads(square)[0]
    assert place.archived
    await ann.say(place, "still there?")
    assert not place.archived


async def test_a_locked_thread_is_for_those_who_manage_threads(
    channel: discord.TextChannel, ann: Person, square: Channel, hamlet: Server, own_role: Any
) -> None:
    thread = await (await channel.send("card")).create_thread(name="talk")
    await thread.edit(locked=True)
    place = ann.threads(square)[0]
    with pytest.raises(Exception, match="may not write"):
        await ann.say(place, "hello")
    await thread.send("the bot manages threads")
    hamlet.change_role(own_role, 0)
    with pytest.raises(discord.HTTPException) as refusal:
        await thread.send("not any more")
    assert code(refusal) == (400, 160005)
    with pytest.raises(discord.Forbidden) as refusal:
        await thread.edit(locked=False)
    assert code(refusal) == (403, 50013)


async def test_a_thread_is_deleted_by_those_who_manage_threads(
    channel: discord.TextChannel, ann: Person, square: Channel, hamlet: Server, own_role: Any
) -> None:
    thread = await (await channel.send("card")).create_thread(name="talk")
    hamlet.change_role(own_role, 0)
    with pytest.raises(discord.Forbidden):
        await thread.delete()
    hamlet.change_role(own_role, Permission.MANAGE_THREADS)
    await thread.delete()
    assert ann.threads(square) == []


async def test_a_channel_is_changed_by_those_who_manage_channels(
    channel: discord.TextChannel, hamlet: Server, square: Channel, own_role: Any
) -> None:
    with pytest.raises(discord.Forbidden):
        await channel.edit(topic="votes")
    hamlet.change_role(own_role, Permission.MANAGE_CHANNELS)
    await channel.edit(name="forum", topic="votes")
    assert (square.name, square.topic) == ("forum", "votes")
    await channel.delete()
    assert hamlet.guild.channels == {}


async def test_what_does_not_exist_is_unknown(api: Api, hamlet: Server, ann: Person) -> None:
    assert await refused(api, "/channels/1") == (404, 10003)
    assert await refused(api, "/guilds/1") == (404, 10004)
    assert await refused(api, "/webhooks/1") == (404, 10015)
    assert await refused(api, f"/guilds/{hamlet.id}/members/1") == (404, 10013)
    ann.leave()
    assert await refused(api, f"/guilds/{hamlet.id}/members/{ann.id}") == (404, 10007)
    assert await refused(api, "/nothing") == (404, 0)
    assert await refused(api, "/channels/abc") == (404, 0)


async def refused(api: Api, path: str) -> tuple[int, int]:
    status, body = await api("GET", path)
    return status, body["code"]


async def test_a_server_without_the_bot_gives_no_access(api: Api, local: LocalDiscord) -> None:
    abroad = local.add_server("Abroad")
    elsewhere = abroad.add_channel("elsewhere")
    assert await refused(api, f"/guilds/{abroad.id}") == (403, 50001)
    assert await refused(api, f"/channels/{elsewhere.id}") == (403, 50001)


async def test_a_request_needs_a_token_and_json(local: LocalDiscord, square: Channel) -> None:
    session = aiohttp.ClientSession(connector=connector_to(local))
    url = f"https://discord.com/api/v10/channels/{square.id}/messages"
    async with session:
        async with session.get(url) as response:
            assert (response.status, (await response.json())["code"]) == (401, 0)
        async with session.post(url, data=b"{nonsense") as response:
            assert (response.status, (await response.json())["code"]) == (400, 50109)


async def test_every_answer_bears_the_headers_that_clients_need(
    local: LocalDiscord, application: Application
) -> None:
    session = aiohttp.ClientSession(connector=connector_to(local))
    headers = {"Authorization": f"Bot {application.token}"}
    async with session, session.get("https://discord.com/api/v10/gateway", headers=headers) as got:
        assert got.headers["Content-Type"] == "application/json"
        assert int(got.headers["X-RateLimit-Remaining"]) > 100
        assert {"Date", "X-RateLimit-Reset-After", "X-RateLimit-Bucket"} <= got.headers.keys()


async def test_a_server_can_be_looked_at(bot: Bot, hamlet: Server, ann: Person) -> None:
    guild = await bot.fetch_guild(hamlet.id)
    assert guild.name == "Hamlet"
    assert [channel.name for channel in await guild.fetch_channels()] == ["square"]
    assert [role.name for role in await guild.fetch_roles()] == ["@everyone", "Tiny"]
    assert (await guild.fetch_member(ann.id)).display_name == "Ann"


async def test_commands_keep_their_ids_when_they_are_registered_again(
    api: Api, application: Application
) -> None:
    path = f"/applications/{application.id}/commands"
    vote = {"name": "vote", "description": "Vote", "default_member_permissions": 32}
    first = (await api("PUT", path, [vote]))[1]
    again = (await api("PUT", path, [vote, {"name": "help", "description": "Help"}]))[1]
    assert first[0]["id"] == again[0]["id"]
    assert first[0]["default_member_permissions"] == "32"
    assert [command["name"] for command in (await api("GET", path))[1]] == ["vote", "help"]
    status, body = await api("PUT", path, [{"name": "Vote", "description": "Vote"}])
    assert (status, list(body["errors"])) == (400, ["0"])
    assert await refused(api, "/applications/1/commands") == (404, 10002)


async def test_a_webhook_sends_edits_and_deletes(
    channel: discord.TextChannel, ann: Person, square: Channel
) -> None:
    webhook = await channel.create_webhook(name="Herald")
    sent = await webhook.send("news", username="Crier", wait=True)
    seen = ann.read(square)[0]
    assert (seen.id, seen.text, seen.author.name) == (sent.id, "news", "Crier")
    await webhook.edit_message(sent.id, content="old news")
    assert seen.text == "old news"
    assert (await webhook.fetch_message(sent.id)).content == "old news"
    await webhook.delete_message(sent.id)
    assert ann.read(square) == []


async def test_a_webhook_writes_into_a_thread_of_its_channel(
    channel: discord.TextChannel, ann: Person, square: Channel
) -> None:
    webhook = await channel.create_webhook(name="Herald")
    thread = await (await channel.send("card")).create_thread(name="talk")
    sent = await webhook.send("inside", thread=thread, wait=True)
    assert ann.read(ann.threads(square)[0])[0].id == sent.id
    with pytest.raises(discord.NotFound) as refusal:
        await webhook.send("nowhere", thread=discord.Object(1))
    assert code(refusal) == (404, 10003)
    await thread.edit(archived=True)
    with pytest.raises(discord.HTTPException) as refusal:
        await webhook.edit_message(sent.id, content="x", thread=thread)
    assert code(refusal) == (400, 50083)


async def test_a_webhook_pings_only_whom_it_is_allowed_to(
    channel: discord.TextChannel, ann: Person, square: Channel
) -> None:
    webhook = await channel.create_webhook(name="Herald")
    text = f"@everyone {ann.mention}"
    await webhook.send(text)
    await webhook.send(text, allowed_mentions=discord.AllowedMentions.all())
    await webhook.send(text, allowed_mentions=discord.AllowedMentions.none())
    assert [bool(message.pings.everyone) for message in ann.read(square)] == [False, True, False]
    assert [bool(message.pings) for message in ann.read(square)] == [True, True, False]


async def test_only_its_owner_sees_a_webhooks_token(
    channel: discord.TextChannel, bot: Bot, local: LocalDiscord, hamlet: Server, square: Channel
) -> None:
    webhook = await channel.create_webhook(name="Herald")
    assert (await bot.fetch_webhook(webhook.id)).token == webhook.token
    other = local.add_application("Other")
    hamlet.invite(other, Permission.MANAGE_WEBHOOKS)
    session = aiohttp.ClientSession(connector=connector_to(local))
    async with session:
        status, body = await Api(session, other.token)("GET", f"/webhooks/{webhook.id}")
    assert status == 200
    assert "token" not in body
    by_hand = hamlet.add_webhook(square, "By hand")
    assert {hook.id for hook in await channel.webhooks()} == {webhook.id, by_hand.id}


async def test_a_deleted_webhook_is_unknown(
    channel: discord.TextChannel, hamlet: Server, square: Channel
) -> None:
    webhook = await channel.create_webhook(name="Herald")
    hamlet.delete_webhook(square.webhooks[webhook.id])
    with pytest.raises(discord.NotFound) as refusal:
        await webhook.send("anyone?")
    assert code(refusal) == (404, 10015)
    another = await channel.create_webhook(name="Herald")
    await another.delete()
    assert square.webhooks == {}


async def test_a_webhooks_token_must_be_right(
    channel: discord.TextChannel, api: Api, square: Channel
) -> None:
    webhook = await channel.create_webhook(name="Herald")
    status, body = await api("POST", f"/webhooks/{webhook.id}/wrong", {"content": "x"})
    assert (status, body["code"]) == (401, 50027)


async def test_webhooks_need_their_permission_and_are_counted(
    channel: discord.TextChannel, hamlet: Server, own_role: Any
) -> None:
    for number in range(15):
        await channel.create_webhook(name=f"Herald {number}")
    with pytest.raises(discord.HTTPException) as refusal:
        await channel.create_webhook(name="One more")
    assert code(refusal) == (400, 30007)
    hamlet.change_role(own_role, 0)
    with pytest.raises(discord.Forbidden):
        await channel.webhooks()


@pytest.mark.parametrize("name", ["Clyde", "my discord", "n" * 81])
async def test_some_webhook_names_are_refused(channel: discord.TextChannel, name: str) -> None:
    with pytest.raises(discord.HTTPException) as refusal:
        await channel.create_webhook(name=name)
    assert code(refusal) == (400, 50035)


async def test_an_uploaded_file_can_be_fetched_again(
    channel: discord.TextChannel, bot: Bot
) -> None:
    picture = discord.File(io.BytesIO(b"picture"), "tally.png", description="12 for, 3 against")
    sent = await channel.send("with a picture", file=picture)
    attachment = sent.attachments[0]
    assert (attachment.filename, attachment.description) == ("tally.png", "12 for, 3 against")
    assert await attachment.read() == b"picture"


async def test_an_unknown_file_is_not_found(local: LocalDiscord) -> None:
    session = aiohttp.ClientSession(connector=connector_to(local))
    url = "https://cdn.discordapp.com/attachments/1/2/three.png"
    async with session, session.get(url) as response:
        assert response.status == 404


async def test_a_webhook_reaches_only_its_own_messages_and_open_threads(
    channel: discord.TextChannel, ann: Person, square: Channel
) -> None:
    webhook = await channel.create_webhook(name="Herald")
    foreign = await channel.send("card")
    with pytest.raises(discord.NotFound) as refusal:
        await webhook.edit_message(foreign.id, content="mine")
    assert code(refusal) == (404, 10008)
    thread = await foreign.create_thread(name="talk")
    await thread.edit(locked=True)
    with pytest.raises(discord.HTTPException) as refusal:
        await webhook.send("news", thread=thread)
    assert code(refusal) == (400, 160005)


async def test_a_server_tells_how_many_members_it_and_its_roles_have(
    bot: Bot, hamlet: Server, ann: Person
) -> None:
    villager, elder = hamlet.add_role("Villager"), hamlet.add_role("Elder")
    for person in (ann, hamlet.join("Bea")):
        person.add_role(villager)
    counted = await bot.fetch_guild(hamlet.id, with_counts=True)
    assert counted.approximate_member_count == len(hamlet.guild.members)
    plain = await bot.fetch_guild(hamlet.id, with_counts=False)
    assert plain.approximate_member_count is None
    guild = bot.get_guild(hamlet.id)
    assert guild is not None
    counts = {role.id: count for role, count in (await guild.role_member_counts()).items()}
    assert counts[villager.id] == 2
    assert counts[elder.id] == 0
    assert hamlet.everyone.id not in counts
    elsewhere = bot.http.get_role_member_counts(1)
    with pytest.raises(discord.NotFound) as refusal:
        await elsewhere
    assert code(refusal) == (404, 10004)
