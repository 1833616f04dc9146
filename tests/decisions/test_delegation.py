"""Delegating through Discord: by command and by menu, what is refused, what is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from governance.delegation import Scope
from sandbox.discord import Form, Message, Person
from services import notices
from storage import delegations, proposals
from storage.database import Database
from storage.tables import delegates, electorate, spaces
from tests.moot import DAY, MINUTE, Moot, private

GIVEN = datetime(2026, 3, 1, tzinfo=UTC)


@asynccontextmanager
async def written(moot: Moot) -> AsyncIterator[AsyncConnection]:
    """A transaction beside those of the bot."""
    database = Database(moot.configuration.database)
    try:
        async with database.write() as connection:
            yield connection
    finally:
        await database.close()


async def fixed(moot: Moot, *line: Person) -> None:
    """Electors of the first proposal, each delegating to the next, as voting starts."""
    async with written(moot) as connection:
        for place, (who, whom) in enumerate(zip(line, [*line[1:], None], strict=True)):
            given = None
            if whom:
                given = await delegations.in_scope(connection, moot.server.id, who.id, Scope())
            await connection.execute(
                insert(electorate).values(
                    proposal_id=1,
                    member_id=who.id,
                    delegate_id=whom and whom.id,
                    delegation_id=given and given.id,
                    cut=False,
                    carried=0,
                    second_carried=0,
                    carries=place,
                )
            )
        await proposals.change(connection, 1, snapshot_at=GIVEN, electors=len(line))


async def to(moot: Moot, who: Person, member: object, **options: object) -> str:
    """What `/delegate to` answers."""
    answer = await private(who.command("delegate to", in_=moot.square, member=member, **options))
    return answer.text


async def delegate(moot: Moot, who: Person, command: str, **options: object) -> str:
    """What another `/delegate` command answers."""
    return (await private(who.command(f"delegate {command}", in_=moot.square, **options))).text


@pytest.fixture
async def topical(ready: Moot) -> Moot:
    """Hamlet with two topics."""
    await ready.setup(topics="Treasury, Rules")
    return ready


async def test_a_member_delegates_sees_it_and_takes_it_back(topical: Moot) -> None:
    ann, bea = topical.member("Ann"), topical.member("Bea")
    given = await to(topical, ann, bea, scope="Topic: Treasury", expires="30d", tell=True)
    assert f"{bea.mention} votes for you (Topic: Treasury) until <t:" in given
    assert "You will be told how they voted" in given
    shown = await delegate(topical, ann, "show")
    assert f"**Topic: Treasury**: {bea.mention} until" in shown
    assert "counts from the next vote that starts" in shown
    received = await delegate(topical, bea, "show")
    assert f"**Topic: Treasury**: 1 ({ann.mention})" in received
    suggested = await ann.suggest("delegate revoke", "scope", "", in_=topical.square)
    assert suggested == [("Topic: Treasury", "Topic: Treasury")]
    ended = await delegate(topical, ann, "revoke", scope="treasury")
    assert f"{bea.mention} doesn't vote for you any more" in ended
    assert "Nobody." in await delegate(topical, bea, "show")


async def test_scopes_are_suggested_while_typing(topical: Moot) -> None:
    ann = topical.member("Ann")
    for command in ("delegate to", "delegate none"):
        found = await ann.suggest(command, "scope", "", in_=topical.square)
        assert [name for name, _ in found] == ["This server", "Topic: Treasury", "Topic: Rules"]
    found = await ann.suggest("delegate to", "scope", "rul", in_=topical.square)
    assert found == [("Topic: Rules", "Topic: Rules")]


async def test_what_cannot_be_is_refused_with_one_sentence(topical: Moot) -> None:
    ann, bea, cleo = (topical.member(name) for name in ("Ann", "Bea", "Cleo"))
    cleo.leave()
    refused = [
        (ann, {}, "You can't delegate to yourself"),
        (topical.application.user, {}, "is a bot"),
        (cleo, {}, "isn't a member of this server"),
        (bea, {"scope": "Topic: Parks"}, "no single space or topic “Topic: Parks”"),
        (bea, {"scope": "Space: Nowhere"}, "no single space or topic"),
        (bea, {"expires": "2020-01-01"}, "has passed already"),
        (bea, {"expires": "soon"}, "isn't a time"),
        (bea, {"expires": "50 years"}, "too far ahead"),
    ]
    for member, options, sentence in refused:
        assert sentence in await to(topical, ann, member, **options)
    assert "delegated nothing" in await delegate(topical, ann, "revoke")
    assert "no single" in await delegate(topical, ann, "revoke", scope="Parks")
    assert "Nobody. Choose somebody" in await delegate(topical, ann, "show")


async def test_the_same_again_is_refused_unless_its_expiry_changes(topical: Moot) -> None:
    ann, bea = topical.member("Ann"), topical.member("Bea")
    await to(topical, ann, bea, expires="30d")
    assert "there already" in await to(topical, ann, bea)
    assert "until <t:" in await to(topical, ann, bea, expires="60d")
    assert "until <t:" not in await to(topical, ann, bea, expires="never")
    assert "there already" in await to(topical, ann, bea)
    cleo = topical.member("Cleo")
    assert f"in place of {bea.mention}" in await to(topical, ann, cleo)


async def test_a_removed_topic_is_said_to_apply_no_more_and_can_be_revoked(topical: Moot) -> None:
    ann, bea = topical.member("Ann"), topical.member("Bea")
    await to(topical, ann, bea, scope="Rules")
    await topical.setup(topics="Treasury")
    shown = await delegate(topical, ann, "show")
    assert "applies only to what was proposed before: the topic was removed" in shown
    assert "no single" in await to(topical, ann, bea, scope="Rules")
    assert "doesn't vote for you" in await delegate(topical, ann, "revoke", scope="Topic: rules")


async def test_who_left_and_what_expired_is_said_to_apply_no_more(topical: Moot) -> None:
    ann, bea, cleo = (topical.member(name) for name in ("Ann", "Bea", "Cleo"))
    await to(topical, ann, bea)
    await to(topical, ann, cleo, scope="Rules", expires="1d")
    bea.leave()
    topical.clock.advance(DAY + MINUTE)
    shown = await delegate(topical, ann, "show")
    assert "they aren't a member any more" in shown
    assert "it has expired" in shown
    assert f"{cleo.mention} votes for you (Topic: Rules)" in await to(
        topical, ann, cleo, scope="Rules"
    )


async def test_nobody_switches_a_wider_delegation_off(topical: Moot) -> None:
    ann, bea = topical.member("Ann"), topical.member("Bea")
    await to(topical, ann, bea)
    off = await delegate(topical, ann, "none", scope="Rules")
    assert "Nobody votes for you (Topic: Rules)" in off
    assert "there already" in await delegate(topical, ann, "none", scope="Rules")
    assert "**Topic: Rules**: nobody" in await delegate(topical, ann, "show")
    assert "Wider delegations apply" in await delegate(topical, ann, "revoke", scope="Rules")


async def test_who_switched_all_off_takes_that_back(topical: Moot) -> None:
    ann = topical.member("Ann")
    await delegate(topical, ann, "none")
    told = await delegate(topical, ann, "revoke")
    assert "Delegations aren't switched off any more (This server)" in told


async def test_three_people_who_close_a_circle_at_once_end_with_one_refusal(ready: Moot) -> None:
    ann, bea, cleo = (ready.member(name) for name in ("Ann", "Bea", "Cleo"))
    answered = await asyncio.gather(to(ready, ann, bea), to(ready, bea, cleo), to(ready, cleo, ann))
    refused = [text for text in answered if "votes for you" not in text]
    assert len(refused) == 1
    assert "close a circle (This server): " in refused[0]
    assert "→ you" in refused[0]


async def form(moot: Moot, who: Person, target: Person) -> Form:
    opened = await who.command_on("Delegate to…", target, in_=moot.square)
    assert isinstance(opened, Form), opened.text
    return opened


async def test_a_member_delegates_from_another_ones_menu(topical: Moot) -> None:
    ann, bea = topical.member("Ann"), topical.member("Bea")
    opened = await form(topical, ann, bea)
    assert opened.title == "Delegate to Bea"
    assert opened.field("Where").options == ("This server", "Topic: Treasury", "Topic: Rules")
    await topical.stop()
    await topical.start()
    answer = await private(opened.submit(scope=["Topic: Rules"], expires="30d", tell=True))
    assert f"{bea.mention} votes for you (Topic: Rules) until" in answer.text
    assert "You will be told" in answer.text
    plain = await private((await form(topical, ann, bea)).submit())
    assert f"{bea.mention} votes for you (This server), wherever" in plain.text


async def test_the_menu_refuses_whom_nobody_can_delegate_to(topical: Moot) -> None:
    ann, cleo = topical.member("Ann"), topical.member("Cleo")
    cleo.leave()
    for target, sentence in (
        (ann, "to yourself"),
        (topical.application.user, "is a bot"),
        (cleo, "isn't a member"),
    ):
        answer = await private(ann.command_on("Delegate to…", target, in_=topical.square))
        assert sentence in answer.text


async def test_who_left_while_the_form_was_open_gets_no_trust(topical: Moot) -> None:
    ann, bea = topical.member("Ann"), topical.member("Bea")
    opened = await form(topical, ann, bea)
    bea.leave()
    assert "isn't a member" in (await private(opened.submit())).text
    assert "Nobody. Choose" in await delegate(topical, ann, "show")


async def test_a_scope_that_is_gone_when_the_form_is_sent_is_refused(topical: Moot) -> None:
    ann, bea = topical.member("Ann"), topical.member("Bea")
    opened = await form(topical, ann, bea)
    await topical.setup(topics="none")
    assert "no single space or topic" in (await private(opened.submit(scope=["Topic: Rules"]))).text


async def test_a_form_that_somebody_made_up_is_refused(topical: Moot) -> None:
    ann, bea = topical.member("Ann"), topical.member("Bea")
    opened = await form(topical, ann, bea)
    for high, low, sentence in (
        ("0", str(ann.id)[-10:], "isn't a member"),
        ("999999999999999", "999999999999999", "isn't a member"),
        (str(ann.id)[:-10], str(ann.id)[-10:], "to yourself"),
        (
            str(topical.application.user_id)[:-10],
            str(topical.application.user_id)[-10:],
            "is a bot",
        ),
    ):
        opened.raw["custom_id"] = f"fm1:trust:{high}:{low}"
        assert sentence in (await private(opened.submit(tamper=True))).text
    message: Message = await private(ann.command("delegate show", in_=topical.square))
    pressed = await private(ann.press_custom_id(message, "fm1:trust:1:2"))
    assert "don't know this button" in pressed.text


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


async def test_a_member_who_wants_no_messages_gets_none(ready: Moot) -> None:
    ann, bea, cleo = (ready.member(name) for name in ("Ann", "Bea", "Cleo"))
    assert "🔕" in await delegate(ready, bea, "notices", on=False)
    await to(ready, ann, bea)
    await to(ready, ann, cleo)
    await cleo.receives(ready.application, "lets you vote", within=10)
    assert bea.direct_messages(ready.application) == []
    assert "🔔" in await delegate(ready, bea, "notices", on=True)
    await to(ready, ann, bea)
    await bea.receives(ready.application, f"{ann.mention} lets you vote for them", within=10)


async def test_a_delegate_hears_when_trust_is_given_and_when_it_is_withdrawn(ready: Moot) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")
    await to(ready, ann, bea)
    heard = await bea.receives(ready.application, "lets you vote for them", within=10)
    assert "/delegate notices on:False" in heard.text
    assert "Hamlet" in heard.text
    await delegate(ready, ann, "revoke")
    await bea.receives(ready.application, "doesn't let you vote for them any more", within=10)
    assert len(bea.direct_messages(ready.application)) == 2


async def explained(moot: Moot, who: Person) -> str:
    return await delegate(moot, who, "explain", proposal="1")


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


async def test_a_circle_across_scopes_is_explained(topical: Moot) -> None:
    ann, bea = topical.member("Ann"), topical.member("Bea")
    await topical.proposed(topical.owner)
    await to(topical, ann, bea)
    async with written(topical) as connection:  # what two at once in two scopes would make
        await delegations.give(connection, topical.server.id, bea.id, Scope(), ann.id, GIVEN)
    assert "That is a circle: unless somebody on it votes" in await explained(topical, ann)


async def test_a_long_way_and_many_delegations_are_shortened(ready: Moot) -> None:
    ann = ready.member("Ann")
    await ready.proposed(ann)
    async with written(ready) as connection:
        line = [ann.id, *range(1001, 1031)]
        for who, whom in pairwise(line):
            await delegations.give(connection, ready.server.id, who, Scope(), whom, GIVEN)
        for number in range(60):
            scope = Scope(topic=f"topic {number}")
            await delegations.give(connection, ready.server.id, ann.id, scope, 1001, GIVEN)
    told = await explained(ready, ann)
    assert "→ <@1006> (This server)\n→ … 18 more …\n→ <@1025> (This server)" in told
    shown = await delegate(ready, ann, "show")
    assert "\n… and " in shown
    assert "topic 59" in shown


async def test_an_archived_space_and_who_accepts_nothing_are_refused(ready: Moot) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")
    async with written(ready) as connection:
        for name, archived in (("Guild", None), ("Old", GIVEN)):
            await connection.execute(
                insert(spaces).values(
                    guild_id=ready.server.id,
                    name=name,
                    name_folded=name.casefold(),
                    settings={},
                    reserved=[],
                    archived_at=archived,
                )
            )
    found = await ann.suggest("delegate to", "scope", "space", in_=ready.square)
    assert [name for name, _ in found] == ["Space: Guild"]
    assert "the space is archived" in await to(ready, ann, bea, scope="Space: Old")
    assert "votes for you (Space: Guild)" in await to(ready, ann, bea, scope="guild")
    async with written(ready) as connection:
        await connection.execute(
            insert(delegates).values(
                guild_id=ready.server.id, member_id=bea.id, profile={"accepting": False}
            )
        )
    assert "accepts no delegations at the moment" in await to(ready, ann, bea)


async def test_a_delegate_is_reminded_before_a_vote_ends(ready: Moot) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")
    await to(ready, ann, bea)
    card = await ready.proposed(ann)
    await fixed(ready, ann, bea)
    await ready.wait_for_voting(card)
    ready.clock.advance(2 * DAY + DAY / 2)
    told = await bea.receives(ready.application, "You haven't voted on #1 Mend the well", within=15)
    assert "You carry 1 member, whose power is lost" in told.text
    assert str(card.id) in told.text
    assert ann.direct_messages(ready.application) == []


async def test_a_delegator_is_told_how_its_delegate_voted(ready: Moot) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")
    await to(ready, ann, bea, tell=True)
    card = await ready.proposed(ann)
    await fixed(ready, ann, bea)
    await ready.wait_for_voting(card)
    await private(bea.press(card, "Against"))
    async with written(ready) as connection:
        found = await proposals.get(connection, 1)
        assert found
        await notices.voted(connection, found, bea.id)
    told = await ann.receives(ready.application, "has voted on #1 Mend the well", within=15)
    assert "Their vote: **Against**. It counts for you too, unless you vote yourself." in told.text
    await ready.wait_for_deadline()
    assert len(ann.direct_messages(ready.application)) == 1


async def test_delegating_is_for_servers(ready: Moot) -> None:
    ann = ready.member("Ann")
    for command in ("delegate show", "delegate revoke"):
        answer = await ann.direct_command(command, of=ready.application, tamper=True)
        assert isinstance(answer, Message)
        assert "Decisions are made in a server" in answer.text


async def test_a_topic_in_which_nothing_is_delegated_is_named(topical: Moot) -> None:
    ann = topical.member("Ann")
    told = await delegate(topical, ann, "revoke", scope="treasury")
    assert "You have delegated nothing there: Topic: Treasury. /delegate show lists" in told


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
