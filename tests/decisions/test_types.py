"""A server's own types of proposals, from the commands that make them to the form they open."""

from pathlib import Path

import pytest

from sandbox.discord import Form, Message, NotOffered
from tests.moot import DAY, Moot, hamlet, private

WELLS = ("The old well", "The new well", "No well")


async def change(moot: Moot, command: str, name: str, **options: object) -> Message:
    """The owner changes a type, or looks at it."""
    return await private(
        moot.owner.command(f"type {command}", in_=moot.square, type=name, **options)
    )


async def ask(moot: Moot, name: str, questions: str, template: str = "") -> Message:
    """The owner gives a type its form."""
    form = await moot.owner.command("type form", in_=moot.square, type=name)
    assert isinstance(form, Form)
    return await private(form.submit(template=template, questions=questions))


async def test_a_type_has_its_own_way_to_vote(ready: Moot) -> None:
    answer = await ready.type("Election", system="Single choice")
    assert "**system**: Single choice" in answer.text
    ann = ready.member("Ann")
    assert await ann.suggest("propose", "type", "ele", in_=ready.square) == [
        ("Election", "Election")
    ]
    form = await ready.form(ann, type="Election")
    assert form.title == "New proposal: Election"
    assert [field.label for field in form.fields] == ["Title", "Text", "Link", "Choices"]
    plain = await ready.form(ann)
    assert [field.label for field in plain.fields] == ["Title", "Text", "Link"]
    card = await ready.proposed(ann, type="Election", choices=WELLS)
    await ready.wait_for_voting(card)
    assert "The new well" in card.text


async def test_rules_that_only_fit_together_are_given_together(ready: Moot) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")
    signers = f"{ann.mention} {bea.mention}"
    for lacking in ({"signatures": 2}, {"signers": signers}):
        refusal = await private(
            ready.owner.command(
                "type create", in_=ready.square, name="Spend", system="Signatures", **lacking
            )
        )
        assert "sign" in refusal.text
        assert "/propose" not in refusal.text
    answer = await ready.type("Spend", system="Signatures", signers=signers, signatures=2)
    assert f"**signers**: {ann.mention}, {bea.mention}" in answer.text
    assert "**signatures**: 2" in answer.text


async def test_each_group_of_rules_has_its_command(ready: Moot) -> None:
    elder = ready.server.add_role("Elder")
    await ready.type("Bylaw")
    answer = await change(ready, "quorum", "Bylaw", threshold="2/3", quorum="3")
    assert "**threshold**: 2/3" in answer.text
    await change(ready, "time", "bylaw", voting_period="1w")
    await change(ready, "who", "Bylaw", proposing_role=elder, sponsors=1, cooldown="1d")
    await change(ready, "voting", "Bylaw", reasons="Everyone must give a reason")
    shown = await change(ready, "show", "Bylaw")
    for rule in (
        "**threshold**: 2/3",
        "**quorum**: 3",
        "**voting_period**: 7 days",
        f"**proposing_role**: <@&{elder.id}>",
        "**sponsors**: 1",
        "**cooldown**: 1 day",
        "**reasons**: Everyone must give a reason",
        "**voting_delay**: 1 day",
    ):
        assert rule in shown.text


@pytest.mark.parametrize(
    ("command", "options", "sentence"),
    [
        ("quorum", {"optimistic": True}, "needs a quorum"),
        ("quorum", {"quorum": "many"}, "isn't a quorum"),
        ("quorum", {"threshold": "3/2"}, "isn't a share"),
        ("voting", {"winners": 2}, "only. Take it away"),
        ("voting", {"system": "tossing a coin"}, "system must be one of"),
        ("time", {"voting_period": "30s"}, "isn't a length of time"),
        ("time", {"quiet_ending": "1h", "max_extension": "0"}, "needs a max_extension"),
        ("who", {"sponsors": 26}, "sponsors must be from"),
    ],
)
async def test_what_contradicts_itself_or_is_out_of_bounds_changes_nothing(
    ready: Moot, command: str, options: dict[str, object], sentence: str
) -> None:
    await ready.type("Bylaw")
    before = (await change(ready, "show", "Bylaw")).text
    refusal = await change(ready, command, "Bylaw", tamper=True, **options)
    assert sentence in refusal.text
    assert (await change(ready, "show", "Bylaw")).text == before


