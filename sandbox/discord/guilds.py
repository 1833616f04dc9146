"""Servers (guilds, in Discord's own words): roles, members, channels, threads, webhooks."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any

from .permissions import IN_DIRECT, Overwrite, Permission, base_permissions, channel_permissions
from .users import Application, User


class ChannelKind(IntEnum):
    """The types of channel that exist here."""

    TEXT = 0
    DIRECT = 1
    ANNOUNCEMENT = 5
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12


@dataclass(eq=False)
class Role:
    """A role; ``managed_by`` is the application whose own role it is."""

    id: int
    name: str
    permissions: int
    position: int
    mentionable: bool = False
    managed_by: Application | None = field(default=None, repr=False)

    @property
    def mention(self) -> str:
        """How to mention this role in a message."""
        return f"<@&{self.id}>"

    def wire(self) -> dict[str, Any]:
        """The role as Discord sends it."""
        tags = {"bot_id": str(self.managed_by.user_id)} if self.managed_by else {}
        return {
            "id": str(self.id),
            "name": self.name,
            "permissions": str(int(self.permissions)),
            "position": self.position,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "managed": self.managed_by is not None,
            "mentionable": self.mentionable,
            "icon": None,
            "unicode_emoji": None,
            "flags": 0,
            **({"tags": tags} if tags else {}),
        }


@dataclass(eq=False)
class Guild:
    """A server. ``roles`` holds @everyone too, whose id is the server's."""

    id: int
    name: str
    owner: User
    locale: str = "en-US"
    roles: dict[int, Role] = field(default_factory=dict, repr=False)
    members: "dict[int, Member]" = field(default_factory=dict, repr=False)
    channels: "dict[int, Channel]" = field(default_factory=dict, repr=False)
    threads: "dict[int, Thread]" = field(default_factory=dict, repr=False)

    @property
    def everyone(self) -> Role:
        """The role that every member has."""
        return self.roles[self.id]

    def member(self, user: User) -> "Member | None":
        """The membership of an account, if it has one."""
        return self.members.get(user.id)

    def wire(self) -> dict[str, Any]:
        """The server as the HTTP API sends it."""
        return {
            "id": str(self.id),
            "name": self.name,
            "icon": None,
            "splash": None,
            "discovery_splash": None,
            "owner_id": str(self.owner.id),
            "afk_channel_id": None,
            "afk_timeout": 300,
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "roles": [role.wire() for role in self.roles.values()],
            "emojis": [],
            "features": [],
            "mfa_level": 0,
            "application_id": None,
            "system_channel_id": None,
            "system_channel_flags": 0,
            "rules_channel_id": None,
            "vanity_url_code": None,
            "description": None,
            "banner": None,
            "region": "deprecated",
            "widget_enabled": False,
            "widget_channel_id": None,
            "max_presences": None,
            "max_members": 500_000,
            "max_video_channel_users": 25,
            "max_stage_video_channel_users": 50,
            "safety_alerts_channel_id": None,
            "incidents_data": None,
            "premium_tier": 0,
            "premium_subscription_count": 0,
            "preferred_locale": self.locale,
            "public_updates_channel_id": None,
            "nsfw_level": 0,
            "stickers": [],
            "premium_progress_bar_enabled": False,
        }

    def wire_created(self, member: "Member", *, all_members: bool) -> dict[str, Any]:
        """The server as the gateway announces it to the bot ``member``."""
        shown: Iterable[Member] = self.members.values() if all_members else (member,)
        return {
            **self.wire(),
            "joined_at": member.joined_at.isoformat(),
            "large": False,
            "member_count": len(self.members),
            "voice_states": [],
            "members": [m.wire() for m in shown],
            "channels": [c.wire() for c in self.channels.values()],
            "threads": [
                t.wire()
                for t in self.threads.values()
                if not t.archived and member.may(t, Permission.VIEW_CHANNEL)
            ],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }


@dataclass(eq=False)
class Member:
    """An account's membership in a server; ``joined_at`` is governance time."""

    user: User
    guild: Guild = field(repr=False)
    joined_at: datetime
    roles: dict[int, Role] = field(default_factory=dict)

    @property
    def permissions(self) -> int:
        """What the member may do in the whole server."""
        return base_permissions(
            self.guild.everyone.permissions,
            (role.permissions for role in self.roles.values()),
            owner=self.guild.owner is self.user,
        )

    def permissions_in(self, channel: "Channel") -> int:
        """What the member may do in a channel or thread."""
        overwrites = (channel.parent if isinstance(channel, Thread) else channel).overwrites
        permissions = channel_permissions(
            self.permissions,
            overwrites.get(self.guild.id),
            (overwrites[id_] for id_ in self.roles if id_ in overwrites),
            overwrites.get(self.user.id),
            thread=isinstance(channel, Thread),
        )
        if isinstance(channel, Thread) and channel.kind is ChannelKind.PRIVATE_THREAD:
            invited = channel.owner is self.user or permissions & Permission.MANAGE_THREADS
            return permissions if invited else 0
        return permissions

    def may(self, channel: "Channel", needed: int) -> bool:
        """Whether the member has all the needed permissions in the channel."""
        return self.permissions_in(channel) & needed == needed

    def wire(self) -> dict[str, Any]:
        """The member as Discord sends it, the account included."""
        return {
            "user": self.user.wire(),
            "nick": None,
            "avatar": None,
            "banner": None,
            "roles": [str(id_) for id_ in self.roles],
            "joined_at": self.joined_at.isoformat(),
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "flags": 0,
            "pending": False,
            "communication_disabled_until": None,
        }


