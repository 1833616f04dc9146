"""Whom a text notifies, by ``allowed_mentions`` and permissions."""

import re
from typing import Any

from .errors import InvalidForm
from .guilds import Guild
from .messages import Pings

_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_USER = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")
_EVERYONE = re.compile(r"@(?:everyone|here)\b")

EVERY_KIND = ("users", "roles", "everyone")
"""What a message's text may mention where it doesn't say."""

USERS_ONLY = ("users",)
"""The same for webhooks and answers to interactions."""


def pings(
    text: str,
    allowed: dict[str, Any] | None,
    *,
    default: tuple[str, ...],
    guild: Guild | None,
    may_ping_everyone: bool,
) -> Pings:
    """Whom ``text`` notifies.

    ``allowed`` is the ``allowed_mentions`` of the request, ``default`` what is parsed without it.
    Roles that aren't mentionable, @everyone and @here need ``may_ping_everyone``. InvalidForm if
    a list and the parsing of the same kind are asked for together, or a list is too long.
    """
    parse = default if allowed is None else tuple(allowed.get("parse") or ())
    listed: dict[str, set[int]] = {}
    for kind in ("users", "roles"):
        ids = (allowed or {}).get(kind) or []
        if len(ids) > 100:
            raise InvalidForm(
                ("allowed_mentions", kind),
                "BASE_TYPE_MAX_LENGTH",
                "Must be 100 or fewer in length.",
            )
        if ids and kind in parse:
            raise InvalidForm(
                ("allowed_mentions",),
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.',
            )
        listed[kind] = {int(id_) for id_ in ids}

    text = _CODE.sub("", text)

    def chosen(kind: str, found: set[int]) -> set[int]:
        return found if kind in parse else found & listed[kind]

    users = chosen("users", {int(id_) for id_ in _USER.findall(text)})
    roles = chosen("roles", {int(id_) for id_ in _ROLE.findall(text)})
    if guild is not None:
        roles = {
            id_
            for id_ in roles
            if id_ in guild.roles and (guild.roles[id_].mentionable or may_ping_everyone)
        }
    everyone = "everyone" in parse and may_ping_everyone and bool(_EVERYONE.search(text))
    return Pings(frozenset(users), frozenset(roles), everyone)
