"""A message as it lies in a channel, and as a reader sees it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntFlag
from typing import Any, NamedTuple

from .guilds import Channel, Thread
from .intents import Intent
from .layout import LINK_BUTTON, SELECTS, Kind, visible_text, walk
from .users import Application, User


class Flag(IntFlag):
    """Message flags; the names are Discord's."""

    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    IS_COMPONENTS_V2 = 1 << 15


class Pings(NamedTuple):
    """Whom a message really notifies: ids of users and roles, and whether it is everyone."""

    users: frozenset[int] = frozenset()
    roles: frozenset[int] = frozenset()
    everyone: bool = False

    def __bool__(self) -> bool:
        return bool(self.users or self.roles or self.everyone)


class Attachment(NamedTuple):
    """An uploaded file, served below ``cdn.discordapp.com``."""

    id: int
    filename: str
    description: str | None
    content_type: str
    content: bytes
    url: str

    def wire(self) -> dict[str, Any]:
        """The attachment as Discord sends it."""
        described = {"description": self.description} if self.description is not None else {}
        return {
            "id": str(self.id),
            "filename": self.filename,
            **described,
            "content_type": self.content_type,
            "size": len(self.content),
            "url": self.url,
            "proxy_url": self.url,
        }


@dataclass(eq=False, repr=False)
class Message:
    """A message. It changes as it is edited, as it would on a reader's screen.

    ``addressee`` is the only person who sees it (an ephemeral message). ``embeds`` and
    ``components`` are in Discord's JSON shape. ``pings`` says whom the current text notifies.
    ``given_up``: the bot was "thinking" until it was too late.
    """

    id: int
    channel: Channel
    author: User
    created_at: datetime
    kind: int = 0
    content: str = ""
    embeds: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    flags: int = 0
    pings: Pings = field(default_factory=Pings)
    edited_at: datetime | None = None
    nonce: str | int | None = None
    webhook_id: int | None = None
    application: Application | None = None
    addressee: User | None = None
    interaction: dict[str, Any] | None = None
    deleted: bool = False
    given_up: bool = False

    def __repr__(self) -> str:
        only = f" only for {self.addressee.name}" if self.addressee else ""
        return f"<Message {self.id} by {self.author.name}{only}: {self.text!r}>"

    @property
    def text(self) -> str:
        """All that is written, in reading order: content, embeds, components; markdown as is.

        The labels of buttons and menus are in ``buttons`` and ``menus``.
        """
        if self.given_up and self.loading:
            return "The application did not respond"
        return visible_text(self.content, self.embeds, self.components)

    @property
    def ephemeral(self) -> bool:
        """Whether one person alone sees it."""
        return self.addressee is not None

    @property
    def loading(self) -> bool:
        """Whether the bot is still "thinking" about it."""
        return bool(self.flags & Flag.LOADING)

    @property
    def buttons(self) -> list[str]:
        """The labels of the buttons that can be pressed, link buttons included."""
        return [
            component.get("label") or (component.get("emoji") or {}).get("name", "")
            for _, component in walk(self.components)
            if component["type"] == Kind.BUTTON and not component.get("disabled")
        ]

    @property
    def links(self) -> dict[str, str]:
        """Where the link buttons lead, by label."""
        return {
            component.get("label") or "": component["url"]
            for _, component in walk(self.components)
            if component["type"] == Kind.BUTTON and component["style"] == LINK_BUTTON
        }

    @property
    def menus(self) -> dict[str, list[str]]:
        """The labels of the options of each menu that can be used, by placeholder or custom id."""
        return {
            component.get("placeholder") or component["custom_id"]: [
                option["label"] for option in component.get("options") or ()
            ]
            for _, component in walk(self.components)
            if component["type"] in SELECTS and not component.get("disabled")
        }

    @property
    def thread(self) -> Thread | None:
        """The thread that was started from this message."""
        return self.channel.guild.threads.get(self.id) if self.channel.guild else None

    @property
    def raw(self) -> dict[str, Any]:
        """The message in Discord's JSON shape, nothing hidden."""
        return self.wire()

    def shown_to(self, application: Application, intents: int) -> bool:
        """Whether a bot may read what is written: without the intent, only what concerns it."""
        return (
            bool(intents & Intent.MESSAGE_CONTENT)
            or self.author is application.user
            or application.user_id in self.pings.users
            or self.channel.guild is None
        )

    def wire(self, *, hidden: bool = False) -> dict[str, Any]:
        """The message as Discord sends it; ``hidden`` empties what is written in it."""
        guild = self.channel.guild
        wire: dict[str, Any] = {
            "id": str(self.id),
            "type": self.kind,
            "channel_id": str(self.channel.id),
            "author": self.author.wire(),
            "content": "" if hidden else self.content,
            "embeds": [] if hidden else self.embeds,
            "components": [] if hidden else self.components,
            "attachments": [] if hidden else [a.wire() for a in self.attachments],
            "mentions": [
                user.wire() for id_ in self.pings.users if (user := self.channel.account(id_))
            ],
            "mention_roles": [str(id_) for id_ in self.pings.roles],
            "mention_everyone": self.pings.everyone,
            "timestamp": self.created_at.isoformat(),
            "edited_timestamp": self.edited_at.isoformat() if self.edited_at else None,
            "flags": self.flags,
            "pinned": False,
            "tts": False,
        }
        if self.nonce is not None:
            wire["nonce"] = self.nonce
        if self.webhook_id:
            wire["webhook_id"] = str(self.webhook_id)
        if self.application:
            wire["application_id"] = str(self.application.id)
        if self.interaction:
            wire["interaction_metadata"] = self.interaction
        if guild and self.id in guild.threads:
            wire["thread"] = guild.threads[self.id].wire()
        return wire
