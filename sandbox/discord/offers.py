"""What Discord's own client lets a person type: the commands offered and the options they take."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from .guilds import Channel, Thread
from .layout import Kind
from .limits.commands import CHAT, USER, OptionKind
from .permissions import Permission
from .users import Application, User
from .world import World

_SAFE_INTEGER = 2**53
_KIND_OF_SELECT = {
    Kind.USER_SELECT: OptionKind.USER,
    Kind.ROLE_SELECT: OptionKind.ROLE,
    Kind.MENTIONABLE_SELECT: OptionKind.MENTIONABLE,
    Kind.CHANNEL_SELECT: OptionKind.CHANNEL,
}
_UNRESOLVED = {"owner_id", "message_count", "total_message_sent", "member_count"}
"""What isn't told of a thread that was chosen."""


class NotOffered(Exception):
    """A person could not have done this: Discord's client doesn't offer or allow it."""


class HasId(Protocol):
    """A person, member, account, role or channel."""

    @property
    def id(self) -> int: ...


@dataclass(frozen=True)
class Offer:
    """A registered command, down to the subcommand ``path`` below its name.

    It is typed, or it stands in the menu of every account; then it takes no options.
    """

    application: Application
    command: dict[str, Any]
    path: tuple[dict[str, Any], ...]

    @property
    def options(self) -> Sequence[dict[str, Any]]:
        """The options that the (sub)command takes."""
        return (self.path[-1] if self.path else self.command).get("options") or ()

    @property
    def in_menu(self) -> bool:
        """Whether it is found in the menu of an account."""
        return bool(self.command["type"] == USER)

    @property
    def title(self) -> str:
        """What people call it."""
        return _title(self.command["type"], self.command["name"])

    def data(self, options: list[dict[str, Any]], resolved: dict[str, Any]) -> dict[str, Any]:
        """The interaction's data, with the options wrapped into the subcommand."""
        for step in reversed(self.path):
            options = [{"type": step["type"], "name": step["name"], "options": options}]
        data: dict[str, Any] = {
            "id": self.command["id"],
            "name": self.command["name"],
            "type": CHAT,
            "options": options,
        }
        if resolved:
            data["resolved"] = resolved
        return data


def _title(kind: int, name: str) -> str:
    return f"/{name}" if kind == CHAT else repr(name)


def find(world: World, channel: Channel, name: str, of: Application | None) -> Offer:
    """The typed command of that full name (``proposal cancel``)."""
    first, *rest = name.split()
    application, command = _find(world, channel, CHAT, first, of)
    path: list[dict[str, Any]] = []
    for word in rest:
        inside = (path[-1] if path else command).get("options") or ()
        step = next(
            (o for o in inside if o["name"] == word and o["type"] < OptionKind.STRING), None
        )
        if step is None:
            raise NotOffered(f"/{name}: there is no {word!r}")
        path.append(step)
    offer = Offer(application, command, tuple(path))
    if any(option["type"] < OptionKind.STRING for option in offer.options):
        raise NotOffered(f"/{name} goes on with one of {[o['name'] for o in offer.options]}")
    return offer


def find_in_menu(world: World, channel: Channel, name: str, of: Application | None) -> Offer:
    """The command of that name in the menus of accounts."""
    return Offer(*_find(world, channel, USER, name, of), ())


def _find(
    world: World, channel: Channel, kind: int, name: str, of: Application | None
) -> tuple[Application, dict[str, Any]]:
    found = [
        (application, command)
        for application in _present(world, channel)
        for command in application.commands.values()
        if command["name"] == name and command["type"] == kind and of in (None, application)
    ]
    if len(found) != 1:
        raise NotOffered(f"{len(found)} applications offer {_title(kind, name)} here")
    return found[0]


def _present(world: World, channel: Channel) -> Iterable[Application]:
    if channel.application:
        return [channel.application]
    members = channel.home.members
    return [a for a in world.applications.values() if a.user_id in members]


