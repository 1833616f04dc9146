"""Messages that a bot sends, edits and reads."""

import io
from datetime import timedelta
from typing import Any

import discord
import pytest
from discord import ui

from sandbox.discord import Channel, Permission, Person, Server
from tests.sandbox.client import Api, Bot, Start

NOBODY = discord.AllowedMentions.none()


@pytest.fixture
async def channel(start: Start, square: Channel) -> discord.TextChannel:
    bot: Bot = await start()
    found = bot.get_channel(square.id)
    assert isinstance(found, discord.TextChannel)
    return found


def code(refusal: Any) -> tuple[int, int]:
    return refusal.value.status, refusal.value.code


class Picture(ui.LayoutView):
    """A card of components v2."""

    def __init__(self, title: str = "#12 Fund the grants round") -> None:
        super().__init__(timeout=None)
        container = ui.Container(
            ui.Section(ui.TextDisplay(title), accessory=ui.Thumbnail("https://example.org/a.png")),
            ui.Separator(),
            ui.MediaGallery(
                discord.MediaGalleryItem("attachment://tally.png", description="61 % for")
            ),
            ui.ActionRow(ui.Button(label="For", custom_id="for")),
        )
        self.add_item(container)


def tally() -> discord.File:
    return discord.File(io.BytesIO(b"png"), "tally.png")


async def test_what_is_sent_is_read(
    channel: discord.TextChannel, ann: Person, square: Channel
) -> None:
    embed = discord.Embed(title="Title", description="Words").add_field(name="Name", value="Value")
    embed.set_author(name="Author").set_footer(text="Footer")
    sent = await channel.send("Content", embed=embed)
    message = ann.read(square)[0]
    assert message.text == "Content\nAuthor\nTitle\nWords\nName\nValue\nFooter"
    assert (message.id, message.author.name) == (sent.id, "Tiny")
    assert message.embeds[0]["title"] == "Title"
    assert message.raw["content"] == "Content"


async def test_an_empty_message_is_refused(api: Api, square: Channel) -> None:
    row = {
        "type": 1,
        "components": [{"type": 2, "style": 1, "label": "For", "custom_id": "for"}],
    }
    for form in ({}, {"content": "  "}, {"components": [row]}):
        status, body = await api("POST", f"/channels/{square.id}/messages", form)
        assert (status, body["code"]) == (400, 50006)


async def test_a_message_that_breaks_a_limit_is_refused_with_its_path(
    api: Api, square: Channel
) -> None:
    form = {"content": "x", "embeds": [{"title": "t" * 257}]}
    status, body = await api("POST", f"/channels/{square.id}/messages", form)
    assert (status, body["code"]) == (400, 50035)
    assert "_errors" in body["errors"]["embeds"]["0"]["title"]


async def test_a_plain_message_becomes_a_card_and_never_plain_again(
    channel: discord.TextChannel, ann: Person, square: Channel, api: Api
) -> None:
    sent = await channel.send("📣 Proposal #12")
    await sent.edit(content=None, view=Picture(), attachments=[tally()])
    card = ann.read(square)[0]
    assert card.text == "#12 Fund the grants round\n61 % for"
    assert card.buttons == ["For"]
    assert card.raw["flags"] & 1 << 15
    picture = card.components[0]["components"][2]["items"][0]["media"]["url"]
    assert picture.startswith("https://cdn.discordapp.com/")
    path = f"/channels/{square.id}/messages/{card.id}"
    for form in ({"content": "plain"}, {"flags": 0, "components": card.components}):
        status, body = await api("PATCH", path, form)
        assert (status, body["code"]) == (400, 50035)
    await api("PATCH", path, {"flags": 0})
    assert card.raw["flags"] & 1 << 15
    await sent.edit(view=Picture("#12 changed"))
    assert "changed" in card.text


