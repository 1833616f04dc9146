"""Ballots that can't be cast as they are: too long, made up, too late, from two panels at once."""

import pytest

from sandbox.discord import Form, Message
from tests.decisions.balloting import TREES, opened, panel_of, typed, vote
from tests.moot import DAY, Moot, private

FORGED = (
    *("pick:1:0", "amount:1:1", "amount:999999999999999:999999999999999", "undo:1", "clear:1"),
    *("confirm:1", "type:1", "typed:1", "stake:1", "ballot:1", "recuse:1", "vote-why:1:9"),
    *("why:1:1", "ask:1:1", "answers:1:1", "again-answers:1:1", "share:1", "submit:1"),
    *("discard:1", "sponsor:1", "sponsor:1:1", "draft:1", "edit-draft:1", "type-form:1"),
    *("again-type-form:1", "list:999999999999999:3"),
)
"""Presses of buttons that aren't there."""


async def test_what_was_typed_wrong_comes_back(ready: Moot) -> None:
    ann = ready.member("Ann")
    card = await opened(ready, ann, "ranked_choice")
    refused = await typed(ann, await panel_of(ann, card), ballot="2>2 `x`", reason="A\nreason")
    assert "Write your ranking" in refused.text
    form = await ann.press(refused, "Type it")
    assert isinstance(form, Form)
    assert form.field("ballot").value == "2>2 'x'"
    assert form.field("reason").value == "A reason"
    refused = await private(form.submit(ballot="2>2"))
    assert "You named 2 Elm twice" in refused.text
    form = await ann.press(refused, "Type it")
    assert isinstance(form, Form)
    assert "Counted" in (await private(form.submit(ballot="2>1"))).text


async def test_a_long_line_and_a_long_reason_come_back_whole(ready: Moot) -> None:
    ann = ready.member("Ann")
    names = tuple(f"Candidate {n:02} of the northern district" for n in range(25))
    card = await opened(ready, ann, "ranked_choice", names)
    line, reason = "x " * 290, "because " * 62
    refused = await typed(ann, await panel_of(ann, card), ballot=line, reason=reason)
    assert "Write your ranking" in refused.text
    form = await ann.press(refused, "Type it")
    assert isinstance(form, Form)
    assert form.field("ballot").value == line.strip()
    assert form.field("reason").value == reason.strip()


async def test_the_longest_ranking_and_reason_get_their_receipt(ready: Moot) -> None:
    ann = ready.member("Ann")
    await opened(ready, ann, "ranked_choice", tuple(f"Candidate number {n:02}" for n in range(50)))
    assert "Counted" in await vote(ready, ann, ">".join(map(str, range(1, 51))))
    changed = await vote(ready, ann, ">".join(map(str, range(50, 0, -1))), "because " * 62)
    assert "Changed on #1 Plant a tree: from **1. Candidate number 00, 2." in changed
    assert "to **1. Candidate number 49, 2." in changed
    assert "because " * 61 in changed


async def test_a_ballot_of_many_equals_opens_again(ready: Moot) -> None:
    ann = ready.member("Ann")
    names = tuple(f"{'_-' * 8}{n:02}" for n in range(50))
    card = await opened(ready, ann, "condorcet", names)
    equals = "=".join(map(str, range(1, 51)))
    assert "Counted" in await vote(ready, ann, equals)
    assert f"`{equals}`" in (await panel_of(ann, card)).text


@pytest.mark.parametrize(
    ("system", "line", "sentence"),
    [
        ("single_choice", "Yew", "Write the number or the name of one choice"),
        ("single_choice", "5", "There is no choice 5"),
        ("single_choice", "0", "There is no choice 0"),
        ("approval", "1, 1", "twice"),
        ("ranked_choice", "1>9", "There is no choice 9"),
        ("condorcet", "1=1", "twice"),
        ("copeland", "1>2", "lacks 3 Ash and 4 Bay"),
        ("weighted", "1:-1", "give it 0 or more"),
        ("quadratic", "1:2", "cost 4 credits and you have 1"),
        ("basic", "9" * 300, "Write the number or the name"),
    ],
)
async def test_a_line_that_is_no_ballot_gets_one_private_sentence(
    ready: Moot, system: str, line: str, sentence: str
) -> None:
    ann = ready.member("Ann")
    card = await opened(ready, ann, system, () if system == "basic" else TREES)
    refused = await vote(ready, ann, line)
    assert sentence in refused
    assert "Something went wrong" not in refused
    assert "haven't voted" in (await private(ann.press(card, "My vote"))).text


async def test_a_panel_used_after_the_close_says_so(ready: Moot) -> None:
    ann = ready.member("Ann")
    card = await opened(ready, ann, "ranked_choice")
    panel = await panel_of(ann, card)
    await ann.choose(panel, "Your 1st choice", ["2 Elm"])
    ready.clock.advance(3 * DAY)
    for use in (ann.press(panel, "Confirm"), ann.choose(panel, "Your 2nd choice", ["1 Oak"])):
        assert "ended <t:" in (await private(use)).text
    assert "`2`" in panel.text


async def test_of_two_panels_the_one_confirmed_last_counts(ready: Moot) -> None:
    ann = ready.member("Ann")
    card = await opened(ready, ann, "ranked_choice")
    first, second = await panel_of(ann, card), await panel_of(ann, card)
    await ann.choose(first, "Your 1st choice", ["2 Elm"])
    await ann.choose(second, "Your 1st choice", ["1 Oak"])
    await private(ann.press(second, "Confirm"))
    assert "from **1. Oak** to **1. Elm**" in (await private(ann.press(first, "Confirm"))).text


async def test_a_panel_survives_a_restart(ready: Moot) -> None:
    ann = ready.member("Ann")
    card = await opened(ready, ann, "ranked_choice")
    panel = await panel_of(ann, card)
    await ann.choose(panel, "Your 1st choice", ["2 Elm"])
    await ready.stop()
    await ready.start()
    await ann.choose(panel, "Your 2nd choice", ["1 Oak"])
    assert "**1. Elm, 2. Oak**" in (await private(ann.press(panel, "Confirm"))).text


async def test_a_hostile_panel_changes_nothing(ready: Moot) -> None:
    ann = ready.member("Ann")
    card = await opened(ready, ann, "ranked_choice")
    panel = await panel_of(ann, card)
    for values in (["99"], ["x"], ["1", "1"], ["-1"], ["0"]):
        answer = await private(ann.choose(panel, "Your 1st choice", values, tamper=True))
        assert answer.id != panel.id
        assert "Something went wrong" not in answer.text
    for custom_id in ("fm1:amount:1:1", "fm1:confirm:9", "fm1:pick:1:999", "fm1:ballot:9"):
        answer = await private(ann.press_custom_id(panel, custom_id))
        assert "Something went wrong" not in answer.text, custom_id
    assert "`none`" in panel.text
    late = ready.member("Late")
    assert "joined after voting" in (await private(late.press(card, "Vote"))).text


@pytest.mark.parametrize("system", ["basic", "approval", "ranked_choice", "weighted"])
async def test_forged_buttons_on_a_card_or_a_panel_get_a_sentence(ready: Moot, system: str) -> None:
    ann, eve = ready.member("Ann"), ready.member("Eve")
    card = await opened(ready, ann, system, () if system == "basic" else TREES)
    messages = [card] if system == "basic" else [card, await panel_of(eve, card)]
    for message in messages:
        for custom_id in FORGED:
            answer = await eve.press_custom_id(message, f"fm1:{custom_id}")
            wrong = isinstance(answer, Message) and "Something went wrong" in answer.text
            assert not wrong, (message is card, custom_id)
