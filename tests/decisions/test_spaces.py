"""Sub-DAOs in a server: made, listed, proposed in, announced in their own channels, vetoed."""

import re
from typing import Any

import pytest

from sandbox.discord import Channel, Form, Message, Permission, Person
from sandbox.discord.guilds import Role
from tests.moot import DAY, MINUTE, Moot, private, visible


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


async def test_guardians_make_spaces_below_their_own_only(ready: Moot) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")
    await made(ready, "Works", guardian_role=role(ready, "Foreman", ann))
    answer = await private(
        ann.command("space create", in_=ready.square, name="Roads", parent="Works")
    )
    assert "“Roads” is there" in answer.text
    for person, parent in ((ann, "none"), (bea, "Works")):
        refusal = await private(
            person.command("space create", in_=ready.square, name="Mine", parent=parent)
        )
        assert "guardians of a space above it" in refusal.text
    refusal = await private(ann.command("space archive", in_=ready.square, space="Works"))
    assert "guardians of a space above it" in refusal.text


async def test_cards_and_results_go_to_the_channels_of_their_space(ready: Moot) -> None:
    yard, board = await works(ready, quorum=1)
    await made(ready, "Roads", parent="Works", quorum=0)
    ann = ready.member("Ann")
    await ready.propose(ann, "Pave the square", space="Roads")
    await ready.propose(ann, "Buy a cart", space="Works")
    await ready.propose(ann, "Of all of us")
    assert "Of all of us" in visible(ann, ready.proposals)
    assert "Buy a cart" not in visible(ann, ready.proposals)
    card = await ann.sees(yard, "Pave the square")
    assert "in **Roads**" in card.text
    shown = await private(ann.command("proposal show", in_=ready.square, proposal="1"))
    assert "in **Roads**" in shown.text
    ready.clock.advance(DAY)
    await ann.sees(yard, "Active")
    await ready.stop()
    ready.clock.advance(3 * DAY)
    await ready.start()
    await ann.sees(board, "#1 Pave the square", within=8)
    await ann.sees(board, "#2 Buy a cart", within=8)
    await ann.sees(ready.results, "#3 Of all of us", within=8)
    assert len(board.webhooks) == 1
    assert len(ann.read(board)) == 2
    assert len(ann.read(ready.results)) == 1


async def test_a_space_is_taken_from_the_channel_in_which_one_proposes(ready: Moot) -> None:
    yard, _ = await works(ready)
    ann = ready.member("Ann")
    form = await ann.command("propose", in_=yard)
    assert isinstance(form, Form)
    assert form.title == "New proposal in Works"
    await private(form.submit(title="Buy a cart", body="The old one broke."))
    card = await ann.sees(yard, "Buy a cart")
    thread = next(each for each in ann.threads(yard) if each.id == card.id)
    form = await ann.command("propose", in_=thread)
    assert isinstance(form, Form)
    assert form.title == "New proposal in Works"
    form = await ann.command("propose", in_=yard, space="none")
    assert isinstance(form, Form)
    assert form.title == "New proposal"
    form = await ann.command("propose", in_=ready.square)
    assert isinstance(form, Form)
    assert form.title == "New proposal"


async def test_a_member_of_two_spaces_proposes_in_each_and_not_elsewhere(ready: Moot) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")
    for name in ("Works", "Gardens"):
        theirs = role(ready, name, ann, *([bea] if name == "Works" else []))
        await made(ready, name, proposing_role=theirs, voting_role=theirs)
    await ready.propose(ann, "Buy a cart", space="Works")
    await ready.propose(ann, "Plant a tree", space="Gardens")
    refusal = await private(bea.command("propose", in_=ready.square, space="Gardens"))
    assert "can propose this" in refusal.text
    ready.clock.advance(DAY)
    for card in ready.owner.read(ready.proposals):
        await ready.owner.sees(ready.thread(card), "is open until")
    for person, number, voted in (
        (ann, "1", True),
        (ann, "2", True),
        (bea, "1", True),
        (bea, "2", False),
    ):
        answer = await private(
            person.command("vote", in_=ready.square, proposal=number, choice="For")
        )
        assert ("Only members with the role" not in answer.text) == voted
    for name, titles in (("Works", {"Buy a cart"}), ("Gardens", {"Plant a tree"})):
        listed = await private(ann.command("proposal list", in_=ready.square, space=name))
        assert {t for t in ("Buy a cart", "Plant a tree") if t in listed.text} == titles
    none = await private(ann.command("proposal list", in_=ready.square, space="none"))
    assert "no open proposals" in none.text


