"""Casting, changing and looking at votes."""

import asyncio
from itertools import pairwise

import pytest

import cogs.cards
from sandbox.discord import Message
from tests.moot import DAY, Moot, private
from tests.survival import routes


async def test_a_receipt_says_what_was_counted_and_what_it_replaced(ready: Moot) -> None:
    ann = ready.member("Ann")
    card = await ready.opened(ann)
    first = await private(ann.press(card, "For"))
    assert "Counted on #1 Mend the well: **For**, with 1 vote" in first.text
    again = await private(ann.press(card, "For"))
    assert "stays **For**" in again.text
    changed = await private(
        ann.command("vote", in_=ready.square, proposal="1", choice="Abstain", reason="I moved.")
    )
    assert "from **For** to **Abstain**" in changed.text
    assert "> I moved." in changed.text
    await ann.sees(ready.proposals, "1 voter ")
    mine = await private(ann.press(card, "My vote"))
    assert "**Abstain**" in mine.text
    assert "I moved." in mine.text
    assert mine.buttons == ["For", "Against", "Abstain", "Recuse"]
    all_mine = await private(ann.command("my-votes", in_=ready.square))
    assert "#1 Mend the well · **Abstain**" in all_mine.text


async def test_the_card_follows_the_votes(moot: Moot) -> None:
    await moot.setup(quorum=3)
    people = [moot.member(name) for name in ("Ann", "Bea", "Cay", "Dan")]
    card = await moot.opened(people[0])
    assert card.buttons == ["For", "Against", "Abstain", "My vote"]
    for person, choice in zip(people, ("For", "For", "Against", "Abstain"), strict=True):
        await private(person.press(card, choice))
    shown = await people[0].sees(moot.proposals, "4 voters")
    assert "`For    ` ▰▰▰▰▰▱▱▱▱▱ **50 %** · 2" in shown.text
    assert "`Against` ▰▰▰▱▱▱▱▱▱▱ **25 %** · 1" in shown.text
    assert "quorum **reached**: 3 of 3" in shown.text


async def test_the_card_is_edited_one_at_a_time_and_not_more_often_than_discord_allows(
    ready: Moot,
) -> None:
    people = [ready.member(f"Voter {n}") for n in range(20)]
    card = await ready.opened(people[0])
    before = len(ready.edits(card))
    # The pause is one after each edit, however long that takes.
    with ready.discord.faults.delay(routes.EDIT, 0.4, times=None):
        for person in people:
            await private(person.press(card, "For"))
            await asyncio.sleep(0.1)
        await people[0].sees(ready.proposals, "20 voters", within=30)
    edits = ready.edits(card)[before:]
    assert 2 <= len(edits) < 20  # the slower the machine, the more of them
    for earlier, later in pairwise(edits):
        assert later.started - earlier.ended >= 1.0  # Discord allows five in five seconds


async def test_the_card_shows_at_once_that_quorum_is_reached(
    moot: Moot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cogs.cards, "PAUSE", 5.0)
    await moot.setup(quorum=2)
    ann, bea = moot.member("Ann"), moot.member("Bea")
    card = await moot.opened(ann)
    await private(ann.press(card, "For"))
    await ann.sees(moot.proposals, "not reached yet**: 1 of 2")
    await private(bea.press(card, "For"))
    await ann.sees(moot.proposals, "quorum **reached**", within=2.5)


async def test_a_pending_proposal_takes_no_votes(ready: Moot) -> None:
    ann = ready.member("Ann")
    card = await ready.proposed(ann)
    for action in (
        ann.command("vote", in_=ready.square, proposal="1", choice="For"),
        ann.press_custom_id(card, "fm1:vote:1:1"),
    ):
        refusal = await private(action)
        assert "starts <t:" in refusal.text


async def test_a_ballot_after_the_deadline_is_refused_and_not_counted(ready: Moot) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")
    card = await ready.opened(ann)
    await private(ann.press(card, "For"))
    ready.clock.advance(3 * DAY)
    refusal = await private(bea.press_custom_id(card, "fm1:vote:1:2"))
    assert "ended <t:" in refusal.text
    result = await ready.wait_for_deadline()
    assert "1 voter " in result.text


async def test_who_joined_after_voting_started_is_told_why_not(ready: Moot) -> None:
    card = await ready.opened(ready.member("Ann"))
    late = ready.member("Late")
    refusal = await private(late.press(card, "For"))
    assert "joined after voting" in refusal.text
    assert "vote on proposals that open from now on" in refusal.text
    assert "0 voters" in card.text


async def test_only_the_voting_role_votes_and_as_soon_as_one_has_it(moot: Moot) -> None:
    citizen = moot.server.add_role("Citizen")
    await moot.setup(voting_role=citizen)
    ann = moot.member("Ann")
    card = await moot.opened(ann)
    refusal = await private(ann.press(card, "For"))
    assert f"<@&{citizen.id}>" in refusal.text
    assert "Ask a moderator" in refusal.text
    ann.add_role(citizen)
    receipt = await private(ann.press(card, "For"))
    assert "Counted" in receipt.text