def check_allowed(offer: Offer, channel: Channel, user: User) -> None:
    """Refuse a command that the person doesn't find in this channel."""
    contexts = offer.command["contexts"]
    if contexts is not None and (0 if channel.guild else 1) not in contexts:
        raise NotOffered(f"{offer.title} is not offered in this kind of channel")
    if channel.guild is None:
        return
    permissions = channel.permissions_of(user)
    needed = Permission.VIEW_CHANNEL | Permission.USE_APPLICATION_COMMANDS
    if not offer.in_menu:  # which opens where nothing can be typed, too
        threaded = isinstance(channel, Thread)
        needed |= Permission.SEND_MESSAGES_IN_THREADS if threaded else Permission.SEND_MESSAGES
    if permissions & needed != needed:
        raise NotOffered(f"{user.name} may not use commands in #{channel.name}")
    if isinstance(channel, Thread) and channel.archived:
        raise NotOffered("an archived thread takes no commands")
    required = offer.command["default_member_permissions"]
    # No permission at all means that only administrators are offered the command.
    wanted = None if required is None else int(required) or Permission.ADMINISTRATOR
    if wanted is not None and permissions & wanted != wanted:
        raise NotOffered(f"{offer.title} is not offered to {user.name}")


def fill(
    world: World, offer: Offer, channel: Channel, given: Mapping[str, Any], *, tamper: bool
) -> dict[str, Any]:
    """The interaction's data with the options given; checked as the client does, or tampered."""
    given = {name.rstrip("_"): value for name, value in given.items()}
    specs = {spec["name"]: spec for spec in offer.options}
    if not tamper:
        for name in given.keys() - specs.keys():
            raise NotOffered(f"{offer.title} has no option {name!r}")
        for name, spec in specs.items():
            if spec.get("required") and given.get(name) is None:
                raise NotOffered(f"{offer.title} needs {name!r}")
    options: list[dict[str, Any]] = []
    resolved: dict[str, Any] = {}
    for name, value in given.items():
        if value is None:
            continue
        spec = specs.get(name) or {"name": name, "type": _guess(value)}
        sent = _value(spec, value, tamper=tamper)
        options.append({"type": spec["type"], "name": name, "value": sent})
        resolve(world, channel, OptionKind(spec["type"]), sent, resolved)
    return offer.data(options, resolved)


def fill_so_far(
    offer: Offer, given: Mapping[str, Any], focused: dict[str, Any], typed: str
) -> dict[str, Any]:
    """The data of an interaction that asks for suggestions while an option is being typed.

    The options filled in before come as they are, unchecked, and what they stand for is not told.
    """
    specs = {spec["name"]: spec for spec in offer.options}
    options: list[dict[str, Any]] = []
    for name, value in given.items():
        spec = specs.get(name.rstrip("_"))
        if spec is None:
            raise NotOffered(f"{offer.title} has no option {name!r}")
        chosen = {choice["name"]: choice["value"] for choice in spec.get("choices") or ()}
        sent = _value(spec, chosen.get(value, value), tamper=True)
        options.append({"type": spec["type"], "name": spec["name"], "value": sent})
    kind, name = focused["type"], focused["name"]
    options.append({"type": kind, "name": name, "value": typed, "focused": True})
    return offer.data(options, {})


def aim(world: World, offer: Offer, channel: Channel, target: HasId) -> dict[str, Any]:
    """The data of an interaction for a command in the menu of an account."""
    resolved: dict[str, Any] = {}
    resolve(world, channel, OptionKind.USER, str(target.id), resolved)
    return {
        "id": offer.command["id"],
        "name": offer.command["name"],
        "type": USER,
        "target_id": str(target.id),
        "resolved": resolved,
    }


def _guess(value: Any) -> OptionKind:
    if isinstance(value, bool):
        return OptionKind.BOOLEAN
    if isinstance(value, int):
        return OptionKind.INTEGER
    return OptionKind.NUMBER if isinstance(value, float) else OptionKind.STRING


