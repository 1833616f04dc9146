"""Basic voting: For, Against, Abstain.

Passes iff quorum is reached and For > Against; a tie fails (OpenZeppelin Governor,
GovernorCountingSimple). With a threshold, also iff For/(For+Against) ≥ threshold. An optimistic
vote passes unless Against reaches the quorum.
"""

from collections.abc import Mapping
from typing import cast

from governance.power import UNIT
from governance.voting.shapes import added, one
from governance.voting.system import (
    Ballots,
    Choice,
    Count,
    Counting,
    Outcome,
    Reason,
    Score,
    Shape,
    Terms,
    tallied,
)

NAME = "basic"
TITLE = "For or against"
EXPLANATION = (
    "Vote For, Against or Abstain. The proposal passes if more power is For than Against; "
    "a tie fails."
)
SHAPE = Shape.ONE
FOR, AGAINST, ABSTAIN = 1, 2, 3
CHOICES = ("For", "Against", "Abstain")
WHOLE = UNIT
ADDITIVE = True


def check(choice: object, power: int, terms: Terms) -> Choice:
    return one(choice, terms)


def score(choice: Choice, power: int, terms: Terms) -> Mapping[int, Score]:
    return {cast("int", choice): power}


def count(ballots: Ballots, terms: Terms) -> Count:
    return tallied(*added(ballots, terms, score), terms)


def towards_quorum(count: Count, terms: Terms) -> int:
    """For + Abstain as in Governor, For as in Governor Bravo, or all."""
    counted = {
        Counting.FOR_AND_ABSTAIN: (FOR, ABSTAIN),
        Counting.FOR: (FOR,),
        Counting.ALL: (FOR, AGAINST, ABSTAIN),
    }[terms.counting]
    return sum(int(count.scores[choice]) for choice in counted)


def decide(count: Count, quorum: int, terms: Terms) -> Outcome:
    in_favour, against = count.scores[FOR], count.scores[AGAINST]
    if terms.optimistic:
        rejected = against >= quorum
        return Outcome(not rejected, Reason.REJECTED if rejected else Reason.NO_OBJECTION)
    if not count.power:
        return Outcome(False, Reason.NO_VOTES)
    if towards_quorum(count, terms) < quorum:
        return Outcome(False, Reason.QUORUM)
    if in_favour == against:
        return Outcome(False, Reason.TIE)
    if in_favour < against:
        return Outcome(False, Reason.MAJORITY_AGAINST)
    if terms.threshold is not None and in_favour < terms.threshold * (in_favour + against):
        return Outcome(False, Reason.THRESHOLD)
    return Outcome(True, Reason.MAJORITY_FOR)