async def test_topics_are_set_suggested_shown_and_checked(ready: Moot) -> None:
    answer = await private(
        ready.owner.command("setup", in_=ready.square, topics="Treasury, Events")
    )
    assert "**topics**: Treasury, Events" in answer.text
    for topics, sentence in (("A, a", "twice"), ("x" * 41, "too long")):
        refusal = await private(ready.owner.command("setup", in_=ready.square, topics=topics))
        assert sentence in refusal.text
    ann = ready.member("Ann")
    assert await ann.suggest("propose", "topic", "ev", in_=ready.square) == [("Events", "Events")]
    refusal = await private(ann.command("propose", in_=ready.square, topic="War"))
    assert "There is no topic “War” in this server. Choose one of: Treasury, Events" in refusal.text
    card = await ready.proposed(ann, topic="treasury")
    assert "· Treasury" in card.text
    shown = await private(ann.command("proposal show", in_=ready.square, proposal="1"))
    assert "Treasury" in shown.text


async def test_a_refused_form_keeps_its_space_and_topic(ready: Moot) -> None:
    await private(ready.owner.command("setup", in_=ready.square, topics="Treasury"))
    yard, _ = await works(ready)
    ann = ready.member("Ann")
    form = await ready.form(ann, space="Works", topic="Treasury")
    given_back = await private(form.submit(title="Buy a cart", body="Now.", link="nowhere"))
    await ready.stop()
    await ready.start()
    form = await ann.press(given_back, "Edit again")
    assert isinstance(form, Form)
    assert form.title == "New proposal in Works"
    await private(form.submit(title="Buy a cart", body="Now.", link=""))
    card = await ann.sees(yard, "Buy a cart")
    assert "in **Works** · Treasury" in card.text


async def test_a_form_whose_space_or_topic_is_gone_comes_back_without_it(ready: Moot) -> None:
    await private(ready.owner.command("setup", in_=ready.square, topics="Treasury"))
    await made(ready, "Works")
    await ready.type("Budget", space="Works")
    ann = ready.member("Ann")
    form = await ready.form(ann, space="Works", topic="Treasury", type="Budget")
    await private(ready.owner.command("space archive", in_=ready.square, space="Works"))
    await private(ready.owner.command("setup", in_=ready.square, topics="none"))
    refusal = await private(form.submit(title="Buy a cart", body="Now."))
    assert "The space of this proposal was archived while you wrote" in refusal.text
    form = await ann.press(refusal, "Edit again")
    assert isinstance(form, Form)
    assert form.title == "New proposal"
    done = await private(form.submit(title="Buy a cart", body="Now."))
    assert "is up" in done.text
    form = await ready.form(ann)
    assert isinstance(form, Form)


async def test_an_archived_space_lets_what_is_open_go_on(ready: Moot) -> None:
    yard, board = await works(ready)
    ann = ready.member("Ann")
    panel = await ready.propose(ann, "A draft", space="Works", draft=True)
    await ready.propose(ann, "Buy a cart", space="Works")
    await made(ready, "Roads", parent="Works")
    refusal = await private(ready.owner.command("space archive", in_=ready.square, space="Works"))
    assert "Archive the spaces below “Works” first: “Roads”" in refusal.text
    for name in ("Roads", "Works"):
        await private(ready.owner.command("space archive", in_=ready.square, space=name))
    refusal = await private(ann.command("propose", in_=ready.square, space="Works"))
    assert "There is no space “Works”" in refusal.text
    refusal = await private(ann.press(panel, "Submit"))
    assert "“Works” is archived" in refusal.text
    ready.clock.advance(DAY)
    await ann.sees(yard, "Active")
    ready.clock.advance(3 * DAY)
    await ann.sees(board, "#2 Buy a cart", within=8)
    undone = await private(
        ready.owner.command("space archive", in_=ready.square, space="Works", undo=True)
    )
    assert "open again" in undone.text
    done = await private(ann.press(panel, "Submit"))
    assert "is up" in done.text


