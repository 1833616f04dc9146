"""Sees everything that goes over the wires in this process, and remembers what doesn't conform."""

import os
from pathlib import Path
from types import TracebackType
from typing import Self

from sandbox.discord.traffic import Exchange, Payload, listeners
from tests.conformance.description import Description
from tests.conformance.gateway import Gateway

VARIABLE = "DISCORD_OPENAPI"


def described() -> Path | None:
    """Where Discord's description of its HTTP API is; None if nobody says, or it isn't there."""
    path = Path(os.environ.get(VARIABLE) or os.devnull)
    return path if path.is_file() else None


class Witness:
    """Use as a context manager.

    While ``mistakes`` is set, requests and bots' payloads may be wrong: then it is a mismatch if
    the local Discord takes such a request.
    """

    def __init__(self) -> None:
        path = described()
        self.description = Description(path) if path else None
        self.gateway = Gateway()
        self.mistakes = False
        self._found: list[str] = []

    def __enter__(self) -> Self:
        listeners.append(self._look)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        listeners.remove(self._look)

    def take(self) -> list[str]:
        """The mismatches since the last time, each once."""
        found, self._found = self._found, []
        return list(dict.fromkeys(found))

    def _look(self, event: Exchange | Payload) -> None:
        if isinstance(event, Payload):
            if not (event.from_bot and self.mistakes):
                self._found += self.gateway.mismatches(event)
        elif self.description:
            if not (self.mistakes and 400 <= event.status < 500):
                self._found += self.description.asked(event)
            self._found += self.description.answered(event)
