"""What delegates and those who trust them are told in private messages."""

import asyncio

from bot.notices import PACE_SECONDS
from sandbox.discord import Person
from services import notices
from storage import proposals
from tests.decisions.delegating import delegate, fixed, to, written
from tests.moot import DAY, Moot, private


async def test_a_member_who_wants_no_messages_gets_none(ready: Moot) -> None:
    ann, bea, cleo = (ready.member(name) for name in ("Ann", "Bea", "Cleo"))
    assert "🔕" in await delegate(ready, bea, "notices", on=False)
    await to(ready, ann, bea)
    await to(ready, ann, cleo)
    await cleo.receives(ready.application, "lets you vote")
    assert bea.direct_messages(ready.application) == []
    assert "🔔" in await delegate(ready, bea, "notices", on=True)
    await to(ready, ann, bea)
    await bea.receives(ready.application, f"{ann.mention} lets you vote for them")


async def test_a_delegate_hears_when_trust_is_given_and_when_it_is_withdrawn(ready: Moot) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")
    await to(ready, ann, bea)
    heard = await bea.receives(ready.application, "lets you vote for them")
    assert "/delegate notices on:False" in heard.text
    assert "Hamlet" in heard.text
    await delegate(ready, ann, "revoke")
    await bea.receives(ready.application, "doesn't let you vote for them any more")
    assert len(bea.direct_messages(ready.application)) == 2


async def test_a_delegate_is_reminded_before_a_vote_ends(ready: Moot) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")
    await to(ready, ann, bea)
    card = await ready.proposed(ann)
    await fixed(ready, ann, bea)
    await ready.wait_for_voting(card)
    ready.clock.advance(2 * DAY + DAY / 2)
    told = await bea.receives(ready.application, "You haven't voted on #1 Mend the well")
    assert "You carry 1 member, whose power is lost" in told.text
    assert str(card.id) in told.text
    assert ann.direct_messages(ready.application) == []


async def idle(moot: Moot, delegate: Person) -> None:
    """The delegate has heard that it is trusted, and nothing more is to be sent."""
    await delegate.receives(moot.application, "lets you vote for them")
    await asyncio.sleep(PACE_SECONDS + 0.5)


async def test_a_delegator_is_told_how_its_delegate_voted(ready: Moot) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")
    await to(ready, ann, bea, tell=True)
    await idle(ready, bea)
    card = await ready.opened(ann)
    await private(bea.press(card, "Against"))
    told = await ann.receives(ready.application, "has voted on #1 Mend the well")
    assert "Their vote: **Against**. It counts for you too, unless you vote yourself." in told.text
    await private(bea.press(card, "For"))
    async with written(ready) as connection:
        found = await proposals.get(connection, 1)
        assert found
        await notices.voted(connection, found, bea.id)
    await ready.wait_for_deadline()
    assert len(ann.direct_messages(ready.application)) == 1


async def test_a_delegator_is_told_of_a_secret_vote_when_it_is_counted(ready: Moot) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")
    await ready.type("Secret", secrecy="tally")
    await to(ready, ann, bea, tell=True)
    await idle(ready, bea)
    card = await ready.opened(ann, type="Secret")
    await private(bea.press(card, "Against"))
    await ready.wait_for_deadline()
    told = await ann.receives(ready.application, "has voted on #1 Mend the well")
    assert "Their vote: **Against**." in told.text
    assert len(ann.direct_messages(ready.application)) == 1
