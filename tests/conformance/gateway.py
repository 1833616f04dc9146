"""Discord's field tables (``tables``), held against what goes over the gateway.

The documentation's tables are the only description of the gateway that there is. The files hold
them in its own notation; ``Gateway`` makes JSON schemas of them.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs

from sandbox.discord.traffic import Payload
from tests.conformance.reasons import reasons as explained

TABLES = Path(__file__).with_name("tables")
_NAME = "discord:gateway"
_SCALARS: dict[str, dict[str, Any]] = {
    "any": {},
    "null": {"type": "null"},
    "snowflake": {"type": "string", "pattern": "^(0|[1-9][0-9]*)$"},
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "timestamp": {"type": "string", "format": "date-time"},
}
_DISPATCH, _INTERACTION = 0, "INTERACTION_CREATE"
_TOLD = {1: "null", 7: "null", 9: "boolean", 10: "hello", 11: "null"}
_SAID = {
    1: "?integer",
    2: "identify",
    3: "presence",
    6: "resume",
    8: "members_by_ids|members_by_name",
}
"""By opcode, what the gateway tells a bot besides events, and what a bot says."""


class Gateway:
    """Checks payloads, each by the table of its event or opcode."""

    def __init__(self) -> None:
        files = sorted(TABLES.glob("*.txt"))
        tables = schemas("\n\n".join(file.read_text(encoding="utf-8") for file in files))
        self.tables = tables
        self._registry = jsonschema_rs.Registry([(_NAME, tables)])
        self._validators: dict[str, Any] = {}

    def mismatches(self, payload: Payload) -> Iterator[str]:
        """One line for each mismatch: the event, the direction, the field, and why."""
        told = json.loads(payload.text)
        title, type_ = _table(told, from_bot=payload.from_bot)
        for reason in self.reasons("said" if payload.from_bot else "payload", told):
            yield f"{title}: {reason}"
        if type_ is None or (type_.isidentifier() and type_ not in {*self.tables, *_SCALARS}):
            yield f"{title}: no such payload is documented"
            return
        for reason in self.reasons(type_, told.get("d")):
            yield f"{title}: .d{reason}"

    def reasons(self, type_: str, value: Any) -> Iterator[str]:
        validator = self._validators.get(type_)
        if validator is None:
            validator = self._validators[type_] = jsonschema_rs.validator_for(
                _schema(type_), registry=self._registry, validate_formats=True
            )
        if not validator.is_valid(value):
            yield from explained(validator.iter_errors(value))


def _table(told: dict[str, Any], *, from_bot: bool) -> tuple[str, str | None]:
    """What a payload is called, and the type of its data."""
    op, name = told.get("op"), told.get("t")
    if from_bot:
        return f"gateway opcode {op}: from the bot", _SAID.get(op or 0)
    if op != _DISPATCH:
        return f"gateway opcode {op}: to the bot", _TOLD.get(op or 0)
    title = f"gateway event {name}: to the bot"
    if name == _INTERACTION:
        place = "here" if "guild_id" in told["d"] else "direct"
        return title, f"interaction_{told['d'].get('type')}_{place}"
    return title, str(name).lower()


def schemas(text: str) -> dict[str, dict[str, Any]]:
    """The tables in ``text`` by name, as closed schemas."""
    rows: dict[str, list[str]] = {}
    parents: dict[str, list[str]] = {}
    found: dict[str, dict[str, Any]] = {}
    name = ""
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        if line.startswith(" "):
            rows[name].append(line)
        elif "=" in line:
            name, _, choice = line.partition(" = ")
            found[name] = _schema(choice)
        else:
            name, _, listed = line.partition(" : ")
            rows[name], parents[name] = [], listed.split(", ") if listed else []

    def fields(name: str) -> Iterator[list[str]]:
        for parent in parents[name]:
            yield from fields(parent)
        yield from (row.split() for row in rows[name])

    for name in rows:
        described = dict(fields(name))
        found[name] = {
            "type": "object",
            "properties": {field.rstrip("?"): _schema(type_) for field, type_ in described.items()},
            "required": [field for field in described if not field.endswith("?")],
            "additionalProperties": False,
        }
    return found


def _schema(type_: str) -> dict[str, Any]:
    """The schema of a type as the tables write it."""
    if type_.startswith("?"):
        return {"oneOf": [_SCALARS["null"], _schema(type_[1:])]}
    if type_.startswith("["):
        return {"type": "array", "items": _schema(type_[1:-1])}
    if type_.startswith("{"):
        return {"type": "object", "additionalProperties": _schema(type_[1:-1])}
    if type_.startswith("="):
        return {"enum": [int(value.lstrip("=")) for value in type_.split("|")]}
    if "|" in type_:
        return {"oneOf": [_schema(choice) for choice in type_.split("|")]}
    return _SCALARS.get(type_, {"$ref": f"{_NAME}#/{type_}"})
