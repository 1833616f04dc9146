"""Accounts: people, bots and the applications that the bots belong to."""

import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from .intents import Intent

_GRANTED = {
    Intent.GUILD_PRESENCES: 1 << 13,
    Intent.GUILD_MEMBERS: 1 << 15,
    Intent.MESSAGE_CONTENT: 1 << 19,
}
"""The flags of an application with privileged intents; those of one that isn't verified."""


@dataclass(eq=False)
class User:
    """An account; a webhook's messages have one of their own.

    ``reachable``: it takes direct messages from the bots of its servers.
    """

    id: int
    name: str
    bot: bool = False
    locale: str = "en-US"
    reachable: bool = True

    @property
    def mention(self) -> str:
        """How to mention this account in a message."""
        return f"<@{self.id}>"

    def wire(self) -> dict[str, Any]:
        """The user as Discord sends it."""
        return {
            "id": str(self.id),
            "username": self.name.lower().replace(" ", "_"),
            "global_name": None if self.bot else self.name,
            "discriminator": "0000" if self.bot else "0",
            "avatar": None,
            "public_flags": 0,
            "flags": 0,
            "bot": self.bot,
            "primary_guild": None,
        }

    def wire_own(self) -> dict[str, Any]:
        """The user as it sees itself."""
        return {
            **self.wire(),
            "locale": self.locale,
            "mfa_enabled": False,
            "verified": True,
            "email": None,
        }


@dataclass(eq=False)
class Application:
    """An application with its bot user. ``commands`` are the registered global ones, by id.

    ``granted`` are its privileged intents; what it asks for over HTTP depends on them too.
    ``started`` are the moments (monotonic) at which its bot began a session.
    """

    id: int
    name: str
    token: str = field(repr=False)
    user: User = field(repr=False)
    granted: int = 0
    commands: dict[int, dict[str, Any]] = field(default_factory=dict, repr=False)
    started: deque[float] = field(default_factory=deque, repr=False)

    @property
    def user_id(self) -> int:
        """The id of the bot user."""
        return self.user.id

    @property
    def flags(self) -> int:
        """Its public flags, which tell the privileged intents."""
        return sum(flag for intent, flag in _GRANTED.items() if self.granted & intent)

    def session_starts(self, seconds: float) -> int:
        """How many sessions its bot began in the last seconds."""
        since = time.monotonic() - seconds
        return sum(moment > since for moment in self.started)

    def wire(self) -> dict[str, Any]:
        """The application as its own bot sees it."""
        return {
            "id": str(self.id),
            "name": self.name,
            "icon": None,
            "description": "",
            "type": None,
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "",
            "flags": self.flags,
            "flags_new": str(self.flags),
            "explicit_content_filter": 0,
            "redirect_uris": [],
            "interactions_endpoint_url": None,
            "role_connections_verification_url": None,
            "eligible_oauth2_scopes": [],
            "approximate_guild_count": 0,
            "approximate_user_install_count": 0,
            "approximate_user_authorization_count": 0,
            "owner": self.user.wire(),
            "team": None,
            "bot": self.user.wire(),
        }
