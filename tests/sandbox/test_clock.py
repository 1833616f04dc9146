"""The governance clock moves forward and can be read by another process."""

import os
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox.clock import Clock


def test_it_starts_at_wall_time(clock: Clock) -> None:
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=1)


def test_it_moves_forward_as_far_as_it_is_told(clock: Clock) -> None:
    clock.advance(timedelta(days=3))
    clock.advance(timedelta(microseconds=1))
    assert clock.offset == timedelta(days=3, microseconds=1)
    assert clock.now() - datetime.now(UTC) > timedelta(days=2, hours=23)


def test_it_never_moves_back(clock: Clock) -> None:
    with pytest.raises(ValueError, match="only moves forward"):
        clock.advance(timedelta(seconds=-1))


def test_its_file_holds_microseconds_in_eight_little_endian_bytes(clock: Clock) -> None:
    clock.advance(timedelta(hours=1))
    assert clock.path.read_bytes() == struct.pack("<q", 3_600_000_000)


def test_another_reader_of_the_file_follows_it(clock: Clock) -> None:
    file = os.open(clock.path, os.O_RDONLY)
    clock.advance(timedelta(seconds=2))
    assert int.from_bytes(os.pread(file, 8, 0), "little", signed=True) == 2_000_000
    os.close(file)


def test_an_existing_file_keeps_its_offset(tmp_path: Path) -> None:
    first = Clock(tmp_path / "kept")
    first.advance(timedelta(days=1))
    second = Clock(tmp_path / "kept")
    assert second.offset == timedelta(days=1)
    first.close()
    second.close()
