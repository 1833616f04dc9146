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


def complaint(channel: discord.abc.GuildChannel, needed: discord.Permissions) -> str | None:
    """A sentence that says which permissions are missing where; None where none is."""
    has = channel.permissions_for(channel.guild.me)
    lacking = [_shown(name) for name, wanted in needed if wanted and not getattr(has, name)]
    if not lacking:
        return None
    if not has.view_channel:
        lacking = [_shown("view_channel")]  # without it the others are denied too
    return f"In {channel.mention} I'm missing: {', '.join(f'**{name}**' for name in lacking)}."


def _shown(name: str) -> str:
    """The name that Discord shows for a permission."""
    if name in ("read_messages", "view_channel"):
        return "View Channel"
    return name.replace("_", " ").title().replace(" In ", " in ")
