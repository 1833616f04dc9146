"""What a result's picture shows, and says to those who can't see it; `bot.drawing` draws it.

Sizes are shares, as floats: they place ink on paper. What people read was formatted exactly.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from fractions import Fraction
from math import floor
from typing import Any, cast

from cogs.markdown import beginning
from governance.power import percent
from governance.voting import SYSTEMS, basic, conviction, multisig
from governance.voting.system import Ballots, Count, Outcome, Points, Reason, Score, Terms

ALT_LENGTH = 1024
"""Discord's limit for an attachment's description."""
MOST_BARS, MOST_SERIES, MOST_ROUNDS, MOST_COMPARED = 15, 7, 7, 9
"""How many choices, or rounds, are shown."""
_NAME_LENGTH, _NAMED_WINNERS = 45, 3
_MOST_DIGITS = 15
_SAMPLES = 80
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Kind(StrEnum):
    FOR_OR_AGAINST = "for or against"
    BARS = "bars"
    ROUNDS = "rounds"
    PAIRS = "pairs"
    CURVE = "curve"


@dataclass(frozen=True, slots=True)
class Picture:
    """Rows of sizes from -1 to 1 (`values`) and the same as text (`figures`), one row for

    - bars: all choices of `names`;
    - rounds: each round; the last two columns are other choices and exhausted ballots, `labels`
      numbers the rounds and `captions` says who is dropped after each;
    - pairs: whether this choice beats (1), ties with (0) or loses to (-1) each, None for itself;
    - a curve: times, from the first to the last step of `labels`; conviction; and the threshold,
      if it can be reached.

    `names` are best first; `winners` are their places. `result` says how the vote ended, `note`
    what is shown, `hidden` how many choices are not.
    """

    kind: Kind
    title: str
    result: str
    note: str
    names: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]
    figures: tuple[tuple[str, ...], ...]
    labels: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    winners: tuple[int, ...] = ()
    hidden: int = 0


def picture_of(
    title: str,
    names: Sequence[str],
    system: str,
    count: Count,
    terms: Terms,
    outcome: Outcome,
    ballots: Ballots = (),
    second: Count | None = None,
) -> Picture | None:
    """The picture of a result; None where there is nothing to draw.

    The count of a `second` house is told in a line beside it. A conviction vote's curve takes its
    ballots; without them the end of it is shown.
    """
    if not count.ballots or system == multisig.NAME:
        return None
    numbered = tuple(f"{number}. {name}" for number, name in enumerate(names, 1))
    shown_names = names if system == basic.NAME else numbered
    known = _Known(title, system, shown_names, count, outcome, second)
    if system == conviction.NAME:
        stakes = list(ballots)
        return _curve(known, terms, stakes) if stakes else _convinced(known)
    if count.rounds:
        return _rounds(known)
    if count.pairs:
        return _pairs(known)
    return _bars(known)


def alt_text(picture: Picture) -> str:
    """The picture in words, most important first."""
    shown = {
        Kind.ROUNDS: "Chart of a run-off",
        Kind.PAIRS: "Table of comparisons by pairs",
        Kind.CURVE: "Curve",
    }.get(picture.kind, "Bar chart")
    words = f"{shown} for “{picture.title}”. {picture.result}. {picture.note}."
    told = replace(
        picture,
        names=tuple(beginning(name, _NAME_LENGTH) for name in picture.names),
        captions=tuple(beginning(name, _NAME_LENGTH) for name in picture.captions),
    )
    facts = {
        Kind.ROUNDS: _rounds_in_words,
        Kind.PAIRS: _pairs_in_words,
        Kind.CURVE: _curve_in_words,
    }.get(picture.kind, _bars_in_words)(told)
    rest = f" {picture.hidden} more choices are not shown." if picture.hidden else ""
    for fact in facts:
        if len(words) + len(fact) + len(rest) + 3 > ALT_LENGTH:
            rest = " …" + rest
            break
        words += f" {fact}"
    return words + rest


def as_json(picture: Picture) -> bytes:
    return json.dumps(asdict(picture)).encode()


def from_json(text: bytes) -> Picture:
    fields = {name: _with_tuples(value) for name, value in json.loads(text).items()}
    return Picture(**fields | {"kind": Kind(fields["kind"])})


@dataclass(frozen=True, slots=True)
class _Known:
    """What every kind of picture starts from; `names` by number - 1."""

    title: str
    system: str
    names: Sequence[str]
    count: Count
    outcome: Outcome
    second: Count | None = None

    @property
    def best_first(self) -> list[int]:
        return [choice for place in self.count.ranking for choice in place]

    def drawn(self, kind: Kind, choices: Sequence[int], note: str = "", **details: Any) -> Picture:
        """A picture of these choices, with the details of its kind."""
        voters = f"{self.count.ballots:,} voter{'s' * (self.count.ballots != 1)}"
        notes = [SYSTEMS[self.system].TITLE, voters, note]
        if second := self._second_house():  # it takes the room of the others
            notes = [voters, second]
        shown = {
            "names": tuple(self.names[choice - 1] for choice in choices),
            "winners": tuple(
                place for place, choice in enumerate(choices) if choice in self.outcome.winners
            ),
        }
        return Picture(
            kind=kind,
            title=self.title,
            result=self._result(),
            note=" · ".join(filter(None, notes)),
            **shown | details,
        )

    def _second_house(self) -> str:
        if self.second is None:
            return ""
        unit, total = SYSTEMS[self.system].WHOLE, self.second.power
        figures = (
            f"{name} {_amount(score, unit)} ({_percent(score, total)})"
            for name, score in zip(self.names, self.second.scores.values(), strict=True)
        )
        return f"second house: {', '.join(figures)}"

    def _result(self) -> str:
        reason = self.outcome.reason
        if elected := self.outcome.winners:
            winners = [beginning(self.names[choice - 1], _NAME_LENGTH) for choice in elected]
            if len(winners) > _NAMED_WINNERS:
                winners[_NAMED_WINNERS:] = [f"{len(winners) - _NAMED_WINNERS} more"]
            *before, last = winners
            return f"{', '.join(before)} and {last} win" if before else f"{last} wins"
        if self.system in (basic.NAME, conviction.NAME):
            where = "the second house, " if self.outcome.house > 1 else ""
            return f"{'Succeeded' if self.outcome.succeeded else 'Defeated'}: {where}{reason}"
        return f"No winner: {'a tie' if reason is Reason.TIE else reason}"


def _bars(known: _Known) -> Picture:
    count, unit = known.count, SYSTEMS[known.system].WHOLE
    in_favour = known.system == basic.NAME
    order = sorted(count.scores) if in_favour else known.best_first
    choices = order[:MOST_BARS]
    most = max(Fraction(1), *(abs(Fraction(score)) for score in count.scores.values()))
    figures = [_amount(count.scores[choice], unit) for choice in choices]
    if unit > 1:
        shares = (_percent(count.scores[choice], count.power) for choice in choices)
        figures = [f"{figure} ({share})" for figure, share in zip(figures, shares, strict=True)]
    return known.drawn(
        Kind.FOR_OR_AGAINST if in_favour else Kind.BARS,
        choices,
        "share of the power that voted" if unit > 1 else "votes bought with credits",
        values=(tuple(float(count.scores[choice] / most) for choice in choices),),
        figures=(tuple(figures),),
        hidden=len(order) - len(choices),
    )


def _rounds(known: _Known) -> Picture:
    count, order = known.count, known.best_first
    series, others = order[:MOST_SERIES], order[MOST_SERIES:]
    numbered = list(enumerate(count.rounds, 1))
    shown = numbered if len(numbered) <= MOST_ROUNDS else numbered[:1] + numbered[1 - MOST_ROUNDS :]
    values, figures, captions = [], [], []
    for _, each in shown:
        powers = [each.scores.get(choice, 0) for choice in series]
        powers += [sum(each.scores.get(choice, 0) for choice in others), each.exhausted]
        values.append(tuple(power / (count.power or 1) for power in powers))
        figures.append(tuple(_percent(power, count.power) for power in powers))
        lot = " (by lot)" * each.by_lot
        captions.append(known.names[each.dropped - 1] + lot if each.dropped else "")
    left_out = len(numbered) - len(shown)
    picture = known.drawn(
        Kind.ROUNDS,
        series,
        f"{left_out} of {len(numbered)} rounds not shown" if left_out else "",
        values=tuple(values),
        figures=tuple(figures),
        labels=tuple(str(number) for number, _ in shown),
        captions=tuple(captions),
    )
    return replace(
        picture, names=(*picture.names, f"{len(others)} others" if others else "", "Exhausted")
    )


def _pairs(known: _Known) -> Picture:
    count, order = known.count, known.best_first
    choices = order[:MOST_COMPARED]
    return known.drawn(
        Kind.PAIRS,
        choices,
        "share that prefers the row to the column",
        values=tuple(tuple(_compared(count, row, column) for column in choices) for row in choices),
        figures=tuple(
            tuple(_percent(count.pairs.get((row, column), 0), count.power) for column in choices)
            for row in choices
        ),
        hidden=len(order) - len(choices),
    )


def _compared(count: Count, row: int, column: int) -> float | None:
    if row == column:
        return None
    ahead = count.pairs[row, column] - count.pairs[column, row]
    return (ahead > 0) - (ahead < 0)


def _curve(known: _Known, terms: Terms, ballots: Ballots) -> Picture:
    """Conviction and its threshold from the first step to the last; all stakes are one ballot."""
    end = terms.closing_step
    staked: defaultdict[int, int] = defaultdict(int)
    for choice, _, times in ballots:
        before = 0
        for step, stake in cast("Points", choice):
            staked[step] += (stake - before) * times
            before = stake
    total, history = 0, []
    for step in sorted(staked):
        total += staked[step]
        history.append((step, total))
    together = [(tuple(history), known.count.power, 1)]
    steps = sorted({*range(0, end, max(1, end // _SAMPLES)), end})
    counts = [
        conviction.count(together, replace(terms, closing_step=step)) for step in steps[:-1]
    ] + [known.count]
    thresholds = [each.threshold for each in counts if each.threshold is not None]
    most = max(Fraction(1), *(each.scores[1] for each in counts), *thresholds)
    rows = [
        tuple(step / (end or 1) for step in steps),
        tuple(float(each.scores[1] / most) for each in counts),
    ]
    if len(thresholds) == len(steps):
        rows.append(tuple(float(each / most) for each in thresholds))
    return known.drawn(
        Kind.CURVE,
        [1],
        _steps(known.count, end),
        names=("Conviction", "Threshold"),
        values=tuple(rows),
        figures=(tuple(_ends(known.count)),),
        labels=tuple(map(str, sorted({end * part // 4 for part in range(5)}))),
        winners=(),
    )


def _convinced(known: _Known) -> Picture:
    ends = [known.count.scores[1], known.count.threshold or 0]
    most = max(*ends, 1)
    return known.drawn(
        Kind.BARS,
        [],
        names=("Conviction", "Threshold"),
        values=(tuple(float(Fraction(each) / most) for each in ends),),
        figures=(tuple(_ends(known.count)),),
        winners=(0,) if known.outcome.succeeded else (),
    )


def _ends(count: Count) -> Iterable[str]:
    """Conviction and threshold when the vote ended."""
    unit = SYSTEMS[conviction.NAME].WHOLE
    yield _amount(count.scores[1], unit)
    yield "impossible" if count.threshold is None else _amount(count.threshold, unit)


def _steps(count: Count, end: int) -> str:
    return f"after {end:,} step{'s' * (end != 1)}"


def _bars_in_words(picture: Picture) -> Iterable[str]:
    for name, figure in zip(picture.names, picture.figures[0], strict=True):
        yield f"{name}: {figure}."


def _rounds_in_words(picture: Picture) -> Iterable[str]:
    """The last round first, then the others in order."""
    told = []
    for label, row, figures, dropped in zip(
        picture.labels, picture.values, picture.figures, picture.captions, strict=True
    ):
        shares = ", ".join(
            f"{name} {figure}"
            for name, value, figure in zip(picture.names, row, figures, strict=True)
            if value
        )
        told.append(f"Round {label}: {shares}{f'; {dropped} is dropped' * bool(dropped)}.")
    return [told[-1], *told[:-1]]


def _pairs_in_words(picture: Picture) -> Iterable[str]:
    for row, first in enumerate(picture.names):
        for column, second in enumerate(picture.names[row + 1 :], row + 1):
            ahead = picture.values[row][column] or 0
            verb = "beats" if ahead > 0 else "loses to" if ahead < 0 else "ties with"
            shares = f"{picture.figures[row][column]} to {picture.figures[column][row]}"
            yield f"{first} {verb} {second}, {shares}."


def _curve_in_words(picture: Picture) -> Iterable[str]:
    reached, threshold = picture.figures[0]
    yield f"Conviction ended at {reached}."
    if threshold == "impossible":
        yield "No conviction would have been enough: the request is too large."
    else:
        yield f"The threshold was {threshold}."


def _percent(part: Score, total: int) -> str:
    exact = Fraction(part)
    return percent(exact.numerator, total * exact.denominator)


def _amount(score: Score, unit: int) -> str:
    """With at most two decimals, rounded half up; very large ones as `1.15 × 10²⁰`."""
    hundredths = floor(abs(Fraction(score)) * 100 / unit + Fraction(1, 2))
    sign = "−" * (score < 0)
    if score and not hundredths:
        return "less than 0.01"
    number, rest = divmod(hundredths, 100)
    digits = str(number)
    if len(digits) > _MOST_DIGITS:
        power = str(len(digits) - 1).translate(_SUPERSCRIPTS)
        return f"{sign}{digits[0]}.{digits[1:3]} × 10{power}"
    return f"{sign}{number:,}" + f".{rest:02d}".rstrip("0") * bool(rest)


def _with_tuples(value: Any) -> Any:
    return tuple(map(_with_tuples, value)) if isinstance(value, list) else value
