"""A database of its own for every test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import settings

from storage.database import Database
from tests.storage import databases

settings.register_profile("steady", deadline=None)  # a busy machine is no failure
settings.load_profile("steady")


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await databases.migrated(tmp_path)
    yield database
    await database.close()
