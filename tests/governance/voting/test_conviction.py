"""Conviction: support grows while stakes stay, and must exceed a threshold."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.errors import Refusal
from governance.voting import conviction
from governance.voting.system import Ballots, Conviction, Outcome, Points, Reason, Terms

DECAY = Fraction(9, 10)
ONE = 2**128

decays = st.fractions(0, Fraction(999, 1000), max_denominator=1000)


def request(amount: int, supply: int = 225_000) -> Conviction:
    """Twenty per cent of the supply are 45,000."""
    return Conviction(DECAY, Fraction(1, 5), Fraction(2, 1000), amount, 15_000, supply)


def terms(amount: int = 1000, closing_step: int = 0, supply: int = 225_000) -> Terms:
    return Terms(conviction.CHOICES, conviction=request(amount, supply), closing_step=closing_step)


def staked(*histories: Points) -> Ballots:
    return [(history, 10**6, 1) for history in histories]


def displayed(y: int) -> int:
    """To the nearest unit, for comparison with published figures."""
    return (2 * y + ONE) // (2 * ONE)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (0, 0),
        (1, 1000),
        (2, 1900),
        (5, 4095),
        (7, 5217),
        (10, 6513),
        (20, 8784),
        (50, 9948),
        (100, 10000),
    ],
)
def test_a_stake_of_a_thousand(step: int, expected: int) -> None:
    assert displayed(conviction.accrued(0, 1000, step, DECAY)) == expected
    count = conviction.count(staked(((0, 1000),)), terms(closing_step=step))
    assert count.scores[1] == Fraction(conviction.accrued(0, 1000, step, DECAY), ONE)


@pytest.mark.parametrize(("stake", "expected"), [(0, 2271), (1500, 12041)])
def test_a_change_of_stake_first_accrues_with_the_old_one(stake: int, expected: int) -> None:
    history = ((0, 1000), (10, stake))
    at_change = conviction.count(staked(history), terms(closing_step=10)).scores[1]
    assert displayed(int(at_change * ONE)) == 6513
    later = conviction.count(staked(history), terms(closing_step=20)).scores[1]
    assert displayed(int(later * ONE)) == expected


def test_ten_single_steps_are_one_step_of_ten() -> None:
    y = 0
    for _ in range(10):
        y = conviction.accrued(y, 1000, 1, DECAY)
    assert displayed(y) == displayed(conviction.accrued(0, 1000, 10, DECAY)) == 6513


@given(decays, st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 300))
def test_conviction_is_never_above_the_exact_value_and_hardly_below(
    decay: Fraction, before: int, stake: int, steps: int
) -> None:
    exact = decay**steps * before + stake * (1 - decay**steps) * Fraction(1, 1 - decay)
    y = Fraction(conviction.accrued(before * ONE, stake, steps, decay), ONE)
    assert abs(exact - y) < Fraction(10**10, ONE)


@given(decays, st.integers(0, 10**6), st.integers(0, 10**5))
def test_conviction_never_falls_while_a_first_stake_stays(
    decay: Fraction, stake: int, steps: int
) -> None:
    now = conviction.accrued(0, stake, steps, decay)
    assert now <= conviction.accrued(0, stake, steps + 1, decay) <= stake * ONE / (1 - decay)


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (0, 22_500),
        (500, 32_400),
        (1000, 50_625),
        (2000, 202_500),
        (2900, 20_250_000),
        (3000, None),
        (4000, None),
    ],
)
def test_the_threshold_rises_with_the_request(amount: int, expected: int | None) -> None:
    assert conviction.threshold(request(amount), 45_000) == expected
    assert conviction.threshold(request(amount, supply=0), 45_000) == expected
    assert conviction.count([], terms(amount)).threshold == expected


def test_a_fifth_of_the_supply_counts_as_staked_where_less_is() -> None:
    assert conviction.threshold(request(1000, supply=45_000), 0) == 10_125
    assert conviction.threshold(request(1000, supply=45_000), 9_000) == 10_125
    assert conviction.threshold(request(1000, supply=45_000), 45_000) == 50_625


def test_nothing_can_be_asked_of_empty_funds() -> None:
    empty = Conviction(DECAY, Fraction(1, 5), Fraction(2, 1000), 0, 0, 100)
    assert conviction.threshold(empty, 100) is None


@pytest.mark.parametrize(
    ("stake", "step"), [(5062, None), (5063, 88), (6000, 18), (10_000, 7), (20_000, 3)]
)
def test_the_earliest_step_at_which_a_request_passes(stake: int, step: int | None) -> None:
    cast = staked(((0, stake),))
    assert conviction.passing_step(cast, terms()) == step
    if step is None:
        return
    for closing, outcome in (
        (step, Outcome(True, Reason.CONVINCED)),
        (step - 1, Outcome(False, Reason.NOT_CONVINCED)),
    ):
        at = terms(closing_step=closing)
        assert conviction.decide(conviction.count(cast, at), 10**9, at) == outcome


def test_what_is_impossible_never_passes() -> None:
    cast = staked(((0, 10**6),))
    assert conviction.passing_step(cast, terms(3000)) is None
    at = terms(3000, closing_step=1000)
    assert not conviction.decide(conviction.count(cast, at), 0, at).succeeded


def test_conviction_at_the_threshold_does_not_pass() -> None:
    """Half outlasts each step: 3 staked make 3 at step 1, and the threshold is 3."""
    half = Conviction(Fraction(1, 2), Fraction(1), Fraction(1, 2), 0, 1, 0)
    at = Terms(conviction.CHOICES, conviction=half, closing_step=1)
    count = conviction.count(staked(((0, 3),)), at)
    assert count.scores[1] == count.threshold == 3
    assert not conviction.decide(count, 0, at).succeeded
    assert conviction.passing_step(staked(((0, 3),)), at) == 2


def test_stakes_on_other_proposals_raise_the_threshold_from_their_step_on() -> None:
    elsewhere = ((2, 40_000), (6, 0))
    busy = Terms(
        conviction.CHOICES,
        conviction=replace(request(1000, supply=45_000), elsewhere=elsewhere),
    )
    alone = Terms(conviction.CHOICES, conviction=request(1000, supply=45_000))
    cast = staked(((0, 5_000),))
    assert conviction.passing_step(cast, alone) == 3
    assert conviction.passing_step(cast, busy) == 6
    assert conviction.passing_step(staked(((0, 6_000),)), busy) == 2 + 4


def test_it_passes_once_even_if_stakes_are_withdrawn_later() -> None:
    cast = staked(((0, 10_000), (8, 0)))
    assert conviction.passing_step(cast, terms()) == 7


def test_it_never_passes_where_stakes_are_withdrawn_too_soon() -> None:
    assert conviction.passing_step(staked(((0, 10_000), (6, 0))), terms()) is None


def test_it_passes_at_the_moment_others_withdraw_and_lower_the_threshold() -> None:
    small = Terms(
        conviction.CHOICES,
        conviction=replace(request(1000, supply=0), elsewhere=((0, 10**6), (9, 0))),
    )
    assert conviction.passing_step(staked(((0, 100),)), small) == 9


def test_changes_after_the_closing_step_are_left_out() -> None:
    whole = conviction.count(staked(((0, 1000), (10, 5000))), terms(closing_step=9))
    assert whole.scores == conviction.count(staked(((0, 1000),)), terms(closing_step=9)).scores


def test_stakes_of_many_add_up() -> None:
    together = conviction.count(staked(((0, 1000),), ((0, 500),)), terms(closing_step=10))
    assert together.scores == conviction.count(staked(((0, 1500),)), terms(closing_step=10)).scores
    assert (together.ballots, together.power) == (2, 2 * 10**6)


def test_how_often_anyone_looks_changes_nothing() -> None:
    """A change to the same stake splits the time and leaves conviction within a hair."""
    once = conviction.count(staked(((0, 1000),)), terms(closing_step=200)).scores[1]
    split = tuple((step, 1000) for step in range(0, 200, 7))
    often = conviction.count(staked(split), terms(closing_step=200)).scores[1]
    assert abs(once - often) < Fraction(1, 2**100)


def test_a_year_of_hours_is_forecast_at_once() -> None:
    slow = replace(request(1000), decay=Fraction(99_999, 100_000))
    at = Terms(conviction.CHOICES, conviction=slow)
    step = conviction.passing_step(staked(((0, 6_000),)), at)
    assert step is not None
    assert step > 24 * 365
    for closing, passed in ((step, True), (step - 1, False)):
        at = Terms(conviction.CHOICES, conviction=slow, closing_step=closing)
        count = conviction.count(staked(((0, 6_000),)), at)
        assert conviction.decide(count, 0, at).succeeded is passed


def test_a_stake_changes_from_a_step_on_and_again_within_it() -> None:
    history = conviction.changed((), 3, 10)
    assert history == ((3, 10),)
    assert conviction.changed(history, 7, 0) == ((3, 10), (7, 0))
    assert conviction.changed(conviction.changed(history, 7, 0), 7, 5) == ((3, 10), (7, 5))


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ([[0, 8]], "You have 0.000000000000000007 to stake: stake that or less."),
        ([[0, -1]], "Stake 0 or more; 0 withdraws your stake."),
        ([[0, True]], "Stake 0 or more; 0 withdraws your stake."),
        ([[-1, 5]], "Put each change of a stake at a later step than the one before it."),
        ([[1.0, 5]], "Put each change of a stake at a later step than the one before it."),
        ([[3, 5], [3, 6]], "Put each change of a stake at a later step than the one before it."),
        ([[3, 5], [2, 6]], "Put each change of a stake at a later step than the one before it."),
        ([], "Write how much you stake, for example “0.5”."),
        (7, "Write how much you stake, for example “0.5”."),
        ([7], "Write how much you stake, for example “0.5”."),
    ],
)
def test_a_stake_that_breaks_its_form_is_refused(choice: object, sentence: str) -> None:
    with pytest.raises(Refusal) as refused:
        conviction.check(choice, 7, terms())
    assert str(refused.value) == sentence


def test_a_voter_may_stake_all_its_power() -> None:
    assert conviction.check([[0, 7], [4, 0]], 7, terms()) == ((0, 7), (4, 0))
