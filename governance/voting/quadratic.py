"""Quadratic voting: v votes on a choice cost v² credits.

A ballot is valid iff its votes cost no more than its voter's budget: its power in whole votes, or
the fixed number of credits in the terms. Scores are votes. A tie for first has no winner. One
holder with many accounts buys more votes, so this needs one account for each person.
"""

from collections.abc import Mapping
from typing import cast

from governance.errors import Refusal
from governance.power import UNIT
from governance.voting.shapes import added, points
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

NAME = "quadratic"
TITLE = "Quadratic voting"
EXPLANATION = (
    "Spend your credits on votes: one vote on a choice costs 1 credit, two cost 4, three cost 9. "
    "The choice with the most votes wins; a tie for first has no winner."
)
SHAPE = Shape.POINTS
CHOICES = ()
WHOLE = 1
ADDITIVE = True


def check(choice: object, power: int, terms: Terms) -> Choice:
    votes = points(choice, terms, negative=terms.negative)
    budget = power // UNIT if terms.credits is None else terms.credits
    cost = sum(bought * bought for _, bought in votes)
    if cost > budget:
        raise Refusal(
            f"These votes cost {cost:,} credit{'s' * (cost != 1)} and you have {budget:,}: "
            "votes on a choice cost their square, so take some away."
        )
    return votes


def score(choice: Choice, power: int, terms: Terms) -> Mapping[int, Score]:
    return dict(cast("Points", choice))


def count(ballots: Ballots, terms: Terms) -> Count:
    return tallied(*added(ballots, terms, score, by_power=False), terms)


towards_quorum = all_power
decide = elected
