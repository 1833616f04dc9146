"""Whose vote weighs how much: set by moderators, told to members, refused where it can't be."""

import re

import pytest

from sandbox.discord import Form, Message, Person, Role
from tests.moot import Moot, private


async def set_power(moot: Moot, name: str = "Bylaw", **options: object) -> Message:
    return await private(moot.owner.command("type power", in_=moot.square, type=name, **options))


async def power(moot: Moot, person: Person, **options: object) -> str:
    return (await private(person.command("power", in_=moot.square, **options))).text


@pytest.fixture
async def elder(ready: Moot) -> Role:
    """A role of the server, which has a type “Bylaw”."""
    await ready.type("Bylaw")
    return ready.server.add_role("Elder")


async def test_a_type_has_a_power_of_its_own_which_the_card_tells(ready: Moot, elder: Role) -> None:
    typed = f"2 highest({elder.mention} 10) + reputation"
    answer = await set_power(ready, power=typed, power_cap="50", power_curve="sqrt")
    assert f"**power**: {typed}" in answer.text
    assert "**power_cap**: 50" in answer.text
    card = await ready.proposed(ready.member("Ann"), type="Bylaw")
    assert "· power: 2 × highest role + reputation (limited)" in card.text
    assert f"2 × highest role ({elder.mention} 10) + reputation, at most 50" in card.text


async def test_a_type_can_have_two_houses(ready: Moot, elder: Role) -> None:
    answer = await set_power(
        ready,
        second_power=f"roles({elder.mention} 3)",
        second_quorum="6",
        second_threshold="2/3",
        delegation=False,
    )
    assert f"**second_power**: roles({elder.mention} 3)" in answer.text
    assert "**second_quorum**: 6" in answer.text
    card = await ready.proposed(ready.member("Ann"), type="Bylaw")
    assert f"A second house must agree; power in it: sum of roles ({elder.mention} 3)." in card.text
    assert "There it takes 2/3 For." in card.text
    assert "Delegations don't count." in card.text
    await ready.wait_for_voting(card)
    shown = await ready.owner.sees(ready.proposals, "**Second house** · sum of roles")
    assert "**First house** · one member, one vote" in shown.text


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"power": "0 member"}, "multiplier of member is 0"),
        ({"power": "1/0 reputation"}, "divides by 0"),
        ({"power": "none"}, "power can't be none: then nobody could vote"),
        ({"power": "tokens"}, "isn't a voting power. Write one of member, highest"),
        ({"power": "highest()"}, "highest needs roles with a number of votes each"),
        ({"power": "highest({elder} 1, {elder} 2)"}, "names one of its roles twice"),
        ({"power": "roles(<@&424242424242> 1)"}, "power names the role <@&424242424242>, which"),
        ({"second_power": "roles(<@&424242424242> 1)"}, "second_power names the role"),
        ({"power": "roles({everyone} 1)"}, "power names @everyone. Write member"),
        ({"second_quorum": "5"}, "second_quorum needs a second house"),
        ({"delegation": False, "delegation_cap": "10 %"}, "delegation_cap has no meaning"),
        ({"power_curve": "sqrt", "delegation_cap": "10 %"}, "enable the members intent"),
    ],
    ids=str,
)
async def test_a_power_that_cannot_be_is_refused_with_one_sentence(
    ready: Moot, elder: Role, options: dict[str, object], sentence: str
) -> None:
    everyone = f"<@&{ready.server.guild.id}>"
    typed = {
        name: each.format(elder=elder.mention, everyone=everyone) if isinstance(each, str) else each
        for name, each in options.items()
    }
    refusal = await set_power(ready, tamper=True, **typed)
    assert sentence in refusal.text
    shown = await private(ready.owner.command("type show", in_=ready.square, type="Bylaw"))
    for rule in ("power", "second_power", "second_quorum", "delegation", "delegation_cap"):
        assert f"**{rule}**" not in shown.text


async def test_a_share_of_a_power_that_nobody_knows_is_refused(ready: Moot, elder: Role) -> None:
    await set_power(ready, power="member", power_curve="sqrt")

    async def quorum(wanted: str) -> str:
        answer = ready.owner.command("type quorum", in_=ready.square, type="Bylaw", quorum=wanted)
        return (await private(answer)).text

    refusal = await quorum("8 %")
    assert "quorum refers to the power of the whole electorate, which isn't known" in refusal
    assert "Set a number of votes instead" in refusal
    assert "**quorum**: 8" in await quorum("8")
    await set_power(ready, power_curve="linear")
    assert "**quorum**: 8 % of the electorate" in await quorum("8 %")


