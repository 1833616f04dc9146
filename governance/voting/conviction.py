"""Conviction voting (1Hive): support for a request grows while stakes stay on it.

From one step to the next, conviction y becomes decay·y + stake. The request passes at the first
step at which y > threshold = ρ·S / ((1 - decay)·(β - requested/funds)²), where S is the larger of
all stakes and 20 % of the supply; it is impossible unless requested/funds < β. Quorum doesn't
apply, and there are no ties: conviction at the threshold doesn't pass.

Conviction is an integer in units of power × 2^-128. Between two changes of the sum of stakes it is
found in one go, so that how often anyone looks changes nothing.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from typing import cast

from governance.power import UNIT
from governance.voting.shapes import stakes
from governance.voting.system import (
    Ballots,
    Choice,
    Conviction,
    Count,
    Outcome,
    Points,
    Reason,
    Shape,
    Terms,
    all_power,
    not_additive,
)

NAME = "conviction"
TITLE = "Conviction"
EXPLANATION = (
    "Stake your power for as long as you support this; conviction grows while your stake stays. "
    "The proposal passes as soon as conviction exceeds the threshold, which rises with the request."
)
SHAPE = Shape.STAKES
CHOICES = ("Support",)
WHOLE = UNIT
ADDITIVE = False
ONE = 1 << 128  # 1 in fixed point
LEAST_SHARE = Fraction(1, 5)  # of the supply, counted as staked

score = not_additive


def check(choice: object, power: int, terms: Terms) -> Choice:
    """A voter's stakes since the beginning, none above its power."""
    return stakes(choice, power, terms)


def changed(history: Points, step: int, stake: int) -> Points:
    """The stakes of a voter whose stake (units) is this from `step` on, its latest step so far."""
    return (*(change for change in history if change[0] < step), (step, stake))


def accrued(conviction: int, stake: int, steps: int, decay: Fraction) -> int:
    """The conviction (units × 2^128) after so many steps with this stake (units).

    y(t) = a^t·y + x·(1 - a^t)/(1 - a), rounded down.
    """
    kept = _power(decay, steps)
    left = decay.denominator - decay.numerator
    return (conviction * kept >> 128) + stake * decay.denominator * (ONE - kept) // left


def threshold(terms: Conviction, staked: int) -> Fraction | None:
    """What conviction (units) must exceed with so much staked in all (units); None: impossible."""
    if terms.requested >= terms.beta * terms.funds:
        return None
    room = terms.beta - Fraction(terms.requested, terms.funds)
    measured = max(Fraction(staked), LEAST_SHARE * terms.supply)
    return Fraction(terms.rho * measured, (1 - terms.decay) * room**2)


def count(ballots: Ballots, terms: Terms) -> Count:
    """The score is conviction at the closing step (units, with its fraction); see `threshold`."""
    cast_ballots = list(ballots)
    conviction = _conviction(terms)
    step, y, stake, staked = [
        period for period in _periods(cast_ballots, conviction) if period[0] <= terms.closing_step
    ][-1]
    y = accrued(y, stake, terms.closing_step - step, conviction.decay)
    return Count(
        sum(times for _, _, times in cast_ballots),
        sum(power * times for _, power, times in cast_ballots),
        {1: Fraction(y, ONE)},
        ((1,),),
        threshold=threshold(conviction, staked),
    )


towards_quorum = all_power


def decide(count: Count, quorum: int, terms: Terms) -> Outcome:
    """Whether conviction exceeds the threshold at the closing step."""
    if count.threshold is not None and count.scores[1] > count.threshold:
        return Outcome(True, Reason.CONVINCED)
    return Outcome(False, Reason.NOT_CONVINCED)


def passing_step(ballots: Ballots, terms: Terms) -> int | None:
    """The first step at which the proposal passes if no stake changes any more, or None.

    Where that step has gone by, it has passed: with it as closing step, `decide` says so.
    """
    conviction = _conviction(terms)
    periods = list(_periods(ballots, conviction))
    ends = [period[0] - 1 for period in periods[1:]] + [None]
    for (step, y, stake, staked), end in zip(periods, ends, strict=True):
        needed = threshold(conviction, staked)
        if needed is None:
            return None
        passes = partial(_passes, y, stake, conviction.decay, needed)
        if passes(0):
            return step
        last = 1 if end is None else end - step
        if end is None and stake * ONE // (1 - conviction.decay) > needed * ONE:
            while not passes(last):
                last *= 2
        if passes(last):
            return step + bisect_left(range(last), True, key=passes)
    return None


def _passes(y: int, stake: int, decay: Fraction, needed: Fraction, steps: int) -> bool:
    return accrued(y, stake, steps, decay) > needed * ONE


def _periods(ballots: Ballots, conviction: Conviction) -> Iterator[tuple[int, int, int, int]]:
    """From each change: its step, the conviction then, the stakes here and those in all."""
    here: defaultdict[int, int] = defaultdict(int)
    for choice, _, times in ballots:
        _add_changes(here, cast("Points", choice), times)
    elsewhere: defaultdict[int, int] = defaultdict(int)
    _add_changes(elsewhere, conviction.elsewhere, 1)
    y = stake = staked = last = 0
    for step in sorted({0, *here, *elsewhere}):
        y = accrued(y, stake, step - last, conviction.decay)
        stake += here[step]
        staked += here[step] + elsewhere[step]
        yield step, y, stake, staked
        last = step


def _add_changes(changes: dict[int, int], history: Points, times: int) -> None:
    before = 0
    for step, stake in history:
        changes[step] += (stake - before) * times
        before = stake


def _conviction(terms: Terms) -> Conviction:
    if terms.conviction is None:
        raise ValueError("a conviction vote needs the terms of its conviction")
    return terms.conviction


def _power(decay: Fraction, steps: int) -> int:
    """decay^steps in fixed point: with 256 bits, so that all of the 128 that stay are right."""
    power, square = 1 << 256, (decay.numerator << 256) // decay.denominator
    while steps:
        if steps & 1:
            power = power * square >> 256
        square = square * square >> 256
        steps >>= 1
    return power >> 128
