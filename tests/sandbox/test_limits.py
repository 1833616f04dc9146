"""Every limit of Discord's, met exactly and passed by one."""

from typing import Any

import pytest

from sandbox.discord.errors import InvalidForm
from sandbox.discord.limits import commands, messages, modals

Json = dict[str, Any]
HTTP = "https://example.org"


def button(**changes: Any) -> Json:
    return {"type": 2, "style": 1, "label": "For", "custom_id": "a", **changes}


def link(**changes: Any) -> Json:
    return {"type": 2, "style": 5, "label": "Details", "url": HTTP, **changes}


def option(**changes: Any) -> Json:
    return {"label": "A", "value": "a", **changes}


def options(count: int, **changes: Any) -> list[Json]:
    return [option(value=str(n), **changes) for n in range(count)]


def select(**changes: Any) -> Json:
    return {"type": 3, "custom_id": "s", "options": options(2), **changes}


def row(*components: Json) -> Json:
    return {"type": 1, "components": list(components)}


def text(content: str = "words") -> Json:
    return {"type": 10, "content": content}


def thumbnail(**changes: Any) -> Json:
    return {"type": 11, "media": {"url": HTTP}, **changes}


def section(*texts: Json, accessory: Json | None = None) -> Json:
    return {"type": 9, "components": list(texts), "accessory": accessory or thumbnail()}


def gallery(items: int, **changes: Any) -> Json:
    return {"type": 12, "items": [{"media": {"url": HTTP}, **changes}] * items}


def file(url: str = "attachment://a.txt") -> Json:
    return {"type": 13, "file": {"url": url}}


def separator(**changes: Any) -> Json:
    return {"type": 14, **changes}


def container(*components: Json, **changes: Any) -> Json:
    return {"type": 17, "components": list(components), **changes}


def buttons(count: int) -> list[Json]:
    return [button(custom_id=str(n)) for n in range(count)]


def old(*components: Json, content: str = "", embeds: list[Json] | None = None) -> Any:
    """A message of before components v2."""
    return lambda: messages.check(content, embeds or [], components, attachments=0, v2=False)


def new(*components: Json, content: str = "", embeds: list[Json] | None = None) -> Any:
    """A message of components v2."""
    return lambda: messages.check(content, embeds or [], components, attachments=0, v2=True)


def embed(**changes: Any) -> Any:
    return old(embeds=[changes])


def modal(*components: Json, **changes: Any) -> Any:
    form = {"title": "A form", "custom_id": "m", "components": list(components), **changes}
    return lambda: modals.check(form)


def label(component: Json, **changes: Any) -> Json:
    return {"type": 18, "label": "Title", "component": component, **changes}


def entry(**changes: Any) -> Json:
    return {"type": 4, "style": 1, "custom_id": "t", **changes}


def entries(count: int) -> list[Json]:
    return [label(entry(custom_id=str(n))) for n in range(count)]


def group(kind: int, count: int) -> Json:
    return label({"type": kind, "custom_id": "g", "options": options(count)})


def command(*given: Json, **changes: Any) -> Any:
    form = {"name": "vote", "description": "Vote", "options": list(given), **changes}
    return lambda: commands.check([form])


def taking(**changes: Any) -> Json:
    return {"type": 3, "name": "choice", "description": "A choice", **changes}


def takings(count: int) -> list[Json]:
    return [taking(name=f"choice{n}") for n in range(count)]


def choices(count: int, **changes: Any) -> list[Json]:
    return [{"name": f"c{n}", "value": f"v{n}", **changes} for n in range(count)]


def nested(kind: int, *inside: Json, name: str = "inner") -> Json:
    return {"type": kind, "name": name, "description": "Inner", "options": list(inside)}


def several(count: int, kind: int = 1) -> Any:
    described = {"description": "One"} if kind == 1 else {}
    return lambda: commands.check(
        [{"type": kind, "name": f"name{n}", **described} for n in range(count)]
    )


LONGEST = {  # a name of 32, a description of 100, and 25 options that together make 8000
    "name": "n" * 32,
    "description": "d" * 100,
    "options": [
        {
            "type": 3,
            "name": f"o{n:031}",
            "description": "d" * 100,
            "choices": [{"name": "c" * 91, "value": "v" * 91}],
        }
        for n in range(25)
    ],
}


