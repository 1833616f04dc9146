"""Buttons, selects and forms. All their state lies in the custom_id, so each works for ever.

discord.py keeps views and forms in memory, where a restart forgets them and two people filling
the same form get in each other's way; so they are routed here, by the verb in their custom_id.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord.ext import commands

from cogs.answers import Door, Interaction, answer_error
from governance.errors import Busy, NotFound

Handler = Callable[[Interaction, list[int]], Awaitable[None]]
"""Gets the numbers that its custom_id carries, each below 10^15."""
GiveBack = Callable[[Interaction, BaseException], Awaitable[None]]
"""Answers a form that isn't taken, so that what was written in it isn't lost."""

UNKNOWN = (
    "I don't know this button or form; it may be from another version of Folkmoot. "
    "Use /proposal list to find what you need."
)
BY_TIME, IN_ORDER = ("Newer", "Older"), ("Previous", "Next")
"""What leads to the page before and after."""
_VERSION = "fm1"
_CUSTOM_ID = re.compile(rf"{_VERSION}:([a-z-]+)((?::[0-9]{{1,15}})*)", re.ASCII)


def custom_id(verb: str, *numbers: int) -> str:
    """`fm1:vote:12:1`; read back by `read`."""
    return ":".join((_VERSION, verb, *map(str, numbers)))


def read(written: str) -> tuple[str, list[int]] | None:
    """The verb and the numbers of a custom_id; None where it isn't one of ours."""
    found = _CUSTOM_ID.fullmatch(written)
    return (found[1], [int(n) for n in found[2].split(":")[1:]]) if found else None


class Controls(commands.Cog):
    """Hands each press and each submitted form to the one who knows its verb."""

    def __init__(self, door: Door, give_back: GiveBack) -> None:
        self._door = door
        self._give_back = give_back
        self._handlers: dict[str, tuple[Handler, int]] = {}

    def on(self, verb: str, numbers: int, handler: Handler) -> None:
        """Let `handler` answer what carries `verb` and so many numbers."""
        self._handlers[verb] = (handler, numbers)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        if interaction.type not in (
            discord.InteractionType.component,
            discord.InteractionType.modal_submit,
        ):
            return
        try:
            if self._door.admits(interaction):
                data: Any = interaction.data
                handler, numbers = self._found(data["custom_id"])
                await handler(interaction, numbers)
        except Exception as error:
            form = interaction.type is discord.InteractionType.modal_submit
            refuse = self._give_back if form and isinstance(error, Busy) else answer_error
            await refuse(interaction, error)

    def _found(self, written: str) -> tuple[Handler, list[int]]:
        verb, numbers = read(written) or ("", [])
        handler, expected = self._handlers.get(verb, (None, 0))
        if handler is None or len(numbers) != expected:
            raise NotFound(UNKNOWN)
        return handler, numbers


def paging(
    verb: str,
    page: int,
    *,
    more: bool,
    numbers: tuple[int, ...] = (),
    labels: tuple[str, str] = BY_TIME,
) -> discord.ui.View:
    """Buttons to the page before and after, where there are such."""
    view = discord.ui.View(timeout=None)
    before, after = labels
    for label, to, there in ((before, page - 1, page > 0), (after, page + 1, more)):
        if there:
            view.add_item(discord.ui.Button(label=label, custom_id=custom_id(verb, to, *numbers)))
    view.stop()
    return view
