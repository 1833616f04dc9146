"""One whole decision in which some vote for others, and all are told what they asked to be told."""

import asyncio

from sandbox.discord import Message, Person
from tests.moot import DAY, Moot, private
from tests.survival.carried import Trust, check_exported, check_running, stored_vote
from tests.survival.decision import IN_THE_END, Decision


class Trusting(Decision):
    """Bea votes for Ann until Ann votes herself; Eve votes for Dee, once she is reminded.

    What Ann and Cay change after the start comes too late.
    """

    def __init__(self, moot: Moot, up: asyncio.Event | None = None) -> None:
        super().__init__(moot, up)
        self._dee, self._eve = (moot.member(name) for name in ("Dee", "Eve"))
        self._trust: Trust = {self._ann.id: self._bea.id, self._dee.id: self._eve.id}

    async def take_place(self, *, edited: bool = False) -> None:
        await self.set_up()
        await self._trusts(self._ann, self._bea, tell=True)
        await self._trusts(self._dee, self._eve)
        await self._hears(self._bea, f"{self._ann.mention} lets you vote")
        await self._hears(self._eve, f"{self._dee.mention} lets you vote")
        card = await self.proposed()
        await self.opened(card)
        url = self._moot.configuration.database
        before = await stored_vote(url)
        await self.voted(card)
        await self.closed(card)
        after = await stored_vote(url)
        assert before.snapshot == after.snapshot
        check_running(after, self._trust)
        check_exported(await self._exported(), after, self._trust)

    async def opened(self, card: Message) -> None:
        self._moot.clock.advance(DAY)
        await self._trusts(self._cay, self._bea)
        await self._withdraws(self._ann)
        await self._ann.sees(self._moot.thread(card), "is open until", within=IN_THE_END)
        await self._ann.sees(self._moot.proposals, "Active", within=IN_THE_END)

    async def voted(self, card: Message) -> None:
        await self._insist(lambda: self._vote(self._bea, card))
        await self._hears(self._ann, f"{self._bea.mention}, to whom you delegate, has voted")
        await self._insist(lambda: self._vote(self._ann, card, "Against"))
        await asyncio.gather(self._vote(self._cay, card), return_exceptions=True)
        self._moot.clock.advance(2.5 * DAY)
        await self._hears(self._eve, "You haven't voted on")
        await self._insist(lambda: self._vote(self._eve, card))

    def check(self) -> None:
        """Besides, everybody has got each private message once."""
        super().check()
        ann, bea, cay, dee = (each.mention for each in (self._ann, self._bea, self._cay, self._dee))
        expected = {
            self._ann: [f"{bea}, to whom you delegate, has voted"],
            self._bea: [
                f"{ann} lets you vote",
                f"{cay} lets you vote",
                f"{ann} doesn't let you vote",
            ],
            self._cay: [],
            self._dee: [],
            self._eve: [f"{dee} lets you vote", "You haven't voted on"],
        }
        for person, parts in expected.items():
            texts = [each.text for each in person.direct_messages(self._moot.application)]
            assert len(texts) == len(parts), texts
            for part in parts:
                assert sum(part in text for text in texts) == 1, texts

    async def _trusts(self, who: Person, whom: Person, **options: object) -> None:
        answer = await self._insist(
            lambda: private(
                who.command("delegate to", in_=self._moot.square, member=whom, **options)
            )
        )
        assert "votes for you" in answer.text or "there already" in answer.text, answer.text

    async def _withdraws(self, who: Person) -> None:
        answer = await self._insist(
            lambda: private(who.command("delegate revoke", in_=self._moot.square))
        )
        done = ("doesn't vote for you any more", "delegated nothing")
        assert any(words in answer.text for words in done), answer.text

    async def _hears(self, who: Person, words: str) -> None:
        await who.receives(self._moot.application, words, within=IN_THE_END)

    async def _exported(self) -> bytes:
        answer = await self._insist(
            lambda: private(
                self._dee.command("proposal export", in_=self._moot.square, proposal="1")
            )
        )
        (attachment,) = answer.attachments
        content: bytes = attachment.content
        return content
