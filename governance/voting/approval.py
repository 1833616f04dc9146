"""Approval: full power to every choice that a ballot approves; the best `winners` win.

An empty ballot is valid and counts for turnout only. A tie over the last seat has no winner. The
share to show is that of the power that voted, not of the sum of the scores.
"""

from collections.abc import Mapping
from typing import cast

from governance.power import UNIT
from governance.voting.shapes import added, some
from governance.voting.system import (
    Ballots,
    Choice,
    Count,
    Numbers,
    Score,
    Shape,
    Terms,
    all_power,
    elected,
    tallied,
)

NAME = "approval"
TITLE = "Approval"
EXPLANATION = (
    "Approve of as many choices as you like; each gets your full power. "
    "The choices that most power approves of win, and a tie over the last place has no winner."
)
SHAPE = Shape.SOME
CHOICES = ()
WHOLE = UNIT
ADDITIVE = True


def check(choice: object, power: int, terms: Terms) -> Choice:
    return some(choice, terms)


def score(choice: Choice, power: int, terms: Terms) -> Mapping[int, Score]:
    return dict.fromkeys(cast("Numbers", choice), power)


def count(ballots: Ballots, terms: Terms) -> Count:
    return tallied(*added(ballots, terms, score), terms)


towards_quorum = all_power
decide = elected
