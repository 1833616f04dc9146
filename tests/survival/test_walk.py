"""Random commands, people and faults: the bot agrees with a small model of a decision."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, seed, settings
from hypothesis import strategies as st

from sandbox.discord import Faults, Form, Person
from tests import stores
from tests.moot import DAY, Moot, hamlet, private
from tests.survival import routes
from tests.survival.ballots import everything_is_sent
from tests.survival.model import Model

WALKS, LONG_WALKS = 2, 60  # of which hypothesis makes the first as simple as can be
CHOICES = ("For", "Against", "Abstain")
PEOPLE = ("Ann", "Bea", "Cay", "Dee")
BROKEN = (routes.POST, routes.OPEN_THREAD, routes.EDIT, routes.POST_RESULT)
STEPS = st.one_of(
    st.tuples(st.just("propose")),
    st.tuples(st.just("cancel"), st.integers(0, 9)),
    st.tuples(st.just("advance"), st.sampled_from((DAY / 2, DAY, 3 * DAY))),
    st.tuples(
        st.just("vote"), st.integers(0, 9), st.sampled_from(PEOPLE), st.sampled_from(CHOICES)
    ),
    st.tuples(st.just("give"), st.sampled_from(PEOPLE), st.sampled_from((*PEOPLE, None))),
    st.tuples(st.just("revoke"), st.sampled_from(PEOPLE)),
    st.tuples(
        st.just("break_"),
        st.sampled_from((Faults.lose, Faults.fail, Faults.mislead, Faults.refuse)),
        st.sampled_from(BROKEN),
    ),
    st.tuples(st.just("restart")),
)

# Bea carries Ann in the first vote, but nobody carries Dee; in the second it is the reverse.
WITH_TRUST = [
    ("give", "Ann", "Bea"),
    ("give", "Bea", "Cay"),
    ("give", "Cay", "Ann"),
    ("advance", DAY),
    ("give", "Dee", "Cay"),
    ("vote", 0, "Cay", "Against"),
    ("restart",),
    ("vote", 0, "Bea", "For"),
    ("propose",),
    ("revoke", "Ann"),
    ("give", "Bea", None),
    ("advance", DAY),
    ("break_", Faults.lose, routes.POST_RESULT),
    ("vote", 1, "Bea", "Against"),
    ("vote", 1, "Cay", "For"),
]


class Walk:
    """Does each step to the bot and to the model."""

    def __init__(self, moot: Moot) -> None:
        self.moot, self.model = moot, Model()
        self.people: dict[str, Person] = {name: moot.member(name) for name in PEOPLE}
        self.ann = self.people["Ann"]

    async def propose(self) -> None:
        form = await self.ann.command("propose", in_=self.moot.square)
        assert isinstance(form, Form)
        number = len(self.model.proposals) + 1
        answer = await private(form.submit(title=f"Plan {number}", body="It is dry."))
        assert f"#{number} Plan {number}" in answer.text
        self.model.propose()

    async def vote(self, number: int, voter: str, choice: str) -> None:
        if number < len(self.model.proposals):
            given = {"proposal": str(number + 1), "choice": choice}
            answer = await private(
                self.people[voter].command("vote", in_=self.moot.square, **given)
            )
            assert ("☑️" in answer.text) == self.model.vote(number, voter, choice), answer.text

    async def cancel(self, number: int) -> None:
        if number < len(self.model.proposals):
            asked = {"proposal": str(number + 1)}
            answer = await self.ann.command("proposal cancel", in_=self.moot.square, **asked)
            if isinstance(answer, Form):
                answer = await private(answer.submit(reason="It rains."))
            canceled = "Everyone can read why" in answer.text
            assert canceled == self.model.cancel(number), answer.text

    async def give(self, who: str, whom: str | None) -> None:
        command, asked = ("to", {"member": self.people[whom]}) if whom else ("none", {})
        answer = await private(
            self.people[who].command(f"delegate {command}", in_=self.moot.square, **asked)
        )
        given = "votes for you (This server)" in answer.text
        assert given == self.model.give(who, whom), answer.text

    async def revoke(self, who: str) -> None:
        answer = await private(self.people[who].command("delegate revoke", in_=self.moot.square))
        revoked = "delegated nothing" not in answer.text
        assert revoked == self.model.revoke(who), answer.text

    async def advance(self, step: Any) -> None:
        self.moot.clock.advance(step)
        self.model.advance(step)

    async def break_(self, fault: Any, route: str) -> None:
        fault(self.moot.discord.faults, route)

    async def restart(self) -> None:
        await self.moot.stop()
        await self.moot.start()
        await self.moot.discord.online(self.moot.application)

    async def end(self, database_url: str) -> None:
        """Everything has a result in the end, the one that the model gives, once."""
        await self.advance(5 * DAY)
        count, owner = len(self.model.proposals), self.moot.owner
        for number in range(1, count + 1):
            await owner.sees(self.moot.results, f"#{number} Plan", within=60)
        await everything_is_sent(database_url)
        texts = sorted(message.content for message in owner.read(self.moot.results))
        assert len(texts) == len(owner.read(self.moot.proposals)) == count, texts
        for number in range(count):
            (text,) = [text for text in texts if f"#{number + 1} Plan" in text]
            assert self.model.result(number) in text


async def walk(steps: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = await stores.create(Path(folder))
        try:
            async with asyncio.timeout(300), hamlet(Path(folder), url) as moot:
                await moot.setup()
                walking = Walk(moot)
                await walking.propose()
                for name, *arguments in steps:
                    await getattr(walking, name)(*arguments)
                await walking.end(url)
        finally:
            await stores.drop(url)


@pytest.mark.timeout(1800)
def test_the_bot_agrees_with_the_model(long: bool) -> None:
    @seed(7)
    @settings(
        max_examples=LONG_WALKS if long else WALKS,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate, *([Phase.shrink] if long else [])],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(STEPS, min_size=6, max_size=14))
    @example(WITH_TRUST)
    def agrees(steps: list[Any]) -> None:
        asyncio.run(walk(steps))

    agrees()
