"""Draws the pictures of results with matplotlib, in a process of its own (see `bot.pictures`).

Frames on standard input and output are four bytes of length, big-endian, and so many bytes: in
goes a picture as JSON, out comes a PNG, or in words why there is none.
"""

import os
import sys
import unicodedata
import warnings
from collections.abc import Iterable, Sequence
from io import BytesIO
from itertools import pairwise
from typing import BinaryIO

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, fontManager, get_font
from matplotlib.patches import Polygon, Rectangle
from matplotlib.text import Text

from cogs.pictures import Kind, Picture, from_json

WIDTH, HEIGHT = 1000, 600

CARD, INK, FAINT, RULE = "#1E2027", "#F2F3F5", "#B5BAC1", "#7D838F"
"""A dark card of its own: so a picture looks the same in Discord's dark and light themes."""
SERIES = ("#56B4E9", "#E69F00", "#2BB48A", "#F0E442", "#E8743B", "#D58BB5", "#ECE5D8")
"""Okabe and Ito's colours, told apart with any colour vision; some of them lightened."""
WON, AGAINST, NEUTRAL = SERIES[0], SERIES[1], "#8E96A3"

_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 960, 140, 540
_GAP = 16
_FALLBACKS = (
    "Noto Sans",
    "Noto Sans CJK JP",
    "WenQuanYi Zen Hei",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Devanagari",
    "Noto Sans Bengali",
    "Noto Sans Thai",
    "Noto Emoji",
    "Symbola",
    "Arial Unicode MS",
)
_INSTALLED = {font.name for font in fontManager.ttflist}
_FONTS = ["DejaVu Sans", *(name for name in _FALLBACKS if name in _INSTALLED)]
_LETTERS = set[int]().union(*(get_font(findfont(name)).get_charmap() for name in _FONTS))

mpl.rcdefaults()  # whatever a file of settings in the folder or at home says
mpl.rcParams.update({"font.family": _FONTS, "text.parse_math": False, "hatch.linewidth": 3})


def draw(picture: Picture) -> bytes:
    """The picture as PNG."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # letters that no font has are drawn as boxes
        sheet = _Sheet()
        _head(sheet, picture)
        match picture.kind:
            case Kind.ROUNDS:
                _rounds(sheet, picture)
            case Kind.PAIRS:
                _pairs(sheet, picture)
            case Kind.CURVE:
                _curve(sheet, picture)
            case _:
                _bars(sheet, picture)
        return sheet.png()


class _Sheet:
    """A card, measured in pixels from the top left."""

    def __init__(self) -> None:
        self._figure = Figure(figsize=(WIDTH / 100, HEIGHT / 100), dpi=100, facecolor=CARD)
        FigureCanvasAgg(self._figure)
        self._axes: Axes = self._figure.add_axes((0, 0, 1, 1))
        self._axes.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
        self._axes.set_axis_off()

    def write(
        self,
        x: float,
        y: float,
        words: str,
        size: float,
        colour: str = INK,
        *,
        room: float = WIDTH,
        align: str = "left",
        bold: bool = False,
    ) -> None:
        """One line of so many pixels' size, shortened to the room there is."""
        text = self._text(words, size, bold=bold)
        text.set(x=x, y=y, color=colour, horizontalalignment=align)
        _shorten(text, room)

    def write_lines(
        self, x: float, y: float, words: str, size: float, room: float, *, bold: bool = False
    ) -> None:
        """At most two lines, cut between words, around the height of `y`."""
        first, rest = "", words.split(" ")
        while rest and self.width(f"{first} {rest[0]}".strip(), size, bold=bold) <= room:
            first = f"{first} {rest.pop(0)}".strip()
        if not first or not rest:
            self.write(x, y, words, size, room=room, bold=bold)
            return
        self.write(x, y - size * 0.62, first, size, bold=bold)
        self.write(x, y + size * 0.62, " ".join(rest), size, room=room, bold=bold)

    def width(self, words: str, size: float, *, bold: bool = False) -> float:
        text = self._text(words, size, bold=bold)
        width = _width(text)
        text.remove()
        return width

    def _text(self, words: str, size: float, *, bold: bool) -> Text:
        return self._axes.text(
            0,
            0,
            _legible(words),
            fontsize=size * 0.72,
            fontweight="bold" if bold else "normal",
            verticalalignment="center_baseline",
        )

    def box(
        self,
        x: float,
        y: float,
        size: tuple[float, float],
        colour: str,
        *,
        edge: str = "none",
        hatch: str | None = None,
    ) -> None:
        self._axes.add_patch(
            Rectangle((x, y), *size, facecolor=colour, edgecolor=edge, hatch=hatch, linewidth=1.5)
        )

    def area(self, corners: Sequence[tuple[float, float]], colour: str) -> None:
        self._axes.add_patch(Polygon(corners, facecolor=colour, edgecolor="none", alpha=0.28))

    def line(
        self, points: Sequence[tuple[float, float]], colour: str, width: float, style: str = "-"
    ) -> None:
        xs, ys = zip(*points, strict=True)
        self._axes.plot(xs, ys, style, color=colour, linewidth=width * 0.72)

    def dot(self, x: float, y: float, colour: str) -> None:
        self._axes.plot([x], [y], "o", color=colour, markersize=10)

    def png(self) -> bytes:
        file = BytesIO()
        self._figure.savefig(file, format="png")
        return file.getvalue()


