"""What a reader's Discord shows, drawn for a terminal.

Texts bear ANSI codes for bold and the like; ``plain`` takes them out again.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sandbox.clock import Clock
from sandbox.discord import Channel, Form, Message, Thread
from sandbox.discord.guilds import Guild
from sandbox.discord.layout import Kind

_ANSI = re.compile(r"\x1b\[[\d;]*m")
_MARKS = re.compile(
    r"\\(?P<escaped>[^\w\s])"
    r"|\*\*(?P<bold>.+?)\*\*"
    r"|`(?P<code>[^`]+)`"
    r"|<t:(?P<moment>\d+):(?P<form>[Rf])>"
    r"|<(?P<sort>@&|@|#)(?P<id>\d+)>"
    r"|https://discord\.com/channels/\d+/(?P<linked>\d+)/\d+"
    r"|<(?P<address>https?://[^>]+)>"
)
_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))


class Line(NamedTuple):
    """A line with the bar on its left; cards and embeds have a coloured one."""

    text: str
    bar: str = "│"


def plain(text: str) -> str:
    """The text without ANSI codes."""
    return _ANSI.sub("", text)


def bold(text: str) -> str:
    """Bold, each word by itself, so that lines can be broken anywhere between words."""
    return _each_word("1", text)


def dim(text: str) -> str:
    """Less bright."""
    return _each_word("2", text)


def green(sign: str) -> str:
    """Green."""
    return f"\x1b[32m{sign}\x1b[39m"


def _each_word(code: str, text: str) -> str:
    return " ".join(f"\x1b[{code}m{word}\x1b[22m" if word else "" for word in text.split(" "))


def wrapped(text: str, width: int) -> Iterator[str]:
    """The text in lines of at most ``width`` characters, broken between words."""
    row: list[str] = []
    for word in text.split(" "):
        if row and len(plain(" ".join([*row, word]))) > width:
            yield " ".join(row)
            row = []
        row.append(word)
    yield " ".join(row)


def moment(at: datetime) -> str:
    """A moment in the reader's time zone: 20 Nov 2026 14:00."""
    at = at.astimezone()
    return f"{at.day} {at:%b %Y %H:%M}"


def distance(seconds: float) -> str:
    """How far ahead a moment lies, or back: in 3 days, 2 hours ago, now."""
    for unit, size in _UNITS:
        # A moment that is just about to be "in 1 day" is not called "in 24 hours".
        if abs(seconds) > 0.9 * size:
            amount = round(abs(seconds) / size)
            words = f"{amount} {unit}{'s' * (amount != 1)}"
            return f"in {words}" if seconds > 0 else f"{words} ago"
    return "now"


