"""Rules that Discord's description misses: forms that it takes and Discord refuses."""

from collections.abc import Mapping
from typing import Any

from sandbox.discord.traffic import Exchange
from tests.conformance.forms import (
    COMMANDS,
    HTTP,
    V2,
    Json,
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
    row,
    sent,
    taking,
    text,
)

CONTROL, OPTION, LABEL = "components.0.components.0", "0.options.0", "data.components.0"


def options(count: int, **changes: Any) -> list[Json]:
    return [{"label": "A", "value": str(n), **changes} for n in range(count)]


def link(**changes: Any) -> Json:
    return {"type": 2, "style": 5, "label": "Details", "url": HTTP, **changes}


def group(kind: int, **changes: Any) -> Exchange:
    group = {"type": kind, "custom_id": "g", "options": options(2), **changes}
    return modal(label(group))


def poll(**changes: Any) -> Exchange:
    answers = [{"poll_media": {"text": "Yes"}}]
    return sent(poll={"question": {"text": "Well?"}, "answers": answers, **changes})


def nested(kind: int, *inside: Json, name: str = "inner") -> Json:
    return {"type": kind, "name": name, "description": "Inner", "options": list(inside)}


def several(*forms: Json) -> Exchange:
    return asked("PUT", COMMANDS, list(forms))


HEAVY = [taking(name=f"o{n}", description="d" * 100, choices=[]) for n in range(25)]
for heavy in HEAVY:
    heavy["choices"] = [{"name": f"{n:0100}", "value": "v" * 100} for n in range(2)]

# By name, what is asked, and the path to the fault that Discord answers with.
RULES: Mapping[str, tuple[Exchange, str]] = {
    "custom id twice": (
        sent(row(button()), row(button())),
        "components.1.components.0.custom_id",
    ),
    "number twice": (sent(row(button(id=7), link(id=7))), "components.0.components.1.id"),
    "two menus in a row": (sent(row(menu(), menu(custom_id="t"))), "components.0.components.1"),
    "button beside a menu": (sent(row(button(), menu())), "components.0.components.1"),
    "six rows": (sent(*[row(link())] * 6), "components"),
    "text without the flag of v2": (sent(text()), "components.0.type"),
    "link without address": (sent(row(link(url=None))), f"{CONTROL}.url"),
    "link with custom id": (sent(row(link(custom_id="a"))), f"{CONTROL}.custom_id"),
    "address without link": (sent(row(button(url=HTTP))), f"{CONTROL}.url"),
    "button without custom id": (sent(row(button(custom_id=None))), f"{CONTROL}.custom_id"),
    "button without words": (sent(row(button(label=None))), CONTROL),
    "premium button of nothing": (sent(row(button(style=6))), f"{CONTROL}.sku_id"),
    "option twice": (sent(row(menu(options=options(2, value="a")))), f"{CONTROL}.options.1.value"),
    "more to choose than options": (sent(row(menu(max_values=2))), f"{CONTROL}.max_values"),
    "at least more than at most": (
        sent(row(menu(options=options(3), min_values=3, max_values=2))),
        f"{CONTROL}.min_values",
    ),
    "two defaults for one choice": (
        sent(row(menu(options=options(2, default=True)))),
        f"{CONTROL}.options",
    ),
    "content of 2001": (sent(content="c" * 2001), "content"),
    "v2 with content": (sent(text(), content="c", flags=V2), "content"),
    "v2 with embeds": (sent(text(), embeds=[{"title": "t"}], flags=V2), "embeds"),
    "v2 with a poll": (
        sent(
            text(),
            poll={"question": {"text": "?"}, "answers": [{"poll_media": {"text": "Yes"}}]},
            flags=V2,
        ),
        "poll",
    ),
    "41 components, nested": (
        sent(container(*[text()] * 39), text(), flags=V2),
        "components",
    ),
    "4001 characters of text": (sent(text(content="x" * 4000), text(), flags=V2), "components"),
    "6001 characters of embeds": (sent(embeds=[{"description": "d" * 3001}] * 2), "embeds"),
    "embed of nothing": (embed(color=1), "embeds.0.description"),
    "embed to nowhere": (embed(title="t", url="ftp://x"), "embeds.0.url"),
    "file that didn't come": (
        sent({"type": 13, "file": {"url": "attachment://a.txt"}}, flags=V2),
        "components.0.file.url",
    ),
    "file from elsewhere": (
        sent({"type": 13, "file": {"url": HTTP}}, flags=V2),
        "components.0.file.url",
    ),
    "mentions listed and parsed": (
        sent(content="c", allowed_mentions={"parse": ["users"], "users": ["1"]}),
        "allowed_mentions",
    ),
    "poll answer of 56": (
        poll(answers=[{"poll_media": {"text": "a" * 56}}]),
        "poll.answers.0.poll_media.text",
    ),
    "poll without question": (poll(question={}), "poll.question.text"),
    "empty message": (sent(), ""),
    "message of blanks": (sent(content=" \n"), ""),
    "six labels": (
        modal(*[label(entry(custom_id=str(n))) for n in range(6)]),
        "data.components",
    ),
    "input twice": (
        modal(label(entry()), label(entry())),
        "data.components.1.component.custom_id",
    ),
    "input of at least more than at most": (
        modal(label(entry(min_length=5, max_length=4))),
        f"{LABEL}.component.min_length",
    ),
    "input filled with too much": (
        modal(label(entry(max_length=4, value="12345"))),
        f"{LABEL}.component.value",
    ),
    "menu of a form switched off": (
        modal(label(menu(disabled=True))),
        f"{LABEL}.component.disabled",
    ),
    "radio button twice": (
        group(21, options=options(2, value="a")),
        f"{LABEL}.component.options.1.value",
    ),
    "more boxes to check than there are": (
        group(22, max_values=3),
        f"{LABEL}.component.max_values",
    ),
    "upper-case command": (command(name="Vote"), "0.name"),
    "command of two words": (command(name="my vote"), "0.name"),
    "command twice": (
        several(*[{"name": "vote", "description": "Vote"}] * 2),
        "1",
    ),
    "8001 characters": (command(*HEAVY), "0"),
    "16 commands for users": (several(*[{"type": 2, "name": f"n{n}"} for n in range(16)]), ""),
    "menu command with a description": (
        several({"type": 2, "name": "Who", "description": "Who is it?"}),
        "0.description",
    ),
    "menu command with options": (
        several({"type": 2, "name": "Who", "options": [taking()]}),
        "0.options",
    ),
    "option twice in a command": (command(taking(), taking()), "0.options.1"),
    "upper-case option": (command(taking(name="Choice")), f"{OPTION}.name"),
    "required after optional": (
        command(taking(), taking(name="b", required=True)),
        "0.options.1",
    ),
    "choices with autocomplete": (
        command(taking(choices=choices(1), autocomplete=True)),
        f"{OPTION}.choices",
    ),
    "choice twice": (command(taking(choices=choices(2))), f"{OPTION}.choices.1"),
    "text of at least more than at most": (
        command(taking(min_length=5, max_length=4)),
        f"{OPTION}.min_length",
    ),
    "number of at least more than at most": (
        command(taking(type=4, min_value=5, max_value=4)),
        f"{OPTION}.min_value",
    ),
    "option beside a subcommand": (
        command(nested(1), taking()),
        f"{OPTION}.type",
    ),
}
