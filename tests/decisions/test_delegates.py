"""Delegates by command: a profile in a form, the list that is searched, and what it never does."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert

from sandbox.discord import Form, Message, NotOffered
from sandbox.discord.people import Person
from storage.database import Database
from storage.tables import delegations
from tests.moot import Moot, private


async def profile_form(moot: Moot, person: Person) -> Form:
    form = await person.command("delegate profile", in_=moot.square)
    assert isinstance(form, Form), form.text
    return form


async def stands(moot: Moot, person: Person, statement: str = "I mend.", **more: str) -> Message:
    """Somebody fills the form in."""
    return await private((await profile_form(moot, person)).submit(statement=statement, **more))


async def listed(moot: Moot, asker: Person, search: str = "") -> Message:
    given = {"search": search} if search else {}
    return await private(asker.command("delegates", in_=moot.square, **given))


async def test_a_profile_is_written_in_a_form_that_says_what_others_see(ready: Moot) -> None:
    await ready.setup(topics="Treasury, Wells")
    ann, bea = ready.member("Ann"), ready.member("Bea")
    assert "Nobody stands as a delegate here yet" in (await listed(ready, bea)).text
    form = await profile_form(ready, ann)
    assert "see how often you vote and agree with them, your delegators how you voted" in form.text
    assert [field.value for field in form.fields] == ["", "", ""]
    saved = await private(
        form.submit(statement="I mend wells.", topics="wells, Roofs", conflicts="I own a pond.")
    )
    assert "/delegates lists you" in saved.text
    form = await profile_form(ready, ann)
    assert [field.value for field in form.fields] == [
        "I mend wells.",
        "Wells, Roofs",
        "I own a pond.",
    ]
    shown = await listed(ready, bea)
    assert shown.text.splitlines() == [
        "Delegates",
        f"**{ann.mention}** · carries 0 members · no common votes yet",
        "> I mend wells.",
        "Topics: Wells, Roofs",
        "Conflicts of interest: I own a pond.",
    ]
    assert "this is you" in (await listed(ready, ann)).text
    gone = await stands(ready, ann, "", topics="", conflicts="")
    assert "doesn't list you" in gone.text
    assert "Nobody stands" in (await listed(ready, bea)).text


async def test_a_form_that_is_refused_comes_back_with_its_text(ready: Moot) -> None:
    ann = ready.member("Ann")
    refusal = await stands(ready, ann, "I mend.", topics="a, b, c, d, e, f", conflicts="None")
    assert "There are 6 topics. Choose 5 at most." in refusal.text
    await ready.stop()
    await ready.start()
    form = await ann.press(refusal, "Edit again")
    assert isinstance(form, Form)
    assert [field.value for field in form.fields] == ["I mend.", "a, b, c, d, e, f", "None"]
    assert "lists you" in (await private(form.submit(topics="a, b"))).text
    long = await private((await profile_form(ready, ann)).submit(statement="x" * 1001, tamper=True))
    assert "1,001 characters" in long.text


async def test_turnout_and_agreement_stand_beside_a_delegate(ready: Moot) -> None:
    ann, bea, cleo = (ready.member(name) for name in ("Ann", "Bea", "Cleo"))
    await stands(ready, ann)
    for number, choice in enumerate(("For", "Against"), 1):
        card = await ready.opened(cleo, f"Mend well {number}")
        await private(ann.press(card, "For"))
        await private(bea.press(card, choice))
        await ready.wait_for_deadline(number)
    assert (
        "voted on 2 of the last 2 · chose as you did on 1 of 2" in (await listed(ready, bea)).text
    )
    assert "voted on 2 of the last 2 · no common votes yet" in (await listed(ready, cleo)).text


async def test_the_list_is_searched_and_paged_after_any_restart(ready: Moot) -> None:
    ann = ready.member("Ann")
    people = [ready.member(f"Villager {n}") for n in range(12)]
    for n, person in enumerate(people):
        await stands(ready, person, f"I mend {'ROOFS' if n % 2 else 'wells'}. " + "`*_|>" * 190)
    first = await listed(ready, ann, "  roofs ")
    assert first.buttons == ["Next"]
    assert first.text.endswith("Search: roofs")
    await ready.stop()
    await ready.start()
    second = await private(ann.press(first, "Next"))
    assert second.buttons == ["Previous"]
    found = [p for p in people if p.mention in first.text or p.mention in second.text]
    assert found == people[1::2]
    assert (await private(ann.press(second, "Previous"))).text == first.text
    beyond = await private(ann.press_custom_id(first, "fm1:delegates:9"))
    assert "no more delegates" in beyond.text
    one = await listed(ready, ann, people[3].mention)
    assert people[3].mention in one.text
    assert one.text.count("\\`\\*\\_\\|\\>") > 100  # whole, where it stands alone
    nobody = await listed(ready, ann, "**@everyone**")
    assert "No delegate's profile mentions “\\*\\*\\@everyone\\*\\*”" in nobody.text
    with pytest.raises(NotOffered):
        await listed(ready, ann, "x" * 101)


async def test_a_profile_can_neither_ping_nor_break_the_list(ready: Moot) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")
    evil = f"@everyone {bea.mention}\n# Big\n> quoted ```code [free](https://evil.example)"
    await stands(ready, ann, evil, topics="<@&1>, # x", conflicts=evil)
    shown = await listed(ready, bea)
    lines = shown.text.splitlines()
    assert len(lines) == 5
    for sign in ("\\@everyone", "\\<\\@", "\\# Big", "\\`\\`\\`code", "\\]\\(https\\:"):
        assert sign in lines[2]
    assert lines[3] == "Topics: \\<\\@&1\\>, \\# x"


async def test_a_delegate_stops_accepting_and_opens_again(ready: Moot) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")

    async def accept(on: bool) -> str:
        command = ann.command("delegate accept", in_=ready.square, on=on)
        return (await private(command)).text

    assert "Nobody can delegate to you any more" in await accept(False)
    assert "Nobody can delegate to you, though" in (await stands(ready, ann)).text
    assert "takes no new delegations" in (await listed(ready, bea)).text
    assert "can delegate to you again" in await accept(True)
    assert "takes no new delegations" not in (await listed(ready, bea)).text


async def test_a_delegate_who_stops_accepting_keeps_those_it_has(ready: Moot) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")
    given = {"space_id": 0, "topic": "", "delegate_id": ann.id, "tell": False}
    database = Database(ready.configuration.database_url)
    async with database.write() as connection:
        await connection.execute(
            insert(delegations).values(
                guild_id=ready.server.id, member_id=bea.id, given_at=datetime.now(UTC), **given
            )
        )
    await database.close()
    answer = await private(ann.command("delegate accept", in_=ready.square, on=False))
    assert "You still carry 1 member, until they withdraw it." in answer.text
    await stands(ready, ann)
    assert f"{ann.mention}** · carries 1 member · " in (await listed(ready, bea)).text


async def test_private_messages_are_switched_off_and_on(ready: Moot) -> None:
    ann = ready.member("Ann")
    for on, sentence in ((False, "no more private messages"), (True, "get a private message")):
        answer = await private(ann.command("delegate notices", in_=ready.square, on=on))
        assert sentence in answer.text
        profile = await ready.bot.services.delegates.profile(ready.server.id, ann.id)
        assert profile.tells is on


async def test_what_the_list_cuts_can_be_read_whole(ready: Moot) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")
    for person, text in ((ann, "brief"), (bea, "long " * 100)):
        form = await person.command("delegate profile", in_=ready.square)
        assert isinstance(form, Form)
        await private(form.submit(statement=text, topics="", conflicts=""))
    listed = await private(ann.command("delegates", in_=ready.square))
    assert "/delegates search:@member shows one of them whole" in listed.text
    whole = await private(ann.command("delegates", in_=ready.square, search=bea.mention))
    assert "long " * 99 in whole.text
    assert "shows one of them whole" not in whole.text
