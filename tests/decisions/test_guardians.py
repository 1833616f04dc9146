"""Guardians of a server and its spaces: what they make, cancel and veto."""

from sandbox.discord import Form, Person, Role
from tests.decisions.spaces import made, role
from tests.moot import DAY, MINUTE, Moot, private


async def guarded(moot: Moot, elder: Person) -> tuple[Role, Role]:
    """Works under its foremen, in a server whose elders may veto for a day: (elders, foremen)."""
    elders, foremen = role(moot, "Elders", elder), role(moot, "Foremen")
    await moot.setup(guardian_role=elders, veto_window="1d")
    await made(moot, "Works", guardian_role=foremen)
    return elders, foremen


async def decided(moot: Moot, voter: Person) -> None:
    """A decision in Works, once its result is announced."""
    await moot.propose(voter, "Buy a cart", space="Works")
    card = await voter.sees(moot.proposals, "Buy a cart")
    await moot.wait_for_voting(card)
    await private(voter.press(moot.owner.read(moot.proposals)[-1], "For"))
    await moot.wait_for_deadline()


async def test_guardians_above_veto_a_decision_within_the_window(ready: Moot) -> None:
    ann, elder = ready.member("Ann"), ready.member("Elder")
    elders, _ = await guarded(ready, elder)
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
    await guarded(ready, elder)
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


async def test_who_may_not_cancel_is_told_who_may(ready: Moot) -> None:
    ann, bea, elder = ready.member("Ann"), ready.member("Bea"), ready.member("Elder")
    elders, foremen = await guarded(ready, elder)
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
