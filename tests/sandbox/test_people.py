"""A person types, presses, fills in forms and reads; a real client is at the other end."""

import asyncio
from typing import Any

import discord
import pytest
from discord import app_commands

from sandbox.discord import (
    Application,
    Channel,
    Failed,
    Form,
    LocalDiscord,
    NotOffered,
    Permission,
    Person,
    Server,
)
from tests.sandbox.client import Bot, Start


class Reason(discord.ui.Modal, title="Why?"):
    """A form with a field of each kind that matters."""

    reason = discord.ui.Label(
        text="Reason",
        description="In a few words",
        component=discord.ui.TextInput(custom_id="reason", max_length=20),
    )
    note = discord.ui.Label(
        text="Note",
        component=discord.ui.TextInput(custom_id="note", required=False, default="none"),
    )
    mood = discord.ui.Label(
        text="Mood",
        component=discord.ui.Select(
            custom_id="mood",
            options=[discord.SelectOption(label="Glad"), discord.SelectOption(label="Sad")],
        ),
    )
    friend = discord.ui.Label(
        text="Friend", component=discord.ui.UserSelect(custom_id="friend", required=False)
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        friends = [user.display_name for user in self.friend.component.values]
        said = (
            self.reason.component.value,
            self.note.component.value,
            self.mood.component.values,
            friends,
        )
        await interaction.response.send_message(f"{said}")


class Card(discord.ui.View):
    """Buttons and menus."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        self.add_item(discord.ui.Button(label="Details", url="https://example.org"))

    @discord.ui.button(label="For", custom_id="for")
    async def agree(self, interaction: discord.Interaction, _: Any) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.edit_original_response(content=f"{interaction.user.display_name} agrees")

    @discord.ui.button(label="Why", custom_id="why")
    async def why(self, interaction: discord.Interaction, _: Any) -> None:
        await interaction.response.send_modal(Reason())

    @discord.ui.button(label="Never", custom_id="never", disabled=True)
    async def never(self, interaction: discord.Interaction, _: Any) -> None:
        await interaction.response.send_message("who pressed that?", ephemeral=True)

    @discord.ui.select(
        placeholder="Pick",
        custom_id="pick",
        max_values=2,
        options=[discord.SelectOption(label=name, value=name.lower()) for name in ("One", "Two")],
    )
    async def pick(self, interaction: discord.Interaction, menu: Any) -> None:
        await interaction.response.edit_message(content=f"picked {menu.values}")

    @discord.ui.select(cls=discord.ui.UserSelect, placeholder="Whom", custom_id="whom")
    async def whom(self, interaction: discord.Interaction, menu: Any) -> None:
        await interaction.response.send_message(menu.values[0].mention)


def commands(bot: Bot) -> None:
    """The commands of the small bot."""

    @bot.tree.command(description="Say hello")
    async def hello(interaction: discord.Interaction, name: str = "you") -> None:
        await interaction.response.send_message(f"hello {name}", ephemeral=True)

    @bot.tree.command(description="Show a card")
    @app_commands.guild_only()
    async def card(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("card", view=Card())

    @bot.tree.command(description="Only for those who manage")
    @app_commands.default_permissions(manage_guild=True)
    async def setup(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("set up")

    @bot.tree.command(description="Only for administrators")
    @app_commands.default_permissions()
    async def reset(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("reset")

    proposal = app_commands.Group(name="proposal", description="Proposals")

    @proposal.command(description="Cancel one")
    @app_commands.choices(why=[app_commands.Choice(name="Out of date", value="old")])
    async def cancel(
        interaction: discord.Interaction,
        number: app_commands.Range[int, 1, 10],
        title: app_commands.Range[str, 2, 5],
        why: str = "old",
        who: discord.Member | None = None,
        role: discord.Role | None = None,
        place: discord.TextChannel | None = None,
        now: bool = False,
        share: float = 0.5,
    ) -> None:
        names = [thing.name if thing else None for thing in (who, role, place)]
        await interaction.response.send_message(f"{number} {title} {why} {names} {now} {share}")

    bot.tree.add_command(proposal)

    @bot.tree.command(description="Vote")
    async def vote(interaction: discord.Interaction, proposal: str, choice: str = "") -> None:
        await interaction.response.send_message(f"{proposal}: {choice}")

    @vote.autocomplete("proposal")
    async def proposals(
        interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        named = interaction.namespace.choice
        return [app_commands.Choice(name=f"{typed}nts {named}", value="12")]


@pytest.fixture(autouse=True)
async def bot(start: Start, square: Channel) -> Bot:
    return await start(commands)


@pytest.fixture
async def card(ann: Person, square: Channel, bot: Bot) -> Any:
    return await ann.command("card", in_=square)


async def test_a_command_is_answered(ann: Person, square: Channel) -> None:
    answer = await ann.command("hello", in_=square, name="Bea")
    assert (answer.text, answer.ephemeral, answer.author.name) == ("hello Bea", True, "Tiny")


async def test_a_subcommand_takes_options_of_all_kinds(
    ann: Person, square: Channel, hamlet: Server
) -> None:
    answer = await ann.command(
        "proposal cancel",
        in_=square,
        number=3,
        title="moot",
        why="Out of date",
        who=ann,
        role=hamlet.add_role("Elder"),
        place=square,
        now=True,
        share=0.25,
    )
    assert answer.text == "3 moot old ['ann', 'Elder', 'square'] True 0.25"


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"number": 3},
        {"number": 0, "title": "moot"},
        {"number": 11, "title": "moot"},
        {"number": "3", "title": "moot"},
        {"number": True, "title": "moot"},
        {"number": 3, "title": "m"},
        {"number": 3, "title": "too long"},
        {"number": 3, "title": 7},
        {"number": 3, "title": "moot", "why": "because"},
        {"number": 3, "title": "moot", "now": "yes"},
        {"number": 3, "title": "moot", "share": "half"},
        {"number": 3, "title": "moot", "unknown": "x"},
    ],
)
async def test_the_client_does_not_send_what_does_not_fit(
    ann: Person, square: Channel, options: dict[str, Any]
) -> None:
    with pytest.raises(NotOffered):
        await ann.command("proposal cancel", in_=square, **options)


@pytest.mark.parametrize("name", ["nothing", "proposal", "proposal delete", "hello there"])
async def test_a_command_that_is_not_registered_is_not_offered(
    ann: Person, square: Channel, name: str
) -> None:
    with pytest.raises(NotOffered):
        await ann.command(name, in_=square)


async def test_a_command_is_offered_to_those_with_its_default_permissions(
    ann: Person, square: Channel, hamlet: Server
) -> None:
    with pytest.raises(NotOffered, match="not offered to Ann"):
        await ann.command("setup", in_=square)
    ann.add_role(hamlet.add_role("Clerk", Permission.MANAGE_GUILD))
    assert (await ann.command("setup", in_=square)).text == "set up"
    with pytest.raises(NotOffered):
        await ann.command("reset", in_=square)
    assert (await hamlet.owner.command("reset", in_=square)).text == "reset"


async def test_a_hostile_client_sends_what_it_likes(ann: Person, square: Channel) -> None:
    assert (await ann.command("setup", in_=square, tamper=True)).text == "set up"
    long = await ann.command(
        "proposal cancel", in_=square, number=2**40, title="x" * 300, tamper=True
    )
    assert str(2**40) in long.text


async def test_two_bots_with_the_same_command_are_told_apart(
    ann: Person, square: Channel, local: LocalDiscord, hamlet: Server, application: Application
) -> None:
    twin = local.add_application("Twin")
    twin.commands.update(application.commands)
    hamlet.invite(twin)
    with pytest.raises(NotOffered, match="2 applications"):
        await ann.command("hello", in_=square)
    assert (await ann.command("hello", in_=square, of=application)).text == "hello you"
    with pytest.raises(Failed):
        await ann.command("hello", in_=square, of=twin)


async def test_typing_brings_suggestions(ann: Person, square: Channel) -> None:
    suggested = await ann.suggest("vote", "proposal", "Gra", in_=square, choice="For")
    assert suggested == [("Grants For", "12")]
    with pytest.raises(NotOffered):
        await ann.suggest("vote", "choice", "F", in_=square)


async def test_a_direct_command_works_where_its_contexts_allow(
    ann: Person, application: Application
) -> None:
    answer = await ann.direct_command("hello", of=application)
    assert answer.text == "hello you"
    assert answer in ann.read(ann.direct(application))
    with pytest.raises(NotOffered, match="kind of channel"):
        await ann.direct_command("card", of=application)


async def test_a_press_is_answered_when_the_answer_is_complete(ann: Person, card: Any) -> None:
    assert card.buttons == ["For", "Why", "Details"]
    assert card.links == {"Details": "https://example.org"}
    answer = await ann.press(card, "For")
    assert (answer.text, answer.ephemeral) == ("Ann agrees", True)


@pytest.mark.parametrize("button", ["Never", "Details", "Nowhere"])
async def test_only_buttons_that_can_be_pressed_are_pressed(
    ann: Person, card: Any, button: str
) -> None:
    with pytest.raises(NotOffered):
        await ann.press(card, button)


async def test_a_hostile_client_presses_what_is_disabled(ann: Person, card: Any) -> None:
    assert (await ann.press_custom_id(card, "never")).text == "who pressed that?"
    with pytest.raises(Failed, match="This interaction failed"):
        await ann.press_custom_id(card, "forged")


async def test_options_are_chosen_in_a_menu(ann: Person, card: Any) -> None:
    assert card.menus == {"Pick": ["One", "Two"], "Whom": []}
    assert await ann.choose(card, "Pick", ["One", "two"]) is card
    assert card.text == "picked ['one', 'two']"
    assert (await ann.choose(card, "whom", [ann])).text == ann.mention
    for values in (["Three"], [], ["One", "Two", "One"]):
        with pytest.raises(NotOffered):
            await ann.choose(card, "Pick", values)
    with pytest.raises(NotOffered):
        await ann.choose(card, "Elsewhere", [])
    await ann.choose(card, "Pick", ["forged"], tamper=True)
    assert card.text == "picked ['forged']"


async def test_a_form_is_filled_in_and_sent(ann: Person, card: Any) -> None:
    form = await ann.press(card, "Why")
    assert isinstance(form, Form)
    assert form.title == "Why?"
    assert form.text == "Why?\nReason\nIn a few words\nNote\nMood\nFriend"
    assert [(f.label, f.value, f.required, f.max_length) for f in form.fields[:2]] == [
        ("Reason", "", True, 20),
        ("Note", "none", False, 4000),
    ]
    answer = await form.submit({"Mood": ["Glad"]}, reason="because", friend=[ann])
    assert answer.text == "('because', 'none', ['Glad'], ['Ann'])"


async def test_a_form_is_not_sent_before_it_is_complete(ann: Person, card: Any) -> None:
    form = await ann.press(card, "Why")
    for values in (
        {},
        {"reason": "because"},
        {"reason": "x" * 21, "mood": ["Glad"]},
        {"reason": "because", "mood": ["Angry"]},
        {"reason": "because", "mood": ["Glad"], "colour": "red"},
    ):
        with pytest.raises(NotOffered):
            await form.submit(values)
    answer = await form.submit({"reason": "x" * 30, "mood": ["Angry"]}, tamper=True)
    assert "x" * 30 in answer.text


async def test_who_does_not_see_the_channel_neither_reads_nor_types(
    ann: Person, hamlet: Server, card: Any, square: Channel
) -> None:
    hamlet.change_overwrites(square, {ann: (0, Permission.VIEW_CHANNEL)})
    with pytest.raises(NotOffered):
        ann.read(square)
    with pytest.raises(NotOffered):
        ann.threads(square)
    with pytest.raises(NotOffered):
        await ann.press(card, "For")
    with pytest.raises(NotOffered):
        await ann.command("hello", in_=square)
    with pytest.raises(NotOffered):
        await ann.say(square, "hello?")


async def test_without_history_only_ones_own_answers_are_on_the_screen(
    ann: Person, hamlet: Server, card: Any, square: Channel
) -> None:
    hamlet.change_overwrites(square, {ann: (0, Permission.READ_MESSAGE_HISTORY)})
    answer = await ann.command("hello", in_=square)
    assert ann.read(square) == [answer]


async def test_who_may_not_send_may_not_say_anything(
    ann: Person, hamlet: Server, square: Channel
) -> None:
    hamlet.change_overwrites(square, {hamlet.everyone: (0, Permission.SEND_MESSAGES)})
    with pytest.raises(NotOffered):
        await ann.say(square, "hello?")
    await hamlet.owner.say(square, "hello")
    with pytest.raises(NotOffered, match="50035 content"):
        await hamlet.owner.say(square, "x" * 2001)


async def test_who_left_does_nothing_more(ann: Person, card: Any) -> None:
    ann.leave()
    with pytest.raises(NotOffered):
        await ann.press(card, "For")
    with pytest.raises(NotOffered):
        await ann.press_custom_id(card, "for")
    with pytest.raises(NotOffered):
        ann.leave()


async def test_the_buttons_of_a_bot_that_was_removed_fail(
    ann: Person, card: Any, hamlet: Server, application: Application
) -> None:
    hamlet.kick(application)
    with pytest.raises(Failed):
        await ann.press(card, "For")


async def test_a_deleted_message_is_gone(
    ann: Person, hamlet: Server, card: Any, square: Channel
) -> None:
    with pytest.raises(NotOffered):
        ann.delete(card)
    hamlet.owner.delete(card)
    assert card not in ann.read(square)
    with pytest.raises(NotOffered):
        await ann.press(card, "For")
    own = await ann.say(square, "mine")
    ann.delete(own)
    answer = await ann.command("hello", in_=square)
    ann.delete(answer)
    assert ann.read(square) == []


async def test_a_deleted_channel_takes_its_messages_with_it(
    ann: Person, hamlet: Server, card: Any, square: Channel
) -> None:
    hamlet.delete_channel(square)
    assert card.deleted


async def test_waiting_for_a_message(ann: Person, hamlet: Server, square: Channel) -> None:
    waiting = asyncio.create_task(ann.sees(square, "news"))
    await asyncio.sleep(0)
    said = await hamlet.owner.say(square, "good news")
    assert await waiting is said
    assert await ann.sees(square, "good") is said
    with pytest.raises(AssertionError, match="good news"):
        await ann.sees(square, "bad news", within=0.05)


async def test_nobody_sees_what_is_for_another(
    ann: Person, hamlet: Server, square: Channel
) -> None:
    bob = hamlet.join("Bob")
    waiting = asyncio.create_task(bob.sees(square, "hello", within=0.3))
    await asyncio.sleep(0)
    answer = await ann.command("hello", in_=square)
    with pytest.raises(AssertionError):
        await waiting
    with pytest.raises(NotOffered):
        bob.delete(answer)


async def test_a_person_can_be_in_two_servers(ann: Person, local: LocalDiscord) -> None:
    village = local.add_server("Village", locale="de")
    there = village.join(ann)
    green = village.add_channel("green")
    await there.say(green, "hi")
    assert there.id == ann.id
    with pytest.raises(NotOffered, match="0 applications"):
        await there.command("hello", in_=green)


async def test_roles_come_and_go(ann: Person, hamlet: Server, bot: Bot) -> None:
    citizen = hamlet.add_role("Citizen")
    ann.add_role(citizen)
    assert citizen.id in ann.member.roles
    ann.remove_role(citizen)
    assert not ann.member.roles
    ann.add_role(citizen)
    hamlet.delete_role(citizen)
    assert not ann.member.roles


async def test_every_request_of_the_bot_is_recorded(
    ann: Person, square: Channel, local: LocalDiscord
) -> None:
    await ann.command("hello", in_=square)
    last = local.requests[-1]
    assert (last.method, last.status) == ("POST", 200)
    assert last.route == "/interactions/{interaction}/{token}/callback"
    assert last.form["data"]["content"] == "hello you"
    assert last.started <= last.ended
    routes = [request.route for request in local.requests]
    assert routes[0] == "/users/@me"
    assert "/applications/{application}/commands" in routes
