"""Fixtures that every floor's tests share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.moot import Moot, hamlet


@pytest.fixture
async def moot(tmp_path: Path) -> AsyncIterator[Moot]:
    """Hamlet with the bot running, not set up yet."""
    async with hamlet(tmp_path) as there:
        yield there


@pytest.fixture
async def ready(moot: Moot) -> Moot:
    """Hamlet, set up with the defaults."""
    await moot.setup()
    return moot
