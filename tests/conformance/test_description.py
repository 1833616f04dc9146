"""The checker finds and names what Discord's description forbids."""

from collections.abc import Mapping
from pathlib import Path

import aiohttp
import pytest

from sandbox.clock import Clock
from sandbox.discord import LocalDiscord
from sandbox.discord.guilds import Guild
from sandbox.discord.traffic import Exchange
from tests.conformance import plugin
from tests.conformance.description import Description
from tests.conformance.forms import (
    CALLBACK,
    HOOK,
    HTTP,
    MESSAGES,
    V2,
    answered,
    asked,
    button,
    choices,
    command,
    container,
    embed,
    entry,
    label,
    menu,
    modal,
    picture,
    row,
    section,
    sent,
    taking,
    text,
)
from tests.conformance.rules import RULES
from tests.conformance.witness import VARIABLE, described
from tests.sandbox.client import Api, connector_to

PATH = described()
if PATH is None:
    pytest.skip(f"{VARIABLE} doesn't lead to Discord's description", allow_module_level=True)

MISTAKES: Mapping[str, tuple[Exchange, str]] = {
    "six rows of six": (sent(row(*[button()] * 6)), ".components.0.components: "),
    "empty row": (sent(row()), ".components.0.components: "),
    "button label 81": (sent(row(button(label="x" * 81))), ".components.0.components.0.label: "),
    "custom id 101": (sent(row(button(custom_id="x" * 101))), ".components.0.components.0.custom"),
    "button style 9": (sent(row(button(style=9))), ".components.0.components.0.style: "),
    "link 513": (sent(row(button(url=HTTP + "/" * 500))), ".components.0.components.0.url: "),
    "26 options": (sent(row(menu(options=menu()["options"] * 26))), ".0.components.0.options: "),
    "placeholder 151": (sent(row(menu(placeholder="p" * 151))), ".components.0.placeholder: "),
    "26 to choose": (sent(row(menu(max_values=26))), ".components.0.components.0.max_values: "),
    "menu label 101": (
        sent(row(menu(options=[{"label": "l" * 101, "value": "a"}]))),
        ".components.0.components.0.options.0.label: ",
    ),
    "section without accessory": (
        sent({"type": 9, "components": [text()]}, flags=V2),
        ".components.0.accessory: missing",
    ),
    "section of four": (sent(section(components=[text()] * 4)), ".components.0.components: "),
    "menu beside a section": (sent(section(accessory=menu())), ".0.accessory.type: 3 may not"),
    "alt text 1025": (
        sent(container(section(accessory=picture(description="d" * 1025)))),
        ".components.0.components.0.accessory.description: ",
    ),
    "gallery of eleven": (
        sent({"type": 12, "items": [{"media": {"url": HTTP}}] * 11}),
        ".components.0.items: ",
    ),
    "container in a container": (
        sent(container(container(text()))),
        ".components.0.components.0.type: 17 may not stand here",
    ),
    "container colour": (sent(container(text(), accent_color=1 << 24)), ".0.accent_color: "),
    "separator spacing 3": (sent({"type": 14, "spacing": 3}), ".components.0.spacing: "),
    "button outside a row": (sent(button()), ".components.0.type: 2 may not stand here"),
    "component of no type": (sent({"type": 99}), ".components.0.type: 99 may not stand here"),
    "41 components": (sent(*[text()] * 41), ".components: "),
    "content of a number": (sent(content=5), ".content: 5 is not of "),
    "unknown field": (sent(contents="five"), ".contents: not described"),
    "unknown field far below": (sent(row(button(colour=1))), ".0.components.0.colour: not desc"),
    "nonce 26": (sent(content="c", nonce="n" * 26), ".nonce: "),
    "eleven embeds": (sent(embeds=[{"title": "t"}] * 11), ".embeds: "),
    "embed title 257": (embed(title="t" * 257), ".embeds.0.title: "),
    "field value 1025": (
        embed(fields=[{"name": "n", "value": "v" * 1025}]),
        ".embeds.0.fields.0.value: ",
    ),
    "101 mentions": (
        sent(allowed_mentions={"users": [str(n) for n in range(1, 102)]}),
        ".allowed_mentions.users: ",
    ),
    "modal title 46": (modal(label(entry()), title="t" * 46), ".data.title: "),
    "label 46": (modal(label(entry(), label="l" * 46)), ".data.components.0.label: "),
    "label around a button": (modal(label(button())), ".data.components.0.component.type: 2 may"),
    "input max 4001": (modal(label(entry(max_length=4001))), ".0.component.max_length: "),
    "radio group of one": (
        modal(label({"type": 21, "custom_id": "g", "options": [{"label": "A", "value": "a"}]})),
        ".data.components.0.component.options: ",
    ),
    "answer of no type": (asked("POST", CALLBACK, {"type": 99}), ".type: 99 may not stand here"),
    "content 2001 in an answer": (
        asked("POST", CALLBACK, {"type": 4, "data": {"content": "c" * 2001}}),
        ".data.content: ",
    ),
    "command name 33": (command(name="n" * 33), ".0.name: "),
    "26 command options": (command(*[taking()] * 26), ".0.options: "),
    "option of no type": (command(taking(type=12)), ".0.options.0.type: 12 may not stand here"),
    "26 choices": (command(taking(choices=choices(26))), ".0.options.0.choices: "),
    "choice name 101": (
        command(taking(choices=choices(1, name="n" * 101))),
        ".0.options.0.choices.0.name: ",
    ),
    "thread name 101": (
        asked("POST", f"{MESSAGES}/9/threads", {"name": "n" * 101}),
        ".name: ",
    ),
    "webhook name 81": (asked("POST", "/channels/5/webhooks", {"name": "n" * 81}), ".name: "),
    "no body": (asked("POST", MESSAGES, None), ": no body, and one is required"),
    "a body too many": (asked("GET", MESSAGES, {}), ": a body, and none is described"),
    "101 messages": (asked("GET", MESSAGES, None, limit="101"), " query limit: "),
    "unknown parameter": (asked("POST", HOOK, {}, wiat="true"), " query wiat: not described"),
    "neither true nor false": (asked("POST", HOOK, {}, wait="maybe"), " query wait: "),
    "channel by name": (asked("GET", "/channels/square", None), " path channel_id: "),
    "half a body": (Exchange("POST", HOOK, {}, b'{"con', 0, "", b""), ": not JSON"),
    "unknown route": (asked("GET", "/nothing", None), "GET /nothing: no such route is described"),
}

