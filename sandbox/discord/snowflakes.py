"""Discord's ids: 64 bits, of which the upper 42 are milliseconds since 2015."""

import time

EPOCH = 1_420_070_400_000


class Snowflakes:
    """Hands out ids in strictly ascending order, dated by wall time."""

    def __init__(self) -> None:
        self._last = 0

    def next(self) -> int:
        """A new id, greater than every one before it."""
        self._last = max(self._last + 1, (time.time_ns() // 1_000_000 - EPOCH) << 22)
        return self._last
