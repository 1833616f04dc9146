"""Casting the ballots of every voting system: by button, panel, form and line."""

import asyncio
import re

import pytest

from sandbox.discord import Form
from tests.decisions.balloting import TREES, menu, opened, panel_of, pending, typed, vote
from tests.moot import Moot, private

# Each system


async def test_a_few_choices_are_buttons_on_the_card(ready: Moot) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")
    card = await opened(ready, ann, "single_choice")
    assert card.buttons == [*TREES, "My vote"]
    receipt = await private(ann.press(card, "Elm"))
    assert "Counted on #1 Plant a tree: **Elm**, with 1 vote" in receipt.text
    assert "from **Elm** to **Oak**" in (await private(ann.press(card, "Oak"))).text
    assert "Counted on #1 Plant a tree: **Oak**" in await vote(ready, bea, "oak")
    result = await ready.wait_for_deadline()
    assert "succeeded: **Oak** wins." in result.text


async def test_many_choices_are_menus_in_a_private_panel(ready: Moot) -> None:
    ann = ready.member("Ann")
    names = tuple(f"Tree {n}" for n in range(1, 41))
    card = await opened(ready, ann, "single_choice", names)
    assert card.buttons == ["Vote", "My vote"]
    panel = await panel_of(ann, card)
    assert list(panel.menus) == ["Choose (1 to 25)", "Choose (26 to 40)"]
    refused = await private(ann.press(panel, "Confirm"))
    assert "There is no such choice here" in refused.text
    await ann.choose(panel, menu(panel, 1), ["33 Tree 33"])
    assert "Tree 33" in panel.text
    receipt = await private(ann.press(panel, "Confirm"))
    assert receipt.id == panel.id
    assert "Counted on #1 Plant a tree: **Tree 33**" in receipt.text
    assert not receipt.buttons
    again = await panel_of(ann, card)
    assert "`33`" in again.text
    assert "**Tree 33** wins" in (await ready.wait_for_deadline()).text


async def test_approval_is_ticked(ready: Moot) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")
    card = await opened(ready, ann, "approval", winners=2)
    panel = await panel_of(ann, card)
    await ann.choose(panel, menu(panel), ["1 Oak", "3 Ash"])
    receipt = await private(ann.press(panel, "Confirm"))
    assert "**Oak and Ash**" in receipt.text
    panel = await panel_of(ann, card)
    assert "`1, 3`" in panel.text
    await ann.choose(panel, menu(panel), [])
    receipt = await private(ann.press(panel, "Confirm"))
    assert "from **Oak and Ash** to **nothing (counted for turnout only)**" in receipt.text
    await vote(ready, ann, "oak, ash")
    await vote(ready, bea, "3, 1")
    await ann.sees(ready.proposals, "▰▰▰▰▰▰▰▰▰▰ **100 %** · 2 · **1** Oak")
    assert "**Oak** and **Ash** win" in (await ready.wait_for_deadline()).text


async def test_approval_over_two_menus_keeps_what_the_other_holds(ready: Moot) -> None:
    ann = ready.member("Ann")
    card = await opened(ready, ann, "approval", tuple(f"Tree {n}" for n in range(1, 51)))
    panel = await panel_of(ann, card)
    await ann.choose(panel, menu(panel), ["2 Tree 2"])
    await ann.choose(panel, menu(panel, 1), ["40 Tree 40", "50 Tree 50"])
    await ann.choose(panel, menu(panel), ["3 Tree 3"])
    receipt = await private(ann.press(panel, "Confirm"))
    assert "**Tree 3, Tree 40 and Tree 50**" in receipt.text


