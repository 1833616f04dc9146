"""What a bot may answer, how often, and until when."""

import asyncio
from typing import Any

import discord
import pytest

from sandbox.clock import Clock
from sandbox.discord import Application, Channel, Failed, Form, LocalDiscord, Person, Server
from tests.sandbox.client import TOKEN_LIFE, Api, Bot, Start, running, soon

Seen = list[discord.Interaction]


def recording(bot: Bot) -> "asyncio.Queue[discord.Interaction]":
    """Register /act, whose interactions are only put into a queue."""
    seen: asyncio.Queue[discord.Interaction] = asyncio.Queue()

    @bot.tree.command(description="Do something")
    async def act(interaction: discord.Interaction) -> None:
        seen.put_nowait(interaction)

    return seen


class Stand:
    """A bot whose interactions the test answers itself."""

    def __init__(self, ann: Person, square: Channel, api: Api) -> None:
        self.ann, self.square, self.api = ann, square, api
        self.seen: asyncio.Queue[discord.Interaction] = asyncio.Queue()
        self.acting: list[asyncio.Task[Any]] = []

    def prepare(self, bot: Bot) -> None:
        self.seen = recording(bot)

        @bot.event
        async def on_interaction(interaction: discord.Interaction) -> None:
            if interaction.type is not discord.InteractionType.application_command:
                self.seen.put_nowait(interaction)

    async def asked(self, doing: Any = None) -> discord.Interaction:
        """Do something as Ann (/act by default); the interaction that the bot gets."""
        doing = doing or self.ann.command("act", in_=self.square)
        self.acting.append(asyncio.create_task(doing))
        return await soon(self.seen)

    async def answer(self, interaction: discord.Interaction, form: Any) -> tuple[int, Any]:
        """Answer raw."""
        path = f"/interactions/{interaction.id}/{interaction.token}/callback?with_response=true"
        return await self.api("POST", path, form)

    async def outcome(self) -> Any:
        """What Ann got to see."""
        return await self.acting.pop()


@pytest.fixture
async def stand(ann: Person, square: Channel, api: Api, start: Start) -> Stand:
    stand = Stand(ann, square, api)
    await start(stand.prepare)
    return stand


def says(content: str, **more: Any) -> dict[str, Any]:
    return {"type": 4, "data": {"content": content, **more}}


BUTTONS = [
    {
        "type": 1,
        "components": [{"type": 2, "style": 1, "label": "For", "custom_id": "for"}],
    }
]
FORM = {
    "type": 9,
    "data": {
        "title": "Why?",
        "custom_id": "why",
        "components": [
            {
                "type": 18,
                "label": "Reason",
                "component": {"type": 4, "style": 1, "custom_id": "reason"},
            }
        ],
    },
}


async def test_an_answer_is_a_message(stand: Stand) -> None:
    status, body = await stand.answer(await stand.asked(), says("done"))
    message = await stand.outcome()
    assert (status, message.text, message.ephemeral) == (200, "done", False)
    assert body["interaction"]["response_message_id"] == str(message.id)
    assert body["resource"]["message"]["content"] == "done"
    assert message in stand.ann.read(stand.square)


async def test_an_ephemeral_answer_is_seen_by_one_person_alone(
    stand: Stand, hamlet: Server
) -> None:
    await stand.answer(await stand.asked(), says("psst", flags=64))
    message = await stand.outcome()
    assert message.ephemeral
    assert message in stand.ann.read(stand.square)
    assert message not in hamlet.join("Bob").read(stand.square)
    status, body = await stand.api("GET", f"/channels/{stand.square.id}/messages/{message.id}")
    assert (status, body["code"]) == (404, 10008)


async def test_a_late_answer_is_to_an_unknown_interaction(stand: Stand) -> None:
    interaction = await stand.asked()
    with pytest.raises(Failed, match="The application did not respond"):
        await stand.outcome()
    status, body = await stand.answer(interaction, says("late"))
    assert (status, body["code"]) == (404, 10062)


async def test_a_second_answer_is_refused(stand: Stand) -> None:
    interaction = await stand.asked()
    await stand.answer(interaction, says("once"))
    status, body = await stand.answer(interaction, says("twice"))
    assert (status, body["code"]) == (400, 40060)


