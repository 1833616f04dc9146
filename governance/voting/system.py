"""What every voting system answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Protocol

Choice = int | tuple[int, ...] | tuple[tuple[int, ...], ...]
"""What a valid ballot says, in the one form in which equal ballots are equal (see Shape)."""

Numbers = tuple[int, ...]
Places = tuple[tuple[int, ...], ...]
Points = tuple[tuple[int, int], ...]

Score = int | Fraction
"""Exact, in units of voting power except where a system says otherwise."""

Ballots = Iterable[tuple[Choice, int, int]]
"""(choice, power in units of each, how many such ballots)."""


class Shape(StrEnum):
    """The form of a ballot. Choices are numbered from 1."""

    ONE = "one"  # 2
    SOME = "some"  # (1, 3): ascending
    RANKING = "ranking"  # (2, 1, 3): best first
    TIED_RANKING = "tied ranking"  # ((2,), (1, 3)): best first, equals together and ascending
    POINTS = "points"  # ((1, 3), (2, 1)): (choice, points), ascending, points never 0
    STAKES = "stakes"  # ((0, 1000), (7, 0)): (step, stake in units from then on), ascending


class Counting(StrEnum):
    """Which ballots of a basic vote count towards quorum."""

    FOR_AND_ABSTAIN = "for and abstain"  # OpenZeppelin Governor
    FOR = "for"  # Governor Bravo
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Conviction:
    """The terms of a conviction vote (1Hive): a share `decay` of conviction outlasts each step.

    `requested` and `funds` are of one treasury, `supply` and stakes (units) of one voting power;
    `beta` is the share of the funds that no request may reach, `rho` the weight of the threshold.
    `elsewhere` is what members stake on other proposals: (step, units from then on), ascending.
    """

    decay: Fraction
    beta: Fraction
    rho: Fraction
    requested: int
    funds: int
    supply: int
    elsewhere: Points = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """Of a proposal's frozen rules, what a count depends on.

    `winners` is how many choices are elected, `credits` what each voter may spend (None: its power
    in whole votes), `negative` whether votes against a choice may be bought. `lot` is an order of
    all choices that breaks ties, the first losing. `signatures` of `signers` approve.
    `closing_step` is the step at which conviction is measured.
    """

    choices: tuple[str, ...]
    winners: int = 1
    credits: int | None = None
    negative: bool = False
    lot: tuple[int, ...] = ()
    tie_by_lot: bool = False
    counting: Counting = Counting.FOR_AND_ABSTAIN
    threshold: Fraction | None = None
    optimistic: bool = False
    signatures: int = 0
    signers: int = 0
    conviction: Conviction | None = None
    closing_step: int = 0


@dataclass(frozen=True, slots=True)
class Round:
    """One round of a run-off: power by remaining choice, exhausted power, who is dropped after it.

    `by_lot` is True where only the lot could say who.
    """

    scores: Mapping[int, int]
    exhausted: int
    dropped: int | None = None
    by_lot: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """What the ballots add up to. `scores` holds every choice, `power` that of all ballots (units).

    `ranking` is best first, with tied choices together. `rounds` are those of a run-off; `pairs`
    the power that prefers the first choice to the second; `threshold` what conviction must exceed,
    None where it can't.
    """

    ballots: int
    power: int
    scores: Mapping[int, Score]
    ranking: tuple[tuple[int, ...], ...]
    rounds: tuple[Round, ...] = ()
    pairs: Mapping[tuple[int, int], int] = field(default_factory=dict)
    threshold: Fraction | None = None


class Reason(StrEnum):
    """Why a vote ended as it did."""

    MAJORITY_FOR = "majority for"
    MAJORITY_AGAINST = "majority against"
    TIE = "tie"
    NO_VOTES = "no votes"
    QUORUM = "quorum not reached"
    THRESHOLD = "threshold not reached"
    NO_OBJECTION = "not rejected"
    REJECTED = "rejected"
    ELECTED = "elected"
    SIGNED = "signed"
    NOT_SIGNED = "not signed"
    CONVINCED = "conviction reached"
    NOT_CONVINCED = "conviction not reached"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`winners` are the choices elected, best first; empty for systems that only pass or fail.

    `house` is that of two which the reason is about: 2 where the second didn't agree.
    """

    succeeded: bool
    reason: Reason
    winners: tuple[int, ...] = ()
    house: int = 1