async def test_a_ranking_grows_step_by_step(ready: Moot) -> None:
    ann, bea, cay = (ready.member(name) for name in ("Ann", "Bea", "Cay"))
    card = await opened(ready, ann, "ranked_choice")
    thread = "\n".join(m.text for m in ann.read(ready.thread(card)))
    assert re.search(r"seed `[0-9a-f]{64}`", thread)
    panel = await panel_of(ann, card)
    assert list(panel.menus) == ["Your 1st choice"]
    await ann.choose(panel, "Your 1st choice", ["2 Elm"])
    await ann.choose(panel, "Your 2nd choice", ["4 Bay"])
    await ann.press(panel, "Undo")
    await ann.choose(panel, "Your 2nd choice", ["1 Oak"])
    assert "`2>1`\n1. Elm\n2. Oak" in panel.text
    assert panel.menus == {"Your 3rd choice": ["3 Ash", "4 Bay"]}
    receipt = await private(ann.press(panel, "Confirm"))
    assert "Counted on #1 Plant a tree: **1. Elm, 2. Oak**" in receipt.text
    changed = await typed(ann, await panel_of(ann, card), ballot="2 > oak > 3")
    assert "from **1. Elm, 2. Oak** to **1. Elm, 2. Oak, 3. Ash**" in changed.text
    assert "1. Oak" in await vote(ready, bea, "1")
    assert "1. Elm" in await vote(ready, cay, "elm>1")
    assert "counted at the close" in (await ann.sees(ready.proposals, "3 voters")).text
    result = await ready.wait_for_deadline()
    assert "**Elm** wins" in result.text
    assert "Round 1: Elm 2, Oak 1" in result.text


async def test_equals_are_typed(ready: Moot) -> None:
    ann = ready.member("Ann")
    card = await opened(ready, ann, "condorcet")
    panel = await panel_of(ann, card)
    await ann.choose(panel, "Your 1st choice", ["2 Elm"])
    receipt = await typed(ann, panel, ballot="2>1=3")
    assert "**1. Elm, 2. Oak and Ash**" in receipt.text
    panel = await panel_of(ann, card)
    assert panel.menus == {"Your 3rd choice": ["4 Bay"]}
    assert "Elm against" in (await ready.wait_for_deadline()).text


async def test_copeland_asks_for_all(ready: Moot) -> None:
    ann = ready.member("Ann")
    card = await opened(ready, ann, "copeland", TREES[:3])
    panel = await panel_of(ann, card)
    await ann.choose(panel, "Your 1st choice", ["2 Elm"])
    assert "2 left to rank" in panel.text
    refused = await private(ann.press(panel, "Confirm"))
    assert "lacks 1 Oak and 3 Ash" in refused.text
    await ann.choose(panel, "Your 2nd choice", ["3 Ash"])
    await ann.choose(panel, "Your 3rd choice", ["1 Oak"])
    receipt = await private(ann.press(panel, "Confirm"))
    assert "**1. Elm, 2. Ash, 3. Oak**" in receipt.text
    assert "**Elm** wins" in (await ready.wait_for_deadline()).text


@pytest.mark.parametrize("system", ["weighted", "quadratic_funding"])
async def test_weights_are_given_one_by_one_or_in_a_form(ready: Moot, system: str) -> None:
    ann = ready.member("Ann")
    card = await opened(ready, ann, system)
    panel = await panel_of(ann, card)
    await ann.choose(panel, "To which choice?", ["1 Oak"])
    await ann.choose(panel, "How much for 1 Oak?", ["3"])
    await ann.choose(panel, "To which choice?", ["2 Elm"])
    await ann.choose(panel, "How much for 2 Elm?", ["1"])
    assert "Oak: 3 (75 %)\nElm: 1 (25 %)" in panel.text
    receipt = await private(ann.press(panel, "Confirm"))
    assert "**Oak 3, Elm 1**" in receipt.text
    form = await ann.press(await panel_of(ann, card), "Type it")
    assert isinstance(form, Form)
    assert [field.value for field in form.fields][:4] == ["3", "1", "", ""]
    changed = await private(form.submit({"2": "", "3": "1", "reason": "Ash is fine."}))
    assert "from **Oak 3, Elm 1** to **Oak 3, Ash 1**" in changed.text
    assert "> Ash is fine." in changed.text
    assert "**Oak 1, Bay 1**" in await vote(ready, ann, "oak:1 bay:1")
    refused = await vote(ready, ann, "1:999 2:2")
    assert "add up to 1,001" in refused
    assert "above 0" in await vote(ready, ann, "1:0")
    result = await ready.wait_for_deadline()
    assert "0.5 · **1** Oak" in result.text
    assert "a tie between Oak and Bay" in result.text