async def test_a_role_that_was_deleted_is_marked_and_nobody_proposes_with_it(
    ready: Moot, elder: Role
) -> None:
    await set_power(ready, power=f"highest({elder.mention} 10)")
    ann = ready.member("Ann")
    form = await ready.form(ann, type="Bylaw")
    saved = await ready.propose(ann, type="Bylaw", draft=True)
    ready.server.delete_role(elder)
    shown = await private(ready.owner.command("type show", in_=ready.square, type="Bylaw"))
    assert "⚠️ A role was deleted that its power names" in shown.text
    mend = "names a role that was deleted. Ask a moderator to set it anew with /type power"
    refusal = await private(ann.command("propose", in_=ready.square, type="Bylaw"))
    assert mend in refusal.text
    refusal = await private(form.submit(title="Mend the well", body="It is dry."))
    assert mend in refusal.text
    assert mend in (await private(ann.press(saved, "Submit"))).text
    await set_power(ready, power="member")
    assert "is up" in (await private(ann.press(saved, "Submit"))).text
    again = await ann.press(refusal, "Edit again")
    assert isinstance(again, Form)
    assert again.field("body").value == "It is dry."


async def test_a_share_that_can_be_told_no_more_is_refused_before_anything_is_proposed(
    ready: Moot, elder: Role
) -> None:
    await set_power(ready, power="reputation")
    ready_quorum = ready.owner.command("type quorum", in_=ready.square, type="Bylaw", quorum="8 %")
    assert "**quorum**: 8 % of the electorate" in (await private(ready_quorum)).text
    await ready.setup(voting_role=elder)
    ann = ready.member("Ann", roles=[elder])
    refusal = await private(ann.command("propose", in_=ready.square, type="Bylaw"))
    assert "quorum refers to the power of the whole electorate" in refusal.text


# /power


async def test_everyone_can_see_what_a_power_is_put_together_from(ready: Moot, elder: Role) -> None:
    ann, bea = ready.member("Ann", roles=[elder]), ready.member("Bea")
    assert await power(ready, ann) == "Your voting power: **1** = 1 as a member."
    assert await power(ready, ann, member=bea) == (
        f"{bea.mention}'s voting power: **1** = 1 as a member."
    )
    typed = f"highest({elder.mention} 16) + reputation"
    await set_power(ready, power=typed, power_curve="sqrt", second_power="2 member")
    await ready.opened(ann, type="Bylaw")
    told = await power(ready, ann, proposal="1")
    assert re.sub(", fixed <t:[0-9]+:R>", ", fixed then", told) == (
        "Your voting power on #1 Mend the well, fixed then: **16** = 16 from the role "
        f"{elder.mention} + 0 "
        "reputation, of which **4** count: the square root. In the second house: **2** = 2 as a "
        "member (2 × 1)."
    )
    assert "**0** = 0 from the highest role + 0 reputation." in await power(
        ready, ann, member=bea, proposal="1"
    )


async def test_who_is_no_member_has_no_power_and_an_unknown_proposal_is_said(ready: Moot) -> None:
    ann, cay = ready.member("Ann"), ready.member("Cay")
    cay.leave()
    assert "isn't a member of this server" in await power(ready, ann, member=cay)
    assert "no " in await power(ready, ann, proposal="77")


async def test_who_cannot_vote_is_not_said_to_have_power(ready: Moot, elder: Role) -> None:
    ann, bot = ready.member("Ann"), ready.application.user
    none = "**0**, being outside of the electorate."
    assert none in await power(ready, ann, member=bot)
    await ready.setup(voting_role=elder)
    assert none in await power(ready, ann)
    await ready.proposed(ready.member("Bea"))
    assert none in await power(ready, ann, proposal="1")
    ann.add_role(elder)
    assert "**1** = 1 as a member" in await power(ready, ann)


async def test_one_member_one_vote_is_said_where_it_is_true_alone(ready: Moot, elder: Role) -> None:
    await set_power(ready, power="2 member + reputation", second_power="member")
    card = await ready.proposed(ready.member("Ann"), type="Bylaw")
    assert "power: 2 per member + reputation; second house: one member, one vote" in card.text
