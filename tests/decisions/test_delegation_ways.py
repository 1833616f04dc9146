"""Where the power of a member goes: as it is explained, and beside the own vote."""

from itertools import pairwise

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from governance.delegation import SERVER, Delegation, Scope
from sandbox.discord import Form, Message, Person
from storage import delegations
from tests.decisions.delegating import GIVEN, delegate, explained, fixed, to, written
from tests.moot import MINUTE, Moot, private


async def stored(
    connection: AsyncConnection, moot: Moot, who: int, whom: int, scope: Scope = SERVER
) -> None:
    """A delegation as it is stored, whatever else there is."""
    given = Delegation(0, who, scope, whom, GIVEN, None, None, tell=False)
    await delegations.add(connection, moot.server.id, given)


async def test_before_voting_starts_the_way_is_told_as_it_would_be(topical: Moot) -> None:
    ann, bea, cleo = (topical.member(name) for name in ("Ann", "Bea", "Cleo"))
    await topical.proposed(topical.owner)
    alone = await delegate(topical, ann, "explain", proposal="1")
    assert "nobody votes for you: your power counts if you vote" in alone
    await to(topical, ann, bea)
    await to(topical, bea, cleo)
    told = await delegate(topical, ann, "explain", proposal="1")
    assert f"you\n→ {bea.mention} (This server)\n→ {cleo.mention} (This server)\n" in told
    assert "fixed when voting starts" in told
    await delegate(topical, ann, "none")
    assert "switched delegations off (This server)" in await delegate(
        topical, ann, "explain", proposal="1"
    )


async def test_the_way_is_told_as_it_was_when_voting_started(ready: Moot) -> None:
    ann, bea, cleo, dora = (ready.member(name) for name in ("Ann", "Bea", "Cleo", "Dora"))
    await to(ready, ann, bea, tell=True)
    await to(ready, bea, cleo)
    await ready.proposed(dora)
    await fixed(ready, ann, bea, cleo)
    card = ready.owner.read(ready.proposals)[-1]
    await ready.wait_for_voting(card)
    await delegate(ready, ann, "revoke")
    told = await explained(ready, ann)
    assert f"{bea.mention} (This server)\n→ {cleo.mention} (This server)" in told
    assert f"{cleo.mention} hasn't voted, nor has anybody before" in told
    await private(cleo.press(card, "Against"))
    assert f"{cleo.mention} has voted with it: **Against**." in await explained(ready, ann)
    await private(bea.press(card, "For"))
    told = await explained(ready, ann)
    assert f"{bea.mention} has voted with it: **For**." in told
    assert cleo.mention not in told
    await private(ann.press(card, "Against"))
    told = await explained(ready, ann)
    assert "You voted on #1 Mend the well yourself, so your power is in your own vote." in told
    assert f"Your delegation to {bea.mention} rests here" in told
    assert "nobody votes for you" in await explained(ready, dora)


@pytest.mark.parametrize(
    ("secrecy", "sentence"),
    [
        ("tally", "how, is secret until the vote is counted"),
        ("voters", "who has voted is secret for now"),
    ],
)
async def test_of_a_secret_vote_the_way_tells_no_choice_until_it_is_counted(
    ready: Moot, secrecy: str, sentence: str
) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")
    await ready.type("Secret", secrecy=secrecy)
    await to(ready, ann, bea)
    card = await ready.proposed(ann, type="Secret")
    await fixed(ready, ann, bea)
    await ready.wait_for_voting(card)
    await private(bea.press(card, "Against"))
    told = await explained(ready, ann)
    assert sentence in told
    assert "Against" not in told
    await ready.wait_for_deadline()
    assert f"{bea.mention} has voted with it: **Against**." in await explained(ready, ann)


async def test_a_circle_across_scopes_is_explained(topical: Moot) -> None:
    ann, bea = topical.member("Ann"), topical.member("Bea")
    await topical.proposed(topical.owner)
    await to(topical, ann, bea)
    async with written(topical) as connection:  # what two at once in two scopes would make
        await stored(connection, topical, bea.id, ann.id)
    assert "That is a circle: unless somebody on it votes" in await explained(topical, ann)


async def test_a_long_way_and_many_delegations_are_shortened(ready: Moot) -> None:
    ann = ready.member("Ann")
    await ready.proposed(ann)
    async with written(ready) as connection:
        line = [ann.id, *range(1001, 1031)]
        for who, whom in pairwise(line):
            await stored(connection, ready, who, whom)
        for number in range(60):
            scope = Scope(topic=f"topic {number}")
            await stored(connection, ready, ann.id, 1001, scope)
    told = await explained(ready, ann)
    assert "→ <@1006> (This server)\n→ … 18 more …\n→ <@1025> (This server)" in told
    shown = await delegate(ready, ann, "show")
    assert "\n… and " in shown
    assert "topic 59" in shown


async def test_of_a_vote_in_which_nobody_carries_others_no_way_is_told(ready: Moot) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")
    await ready.type("Keys", system="multisig", signers=ann.mention + bea.mention, signatures=2)
    await to(ready, ann, bea)
    await ready.proposed(ann, type="Keys")
    told = await explained(ready, ann)
    assert told == "Delegations don't count on #1 Mend the well: whoever wants to be counted votes."


