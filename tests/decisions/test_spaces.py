"""Sub-DAOs in a server: made, listed, changed, archived, with channels of their own."""

import re
from typing import Any

import pytest

from sandbox.discord import Permission
from tests.decisions.spaces import edited, made, role, works
from tests.moot import Moot, private


async def test_a_server_without_spaces_says_how_to_make_one(ready: Moot) -> None:
    ann = ready.member("Ann")
    listed = await private(ann.command("space list", in_=ready.square))
    assert "has no spaces" in listed.text
    assert "/space create" in listed.text


async def test_the_tree_is_listed_with_what_each_space_sets_itself(ready: Moot) -> None:
    answer = await made(ready, "Works", quorum=5, reserve="veto_window, types")
    assert "**quorum**: 5" in answer.text
    assert "**voting_period**: 3 days (inherited)" in answer.text
    assert "**guardian_role**: moderators only (inherited)" in answer.text
    await made(ready, "Roads", parent="works", voting_period="1d")
    await made(ready, "*Gardens*")
    listed = await private(ready.member("Ann").command("space list", in_=ready.square))
    assert "**Works**: quorum 5 · reserves veto_window, types" in listed.text
    assert "  - **Roads**: voting_period 1 day" in listed.text
    assert r"**\*Gardens\***: inherits everything" in listed.text
    suggested = await ready.owner.suggest("space edit", "space", "ro", in_=ready.square)
    assert suggested == [("Roads", "Roads")]
    above = await ready.owner.suggest("space create", "parent", "", in_=ready.square)
    assert above[0] == ("The whole server", "none")


async def test_a_space_is_changed_and_takes_settings_from_above_again(ready: Moot) -> None:
    await made(ready, "Works", quorum=5)
    await made(ready, "Roads")
    answer = await edited(
        ready, "works", name="Public works", voting_period="1d", inherit="quorum", reserve="quorum"
    )
    assert "“Public works” is changed" in answer.text
    assert "**quorum**: none (inherited)" in answer.text
    assert "**voting_period**: 1 day\n" in answer.text
    await edited(ready, "Roads", parent="Public works")
    refusal = await edited(ready, "Roads", quorum=3)
    assert "quorum is reserved above this space" in refusal.text
    await edited(ready, "Roads", parent="none", quorum=3)
    listed = await private(ready.owner.command("space list", in_=ready.square))
    assert "\n- **Roads**: quorum 3" in listed.text


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"parent": "Roads"}, "can't be put below itself"),
        ({"parent": "Works"}, "can't be put below itself"),
        ({"parent": "Nowhere"}, "There is no space “Nowhere”"),
        ({"reserve": "quorum, colour"}, "“colour” is none of the settings"),
        ({"inherit": "topics"}, "“topics” is none of the settings"),
        ({"inherit": "types"}, "nothing to inherit"),
        ({"inherit": "quorum", "quorum": 2}, "can't be set and inherited at once"),
        ({"name": " "}, "needs a name"),
        ({"name": "none"}, "needs a name"),
        ({"name": "n" * 41}, "Shorten it to 40"),
        ({"name": "ROADS"}, "There is a space of that name already: “Roads”"),
        ({"voting_period": "soon"}, "isn't a length of time"),
        ({"voting_period": "91d"}, "voting_period must be from 1 minute to 90 days"),
        ({"space": "none", "quorum": 1}, "set up with /setup"),
        ({"space": "Nowhere", "quorum": 1}, "see /space list"),
    ],
)
async def test_a_change_that_cant_be_is_refused_with_one_sentence(
    ready: Moot, options: dict[str, Any], sentence: str
) -> None:
    await made(ready, "Works")
    await made(ready, "Roads", parent="Works")
    before = await private(ready.owner.command("space list", in_=ready.square))
    answer = await edited(ready, **{"space": "Works", **options})
    assert sentence in answer.text
    assert "@" not in answer.text
    after = await private(ready.owner.command("space list", in_=ready.square))
    assert after.text == before.text


async def test_a_space_in_which_nothing_could_be_proposed_is_refused(moot: Moot) -> None:
    answer = await private(moot.owner.command("space create", in_=moot.square, name="Works"))
    assert "proposals_channel and results_channel must be set" in answer.text


async def test_channels_in_which_the_bot_may_too_little_are_refused(ready: Moot) -> None:
    yard = ready.server.add_channel("yard")
    ready.server.change_overwrites(
        yard, {ready.bot_role: (0, Permission.SEND_MESSAGES | Permission.MANAGE_WEBHOOKS)}
    )
    for option, named in (("proposals_channel", "Send Messages"), ("results_channel", "Webhooks")):
        answer = await private(
            ready.owner.command("space create", in_=ready.square, name="Works", **{option: yard})
        )
        assert f"<#{yard.id}>" in answer.text
        assert named in answer.text
        assert "nothing has been changed" in answer.text
    assert not yard.webhooks


