"""Voting power is exact; people read whole votes, with decimals only where there are any."""

from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from governance.power import UNIT, percent, whole

powers = st.integers(0, 2**256 - 1)


@pytest.mark.parametrize(
    ("power", "read"),
    [
        (0, "0"),
        (1, "0.000000000000000001"),
        (UNIT // 2, "0.5"),
        (UNIT - 1, "0.999999999999999999"),
        (UNIT, "1"),
        (UNIT + 1, "1.000000000000000001"),
        (12 * UNIT + UNIT // 4, "12.25"),
        (1_234_567 * UNIT, "1,234,567"),
        (10**21 + 10**17, "1,000.1"),
    ],
)
def test_power_reads_as_whole_votes(power: int, read: str) -> None:
    assert whole(power) == read


@given(powers)
@example(2**256 - 1)
def test_what_people_read_is_the_exact_power(power: int) -> None:
    assert Fraction(whole(power).replace(",", "")) * UNIT == power


@pytest.mark.parametrize(
    ("part", "total", "read"),
    [
        (0, 0, "0 %"),
        (0, 3, "0 %"),
        (1, 3, "33 %"),
        (2, 3, "67 %"),
        (1, 200, "1 %"),  # half of a per cent goes up
        (1, 201, "0 %"),
        (199, 200, "100 %"),
        (3, 3, "100 %"),
    ],
)
def test_a_share_is_rounded_half_up(part: int, total: int, read: str) -> None:
    assert percent(part, total) == read


@given(powers, powers)
def test_a_share_is_never_off_by_more_than_half_a_per_cent(part: int, rest: int) -> None:
    total = part + rest
    shown = int(percent(part, total).removesuffix(" %"))
    assert 0 <= shown <= 100
    if total:
        assert abs(Fraction(100 * part, total) - shown) <= Fraction(1, 2)
