"""Quadratic funding: the square of the sum of the roots of what each supporter gives."""

from fractions import Fraction

import pytest

from governance.power import UNIT
from governance.voting import quadratic_funding
from governance.voting.system import Count, Outcome, Reason
from tests.governance.voting.examples import LARGEST, counted, ended, refusal

OAK, ELM = ((1, 1),), ((2, 1),)


def whole_votes(count: Count) -> list[Fraction]:
    return [Fraction(score) * Fraction(1, UNIT) for score in count.scores.values()]


def test_many_small_supporters_outweigh_a_large_one() -> None:
    cast = [(OAK, 9 * UNIT), (ELM, 4 * UNIT), (ELM, UNIT), (ELM, UNIT)]
    count = counted(quadratic_funding, cast, choices=2)
    assert whole_votes(count) == [Fraction(54, 10), Fraction(96, 10)]
    assert ended(quadratic_funding, cast) == Outcome(True, Reason.ELECTED, (2,))


def test_four_quarters_count_four_times_the_whole() -> None:
    cast = [(OAK, 100 * UNIT), *[(ELM, 25 * UNIT)] * 4]
    count = counted(quadratic_funding, cast, choices=2)
    assert whole_votes(count) == [40, 160]


def test_one_ballot_may_share_its_power() -> None:
    cast = [(((1, 3), (2, 1)), 100 * UNIT), (ELM, 25 * UNIT), (OAK, UNIT)]
    count = counted(quadratic_funding, cast, choices=2)
    assert [f"{float(score):.6f}" for score in whole_votes(count)] == ["60.823263", "65.176737"]
    assert count.ranking == ((2,), (1,))


def test_nothing_is_divided_before_anybody_votes() -> None:
    assert counted(quadratic_funding, [], choices=2).scores == {1: 0, 2: 0}
    assert ended(quadratic_funding, []) == Outcome(False, Reason.NO_VOTES)


def test_power_too_small_for_a_root_changes_nothing() -> None:
    assert counted(quadratic_funding, [(OAK, 0)], choices=2).scores == {1: 0, 2: 0}
    assert ended(quadratic_funding, [(OAK, 0)]) == Outcome(False, Reason.TIE)


def test_equal_support_is_a_tie_even_where_roots_are_rounded() -> None:
    assert ended(quadratic_funding, [(OAK, 2 * UNIT), (ELM, 2 * UNIT)]).reason is Reason.TIE


def test_support_that_only_rounding_tells_apart_is_a_tie() -> None:
    """√2 + √2 = √8, but two roots rounded down lose more than one."""
    cast = [(OAK, 2 * UNIT), (OAK, 2 * UNIT), (ELM, 8 * UNIT)]
    count = counted(quadratic_funding, cast, choices=3)
    assert count.scores[1] != count.scores[2]
    assert count.ranking == ((1, 2), (3,))
    assert ended(quadratic_funding, cast) == Outcome(False, Reason.TIE)


@pytest.mark.parametrize(("more", "ranking"), [(1, ((1, 2),)), (3, ((1,), (2,)))])
def test_a_difference_beyond_the_bound_decides(
    more: int, ranking: tuple[tuple[int, ...], ...]
) -> None:
    """With two roots for a choice the bound is 2 units; near a root of 1, 2 units make 1."""
    cast = [(OAK, UNIT + 2 * more), (OAK, UNIT), (ELM, UNIT), (ELM, UNIT)]
    assert counted(quadratic_funding, cast, choices=2).ranking == ranking


def test_a_row_of_near_ties_is_one_tie() -> None:
    cast = [(((number, 1),), UNIT + 2 * more) for number, more in ((1, 0), (2, 1), (3, 2))]
    cast += [(((number, 1),), UNIT) for number in (1, 2, 3)]
    assert counted(quadratic_funding, cast).ranking == ((1, 2, 3),)


def test_one_unit_of_power_decides_nothing_among_the_largest() -> None:
    assert counted(quadratic_funding, [(OAK, LARGEST), (ELM, LARGEST - 1)]).ranking == (
        (1, 2),
        (3,),
    )


def test_its_ballots_are_weights() -> None:
    assert refusal(quadratic_funding, []) == "Give at least one choice a weight above 0."
    assert "add up to 1,001" in refusal(quadratic_funding, [[1, 1001]])
    assert refusal(quadratic_funding, [[1, -1]]) == "You gave 1 Oak -1: give it 0 or more."
