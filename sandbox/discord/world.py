"""All that exists in this Discord. Every change is told to the subscribers as it happens."""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..clock import Clock
from .errors import ApiError, Fault
from .guilds import Channel, ChannelKind, Guild, Member, Role, Thread, Webhook
from .intents import Intent
from .messages import Attachment, Flag, Message
from .permissions import EVERYONE_BY_DEFAULT, Overwrite, Permission
from .snowflakes import Snowflakes
from .users import Application, User

EPHEMERAL_KEPT = 100
"""How many ephemeral messages a person keeps on the screen before the oldest goes."""


@dataclass(frozen=True)
class Event:
    """Something happened: a gateway event's name and data, and who may hear of it.

    ``only`` names the single application it is meant for; else it concerns all bots in ``guild``
    that ask for ``intent`` and may view ``channel``. ``message`` is set for message events, whose
    data depends on the reader.
    """

    name: str
    intent: Intent
    data: dict[str, Any]
    guild: Guild | None = None
    channel: Channel | None = None
    message: Message | None = None
    only: Application | None = None


class World:
    """Accounts, applications, servers, channels, messages and webhooks, each by id."""

    def __init__(self, clock: Clock, nonces_for: timedelta) -> None:
        """``nonces_for``: how long a nonce brings back the message that was sent with it."""
        self.clock = clock
        self.nonces_for = nonces_for
        self.snowflakes = Snowflakes()
        self.users: dict[int, User] = {}
        self.applications: dict[int, Application] = {}
        self.bots: dict[str, Application] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.webhooks: dict[int, Webhook] = {}
        self.files: dict[int, Attachment] = {}
        self.nonces: OrderedDict[tuple[int, str], Message] = OrderedDict()
        self.subscribers: list[Callable[[Event], None]] = []
        self._timelines: dict[int, dict[int, Message]] = {}
        self._ephemeral: dict[int, OrderedDict[int, Message]] = {}
        self._direct: dict[tuple[int, int], Channel] = {}

    def now(self) -> datetime:
        """Discord's own time; ``clock`` holds the governance time."""
        return self.snowflakes.now()

    def _tell(
        self,
        name: str,
        data: dict[str, Any],
        guild: Guild | None = None,
        intent: Intent = Intent.GUILDS,
        channel: Channel | None = None,
        message: Message | None = None,
        only: Application | None = None,
    ) -> None:
        event = Event(name, intent, data, guild, channel, message, only)
        for subscriber in tuple(self.subscribers):
            subscriber(event)

    # Accounts

    def add_user(self, name: str) -> User:
        """A new person's account."""
        user = User(self.snowflakes.next(), name)
        self.users[user.id] = user
        return user

    def add_application(self, name: str, granted: int) -> Application:
        """A new application with its bot user and token."""
        id_ = self.snowflakes.next()
        user = User(id_, name, bot=True)
        application = Application(id_, name, f"{id_}.{secrets.token_urlsafe(32)}", user, granted)
        self.users[id_] = user
        self.applications[id_] = application
        self.bots[application.token] = application
        return application

    def reset_token(self, application: Application) -> None:
        """Give a bot another token; the old one is worthless."""
        del self.bots[application.token]
        application.token = f"{application.id}.{secrets.token_urlsafe(32)}"
        self.bots[application.token] = application

    # Servers

    def add_guild(self, name: str, owner: User) -> Guild:
        """A new server with its @everyone role and its owner in it."""
        guild = Guild(self.snowflakes.next(), name, owner)
        guild.roles[guild.id] = Role(guild.id, "@everyone", EVERYONE_BY_DEFAULT, 0)
        self.guilds[guild.id] = guild
        self.add_member(guild, owner)
        return guild

    def add_role(
        self,
        guild: Guild,
        name: str,
        permissions: int,
        *,
        mentionable: bool = False,
        managed_by: Application | None = None,
    ) -> Role:
        """A new role, above those that exist."""
        id_ = self.snowflakes.next()
        role = Role(id_, name, int(permissions), len(guild.roles), mentionable, managed_by)
        guild.roles[id_] = role
        self._tell("GUILD_ROLE_CREATE", self._of(guild, role=role.wire()), guild)
        return role

    def change_role(self, guild: Guild, role: Role, permissions: int) -> None:
        """Give a role other permissions."""
        role.permissions = int(permissions)
        self._tell("GUILD_ROLE_UPDATE", self._of(guild, role=role.wire()), guild)

    def remove_role(self, guild: Guild, role: Role) -> None:
        """Delete a role, from its members too."""
        for member in guild.members.values():
            if role.id in member.roles:
                self.set_roles(member, [r for r in member.roles.values() if r is not role])
        for channel in guild.channels.values():
            channel.overwrites.pop(role.id, None)
        del guild.roles[role.id]
        self._tell("GUILD_ROLE_DELETE", self._of(guild, role_id=str(role.id)), guild)

    @staticmethod
    def _of(guild: Guild, **data: Any) -> dict[str, Any]:
        return {"guild_id": str(guild.id), **data}

    # Members

    def add_member(self, guild: Guild, user: User, roles: Iterable[Role] = ()) -> Member:
        """An account joins, dated by the governance clock."""
        member = Member(user, guild, self.clock.now(), {role.id: role for role in roles})
        guild.members[user.id] = member
        data = self._of(guild, **member.wire())
        self._tell("GUILD_MEMBER_ADD", data, guild, Intent.GUILD_MEMBERS)
        return member

    def remove_member(self, member: Member) -> None:
        """A member leaves or is removed."""
        guild = member.guild
        del guild.members[member.user.id]
        data = self._of(guild, user=member.user.wire())
        self._tell("GUILD_MEMBER_REMOVE", data, guild, Intent.GUILD_MEMBERS)

    def set_roles(self, member: Member, roles: Iterable[Role]) -> None:
        """Replace a member's roles; a bot always hears of its own."""
        member.roles = {role.id: role for role in roles}
        guild, data = member.guild, self._of(member.guild, **member.wire())
        own = self.applications.get(member.user.id)
        if own is None:
            self._tell("GUILD_MEMBER_UPDATE", data, guild, Intent.GUILD_MEMBERS)
        else:
            self._tell("GUILD_MEMBER_UPDATE", data, guild, only=own)

    def install(self, application: Application, guild: Guild, permissions: int) -> Member:
        """Add an application's bot to a server, with a role of its own."""
        role = self.add_role(guild, application.name, permissions, managed_by=application)
        member = self.add_member(guild, application.user, [role])
        # The gateway announces the server itself: what a bot is told depends on its intents.
        self._tell("GUILD_CREATE", {}, guild, only=application)
        return member

    def uninstall(self, application: Application, guild: Guild) -> None:
        """Remove an application's bot and its role from a server."""
        member = guild.members[application.user_id]
        managed = [role for role in member.roles.values() if role.managed_by is application]
        self.remove_member(member)
        for role in managed:
            self.remove_role(guild, role)
        self._tell("GUILD_DELETE", {"id": str(guild.id)}, guild, only=application)

    # Channels and threads

    def channel(self, id_: int) -> Channel:
        """The channel or thread with this id; ApiError 10003 if there is none."""
        try:
            return self.channels[id_]
        except KeyError:
            raise ApiError(Fault.UNKNOWN_CHANNEL) from None

    def add_channel(
        self,
        guild: Guild,
        name: str,
        kind: ChannelKind = ChannelKind.TEXT,
        topic: str | None = None,
        overwrites: dict[int, Overwrite] | None = None,
    ) -> Channel:
        """A new channel, below those that exist."""
        id_, position = self.snowflakes.next(), len(guild.channels)
        channel = Channel(id_, name, kind, guild, position, topic, overwrites or {})
        guild.channels[id_] = self.channels[id_] = channel
        self._tell("CHANNEL_CREATE", channel.wire(), guild)
        return channel

    def change_channel(self, channel: Channel) -> None:
        """Tell that a channel or thread was changed."""
        if isinstance(channel, Thread):
            self._tell("THREAD_UPDATE", channel.wire(), channel.guild, channel=channel)
        else:
            self._tell("CHANNEL_UPDATE", channel.wire(), channel.guild)

    def remove_channel(self, channel: Channel) -> None:
        """Delete a channel with its threads and webhooks, or a thread."""
        guild = channel.home
        del self.channels[channel.id]
        for message in self._timelines.pop(channel.id, {}).values():
            message.deleted = True
        if isinstance(channel, Thread):
            del guild.threads[channel.id]
            data = self._of(
                guild,
                id=str(channel.id),
                parent_id=str(channel.parent.id),
                type=int(channel.kind),
            )
            self._tell("THREAD_DELETE", data, guild, channel=channel)
            return
        for thread in [t for t in guild.threads.values() if t.parent is channel]:
            self.remove_channel(thread)
        for webhook in list(channel.webhooks.values()):
            self.remove_webhook(webhook)
        del guild.channels[channel.id]
        self._tell("CHANNEL_DELETE", channel.wire(), guild)

    def add_thread(
        self,
        parent: Channel,
        owner: User,
        name: str,
        *,
        starter: Message | None = None,
        kind: ChannelKind = ChannelKind.PUBLIC_THREAD,
        auto_archive_minutes: int = 4320,
    ) -> Thread:
        """A new thread; the one of a message takes the message's id."""
        thread = Thread(
            id=starter.id if starter else self.snowflakes.next(),
            name=name,
            kind=kind,
            guild=parent.home,
            parent=parent,
            owner=owner,
            auto_archive_minutes=auto_archive_minutes,
            archive_changed_at=self.now(),
        )
        parent.home.threads[thread.id] = self.channels[thread.id] = thread
        data = {**thread.wire(), "newly_created": True}
        self._tell("THREAD_CREATE", data, parent.guild, channel=thread)
        if starter:
            starter.flags |= Flag.HAS_THREAD
            self.change_message(starter)
        return thread

    def direct_channel(self, user: User, application: Application) -> Channel:
        """The direct conversation of a person and a bot."""
        key = (user.id, application.id)
        if key not in self._direct:
            id_ = self.snowflakes.next()
            channel = Channel(
                id_, "", ChannelKind.DIRECT, None, recipient=user, application=application
            )
            self._direct[key] = self.channels[id_] = channel
        return self._direct[key]

    def check_reaches(self, application: Application, user: User) -> None:
        """Refuse a bot's direct message: ApiError 50278 to a stranger, 50007 if it is unwanted."""
        pair = {application.user_id, user.id}
        if not any(pair <= guild.members.keys() for guild in self.guilds.values()):
            raise ApiError(Fault.NO_SERVER_SHARED)
        if not user.reachable:
            raise ApiError(Fault.UNREACHABLE)

    # Webhooks

    def add_webhook(
        self, channel: Channel, name: str, creator: User, application: Application | None
    ) -> Webhook:
        """A new incoming webhook."""
        id_ = self.snowflakes.next()
        webhook = Webhook(id_, secrets.token_urlsafe(32), name, channel, creator, application)
        channel.webhooks[id_] = self.webhooks[id_] = webhook
        self._webhooks_changed(channel)
        return webhook

    def remove_webhook(self, webhook: Webhook) -> None:
        """Delete a webhook; its messages stay."""
        del self.webhooks[webhook.id], webhook.channel.webhooks[webhook.id]
        self._webhooks_changed(webhook.channel)

    def _webhooks_changed(self, channel: Channel) -> None:
        data = self._of(channel.home, channel_id=str(channel.id))
        self._tell("WEBHOOKS_UPDATE", data, channel.guild, Intent.GUILD_WEBHOOKS, channel)

    # Messages

    def message(self, channel: Channel, id_: int) -> Message:
        """A public message of the channel; ApiError 10008 if there is none."""
        try:
            return self._timelines[channel.id][id_]
        except KeyError:
            raise ApiError(Fault.UNKNOWN_MESSAGE) from None

    def messages(self, channel: Channel) -> dict[int, Message]:
        """The public messages of a channel by id, oldest first."""
        return self._timelines.get(channel.id, {})

    def ephemeral_messages(self, reader: User) -> Iterable[Message]:
        """The latest messages that only ``reader`` sees, oldest first."""
        return self._ephemeral.get(reader.id, OrderedDict[int, Message]()).values()

    def add_message(self, message: Message) -> None:
        """Put a message into its channel, or on its one reader's screen."""
        if message.addressee:
            screen = self._ephemeral.setdefault(message.addressee.id, OrderedDict())
            screen[message.id] = message
            if len(screen) > EPHEMERAL_KEPT:
                screen.popitem(last=False)
        else:
            channel = message.channel
            self._timelines.setdefault(channel.id, {})[message.id] = message
            channel.last_message_id = message.id
            if isinstance(channel, Thread):
                channel.message_count += 1
                if channel.archived:
                    channel.archived = False
                    self.change_channel(channel)
        self._tell_message("MESSAGE_CREATE", message)

    def change_message(self, message: Message) -> None:
        """Tell that a message was changed."""
        self._tell_message("MESSAGE_UPDATE", message)

    def remove_message(self, message: Message) -> None:
        """Delete a message."""
        message.deleted = True
        if message.addressee:
            self._ephemeral[message.addressee.id].pop(message.id, None)
        else:
            self._timelines[message.channel.id].pop(message.id, None)
        self._tell_message("MESSAGE_DELETE", message)

    def _tell_message(self, name: str, message: Message) -> None:
        guild = message.channel.guild
        intent = Intent.GUILD_MESSAGES if guild else Intent.DIRECT_MESSAGES
        self._tell(name, {}, guild, intent, message.channel, message)

    def check_view(self, user: User, channel: Channel) -> int:
        """An account's permissions in a channel; ApiError 50001 if it can't even see it."""
        permissions = channel.permissions_of(user)
        if not permissions & Permission.VIEW_CHANNEL:
            raise ApiError(Fault.MISSING_ACCESS)
        return permissions
