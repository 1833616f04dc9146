"""What every test of survival shares."""

import sys
from collections.abc import Iterator

import greenlet
import pytest


@pytest.fixture(autouse=True)
def _unmeasured() -> Iterator[None]:
    """No coverage here, which would take a third of the processor's time."""
    measured, between_greenlets = sys.gettrace(), greenlet.settrace(None)
    sys.settrace(None)
    yield
    greenlet.settrace(between_greenlets)
    sys.settrace(measured)
