"""Making, editing and canceling a proposal; looking at proposals."""

import pytest

from sandbox.discord import Form, Message, NotOffered
from tests.moot import Moot, private, visible


async def test_nobody_can_propose_before_the_server_is_set_up(moot: Moot) -> None:
    answer = await private(moot.member("Ann").command("propose", in_=moot.square))
    assert "/setup" in answer.text


async def test_a_proposal_becomes_a_card_and_a_thread_with_its_whole_text(ready: Moot) -> None:
    ann = ready.member("Ann")
    body = "\n\n".join(f"Paragraph {n}: " + "word " * 90 for n in range(8))[:4000].strip()
    card = await ready.proposed(ann, body=body, link="https://example.org/well")
    assert "#1 Mend the well" in card.text
    assert f"by <@{ann.id}>" in card.text
    assert "Pending" in card.text
    assert "Paragraph 0" in card.text
    assert "Paragraph 7" not in card.text
    assert card.buttons == []
    thread = ready.thread(card)
    assert thread.name == "#1 Mend the well"
    await ann.sees(thread, "https://example.org/well")
    posts = ann.read(thread)
    assert len(posts) > 1
    assert " ".join(body.split()) in " ".join(" ".join(p.text for p in posts).split())


async def test_the_announcement_is_a_plain_message_first(ready: Moot) -> None:
    card = await ready.proposed(ready.member("Ann"))
    path = f"/channels/{ready.proposals.id}/messages"
    (announced,) = (r for r in ready.discord.requests if r.method == "POST" and r.path == path)
    assert announced.form["content"].startswith("📣 Proposal #1 Mend the well")
    assert card.raw["flags"] & 1 << 15


@pytest.mark.parametrize(
    ("title", "body", "link", "sentence"),
    [
        ("", "It is dry.", "", "title is empty"),
        (" \u200b ", "It is dry.", "", "title is empty"),
        ("T" * 101, "It is dry.", "", "title has 101 characters"),
        ("Mend the well", " ", "", "text is empty"),
        ("Mend the well", "b" * 4001, "", "text has 4,001 characters"),
        ("Mend the well", "It is dry.", "javascript:alert(1)", "isn't a web address"),
        ("Mend the well", "It is dry.", "https://bank.com@evil.com/", "disguises"),
    ],
)
async def test_a_refused_form_says_why_and_keeps_its_text(
    ready: Moot, title: str, body: str, link: str, sentence: str
) -> None:
    ann = ready.member("Ann")
    form = await ann.command("propose", in_=ready.square)
    assert isinstance(form, Form)
    refusal = await private(form.submit(title=title, body=body, link=link, tamper=True))
    assert sentence in refusal.text
    again = await ann.press(refusal, "Edit again")
    assert isinstance(again, Form)
    kept = {field.custom_id: field.value for field in again.fields}
    assert kept["body"].strip() == body[:4000].strip()
    assert kept["link"] == link
    mended = await private(again.submit(title="Mend the well", body="It is dry.", link=""))
    assert "is up" in mended.text
    assert ready.thread(await ready.owner.sees(ready.proposals, "Mend the well"))


async def test_only_who_may_propose_can(moot: Moot) -> None:
    elder = moot.server.add_role("Elder")
    await moot.setup(proposing_role=elder)
    ann, bea = moot.member("Ann"), moot.member("Bea", roles=[elder])
    refusal = await private(ann.command("propose", in_=moot.square))
    assert f"<@&{elder.id}>" in refusal.text
    form = await bea.command("propose", in_=moot.square)
    assert isinstance(form, Form)
    bea.remove_role(elder)
    refusal = await private(form.submit(title="Mend the well", body="It is dry."))
    assert f"<@&{elder.id}>" in refusal.text
    assert "It is dry." in refusal.text


