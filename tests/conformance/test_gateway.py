"""The checker finds and names what Discord's field tables don't have."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from sandbox.discord.traffic import Payload
from tests.conformance.gateway import Gateway, schemas

Json = dict[str, Any]
USER: Json = {
    "id": "5",
    "username": "ann",
    "discriminator": "0",
    "global_name": "Ann",
    "avatar": None,
}
INTERACTION: Json = {
    "id": "7",
    "application_id": "8",
    "type": 2,
    "channel_id": "9",
    "token": "t",
    "version": 1,
    "app_permissions": "0",
    "locale": "en-US",
    "entitlements": [],
    "authorizing_integration_owners": {"0": "0"},
    "attachment_size_limit": 10_485_760,
    "channel": {"id": "9", "type": 1, "recipients": [USER], "flags": 0, "permissions": "0"},
    "user": USER,
    "context": 1,
}
ON_BEN: Json = {
    "id": "6",
    "name": "Delegate to…",
    "type": 2,
    "target_id": "5",
    "resolved": {"users": {"5": USER}},
}
IDENTIFY: Json = {
    "token": "t",
    "intents": 1,
    "properties": {"os": "linux", "browser": "b", "device": "d"},
}
CHUNK: Json = {"guild_id": "1", "members": [], "chunk_index": 0, "chunk_count": 1}


def event(name: str, data: object) -> Payload:
    text = json.dumps({"op": 0, "s": 1, "t": name, "d": data})
    return Payload(from_bot=False, text=text)


def told(op: int, d: object, **more: object) -> Payload:
    text = json.dumps({"op": op, "d": d, "s": None, "t": None, **more})
    return Payload(from_bot=False, text=text)


def said(op: int, d: object) -> Payload:
    return Payload(from_bot=True, text=json.dumps({"op": op, "d": d}))


def removed(**changes: object) -> Payload:
    return event("GUILD_MEMBER_REMOVE", {"guild_id": "1", "user": {**USER, **changes}})


def asked(data: Json = ON_BEN, **changes: object) -> Payload:
    """A command in the direct conversation with a bot, unless the changes say otherwise."""
    return event("INTERACTION_CREATE", {**INTERACTION, "data": data, **changes})


def without(key: str) -> Json:
    return {k: v for k, v in ON_BEN.items() if k != key}


CONFORMING = (
    asked(),
    asked({"id": "6", "name": "vote", "type": 1, "options": []}),
    told(10, {"heartbeat_interval": 41_250}),
    told(11, None),
    told(9, d=False),
    told(7, None),
    event("RESUMED", {}),
    event("GUILD_DELETE", {"id": "1"}),
    removed(bot=True),
    said(1, None),
    said(1, 5),
    said(2, IDENTIFY),
    said(6, {"token": "t", "session_id": "s", "seq": 5}),
    said(8, {"guild_id": "1", "user_ids": "5"}),
    said(8, {"guild_id": 1, "user_ids": [5, "6"], "limit": 5, "presences": False, "nonce": "n"}),
    said(8, {"guild_id": "1", "query": "", "limit": 0}),
    event("GUILD_MEMBERS_CHUNK", {**CHUNK, "not_found": ["5"], "nonce": "n"}),
    event("RATE_LIMITED", {"opcode": 8, "retry_after": 2.5, "meta": {"guild_id": "1"}}),
)

MISTAKES: Mapping[str, tuple[Payload, str]] = {
    "unknown event": (event("GUILD_BURNT", {}), "event GUILD_BURNT: to the bot: no such payload"),
    "unknown opcode": (told(12, None), "opcode 12: to the bot: no such payload"),
    "unknown opcode of a bot": (said(99, None), "opcode 99: from the bot: no such payload"),
    "interaction of no type": (
        event("INTERACTION_CREATE", {"type": 9}),
        "event INTERACTION_CREATE: to the bot: no such payload",
    ),
    "command of a menu on nobody": (asked(without("target_id")), ".d.data.target_id: missing"),
    "command of a menu on who knows whom": (
        asked({**ON_BEN, "resolved": {}}),
        ".d.data.resolved.users: missing",
    ),
    "command of a menu with options": (asked({**ON_BEN, "options": []}), ".options: not described"),
    "member in a direct conversation": (asked(member={}), ".d.member: not described"),
    "direct conversation of a server": (asked(context=0), ".d.context: "),
    "what suggestions are asked about is told": (
        asked({"id": "6", "name": "vote", "type": 1, "options": [], "resolved": {}}, type=4),
        ".d.data.resolved: not described",
    ),
    "no sequence": (
        Payload(from_bot=False, text='{"op": 11, "d": null, "t": null}'),
        "opcode 11: to the bot: .s: missing",
    ),
    "sequence of text": (told(11, None, s="1"), "opcode 11: to the bot: .s: "),
    "data too many": (told(11, {}), "opcode 11: to the bot: .d: "),
    "missing field": (told(10, {}), ".d.heartbeat_interval: missing"),
    "field too many": (event("RESUMED", {"new": 1}), "RESUMED: to the bot: .d.new: not described"),
    "field too many inside": (removed(shoes=2), ".d.user.shoes: not described"),
    "id as a number": (event("GUILD_DELETE", {"id": 1}), ".d.id: 1 is not of type"),
    "never null": (removed(username=None), ".d.user.username: null is not of type"),
    "text or null": (removed(avatar=1), ".d.user.avatar: "),
    "heartbeat of text": (said(1, "5"), "opcode 1: from the bot: .d"),
    "identify without intents": (
        said(2, {key: value for key, value in IDENTIFY.items() if key != "intents"}),
        "opcode 2: from the bot: .d.intents: missing",
    ),
    "members asked for without a limit": (
        said(8, {"guild_id": "1", "query": "a"}),
        ".d.",
    ),
    "members of several servers": (
        said(8, {"guild_id": ["1"], "user_ids": []}),
        ".d.guild_id: ",
    ),
    "chunk without its number": (
        event("GUILD_MEMBERS_CHUNK", {k: v for k, v in CHUNK.items() if k != "chunk_index"}),
        ".d.chunk_index: missing",
    ),
    "resume with more": (
        said(6, {"token": "t", "session_id": "s", "seq": 5, "since": 1}),
        ".d.since: not described",
    ),
}


@pytest.fixture(scope="module")
def gateway() -> Gateway:
    return Gateway()


@pytest.mark.parametrize("payload", CONFORMING)
def test_what_is_documented_passes(gateway: Gateway, payload: Payload) -> None:
    assert list(gateway.mismatches(payload)) == []


@pytest.mark.parametrize(("payload", "field"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_named(gateway: Gateway, payload: Payload, field: str) -> None:
    (line,) = gateway.mismatches(payload)
    assert line.startswith("gateway ")
    assert field in line


def test_every_table_can_be_used(gateway: Gateway) -> None:
    for name in gateway.tables:
        assert list(gateway.reasons(name, "nothing like it"))


def test_the_notation_of_tables() -> None:
    found = schemas(
        "a\n  one  integer\n  two?  ?string\n\nb : a\n  two  [a|c]\n\nc = =1|=2\n\n"
        "d\n  four  integer\n\ne : a, d"
    )
    assert found["a"] == {
        "type": "object",
        "properties": {
            "one": {"type": "integer"},
            "two": {"oneOf": [{"type": "null"}, {"type": "string"}]},
        },
        "required": ["one"],
        "additionalProperties": False,
    }
    assert found["b"]["required"] == ["one", "two"]
    assert list(found["e"]["properties"]) == ["one", "two", "four"]
    assert found["c"] == {"enum": [1, 2]}