class Screen:
    """Reads one server, at the time of the governance clock."""

    def __init__(self, guild: Guild, clock: Clock) -> None:
        self._guild = guild
        self._clock = clock

    def text(self, message: Message) -> str:
        """All that is read in a message, the buttons too, without ANSI codes."""
        return plain("\n".join(line.text for line in self._lines(message)))

    def message(self, message: Message, width: int) -> Iterator[str]:
        """A message in a frame that tells where it is, whose it is, and who sees it."""
        heading = [self.place(message.channel), self._author(message)]
        if message.addressee:
            heading.append(f"only {message.addressee.name} sees this")
        return framed(" · ".join(heading), self._lines(message), width)

    def conversation(self, messages: Sequence[Message], width: int) -> Iterator[str]:
        """Messages of one channel, below one another in one frame."""
        lines: list[Line] = []
        for message in messages:
            lines += [Line(""), Line(bold(self._author(message))), *self._lines(message)]
        return framed(self.place(messages[0].channel), lines[1:], width)

    def form(self, form: Form, values: Mapping[str, str], width: int) -> Iterator[str]:
        """A form as it is filled in."""
        lines = [
            Line(f"{bold(field.label)}: {values.get(field.custom_id, field.value)}")
            for field in form.fields
        ]
        return framed(f"the form “{form.title}”", [*lines, Line(bold("[ Submit ]"))], width)

    def place(self, channel: Channel) -> str:
        """The channel's name, a thread's below its channel's; a conversation by its reader."""
        if channel.recipient:
            return f"private message to {channel.recipient.name}"
        if isinstance(channel, Thread):
            return f"#{channel.parent.name} › {channel.name}"
        return f"#{channel.name}"

    def _author(self, message: Message) -> str:
        return f"{message.author.name} (app)" if message.author.bot else message.author.name

    def _lines(self, message: Message) -> list[Line]:
        lines = [Line(text) for text in self._markdown(message.content)]
        for embed in message.embeds:
            lines += _barred(self._embed(embed), embed.get("color"))
        return [*lines, *self._components(message.components)]

    def _embed(self, embed: Mapping[str, Any]) -> Iterator[str]:
        if "title" in embed:
            yield bold(self._inline(embed["title"]))
        yield from self._markdown(embed.get("description", ""))
        for field in embed.get("fields", ()):
            yield bold(self._inline(field["name"]))
            yield from self._markdown(field["value"])
        if "footer" in embed:
            yield dim(embed["footer"]["text"])

    def _components(self, components: Sequence[Mapping[str, Any]]) -> Iterator[Line]:
        for component in components:
            match component["type"]:
                case Kind.CONTAINER:
                    texts = (line.text for line in self._components(component["components"]))
                    yield from _barred(texts, component.get("accent_color"))
                case Kind.TEXT_DISPLAY:
                    yield from map(Line, self._markdown(component["content"]))
                case Kind.SEPARATOR:
                    yield Line(dim("┄" * 40))
                case Kind.ACTION_ROW:
                    labels = (button["label"] for button in component["components"])
                    yield Line(" ".join(bold(f"[ {label} ]") for label in labels))

    def _markdown(self, text: str) -> Iterator[str]:
        for line in text.splitlines():
            if line.startswith("## "):
                yield bold(self._inline(line.removeprefix("## ")))
            elif line.startswith("-# "):
                yield dim(self._inline(line.removeprefix("-# ")))
            elif line.startswith("> "):
                yield f"▏ {self._inline(line.removeprefix('> '))}"
            else:
                yield self._inline(line)

    def _inline(self, text: str) -> str:
        return _MARKS.sub(self._mark, text)

    def _mark(self, found: re.Match[str]) -> str:
        match found.lastgroup:
            case "bold":
                return bold(self._inline(found["bold"]))
            case "form":
                at = datetime.fromtimestamp(int(found["moment"]), UTC)
                if found["form"] == "R":
                    return distance((at - self._clock.now()).total_seconds())
                return moment(at)
            case "id":
                return self._named(found["sort"], int(found["id"]))
            case "linked":
                return f"{self._named('#', int(found['linked']))} › 💬"
            case _:
                return found[found.lastgroup or 0]

    def _named(self, sort: str, id_: int) -> str:
        guild = self._guild
        match sort:
            case "@":
                return f"@{guild.members[id_].user.name}"
            case "@&":
                return f"@{guild.roles[id_].name}"
            case _:
                return self.place(guild.channels.get(id_) or guild.threads[id_])


def framed(heading: str, lines: Iterable[Line], width: int) -> Iterator[str]:
    """Lines below a heading, broken to ``width`` characters."""
    yield dim(f"╭─ {heading}")
    for line in lines:
        for row in wrapped(line.text, width - 2):
            yield f"{line.bar} {row}".rstrip()
    yield dim("╰─")


def _barred(texts: Iterable[str], colour: int | None) -> Iterator[Line]:
    bar = "┃"
    if colour is not None:
        red, green, blue = colour.to_bytes(3, "big")
        bar = f"\x1b[38;2;{red};{green};{blue}m{bar}\x1b[39m"
    return (Line(text, bar) for text in texts)
