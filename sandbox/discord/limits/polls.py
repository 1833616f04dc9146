"""What a poll may hold."""

from typing import Any

from . import fields


def check(poll: dict[str, Any]) -> None:
    """Refuse a poll that Discord would; it may last for 32 days."""
    fields.text(poll.get("question") or {}, "text", 1, 300, ("poll", "question"))
    answers = poll.get("answers") or ()
    fields.length(answers, 1, 10, ("poll", "answers"))
    for index, answer in enumerate(answers):
        path = ("poll", "answers", index, "poll_media")
        fields.text(answer.get("poll_media") or {}, "text", 1, 55, path)
    fields.number(poll, "duration", 1, 32 * 24, ("poll",))
