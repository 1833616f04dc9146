"""Delegating through Discord: by command and by menu, what is refused, what is shown."""

import asyncio

from sqlalchemy import insert

from sandbox.discord import Form, Message, Person
from storage.tables import delegates, spaces
from tests.decisions.delegating import GIVEN, delegate, to, written
from tests.moot import DAY, MINUTE, Moot, private


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
