"""Powers and moments come back exactly as they went in, and sort as what they are."""

import asyncio
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import StatementError

from storage.database import Database
from storage.types import Moment, Power
from tests import stores

MOST = 10**96 - 1

kept = Table(
    "kept",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("power", Power),
    Column("moment", Moment),
)
powers = st.one_of(st.integers(0, 300), st.integers(0, 2**256 - 1), st.integers(0, MOST))
zones = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
moments = st.datetimes(datetime(1970, 1, 2), datetime(9000, 1, 1), timezones=zones)  # noqa: DTZ001


async def _stored(column: Column[Any], values: Iterable[object]) -> tuple[list[Any], list[Any]]:
    """The values read back in the order of writing, and sorted by the database."""
    with tempfile.TemporaryDirectory() as folder:
        url = await stores.create(Path(folder))
        database = Database(url)
        try:
            async with database.write() as connection:
                await connection.run_sync(kept.metadata.create_all)
                await connection.execute(kept.insert(), [{column.name: value} for value in values])
            async with database.read() as connection:
                written = await connection.execute(select(column).order_by(kept.c.id))
                ordered = await connection.execute(select(column).order_by(column))
                return list(written.scalars()), list(ordered.scalars())
        finally:
            async with database.write() as connection:
                await connection.run_sync(kept.metadata.drop_all)
            await database.close()
            await stores.drop(url)


def stored(column: Column[Any], values: Iterable[object]) -> tuple[list[Any], list[Any]]:
    return asyncio.run(_stored(column, values))


@settings(max_examples=40)
@given(st.lists(powers, min_size=1, max_size=8))
@example([MOST, 0, 1, 255, 256, 2**256 - 1, 2**256, 10**18])
def test_powers_are_exact_and_sort_as_numbers(values: list[int]) -> None:
    written, ordered = stored(kept.c.power, values)
    assert written == values
    assert ordered == sorted(values)


@settings(max_examples=40)
@given(st.lists(moments, min_size=1, max_size=8))
def test_moments_are_exact_and_sort_by_time(values: list[datetime]) -> None:
    written, ordered = stored(kept.c.moment, values)
    assert written == values
    assert ordered == sorted(values)
    assert {value.utcoffset() for value in written} == {timedelta()}


def test_a_moment_keeps_its_microseconds() -> None:
    tick = timedelta(microseconds=1)
    second = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
    written, ordered = stored(kept.c.moment, [second + tick, second, second - tick])
    assert written == [second + tick, second, second - tick]
    assert ordered == [second - tick, second, second + tick]


def test_what_is_not_there_stays_away() -> None:
    assert stored(kept.c.power, [None])[0] == [None]
    assert stored(kept.c.moment, [None])[0] == [None]


@pytest.mark.parametrize("power", [-1, MOST + 1])
def test_a_power_that_could_not_be_exact_is_refused(power: int) -> None:
    with pytest.raises(StatementError, match="not a storable power"):
        stored(kept.c.power, [power])


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(StatementError, match="without a time zone"):
        stored(kept.c.moment, [datetime(2026, 3, 1)])  # noqa: DTZ001 (that is the point)


# What is handed to PostgreSQL, which needs no server to be seen


@given(powers)
def test_postgresql_gets_a_power_as_an_exact_decimal(power: int) -> None:
    dialect = postgresql.dialect()
    bound = Power().process_bind_param(power, dialect)
    assert isinstance(bound, Decimal)
    assert int(bound) == power
    assert Power().process_result_value(bound, dialect) == power


def test_postgresql_has_a_column_of_ninety_six_digits() -> None:
    assert str(Power().compile(dialect=postgresql.dialect())) == "NUMERIC(96, 0)"
    assert str(Power().compile(dialect=sqlite.dialect())) == "BLOB"


def test_postgresql_gets_a_moment_in_utc() -> None:
    dialect = postgresql.dialect()
    here = datetime(2026, 3, 1, 12, 0, tzinfo=timezone(timedelta(hours=2)))
    bound = Moment().process_bind_param(here, dialect)
    assert bound == here
    assert bound is not None
    assert bound.utcoffset() == timedelta()
    assert Moment().process_result_value(here, dialect) == here
