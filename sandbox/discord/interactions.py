"""Commands, presses and forms on their way to the bot, and the bot's answers on their way back."""

import asyncio
import time
from collections import OrderedDict
from typing import Any

from . import posting
from .acts import Answered, Asked, Failed, Interaction, Outcome, callback_response, payload
from .errors import ApiError, Fault, InvalidForm
from .gateway import Gateway
from .guilds import Channel
from .limits import commands as command_limits
from .limits import fields
from .limits import modals as modal_limits
from .mentions import USERS_ONLY
from .messages import Flag, Message
from .permissions import Permission
from .users import Application, User
from .world import World

_MESSAGES = {Answered.MESSAGE, Answered.DEFERRED_MESSAGE}
_UPDATES = {Answered.DEFERRED_UPDATE, Answered.UPDATE}
_ALLOWED = {
    Asked.COMMAND: _MESSAGES | {Answered.FORM},
    Asked.COMPONENT: _MESSAGES | _UPDATES | {Answered.FORM},
    Asked.AUTOCOMPLETE: {Answered.CHOICES},
    Asked.FORM: _MESSAGES,
}


class Interactions:
    """The desk over which interactions go out and answers come in."""

    def __init__(
        self, world: World, gateway: Gateway, answer_within: float, token_life: float
    ) -> None:
        """``answer_within`` and ``token_life``: seconds for the first answer and for all."""
        self._world = world
        self._gateway = gateway
        self._answer_within = answer_within
        self._token_life = token_life
        self._by_id: OrderedDict[int, Interaction] = OrderedDict()
        self._by_token: dict[str, Interaction] = {}

    # From the person to the bot

    def open(
        self,
        kind: Asked,
        application: Application,
        user: User,
        channel: Channel,
        data: dict[str, Any],
        source: Message | None = None,
        trigger: Interaction | None = None,
    ) -> Interaction:
        """Send an interaction to the bot; ``data`` is its JSON."""
        self._forget_dead()
        id_ = self._world.snowflakes.next()
        target = self._world.users.get(int(data.get("target_id", 0)))
        interaction = Interaction(id_, kind, application, user, channel, source, trigger, target)
        invited = channel.guild is None or application.user_id in channel.guild.members
        if not invited or not self._gateway.reaches(application):
            interaction.fail()
            return interaction
        self._by_id[id_] = self._by_token[interaction.token] = interaction
        loop = asyncio.get_running_loop()
        interaction.deadline = loop.call_later(self._answer_within, interaction.fail)
        self._gateway.tell(application, "INTERACTION_CREATE", payload(interaction, data))
        return interaction

    def _forget_dead(self) -> None:
        while self._by_id:
            oldest = next(iter(self._by_id.values()))
            if not self._dead(oldest):
                return
            del self._by_id[oldest.id], self._by_token[oldest.token]

    def _dead(self, interaction: Interaction) -> bool:
        return time.monotonic() - interaction.opened > self._token_life

    def close(self) -> None:
        """Stop waiting for answers: every open interaction fails."""
        for interaction in self._by_id.values():
            if interaction.deadline:
                interaction.deadline.cancel()
            interaction.fail()

    # From the bot to the person

    def answer(
        self, id_: int, token: str, form: dict[str, Any], uploads: list[posting.Upload]
    ) -> dict[str, Any]:
        """The first answer. Returns the callback's JSON response.

        ApiError 10062 if it comes too late or from elsewhere, 40060 if there was one before,
        InvalidForm if it is of the wrong kind or malformed (another may follow).
        """
        interaction = self._by_id.get(id_)
        if interaction is None or interaction.token != token:
            raise ApiError(Fault.UNKNOWN_INTERACTION)
        if interaction.answer is not None:
            raise ApiError(Fault.ALREADY_ACKNOWLEDGED)
        if isinstance(_now(interaction.outcome), Failed):
            raise ApiError(Fault.UNKNOWN_INTERACTION)
        allowed = set(_ALLOWED[interaction.kind])
        if interaction.kind is Asked.FORM and interaction.source:
            allowed |= _UPDATES
        fields.choice(form.get("type"), allowed, ("type",))
        answer = Answered(form["type"])
        data = form.get("data") or {}
        self._carry_out(interaction, answer, data, uploads)
        interaction.answer = answer
        if interaction.deadline:
            interaction.deadline.cancel()
            interaction.deadline = None
        if interaction.original and interaction.original.loading:
            loop = asyncio.get_running_loop()
            left = interaction.opened + self._token_life - time.monotonic()
            interaction.deadline = loop.call_later(left, interaction.give_up)
        return callback_response(interaction, answer)

    def _carry_out(
        self,
        interaction: Interaction,
        answer: Answered,
        data: dict[str, Any],
        uploads: list[posting.Upload],
    ) -> None:
        match answer:
            case Answered.MESSAGE:
                interaction.original = self._write(interaction, data, uploads)
                interaction.finish(interaction.original)
            case Answered.DEFERRED_MESSAGE:
                interaction.original = self._think(interaction, data)
            case Answered.DEFERRED_UPDATE | Answered.UPDATE if interaction.source:
                if answer is Answered.UPDATE:
                    self._rewrite(interaction, interaction.source, data, uploads, ("data",))
                interaction.original = interaction.source
                interaction.finish(interaction.source)
            case Answered.CHOICES:
                choices = data.get("choices") or []
                command_limits.check_choices(choices, ("data", "choices"))
                interaction.finish(choices)
            case Answered.FORM:
                modal_limits.check(data)
                interaction.finish(data)

    def of_token(self, application_id: int, token: str) -> Interaction:
        """The answered interaction that a token belongs to.

        ApiError 50027 when the token is dead, 10015 while the first answer is missing.
        """
        interaction = self._by_token.get(token)
        if interaction is None or self._dead(interaction):
            raise ApiError(Fault.INVALID_WEBHOOK_TOKEN)
        if interaction.answer is None or interaction.application.id != application_id:
            raise ApiError(Fault.UNKNOWN_WEBHOOK)
        return interaction

    def follow_up(
        self, interaction: Interaction, form: dict[str, Any], uploads: list[posting.Upload]
    ) -> Message:
        """A further message; the first after a deferred answer takes that one's place."""
        original = interaction.original
        if original and original.loading:
            self.edit(interaction, original, form, uploads)
            return original
        message = self._write(interaction, form, uploads, ())
        interaction.followups[message.id] = message
        return message

    def find(self, interaction: Interaction, name: str) -> Message:
        """An answer by id, or ``@original``; ApiError 10008 if there is none."""
        original = interaction.original
        wanted = original if name == "@original" else interaction.followups.get(int(name))
        if wanted is None and original and name == str(original.id):
            wanted = original
        if wanted is None or wanted.deleted:
            raise ApiError(Fault.UNKNOWN_MESSAGE)
        return wanted

    def edit(
        self,
        interaction: Interaction,
        message: Message,
        form: dict[str, Any],
        uploads: list[posting.Upload],
    ) -> None:
        """Change an answer; a deferred one is complete with that."""
        self._rewrite(interaction, message, form, uploads, ())
        interaction.finish(message)

    def delete(self, interaction: Interaction, message: Message) -> None:
        """Take an answer back."""
        self._world.remove_message(message)
        interaction.finish(message)

    def _think(self, interaction: Interaction, data: dict[str, Any]) -> Message:
        message = Message(
            self._world.snowflakes.next(),
            interaction.channel,
            interaction.application.user,
            self._world.now(),
            kind=interaction.reply_kind,
            flags=int(Flag.LOADING),
            webhook_id=interaction.application.id,
            application=interaction.application,
            interaction=interaction.metadata(),
        )
        if (data.get("flags") or 0) & Flag.EPHEMERAL:
            message.addressee = interaction.user
            message.flags |= Flag.EPHEMERAL
        self._world.add_message(message)
        return message

    def _write(
        self,
        interaction: Interaction,
        form: dict[str, Any],
        uploads: list[posting.Upload],
        path: tuple[str, ...] = ("data",),
    ) -> Message:
        ephemeral = (form.get("flags") or 0) & Flag.EPHEMERAL
        try:
            return posting.create(
                self._world,
                interaction.channel,
                interaction.application.user,
                _draft(interaction, form, uploads),
                kind=interaction.reply_kind,
                webhook_id=interaction.application.id,
                application=interaction.application,
                addressee=interaction.user if ephemeral else None,
                interaction=interaction.metadata(),
            )
        except InvalidForm as fault:
            raise InvalidForm((*path, *fault.path), fault.reason, fault.text) from None

    def _rewrite(
        self,
        interaction: Interaction,
        message: Message,
        form: dict[str, Any],
        uploads: list[posting.Upload],
        path: tuple[str, ...],
    ) -> None:
        try:
            posting.edit(self._world, message, _draft(interaction, form, uploads))
        except InvalidForm as fault:
            raise InvalidForm((*path, *fault.path), fault.reason, fault.text) from None


def _now(outcome: "asyncio.Future[Outcome]") -> Outcome | None:
    return outcome.result() if outcome.done() else None


def _draft(
    interaction: Interaction, form: dict[str, Any], uploads: list[posting.Upload]
) -> posting.Draft:
    permissions = interaction.channel.permissions_of(interaction.application.user)
    may = bool(permissions & Permission.MENTION_EVERYONE)
    return posting.Draft(form, uploads, USERS_ONLY, may)
