"""`/setup`: where proposals and results go, who votes and proposes, quorum and periods."""

import asyncio
from contextlib import suppress
from typing import Any

import discord
from discord.ext import commands

from cogs import answers, options
from cogs.answers import Interaction, server_of
from cogs.permissions import CHANNELS, RESULTS, complaint
from cogs.webhooks import Webhooks
from governance.errors import NotAllowed, Refusal, Unavailable
from governance.options import Kind, spoken_value
from governance.settings import ABOUT, Settings
from services import Services


class ServerSettings(commands.Cog):
    def __init__(self, client: commands.Bot, services: Services, webhooks: Webhooks) -> None:
        self._client = client
        self._services = services
        self._webhooks = webhooks
        self._changing: dict[int, asyncio.Lock] = {}

    async def cog_load(self) -> None:
        self._client.tree.add_command(
            options.command(
                "setup", "Set Folkmoot up, or see how it is set up", self._change, ABOUT
            )
        )

    async def _change(self, interaction: Interaction, given: dict[str, Any]) -> None:
        guild_id = server_of(interaction)
        if not interaction.permissions.manage_guild:
            raise NotAllowed("Only members with the permission Manage Server can set Folkmoot up.")
        if interaction.guild is None or interaction.guild.unavailable:
            raise Unavailable("Discord hasn't shown this server yet, or shows it no more")
        await answers.wait(interaction)
        if given:
            # Two at once would make two webhooks.
            async with self._changing.setdefault(guild_id, asyncio.Lock()):
                await self._apply(interaction.guild, given)
        settings = await self._services.settings.get(guild_id)
        await answers.reply(interaction, await self._report(interaction.guild, settings))

    async def _apply(self, guild: discord.Guild, given: dict[str, Any]) -> None:
        changes = {name: options.value(guild, each) for name, each in given.items()}
        present, webhook_id = await self._services.settings.with_webhook(guild.id)
        wanted = present.with_changes(changes)
        problems = [
            problem
            for name, needed in CHANNELS.items()
            if name in given and (problem := complaint(given[name], needed))
        ]
        if problems:
            raise Refusal(
                f"{' '.join(problems)} Allow that in the channel's settings, then repeat the "
                "command; nothing has been changed."
            )
        old, new = None, None
        if wanted.results_channel:
            with suppress(discord.Forbidden):
                old = await self._webhooks.existing(guild.id)
            if old is None or old.channel_id != wanted.results_channel:
                channel = guild.get_channel(wanted.results_channel)
                if isinstance(channel, discord.TextChannel) and not complaint(channel, RESULTS):
                    new = await self._webhooks.in_channel(channel)
        try:
            if new and old:
                # Before it is forgotten: a command that breaks off here is repeated.
                with suppress(discord.NotFound, discord.Forbidden):
                    await old.delete(reason="Results are posted in another channel now")
            await self._services.settings.change(guild.id, changes, new.id if new else webhook_id)
        except BaseException:
            if new:
                await new.delete()
            raise
        if new:
            self._webhooks.forget(guild.id)

    async def _report(self, guild: discord.Guild, settings: Settings) -> str:
        lines = [
            f"**{name}**: {spoken_value(getattr(settings, name), about)}"
            for name, about in ABOUT.items()
        ]
        lines += ["", *await self._problems(guild, settings)]
        if settings.missing:
            needed = " ".join(f"{name}:" for name in settings.missing)
            lines.append(f"Still needed before anyone can propose: /setup {needed}")
        elif not lines[-1]:
            lines.append("All set: members can use /propose.")
        return "\n".join(lines)

    async def _problems(self, guild: discord.Guild, settings: Settings) -> list[str]:
        found = []
        for name, needed in CHANNELS.items():
            channel_id = getattr(settings, name)
            channel = guild.get_channel(channel_id) if channel_id else None
            if channel_id and channel is None:
                found.append(f"⚠️ The {name} is gone. Choose another: /setup {name}:")
            elif channel and (problem := complaint(channel, needed)):
                found.append(f"⚠️ {problem}")
        for name, about in ABOUT.items():
            role_id = getattr(settings, name)
            if about.kind is Kind.ROLE and role_id and guild.get_role(role_id) is None:
                found.append(f"⚠️ The {name} was deleted, so nobody has it: /setup {name}:")
        waiting = await self._services.outbox.waiting(guild.id)
        stuck = {each.problem for each in waiting if each.problem}
        found += [f"⚠️ Waiting to be posted: {problem}" for problem in sorted(stuck)]
        return found
