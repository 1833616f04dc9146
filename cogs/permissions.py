"""What the bot needs to be allowed, and where."""

from collections.abc import Mapping
from typing import Any

import discord

from governance.errors import Refusal
from governance.options import About, Kind

PROPOSALS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    embed_links=True,
    read_message_history=True,
    create_public_threads=True,
    send_messages_in_threads=True,
)
RESULTS = discord.Permissions(
    view_channel=True, manage_webhooks=True, read_message_history=True, send_messages=True
)
MODERATORS = discord.Permissions(view_channel=True, send_messages=True, read_message_history=True)
CHANNELS = {
    "proposals_channel": PROPOSALS,
    "results_channel": RESULTS,
    "moderators_channel": MODERATORS,
}
"""What is needed in the channel that a setting names."""
INVITATION = PROPOSALS | RESULTS
"""What a server grants when it invites the bot: all of it, and nothing else."""


def require_allowed(given: Mapping[str, object]) -> None:
    """Refuse channels, by the setting that names each, in which the bot can't do what it has to."""
    problems = [
        problem
        for name, needed in CHANNELS.items()
        if isinstance(channel := given.get(name), discord.TextChannel)
        and (problem := complaint(channel, needed))
    ]
    if problems:
        raise Refusal(
            f"{' '.join(problems)} Allow that in the channel's settings, then repeat the "
            "command; nothing has been changed."
        )


def problems_with(
    guild: discord.Guild, values: Mapping[str, Any], about: Mapping[str, About], mend: str
) -> list[str]:
    """Sentences about channels and roles that are gone or forbidden; `mend` sets them anew."""
    found = []
    for name, value in values.items():
        match about[name].kind:
            case Kind.CHANNEL if value:
                channel = guild.get_channel(value)
                if channel is None:
                    found.append(f"The {name} is gone. Choose another: {mend} {name}:")
                elif problem := complaint(channel, CHANNELS[name]):
                    found.append(problem)
            case Kind.ROLE if value and guild.get_role(value) is None:
                found.append(f"The {name} was deleted, so nobody has it: {mend} {name}:")
    return found


def complaint(channel: discord.abc.GuildChannel, needed: discord.Permissions) -> str | None:
    """A sentence that says which permissions are missing where; None where none is."""
    missing = lacking(channel, needed, channel.guild.me)
    if not missing:
        return None
    return f"In {channel.mention} I'm missing: {', '.join(f'**{name}**' for name in missing)}."


def lacking(
    channel: discord.abc.GuildChannel, needed: discord.Permissions, me: discord.Member
) -> list[str]:
    """The permissions that `me` is missing in a channel, by the names that Discord shows."""
    has = channel.permissions_for(me)
    missing = [_shown(name) for name, wanted in needed if wanted and not getattr(has, name)]
    if missing and not has.view_channel:
        return [_shown("view_channel")]  # without it the others are denied too
    return missing


def _shown(name: str) -> str:
    """The name that Discord shows for a permission."""
    if name in ("read_messages", "view_channel"):
        return "View Channel"
    return name.replace("_", " ").title().replace(" In ", " in ")