WRONG_ANSWERS: Mapping[str, tuple[Exchange, str]] = {
    "unknown status": (answered("GET", "/gateway", 201, {"url": HTTP}), " 201: not described"),
    "missing field": (answered("GET", "/gateway", 200, {}), " 200.url: missing"),
    "field too many": (
        answered("GET", "/gateway", 200, {"url": HTTP, "shards": 1}),
        " 200.shards: not described",
    ),
    "body where none is": (
        answered("DELETE", f"{MESSAGES}/9", 204, {}),
        " 204: a body, and none is described",
    ),
    "error without code": (answered("GET", MESSAGES, 404, {"message": "No"}), " 404.code: missing"),
    "error of a field without words": (
        answered("GET", MESSAGES, 400, {"code": 1, "message": "No", "errors": {"a": {"b": 1}}}),
        " 400.errors.a.b: 1 is none of what",
    ),
    "429 of nobody knows what": (
        answered("GET", MESSAGES, 429, {"message": "Slow", "retry_after": 1}),
        " 429.global: missing",
    ),
    "no JSON": (
        Exchange("GET", "/gateway", {}, b"", 200, "text/html", b"<html>"),
        " 200: text/html instead of JSON",
    ),
}

FITTING = (
    sent(row(*[button(label="x" * 80)] * 5), content="c", nonce="n" * 25),
    sent(container(section(), text()), flags=V2),
    modal(label(entry(max_length=4000), label="l" * 45), title="t" * 45),
    command(taking(choices=choices(25)), nsfw=False),
    asked("POST", HOOK, {"content": "c"}, wait="true", thread_id="5"),
    asked("GET", MESSAGES, None, limit="100"),
)

ANSWERED = (
    answered("GET", "/gateway", 200, {"url": HTTP}),
    answered("GET", MESSAGES, 404, {"message": "Unknown Channel", "code": 10003}),
    # Not from Discord: it broke, Cloudflare stands before it, or the answer was never given.
    answered("GET", MESSAGES, 500, {}),
    Exchange("GET", MESSAGES, {}, b"", 429, "text/html", b"<html>"),
    answered("GET", MESSAGES, 0, None),
)


@pytest.fixture(scope="module")
def description() -> Description:
    assert isinstance(PATH, Path)
    return Description(PATH)


@pytest.mark.parametrize(("exchange", "field"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_in_a_request_is_named(
    description: Description, exchange: Exchange, field: str
) -> None:
    (line,) = description.asked(exchange)
    assert field in line
    assert exchange.method in line


@pytest.mark.parametrize(("exchange", "field"), WRONG_ANSWERS.values(), ids=WRONG_ANSWERS.keys())
def test_a_mistake_in_an_answer_is_named(
    description: Description, exchange: Exchange, field: str
) -> None:
    (line,) = description.answered(exchange)
    assert field in line
    assert exchange.path.split("/")[1] in line


@pytest.mark.parametrize("exchange", FITTING)
def test_what_conforms_passes(description: Description, exchange: Exchange) -> None:
    assert list(description.asked(exchange)) == []


@pytest.mark.parametrize("exchange", ANSWERED)
def test_what_is_answered_well_passes(description: Description, exchange: Exchange) -> None:
    assert list(description.answered(exchange)) == []


@pytest.mark.parametrize("exchange", [exchange for exchange, _ in RULES.values()], ids=RULES.keys())
def test_some_rules_are_missed(description: Description, exchange: Exchange) -> None:
    """Else they would be here; ``test_rules`` holds the local Discord to them."""
    assert list(description.asked(exchange)) == []


async def test_what_a_local_discord_answers_wrongly_is_seen(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = Guild.wire
    monkeypatch.setattr(Guild, "wire", lambda guild: {**wire(guild), "motto": "Onwards"})
    clock = Clock(tmp_path / "clock")
    async with LocalDiscord(clock=clock) as local:
        application, hamlet = local.add_application("Tiny"), local.add_server("Hamlet")
        hamlet.invite(application)
        async with aiohttp.ClientSession(connector=connector_to(local)) as session:
            status, _ = await Api(session, application.token)("GET", f"/guilds/{hamlet.id}")
    clock.close()
    assert status == 200
    (line,) = request.config.stash[plugin.WITNESS].take()
    assert line == "GET /guilds/{guild_id}: answer 200.motto: not described"
