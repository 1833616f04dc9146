"""Comparison of choices by pairs."""

from collections.abc import Iterable

from governance.voting.system import Places


def preferred(ballots: Iterable[tuple[Places, int]], choices: int) -> dict[tuple[int, int], int]:
    """The power (units) that prefers the first choice of each pair to the second.

    Unranked choices tie below the ranked ones.
    """
    every = range(1, choices + 1)
    pairs = {(first, second): 0 for first in every for second in every if first != second}
    for places, power in ballots:
        below = set(every)
        for place in places:
            below.difference_update(place)
            for first in place:
                for second in below:
                    pairs[first, second] += power
    return pairs