async def test_a_wrong_token_is_to_an_unknown_interaction(stand: Stand) -> None:
    interaction = await stand.asked()
    path = f"/interactions/{interaction.id}/wrong/callback"
    assert (await stand.api("POST", path, says("x")))[1]["code"] == 10062
    await stand.answer(interaction, says("right"))


async def test_after_a_malformed_answer_another_may_follow(stand: Stand) -> None:
    interaction = await stand.asked()
    status, body = await stand.answer(interaction, says("x" * 2001))
    assert (status, body["code"]) == (400, 50035)
    assert "content" in body["errors"]["data"]
    await stand.answer(interaction, says("short"))
    assert (await stand.outcome()).text == "short"


async def test_a_deferred_answer_is_complete_when_it_is_edited(stand: Stand) -> None:
    interaction = await stand.asked()
    _, body = await stand.answer(interaction, {"type": 5, "data": {"flags": 64}})
    assert body["interaction"]["response_message_loading"] is True
    assert stand.ann.read(stand.square)[-1].loading
    await interaction.edit_original_response(content="thought")
    message = await stand.outcome()
    assert (message.text, message.ephemeral, message.loading) == ("thought", True, False)
    assert message.edited_at is None


async def test_the_first_followup_fills_the_deferred_answer(stand: Stand) -> None:
    interaction = await stand.asked()
    await interaction.response.defer(ephemeral=True)
    sent = await interaction.followup.send("filled", wait=True)
    message = await stand.outcome()
    assert (message.id, message.text, message.ephemeral) == (sent.id, "filled", True)
    other = await interaction.followup.send("another", wait=True)
    assert other.id != message.id


async def test_people_lose_patience_with_a_bot_that_only_thinks(clock: Clock) -> None:
    async with LocalDiscord(clock=clock, patience=0.2) as local:
        application = local.add_application("Slow")
        hamlet = local.add_server("Hamlet")
        hamlet.invite(application)
        square = hamlet.add_channel("square")
        bot = Bot(local, discord.Intents(guilds=True))

        @bot.tree.command(description="Think")
        async def think(interaction: discord.Interaction) -> None:
            await interaction.response.defer()

        async with running(bot, application.token):
            with pytest.raises(Failed, match="Slow is thinking"):
                await hamlet.owner.command("think", in_=square)


async def test_what_was_deferred_and_never_came_did_not_respond(clock: Clock) -> None:
    async with LocalDiscord(clock=clock, token_life=1.5) as local:
        application = local.add_application("Slow")
        hamlet = local.add_server("Hamlet")
        hamlet.invite(application)
        square = hamlet.add_channel("square")
        bot = Bot(local, discord.Intents(guilds=True))

        @bot.tree.command(description="Think")
        async def think(interaction: discord.Interaction) -> None:
            await interaction.response.defer()

        async with running(bot, application.token):
            with pytest.raises(Failed, match="The application did not respond"):
                await hamlet.owner.command("think", in_=square)
            assert hamlet.owner.read(square)[-1].text == "The application did not respond"


async def test_a_components_message_can_be_updated(stand: Stand) -> None:
    await stand.answer(await stand.asked(), says("card", components=BUTTONS))
    card = await stand.outcome()
    interaction = await stand.asked(stand.ann.press(card, "For"))
    assert interaction.message.id == card.id
    await stand.answer(interaction, {"type": 7, "data": {"content": "changed"}})
    assert await stand.outcome() is card
    assert card.text == "changed"
    assert card.edited_at is not None


async def test_an_update_may_be_deferred(stand: Stand) -> None:
    await stand.answer(await stand.asked(), says("card", components=BUTTONS))
    card = await stand.outcome()
    interaction = await stand.asked(stand.ann.press(card, "For"))
    await stand.answer(interaction, {"type": 6})
    assert await stand.outcome() is card
    await interaction.edit_original_response(content="later")
    assert card.text == "later"
    await interaction.followup.send("private", ephemeral=True)
    assert (await stand.ann.sees(stand.square, "private")).ephemeral


async def test_an_unanswered_press_failed(stand: Stand) -> None:
    await stand.answer(await stand.asked(), says("card", components=BUTTONS))
    card = await stand.outcome()
    await stand.asked(stand.ann.press(card, "For"))
    with pytest.raises(Failed, match="This interaction failed"):
        await stand.outcome()