async def test_a_space_that_moves_its_results_takes_its_webhook_along(ready: Moot) -> None:
    _, board = await works(ready)
    hall = ready.server.add_channel("hall")
    assert (len(board.webhooks), len(ready.results.webhooks)) == (1, 1)
    await edited(ready, "Works", results_channel=hall)
    assert (len(board.webhooks), len(hall.webhooks)) == (0, 1)
    # In the server's channel, it shares the server's, and leaves it behind.
    await edited(ready, "Works", results_channel=ready.results)
    assert (len(hall.webhooks), len(ready.results.webhooks)) == (0, 1)
    (shared,) = ready.results.webhooks.values()
    await edited(ready, "Works", inherit="results_channel")
    assert list(ready.results.webhooks.values()) == [shared]


async def test_a_space_without_channels_of_its_own_leaves_the_servers_webhook(ready: Moot) -> None:
    before = ready.webhooks()
    await made(ready, "Works")
    assert ready.webhooks() == before


async def test_moderators_are_told_where_they_can_be_told(ready: Moot) -> None:
    office = ready.server.add_channel("office")
    ready.server.change_overwrites(office, {ready.bot_role: (0, Permission.SEND_MESSAGES)})
    refusal = await private(
        ready.owner.command("setup", in_=ready.square, moderators_channel=office)
    )
    assert f"<#{office.id}>" in refusal.text
    assert "**Send Messages**" in refusal.text
    report = await private(ready.owner.command("setup", in_=ready.square))
    assert "**moderators_channel**: not set" in report.text
    assert "**guardian_role**: moderators only" in report.text


async def many(moot: Moot, count: int) -> None:
    """Works with so many spaces below it, whose names are as long as they can be."""
    await made(moot, "Works")
    for number in range(count):
        await made(moot, f"{number:02}" + "_" * 38, parent="Works")


async def test_many_spaces_below_another_are_refused_in_a_sentence_that_fits(ready: Moot) -> None:
    await many(ready, 60)
    refusal = await private(ready.owner.command("space archive", in_=ready.square, space="Works"))
    assert "Archive the spaces below “Works” first: “00____" in refusal.text
    assert refusal.text.endswith("and 55 more.")


async def test_a_long_list_of_spaces_has_pages(ready: Moot) -> None:
    await many(ready, 60)
    page = await private(ready.owner.command("space list", in_=ready.square))
    assert page.buttons == ["Next"]
    seen = page.text
    while "Next" in page.buttons:
        page = await private(ready.owner.press(page, "Next"))
        seen += page.text
    assert all(f"**{number:02}" in seen for number in range(60))
    assert "Previous" in page.buttons
    assert "**Works**" in (await private(ready.owner.press(page, "Previous"))).text


async def test_a_setup_with_much_to_say_is_still_told(ready: Moot) -> None:
    crew = role(ready, "Crew")
    await many(ready, 40)
    topics = ", ".join(f"{number:02}" + "t" * 38 for number in range(25))
    for number in range(40):
        await edited(ready, f"{number:02}" + "_" * 38, voting_role=crew)
    ready.server.delete_role(crew)
    report = await private(ready.owner.command("setup", in_=ready.square, topics=topics))
    assert "**topics**: 00t" in report.text
    assert "The voting_role was deleted" in report.text
    assert re.search(r"… and \d+ more$", report.text)


async def test_a_value_without_effect_is_shown_as_inherited(ready: Moot) -> None:
    await made(ready, "Works")
    await made(ready, "Roads", parent="Works", quorum=7)
    await edited(ready, "Works", quorum=2, reserve="quorum")
    answer = await edited(ready, "Roads", voting_period="2d")
    assert "**quorum**: 2 (inherited)" in answer.text
    assert "**voting_period**: 2 days\n" in answer.text


async def test_a_space_opened_again_goes_no_deeper_than_others(ready: Moot) -> None:
    for name, parent in (("A", "none"), ("B", "A"), ("C", "B"), ("D", "C"), ("E", "D")):
        await made(ready, name, parent=parent)
    await private(ready.owner.command("space archive", in_=ready.square, space="E"))
    await made(ready, "Top")
    await edited(ready, "A", parent="Top")
    refusal = await private(
        ready.owner.command("space archive", in_=ready.square, space="E", undo=True)
    )
    assert "Spaces go 5 deep at most" in refusal.text
