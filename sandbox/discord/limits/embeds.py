"""What an embed may hold."""

from collections.abc import Sequence
from typing import Any

from ..errors import InvalidForm
from . import fields

_SHOWN = ("title", "description", "fields", "footer", "author", "image", "thumbnail")


def check(embeds: Sequence[dict[str, Any]]) -> None:
    """Refuse embeds that Discord would; 6000 characters are the limit of all together."""
    fields.length(embeds, 0, 10, ("embeds",))
    total = 0
    for index, embed in enumerate(embeds):
        path = ("embeds", index)
        fields.text(embed, "title", 0, 256, path)
        fields.text(embed, "description", 0, 4096, path)
        fields.web_address(embed, "url", path, ("http", "https"))
        if not any(embed.get(key) for key in _SHOWN):
            raise fields.required((*path, "description"))
        footer, author = embed.get("footer") or {}, embed.get("author") or {}
        fields.text(footer, "text", 0, 2048, (*path, "footer"))
        fields.text(author, "name", 0, 256, (*path, "author"))
        for picture in ("image", "thumbnail"):
            fields.web_address(
                embed.get(picture) or {}, "url", (*path, picture), ("http", "https", "attachment")
            )
        rows = embed.get("fields") or ()
        fields.length(rows, 0, 25, (*path, "fields"))
        for row, field in enumerate(rows):
            fields.text(field, "name", 1, 256, (*path, "fields", row))
            fields.text(field, "value", 1, 1024, (*path, "fields", row))
            total += len(field["name"]) + len(field["value"])
        total += len(embed.get("title") or "") + len(embed.get("description") or "")
        total += len(footer.get("text") or "") + len(author.get("name") or "")
    if total > 6000:
        raise InvalidForm(
            ("embeds",), "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000"
        )