async def test_markdown_in_a_proposal_pings_nobody_and_hides_no_link(ready: Moot) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")
    guards = ready.server.add_role("Guards", mentionable=True)
    lure = f"@everyone @here <@{bea.id}> <@&{guards.id}> [bank](https://evil.example) **now**"
    card = await ready.opened(ann, title=lure[:100], body=lure)
    await private(
        bea.command("vote", in_=ready.square, proposal="1", choice="For", reason=lure[:200])
    )
    result = await ready.wait_for_deadline()
    thread = ready.thread(card)
    everything = [*bea.read(ready.proposals), *bea.read(thread), result]
    assert len(everything) >= 5
    for message in everything:
        assert not message.pings, message.text
        assert "](" not in message.text.replace("\\]\\(", ""), message.text


async def test_the_author_edits_until_voting_starts_and_every_version_is_kept(ready: Moot) -> None:
    ann = ready.member("Ann")
    card = await ready.proposed(ann, body="It is dry.")
    form = await ann.command("proposal edit", in_=ready.square, proposal="1")
    assert isinstance(form, Form)
    assert form.field("body").value == "It is dry."
    answer = await private(form.submit(title="Mend both wells", body="Both are dry."))
    assert "version 2" in answer.text
    thread = ready.thread(card)
    await ann.sees(thread, "Both are dry.")
    assert "It is dry." in visible(ann, thread)
    await ann.sees(ready.proposals, "Mend both wells")
    late = await ann.command("proposal edit", in_=ready.square, proposal="1")
    assert isinstance(late, Form)
    await ready.wait_for_voting(card)
    refusal = await private(late.submit(title="Mend no well", body="Too late."))
    assert "can't be edited any more" in refusal.text
    assert "Too late." in refusal.text
    assert "Mend both wells" in card.text


async def test_an_edit_of_an_older_version_is_refused_with_its_text(ready: Moot) -> None:
    ann = ready.member("Ann")
    await ready.proposed(ann)
    forms = [await ann.command("proposal edit", in_=ready.square, proposal="1") for _ in "12"]
    first, second = (form for form in forms if isinstance(form, Form))
    await private(first.submit(body="First."))
    refusal = await private(second.submit(body="Second."))
    assert "edited meanwhile" in refusal.text
    assert "Second." in refusal.text


async def test_nobody_else_edits_a_proposal(ready: Moot) -> None:
    await ready.proposed(ready.member("Ann"))
    for other in (ready.member("Bea"), ready.owner):
        refusal = await private(other.command("proposal edit", in_=ready.square, proposal="1"))
        assert "Only its author" in refusal.text


async def test_the_author_cancels_with_a_public_reason(ready: Moot) -> None:
    ann = ready.member("Ann")
    card = await ready.proposed(ann)
    form = await ann.command("proposal cancel", in_=ready.square, proposal="1")
    assert isinstance(form, Form)
    assert "#1 Mend the well" in form.title
    refusal = await private(form.submit(reason=" ", tamper=True))
    assert "reason is empty" in refusal.text
    answer = await private(form.submit(reason="It rained."))
    assert "is canceled" in answer.text
    for place in (ready.results, ready.thread(card)):
        assert "It rained." in (await ready.member("Bea").sees(place, "canceled")).text
    await ann.sees(ready.proposals, "Canceled")
    assert "It rained." in card.text


async def test_once_voting_started_only_moderators_cancel(ready: Moot) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")
    card = await ready.opened(ann)
    for person in (ann, bea):
        refusal = await private(person.command("proposal cancel", in_=ready.square, proposal="1"))
        assert "only a moderator can cancel it now" in refusal.text
    form = await ready.owner.command("proposal cancel", in_=ready.square, proposal="1")
    assert isinstance(form, Form)
    await private(form.submit(reason="Asked by the council."))
    await ann.sees(ready.proposals, "Canceled")
    refusal = await private(bea.press_custom_id(card, "fm1:vote:1:1"))
    assert "canceled" in refusal.text
    refusal = await private(form.submit(reason="Again."))
    assert "canceled already" in refusal.text


