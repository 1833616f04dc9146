"""How a route of Discord, or the gateway, can break once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from sandbox.discord import Faults, Planned
from tests import stores

Break = Callable[[Faults, str], Planned]
AT_ONCE = 4
"""Decisions that are made side by side, each with a Discord and a bot of its own."""
LONG = 5.0
"""Seconds after which Discord and everybody has given up on an answer."""
BREAKS: dict[str, Break] = {
    "fails": lambda faults, route: faults.fail(route),
    "fails though the work is done": lambda faults, route: faults.mislead(route),
    "is slow": lambda faults, route: faults.delay(route, 2.0),
    "never answers": lambda faults, route: faults.freeze(route, LONG),
    "never answers though the work is done": lambda faults, route: faults.freeze(
        route, LONG, done=True
    ),
    "is limited": lambda faults, route: faults.rate_limit(route, 0.5),
    "is limited with all others": lambda faults, route: faults.rate_limit(
        route, 0.5, everywhere=True
    ),
    "is hidden by Cloudflare": lambda faults, route: faults.cloudflare(route),
    "loses its answer": lambda faults, route: faults.lose(route),
    "can't be reached": lambda faults, route: faults.refuse(route),
}


async def dropped(faults: Faults) -> None:
    faults.drop_gateway()


async def closed(faults: Faults) -> None:
    await faults.close_gateway(1011)


async def asked_to_reconnect(faults: Faults) -> None:
    faults.request_reconnect()


async def invalidated(faults: Faults) -> None:
    faults.invalidate_sessions(resumable=False)


async def side_by_side(
    folder: Path, what: Sequence[str], decided: Callable[[Path, str, str], Awaitable[None]]
) -> None:
    """A decision for each of these, with a folder and the address of a database of its own."""
    folders = [folder / str(number) for number in range(len(what))]
    for each in folders:
        each.mkdir()
    urls = [await stores.create(each) for each in folders]
    turns = asyncio.Semaphore(AT_ONCE)

    async def in_turn(own: Path, url: str, each: str) -> None:
        async with turns:
            await decided(own, url, each)

    try:
        async with asyncio.TaskGroup() as decisions:
            for own, url, each in zip(folders, urls, what, strict=True):
                decisions.create_task(in_turn(own, url, each))
    finally:
        for url in urls:
            await stores.drop(url)
