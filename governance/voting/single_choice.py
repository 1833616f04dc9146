"""Single choice: the choice with the most power wins.

A tie for first has no winner, unless the terms leave ties to the lot: then the choice that comes
last in it wins.
"""

from collections.abc import Mapping
from typing import cast

from governance.power import UNIT
from governance.voting.shapes import added, one
from governance.voting.system import (
    Ballots,
    Choice,
    Count,
    Score,
    Shape,
    Terms,
    all_power,
    elected,
    tallied,
)

NAME = "single_choice"
TITLE = "Single choice"
EXPLANATION = (
    "Vote for one of the choices. The choice with the most power wins; "
    "a tie for first has no winner unless the rules leave it to the lot."
)
SHAPE = Shape.ONE
CHOICES = ()
WHOLE = UNIT
ADDITIVE = True


def check(choice: object, power: int, terms: Terms) -> Choice:
    return one(choice, terms)


def score(choice: Choice, power: int, terms: Terms) -> Mapping[int, Score]:
    return {cast("int", choice): power}


def count(ballots: Ballots, terms: Terms) -> Count:
    return tallied(*added(ballots, terms, score), terms, lot=terms.tie_by_lot)


towards_quorum = all_power
decide = elected
