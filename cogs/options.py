"""The options of a command that sets something, from what is known of each setting."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

import discord
from discord import app_commands

from governance.options import About, Kind

_TYPES: Mapping[Kind, Any] = {
    Kind.CHANNEL: discord.TextChannel,
    Kind.ROLE: discord.Role,
    Kind.FLAG: bool,
}
"""What Discord lets people type; the other kinds are text, which the rules read."""


def command(
    name: str,
    description: str,
    run: Callable[[Any, dict[str, Any]], Awaitable[None]],
    about: Mapping[str, About],
    named: Mapping[str, str] = MappingProxyType({}),
) -> app_commands.Command[Any, Any, None]:
    """A command with an option for each setting, after the texts that are `named` in any case.

    `run` gets what was typed, by the names of the options.
    """

    async def callback(interaction: Any, **options: Any) -> None:
        await run(interaction, {n: v for n, v in options.items() if v is not None})

    parameters = [
        inspect.Parameter("interaction", inspect.Parameter.POSITIONAL_OR_KEYWORD),
        *(inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY, annotation=str) for n in named),
        *(
            inspect.Parameter(
                n, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=_type(each) | None
            )
            for n, each in about.items()
        ),
    ]
    callback.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    described = app_commands.describe(**named, **{n: each.help for n, each in about.items()})
    chosen = app_commands.choices(
        **{
            n: [app_commands.Choice(name=words, value=value) for value, words in each.among.items()]
            for n, each in about.items()
            if each.among and each.kind is Kind.CHOICE
        }
    )
    made: app_commands.Command[Any, Any, None] = app_commands.Command(
        name=name,
        description=description,
        callback=chosen(described(callback)),  # type: ignore[arg-type]  # its signature is set
    )
    made.guild_only = True
    made.default_permissions = discord.Permissions(manage_guild=True)
    return made


def _type(about: About) -> Any:
    if about.kind is Kind.COUNT:
        return app_commands.Range[int, about.least, about.most]
    return _TYPES.get(about.kind, str)


def value(guild: discord.Guild, given: Any) -> Any:
    """What a setting holds: ids for channels and roles, None for the role that everyone has."""
    if isinstance(given, discord.Role):
        return None if given == guild.default_role else given.id
    return given.id if isinstance(given, discord.TextChannel) else given
