"""A member of a Discord server, as the rules see one."""

import discord

from cogs.answers import Interaction
from governance.electorate import Member
from governance.errors import NotAllowed

_HALF = 10**10
"""An account's id has too many digits for one number of a custom_id, so it is cut in two."""


def member_of(interaction: Interaction) -> Member:
    """Who typed or pressed, with the roles that Discord vouches for in this interaction."""
    user = interaction.user
    if not isinstance(user, discord.Member):
        raise NotAllowed("Discord didn't say which member you are. Please try again in a minute.")
    return vouched_for(user, moderator=interaction.permissions.manage_guild)


def vouched_for(member: discord.Member, *, moderator: bool = False) -> Member:
    """A member with the roles that Discord has just told."""
    return Member(
        id=member.id,
        # Not `member.roles`: that leaves out roles of a server that isn't in the cache (yet).
        roles=frozenset(member._roles),  # noqa: SLF001
        joined_at=member.joined_at,
        bot=member.bot,
        moderator=moderator,
    )


def named(user: discord.User | discord.Member) -> Member:
    """Whom an option names, as Discord vouches for it; who isn't in the server never joined."""
    if isinstance(user, discord.Member):
        return vouched_for(user)
    return Member(user.id, frozenset(), None, user.bot)


def split(member_id: int) -> tuple[int, int]:
    """A member's id as two numbers that a custom_id can carry; `joined` is the inverse."""
    return divmod(member_id, _HALF)


def joined(high: int, low: int) -> int:
    """The id of a member from the two numbers of `split`; made up ones may be of nobody."""
    return high * _HALF + low