def _head(sheet: _Sheet, picture: Picture) -> None:
    room = _RIGHT - _LEFT
    won = picture.winners or picture.result.startswith("Succeeded")
    hidden = f" · {picture.hidden} choices not shown" * bool(picture.hidden)
    sheet.write(_LEFT, 50, picture.title, 34, room=room, bold=True)
    sheet.write(_LEFT, 98, "✓ " * bool(won) + picture.result, 26, room=room)
    sheet.write(_LEFT, 572, picture.note + hidden, 20, FAINT, room=room)


def _bars(sheet: _Sheet, picture: Picture) -> None:
    """A bar for each choice, to the left where votes against it prevail."""
    shares, figures = [share or 0 for share in picture.values[0]], picture.figures[0]
    pitch = min((_BOTTOM - _TOP) / len(shares), 130)
    size, thick = min(29, pitch * 0.66), min(pitch * 0.62, 68)
    left = _LEFT + _names(sheet, picture, size, 400, pitch) + _GAP
    room = _RIGHT - left - max(sheet.width(each, size, bold=True) for each in figures) - _GAP
    least = min(*shares, 0.0)
    scale = room / ((max(*shares, 0.0) - least) or 1)
    zero = left - least * scale
    colours = (
        (WON, AGAINST, NEUTRAL)
        if picture.kind is Kind.FOR_OR_AGAINST
        else [WON if place in picture.winners else NEUTRAL for place in range(len(shares))]
    )
    for row, (share, figure, colour) in enumerate(zip(shares, figures, colours, strict=True)):
        y, end = _TOP + (row + 0.5) * pitch, zero + share * scale
        sheet.box(min(zero, end), y - thick / 2, (abs(end - zero), thick), colour)
        sheet.write(max(zero, end) + _GAP, y, figure, size, bold=row in picture.winners)
    sheet.line([(zero, _TOP), (zero, _TOP + len(shares) * pitch)], RULE, 2)


