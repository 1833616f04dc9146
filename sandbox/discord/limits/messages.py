"""What a message may hold, taken as a whole."""

from collections.abc import Sequence
from typing import Any

from ..errors import InvalidForm
from . import components as component_limits
from . import embeds as embed_limits
from . import fields
from . import polls as poll_limits


def check(
    content: str | None,
    embeds: Sequence[dict[str, Any]],
    components: Sequence[dict[str, Any]],
    *,
    attachments: int,
    v2: bool,
    poll: dict[str, Any] | None = None,
) -> None:
    """Refuse a message as it would stand in the channel after the request."""
    if v2:
        for name, used in (("content", content), ("embeds", embeds), ("poll", poll)):
            if used:
                raise InvalidForm(
                    (name,),
                    "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                    f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2",
                )
    fields.length(content or "", 0, 2000, ("content",))
    embed_limits.check(embeds)
    component_limits.check(components, v2=v2)
    if poll is not None:
        poll_limits.check(poll)
    if attachments > 10:
        raise InvalidForm(
            ("attachments",), "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length."
        )


def nonce(value: Any) -> None:
    """Refuse a nonce of more than 25 characters."""
    if isinstance(value, str):
        fields.length(value, 0, 25, ("nonce",))
