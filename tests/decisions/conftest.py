"""Fixtures of what people decide."""

import pytest

from tests.moot import Moot


@pytest.fixture
async def topical(ready: Moot) -> Moot:
    """Hamlet with two topics."""
    await ready.setup(topics="Treasury, Rules")
    return ready
