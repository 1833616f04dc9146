"""Copeland, as Snapshot counts it: two points for each choice beaten in pairs, one for a tie.

Half of the average share of power that prefers a choice to another is added, which breaks most
ties; the scores are scaled to add up to the power that voted. Every choice must be ranked. A tie
for first has no winner.
"""

from dataclasses import replace
from fractions import Fraction
from typing import cast

from governance.power import UNIT
from governance.voting.pairwise import preferred
from governance.voting.shapes import grouped, ranking
from governance.voting.system import (
    Ballots,
    Choice,
    Count,
    Numbers,
    Shape,
    Terms,
    all_power,
    elected,
    not_additive,
    tallied,
)

NAME = "copeland"
TITLE = "Copeland"
EXPLANATION = (
    "Rank all choices; each pair of choices is compared by the power that prefers one to the "
    "other. The choice that wins most of these comparisons wins; a tie has no winner."
)
SHAPE = Shape.RANKING
CHOICES = ()
WHOLE = UNIT
ADDITIVE = False

score = not_additive


def check(choice: object, power: int, terms: Terms) -> Choice:
    return ranking(choice, terms, full=True)


def count(ballots: Ballots, terms: Terms) -> Count:
    powers, numbers = grouped(ballots)
    total, others = sum(powers.values()), len(terms.choices) - 1
    pairs = preferred(
        (
            (tuple((choice,) for choice in cast("Numbers", ranked)), power)
            for ranked, power in powers.items()
        ),
        len(terms.choices),
    )
    # Points plus half the average share, times 2 × total × others so that they are whole.
    points = dict.fromkeys(range(1, len(terms.choices) + 1), 0)
    for (first, second), power in pairs.items():
        against = pairs[second, first]
        won = 2 if power > against else power == against
        points[first] += 2 * total * others * won + power
    sum_of_points = sum(points.values())
    scores = {
        choice: Fraction(total * share, sum_of_points) if sum_of_points else 0
        for choice, share in points.items()
    }
    tally = tallied(scores, total, sum(numbers.values()), terms)
    return replace(tally, pairs=pairs)


towards_quorum = all_power
decide = elected
