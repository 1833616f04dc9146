"""Multisig: passes the moment `signatures` of `signers` have approved, as in a Safe.

Each ballot counts once, whatever its power; quorum doesn't apply. So many rejections that the
signatures can't be reached any more defeat it. Only ballots of current signers may be counted: a
signer removed meanwhile no longer counts. There are no ties.
"""

from collections.abc import Mapping
from typing import cast

from governance.voting.shapes import added, one
from governance.voting.system import (
    Ballots,
    Choice,
    Count,
    Outcome,
    Reason,
    Score,
    Shape,
    Terms,
    all_power,
    tallied,
)

NAME = "multisig"
TITLE = "Signatures"
EXPLANATION = (
    "Each signer approves or rejects. The proposal passes as soon as enough signers have "
    "approved, and is defeated as soon as too few are left to approve it."
)
SHAPE = Shape.ONE
APPROVE, REJECT = 1, 2
CHOICES = ("Approve", "Reject")
WHOLE = 1
ADDITIVE = True


def check(choice: object, power: int, terms: Terms) -> Choice:
    return one(choice, terms)


def score(choice: Choice, power: int, terms: Terms) -> Mapping[int, Score]:
    return {cast("int", choice): 1}


def count(ballots: Ballots, terms: Terms) -> Count:
    return tallied(*added(ballots, terms, score, by_power=False), terms)


towards_quorum = all_power


def decide(count: Count, quorum: int, terms: Terms) -> Outcome:
    if count.scores[APPROVE] >= max(1, terms.signatures):
        return Outcome(True, Reason.SIGNED)
    if count.scores[REJECT] > terms.signers - terms.signatures:
        return Outcome(False, Reason.REJECTED)
    return Outcome(False, Reason.NOT_SIGNED)
