"""Tells the story on the terminal, and ticks off what was expected of it."""

import os
import sys
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import TypeVar

from sandbox.clock import Clock
from sandbox.discord import Failed, Form, Message, NotOffered, Person
from sandbox.screen import Line, Screen, bold, dim, framed, green, moment, plain, wrapped

T = TypeVar("T")
WIDTH = 92
_INDENT = " " * 6
_INNER = WIDTH - len(_INDENT)


class Unmet(Exception):
    """An expectation was not met; the message says why."""

    def __init__(self, expectation: str, why: str) -> None:
        super().__init__(why)
        self.expectation = expectation


class Narrator:
    """Prints the story, with bold words and colours where standard output is a terminal."""

    def __init__(self, screen: Screen, clock: Clock) -> None:
        self.met = 0
        self._screen = screen
        self._clock = clock
        self._scenes = 0
        self._styled = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    # Telling

    def title(self, title: str) -> None:
        """What it is all about."""
        self._print(bold(title))

    def scene(self, title: str) -> None:
        """A heading, with the time that the governance clock shows."""
        self._scenes += 1
        title, time = f"━━ {self._scenes}. {title} ", f" {moment(self._clock.now())} ━━"
        self._print("", "", bold(title + "━" * (WIDTH - len(title) - len(time)) + time))

    def tell(self, text: str) -> None:
        """What happens."""
        self._print("", *(f"  {line}" for line in wrapped(text, WIDTH - 2)))

    def does(self, who: Person, what: str) -> None:
        """What somebody does."""
        self.tell(f"{bold(who.name)} {what}")

    def conversation(self, messages: Sequence[Message]) -> None:
        """A channel as it lies before a reader."""
        self._show(self._screen.conversation(messages, _INNER))

    def notice(self, who: Person, words: str) -> None:
        """What Discord itself tells somebody."""
        self._show(framed(f"Discord · only {who.name} sees this", [Line(words)], _INNER))

    # Expecting

    def expect(self, expectation: str, met: bool, why: str = "") -> None:
        """Tick an expectation off that is ``met``; Unmet, because of ``why``, if it isn't."""
        if not met:
            raise Unmet(expectation, why)
        self.met += 1
        self._print(f"{_INDENT}{green('✓')} {dim(expectation)}")

    async def wait(self, expectation: str, event: Awaitable[T]) -> T:
        """Wait for something expected."""
        came = await _outcome(expectation, event)
        self.expect(expectation, True)
        return came

    async def form(
        self, expectation: str, event: Awaitable[Message | Form], values: Mapping[str, str]
    ) -> Form:
        """Show a form when it comes, as it is filled in with ``values``."""
        form = await _outcome(expectation, event)
        if not isinstance(form, Form):
            raise Unmet(expectation, f"a message came: {form.text}")
        self._show(self._screen.form(form, values, _INNER))
        self.expect(expectation, True)
        return form

    async def read(
        self,
        expectation: str,
        event: Awaitable[Message | Form],
        *words: str,
        only: Person | None = None,
    ) -> Message:
        """Show a message when it comes; expected are its ``words``, and its only reader."""
        message = await _outcome(expectation, event)
        if not isinstance(message, Message):
            raise Unmet(expectation, f"a form came: {message.text}")
        self._show(self._screen.message(message, _INNER))
        if message.addressee is not (only.user if only else None):
            raise Unmet(expectation, "it was shown to the wrong people")
        text = self._screen.text(message)
        missing = ", ".join(f"“{each}”" for each in words if each not in text)
        self.expect(expectation, not missing, f"it doesn't say {missing}")
        return message

    def _show(self, lines: Iterable[str]) -> None:
        self._print(*(f"{_INDENT}{line}" for line in lines))

    def _print(self, *lines: str) -> None:
        for line in lines:
            print(line if self._styled else plain(line))


async def _outcome(expectation: str, event: Awaitable[T]) -> T:
    try:
        return await event
    except (AssertionError, Failed, NotOffered) as error:
        raise Unmet(expectation, str(error)) from error
