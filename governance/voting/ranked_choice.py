"""Ranked choice, instant run-off: the lowest choice drops out until one has more than half.

A round counts each ballot for its best remaining choice; a ballot without one is exhausted. The
count stops when one choice has more than half of the power that isn't exhausted, or two remain.
Among the lowest, that one is dropped which was lower in the latest earlier round in which they
differ, else the one that comes first in the lot (without a lot, the lowest number). Two that
remain with the same power tie and there is no winner.
"""

from collections.abc import Iterable, Mapping
from typing import cast

from governance.power import UNIT
from governance.voting.shapes import grouped, ranking
from governance.voting.system import (
    Ballots,
    Choice,
    Count,
    Numbers,
    Round,
    Shape,
    Terms,
    all_power,
    elected,
    not_additive,
)

NAME = "ranked_choice"
TITLE = "Ranked choice"
EXPLANATION = (
    "Rank as many choices as you like; your power counts for the best one still in the race. "
    "The lowest drops out round by round until one has more than half; a final tie has no winner."
)
SHAPE = Shape.RANKING
CHOICES = ()
WHOLE = UNIT
ADDITIVE = False

score = not_additive


def check(choice: object, power: int, terms: Terms) -> Choice:
    return ranking(choice, terms)


def count(ballots: Ballots, terms: Terms) -> Count:
    """The scores are those of the last round; choices dropped before it have 0."""
    powers, numbers = grouped(ballots)
    every = range(1, len(terms.choices) + 1)
    order = terms.lot or tuple(every)
    piles: dict[int, list[tuple[Numbers, int]]] = {choice: [] for choice in every}
    history = [dict.fromkeys(every, 0)]
    exhausted = _dealt(cast("Iterable[tuple[Numbers, int]]", powers.items()), piles, history[0])
    rounds: list[Round] = []
    while not _finished(scores := history[-1]):
        dropped, by_lot = _lowest(history, order)
        rounds.append(Round(dict(scores), exhausted, dropped, by_lot))
        history.append({choice: power for choice, power in scores.items() if choice != dropped})
        exhausted += _dealt(piles.pop(dropped), piles, history[-1])
    rounds.append(Round(scores, exhausted))
    best = {power: [each for each in scores if scores[each] == power] for power in scores.values()}
    places = [tuple(best[power]) for power in sorted(best, reverse=True)]
    places += [(each.dropped,) for each in reversed(rounds) if each.dropped is not None]
    return Count(
        sum(numbers.values()),
        sum(powers.values()),
        {choice: scores.get(choice, 0) for choice in every},
        tuple(places),
        tuple(rounds),
    )


towards_quorum = all_power
decide = elected


def _finished(scores: Mapping[int, int]) -> bool:
    return len(scores) <= 2 or 2 * max(scores.values()) > sum(scores.values())


def _dealt(
    ballots: Iterable[tuple[Numbers, int]],
    piles: Mapping[int, list[tuple[Numbers, int]]],
    scores: dict[int, int],
) -> int:
    """Put each ballot on the pile of its best remaining choice; the power (units) that has none."""
    exhausted = 0
    for ranked, power in ballots:
        for choice in ranked:
            if choice in piles:
                piles[choice].append((ranked, power))
                scores[choice] += power
                break
        else:
            exhausted += power
    return exhausted


def _lowest(history: list[dict[int, int]], order: Numbers) -> tuple[int, bool]:
    """Who is dropped after the latest round, and whether only the lot could say so."""
    tied = list(history[-1])
    for scores in reversed(history):
        least = min(scores[choice] for choice in tied)
        tied = [choice for choice in tied if scores[choice] == least]
        if len(tied) == 1:
            return tied[0], False
    return min(tied, key=order.index), True