async def test_a_message_with_content_does_not_become_a_card(
    channel: discord.TextChannel, square: Channel, api: Api
) -> None:
    sent = await channel.send("words")
    text = {"type": 10, "content": "text"}
    form: dict[str, Any] = {"flags": 1 << 15, "components": [text]}
    status, body = await api("PATCH", f"/channels/{square.id}/messages/{sent.id}", form)
    assert (status, list(body["errors"])) == (400, ["content"])
    form["content"] = None
    status, _ = await api("PATCH", f"/channels/{square.id}/messages/{sent.id}", form)
    assert status == 200


async def test_a_card_must_bring_the_files_it_shows(channel: discord.TextChannel) -> None:
    with pytest.raises(discord.HTTPException) as refusal:
        await channel.send(view=Picture())
    assert code(refusal) == (400, 50035)
    sent = await channel.send(view=Picture(), file=tally())
    assert sent.flags.components_v2


async def test_files_are_kept_until_an_edit_leaves_them_out(
    channel: discord.TextChannel, ann: Person, square: Channel
) -> None:
    sent = await channel.send("picture", file=tally())
    message = ann.read(square)[0]
    await sent.edit(content="same picture")
    assert len(message.attachments) == 1
    await sent.edit(attachments=[*sent.attachments, tally()])
    assert len(message.attachments) == 2
    await sent.edit(attachments=[])
    assert message.attachments == []


async def test_an_edit_changes_only_what_it_names(
    channel: discord.TextChannel, ann: Person, square: Channel
) -> None:
    view = ui.View().add_item(ui.Button(label="For", custom_id="for"))
    sent = await channel.send("before", view=view)
    message = ann.read(square)[0]
    assert message.edited_at is None
    await sent.edit(content="after")
    assert (message.text, message.buttons) == ("after", ["For"])
    assert message.edited_at is not None
    await sent.edit(view=None)
    assert message.buttons == []


async def test_an_edit_that_is_refused_changes_nothing(
    channel: discord.TextChannel, ann: Person, square: Channel
) -> None:
    sent = await channel.send("before")
    with pytest.raises(discord.HTTPException):
        await sent.edit(content="x" * 2001)
    with pytest.raises(discord.HTTPException) as refusal:
        await sent.edit(content="")
    assert code(refusal) == (400, 50006)
    assert ann.read(square)[0].text == "before"


async def test_a_bot_edits_only_its_own_messages(
    channel: discord.TextChannel, ann: Person, square: Channel
) -> None:
    said = await ann.say(square, "mine")
    foreign = await channel.fetch_message(said.id)
    with pytest.raises(discord.Forbidden) as refusal:
        await foreign.edit(content="yours")
    assert code(refusal) == (403, 50005)
    with pytest.raises(discord.Forbidden) as refusal:
        await foreign.delete()
    assert code(refusal) == (403, 50013)


async def test_the_same_nonce_sends_once(
    channel: discord.TextChannel, ann: Person, square: Channel
) -> None:
    first = await channel.send("once", nonce="p12-open")
    again = await channel.send("once", nonce="p12-open")
    other = await channel.send("other", nonce="p12-close")
    assert first.id == again.id != other.id
    assert len(ann.read(square)) == 2


async def test_mentions_ping_by_what_is_allowed_and_edits_read_them_anew(
    channel: discord.TextChannel, ann: Person, square: Channel
) -> None:
    sent = await channel.send(f"@everyone {ann.mention}", allowed_mentions=NOBODY)
    message = ann.read(square)[0]
    assert not message.pings
    await sent.edit(content=f"now {ann.mention} @everyone")
    assert message.pings.everyone
    assert message.pings.users == {ann.id}
    await sent.edit(content=f"now {ann.mention} @everyone", allowed_mentions=NOBODY)
    assert not message.pings


async def test_text_displays_ping_too(
    channel: discord.TextChannel, ann: Person, square: Channel
) -> None:
    view = ui.LayoutView().add_item(ui.TextDisplay(ann.mention))
    await channel.send(view=view)
    assert ann.read(square)[0].pings.users == {ann.id}


