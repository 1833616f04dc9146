"""Forms as bots send them, to be spoiled, and the exchanges in which they are sent."""

import json
from typing import Any

from sandbox.discord.traffic import Exchange

Json = dict[str, Any]
MESSAGES, HOOK = "/channels/5/messages", "/webhooks/6/token"
CALLBACK, COMMANDS = "/interactions/7/token/callback", "/applications/8/commands"
HTTP = "https://example.org"
V2 = 1 << 15


def asked(method: str, path: str, form: object, **query: str) -> Exchange:
    body = b"" if form is None else json.dumps(form).encode()
    return Exchange(method, path, query, body, 0, "application/json", b"")


def answered(method: str, path: str, status: int, data: object) -> Exchange:
    body = b"" if data is None else json.dumps(data).encode()
    return Exchange(method, path, {}, b"", status, "application/json", body)


def sent(*components: Json, **form: Any) -> Exchange:
    return asked("POST", MESSAGES, {"components": list(components), **form})


def row(*components: Json) -> Json:
    return {"type": 1, "components": list(components)}


def button(**changes: Any) -> Json:
    return {"type": 2, "style": 1, "label": "For", "custom_id": "a", **changes}


def menu(**changes: Any) -> Json:
    return {"type": 3, "custom_id": "s", "options": [{"label": "A", "value": "a"}], **changes}


def section(**changes: Any) -> Json:
    return {"type": 9, "components": [text()], "accessory": picture(), **changes}


def text(**changes: Any) -> Json:
    return {"type": 10, "content": "words", **changes}


def picture(**changes: Any) -> Json:
    return {"type": 11, "media": {"url": HTTP}, **changes}


def container(*components: Json, **changes: Any) -> Json:
    return {"type": 17, "components": list(components), **changes}


def embed(**changes: Any) -> Exchange:
    return sent(embeds=[changes])


def modal(*components: Json, **changes: Any) -> Exchange:
    data = {"title": "A form", "custom_id": "m", "components": list(components), **changes}
    return asked("POST", CALLBACK, {"type": 9, "data": data})


def label(component: Json, **changes: Any) -> Json:
    return {"type": 18, "label": "Title", "component": component, **changes}


def entry(**changes: Any) -> Json:
    return {"type": 4, "style": 1, "custom_id": "t", **changes}


def command(*options: Json, **changes: Any) -> Exchange:
    form = {"name": "vote", "description": "Vote", "options": list(options), **changes}
    return asked("PUT", COMMANDS, [form])


def taking(**changes: Any) -> Json:
    return {"type": 3, "name": "choice", "description": "A choice", **changes}


def choices(count: int, **changes: Any) -> list[Json]:
    return [{"name": "n", "value": "v", **changes}] * count
