"""Column types that hold exactly what the rules need, on every database."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, LargeBinary, Numeric, types

Id = BigInteger().with_variant(Integer, "sqlite")
"""A primary key that counts up; SQLite only does that for a column called INTEGER (64 bits too)."""

_BYTES = 40
_DIGITS = 96


class Power(types.TypeDecorator[int]):
    """An exact integer from 0 to 10^96 - 1, such as voting power in units of 10^-18.

    NUMERIC(96,0) where there is one; on SQLite 40 big-endian bytes, which sort as numbers do.
    """

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> types.TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(LargeBinary(_BYTES))
        return dialect.type_descriptor(Numeric(_DIGITS, 0))

    def process_bind_param(self, value: int | None, dialect: Dialect) -> bytes | Decimal | None:
        if value is None:
            return None
        if not 0 <= value < 10**_DIGITS:
            raise ValueError(f"not a storable power: {value}")
        return value.to_bytes(_BYTES, "big") if dialect.name == "sqlite" else Decimal(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> int | None:
        if value is None:
            return None
        return int.from_bytes(value, "big") if isinstance(value, bytes) else int(value)


class Moment(types.TypeDecorator[datetime]):
    """A moment in UTC, to the microsecond; a datetime without a zone is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a time zone: {value}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
