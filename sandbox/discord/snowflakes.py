"""Discord's own clock, and the ids that it dates: 42 bits of milliseconds since 2015, 22 more."""

import time
from datetime import UTC, datetime, timedelta

EPOCH = 1_420_070_400_000


class Snowflakes:
    """Hands out ids in ascending order, dated by wall time plus a ``skew``."""

    def __init__(self) -> None:
        self._last = 0
        self._skew = timedelta()
        self._worker = 0

    @property
    def skew(self) -> timedelta:
        """How far Discord's clock is ahead of this machine's."""
        return self._skew

    @skew.setter
    def skew(self, skew: timedelta) -> None:
        # Ids may now go back in time; other low bits keep them from meeting those handed out.
        self._skew, self._last, self._worker = skew, 0, self._worker + 1

    def now(self) -> datetime:
        """Discord's time, aware, in UTC."""
        return datetime.now(UTC) + self._skew

    def next(self) -> int:
        """A new id, greater than every one before it unless the clock was set back."""
        milliseconds = time.time_ns() // 1_000_000 + self._skew // timedelta(milliseconds=1)
        self._last = max(self._last + 1, (milliseconds - EPOCH) << 22 | self._worker << 12)
        return self._last

    def age(self, id_: int) -> timedelta:
        """How long ago an id was handed out."""
        return self.now() - datetime.fromtimestamp(((id_ >> 22) + EPOCH) / 1000, UTC)
