"""A database of its own for every test."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import settings

from storage.database import Database

settings.register_profile("steady", deadline=None)  # a busy machine is no failure
settings.load_profile("steady")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()