async def test_proposals_are_found_by_what_is_typed(ready: Moot) -> None:
    ann = ready.member("Ann")
    for title in ("Mend the well", "Äpfel für alle", "100 % more_wells"):
        await ready.proposed(ann, title)
    names = [
        name for name, _ in await ann.suggest("proposal show", "proposal", "", in_=ready.square)
    ]
    assert names == ["#3 100 % more_wells", "#2 Äpfel für alle", "#1 Mend the well"]
    for typed, found in (("äPFEL", "#2"), ("% m", "#3"), ("_", "#3"), ("2", "#2"), ("wELL", "#3")):
        suggestions = await ann.suggest("proposal show", "proposal", typed, in_=ready.square)
        assert suggestions[0][0].startswith(found)
    assert await ann.suggest("vote", "proposal", "", in_=ready.square, choice="For") == []
    assert await ready.owner.suggest("proposal edit", "proposal", "", in_=ready.square) == []
    for typed in ("#2", "2", "Äpfel für alle", "#2 Äpfel für alle"):
        shown = await private(ann.command("proposal show", in_=ready.square, proposal=typed))
        assert "Äpfel für alle" in shown.text


@pytest.mark.parametrize("typed", ["99", "no such title", "#", "9" * 30, "\u0660"])
async def test_an_unknown_proposal_gets_a_sentence(ready: Moot, typed: str) -> None:
    ann = ready.member("Ann")
    for command, more in (("proposal show", {}), ("vote", {"choice": "For"})):
        answer = await private(ann.command(command, in_=ready.square, proposal=typed, **more))
        assert "no single proposal" in answer.text


async def test_show_has_the_whole_text_and_the_buttons(ready: Moot) -> None:
    ann = ready.member("Ann")
    await ready.opened(ann, body="word " * 700)
    shown = await private(ann.command("proposal show", in_=ready.square, proposal="1"))
    assert "word " * 699 in shown.text
    assert shown.buttons == ["For", "Against", "Abstain"]
    await private(ann.press(shown, "For"))


async def test_lists_are_paged(ready: Moot) -> None:
    ann = ready.member("Ann")
    empty = await private(ann.command("proposal list", in_=ready.square))
    assert "no open proposals" in empty.text
    for number in range(12):
        await ready.proposed(ann, f"Well {number}")
    first = await private(ann.command("proposal list", in_=ready.square))
    assert "Well 11" in first.text
    assert "Well 1 " not in first.text
    assert first.buttons == ["Older"]
    second = await private(ann.press(first, "Older"))
    assert "Well 0" in second.text
    assert second.buttons == ["Newer"]
    closed = await private(ann.command("proposal list", in_=ready.square, which="Closed"))
    assert "no closed proposals" in closed.text


async def test_a_server_never_sees_anothers_proposals(ready: Moot) -> None:
    ann = ready.member("Ann")
    card = await ready.opened(ann)
    elsewhere = ready.discord.add_server("Elsewhere")
    yard = elsewhere.add_channel("yard")
    elsewhere.invite(ready.application, 0)
    stranger = elsewhere.join("Stranger")
    answer = await private(stranger.command("proposal list", in_=yard, which="All"))
    assert "no proposals" in answer.text
    shown = await stranger.command("proposal show", in_=yard, proposal="1")
    assert isinstance(shown, Message)
    assert "no single proposal" in shown.text
    for custom_id in ("fm1:vote:1:1", "fm1:mine:1"):
        refusal = await private(stranger.press_custom_id(shown, custom_id))
        assert "no such proposal in this server" in refusal.text
    assert "0 voters" in card.text


async def test_commands_are_not_offered_in_direct_messages(ready: Moot) -> None:
    ann = ready.member("Ann")
    for command in ("propose", "my-votes", "proposal list"):
        with pytest.raises(NotOffered):
            await ann.direct_command(command, of=ready.application)
        answer = await ann.direct_command(command, of=ready.application, tamper=True)
        assert isinstance(answer, Message)
        assert "in a server" in answer.text


async def test_a_button_with_the_verb_of_a_form_is_not_known(ready: Moot) -> None:
    ann = ready.member("Ann")
    card = await ready.opened(ann)
    for custom_id in ("fm1:propose:1:0", "fm1:edit:1:1", "fm1:cancel:1", "fm1:typed:1"):
        answer = await private(ann.press_custom_id(card, custom_id))
        assert "I don't know this button or form" in answer.text
