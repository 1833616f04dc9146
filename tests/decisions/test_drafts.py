"""Drafts: saved, shared for comments, answered, sponsored, submitted or discarded."""

import pytest

from sandbox.discord import Form, Message
from sandbox.discord.people import Person
from tests.moot import DAY, Moot, private, visible


async def saved(moot: Moot, author: Person, title: str = "Mend the well", **more: str) -> Message:
    """A draft's panel, as its author sees it."""
    return await moot.propose(author, title, draft=True, **more)


async def typed(moot: Moot, name: str, questions: str = "", **who: object) -> None:
    """A type with these questions, and rules of `/type who`."""
    await moot.type(name)
    if questions:
        form = await moot.owner.command("type form", in_=moot.square, type=name)
        assert isinstance(form, Form)
        await private(form.submit(questions=questions))
    if who:
        await private(moot.owner.command("type who", in_=moot.square, type=name, **who))


async def pressed(person: Person, message: Message, button: str) -> Form:
    """The form that a button opens."""
    form = await person.press(message, button)
    assert isinstance(form, Form), form.text
    return form


async def test_a_draft_is_saved_found_edited_and_submitted(ready: Moot) -> None:
    ann = ready.member("Ann")
    answer = await saved(ready, ann)
    assert "draft #1 Mend the well is saved" in answer.text
    assert answer.buttons == ["Edit", "Share for comments", "Submit", "Discard"]
    assert not ready.owner.read(ready.proposals)
    await ready.stop()
    await ready.start()
    listed = await private(ann.command("proposal drafts", in_=ready.square))
    assert "Mend the well" in listed.text
    suggested = await ann.suggest("proposal edit", "proposal", "", in_=ready.square)
    assert suggested == [("#1 Mend the well", "1")]
    panel = await private(ann.press(listed, "#1"))
    form = await pressed(ann, panel, "Edit")
    edited = await private(form.submit(title="Mend both wells", body="Both are dry."))
    assert "version 2" in edited.text
    up = await private(ann.press(edited, "Submit"))
    assert "#1 Mend both wells is up" in up.text
    (card,) = ready.owner.read(ready.proposals)
    thread = ready.thread(card)
    await ann.sees(thread, "Both are dry.")
    assert "It is dry." not in visible(ann, thread)
    await ready.wait_for_voting(card)
    refusal = await private(ann.press(edited, "Submit"))
    assert "no draft any more" in refusal.text
    empty = await private(ann.command("proposal drafts", in_=ready.square))
    assert "no draft proposals" in empty.text


async def test_the_draft_of_another_is_invisible_and_untouchable(ready: Moot) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")
    panel = await saved(ready, ann, "A secret well")
    for person in (bea, ready.owner):
        for command in ("proposal drafts", "proposal list"):
            which = {"which": "All"} if command == "proposal list" else {}
            listed = await private(person.command(command, in_=ready.square, **which))
            assert "secret" not in listed.text
        assert await person.suggest("proposal show", "proposal", "", in_=ready.square) == []
        assert await person.suggest("proposal cancel", "proposal", "", in_=ready.square) == []
        for named in ("1", "A secret well"):
            for command in ("proposal show", "proposal edit", "proposal cancel", "proposal export"):
                refusal = await private(person.command(command, in_=ready.square, proposal=named))
                assert "no single proposal" in refusal.text
        for verb in (
            "draft:1",
            "edit-draft:1",
            "ask:1:0",
            "share:1",
            "submit:1",
            "discard:1",
            "sponsor:1:1",
            "mine:1",
            "again-edit:1:1",
        ):
            refusal = await private(person.press_custom_id(panel, f"fm1:{verb}"))
            assert "no such proposal" in refusal.text or "isn't in this message" in refusal.text
    assert "Mend" not in visible(ready.owner, ready.proposals)
    shown = await private(ann.command("proposal show", in_=ready.square, proposal="1"))
    assert "Submit" in shown.buttons


async def test_only_its_author_goes_on_with_a_shared_draft(ready: Moot) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")
    panel = await saved(ready, ann)
    await private(ann.press(panel, "Share for comments"))
    for verb in ("draft:1", "edit-draft:1", "ask:1:0", "share:1", "submit:1", "discard:1"):
        refusal = await private(bea.press_custom_id(panel, f"fm1:{verb}"))
        assert "Only its author" in refusal.text


async def test_a_draft_is_shared_for_comments_and_then_submitted(ready: Moot) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")
    panel = await saved(ready, ann)
    shared = await private(ann.press(panel, "Share for comments"))
    assert "is shared" in shared.text
    again = await private(ann.press(panel, "Share for comments"))
    assert "shared already" in again.text
    card = await bea.sees(ready.proposals, "Draft")
    thread = ready.thread(card)
    await bea.sees(thread, "It is dry.")
    await bea.say(thread, "Which well?")
    listed = await private(bea.command("proposal drafts", in_=ready.square))
    assert "Mend the well" in listed.text
    assert listed.buttons == []
    form = await ann.command("proposal edit", in_=ready.square, proposal="1")
    assert isinstance(form, Form)
    edited = await private(form.submit(body="The old one is dry."))
    assert edited.buttons == ["Edit", "Submit", "Discard"]
    await bea.sees(thread, "The old one is dry.")
    ready.clock.advance(9 * DAY)
    await private(ann.press(edited, "Submit"))
    await bea.sees(ready.proposals, "Pending")
    assert len(ready.owner.read(ready.proposals)) == 1
    await ready.wait_for_voting(card)