def weighing(extra: int) -> Any:
    total = 132 + 25 * (132 + 182)
    return command(
        *LONGEST["options"][:-1],  # type: ignore[index]
        {
            **LONGEST["options"][-1],  # type: ignore[index]
            "choices": [
                {"name": "c" * 91, "value": "v" * 91},
                {"name": "e" * (8000 - total - 1 + extra), "value": "f"},
            ],
        },
        name=LONGEST["name"],
        description=LONGEST["description"],
    )


FITS = {
    "content": old(content="c" * 2000),
    "ten embeds": old(embeds=[{"title": "t"}] * 10),
    "embed title": embed(title="t" * 256),
    "embed description": embed(description="d" * 4096),
    "embed footer": embed(footer={"text": "f" * 2048}),
    "embed author": embed(author={"name": "a" * 256}),
    "25 fields": embed(fields=[{"name": "n", "value": "v"}] * 25),
    "field name and value": embed(fields=[{"name": "n" * 256, "value": "v" * 1024}]),
    "embeds together": old(embeds=[{"description": "d" * 3000}] * 2),
    "five rows": old(*[row(button(custom_id=str(n))) for n in range(5)]),
    "five buttons": old(row(*buttons(5))),
    "button label": old(row(button(label="x" * 80))),
    "button custom id": old(row(button(custom_id="x" * 100))),
    "button emoji alone": old(row(button(label=None, emoji={"name": "👍"}))),
    "link button": old(row(link(url=HTTP + "/" * 400))),
    "25 menu options": old(row(select(options=options(25), max_values=25))),
    "menu texts": old(row(select(options=options(1, label="l" * 100, description="d" * 100)))),
    "menu placeholder": old(row(select(placeholder="p" * 150))),
    "user menu": old(row({"type": 5, "custom_id": "u", "max_values": 25})),
    "40 components": new(container(*[text() for _ in range(39)])),
    "4000 characters": new(text("x" * 2000), text("y" * 2000)),
    "section with three texts": new(section(text(), text(), text())),
    "section with a button": new(section(text(), accessory=button())),
    "gallery of ten": new(gallery(10, description="d" * 1024)),
    "file": new(file()),
    "separator": new(separator(spacing=2)),
    "container": new(container(text(), row(button()), accent_color=0xFFFFFF)),
    "modal title": modal(label(entry()), title="t" * 45),
    "five inputs": modal(*entries(5)),
    "label and description": modal(label(entry(), label="l" * 45, description="d" * 100)),
    "modal text": modal(text(), label(entry(max_length=4000, value="x" * 4000))),
    "old row": modal(row(entry(label="Title"))),
    "radio group": modal(group(21, 10)),
    "checkbox group": modal(group(22, 1)),
    "checkbox": modal(label({"type": 23, "custom_id": "c"})),
    "file upload": modal(label({"type": 19, "custom_id": "f", "max_values": 10})),
    "menu in a modal": modal(label(select())),
    "command name": command(name="n" * 32),
    "command name of another script": command(name="голосовать"),
    "25 command options": command(*takings(25)),
    "25 choices": command(taking(choices=choices(25))),
    "choice texts": command(taking(choices=choices(1, name="n" * 100, value="v" * 100))),
    "group and subcommand": command(nested(2, nested(1, taking()))),
    "8000 characters": weighing(0),
    "100 commands": several(100),
    "15 user commands": several(15, kind=2),
    "text option length": command(taking(min_length=0, max_length=6000)),
}

FIRST_BUTTON = ("components", 0, "components", 0)
FIRST_OPTION = (0, "options", 0)
IN_MODAL = ("data", "components", 0)

