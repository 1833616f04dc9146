"""What Discord answers when it refuses, and where a form was filled in wrongly."""

from collections.abc import Sequence
from enum import Enum
from typing import Any


class Fault(Enum):
    """Discord's refusals: HTTP status, JSON error code, message."""

    NOT_FOUND = (404, 0, "404: Not Found")
    UNAUTHORIZED = (401, 0, "401: Unauthorized")
    UNKNOWN_APPLICATION = (404, 10002, "Unknown Application")
    UNKNOWN_CHANNEL = (404, 10003, "Unknown Channel")
    UNKNOWN_GUILD = (404, 10004, "Unknown Guild")
    UNKNOWN_MEMBER = (404, 10007, "Unknown Member")
    UNKNOWN_MESSAGE = (404, 10008, "Unknown Message")
    UNKNOWN_USER = (404, 10013, "Unknown User")
    UNKNOWN_WEBHOOK = (404, 10015, "Unknown Webhook")
    UNKNOWN_INTERACTION = (404, 10062, "Unknown interaction")
    TOO_MANY_WEBHOOKS = (400, 30007, "Maximum number of webhooks reached (15)")
    OPENING_TOO_FAST = (403, 40003, "You are opening direct messages too fast.")
    ALREADY_ACKNOWLEDGED = (400, 40060, "Interaction has already been acknowledged.")
    MISSING_ACCESS = (403, 50001, "Missing Access")
    NOT_THE_AUTHOR = (403, 50005, "Cannot edit a message authored by another user")
    EMPTY_MESSAGE = (400, 50006, "Cannot send an empty message")
    UNREACHABLE = (403, 50007, "Cannot send messages to this user")
    NO_CONVERSATION = (400, 50007, "Cannot send messages to this user")
    MISSING_PERMISSIONS = (403, 50013, "Missing Permissions")
    WRONG_CHANNEL_TYPE = (400, 50024, "Cannot execute action on this channel type")
    INVALID_WEBHOOK_TOKEN = (401, 50027, "Invalid Webhook Token")
    INVALID_RECIPIENT = (400, 50033, "Invalid Recipient(s)")
    INVALID_FORM = (400, 50035, "Invalid Form Body")
    THREAD_ARCHIVED = (400, 50083, "Thread is archived")
    MALFORMED_JSON = (400, 50109, "The request body contains invalid JSON.")
    NO_SERVER_SHARED = (
        403,
        50278,
        "Cannot send messages to this user due to having no mutual guilds",
    )
    THREAD_EXISTS = (400, 160004, "A thread has already been created for this message")
    THREAD_LOCKED = (400, 160005, "Thread is locked")


class ApiError(Exception):
    """A refusal of the HTTP API, answered as ``{"code", "message"}``."""

    def __init__(self, fault: Fault) -> None:
        self.status, self.code, self.message = fault.value
        super().__init__(f"{self.code} {self.message}")

    def body(self) -> dict[str, Any]:
        """The JSON answer."""
        return {"message": self.message, "code": self.code}


class InvalidForm(ApiError):
    """Code 50035: ``path`` leads to the offending field, ``reason`` and ``text`` say why."""

    def __init__(self, path: Sequence[str | int], reason: str, text: str) -> None:
        super().__init__(Fault.INVALID_FORM)
        self.path = tuple(path)
        self.reason = reason
        self.text = text
        self.args = (f"{self.code} {'.'.join(map(str, path))}: {text}",)

    def body(self) -> dict[str, Any]:
        """The JSON answer, with the reason nested under the path in ``errors``."""
        errors: dict[str, Any] = {"_errors": [{"code": self.reason, "message": self.text}]}
        for step in reversed(self.path):
            errors = {str(step): errors}
        return {**super().body(), "errors": errors}