async def test_the_questions_of_a_type_are_asked_in_a_second_form(ready: Moot) -> None:
    await typed(ready, "Budget", "What does it cost\nWho pays?")
    ann = ready.member("Ann")
    answer = await ready.propose(ann, type="Budget")
    assert "Only you see it" in answer.text
    assert "Still to answer: What does it cost" in answer.text
    form = await pressed(ann, answer, "Answer the questions")
    assert [field.label for field in form.fields] == ["What does it cost", "Who pays"]
    assert [field.required for field in form.fields] == [True, False]
    up = await private(form.submit({"What does it cost": "40 crowns"}))
    assert "is up" in up.text
    (card,) = ready.owner.read(ready.proposals)
    await ann.sees(ready.thread(card), "40 crowns")
    shown = await private(ann.command("proposal show", in_=ready.square, proposal="1"))
    assert "40 crowns" in shown.text


async def test_refused_answers_are_kept(ready: Moot) -> None:
    await typed(ready, "Budget", "What does it cost\nWho pays?")
    ann = ready.member("Ann")
    answer = await ready.propose(ann, type="Budget")
    form = await pressed(ann, answer, "Answer the questions")
    refusal = await private(form.submit({"What does it cost": " ", "Who pays": "We"}, tamper=True))
    assert "not answered yet" in refusal.text
    await ready.stop()
    await ready.start()
    again = await pressed(ann, refusal, "Edit again")
    assert again.field("Who pays").value == "We"
    up = await private(again.submit({"What does it cost": "40 crowns"}))
    assert "is up" in up.text


async def test_answers_stay_when_submitting_is_refused(ready: Moot) -> None:
    await typed(ready, "Budget", "What does it cost", max_open=1)
    ann = ready.member("Ann")
    first, second = [await ready.propose(ann, type="Budget") for _ in "12"]
    forms = [await pressed(ann, each, "Answer the questions") for each in (first, second)]
    await private(forms[0].submit({"What does it cost": "40 crowns"}))
    refusal = await private(forms[1].submit({"What does it cost": "50 crowns"}))
    assert "1 open proposal" in refusal.text
    assert "answers are saved" in refusal.text
    form = await pressed(ann, refusal, "Questions")
    assert form.field("What does it cost").value == "50 crowns"
    saved_again = await private(form.submit({"What does it cost": "60 crowns"}))
    assert "answers are saved" in saved_again.text
    assert "Submit" in saved_again.buttons


async def test_a_draft_without_its_answers_cant_be_submitted(ready: Moot) -> None:
    await typed(ready, "Budget", "What does it cost")
    ann = ready.member("Ann")
    panel = await saved(ready, ann, type="Budget")
    assert "Questions" in panel.buttons
    refusal = await private(ann.press(panel, "Submit"))
    assert "“What does it cost” is not answered" in refusal.text


async def test_sponsors_start_the_discussion(ready: Moot) -> None:
    await typed(ready, "Bylaw", sponsors=2)
    ann, bea, cid = (ready.member(name) for name in ("Ann", "Bea", "Cid"))
    answer = await ready.propose(ann, type="Bylaw")
    assert "waits for 2 more sponsors" in answer.text
    card = await bea.sees(ready.proposals, "Mend the well")
    assert "Sponsor" in card.buttons
    ready.clock.advance(DAY)
    refusal = await private(ann.press(card, "Sponsor"))
    assert "your own proposal" in refusal.text
    said = await private(bea.press(card, "Sponsor"))
    assert "You sponsor #1 Mend the well: 1 of 2 sponsors" in said.text
    assert "already" in (await private(bea.press(card, "Sponsor"))).text
    last = await private(cid.press(card, "Sponsor"))
    assert "its discussion has begun" in last.text
    thread = ready.thread(card)
    await ann.sees(ready.proposals, "Pending")
    await ann.sees(thread, "voting starts")
    assert "Sponsor" not in card.buttons
    late = ready.member("Dan")
    refusal = await private(late.press_custom_id(card, "fm1:sponsor:1:1"))
    assert "needs no sponsors" in refusal.text
    await ready.wait_for_voting(card)
    assert thread.name == "#1 Mend the well"