async def test_credits_are_counted_down(ready: Moot) -> None:
    ann = ready.member("Ann")
    card = await opened(ready, ann, "quadratic", credits=14)
    panel = await panel_of(ann, card)
    assert "14 of 14 credits left" in panel.text
    await ann.choose(panel, "To which choice?", ["4 Bay"])
    assert panel.menus["How much for 4 Bay?"][-1] == "3 votes · 9 credits"
    await ann.choose(panel, "How much for 4 Bay?", ["3 votes · 9 credits"])
    assert "5 of 14 credits left" in panel.text
    await ann.choose(panel, "To which choice?", ["1 Oak"])
    assert panel.menus["How much for 1 Oak?"][-1] == "2 votes · 4 credits"
    await ann.choose(panel, "How much for 1 Oak?", ["2 votes · 4 credits"])
    await ann.press(panel, "Undo")
    assert "`4:3`" in panel.text
    receipt = await private(ann.press(panel, "Confirm"))
    assert "**Bay 3**, for 9 of 14 credits" in receipt.text
    assert "cost 16 credits and you have 14" in await vote(ready, ann, "1:4")
    assert "give it 0 or more" in await vote(ready, ann, "1:-1")
    mine = await private(ann.press(card, "My vote"))
    assert "**Bay 3**" in mine.text
    assert mine.buttons == ["Vote", "Recuse"]
    assert "**Bay** wins" in (await ready.wait_for_deadline()).text


async def test_votes_against_a_choice_where_they_are_allowed(ready: Moot) -> None:
    ann = ready.member("Ann")
    card = await opened(ready, ann, "quadratic", credits=9, negative=True)
    panel = await panel_of(ann, card)
    await ann.choose(panel, "To which choice?", ["1 Oak"])
    await ann.choose(panel, "How much for 1 Oak?", ["-2 votes · 4 credits"])
    assert "**Oak -2**" in (await private(ann.press(panel, "Confirm"))).text
    await ann.sees(ready.proposals, "-2 · **1** Oak")


async def test_signers_sign_until_it_is_decided(ready: Moot) -> None:
    ann, bea, cay = (ready.member(name) for name in ("Ann", "Bea", "Cay"))
    card = await opened(
        ready, ann, "multisig", (), signers=f"{ann.mention} {bea.mention}", signatures=2
    )
    assert card.buttons == ["Approve", "Reject", "My vote"]
    assert "Only its signers" in (await private(cay.press(card, "Approve"))).text
    await private(ann.press(card, "Approve"))
    await ann.sees(ready.proposals, "**1 of 2** signatures needed")
    last = await private(bea.press(card, "Approve"))
    assert "With it the vote is decided" in last.text
    result = await ann.sees(ready.results, "succeeded")
    assert "enough signers approved" in result.text
    assert "decided early" in result.text


async def test_two_hundred_signers_have_a_card(ready: Moot) -> None:
    ann = ready.member("Ann")
    signers = " ".join(f"<@{10**17 + each}>" for each in range(200))
    await pending(ready, ann, "multisig", (), signers=signers, signatures=2)
    assert "and 180 more" in (await ready.owner.sees(ready.proposals, "Pending")).text


# Recusal and reasons


async def test_who_recuses_counts_for_turnout_only(moot: Moot) -> None:
    await moot.setup(quorum=1)
    ann, bea = moot.member("Ann"), moot.member("Bea")
    card = await opened(moot, ann, "ranked_choice")
    panel = await panel_of(ann, card)
    receipt = await private(ann.press(panel, "Recuse"))
    assert "recused (counted for turnout only)" in receipt.text
    await ann.sees(
        moot.proposals, "1 voter, 1 of them recused · quorum **not reached yet**: 0 of 1"
    )
    assert "Counted" in await vote(moot, bea, "Recuse")
    mine = await private(ann.press(card, "My vote"))
    assert "recused" in mine.text
    assert "all who voted recused themselves" in (await moot.wait_for_deadline()).text


async def test_recusal_can_be_switched_off(ready: Moot) -> None:
    ann = ready.member("Ann")
    card = await opened(ready, ann, "ranked_choice", recusal=False)
    assert "Recuse" not in (await panel_of(ann, card)).buttons
    refused = await private(ann.press_custom_id(card, "fm1:recuse:1"))
    assert "best first" in refused.text
    assert "best first" in await vote(ready, ann, "recuse")


