"""Acting on a bot and waiting for what comes of it: a message, or a form to fill in."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .acts import Asked, Failed, Interaction
from .guilds import Channel
from .interactions import Interactions
from .layout import SELECTS, Kind, visible_text, walk
from .messages import Message
from .offers import NotOffered, pick, resolve_select
from .users import Application, User
from .world import World


@dataclass(frozen=True)
class Field:
    """A field of a form. ``options`` are the labels of a menu, radio or checkbox group."""

    custom_id: str
    label: str
    value: str
    required: bool
    min_length: int
    max_length: int
    kind: Kind
    options: tuple[str, ...]
    component: dict[str, Any]


class Form:
    """A form (modal) on a person's screen."""

    def __init__(self, stage: "Stage", interaction: Interaction, raw: dict[str, Any]) -> None:
        self._stage = stage
        self._interaction = interaction
        self.raw = raw
        for number, (_, component) in enumerate(walk(raw["components"]), start=1):
            component.setdefault("id", number)

    @property
    def title(self) -> str:
        """The title."""
        title: str = self.raw["title"]
        return title

    @property
    def text(self) -> str:
        """The title, labels, descriptions and texts in reading order."""
        return visible_text(self.title, (), self.raw["components"])

    @property
    def fields(self) -> list[Field]:
        """The fields in order."""
        found = []
        for component in self.raw["components"]:
            match component["type"]:
                case Kind.LABEL:
                    found.append(_field(component["component"], component))
                case Kind.ACTION_ROW:
                    found.append(_field(component["components"][0], component["components"][0]))
        return found

    def field(self, name: str) -> Field:
        """A field by custom id or label; NotOffered if there is none."""
        for field in self.fields:
            if name == field.custom_id or name.casefold() == field.label.casefold():
                return field
        raise NotOffered(f"{self.title}: no field {name!r} in {[f.label for f in self.fields]}")

    async def submit(
        self, values: Mapping[str, Any] | None = None, *, tamper: bool = False, **more: Any
    ) -> "Message | Form":
        """Fill in fields by custom id or label and send the form; other fields stay as they are.

        Text fields take text, menus a list of labels, values or objects, radio groups a label or
        value, checkboxes a bool. NotOffered where the client would refuse, unless ``tamper``.
        """
        given: dict[str, Any] = {}
        for name, value in {**(values or {}), **more}.items():
            given[self.field(name).custom_id] = value
        sent = {f.custom_id: _filled(f, given, tamper=tamper) for f in self.fields}
        resolved: dict[str, Any] = {}
        for field in self.fields:
            if field.kind in SELECTS:
                chosen = sent[field.custom_id]["values"]
                stage, channel = self._stage, self._interaction.channel
                found = resolve_select(stage.world, channel, field.kind, chosen)
                for where, items in found.items():
                    resolved.setdefault(where, {}).update(items)
        data: dict[str, Any] = {
            "custom_id": self.raw["custom_id"],
            "components": [_submitted(c, sent) for c in self.raw["components"]],
        }
        if resolved:
            data["resolved"] = resolved
        return await self._stage.act(
            Asked.FORM,
            self._interaction.application,
            self._interaction.user,
            self._interaction.channel,
            data,
            self._interaction.source,
            self._interaction,
        )


@dataclass(frozen=True)
class Stage:
    """Where people act: the world and the desk; ``patience`` is how long they wait (seconds)."""

    world: World
    interactions: Interactions
    patience: float

    async def act(
        self,
        kind: Asked,
        application: Application,
        user: User,
        channel: Channel,
        data: dict[str, Any],
        source: Message | None = None,
        trigger: Interaction | None = None,
    ) -> Message | Form:
        """Do something and wait for the complete answer; Failed if there is none."""
        interaction = self._open(kind, application, user, channel, data, source, trigger)
        outcome = await self._outcome(interaction)
        return outcome if isinstance(outcome, Message) else Form(self, interaction, outcome)

    async def suggestions(
        self, application: Application, user: User, channel: Channel, data: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Ask for choices while typing; Failed if there are none in time."""
        interaction = self._open(Asked.AUTOCOMPLETE, application, user, channel, data)
        choices: list[dict[str, Any]] = await self._outcome(interaction)
        return choices

    def _open(
        self,
        kind: Asked,
        application: Application,
        user: User,
        channel: Channel,
        data: dict[str, Any],
        source: Message | None = None,
        trigger: Interaction | None = None,
    ) -> Interaction:
        if channel.guild and user.id not in channel.guild.members:
            raise NotOffered(f"{user.name} is not in {channel.guild.name}")
        return self.interactions.open(kind, application, user, channel, data, source, trigger)

    async def _outcome(self, interaction: Interaction) -> Any:
        try:
            async with asyncio.timeout(self.patience):
                # Who stops waiting doesn't stop the bot from answering.
                outcome = await asyncio.shield(interaction.outcome)
        except TimeoutError:
            raise Failed(f"{interaction.application.name} is thinking...") from None
        if isinstance(outcome, Failed):
            raise outcome
        return outcome


def _field(component: dict[str, Any], labelled: dict[str, Any]) -> Field:
    kind = Kind(component["type"])
    return Field(
        component["custom_id"],
        labelled["label"],
        component.get("value") or "",
        component.get("required", kind is not Kind.CHECKBOX),
        component.get("min_length") or 0,
        component.get("max_length") or 4000,
        kind,
        tuple(option["label"] for option in component.get("options") or ()),
        component,
    )


def _filled(field: Field, given: Mapping[str, Any], *, tamper: bool) -> dict[str, Any]:
    """The value part of a field that is sent."""
    value = given.get(field.custom_id)
    match field.kind:
        case Kind.TEXT_INPUT:
            text = field.value if value is None else value
            if not tamper:
                _check_text(field, text)
            return {"value": text}
        case Kind.CHECKBOX:
            default = field.component.get("default", False)
            return {"value": default if value is None else bool(value)}
        case Kind.RADIO_GROUP:
            chosen = _chosen(field, None if value is None else [value], tamper=tamper)
            return {"value": chosen[0] if chosen else None}
        case _:
            return {"values": _chosen(field, value, tamper=tamper)}


def _check_text(field: Field, text: str) -> None:
    if field.required and not text:
        raise NotOffered(f"{field.label} is required")
    if len(text) > field.max_length:
        raise NotOffered(f"{field.label} takes {field.max_length} characters, not {len(text)}")
    if text and len(text) < field.min_length:
        raise NotOffered(f"{field.label} needs {field.min_length} characters, not {len(text)}")


def _chosen(field: Field, value: Any, *, tamper: bool) -> list[str]:
    options = field.component.get("options") or ()
    if value is None:
        value = [option["value"] for option in options if option.get("default")]
        if not value and not field.required:
            return []
    if tamper:
        return [str(getattr(item, "id", item)) for item in value]
    menu = field.component
    if field.kind is Kind.CHECKBOX_GROUP:
        menu = {"max_values": len(options), **menu}
    return pick(menu, value)


def _submitted(component: dict[str, Any], sent: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """A component of the form as it comes back."""
    echo = {"type": component["type"], "id": component["id"]}
    match component["type"]:
        case Kind.LABEL:
            echo["component"] = _submitted(component["component"], sent)
        case Kind.ACTION_ROW:
            echo["components"] = [_submitted(c, sent) for c in component["components"]]
        case Kind.TEXT_DISPLAY:
            pass
        case _:
            echo |= {"custom_id": component["custom_id"], **sent[component["custom_id"]]}
    return echo
