"""Fixtures of what people decide."""

import pytest

from bot import deliveries, notices
from tests.moot import Moot


@pytest.fixture(autouse=True)
def _woken(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is to be sent is seen to when somebody says so, not when it is looked for by and by."""
    for sender in (deliveries, notices):
        monkeypatch.setattr(sender, "LOOK_SECONDS", 60.0)


@pytest.fixture
def looked_for(monkeypatch: pytest.MonkeyPatch, _woken: None) -> None:
    """What could not be sent is looked for each second."""
    monkeypatch.setattr(deliveries, "LOOK_SECONDS", 1.0)


@pytest.fixture
async def topical(ready: Moot) -> Moot:
    """Hamlet with two topics."""
    await ready.setup(topics="Treasury, Rules")
    return ready