async def test_a_type_shows_no_rules_that_its_votes_ignore(ready: Moot) -> None:
    await ready.setup(quorum=3)
    await ready.type("Fund", system="Conviction", funds=15000)
    shown = (await change(ready, "show", "Fund")).text
    assert "**funds**: 15,000" in shown
    assert "**voting_delay**" in shown
    for ignored in ("voting_period", "quorum", "recusal"):
        assert f"**{ignored}**" not in shown
    chosen = await change(ready, "voting", "Fund", system="Single choice")
    assert "**quorum**: 3" in chosen.text
    assert "**voting_period**: 3 days" in chosen.text
    assert "funds" not in chosen.text


async def test_types_are_listed_with_their_questions(ready: Moot) -> None:
    for name, questions in (("Budget", "Cost"), ("Bylaw", "Cost\nPayer")):
        await ready.type(name)
        await ask(ready, name, questions)
    listed = await private(ready.owner.command("type list", in_=ready.square))
    lines = listed.text.splitlines()
    assert any("Budget" in line and line.endswith("1 question") for line in lines)
    assert any("Bylaw" in line and line.endswith("2 questions") for line in lines)


@pytest.mark.parametrize("system", ["Quadratic voting", "Quadratic funding"])
async def test_whoever_chooses_a_quadratic_vote_is_warned(ready: Moot, system: str) -> None:
    answer = await ready.type("Grants", system=system)
    assert "splitting one holder over many accounts" in answer.text
    assert "splitting" not in (await change(ready, "show", "Grants")).text
    assert "splitting" not in (await ready.type("Election", system="Single choice")).text


async def test_a_share_is_shown_with_the_size_of_the_electorate(ready: Moot) -> None:
    villager = ready.server.add_role("Villager")
    for name in ("Ann", "Bea"):
        ready.member(name, roles=[villager])
    await ready.type("Bylaw")
    answer = await change(ready, "quorum", "Bylaw", quorum="50 %")
    assert "50 % of the electorate" in answer.text
    assert "about 4 members" in answer.text
    answer = await change(ready, "who", "Bylaw", voting_role=villager)
    assert "about 2 members" in answer.text
    ready.discord.faults.fail("GET /guilds/{guild}/roles/member-counts", 403)
    assert "can't open" in (await change(ready, "show", "Bylaw")).text


async def test_an_electorate_that_is_recorded_whole_is_told_with_no_guess(
    tmp_path: Path, database_url: str
) -> None:
    async with hamlet(tmp_path, database_url, members_intent=True) as moot:
        await moot.setup()
        await moot.type("Bylaw")
        await change(moot, "quorum", "Bylaw", quorum="50 %")
        shown = await change(moot, "show", "Bylaw")
        assert "The electorate is recorded when voting starts" in shown.text
        assert "about" not in shown.text
        assert "bots" not in shown.text


async def test_a_share_of_the_electorate_is_taken_when_voting_starts(ready: Moot) -> None:
    await ready.type("Bylaw")
    await change(ready, "quorum", "Bylaw", quorum="50 %")
    ann = ready.member("Ann")
    card = await ready.opened(ann, type="Bylaw")
    ready.member("Bea")
    await private(ann.press(card, "For"))
    await ann.sees(ready.proposals, "of 1.5")


async def test_only_who_manages_the_server_changes_types(ready: Moot) -> None:
    await ready.type("Bylaw")
    ann = ready.member("Ann")
    given: dict[str, dict[str, object]] = {
        "create": {"name": "Mine"},
        "quorum": {"type": "Bylaw", "quorum": "1"},
        "form": {"type": "Bylaw"},
        "show": {"type": "Bylaw"},
        "list": {},
        "remove": {"type": "Bylaw"},
    }
    for command, options in given.items():
        with pytest.raises(NotOffered):
            await ann.command(f"type {command}", in_=ready.square, **options)
        refusal = await private(
            ann.command(f"type {command}", in_=ready.square, tamper=True, **options)
        )
        assert "Manage Server" in refusal.text
    form = await ready.owner.command("type form", in_=ready.square, type="Bylaw")
    assert isinstance(form, Form)
    shown = await private(ready.owner.command("type list", in_=ready.square))
    assert "Bylaw" in shown.text
    assert "Mine" not in shown.text


async def test_types_have_names_of_their_own(ready: Moot) -> None:
    await ready.type("Budget")
    for name, sentence in (
        ("bUDGET", "already"),
        ("proposal", "already"),
        (" ", "is empty"),
        ("B" * 41, "41 characters"),
    ):
        refusal = await private(
            ready.owner.command("type create", in_=ready.square, name=name, tamper=True)
        )
        assert sentence in refusal.text
    assert "follows /setup" in (await change(ready, "remove", "Proposal")).text
    assert "no type “Bylaw”" in (await change(ready, "show", "Bylaw")).text


