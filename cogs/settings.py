"""`/setup`: where proposals and results go, who votes and proposes, quorum and periods."""

from typing import Any

import discord
from discord.ext import commands

from cogs import answers, limits, options
from cogs.answers import Interaction, guild_of, server_of
from cogs.markdown import escaped, fitting
from cogs.permissions import problems_with, require_allowed
from cogs.webhooks import Webhooks
from governance.errors import NotAllowed
from governance.options import from_stored, spoken_value
from governance.settings import ABOUT, Settings
from governance.spaces import SETTINGS, tree
from services import Services

_OWN = {name: about for name, about in ABOUT.items() if not about.group}
"""What this command sets; others have a command of their own."""


class ServerSettings(commands.Cog):
    def __init__(self, client: commands.Bot, services: Services, webhooks: Webhooks) -> None:
        self._client = client
        self._services = services
        self._webhooks = webhooks

    async def cog_load(self) -> None:
        self._client.tree.add_command(
            options.command("setup", "Set Folkmoot up, or see how it is set up", self._change, _OWN)
        )

    async def _change(self, interaction: Interaction, given: dict[str, Any]) -> None:
        guild_id = server_of(interaction)
        if not interaction.permissions.manage_guild:
            raise NotAllowed("Only members with the permission Manage Server can set Folkmoot up.")
        guild = guild_of(interaction)
        await answers.wait(interaction)
        if given:
            async with self._webhooks.changing(guild_id):
                await self._apply(guild, given)
        settings = await self._services.settings.get(guild_id)
        report = await self._report(guild, settings)
        embed = discord.Embed(title="Folkmoot in this server", description=report)
        await answers.reply(interaction, embed=embed)

    async def _apply(self, guild: discord.Guild, given: dict[str, Any]) -> None:
        changes = {name: options.value(guild, each) for name, each in given.items()}
        present = await self._services.settings.get(guild.id)
        wanted = present.with_changes(changes)
        require_allowed(given)
        moving = self._webhooks.moving(guild, 0, wanted.results_channel)
        async with moving as webhook_id:
            await self._services.settings.change(guild.id, changes, webhook_id)

    async def _report(self, guild: discord.Guild, settings: Settings) -> str:
        lines = [
            f"**{name}**: {spoken_value(getattr(settings, name), about)}"
            for name, about in _OWN.items()
        ]
        lines.append("")
        if settings.missing:
            needed = " ".join(f"{name}:" for name in settings.missing)
            lines.append(f"Still needed before anyone can propose: /setup {needed}")
        problems = await self._problems(guild, settings)
        if not (problems or settings.missing):
            lines.append("All set: members can use /propose.")
        return "\n".join(fitting([*lines, *problems], limits.DESCRIPTION))

    async def _problems(self, guild: discord.Guild, settings: Settings) -> list[str]:
        values = {name: getattr(settings, name) for name in ABOUT}
        found = problems_with(guild, values, ABOUT, "/setup")
        ground = await self._services.spaces.ground(guild.id)
        for _, space in tree(ground.spaces.values()):
            own = {
                n: v
                for n, v in from_stored(space.changes, SETTINGS).items()
                if n not in ground.settings(space.parent_id).reserved
            }
            mend = f"/space edit space:{escaped(space.name)}"
            found += [
                f"In the space “{escaped(space.name)}”: {problem}"
                for problem in problems_with(guild, own, SETTINGS, mend)
            ]
        found = [f"⚠️ {problem}" for problem in found]
        waiting = await self._services.outbox.waiting(guild.id)
        stuck = {each.problem for each in waiting if each.problem}
        found += [f"⚠️ Waiting to be posted: {problem}" for problem in sorted(stuck)]
        return found
