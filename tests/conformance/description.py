"""Discord's own description of its HTTP API, held against what goes over the wire.

Every object is closed: a field that isn't described is a mismatch. What the description is known
to get wrong is put right first (``amendments``).
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs

from sandbox.discord.traffic import Exchange
from tests.conformance.amendments import AMENDMENTS
from tests.conformance.reasons import reasons

_NAME = "discord:api"
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}

# Answers that are nobody's description: never given, from within a broken Discord, from Cloudflare.
_LOST = (0,)
_BROKEN = 500
_CLOUDFLARE = (403, 429)


class Description:
    """The description in a file; ``document`` is its JSON, amended and closed."""

    def __init__(self, path: Path) -> None:
        self.document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        for keys, schema in AMENDMENTS.items():
            _amend(self.document, keys, schema)
        _merge(self.document["components"]["schemas"])
        _close(self.document)
        self._registry = jsonschema_rs.Registry([(_NAME, self.document)])
        self._validators: dict[int, Any] = {}
        # A step with a name of its own goes before one that stands for any.
        paths = sorted(self.document["paths"], key=lambda path: path.count("{"))
        self._paths = [(path, path.split("/")) for path in paths]

    def asked(self, exchange: Exchange) -> Iterator[str]:
        """What is wrong with the request: one line each, with the route, the field, and why."""
        template, operation, parameters = self._find(exchange)
        if operation is None:
            yield f"{exchange.method} {exchange.path}: no such route is described"
            return
        for reason in (
            *self._parameters(parameters, template, exchange),
            *self._form(operation, exchange),
        ):
            yield f"{exchange.method} {template}: request{reason}"

    def answered(self, exchange: Exchange) -> Iterator[str]:
        """The same of the answer."""
        template, operation, _ = self._find(exchange)
        if operation is None or exchange.status in _LOST or exchange.status >= _BROKEN:
            return
        if exchange.content_type == "text/html" and exchange.status in _CLOUDFLARE:
            return
        for reason in self._answer(operation, exchange):
            yield f"{exchange.method} {template}: answer {exchange.status}{reason}"

    def _find(self, exchange: Exchange) -> tuple[str, dict[str, Any] | None, list[dict[str, Any]]]:
        """The route's path as described, its description (None if it has none), its parameters."""
        template = self._template(exchange.path) or exchange.path
        described = self.document["paths"].get(template, {})
        operation = described.get(exchange.method.lower())
        parameters = [*described.get("parameters", ()), *(operation or {}).get("parameters", ())]
        return template, operation, parameters

    def _template(self, path: str) -> str | None:
        asked = path.split("/")

        def fits(steps: list[str]) -> bool:
            pairs = zip(steps, asked, strict=True)
            return all(step.startswith("{") or step == given for step, given in pairs)

        return next(
            (path for path, steps in self._paths if len(steps) == len(asked) and fits(steps)), None
        )

    def _parameters(
        self, described: list[dict[str, Any]], template: str, exchange: Exchange
    ) -> Iterator[str]:
        schemas = {(one["in"], one["name"]): one["schema"] for one in described}
        steps = zip(template.split("/"), exchange.path.split("/"), strict=True)
        given = {("path", step[1:-1]): value for step, value in steps if step.startswith("{")}
        given |= {("query", name): value for name, value in exchange.query.items()}
        for (where, name), text in given.items():
            if (where, name) not in schemas:
                yield f" {where} {name}: not described"
                continue
            schema = schemas[where, name]
            for reason in self._reasons(schema, _value(schema, text)):
                yield f" {where} {name}{reason}"

    def _form(self, operation: Mapping[str, Any], exchange: Exchange) -> Iterator[str]:
        body = operation.get("requestBody")
        if body is None:
            if exchange.asked:
                yield ": a body, and none is described"
        elif exchange.asked:
            # Forms with files are described as this one beside the files.
            schema = body["content"]["application/json"]["schema"]
            yield from self._body(schema, exchange.asked)
        elif body.get("required"):
            yield ": no body, and one is required"

    def _answer(self, operation: Mapping[str, Any], exchange: Exchange) -> Iterator[str]:
        status, answers = str(exchange.status), operation["responses"]
        answer = answers.get(status) or answers.get(f"{status[0]}XX")
        if answer is None:
            yield ": not described"
            return
        if "$ref" in answer:
            answer = self.document["components"]["responses"][answer["$ref"].rsplit("/")[-1]]
        schema = answer.get("content", {}).get("application/json", {}).get("schema")
        if schema is None:
            if exchange.answered:
                yield ": a body, and none is described"
        elif exchange.content_type != "application/json":
            yield f": {exchange.content_type} instead of JSON"
        else:
            yield from self._body(schema, exchange.answered)

    def _body(self, schema: dict[str, Any], text: bytes) -> Iterator[str]:
        try:
            value = json.loads(text)
        except ValueError:
            yield ": not JSON"
        else:
            yield from self._reasons(schema, value)

    def _reasons(self, schema: dict[str, Any], value: Any) -> Iterator[str]:
        validator = self._validators.get(id(schema))
        if validator is None:
            validator = self._validators[id(schema)] = jsonschema_rs.validator_for(
                schema, registry=self._registry, validate_formats=True
            )
        if not validator.is_valid(value):
            yield from reasons(validator.iter_errors(value))


def _value(schema: Mapping[str, Any], text: str) -> Any:
    """A parameter's text as the JSON that its schema is about."""
    match schema.get("type"):
        case "boolean":
            return _BOOLEANS.get(text.lower(), text)
        case "integer" if text.lstrip("-").isdecimal():
            return int(text)
        case _:
            return text


def _amend(document: dict[str, Any], keys: str, schema: object) -> None:
    """Set what is at ``keys`` below the schemas; LookupError if their parent isn't there."""
    *parents, last = keys.split(".")
    at = document["components"]["schemas"]
    for key in parents:
        at = at[int(key)] if isinstance(at, list) else at[key]
    if isinstance(at, list):
        at[int(last)] = schema
    else:
        at[last] = schema


def _merge(schemas: dict[str, Any]) -> None:
    """Make one of the objects that are made of several (allOf), so that they can be closed."""
    for schema in schemas.values():
        if schema.get("type") == "object":
            for part in schema.pop("allOf", ()):
                whole = schemas[part["$ref"].rsplit("/")[-1]] if "$ref" in part else part
                schema.setdefault("properties", {}).update(whole["properties"])
                schema.setdefault("required", []).extend(whole.get("required", ()))


def _close(node: Any) -> None:
    """Close every object, and make every reference absolute."""
    for child in node.values() if isinstance(node, dict) else node:
        if isinstance(child, dict | list):
            _close(child)
    if isinstance(node, dict):
        if "properties" in node and "object" in node.get("type", ()):
            node.setdefault("unevaluatedProperties", False)
        if str(node.get("$ref")).startswith("#"):
            node["$ref"] = _NAME + node["$ref"]