async def test_the_type_that_every_server_has_takes_rules_of_its_own(ready: Moot) -> None:
    await ready.setup(quorum=3)
    await ready.type("Bylaw")
    elder, ann = ready.server.add_role("Elder"), ready.member("Ann")
    power = f"highest({elder.mention} 10)"
    answer = await change(ready, "power", "proposal", power=power)
    assert f"**power**: {power}" in answer.text
    assert "**quorum**: 3" in answer.text
    await change(ready, "time", "Proposal", voting_period="5d")
    await ask(ready, "Proposal", "Cost?", "## What it costs")
    refusal = await private(
        ready.owner.command("type create", in_=ready.square, name="Proposal", tamper=True)
    )
    assert "already" in refusal.text
    offered = await ann.suggest("propose", "type", "", in_=ready.square)
    assert [name for name, _ in offered] == ["Proposal", "Bylaw"]
    form = await ready.form(ann)
    assert form.title == "New proposal"
    assert form.field("body").value == "## What it costs"
    assert "outside" not in (await private(ann.command("power", in_=ready.square))).text
    member = ready.member("Bea", roles=[elder])
    own = await private(member.command("power", in_=ready.square))
    assert f"**10** = 10 from the role {elder.mention}" in own.text
    answer = await private(form.submit(title="Mend the well", body="It is dry."))
    assert "Answer the questions" in answer.buttons

    removed = await change(ready, "remove", "Proposal")
    assert "follows /setup again" in removed.text
    shown = await change(ready, "show", "Proposal")
    assert "**quorum**: 3" in shown.text
    assert "**voting_period**: 3 days" in shown.text
    assert elder.mention not in shown.text
    assert (await ready.form(ann)).field("body").value == ""
    assert "follows /setup" in (await change(ready, "remove", "Proposal")).text


async def test_a_plain_proposal_that_contradicts_the_server_by_now_can_be_mended(
    ready: Moot,
) -> None:
    await ready.setup(quorum=3)
    await change(ready, "quorum", "Proposal", optimistic=True)
    await ready.setup(quorum=0)
    ann = ready.member("Ann")
    for command in ("propose", "power"):
        refusal = await private(ann.command(command, in_=ready.square))
        assert "needs a quorum" in refusal.text
    await change(ready, "remove", "Proposal")
    await ready.form(ann)


async def test_the_card_tells_the_power_of_a_plain_proposal(ready: Moot) -> None:
    elder = ready.server.add_role("Elder")
    await change(ready, "power", "Proposal", power=f"highest({elder.mention} 10)")
    bea = ready.member("Bea", roles=[elder])
    card = await ready.opened(ready.member("Ann"))
    assert "· power: highest role" in card.text
    assert "· Proposal" not in card.text
    assert "with 10 votes" in (await private(bea.press(card, "For"))).text


async def test_the_form_of_a_type_starts_from_its_template(ready: Moot) -> None:
    await ready.type("Budget")
    await ask(ready, "Budget", "", "## What it costs\n\n## Who pays")
    form = await ready.form(ready.member("Ann"), type="Budget")
    assert form.field("body").value == "## What it costs\n\n## Who pays"


async def test_a_refused_form_of_a_type_keeps_its_text(ready: Moot) -> None:
    await ready.type("Budget")
    for questions, sentence in (
        ("1\n2\n3\n4\n5\n6", "6 questions"),
        ("Cost\ncost?", "are the same"),
        ("C" * 46, "can't be a question"),
    ):
        refusal = await ask(ready, "Budget", questions, "## What it costs")
        assert sentence in refusal.text
        again = await ready.owner.press(refusal, "Edit again")
        assert isinstance(again, Form)
        assert again.field("questions").value == questions
        assert again.field("template").value == "## What it costs"
    answer = await private(again.submit(questions="Cost\nPayer?"))
    assert "Payer (optional)" in answer.text
    form = await ready.owner.command("type form", in_=ready.square, type="Budget")
    assert isinstance(form, Form)
    assert form.field("questions").value == "Cost\nPayer?"


