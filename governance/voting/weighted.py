"""Weighted: a ballot's power is shared in proportion to its weights, as exact fractions.

Weights are whole, at least 0, and add up to at least 1 and at most MOST, so that the fractions
stay small. A tie for first has no winner.
"""

from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction
from typing import cast

from governance.errors import Refusal
from governance.power import UNIT
from governance.voting.shapes import grouped, points
from governance.voting.system import (
    Ballots,
    Choice,
    Count,
    Points,
    Score,
    Shape,
    Terms,
    all_power,
    elected,
    tallied,
)

NAME = "weighted"
TITLE = "Weighted"
EXPLANATION = (
    "Share your power among the choices by giving each a weight: 3 and 1 give the first three "
    "quarters. The choice with the most power wins; a tie for first has no winner."
)
SHAPE = Shape.POINTS
CHOICES = ()
WHOLE = UNIT
ADDITIVE = True
MOST = 1000


def check(choice: object, power: int, terms: Terms) -> Choice:
    weights = points(choice, terms)
    total = sum(weight for _, weight in weights)
    if not total:
        raise Refusal("Give at least one choice a weight above 0.")
    if total > MOST:
        raise Refusal(f"Your weights add up to {total:,}: make them add up to {MOST:,} or less.")
    return weights


def score(choice: Choice, power: int, terms: Terms) -> Mapping[int, Score]:
    weights = cast("Points", choice)
    total = sum(weight for _, weight in weights)
    return {number: Fraction(power * weight, total) for number, weight in weights}


def count(ballots: Ballots, terms: Terms) -> Count:
    powers, numbers = grouped(ballots)
    shares: defaultdict[tuple[int, int], int] = defaultdict(int)  # by choice and sum of weights
    for choice, power in powers.items():
        weights = cast("Points", choice)
        total = sum(weight for _, weight in weights)
        for number, weight in weights:
            shares[number, total] += power * weight
    scores: defaultdict[int, Score] = defaultdict(Fraction)
    for (number, total), share in shares.items():
        scores[number] += Fraction(share, total)
    return tallied(scores, sum(powers.values()), sum(numbers.values()), terms)


towards_quorum = all_power
decide = elected