async def test_a_type_of_a_space_is_offered_there_alone(ready: Moot) -> None:
    await made(ready, "Works")
    answer = await ready.type("Budget", space="Works")
    assert "Works and those below" in answer.text
    ann = ready.member("Ann")
    at_home = await ann.suggest("propose", "type", "", in_=ready.square)
    assert at_home == [("Proposal", "Proposal")]
    there = await ann.suggest("propose", "type", "", in_=ready.square, space="Works")
    assert ("Budget", "Budget") in there
    refusal = await private(ann.command("propose", in_=ready.square, type="Budget"))
    assert "“Budget” isn't for proposals for the whole server" in refusal.text
    await private(ready.owner.command("setup", in_=ready.square, reserved="types"))
    refusal = await private(
        ready.owner.command("type create", in_=ready.square, name="Election", space="Works")
    )
    assert "types is reserved" in refusal.text


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


async def test_a_lost_results_channel_holds_up_the_results_of_its_space_only(ready: Moot) -> None:
    _, board = await works(ready)
    ann = ready.member("Ann")
    await ready.propose(ann, "Buy a cart", space="Works")
    await ready.propose(ann, "Of all of us")
    ready.server.delete_channel(board)
    ready.clock.advance(4 * DAY + MINUTE)
    await ann.sees(ready.results, "#2 Of all of us", within=8)
    report = await private(ready.owner.command("setup", in_=ready.square))
    assert "In the space “Works”: The results_channel is gone" in report.text
    assert "/space edit space:Works results_channel:" in report.text
    hall = ready.server.add_channel("hall")
    await edited(ready, "Works", results_channel=hall)
    await ann.sees(hall, "#1 Buy a cart", within=8)


async def decided(moot: Moot, voter: Person, title: str = "Buy a cart") -> None:
    """A decision in Works, once its result is announced."""
    await moot.propose(voter, title, space="Works")
    card = await voter.sees(moot.proposals, title)
    await moot.wait_for_voting(card)
    await private(voter.press(moot.owner.read(moot.proposals)[-1], "For"))
    await moot.wait_for_deadline()


async def test_guardians_above_veto_a_decision_within_the_window(ready: Moot) -> None:
    ann, elder = ready.member("Ann"), ready.member("Elder")
    elders = role(ready, "Elders", elder)
    await private(
        ready.owner.command("setup", in_=ready.square, guardian_role=elders, veto_window="1d")
    )
    await made(ready, "Works", guardian_role=role(ready, "Foremen"))
    await decided(ready, ann)
    result = ready.owner.read(ready.results)[-1]
    assert "may be vetoed until" in result.text
    card = await ready.owner.sees(ready.proposals, "may be vetoed until")
    assert f"<@&{elders.id}> and moderators may veto the decision for 1 day" in card.text
    await ready.stop()
    await ready.start()
    refusal = await private(ann.command("proposal cancel", in_=ready.square, proposal="1"))
    assert "Only" in refusal.text or "only" in refusal.text
    form = await elder.command("proposal cancel", in_=ready.square, proposal="1")
    assert isinstance(form, Form)
    assert form.title == "Veto #1 Buy a cart"
    answer = await private(form.submit(reason="It floods the mill."))
    assert "is vetoed" in answer.text
    vetoed = await ann.sees(ready.results, "was vetoed")
    assert f"by a veto of <@{elder.id}>: It floods the mill." in vetoed.text
    await ann.sees(ready.proposals, "Canceled")
    again = await private(elder.command("proposal cancel", in_=ready.square, proposal="1"))
    assert "canceled already" in again.text


async def test_after_the_window_a_decision_cant_be_vetoed_any_more(ready: Moot) -> None:
    ann, elder = ready.member("Ann"), ready.member("Elder")
    elders = role(ready, "Elders", elder)
    await private(
        ready.owner.command("setup", in_=ready.square, guardian_role=elders, veto_window="1d")
    )
    await made(ready, "Works", guardian_role=role(ready, "Foremen"))
    await decided(ready, ann)
    form = await elder.command("proposal cancel", in_=ready.square, proposal="1")
    assert isinstance(form, Form)
    ready.clock.advance(DAY + MINUTE)
    late = await private(form.submit(reason="Too late."))
    assert "#1 can't be vetoed any more" in late.text
    for person in (elder, ready.owner):
        refusal = await private(person.command("proposal cancel", in_=ready.square, proposal="1"))
        assert "#1 can't be vetoed any more" in refusal.text