class VotingSystem(Protocol):
    """A module of this folder, listed in SYSTEMS. Its constants are read-only properties here.

    TITLE and EXPLANATION (two sentences) are for members. CHOICES are the system's own choices;
    empty where each proposal brings its own. WHOLE is what people read as 1 in the scores: UNIT
    where they are power.
    """

    @property
    def NAME(self) -> str: ...  # noqa: N802 (a module's constant)

    @property
    def TITLE(self) -> str: ...  # noqa: N802

    @property
    def EXPLANATION(self) -> str: ...  # noqa: N802

    @property
    def SHAPE(self) -> Shape: ...  # noqa: N802

    @property
    def CHOICES(self) -> tuple[str, ...]: ...  # noqa: N802

    @property
    def WHOLE(self) -> int: ...  # noqa: N802

    @property
    def ADDITIVE(self) -> bool:  # noqa: N802
        """Whether a ballot's `score` can be added to a running tally, and taken from it again."""

    def check(self, choice: object, power: int, terms: Terms, /) -> Choice:
        """The valid choice of a voter with `power` (units), or a Refusal that says what to mend.

        Takes lists for tuples, as JSON gives them.
        """

    def score(self, choice: Choice, power: int, terms: Terms, /) -> Mapping[int, Score]:
        """What one ballot gives to each choice it names; only for additive systems."""

    def count(self, ballots: Ballots, terms: Terms, /) -> Count:
        """Count valid ballots, exactly."""

    def towards_quorum(self, count: Count, terms: Terms, /) -> int:
        """The power (units) that counts towards quorum."""

    def decide(self, count: Count, quorum: int, terms: Terms, /) -> Outcome:
        """How a vote with this count ends; `quorum` in units, 0 for none."""


def tallied(
    scores: Mapping[int, Score], power: int, ballots: int, terms: Terms, *, lot: bool = False
) -> Count:
    """The count of an additive system whose ballots have given these scores.

    With `lot`, ties in the ranking are broken by the lot of the terms.
    """
    full = {choice: scores.get(choice, 0) for choice in range(1, len(terms.choices) + 1)}
    order = {choice: place for place, choice in enumerate(terms.lot)} if lot else {}
    groups: dict[tuple[Score, int], list[int]] = {}
    for choice, score in full.items():
        groups.setdefault((score, order.get(choice, 0)), []).append(choice)
    ranking = tuple(tuple(groups[key]) for key in sorted(groups, reverse=True))
    return Count(ballots, power, full, ranking)


def all_power(count: Count, terms: Terms) -> int:
    """Every ballot counts towards quorum."""
    return count.power


def not_additive(choice: Choice, power: int, terms: Terms) -> Mapping[int, Score]:
    """The `score` of a system whose ballots can only be counted together."""
    raise TypeError("Ballots of this system can only be counted together.")


def elected(count: Count, quorum: int, terms: Terms) -> Outcome:
    """The best `winners` choices, iff quorum is reached and the last of them isn't tied."""
    if not count.ballots:
        return Outcome(False, Reason.NO_VOTES)
    if count.power < quorum:
        return Outcome(False, Reason.QUORUM)
    winners: tuple[int, ...] = ()
    for group in count.ranking:
        if len(winners) == terms.winners:
            break
        if len(winners) + len(group) > terms.winners:
            return Outcome(False, Reason.TIE)
        winners += group
    return Outcome(True, Reason.ELECTED, winners)