async def test_an_edit_after_co_signing_asks_the_sponsors_again(ready: Moot) -> None:
    await typed(ready, "Bylaw", "What does it cost?", sponsors=2)
    ann, bea, cid = (ready.member(name) for name in ("Ann", "Bea", "Cid"))
    panel = await saved(ready, ann, type="Bylaw")
    answer = await private(ann.press(panel, "Submit"))
    assert "waits for 2 more sponsors" in answer.text
    card = await bea.sees(ready.proposals, "Mend the well")
    await private(bea.press(card, "Sponsor"))
    form = await ann.command("proposal edit", in_=ready.square, proposal="1")
    assert isinstance(form, Form)
    edited = await private(form.submit(body="It is very dry."))
    assert "sponsor it again" in edited.text
    assert "0 of 2 sponsors" in edited.text
    await cid.sees(ready.proposals, "It is very dry.")
    said = await private(cid.press(card, "Sponsor"))
    assert "1 of 2 sponsors" in said.text
    await cid.sees(ready.proposals, "1 of 2 sponsors")
    form = await pressed(ann, edited, "Questions")
    answered = await private(form.submit({"What does it cost": "40 crowns"}))
    assert "0 of 2 sponsors" in answered.text
    await bea.sees(ready.thread(card), "40 crowns")
    await bea.sees(ready.proposals, "0 of 2 sponsors")
    for person in (bea, cid):
        last = await private(person.press(card, "Sponsor"))
    assert "its discussion has begun" in last.text


async def test_a_press_that_arrives_after_an_edit_sponsors_nothing(ready: Moot) -> None:
    await typed(ready, "Bylaw", sponsors=1)
    ann, bea = ready.member("Ann"), ready.member("Bea")
    await ready.propose(ann, type="Bylaw")
    card = await bea.sees(ready.proposals, "Mend the well")
    form = await ann.command("proposal edit", in_=ready.square, proposal="1")
    assert isinstance(form, Form)
    await private(form.submit(body="All power to me."))
    refusal = await private(bea.press_custom_id(card, "fm1:sponsor:1:1"))
    assert "edited meanwhile (version 2)" in refusal.text
    await bea.sees(ready.proposals, "All power to me.")
    said = await private(bea.press(card, "Sponsor"))
    assert "its discussion has begun" in said.text


async def test_only_who_may_vote_sponsors(ready: Moot) -> None:
    voter = ready.server.add_role("Voter")
    await typed(ready, "Bylaw", sponsors=1, voting_role=voter)
    ann, bea = ready.member("Ann"), ready.member("Bea")
    await ready.propose(ann, type="Bylaw")
    card = await bea.sees(ready.proposals, "Mend the well")
    refusal = await private(bea.press(card, "Sponsor"))
    assert f"<@&{voter.id}>" in refusal.text


async def test_a_draft_whose_type_was_removed_keeps_its_text(ready: Moot) -> None:
    await typed(ready, "Budget", "What does it cost")
    ann = ready.member("Ann")
    panel = await saved(ready, ann, type="Budget")
    await private(ready.owner.command("type remove", in_=ready.square, type="Budget"))
    refusal = await private(ann.press(panel, "Submit"))
    assert "no type “Budget”" in refusal.text
    refusal = await private(ann.press(panel, "Questions"))
    assert "was removed" in refusal.text
    form = await pressed(ann, panel, "Edit")
    edited = await private(form.submit(body="It is very dry."))
    assert "was removed" in edited.text
    await typed(ready, "Budget")
    assert "is up" in (await private(ann.press(panel, "Submit"))).text


async def test_a_draft_goes_by_the_rules_of_the_moment_it_is_submitted(ready: Moot) -> None:
    await ready.type("Bylaw")
    ann = ready.member("Ann")
    panel = await saved(ready, ann, type="Bylaw")
    await private(
        ready.owner.command("type voting", in_=ready.square, type="Bylaw", system="Single choice")
    )
    refusal = await private(ann.press(panel, "Submit"))
    assert "needs choices" in refusal.text
    form = await pressed(ann, panel, "Edit")
    edited = await private(form.submit(choices="Dig\nDon't dig"))
    assert "is up" in (await private(ann.press(edited, "Submit"))).text


@pytest.mark.parametrize("shared", [False, True])
async def test_a_draft_is_discarded(ready: Moot, shared: bool) -> None:
    ann = ready.member("Ann")
    panel = await saved(ready, ann)
    if shared:
        await private(ann.press(panel, "Share for comments"))
        await ready.owner.sees(ready.proposals, "Draft")
    form = await pressed(ann, panel, "Discard")
    assert "#1 Mend the well" in form.title
    answer = await private(form.submit(reason="It rained.") if shared else form.submit())
    assert ("is canceled" if shared else "is discarded") in answer.text
    refusal = await private(ann.press(panel, "Submit"))
    assert "no draft any more" in refusal.text
    if shared:
        await ready.owner.sees(ready.proposals, "Canceled")
    else:
        assert not ready.owner.read(ready.proposals)
    assert not ready.owner.read(ready.results)


async def test_a_draft_that_cant_be_posted_stays_a_draft(ready: Moot) -> None:
    ann = ready.member("Ann")
    panel = await saved(ready, ann)
    ready.server.delete_channel(ready.proposals)
    for button in ("Share for comments", "Submit"):
        refusal = await private(ann.press(panel, button))
        assert "proposals channel doesn't exist" in refusal.text
    listed = await private(ann.command("proposal drafts", in_=ready.square))
    assert "Mend the well" in listed.text