@pytest.mark.parametrize("kind", [6, 7, 8, 3, 99])
async def test_a_command_takes_no_update_and_no_choices(stand: Stand, kind: int) -> None:
    interaction = await stand.asked()
    status, body = await stand.answer(interaction, {"type": kind, "data": {}})
    assert (status, body["code"]) == (400, 50035)
    assert body["errors"]["type"]["_errors"][0]["code"] == "BASE_TYPE_CHOICES"
    await stand.answer(interaction, says("well"))


async def test_a_form_is_not_answered_by_a_form(stand: Stand) -> None:
    await stand.answer(await stand.asked(), FORM)
    form = await stand.outcome()
    assert isinstance(form, Form)
    interaction = await stand.asked(form.submit(reason="because"))
    status, body = await stand.answer(interaction, FORM)
    assert (status, body["code"]) == (400, 50035)
    await stand.answer(interaction, says("noted"))
    assert (await stand.outcome()).text == "noted"


async def test_a_form_opened_from_a_message_may_update_it(stand: Stand) -> None:
    await stand.answer(await stand.asked(), says("card", components=BUTTONS))
    card = await stand.outcome()
    await stand.answer(await stand.asked(stand.ann.press(card, "For")), FORM)
    form = await stand.outcome()
    interaction = await stand.asked(form.submit(reason="because"))
    assert interaction.message.id == card.id
    await stand.answer(interaction, {"type": 7, "data": {"content": "with reason"}})
    assert await stand.outcome() is card


async def test_a_form_that_was_typed_may_not_update_anything(stand: Stand) -> None:
    await stand.answer(await stand.asked(), FORM)
    form = await stand.outcome()
    interaction = await stand.asked(form.submit(reason="because"))
    status, _ = await stand.answer(interaction, {"type": 7, "data": {"content": "x"}})
    assert status == 400
    with pytest.raises(Failed, match="Something went wrong"):
        await stand.outcome()


async def test_answers_can_be_read_and_taken_back(stand: Stand) -> None:
    interaction = await stand.asked()
    await interaction.response.send_message("here")
    message = await stand.outcome()
    assert (await interaction.original_response()).content == "here"
    await interaction.delete_original_response()
    assert message.deleted
    assert message not in stand.ann.read(stand.square)
    path = f"/webhooks/{interaction.application_id}/{interaction.token}/messages/@original"
    status, body = await stand.api("GET", path)
    assert (status, body["code"]) == (404, 10008)


async def test_nothing_follows_before_the_first_answer(stand: Stand) -> None:
    interaction = await stand.asked()
    with pytest.raises(discord.NotFound) as refusal:
        await interaction.followup.send("too soon")
    assert refusal.value.code == 10015
    await interaction.response.send_message("now")


async def test_a_token_dies(stand: Stand) -> None:
    interaction = await stand.asked()
    await interaction.response.send_message("alive")
    await asyncio.sleep(TOKEN_LIFE)
    with pytest.raises(discord.HTTPException) as refusal:
        await interaction.edit_original_response(content="dead")
    assert (refusal.value.status, refusal.value.code) == (401, 50027)
    await stand.outcome()
    await (await stand.asked()).response.send_message("alive")
    status, body = await stand.answer(interaction, says("forgotten"))
    assert (status, body["code"]) == (404, 10062)


async def test_an_answer_pings_users_and_nobody_else_by_default(
    stand: Stand, hamlet: Server
) -> None:
    role = hamlet.add_role("Loud", mentionable=True)
    text = f"@everyone {role.mention} {stand.ann.mention}"
    await stand.answer(await stand.asked(), says(text))
    assert (await stand.outcome()).pings == ({stand.ann.id}, set(), False)


async def test_a_press_carries_who_and_where(stand: Stand, hamlet: Server) -> None:
    citizen = hamlet.add_role("Citizen")
    stand.ann.add_role(citizen)
    interaction = await stand.asked()
    member = interaction.user
    assert isinstance(member, discord.Member)
    assert [role.id for role in member.roles] == [hamlet.id, citizen.id]
    assert interaction.guild_id == hamlet.id
    assert interaction.channel_id == stand.square.id
    assert interaction.permissions.send_messages
    assert interaction.app_permissions.manage_webhooks
    assert interaction.locale is discord.Locale.american_english
    assert interaction.context.guild
    assert interaction.is_guild_integration()
    await interaction.response.send_message("seen")


