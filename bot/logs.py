"""Logging to standard error, with secrets blacked out."""

import logging
import re

# Interactions and webhooks carry their token in the path of their address.
_ADDRESSES = re.compile(r"((?:webhooks|interactions)/\d+/)[\w.-]{20,}")


class _Discreet(logging.Formatter):
    def __init__(self, secrets: tuple[str, ...]) -> None:
        super().__init__("{asctime} {levelname:<7} {name}: {message}", style="{")
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        for secret in self._secrets:
            text = text.replace(secret, "…")
        return _ADDRESSES.sub(r"\1…", text)


def configure(level: str, *secrets: str) -> None:
    """Log from `level` on; `secrets` never appear."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Discreet(secrets))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("apscheduler", "discord", "alembic", "aiosqlite"):
        logging.getLogger(chatty).setLevel(max(logging.getLevelName(level), logging.WARNING))
