"""What people do with a bot (Discord's interactions), and what Discord makes of it in JSON."""

import asyncio
import secrets
import time
from enum import IntEnum
from typing import Any

from .guilds import Channel
from .messages import Message
from .users import Application, User


class Asked(IntEnum):
    """What a person did."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    FORM = 5


class Answered(IntEnum):
    """How a bot can answer."""

    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    FORM = 9


class Failed(Exception):
    """What Discord tells a person whose command, press or form was not answered."""


Outcome = Message | dict[str, Any] | list[dict[str, Any]] | Failed
"""A message, a form's JSON, suggested choices, or failure."""

_WORDS = {
    Asked.COMMAND: "The application did not respond",
    Asked.COMPONENT: "This interaction failed",
    Asked.AUTOCOMPLETE: "Loading options failed",
    Asked.FORM: "Something went wrong. Try again.",
}
_DEFAULT, _CHAT_INPUT_COMMAND, _CONTEXT_MENU_COMMAND = 0, 20, 23
_ATTACHMENT_BYTES = 10 * 1024 * 1024


class Interaction:
    """One act of a person. ``outcome`` is what the person gets to see in the end.

    ``source`` is the message used, ``trigger`` the act that brought up the form sent, ``target``
    the account in whose menu the command was found.
    """

    def __init__(
        self,
        id_: int,
        kind: Asked,
        application: Application,
        user: User,
        channel: Channel,
        source: Message | None,
        trigger: "Interaction | None" = None,
        target: User | None = None,
    ) -> None:
        self.id = id_
        self.token = secrets.token_urlsafe(48)
        self.kind = kind
        self.application = application
        self.user = user
        self.channel = channel
        self.source = source
        self.trigger = trigger
        self.target = target
        self.opened = time.monotonic()
        self.answer: Answered | None = None
        self.original: Message | None = None
        self.followups: dict[int, Message] = {}
        self.outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.deadline: asyncio.TimerHandle | None = None

    def finish(self, outcome: Outcome) -> None:
        """Show the person the outcome, unless there already was one."""
        if not self.outcome.done():
            self.outcome.set_result(outcome)

    def fail(self) -> None:
        """Show the person that nothing came of it."""
        self.finish(Failed(_WORDS[self.kind]))

    def give_up(self) -> None:
        """Show the person that what was deferred never came."""
        if self.original and self.original.loading:
            self.original.given_up = True
            self.finish(Failed(_WORDS[Asked.COMMAND]))

    @property
    def reply_kind(self) -> int:
        """The type of the messages that answer it."""
        if self.kind is not Asked.COMMAND:
            return _DEFAULT
        return _CONTEXT_MENU_COMMAND if self.target else _CHAT_INPUT_COMMAND

    def metadata(self) -> dict[str, Any]:
        """How messages refer to the interaction that they answer."""
        metadata: dict[str, Any] = {
            "id": str(self.id),
            "type": int(self.kind),
            "user": self.user.wire(),
            "authorizing_integration_owners": {"0": str(self.channel.guild_id or 0)},
        }
        if self.kind is Asked.COMPONENT and self.source:
            metadata["interacted_message_id"] = str(self.source.id)
        if self.target:
            metadata["target_user"] = self.target.wire()
        if self.trigger:
            metadata["triggering_interaction_metadata"] = self.trigger.metadata()
        return metadata


def callback_response(interaction: Interaction, answer: Answered) -> dict[str, Any]:
    """What Discord says to the answer, for a bot that wants to know."""
    response: dict[str, Any] = {
        "interaction": {"id": str(interaction.id), "type": int(interaction.kind)}
    }
    message = interaction.original
    if message and answer is not Answered.DEFERRED_UPDATE:
        response["interaction"] |= {
            "response_message_id": str(message.id),
            "response_message_loading": message.loading,
            "response_message_ephemeral": message.ephemeral,
        }
    if message and answer in (Answered.MESSAGE, Answered.UPDATE):
        response["resource"] = {"type": int(answer), "message": message.wire()}
    return response


def payload(interaction: Interaction, data: dict[str, Any]) -> dict[str, Any]:
    """The interaction as the gateway sends it to the bot."""
    channel, guild, user = interaction.channel, interaction.channel.guild, interaction.user
    permissions = str(channel.permissions_of(user))
    payload: dict[str, Any] = {
        "id": str(interaction.id),
        "application_id": str(interaction.application.id),
        "type": int(interaction.kind),
        "token": interaction.token,
        "version": 1,
        "data": data,
        "channel_id": str(channel.id),
        "channel": channel.wire_partial(permissions),
        "app_permissions": str(channel.permissions_of(interaction.application.user)),
        "locale": user.locale,
        "entitlements": [],
        "authorizing_integration_owners": {"0": str(channel.guild_id or 0)},
        "attachment_size_limit": _ATTACHMENT_BYTES,
        "context": 0 if guild else 1,
    }
    if guild:
        member = {**guild.members[user.id].wire(), "permissions": permissions}
        payload |= {
            "guild_id": str(guild.id),
            "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
            "guild_locale": guild.locale,
            "member": member,
        }
    else:
        payload["user"] = user.wire()
    if interaction.source:
        payload["message"] = interaction.source.wire()
    return payload