async def test_people_and_servers_speak_their_languages(
    stand: Stand, hamlet: Server, square: Channel
) -> None:
    karl = hamlet.join("Karl", locale="de")
    interaction = await stand.asked(karl.command("act", in_=square))
    assert interaction.locale is discord.Locale.german
    assert interaction.guild_locale is discord.Locale.american_english
    await interaction.response.send_message("ja")


async def test_what_happened_during_a_cut_is_answered_after_the_resume(
    stand: Stand, local: LocalDiscord, application: Application
) -> None:
    local.disconnect(application)
    interaction = await stand.asked()
    await interaction.response.send_message("back again")
    assert (await stand.outcome()).text == "back again"


async def test_a_deferred_answer_takes_no_flag_but_ephemeral(stand: Stand) -> None:
    interaction = await stand.asked()
    await stand.answer(interaction, {"type": 5, "data": {"flags": 1 << 15}})
    view = discord.ui.LayoutView().add_item(discord.ui.TextDisplay("card"))
    assert stand.ann.read(stand.square)[-1].flags == 1 << 7
    await interaction.edit_original_response(view=view)
    message = await stand.outcome()
    assert (message.text, message.flags) == ("card", 1 << 15)


async def test_typing_fails_when_no_suggestions_come(
    stand: Stand, application: Application
) -> None:
    act = next(iter(application.commands.values()))
    act["options"] = [{"type": 3, "name": "what", "description": "What", "autocomplete": True}]
    interaction = await stand.asked(stand.ann.suggest("act", "what", "x", in_=stand.square))
    for malformed in ([{"name": "", "value": "x"}], [{"name": "n", "value": "v"}] * 26):
        status, _ = await stand.answer(interaction, {"type": 8, "data": {"choices": malformed}})
        assert status == 400
    assert (await stand.answer(interaction, says("no choices")))[0] == 400
    with pytest.raises(Failed, match="Loading options failed"):
        await stand.outcome()


def labelled(**component: Any) -> dict[str, Any]:
    return {"type": 18, "label": component["custom_id"], "component": component}


async def test_a_form_holds_fields_of_every_kind(stand: Stand) -> None:
    options = [{"label": "Yes", "value": "y"}, {"label": "No", "value": "n", "default": True}]
    more = {"label": "More", "type": 4, "style": 2, "custom_id": "more", "required": False}
    components = [
        {"type": 10, "content": "Read this first."},
        labelled(type=21, custom_id="radio", options=options),
        labelled(type=22, custom_id="group", options=options, required=False),
        labelled(type=23, custom_id="box", default=True),
        {"type": 1, "components": [more]},
    ]
    form_data = {"title": "All", "custom_id": "all", "components": components}
    await stand.answer(await stand.asked(), {"type": 9, "data": form_data})
    form = await stand.outcome()
    assert "Read this first." in form.text
    interaction = await stand.asked(form.submit(radio="Yes", group=["Yes", "No"], more="words"))
    _, radio, group, box, row = interaction.data["components"]
    assert radio["component"]["value"] == "y"
    assert group["component"]["values"] == ["y", "n"]
    assert box["component"]["value"] is True
    assert row["components"][0]["value"] == "words"
    await interaction.response.send_message("noted")
    await stand.outcome()
    again = await stand.asked(form.submit(box=False))
    _, radio, group, box, row = again.data["components"]
    assert (radio["component"]["value"], group["component"]["values"]) == ("n", ["n"])
    assert (box["component"]["value"], row["components"][0]["value"]) == (False, "")
    await again.response.send_message("noted")


async def test_an_edit_that_breaks_a_limit_leaves_the_answer_as_it_was(stand: Stand) -> None:
    interaction = await stand.asked()
    await interaction.response.send_message("before")
    with pytest.raises(discord.HTTPException) as refusal:
        await interaction.edit_original_response(content="x" * 2001)
    assert refusal.value.code == 50035
    assert (await stand.outcome()).text == "before"


async def test_a_bot_can_answer_somebody_who_stopped_waiting(stand: Stand) -> None:
    interaction = await stand.asked()
    waiting = stand.acting.pop()
    waiting.cancel()
    await asyncio.wait([waiting])
    await interaction.response.send_message("here you are")
    assert (await stand.ann.sees(stand.square, "here you are")).author.name == "Tiny"