async def test_a_change_of_settings_never_touches_an_open_vote(moot: Moot) -> None:
    await moot.setup(quorum=1)
    ann = moot.member("Ann")
    card = await moot.opened(ann)
    await moot.setup(quorum=100, voting_role=moot.server.add_role("Citizen"), voting_period="9d")
    await private(ann.press(card, "For"))
    result = await moot.wait_for_deadline()
    assert "succeeded" in result.text


async def test_a_double_press_is_one_vote(ready: Moot) -> None:
    ann = ready.member("Ann")
    card = await ready.opened(ann)
    answers = await asyncio.gather(*(private(ann.press(card, "For")) for _ in range(5)))
    assert sum("Counted" in answer.text for answer in answers) == 1
    assert sum("stays" in answer.text for answer in answers) == 4
    await ann.sees(ready.proposals, "1 voter ")


async def test_of_two_choices_at_the_same_moment_the_last_to_arrive_counts(ready: Moot) -> None:
    ann = ready.member("Ann")
    card = await ready.opened(ann)
    await asyncio.gather(*(private(ann.press(card, c)) for c in ("For", "Against", "Abstain")))
    mine = await private(ann.press(card, "My vote"))
    receipts = [m.text for m in ann.read(ready.proposals) if m.text.startswith("☑️")]
    assert len(receipts) == 3
    counted = next(c for c in ("For", "Against", "Abstain") if f"**{c}**, with" in mine.text)
    assert any(f"to **{counted}**" in text for text in receipts)
    result = await ready.wait_for_deadline()
    assert "1 voter " in result.text


@pytest.mark.parametrize(
    ("custom_id", "sentence"),
    [
        ("fm1:vote:1:4", "There is no choice 4 here. Choose from: 1 For, 2 Against, 3 Abstain."),
        ("fm1:confirm:1", "isn't in this message any more"),
        ("fm1:pick:1:0", "isn't in this message any more"),
        ("fm1:amount:1:1", "isn't in this message any more"),
        ("fm1:type:1", "isn't in this message any more"),
        ("fm1:recuse:2", "no such proposal"),
        ("fm1:vote:2:1", "no such proposal"),
        ("fm1:vote:999999999999999:1", "no such proposal"),
        ("fm1:vote:9999999999999999999:1", "don't know this button"),
        ("fm1:vote:1", "don't know this button"),
        ("fm1:vote:1:1:1", "don't know this button"),
        ("fm1:vote:-1:1", "don't know this button"),
        ("fm1:vote:1:٣", "don't know this button"),
        ("fm9:vote:1:1", "don't know this button"),
        ("'; DROP TABLE ballots; --", "don't know this button"),
        ("fm1:list:999999999999999:7", "no"),
        ("fm1:mine-page:999999999999999", "no more votes"),
        ("fm1:again-propose:1:0", "isn't in this message"),
    ],
)
async def test_a_tampered_button_gets_a_sentence_and_changes_nothing(
    ready: Moot, custom_id: str, sentence: str
) -> None:
    ann = ready.member("Ann")
    card = await ready.opened(ann)
    refusal = await private(ann.press_custom_id(card, custom_id))
    assert sentence in refusal.text
    assert "Something went wrong" not in refusal.text
    result = await ready.wait_for_deadline()
    assert "0 voters" in result.text


async def test_a_reason_that_is_too_long_counts_no_vote(ready: Moot) -> None:
    ann = ready.member("Ann")
    card = await ready.opened(ann)
    refusal = await ann.command(
        "vote", in_=ready.square, proposal="1", choice="For", reason="x" * 501, tamper=True
    )
    assert isinstance(refusal, Message)
    assert refusal.ephemeral
    mine = await private(ann.press(card, "My vote"))
    assert "haven't voted" in mine.text


async def test_nobody_sees_anothers_receipt(ready: Moot) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")
    card = await ready.opened(ann)
    await private(ann.press(card, "Against"))
    assert not any("Counted" in message.text for message in bea.read(ready.proposals))


async def test_my_votes_are_paged(ready: Moot) -> None:
    ann = ready.member("Ann")
    none = await private(ann.command("my-votes", in_=ready.square))
    assert "haven't voted" in none.text
    cards = [await ready.proposed(ann, f"Well {n}") for n in range(11)]
    ready.clock.advance(DAY)
    await asyncio.gather(*(ann.sees(ready.thread(card), "is open until") for card in cards))
    for number in range(11):
        await private(ann.command("vote", in_=ready.square, proposal=str(number + 1), choice="For"))
    first = await private(ann.command("my-votes", in_=ready.square))
    assert first.text.count("**For**") == 10
    second = await private(ann.press(first, "Older"))
    assert "#1 Well 0" in second.text
