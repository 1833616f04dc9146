"""What the bot needs to be allowed, and where."""

import discord

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
CHANNELS = {"proposals_channel": PROPOSALS, "results_channel": RESULTS}
"""What is needed in the channel that a setting names."""
INVITATION = PROPOSALS | RESULTS
"""What a server grants when it invites the bot: all of it, and nothing else."""


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
