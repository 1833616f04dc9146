"""Commands in the menu of an account: registered, chosen on somebody, answered."""

from typing import Any

import discord
import pytest
from discord import app_commands

from sandbox.discord import (
    Application,
    Channel,
    Form,
    LocalDiscord,
    NotOffered,
    Permission,
    Person,
    Server,
)
from tests.sandbox.client import Bot, Start

NAME = "Delegate to…"


class Ask(discord.ui.Modal, title="How much?"):
    """A form that a command of a menu opens."""

    share = discord.ui.Label(text="Share", component=discord.ui.TextInput(custom_id="share"))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(self.share.component.value, ephemeral=True)


class Menu:
    """What the bot was asked, in its own words and in Discord's."""

    def __init__(self) -> None:
        self.targets: list[discord.Member | discord.User] = []
        self.asked: list[dict[str, Any]] = []

    def prepare(self, bot: Bot) -> None:
        @bot.event
        async def on_interaction(interaction: discord.Interaction) -> None:
            self.asked.append(dict(interaction.data or {}))

        @bot.tree.context_menu(name=NAME)
        async def delegate(
            interaction: discord.Interaction, target: discord.Member | discord.User
        ) -> None:
            self.targets.append(target)
            await interaction.response.send_message(f"to {target.display_name}", ephemeral=True)

        @bot.tree.context_menu(name="Ask First")
        @app_commands.guild_only()
        async def ask(interaction: discord.Interaction, target: discord.Member) -> None:
            await interaction.response.send_modal(Ask())

        @bot.tree.context_menu(name="Ban from votes")
        @app_commands.default_permissions(manage_guild=True)
        async def ban(interaction: discord.Interaction, target: discord.Member) -> None:
            await interaction.response.send_message("banned")

        @bot.tree.context_menu(name="Quote")
        async def quote(interaction: discord.Interaction, message: discord.Message) -> None:
            await interaction.response.send_message("quoted")

        @bot.tree.command(description="Say hello")
        async def hello(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("hello")


@pytest.fixture(autouse=True)
async def menu(start: Start, square: Channel) -> Menu:
    menu = Menu()
    await start(menu.prepare)
    return menu


@pytest.fixture
def ben(hamlet: Server) -> Person:
    return hamlet.join("Ben", roles=[hamlet.add_role("Elder")])


async def test_it_is_registered_with_its_capitals_and_blanks(application: Application) -> None:
    (delegate,) = [c for c in application.commands.values() if c["name"] == NAME]
    assert (delegate["type"], delegate["description"]) == (2, "")
    assert "options" not in delegate


async def test_it_is_chosen_on_a_member(
    ann: Person, ben: Person, square: Channel, menu: Menu
) -> None:
    answer = await ann.command_on(NAME, ben, in_=square)
    assert (answer.text, answer.ephemeral) == ("to Ben", True)
    (target,) = menu.targets
    assert isinstance(target, discord.Member)
    assert [role.name for role in target.roles] == ["@everyone", "Elder"]


async def test_it_carries_whom_it_is_about(
    ann: Person, ben: Person, square: Channel, menu: Menu
) -> None:
    answer = await ann.command_on(NAME, ben, in_=square)
    (data,) = menu.asked
    assert data.keys() == {"id", "name", "type", "target_id", "resolved"}
    assert (data["type"], data["name"], data["target_id"]) == (2, NAME, str(ben.id))
    assert data["resolved"]["users"][str(ben.id)]["username"] == "ben"
    member = data["resolved"]["members"][str(ben.id)]
    assert member["roles"] == [str(id_) for id_ in ben.member.roles]
    assert int(member["permissions"]) & Permission.SEND_MESSAGES
    assert answer.raw["type"] == 23
    assert answer.raw["interaction_metadata"]["target_user"]["id"] == str(ben.id)


async def test_who_left_is_an_account_and_no_member(
    ann: Person, ben: Person, square: Channel, menu: Menu
) -> None:
    ben.leave()
    assert (await ann.command_on(NAME, ben, in_=square)).text == "to Ben"
    (target,) = menu.targets
    assert isinstance(target, discord.User)
    assert "members" not in menu.asked[0]["resolved"]


async def test_bots_have_menus_too(
    ann: Person, square: Channel, menu: Menu, application: Application
) -> None:
    assert (await ann.command_on(NAME, application, in_=square)).text == "to tiny"
    assert menu.targets[0].bot


async def test_it_is_chosen_in_a_direct_conversation(
    ann: Person, menu: Menu, application: Application
) -> None:
    answer = await ann.command_on(NAME, ann, in_=ann.direct(application))
    assert answer.text == "to Ann"
    assert isinstance(menu.targets[0], discord.User)
    with pytest.raises(NotOffered, match="kind of channel"):
        await ann.command_on("Ask First", ann, in_=ann.direct(application))


async def test_it_may_open_a_form(ann: Person, ben: Person, square: Channel) -> None:
    form = await ann.command_on("Ask First", ben, in_=square)
    assert isinstance(form, Form)
    answer = await form.submit(share="half")
    triggered = answer.raw["interaction_metadata"]["triggering_interaction_metadata"]
    assert (answer.text, triggered["target_user"]["id"]) == ("half", str(ben.id))


async def test_it_is_offered_where_nothing_can_be_typed(
    ann: Person, ben: Person, square: Channel, hamlet: Server
) -> None:
    hamlet.change_overwrites(square, {hamlet.everyone: (0, Permission.SEND_MESSAGES)})
    with pytest.raises(NotOffered):
        await ann.command("hello", in_=square)
    assert (await ann.command_on(NAME, ben, in_=square)).text == "to Ben"
    denied = Permission.USE_APPLICATION_COMMANDS
    hamlet.change_overwrites(square, {hamlet.everyone: (0, denied)})
    with pytest.raises(NotOffered):
        await ann.command_on(NAME, ben, in_=square)


async def test_it_is_offered_to_those_with_its_default_permissions(
    ann: Person, ben: Person, square: Channel, hamlet: Server
) -> None:
    with pytest.raises(NotOffered, match="'Ban from votes' is not offered to Ann"):
        await ann.command_on("Ban from votes", ben, in_=square)
    assert (await hamlet.owner.command_on("Ban from votes", ben, in_=square)).text == "banned"
    assert (await ann.command_on("Ban from votes", ben, in_=square, tamper=True)).text == "banned"


@pytest.mark.parametrize("name", ["delegate to…", "hello", "Quote", "Nothing"])
async def test_only_commands_of_accounts_are_in_their_menu(
    ann: Person, ben: Person, square: Channel, name: str
) -> None:
    with pytest.raises(NotOffered, match="0 applications"):
        await ann.command_on(name, ben, in_=square)
    with pytest.raises(NotOffered):
        await ann.command("Quote", in_=square)


async def test_two_bots_with_the_same_command_are_told_apart(
    ann: Person,
    ben: Person,
    square: Channel,
    hamlet: Server,
    local: LocalDiscord,
    application: Application,
) -> None:
    twin = local.add_application("Twin")
    twin.commands.update(application.commands)
    hamlet.invite(twin)
    with pytest.raises(NotOffered, match="2 applications"):
        await ann.command_on(NAME, ben, in_=square)
    assert (await ann.command_on(NAME, ben, in_=square, of=application)).text == "to Ben"
