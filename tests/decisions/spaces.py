"""Spaces as moderators make and change them."""

from typing import Any

from sandbox.discord import Channel, Message, Person, Role
from tests.moot import Moot, private


async def made(moot: Moot, name: str, **options: Any) -> Message:
    """The owner makes a space."""
    answer = await private(
        moot.owner.command("space create", in_=moot.square, name=name, **options)
    )
    assert "is there" in answer.text, answer.text
    return answer


async def edited(moot: Moot, space: str, **options: Any) -> Message:
    return await private(moot.owner.command("space edit", in_=moot.square, space=space, **options))


async def works(moot: Moot, **options: Any) -> tuple[Channel, Channel]:
    """The space Works, with channels of its own: (proposals, results)."""
    yard, board = moot.server.add_channel("yard"), moot.server.add_channel("board")
    await made(moot, "Works", proposals_channel=yard, results_channel=board, **options)
    return yard, board


def role(moot: Moot, name: str, *holders: Person) -> Role:
    found = moot.server.add_role(name)
    for each in holders:
        each.add_role(found)
    return found
