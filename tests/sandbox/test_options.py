"""What a subcommand in a group takes, and what the bot is told while it is being typed."""

from typing import Any

import discord
import pytest
from discord import app_commands

from sandbox.discord import Channel, NotOffered, Person, Server
from tests.sandbox.client import Bot, Start

Range = app_commands.Range


class Electorate:
    """/power delegate set, and all that the bot is told."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.typing: list[app_commands.Namespace] = []

    def prepare(self, bot: Bot) -> None:
        power = app_commands.Group(name="power", description="Power")
        delegate = app_commands.Group(name="delegate", description="Delegation", parent=power)
        bot.tree.add_command(power)

        @bot.event
        async def on_interaction(interaction: discord.Interaction) -> None:
            self.told.append(dict(interaction.data or {}))

        @delegate.command(name="set", description="Set it")
        @app_commands.choices(scope=[app_commands.Choice(name="All of it", value="all")])
        async def set_(
            interaction: discord.Interaction,
            to: discord.User,
            topic: str = "",
            scope: str = "",
            votes: Range[int, 1, 10] = 1,
            share: Range[float, 0.0, 1.0] = 1.0,
            lasting: bool = False,
            place: discord.TextChannel | None = None,
            role: discord.Role | None = None,
        ) -> None:
            named = [thing.name if thing else None for thing in (to, place, role)]
            kind = type(to).__name__
            await interaction.response.send_message(
                f"{kind} {named} {topic} {scope} {votes} {share} {lasting}"
            )

        @set_.autocomplete("topic")
        async def topics(
            interaction: discord.Interaction, typed: str
        ) -> list[app_commands.Choice[str]]:
            self.typing.append(interaction.namespace)
            return [app_commands.Choice(name=f"{typed}nts", value="grants")]


SET = "power delegate set"


@pytest.fixture(autouse=True)
async def electorate(start: Start, square: Channel) -> Electorate:
    electorate = Electorate()
    await start(electorate.prepare)
    return electorate


@pytest.fixture
def ben(hamlet: Server) -> Person:
    return hamlet.join("Ben")


async def test_a_subcommand_in_a_group_takes_options_of_all_kinds(
    ann: Person, ben: Person, square: Channel, hamlet: Server, electorate: Electorate
) -> None:
    role = hamlet.add_role("Elder")
    answer = await ann.command(
        SET,
        in_=square,
        to=ben,
        topic="grants",
        scope="All of it",
        votes=3,
        share=0.5,
        lasting=True,
        place=square,
        role=role,
    )
    assert answer.text == "Member ['ben', 'square', 'Elder'] grants all 3 0.5 True"
    (data,) = electorate.told
    (group,) = data["options"]
    (command,) = group["options"]
    assert [(group["type"], group["name"]), (command["type"], command["name"])] == [
        (2, "delegate"),
        (1, "set"),
    ]
    assert command["options"][0] == {"type": 6, "name": "to", "value": str(ben.id)}
    assert data["resolved"]["users"].keys() == data["resolved"]["members"].keys() == {str(ben.id)}


async def test_somebody_who_left_can_still_be_named(
    ann: Person, ben: Person, square: Channel, electorate: Electorate
) -> None:
    ben.leave()
    answer = await ann.command(SET, in_=square, to=ben)
    assert answer.text.startswith("User ['ben',")
    assert "members" not in electorate.told[0]["resolved"]


async def test_a_mentioned_role_in_a_text_stays_text(
    ann: Person, ben: Person, square: Channel, hamlet: Server, electorate: Electorate
) -> None:
    role = hamlet.add_role("Elder")
    answer = await ann.command(SET, in_=square, to=ben, topic=role.mention)
    assert f"<@&{role.id}>" in answer.text
    assert "roles" not in electorate.told[0]["resolved"]


@pytest.mark.parametrize(
    "options",
    [
        {"votes": 0},
        {"votes": 11},
        {"votes": 1.5},
        {"share": 1.01},
        {"share": -0.01},
        {"lasting": "yes"},
        {"scope": "Some of it"},
    ],
)
async def test_the_client_does_not_send_what_does_not_fit(
    ann: Person, ben: Person, square: Channel, options: dict[str, Any]
) -> None:
    with pytest.raises(NotOffered):
        await ann.command(SET, in_=square, to=ben, **options)


async def test_a_channel_must_be_of_the_kind_that_is_asked_for(
    ann: Person, ben: Person, square: Channel
) -> None:
    card = await ann.command(SET, in_=square, to=ben)
    thread = ann._stage.world.add_thread(square, ann.user, "talk", starter=card)
    with pytest.raises(NotOffered, match="place takes no channel like #talk"):
        await ann.command(SET, in_=square, to=ben, place=thread)


async def test_what_was_filled_in_is_told_while_typing_and_not_what_it_stands_for(
    ann: Person, ben: Person, square: Channel, electorate: Electorate
) -> None:
    suggested = await ann.suggest(
        SET, "topic", "Gra", in_=square, to=ben, scope="All of it", votes=99
    )
    assert suggested == [("Grants", "grants")]
    (data,) = electorate.told
    assert "resolved" not in data
    assert data["options"][0]["options"][0]["options"] == [
        {"type": 6, "name": "to", "value": str(ben.id)},
        {"type": 3, "name": "scope", "value": "all"},
        {"type": 4, "name": "votes", "value": 99},
        {"type": 3, "name": "topic", "value": "Gra", "focused": True},
    ]
    (typing,) = electorate.typing
    assert (typing.to.id, typing.votes) == (ben.id, 99)


async def test_only_options_that_there_are_are_filled_in(ann: Person, square: Channel) -> None:
    with pytest.raises(NotOffered, match="has no option 'whom'"):
        await ann.suggest(SET, "topic", "Gra", in_=square, whom=ann)
