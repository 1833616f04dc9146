"""What the bot needs to be allowed, and where."""

import discord

PROPOSALS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    read_message_history=True,
    create_public_threads=True,
    send_messages_in_threads=True,
)
RESULTS = discord.Permissions(
    view_channel=True, manage_webhooks=True, read_message_history=True, send_messages=True
)


def missing(channel: discord.abc.GuildChannel, needed: discord.Permissions) -> list[str]:
    """The permissions the bot lacks in the channel, by the names that Discord shows."""
    has = channel.permissions_for(channel.guild.me)
    return [
        name.replace("_", " ").title().replace("Guild", "Server")
        for name, wanted in needed
        if wanted and not getattr(has, name)
    ]


def complaint(channel: discord.abc.GuildChannel, needed: discord.Permissions) -> str | None:
    """A sentence that says what is missing where; None where nothing is."""
    lacking = missing(channel, needed)
    if not lacking:
        return None
    return f"In {channel.mention} I'm missing: {', '.join(f'**{name}**' for name in lacking)}."
