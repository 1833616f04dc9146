"""A vote on trees, open in each system, and the ways to cast a ballot on it."""

from typing import Any

from governance.electorate import Member
from governance.texts import Text
from sandbox.discord import Form, Message, Person
from tests.moot import Moot, private

TREES = ("Oak", "Elm", "Ash", "Bay")
MODERATOR = Member(1, frozenset(), None, moderator=True)


async def opened(
    moot: Moot, author: Person, system: str, choices: tuple[str, ...] = TREES, **rules: Any
) -> Message:
    """The card of a proposal of a type of its own, with its vote open."""
    await pending(moot, author, system, choices, **rules)
    card = await moot.owner.sees(moot.proposals, "Plant a tree")
    await moot.owner.sees(moot.proposals, "Pending")
    await moot.owner.sees(moot.thread(card), "Which one?")
    await moot.wait_for_voting(card)
    return card


async def pending(
    moot: Moot, author: Person, system: str, choices: tuple[str, ...], **rules: Any
) -> None:
    services, guild_id = moot.bot.services, moot.server.id
    await services.types.create(guild_id, MODERATOR, "Trees", {"system": system, **rules})
    joined = author.member.joined_at
    member = Member(author.id, frozenset(), joined)
    text = Text("Plant a tree", "Which one?", "", choices)
    await services.proposing.propose(guild_id, member, text, "Trees")
    services.outbox.filled.set()


async def vote(moot: Moot, person: Person, choice: str, reason: str = "") -> str:
    more: dict[str, Any] = {"reason": reason} if reason else {}
    answer = person.command("vote", in_=moot.square, proposal="1", choice=choice, **more)
    return (await private(answer)).text


async def panel_of(person: Person, card: Message) -> Message:
    return await private(person.press(card, "Vote"))


def menu(panel: Message, at: int = 0) -> str:
    return list(panel.menus)[at]


async def typed(person: Person, panel: Message, **fields: str) -> Message:
    form = await person.press(panel, "Type it")
    assert isinstance(form, Form)
    return await private(form.submit(fields))
