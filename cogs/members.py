"""A member of a Discord server, as the rules see one."""

import discord

from cogs.answers import Interaction
from governance.electorate import Member
from governance.errors import NotAllowed


def member_of(interaction: Interaction) -> Member:
    """Who typed or pressed, with the roles that Discord vouches for in this interaction."""
    user = interaction.user
    if not isinstance(user, discord.Member):
        raise NotAllowed("Discord didn't say which member you are. Please try again in a minute.")
    return Member(
        id=user.id,
        # Not `user.roles`: that leaves out roles of a server that isn't in the cache (yet).
        roles=frozenset(user._roles),  # noqa: SLF001
        joined_at=user.joined_at,
        bot=user.bot,
        moderator=interaction.permissions.manage_guild,
    )
