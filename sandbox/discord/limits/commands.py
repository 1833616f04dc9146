"""What the commands that an application registers may look like."""

import re
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Any

from ..errors import InvalidForm
from ..layout import Path
from . import fields


class OptionKind(IntEnum):
    """Discord's types of command option."""

    SUBCOMMAND = 1
    GROUP = 2
    STRING = 3
    INTEGER = 4
    BOOLEAN = 5
    USER = 6
    CHANNEL = 7
    ROLE = 8
    MENTIONABLE = 9
    NUMBER = 10
    ATTACHMENT = 11


CHAT, USER, MESSAGE = 1, 2, 3
_SAFE_INTEGER = 2**53
_MOST = {CHAT: 100, USER: 15, MESSAGE: 15}
# Letters and digits of any script, with the marks that Devanagari and Thai need.
_NAME = re.compile(r"[-_'\w\u0900-\u097f\u0e00-\u0e7f]{1,32}")
_WITH_CHOICES = (OptionKind.STRING, OptionKind.INTEGER, OptionKind.NUMBER)
_NESTING = (OptionKind.SUBCOMMAND, OptionKind.GROUP)


def check(commands: Sequence[dict[str, Any]]) -> None:
    """Refuse a whole registration (bulk overwrite); paths start with the command's index."""
    seen: set[tuple[int, str]] = set()
    for index, command in enumerate(commands):
        kind = command.get("type") or CHAT
        fields.choice(kind, _MOST, (index, "type"))
        _command(command, kind, (index,))
        if (kind, command["name"]) in seen:
            raise InvalidForm(
                (index,),
                "APPLICATION_COMMANDS_DUPLICATE_NAME",
                "Application command names must be unique",
            )
        seen.add((kind, command["name"]))
    for kind, most in _MOST.items():
        if sum(1 for k, _ in seen if k == kind) > most:
            raise InvalidForm(
                (),
                "APPLICATION_COMMANDS_MAX",
                f"Maximum number of application commands reached ({most}).",
            )


def _command(command: dict[str, Any], kind: int, path: Path) -> None:
    if kind != CHAT:
        fields.text(command, "name", 1, 32, path)
        if command.get("description"):
            raise InvalidForm(
                (*path, "description"),
                "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION",
                "Context menu commands cannot have a description",
            )
        if command.get("options"):
            raise InvalidForm(
                (*path, "options"),
                "APPLICATION_COMMAND_CONTEXT_MENU_OPTIONS",
                "Context menu commands cannot have options",
            )
        return
    _named(command, path)
    _options(command.get("options") or (), path, depth=0)
    if _weight(command) > 8000:
        raise InvalidForm(
            path,
            "APPLICATION_COMMAND_TOO_LARGE",
            "Command exceeds maximum size (8000)",
        )


def _named(item: dict[str, Any], path: Path) -> None:
    fields.text(item, "name", 1, 32, path)
    for key, name in _localised(item, "name"):
        if not _NAME.fullmatch(name) or name != name.lower():
            raise InvalidForm(
                (*path, *key), "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid"
            )
    fields.text(item, "description", 1, 100, path)
    for key, description in _localised(item, "description"):
        fields.length(description, 1, 100, (*path, *key))


def _localised(item: dict[str, Any], key: str) -> Iterable[tuple[Path, str]]:
    if item.get(key) is not None:
        yield (key,), item[key]
    for locale, value in (item.get(f"{key}_localizations") or {}).items():
        yield (f"{key}_localizations", locale), value


def _options(options: Sequence[dict[str, Any]], path: Path, *, depth: int) -> None:
    path = (*path, "options")
    fields.length(options, 0, 25, path)
    names: set[str] = set()
    optional_seen = False
    nested = sum(1 for option in options if option.get("type") in _NESTING)
    for index, option in enumerate(options):
        here = (*path, index)
        kind = option.get("type")
        fields.choice(kind, tuple(OptionKind), (*here, "type"))
        _named(option, here)
        if option["name"] in names:
            raise InvalidForm(
                here,
                "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS",
                "Option name already exists",
            )
        names.add(option["name"])
        if nested and nested < len(options):
            raise InvalidForm(
                (*here, "type"),
                "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
                "Sub-command and sub-command group option types are mutually exclusive to all "
                "other types",
            )
        if kind in _NESTING:
            # A group stands directly below the command, a subcommand there or in a group.
            if depth > (0 if kind == OptionKind.GROUP else 1):
                raise InvalidForm(
                    (*here, "type"),
                    "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
                    "Invalid nesting of sub-commands and groups",
                )
            inside = option.get("options") or ()
            _options(inside, here, depth=1 if kind == OptionKind.GROUP else 2)
            continue
        if option.get("required"):
            if optional_seen:
                raise InvalidForm(
                    here,
                    "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                    "Required options must be placed before non-required options",
                )
        else:
            optional_seen = True
        _value_rules(option, here)


def _value_rules(option: dict[str, Any], path: Path) -> None:
    choices = option.get("choices") or ()
    if (choices or option.get("autocomplete")) and option["type"] not in _WITH_CHOICES:
        raise InvalidForm(
            path,
            "APPLICATION_COMMAND_OPTION_CHOICES_FORBIDDEN",
            "Only string, integer and number options can have choices or autocomplete",
        )
    if choices and option.get("autocomplete"):
        raise InvalidForm(
            (*path, "choices"),
            "APPLICATION_COMMAND_OPTION_AUTOCOMPLETE_WITH_CHOICES",
            "Autocomplete cannot be used together with choices",
        )
    check_choices(choices, (*path, "choices"))
    _check_different(choices, (*path, "choices"))
    fields.number(option, "min_length", 0, 6000, path)
    fields.number(option, "max_length", 1, 6000, path)
    for least, most in (("min_length", "max_length"), ("min_value", "max_value")):
        if option.get(most) is not None:
            fields.number(option, least, -_SAFE_INTEGER, option[most], path)


def _check_different(choices: Sequence[dict[str, Any]], path: Path) -> None:
    names: set[str] = set()
    for index, choice in enumerate(choices):
        if choice["name"] in names:
            raise InvalidForm(
                (*path, index),
                "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_EXISTS",
                "Option choice name already exists",
            )
        names.add(choice["name"])


def check_choices(choices: Sequence[dict[str, Any]], path: Path) -> None:
    """The choices of an option, registered or suggested while typing."""
    fields.length(choices, 0, 25, path)
    for index, choice in enumerate(choices):
        here = (*path, index)
        fields.text(choice, "name", 1, 100, here)
        if choice.get("value") is None:
            raise fields.required((*here, "value"))
        if isinstance(choice["value"], str):
            fields.length(choice["value"], 1, 100, (*here, "value"))


def _weight(item: dict[str, Any]) -> int:
    """Characters of names, descriptions and values; of a localised text the longest counts."""
    total = 0
    for key in ("name", "description"):
        total += max((len(value) for _, value in _localised(item, key)), default=0)
    for choice in item.get("choices") or ():
        total += max(len(name) for _, name in _localised(choice, "name"))
        total += len(str(choice["value"])) if isinstance(choice["value"], str) else 0
    return total + sum(_weight(option) for option in item.get("options") or ())
