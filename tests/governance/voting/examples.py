"""Terms, ballots and refusals with as few words as a test needs."""

from collections.abc import Iterable
from typing import Any

import pytest

from governance.errors import Refusal
from governance.voting.system import Choice, Count, Outcome, Terms, VotingSystem

NAMES = ("Oak", "Elm", "Ash", "Yew", "Fir")
LARGEST = 2**256 - 1


def terms(choices: int = 3, **changes: Any) -> Terms:
    """The terms of a proposal with the first so many trees as its choices."""
    return Terms(NAMES[:choices], **changes)


def counted(
    system: VotingSystem, cast: Iterable[tuple[Choice, int]], choices: int = 3, **changes: Any
) -> Count:
    """The count of ballots, each a choice with the power (units) behind it."""
    return system.count([(choice, power, 1) for choice, power in cast], terms(choices, **changes))


def ended(
    system: VotingSystem,
    cast: Iterable[tuple[Choice, int]],
    choices: int = 3,
    quorum: int = 0,
    **changes: Any,
) -> Outcome:
    """How the vote with these ballots ends."""
    count = counted(system, cast, choices, **changes)
    return system.decide(count, quorum, terms(choices, **changes))


def refusal(
    system: VotingSystem, choice: object, power: int = 0, choices: int = 3, **changes: Any
) -> str:
    """The sentence with which this choice is refused."""
    with pytest.raises(Refusal) as refused:
        system.check(choice, power, terms(choices, **changes))
    return str(refused.value)