def _rounds(sheet: _Sheet, picture: Picture) -> None:
    """A bar for each round, its parts flowing into the next; who is dropped is striped."""
    names = picture.names
    colours = [*SERIES[: len(names) - 2], NEUTRAL, "none"]
    key = [(name, colour) for name, colour in zip(names, colours, strict=True) if name]
    key = [each for each in key if each[1] != "none" or any(row[-1] for row in picture.values)]
    bottom = _BOTTOM - 28 * -(-(len(key) + 1) // 3)
    pitch = min((bottom - _TOP) / len(picture.labels), 100)
    size, thick = min(24, pitch * 0.5), pitch * 0.66
    left = _LEFT + sheet.width(f"Round {picture.labels[-1]}", size) + _GAP
    room = 690 - left
    before: list[tuple[float, float]] = []
    for row, values in enumerate(picture.values):
        shares, y = [share or 0 for share in values], _TOP + (row + 0.5) * pitch
        sheet.write(_LEFT, y, f"Round {picture.labels[row]}", size)
        ends = [left + room * sum(shares[:place]) for place in range(len(shares) + 1)]
        spans = list(pairwise(ends))
        dropped = picture.captions[row]
        for name, colour, span, figure in zip(
            names, colours, spans, picture.figures[row], strict=True
        ):
            striped = bool(name) and dropped.startswith(name)
            _part(sheet, y, thick, span, colour, striped=striped)
            if not striped and sheet.width(figure, size * 0.85) + 8 < span[1] - span[0]:
                ink = INK if colour == "none" else CARD
                sheet.write(sum(span) / 2, y, figure, size * 0.85, ink, align="center")
        top = y - thick / 2
        if row and int(picture.labels[row]) - int(picture.labels[row - 1]) == 1:
            _flow(sheet, zip(colours, before, spans, strict=True), top - pitch + thick, top)
        before = spans
        half = left + room * (1 - shares[-1]) / 2
        for edge in (top, top + thick):
            sheet.line([(half, edge - 6), (half, edge + 6)], INK, 4)
        if dropped:
            sheet.write(710, y, f"✕ {dropped}", size * 0.9, FAINT, room=_RIGHT - 710)
    _key(sheet, [*key, ("More than half wins", "line")], bottom + 20, picture.winners)


def _flow(
    sheet: _Sheet,
    parts: Iterable[tuple[str, tuple[float, float], tuple[float, float]]],
    above: float,
    below: float,
) -> None:
    """From each part of a round to the same choice's in the next."""
    for colour, (a, b), (c, d) in parts:
        if colour != "none" and c < d:
            sheet.area([(a, above), (b, above), (d, below), (c, below)], colour)


def _part(
    sheet: _Sheet, y: float, thick: float, span: tuple[float, float], colour: str, *, striped: bool
) -> None:
    size = (max(span[1] - span[0] - 2, 0), thick)
    if colour == "none":
        sheet.box(span[0], y - thick / 2, size, "none", edge=RULE if size[0] else "none")
    else:
        sheet.box(
            span[0],
            y - thick / 2,
            size,
            colour,
            edge=CARD if striped else "none",
            hatch="//" if striped else None,
        )


def _key(
    sheet: _Sheet, entries: Sequence[tuple[str, str]], top: float, bold: Sequence[int] = ()
) -> None:
    """What the colours mean, in three columns."""
    wide = (_RIGHT - _LEFT) / 3
    for place, (name, colour) in enumerate(entries):
        x, y = _LEFT + place % 3 * wide, top + place // 3 * 28
        if colour == "line":
            sheet.line([(x + 9, y - 11), (x + 9, y + 11)], INK, 3)
        else:
            sheet.box(x, y - 9, (18, 18), colour, edge=RULE if colour == "none" else "none")
        sheet.write(x + 28, y, name, 20, room=wide - 40, bold=place in bold)


def _pairs(sheet: _Sheet, picture: Picture) -> None:
    """A table: each cell is filled where its row wins against its column."""
    count, head = len(picture.names), 34
    high = min((_BOTTOM - 34 - _TOP - head) / count, 84)
    size = min(26, high * 0.6)
    left = _LEFT + _names(sheet, picture, size, 360, high, head) + _GAP
    wide = min((_RIGHT - left) / count, 150)
    small = min(size * 0.9, wide * 0.28)
    for column, name in enumerate(picture.names):
        x = left + (column + 0.5) * wide
        sheet.write(x, _TOP + head / 2, name.split(" ")[0], size, FAINT, align="center")
        for row in range(count):
            y, won = _TOP + head + row * high, picture.values[row][column]
            if won is None:
                continue
            colour, edge, ink = {
                1: (WON, "none", CARD),
                -1: ("none", RULE, INK),
            }.get(int(won), (NEUTRAL, "none", CARD))
            corner, inner = (x - wide / 2 + 3, y + 3), (wide - 6, high - 6)
            sheet.box(*corner, inner, colour, edge=edge)
            figure = picture.figures[row][column]
            sheet.write(x, y + high / 2, figure, small, ink, align="center", bold=won > 0)
    key = (("The row wins", WON), ("A tie", NEUTRAL), ("The row loses", "none"))
    _key(sheet, key, _BOTTOM - 10)


def _curve(sheet: _Sheet, picture: Picture) -> None:
    """Conviction over time, and what it has to exceed."""
    left, right, top, bottom = _LEFT + 10, 740, _TOP + 10, _BOTTOM - 40
    times, *curves = picture.values
    lines = [
        [
            (left + (right - left) * (time or 0), bottom - (bottom - top) * (height or 0))
            for time, height in zip(times, heights, strict=True)
        ]
        for heights in curves
    ]
    last = int(picture.labels[-1])
    for label in picture.labels:
        x = left + (right - left) * int(label) / (last or 1)
        sheet.line([(x, bottom), (x, bottom + 8)], RULE, 2)
        sheet.write(x, bottom + 24, label, 20, FAINT, align="center")
    sheet.write(right + 24, bottom + 24, "steps", 20, FAINT)
    sheet.line([(left, bottom), (right, bottom)], RULE, 2)
    sheet.area([(left, bottom), *lines[0], (right, bottom)], WON)
    sheet.line(lines[0], WON, 5)
    sheet.dot(*lines[0][-1], WON)
    ends = [lines[0][-1][1], lines[1][-1][1] if len(lines) > 1 else top]
    if len(lines) > 1:
        sheet.line(lines[1], AGAINST, 4, "--")
    if abs(ends[0] - ends[1]) < 80:
        middle, above = sum(ends) / 2, 40 if ends[0] < ends[1] else -40
        ends = [middle - above, middle + above]
    for name, figure, y, colour in zip(
        picture.names, picture.figures[0], ends, (WON, AGAINST), strict=True
    ):
        y = min(max(y, top + 20), bottom - 20)
        sheet.write(right + 24, y - 15, name, 20, colour)
        sheet.write(right + 24, y + 15, figure, 28, room=_RIGHT - right - 24, bold=True)


def _names(
    sheet: _Sheet, picture: Picture, size: float, most: float, pitch: float, head: float = 0
) -> float:
    """The names of the choices on the left; returns how wide they are."""
    for row, name in enumerate(picture.names):
        y = _TOP + head + (row + 0.5) * pitch
        bold = row in picture.winners
        if pitch > 2.4 * size:
            sheet.write_lines(_LEFT, y, name, size, most, bold=bold)
        else:
            sheet.write(_LEFT, y, name, size, room=most, bold=bold)
    return min(most, max(sheet.width(name, size, bold=True) for name in picture.names))


def _shorten(text: Text, room: float) -> None:
    """Cut the text so that it takes so many pixels at most."""
    words = text.get_text()
    fits, cut = 0, len(words)
    if _width(text) <= room:
        return
    while fits < cut - 1:
        middle = (fits + cut) // 2
        text.set_text(words[:middle].rstrip() + "…")
        fits, cut = (middle, cut) if _width(text) <= room else (fits, middle)
    text.set_text(words[:fits].rstrip() + "…")


def _width(text: Text) -> float:
    return float(text.get_window_extent().width)


def _legible(words: str) -> str:
    """Without the signs that no font has, such as most emoji, if anything else is left."""
    kept = "".join(
        c
        for c in words
        if ord(c) in _LETTERS or unicodedata.category(c) not in ("So", "Sk", "Cf", "Mn", "Me")
    )
    return " ".join(kept.split()) or words


def main() -> None:
    """Draw what comes in until there is nothing more."""
    if hasattr(os, "nice"):
        os.nice(10)  # votes are answered first
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # what anything prints must not get among the answers
        while (frame := _read(sys.stdin.buffer)) is not None:
            answer = _answer(frame)
            answers.write(len(answer).to_bytes(4, "big") + answer)
            answers.flush()


def _answer(frame: bytes) -> bytes:
    try:
        return draw(from_json(frame))
    except Exception as error:
        return repr(error).encode()


def _read(stream: BinaryIO) -> bytes | None:
    size = stream.read(4)
    return stream.read(int.from_bytes(size, "big")) if len(size) == 4 else None


if __name__ == "__main__":
    main()
