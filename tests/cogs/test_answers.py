"""What takes long is announced to Discord in time, and its result is told all the same."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest

from cogs.answers import in_time


class Response:
    """Discord's end of an interaction, which can't be reached where there is a `failure`."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.told_to_wait = 0
        self._failure = failure

    def is_done(self) -> bool:
        return self.told_to_wait > 0

    async def defer(self, **_: object) -> None:
        if self._failure:
            raise self._failure
        self.told_to_wait += 1


def pressed(response: Response) -> Any:
    """An interaction for which half a second is left."""
    latest = time.monotonic() + 0.5
    return SimpleNamespace(id=1, extras={"latest": latest}, response=response)


async def counted(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return "counted"


async def test_for_quick_work_nobody_is_told_to_wait() -> None:
    response = Response()
    assert await in_time(pressed(response), counted(0)) == "counted"
    await asyncio.sleep(0.6)
    assert response.told_to_wait == 0


async def test_for_long_work_discord_is_told_to_wait_once() -> None:
    response = Response()
    assert await in_time(pressed(response), counted(1)) == "counted"
    assert response.told_to_wait == 1


async def test_what_was_done_is_told_though_discord_could_not_be_told_to_wait() -> None:
    response = Response(aiohttp.ServerDisconnectedError())
    assert await in_time(pressed(response), counted(1)) == "counted"


async def test_a_failure_of_long_work_is_told_after_the_wait() -> None:
    async def refused() -> str:
        await asyncio.sleep(1)
        raise LookupError

    response = Response()
    with pytest.raises(LookupError):
        await in_time(pressed(response), refused())
    assert response.told_to_wait == 1
