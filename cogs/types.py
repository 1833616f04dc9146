"""`/type`: a server's own kinds of decision, each with its rules and its form."""

import zlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs import answers, controls, forms, limits, options, spaces
from cogs.answers import Interaction, guild_of, server_of
from cogs.markdown import beginning, escaped
from cogs.members import member_of
from governance.consistency import without_meaning
from governance.errors import NotAllowed, NotFound, Refusal, Unavailable
from governance.options import About, Kind, spoken_value
from governance.rules import RULES, Rules
from governance.settings import ABOUT
from governance.spaces import Space
from governance.strategies import writing
from governance.strategies.strategy import Part
from governance.types import STANDARD, ProposalType
from governance.voting import SYSTEMS, quadratic, quadratic_funding
from services import Services

Census = Callable[[int, int | None], Awaitable[int]]

_GROUPS = {
    "voting": ("voting", "Change how members vote on a type of proposals"),
    "conviction": ("conviction", "Change the funds and the threshold of a conviction vote"),
    "quorum": ("quorum", "Change the quorum and the threshold of a type of proposals"),
    "power": ("power", "Change whose vote weighs how much, and whether delegations count"),
    "time": ("time", "Change the periods of a type of proposals"),
    "who": ("proposing", "Change who proposes and votes on a type of proposals"),
}
"""The commands that change rules: which group of rules each changes, and its description."""
_WHICH = {"type": "Which type of proposals"}
_SPACE = About(Kind.WORDS, "The space it is for, with those below it; for all if you don't say")
_COUNTED_PER_MEMBER = (quadratic.NAME, quadratic_funding.NAME)


