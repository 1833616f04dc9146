"""A log-in breaks: the bot comes up all the same, or says why not and comes up the next time."""

import asyncio
import re
from pathlib import Path

import pytest

from services.commands import Commands
from storage.database import Database
from tests import stores
from tests.moot import DAY, Moot, hamlet, private
from tests.survival import routes
from tests.survival.ballots import everything_is_sent
from tests.survival.breaks import BREAKS, Break
from tests.survival.decision import IN_THE_END
from tests.survival.siege import START_SECONDS, besieged

LOGGED = re.compile(r"\d{4}-\d\d-\d\d ")
ROUTES = (routes.WHO_AM_I, routes.WHICH_APPLICATION, routes.REGISTER)
REFUSALS: dict[str, Break] = {
    "fails": lambda faults, route: faults.fail(route, 503),
    "is limited for long": lambda faults, route: faults.rate_limit(route, 500),
    "is forbidden by Cloudflare": lambda faults, route: faults.cloudflare(route, 403),
    "can't be reached": lambda faults, route: faults.refuse(route, times=None),
}


@pytest.mark.parametrize("what", BREAKS)
async def test_a_start_goes_through_when_a_route(tmp_path: Path, what: str) -> None:
    folders = [tmp_path / str(number) for number in range(len(ROUTES))]
    for folder in folders:
        folder.mkdir()
    urls = [await stores.create(folder) for folder in folders]
    try:
        for folder, url, route in zip(folders, urls, ROUTES, strict=True):
            await started(folder, url, route, BREAKS[what])
    finally:
        for url in urls:
            await stores.drop(url)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("what", REFUSALS)
async def test_a_start_says_why_it_failed_and_the_next_loses_nothing(
    tmp_path: Path, what: str, route: str
) -> None:
    async with besieged(tmp_path / "hamlet") as moot:
        await moot.start()
        await voted_and_left(moot, moot.database_url)
        before = len(moot.process.log_lines())
        with REFUSALS[what](moot.discord.faults, route):
            await moot.process.start()
            async with asyncio.timeout(START_SECONDS):
                code = await moot.process.ended()
        lines = moot.process.log_lines()[before:]
        said = [line for line in lines if not LOGGED.match(line)]
        assert code == 1
        assert len(said) == 1, said
        assert said[0].startswith("Discord "), said
        await moot.start()
        await has_its_result(moot, moot.database_url)


async def started(folder: Path, url: str, route: str, break_: Break) -> None:
    try:
        async with hamlet(folder, url) as moot:
            await voted_and_left(moot, url)
            fault = break_(moot.discord.faults, route)
            await moot.start()
            assert fault.over
            await has_its_result(moot, url)
    except Exception as error:
        raise AssertionError(f"{route}: {error!r}") from error


async def voted_and_left(moot: Moot, database_url: str) -> None:
    """Somebody voted; the bot was stopped, voting ended, and a new version has other commands."""
    await moot.setup()
    ann = moot.member("Ann")
    card = await moot.opened(ann)
    await private(ann.press(card, "For"))
    await moot.stop()
    moot.clock.advance(3 * DAY)
    database = Database(database_url)
    await Commands(database).register(moot.application.id, "those of an older version")
    await database.close()


async def has_its_result(moot: Moot, database_url: str) -> None:
    """The vote that was cast before has been counted, and announced once."""
    await moot.owner.sees(moot.results, "#1 ", within=IN_THE_END)
    await everything_is_sent(database_url)
    (result,) = moot.owner.read(moot.results)
    assert "1 voter " in result.text
