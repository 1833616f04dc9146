"""A person at the keyboard: sees what Discord would show, does what Discord would allow."""

import asyncio
from collections.abc import Sequence
from typing import Any

from . import offers, posting
from .acts import Asked
from .errors import ApiError
from .forms import Form, Stage
from .guilds import Channel, ChannelKind, Guild, Member, Role, Thread
from .layout import LINK_BUTTON, SELECTS, Kind, walk
from .mentions import EVERY_KIND
from .messages import Message
from .offers import HasId, NotOffered
from .permissions import Permission
from .users import Application, User
from .world import Event


class Person:
    """A member of a server. Everything goes over Discord's counter, nothing into the bot.

    Actions on a bot return what came of them: the ``Message`` with the answer, complete when a
    deferred answer is filled in, or a ``Form``. They raise ``Failed`` with Discord's words when
    the bot doesn't answer, and ``NotOffered`` when Discord's client doesn't let a person do it;
    ``tamper=True`` does it all the same, as a hostile client would.
    """

    def __init__(self, stage: Stage, user: User, guild: Guild) -> None:
        self._stage = stage
        self.user = user
        self.guild = guild

    @property
    def id(self) -> int:
        """The account's id."""
        return self.user.id

    @property
    def name(self) -> str:
        """The display name."""
        return self.user.name

    @property
    def mention(self) -> str:
        """How to mention this person in a message."""
        return self.user.mention

    @property
    def member(self) -> Member:
        """The membership; NotOffered after leaving."""
        member = self.guild.member(self.user)
        if member is None:
            raise NotOffered(f"{self.name} is not in {self.guild.name}")
        return member

    # Roles and membership

    def add_role(self, role: Role) -> None:
        """Be given a role."""
        self._stage.world.set_roles(self.member, [*self.member.roles.values(), role])

    def remove_role(self, role: Role) -> None:
        """Lose a role."""
        kept = [held for held in self.member.roles.values() if held is not role]
        self._stage.world.set_roles(self.member, kept)

    def leave(self) -> None:
        """Leave the server."""
        self._stage.world.remove_member(self.member)

    # Reading and writing

    def read(self, channel: Channel) -> list[Message]:
        """The messages on the screen, oldest first, those for this person alone among them."""
        self._check_sees(channel)
        world = self._stage.world
        private = [m for m in world.ephemeral_messages(self.user) if m.channel is channel]
        permissions = channel.permissions_of(self.user)
        history = permissions & Permission.READ_MESSAGE_HISTORY
        public = list(world.messages(channel).values()) if history else []
        return sorted([*public, *private], key=lambda message: message.id) if private else public

    def threads(self, channel: Channel) -> list[Thread]:
        """The threads below a channel, oldest first, archived ones too."""
        self._check_sees(channel)
        return [
            thread
            for thread in self.guild.threads.values()
            if thread.parent is channel and thread.permissions_of(self.user)
        ]

    async def sees(self, channel: Channel, text: str, within: float = 20.0) -> Message:
        """Wait until a visible message contains ``text``; AssertionError after ``within`` s."""
        for message in reversed(self.read(channel)):
            if text in message.text:
                return message
        seen: asyncio.Future[Message] = asyncio.get_running_loop().create_future()

        def look(event: Event) -> None:
            message = event.message
            if (
                message
                and message.channel is channel
                and message.addressee in (None, self.user)
                and text in message.text
                and not message.deleted
                and not seen.done()
            ):
                seen.set_result(message)

        subscribers = self._stage.world.subscribers
        subscribers.append(look)
        try:
            async with asyncio.timeout(within):
                return await seen
        except TimeoutError:
            shown = "\n---\n".join(message.text for message in self.read(channel)[-5:])
            raise AssertionError(f"{text!r} did not appear; the last messages:\n{shown}") from None
        finally:
            subscribers.remove(look)

    async def say(self, channel: Channel, text: str) -> Message:
        """Write a message."""
        self._check_sees(channel)
        permissions = channel.permissions_of(self.user)
        threaded = isinstance(channel, Thread)
        needed = Permission.SEND_MESSAGES_IN_THREADS if threaded else Permission.SEND_MESSAGES
        locked = isinstance(channel, Thread) and channel.locked
        if not permissions & needed or (locked and not permissions & Permission.MANAGE_THREADS):
            raise NotOffered(f"{self.name} may not write in #{channel.name}")
        may_ping = bool(permissions & Permission.MENTION_EVERYONE)
        draft = posting.Draft({"content": text}, (), EVERY_KIND, may_ping)
        try:
            return posting.create(self._stage.world, channel, self.user, draft)
        except ApiError as fault:
            raise NotOffered(str(fault)) from fault

    def delete(self, message: Message) -> None:
        """Delete one's own message or, with Manage Messages, any; dismiss an ephemeral one."""
        self._check_visible(message)
        own = self.user in (message.author, message.addressee)
        permissions = message.channel.permissions_of(self.user)
        if not own and not permissions & Permission.MANAGE_MESSAGES:
            raise NotOffered(f"{self.name} may not delete the message")
        self._stage.world.remove_message(message)

    # Direct conversations

    def direct(self, application: Application) -> Channel:
        """The direct conversation with a bot."""
        return self._stage.world.direct_channel(self.user, application)

    def direct_messages(self, application: Application) -> list[Message]:
        """What was written there, oldest first; it stays after one has left the server."""
        return self.read(self.direct(application))

    async def receives(self, application: Application, text: str, within: float = 20.0) -> Message:
        """Wait for a direct message that contains ``text``, as ``sees`` does in a channel."""
        return await self.sees(self.direct(application), text, within)

    def closes_direct_messages(self) -> None:
        """Take no more direct messages from bots; answers to what one does still come."""
        self.user.reachable = False

    def opens_direct_messages(self) -> None:
        """Take direct messages again."""
        self.user.reachable = True

    # Commands

    async def command(
        self,
        name: str,
        /,
        *,
        in_: Channel,
        of: Application | None = None,
        tamper: bool = False,
        **options: Any,
    ) -> Message | Form:
        """Type a command, a subcommand by its full name (``proposal cancel``).

        Options are named as registered (a trailing ``_`` is dropped: ``from_``) and take text,
        numbers, the name of a choice, or a person, role or channel. ``of`` tells applications
        with the same command apart.
        """
        world = self._stage.world
        offer = offers.find(world, in_, name, of)
        if not tamper:
            offers.check_allowed(offer, in_, self.user)
        data = offers.fill(world, offer, in_, options, tamper=tamper)
        return await self._stage.act(Asked.COMMAND, offer.application, self.user, in_, data)

    async def direct_command(
        self, name: str, /, *, of: Application, tamper: bool = False, **options: Any
    ) -> Message | Form:
        """Type a command in the direct conversation with the bot."""
        return await self.command(name, in_=self.direct(of), tamper=tamper, **options)

    async def command_on(
        self,
        name: str,
        target: HasId,
        /,
        *,
        in_: Channel,
        of: Application | None = None,
        tamper: bool = False,
    ) -> Message | Form:
        """Choose a command in the menu of a person or bot who is seen in a channel.

        Whoever left the server is still seen beside what they wrote.
        """
        world = self._stage.world
        offer = offers.find_in_menu(world, in_, name, of)
        if not tamper:
            offers.check_allowed(offer, in_, self.user)
        data = offers.aim(world, offer, in_, target)
        return await self._stage.act(Asked.COMMAND, offer.application, self.user, in_, data)

    async def suggest(
        self,
        name: str,
        option: str,
        typed: str,
        /,
        *,
        in_: Channel,
        of: Application | None = None,
        **options: Any,
    ) -> list[tuple[str, Any]]:
        """Type into an option with autocomplete: the suggestions as (name, value).

        ``options`` are the ones already filled in.
        """
        world = self._stage.world
        offer = offers.find(world, in_, name, of)
        offers.check_allowed(offer, in_, self.user)
        spec = next((o for o in offer.options if o["name"] == option), None)
        if spec is None or not spec.get("autocomplete"):
            raise NotOffered(f"/{name} suggests nothing for {option!r}")
        data = offers.fill_so_far(offer, options, spec, typed)
        choices = await self._stage.suggestions(offer.application, self.user, in_, data)
        return [(choice["name"], choice["value"]) for choice in choices]

    # Buttons and menus

    async def press(self, message: Message, button: str) -> Message | Form:
        """Press a button, named by its label or custom id."""
        self._check_visible(message)
        for _, component in walk(message.components):
            if component["type"] == Kind.BUTTON and button in _names(component):
                if component.get("disabled") or component["style"] == LINK_BUTTON:
                    raise NotOffered(f"{button!r} is disabled or a link")
                return await self._use(message, component["custom_id"], Kind.BUTTON, component)
        raise NotOffered(f"no button {button!r} among {message.buttons}")

    async def press_custom_id(self, message: Message, custom_id: str) -> Message | Form:
        """Press a button that need not be there, as a hostile client would."""
        return await self._use(message, custom_id, Kind.BUTTON, {})

    async def choose(
        self, message: Message, menu: str, values: Sequence[Any], *, tamper: bool = False
    ) -> Message | Form:
        """Choose in a select menu, named by placeholder or custom id.

        ``values`` are labels or values of options, or people, roles or channels.
        """
        self._check_visible(message)
        for _, component in walk(message.components):
            named = (component.get("placeholder"), component.get("custom_id"))
            if component["type"] in SELECTS and menu in named:
                if component.get("disabled") and not tamper:
                    raise NotOffered(f"{menu!r} is disabled")
                chosen = (
                    [str(getattr(value, "id", value)) for value in values]
                    if tamper
                    else offers.pick(component, values)
                )
                kind = Kind(component["type"])
                custom_id = component["custom_id"]
                return await self._use(message, custom_id, kind, component, chosen)
        raise NotOffered(f"no menu {menu!r} among {list(message.menus)}")

    async def _use(
        self,
        message: Message,
        custom_id: str,
        kind: Kind,
        component: dict[str, Any],
        values: list[str] | None = None,
    ) -> Message | Form:
        application = message.application
        if application is None:
            raise NotOffered("the message is not a bot's")
        data: dict[str, Any] = {
            "component_type": int(kind),
            "custom_id": custom_id,
            "id": component.get("id", 0),
        }
        if values is not None:
            data["values"] = values
            found = offers.resolve_select(self._stage.world, message.channel, kind, values)
            data |= {"resolved": found} if found else {}
        channel = message.channel
        return await self._stage.act(
            Asked.COMPONENT, application, self.user, channel, data, message
        )

    # What is on the screen

    def _check_sees(self, channel: Channel) -> None:
        if not channel.permissions_of(self.user) & Permission.VIEW_CHANNEL:
            raise NotOffered(f"{self.name} doesn't see #{channel.name}")

    def _check_visible(self, message: Message) -> None:
        if message.channel.kind is not ChannelKind.DIRECT:
            self._check_sees(message.channel)
        if message.deleted or message.addressee not in (None, self.user):
            raise NotOffered(f"{self.name} doesn't see that message")


def _names(button: dict[str, Any]) -> tuple[str | None, ...]:
    emoji = button.get("emoji") or {}
    return button.get("label"), button.get("custom_id"), emoji.get("name")
