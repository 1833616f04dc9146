"""Basic voting: For, Against, Abstain.

A proposal passes iff quorum is reached and For > Against; a tie fails
(OpenZeppelin Governor, GovernorCountingSimple).
"""

from collections import Counter
from collections.abc import Iterable

from governance.errors import Refusal
from governance.voting.system import Outcome, Reason, Tally

NAME = "basic"
FOR, AGAINST, ABSTAIN = 1, 2, 3
CHOICES = {FOR: "For", AGAINST: "Against", ABSTAIN: "Abstain"}
"""Choices by number; numbers start at 1."""


def check(choice: object) -> int:
    if isinstance(choice, int) and choice in CHOICES:
        return choice
    raise Refusal(f"There is no such choice here. Choose one of: {', '.join(CHOICES.values())}.")


def count(ballots: Iterable[tuple[int, int]]) -> Tally:
    tally: Counter[int] = Counter(dict.fromkeys(CHOICES, 0))
    for choice, power in ballots:
        tally[choice] += power
    return dict(tally)


def towards_quorum(tally: Tally) -> int:
    """The power (units) that counts towards quorum: For + Abstain, as in Governor."""
    return tally.get(FOR, 0) + tally.get(ABSTAIN, 0)


def outcome(tally: Tally, quorum: int) -> Outcome:
    in_favour, against = tally.get(FOR, 0), tally.get(AGAINST, 0)
    if not any(tally.values()):
        return Outcome(False, Reason.NO_VOTES)
    if towards_quorum(tally) < quorum:
        return Outcome(False, Reason.QUORUM)
    if in_favour == against:
        return Outcome(False, Reason.TIE)
    if in_favour < against:
        return Outcome(False, Reason.MAJORITY_AGAINST)
    return Outcome(True, Reason.MAJORITY_FOR)
