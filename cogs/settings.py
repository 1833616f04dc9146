"""`/setup`: where proposals and results go, who votes and proposes, quorum and periods."""

import asyncio
import inspect
from contextlib import suppress
from datetime import timedelta
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs import answers
from cogs.answers import Interaction, server_of
from cogs.permissions import CHANNELS, RESULTS, complaint
from cogs.webhooks import Webhooks
from governance.errors import NotAllowed, Refusal, Unavailable
from governance.settings import ABOUT, Kind, Settings, spoken
from services import Services

_TYPES: dict[Kind, Any] = {
    Kind.CHANNEL: discord.TextChannel,
    Kind.ROLE: discord.Role,
    Kind.COUNT: app_commands.Range,
    Kind.DURATION: str,
}


class ServerSettings(commands.Cog):
    def __init__(self, client: commands.Bot, services: Services, webhooks: Webhooks) -> None:
        self._client = client
        self._services = services
        self._webhooks = webhooks
        self._changing: dict[int, asyncio.Lock] = {}

    async def cog_load(self) -> None:
        self._client.tree.add_command(_command(self._change))

    async def _change(self, interaction: Interaction, options: dict[str, Any]) -> None:
        guild_id = server_of(interaction)
        if not interaction.permissions.manage_guild:
            raise NotAllowed("Only members with the permission Manage Server can set Folkmoot up.")
        if interaction.guild is None or interaction.guild.unavailable:
            raise Unavailable("Discord hasn't shown this server yet, or shows it no more")
        await answers.wait(interaction)
        if options:
            # Two at once would make two webhooks.
            async with self._changing.setdefault(guild_id, asyncio.Lock()):
                await self._apply(interaction.guild, options)
        settings = await self._services.settings.get(guild_id)
        await answers.reply(interaction, await self._report(interaction.guild, settings))

    async def _apply(self, guild: discord.Guild, options: dict[str, Any]) -> None:
        changes = {name: _value(guild, given) for name, given in options.items()}
        present, webhook_id = await self._services.settings.with_webhook(guild.id)
        wanted = present.with_changes(changes)
        problems = [
            problem
            for name, needed in CHANNELS.items()
            if name in options and (problem := complaint(options[name], needed))
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
        lines = [f"**{name}**: {_shown(settings, name)}" for name in ABOUT]
        lines += ["", *await self._problems(guild, settings)]
        if settings.missing:
            options = " ".join(f"{name}:" for name in settings.missing)
            lines.append(f"Still needed before anyone can propose: /setup {options}")
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


def _command(change: Any) -> app_commands.Command[Any, Any, None]:
    """`/setup`, with an option for each setting."""

    async def setup(interaction: Any, **options: Any) -> None:
        await change(interaction, {n: v for n, v in options.items() if v is not None})

    parameters = [inspect.Parameter("interaction", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    for name, about in ABOUT.items():
        kind = _TYPES[about.kind]
        if about.kind is Kind.COUNT:
            kind = app_commands.Range[int, about.least, about.most]
        parameters.append(
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind | None
            )
        )
    setup.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    described = app_commands.describe(**{name: about.help for name, about in ABOUT.items()})(setup)
    command: app_commands.Command[Any, Any, None] = app_commands.Command(
        name="setup",
        description="Set Folkmoot up, or see how it is set up",
        callback=described,  # type: ignore[arg-type]  # its signature was set above
    )
    command.guild_only = True
    command.default_permissions = discord.Permissions(manage_guild=True)
    return command


def _value(guild: discord.Guild, given: Any) -> Any:
    """A setting's value: ids for channels and roles, None for the role that everyone has."""
    if isinstance(given, discord.Role):
        return None if given == guild.default_role else given.id
    return given.id if isinstance(given, discord.TextChannel) else given


def _shown(settings: Settings, name: str) -> str:
    value = getattr(settings, name)
    match ABOUT[name].kind:
        case Kind.CHANNEL:
            return f"<#{value}>" if value else "not chosen yet"
        case Kind.ROLE:
            return f"<@&{value}>" if value else "everyone"
        case Kind.DURATION if isinstance(value, timedelta):
            return spoken(value)
        case _:
            return f"{value:,}" if value else "none"
