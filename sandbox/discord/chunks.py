"""The members that a bot asks the gateway for, and the chunks in which it is told of them."""

from collections.abc import Iterator, Mapping
from typing import Any

from .guilds import Guild

IDS, MATCHES, CHUNK = 100, 100, 1000
"""Ids answered of one request, members whose names match, members of one chunk; at most."""
_LONGEST_NONCE = 32


class Asked:
    """A request for members, by their ids or by what their names begin with."""

    def __init__(self, said: Mapping[str, Any]) -> None:
        """AttributeError, KeyError, TypeError or ValueError where it is malformed."""
        nonce = said.get("nonce")
        self.guild_id = int(said["guild_id"])
        self._nonce = nonce if _is_short(nonce) else None
        self._prefix: str | None = None
        self._ids: list[int] = []
        ids = said.get("user_ids")
        if ids is None:
            self._prefix, self._limit = said["query"].lower(), int(said["limit"])
        else:
            self._ids = [int(each) for each in (ids if isinstance(ids, list) else [ids])]

    @property
    def everybody(self) -> bool:
        """Whether it is about all members, for which a session needs the intent."""
        return self._prefix == ""

    def meta(self) -> dict[str, Any]:
        """What tells this request from others."""
        return {"guild_id": str(self.guild_id), **self._echo()}

    def chunks(self, guild: Guild) -> Iterator[dict[str, Any]]:
        """The answer; ids beyond what one request may name are passed over."""
        missing: dict[str, Any] = {}
        if self._prefix is None:
            asked = list(dict.fromkeys(self._ids))[:IDS]
            found = [guild.members[each] for each in asked if each in guild.members]
            missing = {"not_found": [str(each) for each in asked if each not in guild.members]}
        else:
            by_id = sorted(guild.members.values(), key=lambda member: member.user.id)
            named = [each for each in by_id if each.user.name.lower().startswith(self._prefix)]
            most = None if self.everybody else MATCHES
            found = named[: self._limit or None][:most]
        pages = [found[at : at + CHUNK] for at in range(0, len(found), CHUNK)] or [[]]
        for index, page in enumerate(pages):
            yield {
                "guild_id": str(guild.id),
                "members": [member.wire() for member in page],
                "chunk_index": index,
                "chunk_count": len(pages),
                **missing,
                **self._echo(),
            }

    def _echo(self) -> dict[str, Any]:
        return {} if self._nonce is None else {"nonce": self._nonce}


def _is_short(nonce: object) -> bool:
    return isinstance(nonce, str) and len(nonce.encode()) <= _LONGEST_NONCE
