"""One whole decision, by people who try again where Discord tells them that something failed."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sandbox.discord import Failed, Form, Message, Person
from tests.moot import DAY, Moot, private

T = TypeVar("T")
TITLE, BODY = "Mend the well", "It is dry."
NEW_TITLE = "Mend both wells"
IN_THE_END = 60.0
"""Seconds in which everything appears, whatever broke, on a busy machine too."""


class Decision:
    """Ann proposes; Ann and Bea see to it that their votes count, Cay presses once."""

    def __init__(self, moot: Moot, up: asyncio.Event | None = None) -> None:
        """`up`: set while it makes sense to try."""
        self._moot = moot
        self._up = up or _always()
        self._ann, self._bea, self._cay = (moot.member(name) for name in ("Ann", "Bea", "Cay"))
        self._acknowledged: set[str] = set()
        self._refused: set[str] = set()
        self._edited = False
        self.troubled = asyncio.Event()
        """Set when Discord has told somebody that something failed."""

    async def take_place(self, *, edited: bool = False) -> None:
        """From the setup to the result, as everybody reads it."""
        await self.set_up()
        card = await self.proposed()
        if edited:
            await self.edited(card)
        await self.opened(card)
        await self.voted(card)
        await self.closed(card)

    async def voted(self, card: Message) -> None:
        for voter in (self._ann, self._bea):
            await self._insist(lambda voter=voter: self._vote(voter, card))
        await asyncio.gather(self._vote(self._cay, card), return_exceptions=True)

    async def set_up(self) -> None:
        while "All set" not in (await self._insist(self._moot.setup)).text:
            continue

    async def proposed(self) -> Message:
        await self._fill_in("propose", TITLE)
        moot = self._moot
        return await self._ann.sees(moot.proposals, "Discuss it in the thread", within=IN_THE_END)

    async def edited(self, card: Message) -> None:
        """The proposal gets another title, and with it the thread."""
        await self._fill_in("proposal edit", NEW_TITLE, proposal="1")
        self._edited = True
        await self._ann.sees(self._moot.thread(card), f"**{NEW_TITLE}**", within=IN_THE_END)

    async def opened(self, card: Message) -> None:
        self._moot.clock.advance(DAY)
        await self._ann.sees(self._moot.thread(card), "is open until", within=IN_THE_END)
        await self._ann.sees(self._moot.proposals, "Active", within=IN_THE_END)

    async def closed(self, card: Message) -> None:
        moot, ann = self._moot, self._ann
        moot.clock.advance(3 * DAY)
        await ann.sees(moot.results, "succeeded", within=IN_THE_END)
        await ann.sees(moot.thread(card), "succeeded", within=IN_THE_END)
        await ann.sees(moot.proposals, "Succeeded", within=IN_THE_END)

    def check(self) -> None:
        """Everything is there exactly once, and every acknowledged vote is counted."""
        moot, owner = self._moot, self._moot.owner
        (card,) = owner.read(moot.proposals)
        (thread,) = owner.threads(moot.proposals)
        texts = [message.text for message in owner.read(thread)]
        assert thread.id == card.id
        edit = [NEW_TITLE, BODY] if self._edited else []
        expected = [BODY, *edit, "is open until", "succeeded"]
        assert len(texts) == len(expected), texts
        for text, part in zip(texts, expected, strict=True):
            assert part in text, texts
        assert (NEW_TITLE if self._edited else TITLE) in thread.name
        (result,) = owner.read(moot.results)
        assert self._acknowledged >= {"Ann", "Bea"}
        # Cay's vote may be counted though its receipt got lost, but only once.
        perhaps = {"Cay"} - self._refused
        possible = {len(self._acknowledged), len(self._acknowledged | perhaps)}
        assert any(f"{count} voters" in result.text for count in possible), result.text

    async def _vote(self, voter: Person, card: Message, choice: str = "For") -> None:
        receipt = await private(voter.press(card, choice))
        if says_undone(receipt):
            self._refused.add(voter.name)
            raise Failed(receipt.text)
        assert "☑️" in receipt.text, receipt.text
        self._acknowledged.add(voter.name)

    async def _fill_in(self, command: str, title: str, **asked: str) -> None:
        ann, square = self._ann, self._moot.square
        while True:
            form = await self._insist(lambda: ann.command(command, in_=square, **asked))
            assert isinstance(form, Form)
            try:
                done(await form.submit(title=title, body=BODY))
                break
            except Failed:
                listed = await self._insist(lambda: ann.command("proposal list", in_=square))
                if title in listed.text:  # taken all the same
                    break

    async def _insist(self, act: Callable[[], Awaitable[T]]) -> T:
        while True:
            await self._up.wait()
            try:
                return done(await act())
            except Failed:
                self.troubled.set()


def done(answer: T) -> T:
    """The answer; Failed where it says that nothing was done, as on a busy machine it may."""
    if isinstance(answer, Message) and says_undone(answer):
        raise Failed(answer.text)
    return answer


def says_undone(answer: Message) -> bool:
    return "nothing was recorded" in answer.text


def _always() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event
