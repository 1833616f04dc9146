"""`/space`: parts of a server that decide for themselves, in a tree."""

from collections.abc import Mapping, Sequence
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs import answers, controls, limits, options
from cogs.answers import Interaction, guild_of, server_of
from cogs.markdown import escaped
from cogs.members import member_of
from cogs.permissions import require_allowed
from cogs.webhooks import Webhooks
from governance.errors import Refusal
from governance.options import About, Kind, from_stored, spoken_value
from governance.spaces import NONE, SETTINGS, Space, setting_names, tree
from services import Services
from services.spaces import Ground, Wanted

_WHOLE = "The whole server"
_PARENT = About(Kind.WORDS, "The space above it; “none” for the server itself")
_RESERVE = About(
    Kind.WORDS, "Settings that spaces below can't set, such as quorum, types; none for none"
)
_INHERIT = About(Kind.WORDS, "Settings to take from above again, such as quorum, voting_role")
_UNDO = About(Kind.FLAG, "Open it again after it was archived")


class Spaces(commands.Cog):
    def __init__(
        self,
        client: commands.Bot,
        services: Services,
        webhooks: Webhooks,
        route: controls.Controls,
    ) -> None:
        self._client = client
        self._services = services
        self._webhooks = webhooks
        route.on("spaces", 1, self._press_page)

    async def cog_load(self) -> None:
        group = app_commands.Group(
            name="space",
            description="Parts of this server that decide for themselves",
            guild_only=True,
        )
        made = options.command(
            "create",
            "Make a space: what it doesn't set, it inherits from above",
            self._create,
            {"parent": _PARENT, **SETTINGS, "reserve": _RESERVE},
            {"name": "What members call it, such as Gardens or Works"},
        )
        changed = options.command(
            "edit",
            "Change a space, for proposals that are submitted from now on",
            self._edit,
            {
                "name": About(Kind.WORDS, "Its new name"),
                "parent": _PARENT,
                **SETTINGS,
                "reserve": _RESERVE,
                "inherit": _INHERIT,
            },
            {"space": "Which space"},
        )
        archived = options.command(
            "archive",
            "Let nothing new be decided in a space; what is open goes on",
            self._archive,
            {"undo": _UNDO},
            {"space": "Which space"},
        )
        for command in (changed, archived):
            command.autocomplete("space")(self._suggest)
        for command in (made, changed):
            command.autocomplete("parent")(self._suggest_parent)
        listed = options.command(
            "list", "See the spaces of this server, and what each sets itself", self._list, {}
        )
        for command in (made, changed, archived, listed):
            group.add_command(command)
        self._client.tree.add_command(group)

    async def _suggest(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        archived = interaction.command is not None and interaction.command.name == "archive"
        undo = archived and bool(getattr(interaction.namespace, "undo", False))
        return await suggestions(self._services, interaction, typed, archived=undo)

    async def _suggest_parent(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return await suggestions(self._services, interaction, typed, whole=_WHOLE)

    async def _create(self, interaction: Interaction, given: dict[str, Any]) -> None:
        await self._save(interaction, None, given)

    async def _edit(self, interaction: Interaction, given: dict[str, Any]) -> None:
        await self._save(interaction, given.pop("space"), given)

    async def _save(
        self, interaction: Interaction, typed: str | None, given: dict[str, Any]
    ) -> None:
        guild_id, member, guild = (
            server_of(interaction),
            member_of(interaction),
            guild_of(interaction),
        )
        await answers.wait(interaction)
        reserve, inherit = given.pop("reserve", None), given.pop("inherit", "")
        wanted = Wanted(
            name=given.pop("name", None),
            parent=given.pop("parent", None),
            reserved=None if reserve is None else setting_names(reserve, types=True),
            inherit=setting_names(inherit) if inherit else (),
            changes={name: options.value(guild, each) for name, each in given.items()},
        )
        async with self._webhooks.changing(guild_id):
            become, settings = await self._services.spaces.wanted(guild_id, member, typed, wanted)
            if settings.missing:
                raise Refusal(
                    f"Nothing could be proposed there: {' and '.join(settings.missing)} must be "
                    "set, for this space or above it."
                )
            require_allowed(given)
            results = become.changes.get("results_channel")
            async with self._webhooks.moving(guild, become.id or None, results) as webhook_id:
                saved = await self._services.spaces.save(
                    guild_id, member, typed, wanted, webhook_id
                )
        ground = await self._services.spaces.ground(guild_id)
        said = (
            f"The space “{escaped(saved.name)}” is "
            f"{'there' if typed is None else 'changed'}. Members propose in it with "
            f"/propose space:{escaped(saved.name)}"
        )
        own = " or in its channel" if saved.changes.get("proposals_channel") else ""
        await answers.reply(interaction, f"{said}{own}.", embed=_settings(saved, ground))

    async def _archive(self, interaction: Interaction, given: dict[str, Any]) -> None:
        undo = given.get("undo", False)
        space = await answers.in_time(
            interaction,
            self._services.spaces.archive(
                server_of(interaction), member_of(interaction), given["space"], undo=undo
            ),
        )
        said = f"The space “{escaped(space.name)}” is {'open again' if undo else 'archived'}."
        if not undo:
            said += (
                " Nothing new is proposed in it; what is open goes on. /space archive undo:True "
                "opens it again."
            )
        await answers.reply(interaction, said)

    async def _list(self, interaction: Interaction, _: dict[str, Any]) -> None:
        await self._show_page(interaction, 0)

    async def _press_page(self, interaction: Interaction, numbers: list[int]) -> None:
        await self._show_page(interaction, numbers[0])

    async def _show_page(self, interaction: Interaction, page: int) -> None:
        ground = await answers.in_time(
            interaction, self._services.spaces.ground(server_of(interaction))
        )
        pages = _pages([_line(depth, each, ground) for depth, each in tree(ground.spaces.values())])
        if not pages:
            await answers.reply(
                interaction, "This server has no spaces. A moderator makes one with /space create."
            )
            return
        page = min(page, len(pages) - 1)
        embed = discord.Embed(title="Spaces", description=pages[page])
        view = controls.paging("spaces", page, more=page + 1 < len(pages), labels=controls.IN_ORDER)
        await answers.reply(interaction, embed=embed, view=view)


async def suggestions(
    services: Services,
    interaction: Interaction,
    typed: str,
    *,
    whole: str = "",
    archived: bool = False,
) -> list[app_commands.Choice[str]]:
    """Spaces whose names fit what was typed, after the server itself under the name `whole`."""
    if interaction.guild_id is None:
        return []
    ground = await services.spaces.ground(interaction.guild_id)
    found = [space for _, space in tree(ground.spaces.values())]
    if archived:
        found = [space for space in ground.spaces.values() if space.archived_at]
    named = [(whole, NONE)] if whole else []
    named += [(space.name, space.name) for space in found]
    wanted = typed.strip().casefold()
    fitting = [pair for pair in named if wanted in pair[0].casefold()]
    return [
        app_commands.Choice(name=name, value=value) for name, value in fitting[: limits.OPTIONS]
    ]


def _line(depth: int, space: Space, ground: Ground) -> str:
    """A space in the tree with what it sets itself: what is reserved above it doesn't count."""
    above = ground.settings(space.parent_id).reserved
    own = [
        f"{name} {said}" + " (reserved above, so without effect)" * (name in above)
        for name, said in _spoken(from_stored(space.changes, SETTINGS)).items()
    ]
    if space.reserved:
        own.append(f"reserves {', '.join(space.reserved)}")
    indent = "  " * depth
    return f"{indent}- **{escaped(space.name)}**: {' · '.join(own) or 'inherits everything'}"


def _pages(lines: Sequence[str]) -> list[str]:
    """As many lines on each as it holds."""
    pages = list[str]()
    for line in lines:
        if pages and len(pages[-1]) + 1 + len(line) <= limits.DESCRIPTION:
            pages[-1] += f"\n{line}"
        else:
            pages.append(line)
    return pages


def _spoken(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: spoken_value(value, SETTINGS[name]) for name, value in values.items()}


def _settings(space: Space, ground: Ground) -> discord.Embed:
    """All that applies in a space, and whence."""
    settings = ground.settings(space.id)
    values = _spoken({name: getattr(settings, name) for name in SETTINGS})
    lines = [
        f"**{name}**: {said}" + " (inherited)" * (ground.source(space.id, name) != space.id)
        for name, said in values.items()
    ]
    lines.append(f"**reserved**: {', '.join(space.reserved) or 'none'}")
    return discord.Embed(title=f"Space “{escaped(space.name)}”", description="\n".join(lines))
