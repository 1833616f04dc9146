"""A server in its owner's hands: roles, channels, bots and members."""

from collections.abc import Iterable, Mapping

from .forms import Stage
from .guilds import Channel, Role, Webhook
from .offers import HasId
from .people import Person
from .permissions import Overwrite
from .users import Application

Overwrites = Mapping[Role | Person, tuple[int, int]]
"""What a channel allows and denies: ``{role_or_person: (allow, deny)}``."""


class Server:
    """A server; its owner may do everything, so nothing here is refused."""

    def __init__(self, stage: Stage, name: str, owner: str, locale: str) -> None:
        self._stage = stage
        self._world = stage.world
        user = self._world.add_user(owner)
        self.guild = self._world.add_guild(name, user)
        self.guild.locale = locale
        self.owner = Person(stage, user, self.guild)

    @property
    def id(self) -> int:
        """The server's id."""
        return self.guild.id

    @property
    def everyone(self) -> Role:
        """The role that every member has."""
        return self.guild.everyone

    def add_role(self, name: str, permissions: int = 0, *, mentionable: bool = False) -> Role:
        """Make a role."""
        return self._world.add_role(self.guild, name, permissions, mentionable=mentionable)

    def change_role(self, role: Role, permissions: int) -> None:
        """Give a role other permissions."""
        self._world.change_role(self.guild, role, permissions)

    def delete_role(self, role: Role) -> None:
        """Delete a role."""
        self._world.remove_role(self.guild, role)

    def add_channel(
        self, name: str, *, overwrites: Overwrites | None = None, topic: str | None = None
    ) -> Channel:
        """Make a text channel."""
        return self._world.add_channel(
            self.guild, name, topic=topic, overwrites=_overwrites(overwrites or {})
        )

    def change_overwrites(self, channel: Channel, overwrites: Overwrites) -> None:
        """Replace what a channel allows and denies."""
        channel.overwrites = _overwrites(overwrites)
        self._world.change_channel(channel)

    def delete_channel(self, channel: Channel) -> None:
        """Delete a channel with its threads and webhooks, or a thread."""
        self._world.remove_channel(channel)

    def add_webhook(self, channel: Channel, name: str) -> Webhook:
        """Make a webhook by hand, which belongs to no application."""
        return self._world.add_webhook(channel, name, self.owner.user, None)

    def delete_webhook(self, webhook: Webhook) -> None:
        """Delete a webhook."""
        self._world.remove_webhook(webhook)

    def invite(self, application: Application, permissions: int = 0) -> Role:
        """Add an application's bot; returns the role it gets, with these permissions."""
        member = self._world.install(application, self.guild, permissions)
        return next(iter(member.roles.values()))

    def kick(self, who: Application | Person) -> None:
        """Remove a bot or a person."""
        if isinstance(who, Application):
            self._world.uninstall(who, self.guild)
        else:
            self._world.remove_member(self.guild.members[who.id])

    def join(
        self, who: str | Person, roles: Iterable[Role] = (), *, locale: str = "en-US"
    ) -> Person:
        """A new person joins by name, or one who is known: from another server, or from before.

        Who comes back joined today, and has the roles that are given now.
        """
        if isinstance(who, str):
            user = self._world.add_user(who)
            user.locale = locale
        else:
            user = who.user
        self._world.add_member(self.guild, user, roles)
        return Person(self._stage, user, self.guild)


def _overwrites(overwrites: Overwrites) -> dict[int, Overwrite]:
    def pair(who: HasId, bits: tuple[int, int]) -> tuple[int, Overwrite]:
        return who.id, Overwrite(int(bits[0]), int(bits[1]))

    return dict(pair(who, bits) for who, bits in overwrites.items())
