"""What every test of survival shares."""

import sys
from collections.abc import Iterator

import greenlet
import pytest


@pytest.fixture(autouse=True)
def _unmeasured() -> Iterator[None]:
    """Coverage would take a third of the time; what is left unmeasured are the odd ways out."""
    measured, between_greenlets = sys.gettrace(), greenlet.settrace(None)
    sys.settrace(None)
    yield
    greenlet.settrace(between_greenlets)
    sys.settrace(measured)