REFUSED = {
    "content 2001": (old(content="c" * 2001), ("content",)),
    "11 embeds": (old(embeds=[{"title": "t"}] * 11), ("embeds",)),
    "embed title 257": (embed(title="t" * 257), ("embeds", 0, "title")),
    "embed description 4097": (embed(description="d" * 4097), ("embeds", 0, "description")),
    "embed footer 2049": (embed(footer={"text": "f" * 2049}), ("embeds", 0, "footer", "text")),
    "embed author 257": (embed(author={"name": "a" * 257}), ("embeds", 0, "author", "name")),
    "embed address": (embed(url="nonsense"), ("embeds", 0, "url")),
    "26 fields": (embed(fields=[{"name": "n", "value": "v"}] * 26), ("embeds", 0, "fields")),
    "empty field name": (
        embed(fields=[{"name": "", "value": "v"}]),
        ("embeds", 0, "fields", 0, "name"),
    ),
    "field value 1025": (
        embed(fields=[{"name": "n", "value": "v" * 1025}]),
        ("embeds", 0, "fields", 0, "value"),
    ),
    "embeds 6001 together": (
        old(embeds=[{"description": "d" * 3000}, {"description": "d" * 3000, "title": "t"}]),
        ("embeds",),
    ),
    "six rows": (old(*[row(button(custom_id=str(n))) for n in range(6)]), ("components",)),
    "text without v2": (old(text()), ("components", 0, "type")),
    "six buttons": (old(row(*buttons(6))), ("components", 0, "components")),
    "empty row": (old(row()), ("components", 0, "components")),
    "two menus in a row": (
        old(row(select(), select(custom_id="t"))),
        ("components", 0, "components", 1),
    ),
    "button beside a menu": (old(row(button(), select())), ("components", 0, "components", 1)),
    "button label 81": (old(row(button(label="x" * 81))), (*FIRST_BUTTON, "label")),
    "button without label": (old(row(button(label=None))), FIRST_BUTTON),
    "button without custom id": (
        old(row(button(custom_id=None))),
        (*FIRST_BUTTON, "custom_id"),
    ),
    "empty custom id": (old(row(button(custom_id=""))), (*FIRST_BUTTON, "custom_id")),
    "custom id 101": (old(row(button(custom_id="x" * 101))), (*FIRST_BUTTON, "custom_id")),
    "custom id twice": (
        old(row(button()), row(button())),
        ("components", 1, "components", 0, "custom_id"),
    ),
    "number twice": (
        old(row(button(id=7), button(id=7, custom_id="b"))),
        ("components", 0, "components", 1, "id"),
    ),
    "button style 9": (old(row(button(style=9))), (*FIRST_BUTTON, "style")),
    "button with address": (old(row(button(url=HTTP))), (*FIRST_BUTTON, "url")),
    "link without address": (old(row(link(url=None))), (*FIRST_BUTTON, "url")),
    "link with custom id": (old(row(link(custom_id="a"))), (*FIRST_BUTTON, "custom_id")),
    "link address 513": (old(row(link(url=HTTP + "/" * 500))), (*FIRST_BUTTON, "url")),
    "link of another scheme": (old(row(link(url="ftp://x"))), (*FIRST_BUTTON, "url")),
    "26 menu options": (old(row(select(options=options(26)))), (*FIRST_BUTTON, "options")),
    "no menu options": (old(row(select(options=[]))), (*FIRST_BUTTON, "options")),
    "menu label 101": (
        old(row(select(options=options(1, label="l" * 101)))),
        (*FIRST_BUTTON, "options", 0, "label"),
    ),
    "menu description 101": (
        old(row(select(options=options(1, description="d" * 101)))),
        (*FIRST_BUTTON, "options", 0, "description"),
    ),
    "menu value 101": (
        old(row(select(options=[option(value="v" * 101)]))),
        (*FIRST_BUTTON, "options", 0, "value"),
    ),
    "menu value twice": (
        old(row(select(options=[option(), option()]))),
        (*FIRST_BUTTON, "options", 1, "value"),
    ),
    "menu placeholder 151": (
        old(row(select(placeholder="p" * 151))),
        (*FIRST_BUTTON, "placeholder"),
    ),
    "more to choose than options": (
        old(row(select(max_values=3))),
        (*FIRST_BUTTON, "max_values"),
    ),
    "at least more than at most": (
        old(row(select(min_values=2, max_values=1))),
        (*FIRST_BUTTON, "min_values"),
    ),
    "two defaults for one choice": (
        old(row(select(options=options(2, default=True)))),
        (*FIRST_BUTTON, "options"),
    ),
    "v2 with content": (new(text(), content="c"), ("content",)),
    "v2 with embeds": (new(text(), embeds=[{"title": "t"}]), ("embeds",)),
    "v2 with a poll": (
        lambda: messages.check("", [], [text()], attachments=0, v2=True, poll={"question": {}}),
        ("poll",),
    ),
    "41 components": (new(container(*[text() for _ in range(40)])), ("components",)),
    "4001 characters": (new(text("x" * 4000), text("y")), ("components",)),
    "empty text": (new(text("")), ("components", 0, "content")),
    "section without accessory": (
        new({"type": 9, "components": [text()]}),
        ("components", 0, "accessory"),
    ),
    "section with four texts": (
        new(section(text(), text(), text(), text())),
        ("components", 0, "components"),
    ),
    "section without text": (new(section()), ("components", 0, "components")),
    "section beside a menu": (
        new(section(text(), accessory=select())),
        ("components", 0, "accessory", "type"),
    ),
    "container in a container": (
        new(container(container(text()))),
        ("components", 0, "components", 0, "type"),
    ),
    "empty container": (new(container()), ("components", 0, "components")),
    "container colour": (
        new(container(text(), accent_color=0x1000000)),
        ("components", 0, "accent_color"),
    ),
    "button outside a row": (new(button()), ("components", 0, "type")),
    "gallery of eleven": (new(gallery(11)), ("components", 0, "items")),
    "empty gallery": (new(gallery(0)), ("components", 0, "items")),
    "alt text 1025": (
        new(gallery(1, description="d" * 1025)),
        ("components", 0, "items", 0, "description"),
    ),
    "picture without address": (
        new(section(text(), accessory={"type": 11})),
        ("components", 0, "accessory", "media"),
    ),
    "file from elsewhere": (new(file(HTTP)), ("components", 0, "file", "url")),
    "separator spacing 3": (new(separator(spacing=3)), ("components", 0, "spacing")),
    "eleven attachments": (
        lambda: messages.check("", [], [], attachments=11, v2=False),
        ("attachments",),
    ),
    "nonce 26": (lambda: messages.nonce("n" * 26), ("nonce",)),
    "modal title 46": (modal(label(entry()), title="t" * 46), ("data", "title")),
    "modal without title": (modal(label(entry()), title=None), ("data", "title")),
    "modal custom id 101": (
        modal(label(entry()), custom_id="c" * 101),
        ("data", "custom_id"),
    ),
    "empty modal": (modal(), ("data", "components")),
    "six inputs": (modal(*entries(6)), ("data", "components")),
    "label 46": (modal(label(entry(), label="l" * 46)), (*IN_MODAL, "label")),
    "label description 101": (
        modal(label(entry(), description="d" * 101)),
        (*IN_MODAL, "description"),
    ),
    "label around nothing": (modal({"type": 18, "label": "x"}), (*IN_MODAL, "component")),
    "label around a button": (modal(label(button())), (*IN_MODAL, "component", "type")),
    "bare input": (modal(entry()), (*IN_MODAL, "type")),
    "input in a row without label": (
        modal(row(entry())),
        (*IN_MODAL, "components", 0, "label"),
    ),
    "input style 3": (modal(label(entry(style=3))), (*IN_MODAL, "component", "style")),
    "input max 4001": (
        modal(label(entry(max_length=4001))),
        (*IN_MODAL, "component", "max_length"),
    ),
    "input min above max": (
        modal(label(entry(min_length=5, max_length=4))),
        (*IN_MODAL, "component", "min_length"),
    ),
    "input prefilled too long": (
        modal(label(entry(max_length=4, value="12345"))),
        (*IN_MODAL, "component", "value"),
    ),
    "input placeholder 101": (
        modal(label(entry(placeholder="p" * 101))),
        (*IN_MODAL, "component", "placeholder"),
    ),
    "disabled input": (
        modal(label(entry(disabled=True))),
        (*IN_MODAL, "component", "disabled"),
    ),
    "input custom id twice": (
        modal(label(entry()), label(entry())),
        ("data", "components", 1, "component", "custom_id"),
    ),
    "radio group of one": (modal(group(21, 1)), (*IN_MODAL, "component", "options")),
    "checkbox group of eleven": (modal(group(22, 11)), (*IN_MODAL, "component", "options")),
    "command name 33": (command(name="n" * 33), (0, "name")),
    "upper-case command name": (command(name="Vote"), (0, "name")),
    "command name with a space": (command(name="my vote"), (0, "name")),
    "upper-case localised name": (
        command(name_localizations={"de": "Stimme"}),
        (0, "name_localizations", "de"),
    ),
    "command without description": (command(description=None), (0, "description")),
    "description 101": (command(description="d" * 101), (0, "description")),
    "26 command options": (command(*takings(26)), (0, "options")),
    "option name twice": (command(taking(), taking()), (0, "options", 1)),
    "option name": (command(taking(name="Choice")), (*FIRST_OPTION, "name")),
    "required after optional": (
        command(taking(), taking(name="b", required=True)),
        (0, "options", 1),
    ),
    "26 choices": (command(taking(choices=choices(26))), (*FIRST_OPTION, "choices")),
    "choice name 101": (
        command(taking(choices=choices(1, name="n" * 101))),
        (*FIRST_OPTION, "choices", 0, "name"),
    ),
    "choice value 101": (
        command(taking(choices=choices(1, value="v" * 101))),
        (*FIRST_OPTION, "choices", 0, "value"),
    ),
    "choice without value": (
        command(taking(choices=choices(1, value=None))),
        (*FIRST_OPTION, "choices", 0, "value"),
    ),
    "autocomplete with choices": (
        command(taking(choices=choices(1), autocomplete=True)),
        (*FIRST_OPTION, "choices"),
    ),
    "autocomplete of a role": (command(taking(type=8, autocomplete=True)), FIRST_OPTION),
    "text option 6001": (
        command(taking(max_length=6001)),
        (*FIRST_OPTION, "max_length"),
    ),
    "option type 12": (command(taking(type=12)), (*FIRST_OPTION, "type")),
    "option beside a subcommand": (
        command(nested(1), taking()),
        (0, "options", 0, "type"),
    ),
    "group in a group": (
        command(nested(2, nested(2, nested(1)))),
        (0, "options", 0, "options", 0, "type"),
    ),
    "subcommand in a subcommand": (
        command(nested(1, nested(1))),
        (0, "options", 0, "options", 0, "type"),
    ),
    "8001 characters": (weighing(1), (0,)),
    "the longest translation counts": (
        command(
            *[
                taking(
                    name=f"o{n}",
                    description_localizations={"de": "d" * 100, "fr": "f"},
                    choices=choices(3, name_localizations={"de": "n" * 100}),
                )
                for n in range(20)
            ]
        ),
        (0,),
    ),
    "101 commands": (several(101), ()),
    "16 user commands": (several(16, kind=2), ()),
    "described user command": (
        lambda: commands.check([{"type": 2, "name": "Who", "description": "x"}]),
        (0, "description"),
    ),
    "same name twice": (
        lambda: commands.check([{"name": "vote", "description": "Vote"}] * 2),
        (1,),
    ),
}


@pytest.mark.parametrize("check", FITS.values(), ids=FITS.keys())
def test_what_fits_is_taken(check: Any) -> None:
    check()


@pytest.mark.parametrize(("check", "path"), REFUSED.values(), ids=REFUSED.keys())
def test_what_does_not_fit_is_refused_with_its_path(check: Any, path: tuple[Any, ...]) -> None:
    with pytest.raises(InvalidForm) as refusal:
        check()
    assert refusal.value.path == path


def test_a_refusal_is_nested_as_discord_nests_it() -> None:
    refusal = InvalidForm(("components", 0, "label"), "BASE_TYPE_MAX_LENGTH", "Too long.")
    assert refusal.status == 400
    reason = {"code": "BASE_TYPE_MAX_LENGTH", "message": "Too long."}
    assert refusal.body() == {
        "code": 50035,
        "message": "Invalid Form Body",
        "errors": {"components": {"0": {"label": {"_errors": [reason]}}}},
    }