async def test_who_joined_later_is_told_to_be_outside_of_the_electorate(ready: Moot) -> None:
    await ready.opened(ready.member("Ann"))
    ready.clock.advance(MINUTE)
    late = ready.member("Late")
    assert "You aren't in the electorate of #1 Mend the well" in await explained(ready, late)


async def test_of_a_vote_that_is_over_nothing_is_promised_any_more(ready: Moot) -> None:
    ann, bea, cleo = (ready.member(name) for name in ("Ann", "Bea", "Cleo"))
    await to(ready, ann, bea)
    await ready.opened(cleo)
    await ready.wait_for_deadline()
    lost = await explained(ready, ann)
    assert f"{bea.mention} didn't vote, nor did anybody before: it wasn't counted." in lost
    alone = await explained(ready, cleo)
    assert "On #1 Mend the well nobody voted for you, and you didn't vote." in alone
    for told in (lost, alone):
        assert "from the next vote" not in told


async def test_of_a_canceled_proposal_the_way_is_no_prediction(ready: Moot) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")
    await to(ready, ann, bea)
    await ready.proposed(ann)
    form = await ann.command("proposal cancel", in_=ready.square, proposal="1")
    assert isinstance(form, Form)
    await private(form.submit(reason="Overtaken."))
    assert await explained(ready, ann) == "#1 Mend the well was canceled, so no power counts on it."


async def test_what_was_proposed_before_a_topic_went_is_not_denied(topical: Moot) -> None:
    ann, bea = topical.member("Ann"), topical.member("Bea")
    await to(topical, ann, bea, scope="Rules")
    await topical.propose(ann, "Pending", topic="Rules")
    draft = await topical.propose(ann, "A draft", topic="Rules", draft=True)
    await topical.setup(topics="Treasury")
    shown = await delegate(topical, ann, "show")
    assert "applies only to what was proposed before: the topic was removed" in shown
    assert f"→ {bea.mention} (Topic: rules)" in await explained(topical, ann)
    refusal = await private(ann.press(draft, "Submit"))
    assert "There is no topic “Rules” in this server any more" in refusal.text


async def my_vote(moot: Moot, who: Person, card: Message) -> str:
    return (await private(who.press(card, "My vote"))).text


async def test_who_has_not_voted_reads_with_whom_the_power_is(ready: Moot) -> None:
    ann, bea, cleo = (ready.member(name) for name in ("Ann", "Bea", "Cleo"))
    await to(ready, ann, bea)
    await to(ready, bea, cleo)
    card = await ready.opened(cleo)
    told = await my_vote(ready, ann, card)
    assert "You haven't voted on #1 Mend the well. You can, until" in told
    assert f"\nYour power is with {bea.mention}, who hasn't voted yet; /delegate explain" in told
    assert "Your power" not in await my_vote(ready, cleo, card)
    await private(cleo.press(card, "Against"))
    assert f"Your power is with {cleo.mention}, who has voted;" in await my_vote(ready, ann, card)
    await private(bea.press(card, "For"))
    assert f"Your power is with {bea.mention}, who has voted;" in await my_vote(ready, ann, card)
    await private(ann.press(card, "For"))
    assert "Your power" not in await my_vote(ready, ann, card)
    none = await private(ready.owner.command("my-votes", in_=ready.square))
    assert "/delegate explain shows where your power goes" in none.text


async def test_of_a_vote_that_hides_its_voters_my_vote_tells_the_delegate_alone(
    ready: Moot,
) -> None:
    ann, bea, cleo = (ready.member(name) for name in ("Ann", "Bea", "Cleo"))
    await ready.type("Secret", secrecy="voters")
    await to(ready, ann, bea)
    await to(ready, bea, cleo)
    card = await ready.opened(cleo, type="Secret")
    before = await my_vote(ready, ann, card)
    assert f"Your power is with {bea.mention}; who has voted is secret for now" in before
    await private(cleo.press(card, "Against"))
    assert await my_vote(ready, ann, card) == before


async def test_of_a_vote_with_secret_voters_what_is_carried_tells_nothing(ready: Moot) -> None:
    ann, bea, cleo = (ready.member(name) for name in ("Ann", "Bea", "Cleo"))
    await ready.type("Secret", secrecy="voters")
    await to(ready, ann, bea)
    card = await ready.opened(cleo, type="Secret")

    async def told() -> tuple[str, str]:
        seen = await private(cleo.command("power", in_=ready.square, member=bea, proposal="1"))
        receipt = await private(bea.press(card, "For"))
        return seen.text, receipt.text.partition(": ")[2]

    await private(bea.press(card, "For"))
    before = await told()
    await private(ann.press(card, "Against"))
    assert await told() == before
    assert "What is carried for others is secret until the vote closes." in before[0]
    assert (
        "with 1 vote of your own, beside what you carry"
        in (await private(bea.press(card, "My vote"))).text
    )
    await ready.wait_for_deadline()
    shown = await private(cleo.command("power", in_=ready.square, member=bea, proposal="1"))
    assert "secret" not in shown.text
