"""What fails while the machine stands still says nothing of the bot, and is run again.

Discord waits three seconds for an answer. On a machine that is shared, all processes together may
be kept from running for as long.
"""

import threading
import time
from collections.abc import Iterable

import pytest

LOOK_SECONDS, STILL_SECONDS = 0.05, 0.5
OF_THEMSELVES = ("governance", "voting")
"""Folders of tests that ask nothing of Discord, nor of the clock."""


class Pulse(threading.Thread):
    """Knows the longest time (s) that this process was kept from running."""

    def __init__(self) -> None:
        super().__init__(name="pulse", daemon=True)
        self.longest = 0.0

    def run(self) -> None:
        while True:
            before = time.monotonic()
            time.sleep(LOOK_SECONDS)
            self.longest = max(self.longest, time.monotonic() - before - LOOK_SECONDS)

    def stood_still(self) -> bool:
        return self.longest > STILL_SECONDS


PULSE = Pulse()


def pytest_configure() -> None:
    PULSE.start()


def pytest_collection_modifyitems(config: pytest.Config, items: Iterable[pytest.Item]) -> None:
    if config.getoption("usepdb"):
        return
    for item in items:
        if item.path.parent.name not in OF_THEMSELVES:
            item.add_marker(pytest.mark.flaky(reruns=2, condition=PULSE.stood_still))


def pytest_runtest_logstart() -> None:
    """Each try begins anew."""
    PULSE.longest = 0.0