async def test_messages_are_listed_by_page(
    channel: discord.TextChannel, ann: Person, square: Channel
) -> None:
    said = [await ann.say(square, str(number)) for number in range(10)]
    ids = [message.id for message in said]

    async def page(**query: Any) -> list[int]:
        return [message.id async for message in channel.history(**query)]

    assert await page() == ids[::-1]
    assert await page(limit=3) == ids[:-4:-1]
    assert await page(limit=2, before=discord.Object(ids[5])) == [ids[4], ids[3]]
    assert await page(limit=2, after=discord.Object(ids[5])) == [ids[6], ids[7]]
    assert sorted(await page(limit=3, around=discord.Object(ids[5]))) == ids[4:7]


@pytest.mark.parametrize(
    ("denied", "refusal_code"),
    [(Permission.VIEW_CHANNEL, 50001), (Permission.SEND_MESSAGES, 50013)],
)
async def test_sending_needs_permission(
    api: Api, hamlet: Server, square: Channel, denied: int, refusal_code: int
) -> None:
    hamlet.change_overwrites(square, {hamlet.everyone: (0, denied)})
    status, body = await api("POST", f"/channels/{square.id}/messages", {"content": "x"})
    assert (status, body["code"]) == (403, refusal_code)


async def test_embeds_files_and_history_need_permissions_of_their_own(
    channel: discord.TextChannel, hamlet: Server, square: Channel
) -> None:
    sent = await channel.send("fine")
    denied = Permission.EMBED_LINKS | Permission.ATTACH_FILES | Permission.READ_MESSAGE_HISTORY
    hamlet.change_overwrites(square, {hamlet.everyone: (0, denied)})
    await channel.send("still fine")
    for attempt in (
        channel.send(embed=discord.Embed(title="t")),
        channel.send(file=tally()),
        channel.fetch_message(sent.id),
    ):
        with pytest.raises(discord.Forbidden) as refusal:
            await attempt
        assert code(refusal) == (403, 50013)
    assert [message async for message in channel.history()] == []


async def test_silent_messages_and_suppressed_embeds_keep_their_flags(
    channel: discord.TextChannel, ann: Person, square: Channel
) -> None:
    await channel.send("quiet", silent=True, suppress_embeds=True)
    assert ann.read(square)[0].flags == 1 << 12 | 1 << 2


async def test_a_nonce_is_forgotten_after_some_minutes(
    channel: discord.TextChannel, ann: Person, square: Channel
) -> None:
    await channel.send("once", nonce="p12-open")
    ann.read(square)[0].created_at -= timedelta(minutes=6)
    await channel.send("again", nonce="p12-open")
    assert [message.text for message in ann.read(square)] == ["once", "again"]


async def test_an_embed_shows_the_picture_that_came_with_it(
    channel: discord.TextChannel, ann: Person, square: Channel
) -> None:
    embed = discord.Embed(title="Tally").set_image(url="attachment://tally.png")
    await channel.send(embed=embed, file=tally())
    message = ann.read(square)[0]
    assert message.embeds[0]["image"]["url"] == message.attachments[0].url


async def test_a_card_offers_the_file_that_came_with_it(
    channel: discord.TextChannel, ann: Person, square: Channel
) -> None:
    view = ui.LayoutView().add_item(ui.File("attachment://tally.png"))
    sent = await channel.send(view=view, file=tally())
    assert ann.read(square)[0].components[0]["name"] == "tally.png"
    assert isinstance(sent.components[0], discord.FileComponent)


async def test_a_large_file_is_taken(channel: discord.TextChannel, square: Channel) -> None:
    large = discord.File(io.BytesIO(bytes(5 * 1024 * 1024)), "large.bin")
    sent = await channel.send("large", file=large)
    assert sent.attachments[0].size == 5 * 1024 * 1024