@dataclass(eq=False)
class Webhook:
    """An incoming webhook; the application that made it owns it and may see its token."""

    id: int
    token: str = field(repr=False)
    name: str
    channel: "Channel" = field(repr=False)
    creator: User = field(repr=False)
    application: Application | None = field(repr=False)

    def wire(self, reader: Application | None) -> dict[str, Any]:
        """The webhook as ``reader`` sees it: the token is shown to its owner alone."""
        owned = self.application is None or self.application is reader
        return {
            "id": str(self.id),
            "type": 1,
            "name": self.name,
            "avatar": None,
            "channel_id": str(self.channel.id),
            "guild_id": str(self.channel.guild_id),
            "application_id": str(self.application.id) if self.application else None,
            "user": self.creator.wire(),
            **({"token": self.token} if owned else {}),
        }


@dataclass(eq=False)
class Channel:
    """A channel; without a server it is the direct conversation of ``recipient`` and a bot."""

    id: int
    name: str
    kind: ChannelKind
    guild: Guild | None = field(repr=False)
    position: int = field(default=0, repr=False)
    topic: str | None = field(default=None, repr=False)
    overwrites: dict[int, Overwrite] = field(default_factory=dict, repr=False)
    webhooks: dict[int, Webhook] = field(default_factory=dict, repr=False)
    recipient: User | None = None
    application: Application | None = field(default=None, repr=False)
    last_message_id: int | None = None

    @property
    def guild_id(self) -> int | None:
        """The server's id, if the channel is in one."""
        return self.guild.id if self.guild else None

    @property
    def home(self) -> Guild:
        """The server of a channel that is in one; LookupError in a direct conversation."""
        if self.guild is None:
            raise LookupError("a direct conversation is in no server")
        return self.guild

    def account(self, id_: int) -> User | None:
        """The account with this id if it is here: in the server, or in the conversation."""
        if self.guild:
            member = self.guild.members.get(id_)
            return member.user if member else None
        both = (self.recipient, self.application.user if self.application else None)
        return next((user for user in both if user and user.id == id_), None)

    def permissions_of(self, user: User) -> int:
        """What an account may do here; nothing if it is not here at all."""
        if self.guild is None:
            return IN_DIRECT if self.account(user.id) else 0
        member = self.guild.member(user)
        return member.permissions_in(self) if member else 0

    def wire(self) -> dict[str, Any]:
        """The channel as Discord sends it."""
        last = str(self.last_message_id) if self.last_message_id else None
        if self.recipient:
            return {
                "id": str(self.id),
                "type": int(self.kind),
                "flags": 0,
                "last_message_id": last,
                "recipients": [self.recipient.wire()],
            }
        return {
            "id": str(self.id),
            "type": int(self.kind),
            "flags": 0,
            "guild_id": str(self.guild_id),
            "name": self.name,
            "topic": self.topic,
            "position": self.position,
            "parent_id": None,
            "nsfw": False,
            "rate_limit_per_user": 0,
            "last_message_id": last,
            "permission_overwrites": [
                {
                    "id": str(id_),
                    "type": 0 if self.guild and id_ in self.guild.roles else 1,
                    "allow": str(int(overwrite.allow)),
                    "deny": str(int(overwrite.deny)),
                }
                for id_, overwrite in self.overwrites.items()
            ],
        }

    def wire_partial(self, permissions: str) -> dict[str, Any]:
        """The channel as an interaction refers to it, with what somebody may do in it."""
        wire = {**self.wire(), "permissions": permissions}
        wire.pop("permission_overwrites", None)
        return wire


@dataclass(eq=False, kw_only=True)
class Thread(Channel):
    """A thread below ``parent``; the one that belongs to a message has its id."""

    parent: Channel
    owner: User
    archived: bool = False
    locked: bool = False
    auto_archive_minutes: int = 4320
    archive_changed_at: datetime
    message_count: int = 0

    def wire(self) -> dict[str, Any]:
        """The thread as Discord sends it."""
        return {
            "id": str(self.id),
            "type": int(self.kind),
            "flags": 0,
            "guild_id": str(self.guild_id),
            "name": self.name,
            "parent_id": str(self.parent.id),
            "owner_id": str(self.owner.id),
            "rate_limit_per_user": 0,
            "last_message_id": str(self.last_message_id) if self.last_message_id else None,
            "message_count": self.message_count,
            "total_message_sent": self.message_count,
            "member_count": 1,
            "thread_metadata": {
                "archived": self.archived,
                "locked": self.locked,
                "auto_archive_duration": self.auto_archive_minutes,
                "archive_timestamp": self.archive_changed_at.isoformat(),
                "create_timestamp": self.archive_changed_at.isoformat(),
                "invitable": True,
            },
        }