async def test_guardians_cancel_as_moderators_do(ready: Moot) -> None:
    ann, elder = ready.member("Ann"), ready.member("Elder")
    answer = await private(
        ready.owner.command("setup", in_=ready.square, guardian_role=role(ready, "Elders", elder))
    )
    assert "**guardian_role**: <@&" in answer.text
    card = await ready.opened(ann)
    assert "may cancel it" in (await ready.owner.sees(ready.proposals, "Active")).text
    form = await elder.command("proposal cancel", in_=ready.square, proposal="1")
    assert isinstance(form, Form)
    assert form.title == "Cancel #1 Mend the well"
    assert "is canceled" in (await private(form.submit(reason="Overtaken."))).text
    assert card


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


async def test_a_lost_channel_of_a_space_is_mended_where_it_was_chosen(ready: Moot) -> None:
    yard, _ = await works(ready)
    await made(ready, "Roads", parent="Works")
    ready.server.delete_channel(yard)
    ann = ready.member("Ann")
    refusal = await ready.propose(ann, "Pave the square", space="Roads")
    assert "choose one with /space edit space:Works proposals_channel:" in refusal.text


async def test_who_may_not_cancel_is_told_who_may(ready: Moot) -> None:
    ann, bea, elder = ready.member("Ann"), ready.member("Bea"), ready.member("Elder")
    elders = role(ready, "Elders", elder)
    await private(
        ready.owner.command("setup", in_=ready.square, guardian_role=elders, veto_window="1d")
    )
    foremen = role(ready, "Foremen")
    await made(ready, "Works", guardian_role=foremen)
    await ready.propose(ann, "Buy a cart", space="Works")

    async def canceling(person: Person) -> str:
        command = person.command("proposal cancel", in_=ready.square, proposal="1")
        return (await private(command)).text

    assert f"Only its author, <@&{foremen.id}> or a moderator can cancel #1" in await canceling(bea)
    card = await ready.owner.sees(ready.proposals, "Buy a cart")
    await ready.wait_for_voting(card)
    assert f"only <@&{foremen.id}> or a moderator can cancel it now" in await canceling(ann)
    await private(ann.press(ready.owner.read(ready.proposals)[-1], "For"))
    await ready.wait_for_deadline()
    assert f"only <@&{foremen.id}>, <@&{elders.id}> or a moderator" in await canceling(ann)
    ready.clock.advance(DAY + MINUTE)
    assert "can't be vetoed any more" in await canceling(bea)
    shown = await private(ann.command("proposal show", in_=ready.square, proposal="1"))
    assert "may be vetoed" not in shown.text


async def test_the_list_of_types_says_for_which_space_one_is(ready: Moot) -> None:
    await made(ready, "Works")
    await ready.type("Budget", space="Works")
    listed = await private(ready.owner.command("type list", in_=ready.square))
    assert "**Budget** · For or against · in **Works**" in listed.text


async def test_names_and_reasons_that_hold_mentions_notify_nobody(ready: Moot) -> None:
    crew = role(ready, "Crew")
    evil = f"@everyone {crew.mention}"
    await private(ready.owner.command("setup", in_=ready.square, topics=evil, veto_window="1d"))
    await made(ready, evil)
    ann, bea = ready.member("Ann"), ready.member("Bea")
    await private(ann.command("delegate to", in_=ready.square, member=bea, scope=f"Topic: {evil}"))
    heard = await bea.receives(ready.application, "lets you vote", within=10)
    await ready.propose(ann, evil, evil, space=evil, topic=evil)
    card = await ready.owner.sees(ready.proposals, "by <@")
    await ready.wait_for_voting(card)
    await private(ann.press(ready.owner.read(ready.proposals)[-1], "For"))
    await ready.wait_for_deadline()
    form = await ready.owner.command("proposal cancel", in_=ready.square, proposal="1")
    assert isinstance(form, Form)
    await private(form.submit(reason=evil))
    await ready.owner.sees(ready.results, "was vetoed")
    places = (ready.square, ready.proposals, ready.results, ready.thread(card))
    for message in [heard, *(each for place in places for each in ready.owner.read(place))]:
        pings = message.pings
        assert not any((pings.everyone, pings.roles, pings.users)), message.text
