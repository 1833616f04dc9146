"""The electorate is recorded while Discord fails: late but right, and nobody is taken for gone."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

import bot.census
import services.deadlines
import services.snapshots
import services.voting
from sandbox.discord import Faults, Message, traffic
from tests.moot import DAY, Moot, hamlet, private
from tests.survival.ballots import everything_is_sent
from tests.survival.breaks import (
    BREAKS,
    asked_to_reconnect,
    closed,
    dropped,
    invalidated,
    side_by_side,
)
from tests.survival.carried import Trust, check_running, stored_vote
from tests.survival.decision import BODY, IN_THE_END, TITLE, says_undone
from tests.survival.routes import LIST_MEMBERS
from tests.survival.siege import besieged

REQUEST_MEMBERS = 8
SAMPLE = ("is limited", "never answers", "can't be reached")
"""How the list breaks in a short run on PostgreSQL; a run on SQLite takes it all."""
A_PAGE = 1000


async def untouched(faults: Faults) -> None:
    """Nothing else goes wrong."""


class Village:
    """Ann and Cay let Bea vote; so does Dee, who leaves before voting starts. Eve proposes."""

    def __init__(self, moot: Moot) -> None:
        self.moot = moot
        self.ann, self.bea, self.cay, self.dee, self.eve = (
            moot.member(name) for name in ("Ann", "Bea", "Cay", "Dee", "Eve")
        )
        self.trust: Trust = {self.ann.id: self.bea.id, self.cay.id: self.bea.id}
        self.card: Message

    async def proposes(self) -> None:
        moot = self.moot
        await moot.setup()
        for who in (self.ann, self.cay, self.dee):
            answer = await private(who.command("delegate to", in_=moot.square, member=self.bea))
            assert "votes for you" in answer.text, answer.text
        while isinstance(form := await self.eve.command("propose", in_=moot.square), Message):
            assert says_undone(form), form.text  # so many bots in one process may be too slow
        assert "is up" in (await private(form.submit(title=TITLE, body=BODY))).text
        (self.card,) = self.eve.read(moot.proposals)
        self.dee.leave()

    async def is_told_to_wait(self) -> None:
        """A vote is refused with one private sentence, and voting isn't said to be open."""
        asked = {"proposal": "1", "choice": "For"}
        answer = await private(self.bea.command("vote", in_=self.moot.square, **asked))
        assert "its electorate is still being recorded" in answer.text
        assert "vote again in a minute" in answer.text
        texts = [each.text for each in self.bea.read(self.moot.thread(self.card))]
        assert not any("is open until" in text for text in texts), texts

    async def decides(self) -> None:
        """Voting starts, and Bea carries those who trust her and are there, until Ann votes."""
        moot, url = self.moot, self.moot.configuration.database
        await self.eve.sees(moot.thread(self.card), "is open until", within=IN_THE_END)
        await self.eve.sees(moot.proposals, "🟢 **Active**", within=IN_THE_END)
        taken = await stored_vote(url)
        check_running(taken, self.trust)
        assert taken.cast == {}
        for voter, choice in ((self.bea, "For"), (self.ann, "Against")):
            receipt = await private(voter.press(self.card, choice))
            assert "☑️" in receipt.text, receipt.text
            check_running(await stored_vote(url), self.trust)
        moot.clock.advance(3 * DAY)
        result = await self.eve.sees(moot.results, "#1 ", within=IN_THE_END)
        assert "2 voters" in result.text
        assert "succeeded" in result.text
        assert (await stored_vote(url)).snapshot == taken.snapshot
        await everything_is_sent(url)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Discord is waited for, and asked again, after moments instead of minutes."""
    monkeypatch.setattr(bot.census, "_ANSWER", 0.5)
    monkeypatch.setattr(services.voting, "_PATIENCE", 0.5)
    monkeypatch.setattr(services.deadlines, "ANSWER_SECONDS", 0.5)
    monkeypatch.setattr(services.snapshots, "_FIRST_WAIT", 0.3)
    monkeypatch.setattr(services.snapshots, "_LONGEST_WAIT", 0.3)


@pytest.fixture
async def village(moot: Moot) -> Village:
    village = Village(moot)
    await village.proposes()
    return village


@asynccontextmanager
async def asked_for_members() -> AsyncIterator[None]:
    """The block ends when a bot has asked for members over the gateway within it."""
    asked = asyncio.Event()

    def listen(said: object) -> None:
        heard = isinstance(said, traffic.Payload) and said.from_bot and json.loads(said.text)
        if heard and heard["op"] == REQUEST_MEMBERS:
            asked.set()

    traffic.listeners.append(listen)
    try:
        yield
        async with asyncio.timeout(IN_THE_END):
            await asked.wait()
    finally:
        traffic.listeners.remove(listen)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("broken", [untouched, dropped, closed, asked_to_reconnect, invalidated])
async def test_voting_starts_late_but_right_when_members_are_not_told(
    village: Village, broken: Callable[[Faults], Awaitable[None]]
) -> None:
    moot = village.moot
    with moot.discord.faults.members_untold():
        async with asked_for_members():
            moot.clock.advance(DAY)
        await village.is_told_to_wait()
        async with asked_for_members():
            pass
        await broken(moot.discord.faults)
        await asyncio.sleep(0.3)
        await moot.discord.online(moot.application)
    await village.decides()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("broken", [untouched, dropped, invalidated])
async def test_voting_starts_late_but_right_when_the_gateway_froze(
    village: Village, broken: Callable[[Faults], Awaitable[None]]
) -> None:
    moot = village.moot
    with moot.discord.faults.gateway_frozen():
        moot.clock.advance(DAY)
        await asyncio.sleep(2.5)  # asked, and given up
        await broken(moot.discord.faults)
    await village.decides()


async def test_members_that_are_told_only_when_the_session_goes_on_are_recorded(
    village: Village,
) -> None:
    moot = village.moot
    with moot.discord.faults.gateway_delayed(2.0):
        async with asked_for_members():
            moot.clock.advance(DAY)
        await dropped(moot.discord.faults)
    await village.decides()


async def test_a_bot_that_is_killed_while_it_asks_for_members_asks_again(tmp_path: Path) -> None:
    async with besieged(tmp_path / "hamlet") as moot:
        await moot.start()
        village = Village(moot)
        await village.proposes()
        with moot.discord.faults.members_untold():
            async with asked_for_members():
                moot.clock.advance(DAY)
            await moot.kill()
            assert (await stored_vote(moot.database_url)).electors == {}
        await moot.start()
        await village.decides()


@pytest.mark.timeout(900)
async def test_voting_starts_late_but_right_when_the_list_of_members(
    tmp_path: Path, pytestconfig: pytest.Config, long: bool
) -> None:
    everything = long or pytestconfig.getoption("--store") == "sqlite"
    kinds = list(BREAKS if everything else SAMPLE)
    await side_by_side(tmp_path, kinds, listed)


async def listed(folder: Path, url: str, what: str) -> None:
    try:
        async with hamlet(folder, url, members_intent=True) as moot:
            village = Village(moot)
            await village.proposes()
            fault = BREAKS[what](moot.discord.faults, LIST_MEMBERS)
            moot.clock.advance(DAY)
            await village.decides()
            assert fault.over
            recorded = (await stored_vote(url)).electors
            assert set(recorded) == set(moot.server.guild.members) - {moot.application.user_id}
    except Exception as error:
        raise AssertionError(f"the list {what}: {error!r}") from error


@pytest.mark.usefixtures("impatient")
async def test_voting_waits_until_all_members_are_listed(tmp_path: Path, database_url: str) -> None:
    async with hamlet(tmp_path, database_url, members_intent=True) as moot:
        village = Village(moot)
        for number in range(A_PAGE):
            moot.member(f"Member {number}")
        await village.proposes()
        with moot.discord.faults.fail(LIST_MEMBERS, 403, times=None, after=1) as second_pages:
            moot.clock.advance(DAY)
            await village.is_told_to_wait()
            assert second_pages.struck
        await village.decides()
        recorded = (await stored_vote(database_url)).electors
        assert set(recorded) == set(moot.server.guild.members) - {moot.application.user_id}