def _value(spec: dict[str, Any], value: Any, *, tamper: bool) -> Any:
    """The option's value as it is sent; NotOffered if the client would not send it."""
    kind = OptionKind(spec["type"])
    if kind in (OptionKind.USER, OptionKind.CHANNEL, OptionKind.ROLE, OptionKind.MENTIONABLE):
        if kind is OptionKind.CHANNEL and not tamper:
            _check_channel(spec, value)
        return str(getattr(value, "id", value))
    if tamper:
        return value
    name = spec["name"]
    match kind:
        case OptionKind.STRING:
            if not isinstance(value, str):
                raise NotOffered(f"{name} takes text")
            value = _choice(spec, value)
            if not spec.get("min_length", 0) <= len(value) <= spec.get("max_length", 6000):
                raise NotOffered(f"{name} is too short or too long")
        case OptionKind.INTEGER | OptionKind.NUMBER:
            value = _choice(spec, value)
            whole = isinstance(value, int) and not isinstance(value, bool)
            if not whole and (kind is OptionKind.INTEGER or not isinstance(value, float)):
                raise NotOffered(f"{name} takes a number")
            low = spec.get("min_value", -_SAFE_INTEGER)
            if not low <= value <= spec.get("max_value", _SAFE_INTEGER):
                raise NotOffered(f"{name} is too small or too large")
        case OptionKind.BOOLEAN:
            if not isinstance(value, bool):
                raise NotOffered(f"{name} takes true or false")
        case _:
            raise NotOffered(f"options of type {kind.name} can't be typed here")
    return value


def _check_channel(spec: dict[str, Any], value: Any) -> None:
    kinds = spec.get("channel_types")
    if kinds and isinstance(value, Channel) and value.kind not in kinds:
        raise NotOffered(f"{spec['name']} takes no channel like #{value.name}")


def _choice(spec: dict[str, Any], value: Any) -> Any:
    """The value behind a choice, picked by its name or given directly."""
    choices = spec.get("choices") or ()
    if not choices:
        return value
    for choice in choices:
        if value in (choice["name"], choice["value"]):
            return choice["value"]
    raise NotOffered(f"{spec['name']}: {value!r} is none of {[c['name'] for c in choices]}")


def resolve(
    world: World, channel: Channel, kind: OptionKind, value: Any, resolved: dict[str, Any]
) -> None:
    """Add to ``resolved`` the JSON of the account, role or channel whose id was sent."""
    if kind not in _KIND_OF_SELECT.values() or not str(value).isdecimal():
        return
    id_, guild = int(value), channel.guild

    def add(where: str, data: dict[str, Any]) -> None:
        resolved.setdefault(where, {})[str(id_)] = data

    if kind in (OptionKind.USER, OptionKind.MENTIONABLE) and id_ in world.users:
        add("users", world.users[id_].wire())
        member = guild.members.get(id_) if guild else None
        if member:
            wire = {**member.wire(), "permissions": str(member.permissions_in(channel))}
            add("members", {k: v for k, v in wire.items() if k not in ("user", "deaf", "mute")})
    if kind in (OptionKind.ROLE, OptionKind.MENTIONABLE) and guild and id_ in guild.roles:
        add("roles", guild.roles[id_].wire())
    if kind is OptionKind.CHANNEL and id_ in world.channels:
        target = world.channels[id_]
        wire = target.wire_partial(str(Permission.VIEW_CHANNEL.value))
        add("channels", {k: v for k, v in wire.items() if k not in _UNRESOLVED})


def resolve_select(
    world: World, channel: Channel, kind: Kind, values: Sequence[str]
) -> dict[str, Any]:
    """The ``resolved`` of a select menu that chooses accounts, roles or channels."""
    resolved: dict[str, Any] = {}
    if kind in _KIND_OF_SELECT:
        for value in values:
            resolve(world, channel, _KIND_OF_SELECT[kind], value, resolved)
    return resolved


def pick(menu: dict[str, Any], wanted: Sequence[Any]) -> list[str]:
    """The values of a menu's options chosen by label or value, or the ids of the objects.

    NotOffered for an option that isn't there, or for too few or too many.
    """
    if menu["type"] in _KIND_OF_SELECT:
        values = [str(getattr(item, "id", item)) for item in wanted]
    else:
        by_name = {option["label"]: option["value"] for option in menu["options"]}
        by_name |= {option["value"]: option["value"] for option in menu["options"]}
        for item in wanted:
            if item not in by_name:
                raise NotOffered(f"{item!r} is none of {[o['label'] for o in menu['options']]}")
        values = [by_name[item] for item in wanted]
    low = menu.get("min_values", 0 if menu.get("required") is False else 1)
    if not low <= len(values) <= menu.get("max_values", 1):
        raise NotOffered(f"{len(values)} options chosen, which is too few or too many")
    return values
