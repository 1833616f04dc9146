"""Fixtures that every floor's tests share."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from pathlib import Path

import greenlet
import pytest
from hypothesis import HealthCheck, settings

from tests import stores
from tests.moot import Moot, hamlet

pytest_plugins = ["tests.conformance.plugin", "tests.standstill"]
# A busy machine is no failure.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--store", choices=stores.NAMES, default=stores.NAMES[0], help="the database to test on"
    )
    parser.addoption("--long", action="store_true", help="the long sizes of the survival tests")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items[:] = _interleaved(items)
    reasons = {"sqlite": "it is about SQLite's files", "postgresql": "it is about a server"}
    for store, reason in reasons.items():
        if config.getoption("--store") != store:
            for item in items:
                if item.get_closest_marker(store):
                    item.add_marker(pytest.mark.skip(reason=reason))


def _interleaved(items: list[pytest.Item]) -> list[pytest.Item]:
    """What mostly waits among what computes, so that no core is idle, and the longest first."""
    waiting = [item for item in items if item.path.parent.name == "survival"]
    waiting.sort(key=lambda item: item.get_closest_marker("timeout") is None)
    computing = iter([item for item in items if item.path.parent.name != "survival"])
    share = len(items) // (len(waiting) or 1) - 1
    mixed = [each for item in waiting for each in (item, *islice(computing, share))]
    return [*mixed, *computing]


@pytest.fixture(scope="session", autouse=True)
def _greenlets_unmeasured() -> Iterator[None]:
    """Coverage follows greenlets at half the speed; in SQLAlchemy's, hardly any of ours runs."""
    measured = sys.gettrace()

    def switched(_event: str, between: tuple[greenlet.greenlet, greenlet.greenlet]) -> None:
        sys.settrace(None if between[1].parent else measured)

    if measured:
        greenlet.settrace(switched)
    yield
    greenlet.settrace(None)


@pytest.fixture(scope="session", autouse=True)
def _store(request: pytest.FixtureRequest) -> Iterator[None]:
    stores.choose(request.config.getoption("--store"))
    yield
    asyncio.run(stores.close())


@pytest.fixture(scope="session")
def long(request: pytest.FixtureRequest) -> bool:
    """Whether the long sizes are asked for."""
    return bool(request.config.getoption("--long"))


@pytest.fixture
async def database_url(tmp_path: Path) -> AsyncIterator[str]:
    """The address of a database of its own, migrated and empty."""
    url = await stores.create(tmp_path)
    yield url
    await stores.drop(url)


@pytest.fixture
async def moot(tmp_path: Path, database_url: str) -> AsyncIterator[Moot]:
    """Hamlet with the bot running, not set up yet."""
    async with hamlet(tmp_path, database_url) as there:
        yield there


@pytest.fixture
async def ready(moot: Moot) -> Moot:
    """Hamlet, set up with the defaults."""
    await moot.setup()
    return moot