class Types(commands.Cog):
    def __init__(
        self, client: commands.Bot, services: Services, route: controls.Controls, census: Census
    ) -> None:
        self._client = client
        self._services = services
        self._census = census
        route.on("type-form", 1, self._submit_form)
        route.on("again-type-form", 1, self._press_again)

    async def cog_load(self) -> None:
        group = app_commands.Group(
            name="type",
            description="The types of proposals that this server has",
            guild_only=True,
            default_permissions=discord.Permissions(manage_guild=True),
        )
        create = options.command(
            "create",
            "Make a new type of proposals, with its way to vote",
            self._create,
            _rules("voting") | _rules("conviction") | {"space": _SPACE},
            {"name": "What members call it, such as Budget or Election"},
        )
        create.autocomplete("space")(self._suggest_spaces)
        group.add_command(create)
        named = [
            options.command(name, description, self._change, _rules(rules), _WHICH)
            for name, (rules, description) in _GROUPS.items()
        ]
        for name, description, run in (
            ("form", "Set the template and the questions of a type of proposals", self._open_form),
            ("show", "See the rules and the form of a type of proposals", self._show),
            ("remove", "Remove a type; its proposals keep their rules", self._remove),
        ):
            named.append(options.command(name, description, run, {}, _WHICH))
        for command in named:
            command.autocomplete("type")(self._suggest)
            group.add_command(command)
        group.add_command(
            options.command("list", "See the types of proposals of this server", self._list, {})
        )
        self._client.tree.add_command(group)

    async def _suggest(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        if interaction.guild_id is None:
            return []
        return fitting(typed, await self._services.types.all(interaction.guild_id))

    async def _suggest_spaces(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return await spaces.suggestions(self._services, interaction, typed)

    async def _create(self, interaction: Interaction, given: dict[str, Any]) -> None:
        name, space = given.pop("name"), given.pop("space", "")
        changes = _changes(interaction, given)
        made = await answers.in_time(
            interaction,
            self._services.types.create(
                server_of(interaction), member_of(interaction), name, changes, space
            ),
        )
        said = (
            f"Members can now use /propose type:{escaped(made.name)}. Give it more rules with "
            f"{', '.join(f'/type {each}' for each in _GROUPS)}, and questions with /type form."
        )
        await self._report(interaction, made, said, changes)

    async def _change(self, interaction: Interaction, given: dict[str, Any]) -> None:
        name, changes = given.pop("type"), _changes(interaction, given)
        changed = await answers.in_time(
            interaction,
            self._services.types.change(
                server_of(interaction), member_of(interaction), name, changes
            ),
        )
        said = "Changed, for proposals that are submitted from now on." if changes else ""
        await self._report(interaction, changed, said, changes)

    async def _show(self, interaction: Interaction, given: dict[str, Any]) -> None:
        _require_moderator(interaction)
        known, _ = await answers.in_time(
            interaction, self._services.types.find(server_of(interaction), given["type"])
        )
        await self._report(interaction, known)

    async def _list(self, interaction: Interaction, _: dict[str, Any]) -> None:
        _require_moderator(interaction)
        known = await answers.in_time(interaction, self._services.types.all(server_of(interaction)))
        ground = await answers.in_time(
            interaction, self._services.spaces.ground(server_of(interaction))
        )
        lines = [_line(each, ground.spaces.get(each.space_id)) for each in known]
        embed = discord.Embed(title="Types of proposals", description="\n".join(lines))
        await answers.reply(interaction, embed=embed)

    async def _remove(self, interaction: Interaction, given: dict[str, Any]) -> None:
        removed = await answers.in_time(
            interaction,
            self._services.types.remove(
                server_of(interaction), member_of(interaction), given["type"]
            ),
        )
        said = (
            f"The type “{escaped(removed.name)}” is removed. Proposals that were made with it "
            "keep their rules; drafts of it can't be submitted."
        )
        if removed.name == STANDARD.name:
            said = (
                f"The type “{STANDARD.name}” has no rules and no form of its own any more: it "
                "follows /setup again. Proposals that were made with it keep their rules."
            )
        await answers.reply(interaction, said)

    async def _open_form(self, interaction: Interaction, given: dict[str, Any]) -> None:
        _require_moderator(interaction)
        known, _ = await answers.soon(
            interaction, self._services.types.find(server_of(interaction), given["type"])
        )
        questions = "\n".join(f.label + "?" * (not f.required) for f in known.fields)
        values = {"template": known.template, "questions": questions}
        await interaction.response.send_modal(_form(known, values))

    async def _submit_form(self, interaction: Interaction, numbers: list[int]) -> None:
        values = forms.filled(interaction)
        changed = await forms.taken(interaction, self._set_form(interaction, numbers[0], values))
        if changed:
            await self._report(interaction, changed, "The form is saved.")

    async def _set_form(
        self, interaction: Interaction, number: int, values: dict[str, str]
    ) -> ProposalType:
        known = await self._with_key(interaction, number)
        return await self._services.types.set_form(
            server_of(interaction),
            member_of(interaction),
            known.name,
            values.get("template", ""),
            values.get("questions", ""),
        )

    async def _press_again(self, interaction: Interaction, numbers: list[int]) -> None:
        _, values = forms.given_back(interaction, "type-form")
        known = await answers.soon(interaction, self._with_key(interaction, numbers[0]))
        await interaction.response.send_modal(_form(known, values))

    async def _with_key(self, interaction: Interaction, number: int) -> ProposalType:
        known = await with_key(self._services, server_of(interaction), number)
        if known is None:
            raise NotFound("This type was removed meanwhile. Make it again with /type create.")
        return known

    async def _report(
        self,
        interaction: Interaction,
        known: ProposalType,
        said: str = "",
        changes: Iterable[str] = (),
    ) -> None:
        """Show a type, with what is to be known about what was changed."""
        guild_id = server_of(interaction)
        _, rules = await answers.in_time(
            interaction, self._services.types.find(guild_id, known.name)
        )
        lines = [said] if said else []
        if "system" in changes and rules.system in _COUNTED_PER_MEMBER:
            lines.append(
                f"⚠️ {SYSTEMS[rules.system].TITLE} favours many over few, so it is open to "
                "splitting one holder over many accounts. With one member, one vote, whoever has "
                "alternate accounts gains from them: let only a role vote whose members you know."
            )
        if interaction.guild and (gone := _gone(interaction.guild, rules)):
            lines.append(
                f"⚠️ A role was deleted that its {' and '.join(gone)} names, so nobody can propose "
                f"with this type: set it anew with /type power type:{escaped(known.name)}"
            )
        sized = (rules.quorum, rules.super_quorum, rules.second_quorum, rules.power_cap)
        if rules.delegation_cap or any(each.share for each in sized):
            lines.append(await answers.in_time(interaction, self._electorate(guild_id, rules)))
        embed = discord.Embed(
            title=f"Type “{escaped(known.name)}”",
            description=beginning(_described(rules), limits.DESCRIPTION),
        )
        if space := await self._services.spaces.name(guild_id, known.space_id):
            embed.add_field(name="Space", value=f"{escaped(space)} and those below", inline=False)
        if known.template:
            value = beginning(known.template, limits.FIELD)
            embed.add_field(name="Template", value=value, inline=False)
        if known.fields:
            questions = "\n".join(
                escaped(f.label) + " (optional)" * (not f.required) for f in known.fields
            )
            embed.add_field(name="Questions", value=questions, inline=False)
        await answers.reply(interaction, "\n".join(lines) or None, embed=embed)

    async def _electorate(self, guild_id: int, rules: Rules) -> str:
        if self._services.types.lists_members():
            return (
                "The electorate is recorded when voting starts. A share is one of all its power "
                "then."
            )
        try:
            members = await self._census(guild_id, rules.voting_role)
        except Unavailable:
            return (
                "⚠️ Discord doesn't tell me how large the electorate is, and while it doesn't, "
                "votes of this type can't open. Try again in a minute; if it stays so, allow me "
                "**Manage Roles**, or set a number of votes instead of a share."
            )
        return (
            f"The electorate has about {members:,} member{'s' * (members != 1)} now: Discord "
            "counts approximately, and bots among them. A share is one of all their power when "
            "voting starts."
        )


def key(known: ProposalType) -> int:
    """A number for the type in a custom_id, found again for as long as the type has its name."""
    return key_of(known.name)


def key_of(name: str) -> int:
    """A number that stands for a name in a custom_id."""
    return zlib.crc32(name.casefold().encode())


async def with_key(services: Services, guild_id: int, number: int) -> ProposalType | None:
    """The type that the number stands for; None where it was removed."""
    known = await services.types.all(guild_id)
    return next((each for each in known if key(each) == number), None)


def fitting(typed: str, known: Iterable[ProposalType]) -> list[app_commands.Choice[str]]:
    """Suggestions for an option that names a type."""
    return [
        app_commands.Choice(name=each.name, value=each.name)
        for each in known
        if typed.strip().casefold() in each.name.casefold()
    ]


def _rules(group: str) -> dict[str, About]:
    return {name: about for name, about in RULES.items() if about.group == group}


def _changes(interaction: Interaction, given: dict[str, Any]) -> dict[str, Any]:
    _require_moderator(interaction)
    guild = guild_of(interaction)
    changes = {name: options.value(guild, each) for name, each in given.items()}
    for name, each in changes.items():
        if RULES[name].kind is Kind.POWER:
            _require_roles(guild, name, writing.read(each))
    return changes


def _require_roles(guild: discord.Guild, name: str, parts: Sequence[Part]) -> None:
    """Refuse a power by roles that members can't have."""
    for role_id in writing.roles_named(parts):
        role = guild.get_role(role_id)
        if role is None:
            raise Refusal(
                f"{name} names the role <@&{role_id}>, which doesn't exist in this server (any "
                "more). Choose roles from the list that Discord shows after @."
            )
        if role.is_default():
            raise Refusal(f"{name} names @everyone. Write member for what every member has.")


def _gone(guild: discord.Guild, rules: Rules) -> list[str]:
    """The rules that give power to roles that were deleted."""
    return [
        name
        for name in ("power", "second_power")
        if any(guild.get_role(each) is None for each in writing.roles_named(getattr(rules, name)))
    ]


def require_usable(services: Services, interaction: Interaction, rules: Rules) -> None:
    """Refuse to propose by rules under which nobody could say who has which power."""
    services.types.require_known_electorate(rules)
    if writing.roles_named((*rules.power, *rules.second_power)) and _gone(
        guild_of(interaction), rules
    ):
        raise Refusal(
            "The voting power of this type names a role that was deleted. Ask a moderator to set "
            "it anew with /type power, then propose again."
        )


def _require_moderator(interaction: Interaction) -> None:
    if not interaction.permissions.manage_guild:
        raise NotAllowed("Only members with the permission Manage Server can change types.")


def _form(known: ProposalType, values: dict[str, str]) -> discord.ui.Modal:
    return forms.form(f"Form of {known.name}", "type-form", key(known), values=values)


def _line(known: ProposalType, space: Space | None) -> str:
    line = f"**{escaped(known.name)}** · {SYSTEMS[known.changes.get('system', 'basic')].TITLE}"
    if space:
        line += f" · in **{escaped(space.name)}**"
    asked = len(known.fields)
    return f"{line} · {asked} question{'s' * (asked > 1)}" if asked else line


def _described(rules: Rules) -> str:
    """What every vote of its system has, and in what else this type differs from the defaults."""
    system, defaults, ignored = SYSTEMS[rules.system], Rules(), without_meaning(rules.system)
    lines = [system.EXPLANATION, ""]
    for name, about in RULES.items():
        value = getattr(rules, name)
        if name in ignored:
            continue
        if name == "system" or name in ABOUT or value != getattr(defaults, name):
            lines.append(f"**{name}**: {spoken_value(value, about)}")
    return "\n".join(lines)
