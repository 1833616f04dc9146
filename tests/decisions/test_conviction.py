"""A conviction vote from the request to the result, as members see it."""

from datetime import timedelta

import pytest

from governance.result_reading import read
from governance.result_recount import verified
from sandbox.discord import Form, Message, Person
from tests.moot import DAY, Moot, private

HOUR = timedelta(hours=1)


async def grant(moot: Moot, author: Person, title: str = "A well", amount: str = "2000") -> Message:
    """The card of a request, with its vote open."""
    card = await moot.proposed(author, title, amount=amount, type="Grant")
    moot.clock.advance(DAY)
    await author.sees(moot.thread(card), "is open until it passes")
    await author.sees(moot.proposals, "Active")
    return card


async def stake(person: Person, card: Message, amount: str) -> Message:
    form = await person.press(card, "Vote")
    assert isinstance(form, Form), form.text
    return await private(form.submit(ballot=amount))


async def test_three_stake_one_withdraws_and_it_passes_at_its_hour(ready: Moot) -> None:
    """2,000 of 15,000 take 4.5 times the stakes: 8.13 + 2 of 2 members are enough at step 4."""
    await ready.type("Grant", system="conviction", funds=15_000)
    ann, bea, cay = (ready.member(name) for name in ("Ann", "Bea", "Cay"))
    card = await grant(ready, ann)
    assert "It asks for 2,000 of 15,000." in card.text
    assert "open until it passes." in card.text
    form = await bea.press(card, "Vote")
    assert isinstance(form, Form)
    assert [field.value for field in form.fields] == ["", ""]
    receipt = await private(form.submit(ballot="1", reason="It is dry."))
    assert "**1 staked**, of 1 that you have for all proposals" in receipt.text
    assert "open until it passes: <t:" in receipt.text
    await stake(ann, card, "1")
    answer = cay.command("vote", in_=ready.square, proposal="1", choice="1")
    assert "Counted on #1 A well: **1 staked**" in (await private(answer)).text
    await ann.sees(ready.proposals, "3 supporters · 3 staked")
    ready.clock.advance(3 * HOUR)
    await ready.stop()
    await ready.start()
    changed = await stake(cay, card, "0")
    assert "from **1 staked** to **0 staked**" in changed.text
    shown = await ann.sees(ready.proposals, "2 supporters · 2 staked")
    assert "▰▰▰▰▰▰▰▰▰▱ **90 %** of the threshold" in shown.text
    assert "8.13; it takes more than 9" in shown.text
    assert "passes <t:" in (await private(ann.command("proposal list", in_=ready.square))).text
    ready.clock.advance(HOUR)
    result = await ann.sees(ready.results, "Proposal #1 A well succeeded")
    assert "support lasted long enough · passed <t:" in result.text
    assert "9.32; it takes more than 9" in result.text
    answer = await private(bea.command("proposal export", in_=ready.square, proposal="1"))
    file = read(answer.attachments[0].content)
    assert verified(file).problems == ()
    withdrawn, *_ = file["ballots"]
    assert withdrawn == [[[0, "1" + "0" * 18], [3, "0"]], "1" + "0" * 18, 1]


async def test_a_stake_is_prefilled_and_bounded_by_what_is_staked_elsewhere(ready: Moot) -> None:
    await ready.type("Grant", system="conviction", funds=15_000)
    ann = ready.member("Ann")
    one = await grant(ready, ann)
    two = await grant(ready, ann, "A tree", "2500")
    await stake(ann, one, "0.25")
    form = await ann.press(one, "Vote")
    assert isinstance(form, Form)
    assert form.fields[0].value == "0.25"
    refused = await private(form.submit(ballot="a lot", reason="So dry."))
    assert "Write how much you stake, for example “0.5”." in refused.text
    again = await ann.press(refused, "Type it")
    assert isinstance(again, Form)
    assert [field.value for field in again.fields] == ["a lot", "So dry."]
    refused = await stake(ann, two, "0.8")
    assert "stake 0.25 on #1 already. Stake at most 0.75 here" in refused.text
    mine = await private(ann.press(one, "My vote"))
    assert "**0.25 staked**" in mine.text
    assert "You can change it until it passes." in mine.text
    assert "Vote" in mine.buttons
    assert "Recuse" not in mine.buttons


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("a lot", "isn't an amount"),
        ("3,000", "can never pass: you ask for 3,000"),
        ("1.5", "amount"),
    ],
)
async def test_an_amount_that_cannot_be_is_given_back(ready: Moot, amount: str, said: str) -> None:
    await ready.type("Grant", system="conviction", funds=15_000)
    ann = ready.member("Ann")
    answer = await ready.propose(ann, "A well", amount=amount, type="Grant")
    assert said in answer.text
    form = await ann.press(answer, "Edit again")
    assert isinstance(form, Form)
    assert {field.custom_id: field.value for field in form.fields}["amount"] == amount
    assert "is up" in (await private(form.submit(amount="10"))).text
    form = await ann.command("proposal edit", in_=ready.square, proposal="1")
    assert isinstance(form, Form)
    assert "is now version 2" in (await private(form.submit(amount="2,000"))).text
    await ann.sees(ready.proposals, "It asks for 2,000 of 15,000.")


async def test_the_rules_of_conviction_have_a_command(ready: Moot) -> None:
    await ready.type("Grant", system="conviction", funds=15_000)
    answer = ready.owner.command(
        "type conviction", in_=ready.square, type="Grant", decay="95 %", beta="1/4", funds=20_000
    )
    text = (await private(answer)).text
    for line in ("**decay**: 95 %", "**beta**: 25 %", "**funds**: 20,000"):
        assert line in text
    for wrong in ({"decay": "100 %"}, {"decay": "0"}, {"funds": 0}):
        refused = ready.owner.command("type conviction", in_=ready.square, type="Grant", **wrong)
        assert "Changed" not in (await private(refused)).text


async def test_a_canceled_request_shows_how_it_stood(ready: Moot) -> None:
    await ready.type("Grant", system="conviction", funds=15_000)
    ann = ready.member("Ann")
    card = await grant(ready, ann)
    await stake(ann, card, "1")
    form = await ready.owner.command("proposal cancel", in_=ready.square, proposal="1")
    assert isinstance(form, Form)
    await private(form.submit(reason="It rained."))
    result = await ann.sees(ready.results, "was canceled")
    assert "1 supporter · 1 staked" in result.text