async def test_only_types_that_a_member_may_use_are_suggested(ready: Moot) -> None:
    elder = ready.server.add_role("Elder")
    await ready.type("Bylaw")
    await change(ready, "who", "Bylaw", proposing_role=elder)
    ann, bea = ready.member("Ann"), ready.member("Bea", roles=[elder])
    names = [name for name, _ in await ann.suggest("propose", "type", "", in_=ready.square)]
    assert names == ["Proposal"]
    names = [name for name, _ in await bea.suggest("propose", "type", "", in_=ready.square)]
    assert names == ["Proposal", "Bylaw"]
    refusal = await private(ann.command("propose", in_=ready.square, type="Bylaw"))
    assert f"<@&{elder.id}>" in refusal.text
    unknown = await private(ann.command("propose", in_=ready.square, type="Bylow"))
    assert "no type “Bylow”" in unknown.text


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        (["The old well"], "at least two choices"),
        ([f"Well {n}" for n in range(51)], "51 choices"),
        (["The old well", "the OLD  well"], "there twice"),
        (["The old well", "2"], "bare number"),
        (["The old well", "W" * 101], "101 characters"),
    ],
)
async def test_refused_choices_are_kept(ready: Moot, choices: list[str], sentence: str) -> None:
    await ready.type("Election", system="Single choice")
    ann = ready.member("Ann")
    refusal = await ready.propose(ann, type="Election", choices=choices)
    assert sentence in refusal.text
    again = await ann.press(refusal, "Edit again")
    assert isinstance(again, Form)
    assert again.field("choices").value == "\n".join(choices)
    assert again.field("body").value == "It is dry."
    mended = await private(again.submit(choices="\n".join(WELLS)))
    assert "is up" in mended.text


async def test_the_longest_text_is_kept_and_shown(ready: Moot) -> None:
    await ready.type("Election", system="Approval")
    await ask(ready, "Election", "\n".join(f"{n} {'Q' * 40}" for n in range(5)))
    ann, long = ready.member("Ann"), {"title": "T" * 100, "body": "b " * 1999 + "b"}
    long["link"] = "https://example.org/" + "l" * 480
    choices = [f"{n} {'c' * 16}" for n in range(50)]
    refusal = await ready.propose(ann, type="Election", choices=[*choices, "x"], **long)
    assert "51 choices" in refusal.text
    again = await ann.press(refusal, "Edit again")
    assert isinstance(again, Form)
    for name, text in long.items():
        assert again.field(name).value == text
    answer = await private(again.submit(choices="\n".join(choices)))
    form = await ann.press(answer, "Answer the questions")
    assert isinstance(form, Form)
    given = {field.label: "a " * 499 + "a" for field in form.fields}
    first = form.fields[0].label
    refusal = await private(form.submit({**given, first: " " * 999}, tamper=True))
    form = await ann.press(refusal, "Edit again")
    assert isinstance(form, Form)
    assert form.fields[-1].value == given[form.fields[-1].label]
    assert "is up" in (await private(form.submit(given))).text
    shown = await private(ann.command("proposal show", in_=ready.square, proposal="1"))
    assert "b b b" in shown.text
    (card,) = ready.owner.read(ready.proposals)
    await ann.sees(ready.thread(card), choices[-1])


async def test_a_vote_can_have_more_choices_than_a_menu(ready: Moot) -> None:
    await ready.type("Election", system="Approval")
    card = await ready.opened(
        ready.member("Ann"), type="Election", choices=[f"Well {n}." for n in range(26)]
    )
    assert card.buttons


async def test_the_choices_can_be_edited_until_voting_starts(ready: Moot) -> None:
    await ready.type("Election", system="Single choice")
    ann = ready.member("Ann")
    card = await ready.proposed(ann, type="Election", choices=WELLS)
    form = await ann.command("proposal edit", in_=ready.square, proposal="1")
    assert isinstance(form, Form)
    assert form.field("choices").value == "\n".join(WELLS)
    await private(form.submit(choices="Dig\nDon't dig"))
    await ready.wait_for_voting(card)
    assert "Don't dig" in card.text
    assert "No well" not in card.text


async def test_a_type_removed_while_its_form_is_open_gives_the_text_back(ready: Moot) -> None:
    await ready.type("Election", system="Single choice")
    ann = ready.member("Ann")
    form = await ready.form(ann, type="Election")
    await change(ready, "remove", "Election")
    refusal = await private(
        form.submit(title="Mend the well", body="It is dry.", choices="\n".join(WELLS))
    )
    assert "removed while you wrote" in refusal.text
    assert "The new well" in refusal.text
    again = await ann.press(refusal, "Edit again")
    assert isinstance(again, Form)
    assert again.title == "New proposal"
    assert "is up" in (await private(again.submit())).text


