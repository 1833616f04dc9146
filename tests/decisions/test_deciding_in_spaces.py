"""What is proposed in a space or under a topic: by whom, in which form, and where it is told."""

import pytest

from sandbox.discord import Form
from tests.decisions.spaces import edited, made, role, works
from tests.moot import DAY, MINUTE, Moot, private, visible


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
    await ann.sees(board, "#1 Pave the square")
    await ann.sees(board, "#2 Buy a cart")
    await ann.sees(ready.results, "#3 Of all of us")
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
    await ann.sees(board, "#2 Buy a cart")
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


async def test_the_list_of_types_says_for_which_space_one_is(ready: Moot) -> None:
    await made(ready, "Works")
    await ready.type("Budget", space="Works")
    listed = await private(ready.owner.command("type list", in_=ready.square))
    assert "**Budget** · For or against · in **Works**" in listed.text


@pytest.mark.usefixtures("looked_for")
async def test_a_lost_results_channel_holds_up_the_results_of_its_space_only(ready: Moot) -> None:
    _, board = await works(ready)
    ann = ready.member("Ann")
    await ready.propose(ann, "Buy a cart", space="Works")
    await ready.propose(ann, "Of all of us")
    ready.server.delete_channel(board)
    ready.clock.advance(4 * DAY + MINUTE)
    await ann.sees(ready.results, "#2 Of all of us")
    report = await private(ready.owner.command("setup", in_=ready.square))
    assert "In the space “Works”: The results_channel is gone" in report.text
    assert "/space edit space:Works results_channel:" in report.text
    hall = ready.server.add_channel("hall")
    await edited(ready, "Works", results_channel=hall)
    await ann.sees(hall, "#1 Buy a cart")


async def test_a_lost_channel_of_a_space_is_mended_where_it_was_chosen(ready: Moot) -> None:
    yard, _ = await works(ready)
    await made(ready, "Roads", parent="Works")
    ready.server.delete_channel(yard)
    ann = ready.member("Ann")
    refusal = await ready.propose(ann, "Pave the square", space="Roads")
    assert "choose one with /space edit space:Works proposals_channel:" in refusal.text


async def test_names_and_reasons_that_hold_mentions_notify_nobody(ready: Moot) -> None:
    crew = role(ready, "Crew")
    evil = f"@everyone {crew.mention}"
    await private(ready.owner.command("setup", in_=ready.square, topics=evil, veto_window="1d"))
    await made(ready, evil)
    ann, bea = ready.member("Ann"), ready.member("Bea")
    await private(ann.command("delegate to", in_=ready.square, member=bea, scope=f"Topic: {evil}"))
    heard = await bea.receives(ready.application, "lets you vote")
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


async def test_a_draft_is_held_to_the_rules_of_its_own_space(ready: Moot) -> None:
    await works(ready)
    await ready.type("Bylaw")
    ann = ready.member("Ann")
    elder = role(ready, "Elder", ann).mention
    for rule, value in (("power", f"roles({elder} 1)"), ("quorum", "8 %")):
        changed = ready.owner.command(
            f"type {rule}", in_=ready.square, type="Bylaw", **{rule: value}
        )
        assert f"**{rule}**" in (await private(changed)).text
    panel = await ready.propose(ann, type="Bylaw", space="Works", draft=True)
    await edited(ready, "Works", voting_role=role(ready, "Crew", ann))
    refusal = await private(ann.press(panel, "Submit"))
    assert "quorum refers to the power of the whole electorate, which isn't known" in refusal.text
    await edited(ready, "Works", inherit="voting_role")
    assert "is up" in (await private(ann.press(panel, "Submit"))).text
