"""Quadratic funding (Snapshot's quadratic voting): many small shares outweigh one large share.

A ballot's power is shared in proportion to its weights; q = (Σ √share)² over the ballots, and each
choice gets q / Σq of the power that voted. A root is in units of 10^-18 of the root of a whole
vote, rounded down, so the sum of the n roots of a choice lies less than n units below its true
value. Choices whose sums of roots differ by less than the largest n are therefore a tie. One
holder with many accounts gets more, so this needs one account for each person.
"""

from collections import defaultdict
from fractions import Fraction
from math import isqrt
from typing import cast

from governance.power import UNIT
from governance.voting import weighted
from governance.voting.system import (
    Ballots,
    Choice,
    Count,
    Points,
    Shape,
    Terms,
    all_power,
    elected,
    not_additive,
)

NAME = "quadratic_funding"
TITLE = "Quadratic funding"
EXPLANATION = (
    "Share your power among the choices by giving each a weight; many small supporters count for "
    "more than one large one. The choice with the largest share wins; a tie has no winner."
)
SHAPE = Shape.POINTS
CHOICES = ()
WHOLE = UNIT
ADDITIVE = False

score = not_additive
check = weighted.check


def count(ballots: Ballots, terms: Terms) -> Count:
    """The scores are exact shares of the squared sums of the rounded roots."""
    alike: defaultdict[Choice, defaultdict[int, int]] = defaultdict(lambda: defaultdict(int))
    for choice, power, times in ballots:
        alike[choice][power] += times
    every = range(1, len(terms.choices) + 1)
    roots, rounded = dict.fromkeys(every, 0), dict.fromkeys(every, 0)
    for choice, numbers in alike.items():
        weights = cast("Points", choice)
        total = sum(weight for _, weight in weights)
        for number, weight in weights:
            share = UNIT * weight
            roots[number] += sum(
                times * isqrt(power * share // total) for power, times in numbers.items()
            )
            rounded[number] += sum(numbers.values())
    squares = sum(root * root for root in roots.values())
    power = sum(each * times for numbers in alike.values() for each, times in numbers.items())
    scores = {
        choice: Fraction(power * roots[choice] ** 2, squares) if squares else 0 for choice in every
    }
    bound = max([1, *rounded.values()])
    places: list[tuple[int, ...]] = []
    for choice in sorted(every, key=lambda choice: -roots[choice]):
        if places and roots[places[-1][-1]] - roots[choice] < bound:
            places[-1] += (choice,)
        else:
            places.append((choice,))
    ranking = tuple(tuple(sorted(place)) for place in places)
    ballots_counted = sum(sum(numbers.values()) for numbers in alike.values())
    return Count(ballots_counted, power, scores, ranking)


towards_quorum = all_power
decide = elected
