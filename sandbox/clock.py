"""A governance clock that can be moved forward, shared with another process through a file."""

import os
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

_OFFSET = struct.Struct("<q")


class Clock:
    """UTC wall time plus an offset that only grows.

    The offset lies at the start of the file ``path``: 8 bytes, a little-endian signed integer,
    in microseconds. It is written with one ``pwrite`` of all 8 bytes, so a reader that takes
    them with one ``pread`` each time it looks at the clock sees either the old or the new offset.
    """

    def __init__(self, path: Path) -> None:
        """Open the clock at ``path``; a missing file is created with an offset of zero."""
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        if len(os.pread(self._file, _OFFSET.size, 0)) < _OFFSET.size:
            os.pwrite(self._file, _OFFSET.pack(0), 0)

    @property
    def offset(self) -> timedelta:
        """How far this clock is ahead of wall time."""
        (microseconds,) = _OFFSET.unpack(os.pread(self._file, _OFFSET.size, 0))
        return timedelta(microseconds=microseconds)

    def now(self) -> datetime:
        """The governance time, aware, in UTC."""
        return datetime.now(UTC) + self.offset

    def advance(self, step: timedelta) -> None:
        """Move the clock forward by ``step``; ValueError if it is negative."""
        if step < timedelta(0):
            raise ValueError("the clock only moves forward")
        ahead = self.offset + step
        os.pwrite(self._file, _OFFSET.pack(ahead // timedelta(microseconds=1)), 0)

    def close(self) -> None:
        """Close the file; the clock can't be read afterwards."""
        os.close(self._file)
