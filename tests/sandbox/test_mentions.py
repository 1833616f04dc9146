"""Whom a text pings, by allowed_mentions and permissions."""

from collections.abc import Iterable
from typing import Any

import pytest

from sandbox.discord import Channel, Person, Pings, Server
from sandbox.discord.errors import InvalidForm
from sandbox.discord.mentions import EVERY_KIND, USERS_ONLY, pings

NOBODY = Pings()


def pinged(
    text: str,
    allowed: dict[str, Any] | None = None,
    *,
    default: tuple[str, ...] = EVERY_KIND,
    server: Server | None = None,
    may: bool = True,
) -> Pings:
    guild = server.guild if server else None
    return pings(text, allowed, default=default, guild=guild, may_ping_everyone=may)


def users(*ids: int) -> Pings:
    return Pings(users=frozenset(ids))


def test_a_message_pings_all_that_it_names_unless_it_says_otherwise() -> None:
    assert pinged("<@1> <@!2> @everyone") == Pings(frozenset({1, 2}), frozenset(), True)


def test_webhooks_and_answers_ping_users_only_unless_they_say_otherwise() -> None:
    assert pinged("<@1> <@&7> @here", default=USERS_ONLY) == users(1)


def test_empty_allowed_mentions_ping_nobody() -> None:
    assert pinged("<@1> <@&2> @everyone @here", {"parse": []}) == NOBODY


def test_only_the_listed_ones_are_pinged() -> None:
    assert pinged("<@1> <@2>", {"parse": [], "users": ["2", "3"]}) == users(2)


def test_nobody_is_pinged_who_is_not_in_the_text() -> None:
    assert pinged("hello", {"users": ["5"]}) == NOBODY


def test_code_pings_nobody() -> None:
    assert pinged("`<@1>` ```\n@everyone <@2>\n```") == NOBODY


def test_everyone_needs_the_permission() -> None:
    assert pinged("@everyone", may=False) == NOBODY


def test_a_role_must_be_mentionable_or_the_writer_allowed(hamlet: Server) -> None:
    quiet = hamlet.add_role("Quiet")
    loud = hamlet.add_role("Loud", mentionable=True)
    text = f"{quiet.mention} {loud.mention}"
    assert pinged(text, server=hamlet, may=False).roles == {loud.id}
    assert pinged(text, server=hamlet, may=True).roles == {quiet.id, loud.id}


@pytest.mark.parametrize("kind", ["users", "roles"])
def test_parsing_and_listing_the_same_kind_is_refused(kind: str) -> None:
    with pytest.raises(InvalidForm, match="mutually exclusive"):
        pinged("", {"parse": [kind], kind: ["1"]})


@pytest.mark.parametrize("kind", ["users", "roles"])
def test_a_list_holds_a_hundred_ids(kind: str) -> None:
    pinged("", {kind: _ids(100)})
    with pytest.raises(InvalidForm, match="100 or fewer"):
        pinged("", {kind: _ids(101)})


def _ids(count: int) -> Iterable[str]:
    return [str(number) for number in range(count)]


async def test_a_persons_message_pings_by_the_persons_permissions(
    hamlet: Server, square: Channel, ann: Person
) -> None:
    assert (await ann.say(square, f"@everyone {ann.mention}")).pings.everyone
    hamlet.change_role(hamlet.everyone, hamlet.everyone.permissions & ~(1 << 17))
    assert (await ann.say(square, f"@everyone {ann.mention}")).pings == users(ann.id)
