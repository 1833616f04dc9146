"""Accounts: people, bots and the applications that the bots belong to."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(eq=False)
class User:
    """An account; a webhook's messages have one of their own."""

    id: int
    name: str
    bot: bool = False
    locale: str = "en-US"

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
        }


@dataclass(eq=False)
class Application:
    """An application with its bot user. ``commands`` are the registered global ones, by id."""

    id: int
    name: str
    token: str = field(repr=False)
    user: User = field(repr=False)
    granted: int = 0
    commands: dict[int, dict[str, Any]] = field(default_factory=dict, repr=False)

    @property
    def user_id(self) -> int:
        """The id of the bot user."""
        return self.user.id

    def wire(self) -> dict[str, Any]:
        """The application as its own bot sees it."""
        return {
            "id": str(self.id),
            "name": self.name,
            "icon": None,
            "description": "",
            "summary": "",
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "",
            "flags": 0,
            "owner": self.user.wire(),
            "team": None,
            "bot": self.user.wire(),
        }