async def test_a_form_works_after_a_restart(ready: Moot) -> None:
    await ready.type("Election", system="Single choice")
    ann = ready.member("Ann")
    form = await ready.form(ann, type="Election")
    await ready.stop()
    await ready.start()
    refusal = await private(form.submit(title="Mend the well", body="It is dry.", choices="One"))
    await ready.stop()
    await ready.start()
    again = await ann.press(refusal, "Edit again")
    assert isinstance(again, Form)
    assert again.title == "New proposal: Election"
    assert "is up" in (await private(again.submit(choices="\n".join(WELLS)))).text


async def test_a_change_of_a_type_never_touches_an_open_vote(ready: Moot) -> None:
    await ready.type("Bylaw", recusal=False)
    await change(ready, "quorum", "Bylaw", quorum="1")
    ann = ready.member("Ann")
    card = await ready.opened(ann, type="Bylaw")
    await change(ready, "quorum", "Bylaw", quorum="9")
    await change(ready, "time", "Bylaw", voting_period="9d")
    await change(ready, "remove", "Bylaw")
    await ready.setup(quorum=9, voting_period="9d")
    await private(ann.press(card, "For"))
    result = await ready.wait_for_deadline()
    assert "succeeded" in result.text


async def test_an_extension_is_told_in_the_thread(ready: Moot) -> None:
    await ready.type("Bylaw")
    await change(ready, "quorum", "Bylaw", quorum="1")
    await change(ready, "time", "Bylaw", late_quorum_extension="1d")
    ann = ready.member("Ann")
    card = await ready.opened(ann, type="Bylaw")
    ready.clock.advance(5 * DAY / 2)
    await private(ann.press(card, "For"))
    await ann.sees(ready.thread(card), "is extended until")


async def test_a_type_that_contradicts_the_server_by_now_can_be_mended(ready: Moot) -> None:
    await ready.setup(quorum=3)
    await ready.type("Bylaw")
    await change(ready, "quorum", "Bylaw", optimistic=True)
    await ready.setup(quorum=0)
    refusal = await private(ready.member("Ann").command("propose", in_=ready.square, type="Bylaw"))
    assert "needs a quorum" in refusal.text
    assert "Bylaw" in (await private(ready.owner.command("type list", in_=ready.square))).text
    mended = await change(ready, "quorum", "Bylaw", quorum="2")
    assert "**quorum**: 2" in mended.text


async def test_rules_bound_how_much_one_author_proposes(ready: Moot) -> None:
    await ready.type("Bylaw")
    await change(ready, "who", "Bylaw", max_open=1, cooldown="5d")
    ann = ready.member("Ann")
    form = await ready.form(ann, type="Bylaw")
    await ready.proposed(ann, type="Bylaw")
    refusal = await private(ann.command("propose", in_=ready.square, type="Bylaw"))
    assert "1 open proposal," in refusal.text
    refusal = await private(form.submit(title="Mend it", body="Again."))
    assert "1 open proposal," in refusal.text
    assert "Again." in refusal.text
    ready.clock.advance(DAY)
    await ready.wait_for_deadline()
    refusal = await private(ann.command("propose", in_=ready.square, type="Bylaw"))
    assert "5 days must pass" in refusal.text
    ready.clock.advance(DAY)
    await ready.form(ann, type="Bylaw")


async def test_proposing_can_take_voting_power(ready: Moot) -> None:
    voter = ready.server.add_role("Voter")
    await ready.type("Bylaw")
    await change(ready, "who", "Bylaw", proposal_threshold=1, voting_role=voter)
    ann, bea = ready.member("Ann"), ready.member("Bea", roles=[voter])
    refusal = await private(ann.command("propose", in_=ready.square, type="Bylaw"))
    assert "takes 1 vote, and you have 0" in refusal.text
    await ready.proposed(bea, type="Bylaw")


async def test_two_proposals_with_the_same_title_are_told_apart_by_number(ready: Moot) -> None:
    ann = ready.member("Ann")
    for body in ("It is dry.", "It is deep."):
        await ready.proposed(ann, body=body)
    names = [n for n, _ in await ann.suggest("proposal show", "proposal", "mend", in_=ready.square)]
    assert names == ["#2 Mend the well", "#1 Mend the well"]
    for number, body in (("1", "It is dry."), ("#2", "It is deep.")):
        shown = await private(ann.command("proposal show", in_=ready.square, proposal=number))
        assert body in shown.text
    refusal = await private(
        ann.command("proposal show", in_=ready.square, proposal="Mend the well")
    )
    assert "no single proposal" in refusal.text
