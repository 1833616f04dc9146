"""A test fails when something goes over the wires in its time that doesn't conform."""

from collections.abc import Iterator

import pytest

from tests.conformance.witness import VARIABLE, Witness, described

WITNESS: pytest.StashKey[Witness] = pytest.StashKey()
# These tests send what a well-behaved client doesn't, to see it refused.
_MISTAKEN = ("sandbox",)


def pytest_configure(config: pytest.Config) -> None:
    witness = config.stash[WITNESS] = Witness()
    witness.__enter__()
    config.add_cleanup(lambda: witness.__exit__(None, None, None))


def pytest_report_header() -> str:
    http = f"as {VARIABLE} describes it" if described() else f"not checked: {VARIABLE} isn't set"
    return f"conformance to Discord: gateway by its field tables, HTTP {http}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    item.config.stash[WITNESS].mistakes = item.path.parent.name in _MISTAKEN
    yield
    judge(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    yield
    judge(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    yield
    judge(item)


def judge(item: pytest.Item) -> None:
    if found := item.config.stash[WITNESS].take():
        pytest.fail("doesn't conform to Discord:\n" + "\n".join(found), pytrace=False)
