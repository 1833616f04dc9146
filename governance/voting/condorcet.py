"""Condorcet by the method of Schulze: widest paths, measured by winning votes.

The first of two choices beats the second if its widest path of pairwise wins is the wider
[M. Schulze, A new monotonic, clone-independent, reversal symmetric, and Condorcet-consistent
single-winner election method, 2011]. First come the choices that none beats, then those that none
of the rest beats, and so on; the choices of one place tie. A tie for first has no winner.
"""

from typing import cast

from governance.voting.pairwise import preferred
from governance.voting.shapes import grouped, tied_ranking
from governance.voting.system import (
    Ballots,
    Choice,
    Count,
    Places,
    Shape,
    Terms,
    all_power,
    elected,
    not_additive,
)

NAME = "condorcet"
TITLE = "Condorcet"
EXPLANATION = (
    "Rank the choices; equals are allowed, and those you leave out come last. The choice that "
    "wins against every other one, directly or by the Schulze method, wins; a tie has no winner."
)
SHAPE = Shape.TIED_RANKING
CHOICES = ()
WHOLE = 1
ADDITIVE = False

score = not_additive


def check(choice: object, power: int, terms: Terms) -> Choice:
    return tied_ranking(choice, terms)


def count(ballots: Ballots, terms: Terms) -> Count:
    """A score is the number of choices that a choice beats."""
    powers, numbers = grouped(ballots)
    every = range(1, len(terms.choices) + 1)
    pairs = preferred(((cast("Places", each), powers[each]) for each in powers), len(every))
    width = {
        (first, second): power if power > pairs[second, first] else 0
        for (first, second), power in pairs.items()
    }
    for middle in every:
        for first, second in pairs:
            if middle not in (first, second):
                detour = min(width[first, middle], width[middle, second])
                width[first, second] = max(width[first, second], detour)
    beats = {pair for pair in pairs if width[pair] > width[pair[::-1]]}
    places, rest = [], list(every)
    while rest:
        place = [each for each in rest if not any((other, each) in beats for other in rest)]
        places.append(tuple(place))
        rest = [each for each in rest if each not in place]
    return Count(
        sum(numbers.values()),
        sum(powers.values()),
        {choice: sum(first == choice for first, _ in beats) for choice in every},
        tuple(places),
        pairs=pairs,
    )


towards_quorum = all_power
decide = elected
