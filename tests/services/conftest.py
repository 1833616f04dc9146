"""A hall of its own for every test."""

from collections.abc import AsyncIterator

import pytest

from tests.services.hall import Hall, open_hall


@pytest.fixture
async def empty(database_url: str) -> AsyncIterator[Hall]:
    """The services of a server that was never set up; ballots are being written."""
    async with open_hall(database_url) as hall:
        hall.write()
        yield hall


@pytest.fixture
async def hall(empty: Hall) -> Hall:
    """The same, set up with the defaults."""
    await empty.set_up()
    return empty


@pytest.fixture
async def idle(database_url: str) -> AsyncIterator[Hall]:
    """Set up; ballots wait until `write()`."""
    async with open_hall(database_url) as hall:
        await hall.set_up()
        yield hall
