"""Reading the components and embeds of a message or form as the tree that they are."""

from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import Any

Path = tuple[str | int, ...]


class Kind(IntEnum):
    """Discord's component types."""

    ACTION_ROW = 1
    BUTTON = 2
    STRING_SELECT = 3
    TEXT_INPUT = 4
    USER_SELECT = 5
    ROLE_SELECT = 6
    MENTIONABLE_SELECT = 7
    CHANNEL_SELECT = 8
    SECTION = 9
    TEXT_DISPLAY = 10
    THUMBNAIL = 11
    MEDIA_GALLERY = 12
    FILE = 13
    SEPARATOR = 14
    CONTAINER = 17
    LABEL = 18
    FILE_UPLOAD = 19
    RADIO_GROUP = 21
    CHECKBOX_GROUP = 22
    CHECKBOX = 23


SELECTS = frozenset(
    {
        Kind.STRING_SELECT,
        Kind.USER_SELECT,
        Kind.ROLE_SELECT,
        Kind.MENTIONABLE_SELECT,
        Kind.CHANNEL_SELECT,
    }
)
LINK_BUTTON, PREMIUM_BUTTON = 5, 6


def walk(
    components: Sequence[dict[str, Any]], path: Path = ("components",)
) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every component with the path to it, in reading order: parents first, accessories last."""
    for index, component in enumerate(components):
        yield from _walk_one(component, (*path, index))


def _walk_one(component: dict[str, Any], path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    yield path, component
    yield from walk(component.get("components") or (), (*path, "components"))
    for nested in ("component", "accessory"):
        if component.get(nested):
            yield from _walk_one(component[nested], (*path, nested))


def displayed_text(components: Sequence[dict[str, Any]]) -> str:
    """The text displays, one after another: what can mention somebody."""
    return "\n".join(c["content"] for _, c in walk(components) if c["type"] == Kind.TEXT_DISPLAY)


def visible_text(
    content: str, embeds: Sequence[dict[str, Any]], components: Sequence[dict[str, Any]]
) -> str:
    """All that a reader reads, in order, one line per piece; not the labels of controls."""
    pieces = [content]
    for embed in embeds:
        pieces += _embed_text(embed)
    for _, component in walk(components):
        pieces += _component_text(component)
    return "\n".join(piece for piece in pieces if piece)


def _embed_text(embed: dict[str, Any]) -> Iterator[str]:
    yield embed.get("author", {}).get("name", "")
    yield embed.get("title", "")
    yield embed.get("description", "")
    for field in embed.get("fields", ()):
        yield field["name"]
        yield field["value"]
    yield embed.get("footer", {}).get("text", "")


def _component_text(component: dict[str, Any]) -> Iterator[str]:
    match component["type"]:
        case Kind.TEXT_DISPLAY:
            yield component["content"]
        case Kind.THUMBNAIL:
            yield component.get("description") or ""
        case Kind.MEDIA_GALLERY:
            for item in component["items"]:
                yield item.get("description") or ""
        case Kind.LABEL:
            yield component["label"]
            yield component.get("description") or ""