async def test_a_reason_is_asked_for_before_the_vote(ready: Moot) -> None:
    ann = ready.member("Ann")
    card = await opened(ready, ann, "basic", (), reasons="against")
    assert "Counted" in (await private(ann.press(card, "For"))).text
    form = await ann.press(card, "Against")
    assert isinstance(form, Form)
    receipt = await private(form.submit(reason="Too dear."))
    assert "from **For** to **Against**" in receipt.text
    assert "> Too dear." in receipt.text
    refused = await private(ann.press_custom_id(card, "fm1:vote:1:2"))
    assert "asks for your reason" in refused.text


async def test_a_panel_asks_for_the_reason_when_it_is_confirmed(ready: Moot) -> None:
    ann = ready.member("Ann")
    card = await opened(ready, ann, "ranked_choice", reasons="required")
    panel = await panel_of(ann, card)
    await ann.choose(panel, "Your 1st choice", ["2 Elm"])
    form = await ann.press(panel, "Confirm")
    assert isinstance(form, Form)
    assert form.field("ballot").value == "2"
    receipt = await private(form.submit(reason="It grows."))
    assert receipt.id == panel.id
    assert "**1. Elm**" in receipt.text
    assert "> It grows." in receipt.text
    assert "asks for your reason" in await vote(ready, ann, "1")
    assert "Changed" in await vote(ready, ann, "1", "Oaks last.")


# Suggestions


async def test_the_line_is_suggested_while_it_is_typed(ready: Moot) -> None:
    ann = ready.member("Ann")
    await opened(ready, ann, "ranked_choice")
    found = await ann.suggest("vote", "choice", "2>", in_=ready.square, proposal="1")
    assert ("2>1 · 1. Elm, 2. Oak", "2>1") in found
    found = await ann.suggest("vote", "choice", "", in_=ready.square, proposal="1")
    assert ("Recuse (counted for turnout only)", "Recuse") in found
    for proposal in ("", "nothing of that name", "9"):
        assert not await ann.suggest("vote", "choice", "2", in_=ready.square, proposal=proposal)
    assert not await ann.suggest("vote", "choice", "2", in_=ready.square)


# Signatures


async def test_a_signer_who_left_does_not_count(ready: Moot) -> None:
    ann, bea, cay = (ready.member(name) for name in ("Ann", "Bea", "Cay"))
    named = " ".join(each.mention for each in (ann, bea, cay))
    card = await opened(ready, ann, "multisig", (), signers=named, signatures=2)
    await private(ann.press(card, "Approve"))
    await ann.sees(ready.proposals, "**1 of 2** signatures needed")
    ann.leave()
    receipt = await private(bea.press(card, "Approve"))
    assert "decided" not in receipt.text
    await bea.sees(ready.proposals, "1 signer has left")
    assert "decided" in (await private(cay.press(card, "Approve"))).text
    result = await bea.sees(ready.results, "succeeded")
    assert "`Approve` ▰▰▰▰▰▰▰▰▰▰ **100 %** · 2" in result.text


# Secrets


@pytest.mark.parametrize("secrecy", ["tally", "voters"])
async def test_edits_of_a_secret_card_tell_of_no_change(moot: Moot, secrecy: str) -> None:
    await moot.setup(quorum=1)
    ann, bea = moot.member("Ann"), moot.member("Bea")
    card = await opened(moot, ann, "basic", (), secrecy=secrecy)
    for person, choice in ((ann, "For"), (bea, "Against")):
        await private(person.press(card, choice))
    if secrecy == "tally":
        await ann.sees(moot.proposals, "2 voters")
    await asyncio.sleep(1.5)
    edits = len(moot.edits(card))
    for choice in ("Against", "For", "Abstain"):
        await private(ann.press(card, choice))
    await asyncio.sleep(1.5)
    assert len(moot.edits(card)) == edits
    for person in (ann, moot.owner):
        shown = await private(person.command("proposal show", in_=moot.square, proposal="1"))
        for text in (shown.text, card.text):
            assert "The tally is hidden until the vote closes" in text
            assert "%" not in text
            assert "reached" not in text
            assert ("voters" in text) == (secrecy == "tally")
    result = await moot.wait_for_deadline()
    assert "2 voters" in result.text
    assert "`Against` ▰▰▰▰▰▱▱▱▱▱ **50 %** · 1" in result.text
