"""Components and embeds as Discord keeps them: numbered, complete, pointed to their files."""

from collections.abc import Mapping, Sequence
from typing import Any

from .errors import InvalidForm
from .layout import SELECTS, Kind, Path, walk
from .messages import Attachment
from .world import World

_COMPLETE: Mapping[int, Mapping[str, Any]] = {
    Kind.THUMBNAIL: {"description": None, "spoiler": False},
    Kind.FILE: {"name": None, "size": None, "spoiler": False},
    Kind.SEPARATOR: {"divider": True, "spacing": 1},
    Kind.CONTAINER: {"accent_color": None, "spoiler": False},
    **{kind: {"min_values": 1, "max_values": 1} for kind in SELECTS},
}
"""What Discord adds where the form doesn't say."""


def settle(
    world: World,
    components: Sequence[dict[str, Any]],
    embeds: Sequence[dict[str, Any]],
    attachments: Sequence[Attachment],
) -> None:
    """Make of a form's components and embeds what the message holds.

    InvalidForm if an ``attachment://`` address leads to no file.
    """
    files = {attachment.filename: attachment for attachment in attachments}
    _number(components)
    for path, component in walk(components):
        _complete(component)
        match component["type"]:
            case Kind.THUMBNAIL:
                _point(world, component["media"], files, (*path, "media"))
            case Kind.MEDIA_GALLERY:
                for index, item in enumerate(component["items"]):
                    item |= {"description": None, "spoiler": False} | item
                    _point(world, item["media"], files, (*path, "items", index, "media"))
            case Kind.FILE:
                file = _point(world, component["file"], files, (*path, "file"))
                if file:
                    component["name"], component["size"] = file.filename, len(file.content)
    for embed in embeds:
        embed.setdefault("type", "rich")
        for picture in ("image", "thumbnail"):
            if embed.get(picture):
                name = embed[picture].get("url", "").removeprefix("attachment://")
                if name in files:
                    embed[picture]["url"] = files[name].url


def _number(components: Sequence[dict[str, Any]]) -> None:
    taken = {component.get("id") for _, component in walk(components)}
    number = 0
    for _, component in walk(components):
        if not component.get("id"):
            number += 1
            while number in taken:
                number += 1
            component["id"] = number


def _complete(component: dict[str, Any]) -> None:
    """Drop what says nothing, and add what goes without saying."""
    for key in [key for key, value in component.items() if value is None]:
        del component[key]
    if component["type"] in SELECTS:
        component.pop("required", None)  # which is about forms
    component |= {**_COMPLETE.get(component["type"], {}), **component}


def _point(
    world: World, media: dict[str, Any], files: Mapping[str, Attachment], path: Path
) -> Attachment | None:
    media["id"] = str(world.snowflakes.next())
    media.setdefault("proxy_url", media["url"])
    if not media["url"].startswith("attachment://"):
        return None
    file = files.get(media["url"].removeprefix("attachment://"))
    if file is None:
        raise InvalidForm(
            (*path, "url"),
            "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
            "The referenced attachment was not found",
        )
    media["url"] = media["proxy_url"] = file.url
    media["attachment_id"] = str(file.id)
    return file
