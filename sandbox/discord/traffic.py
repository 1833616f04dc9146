"""What goes over the wires, told to whoever listens."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Exchange:
    """A request and its answer: ``asked`` and ``answered`` are the bodies, b"" without one.

    ``path`` begins after the API's version. Of a form with files, ``asked`` is its JSON part.
    """

    method: str
    path: str
    query: Mapping[str, str]
    asked: bytes
    status: int
    content_type: str
    answered: bytes


@dataclass(frozen=True)
class Payload:
    """JSON on a gateway connection, said by the gateway or by the bot."""

    from_bot: bool
    text: str


listeners: list[Callable[[Exchange | Payload], None]] = []
"""Every local Discord in this process tells these. What they raise, they raise into it."""


def tell(event: Exchange | Payload) -> None:
    """Tell all listeners."""
    for listener in listeners:
        listener(event)
