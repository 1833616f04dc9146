"""From a draft to a discussion: saved, shared, sponsored, submitted; and who may propose what."""

from dataclasses import replace

import pytest

from governance.errors import NotAllowed, NotFound, Refusal
from governance.proposal import Proposal, ProposalState, state
from governance.texts import Text
from governance.types import STANDARD
from tests.services.hall import ANN, BEN, CLEO, MODERATOR, Hall, member
from tests.storage.databases import DAY, HAMLET, TICK

WELL = Text("Mend the well", "It is dry.")
TREES = Text("Plant a tree", "Which?", choices=("Oak", "Elm"))


async def drafted(hall: Hall, text: Text = WELL, kind: str = STANDARD.name) -> Proposal:
    return await hall.proposing.propose(HAMLET, ANN, text, kind, draft=True)


def stands(hall: Hall, proposal: Proposal) -> ProposalState:
    return state(proposal, hall.clock.at)


async def test_a_draft_is_announced_to_nobody(hall: Hall) -> None:
    draft = await drafted(hall)
    assert stands(hall, draft) is ProposalState.DRAFT
    assert await hall.announced() == []
    hall.clock.advance(100 * DAY)
    assert await hall.deadlines.settle() == []


async def test_a_draft_is_seen_by_its_author_alone(hall: Hall) -> None:
    draft = await drafted(hall)
    assert (await hall.proposals.find(HAMLET, "#1", ANN.id)).id == draft.id
    assert await hall.proposals.page(HAMLET, BEN.id, limit=9) == []
    for typed in ("#1", "Mend the well"):
        with pytest.raises(NotFound):
            await hall.proposals.find(HAMLET, typed, MODERATOR.id)


async def test_the_discussion_starts_when_a_draft_is_submitted(hall: Hall) -> None:
    draft = await drafted(hall)
    hall.clock.advance(5 * DAY)
    submitted = await hall.proposing.submit(HAMLET, draft.id, ANN)
    assert stands(hall, submitted) is ProposalState.PENDING
    assert submitted.vote_start == hall.clock.at + DAY
    assert submitted.vote_end == hall.clock.at + 4 * DAY
    assert await hall.announcements("proposed") == [(1, "card"), (1, "thread")]


async def test_a_draft_is_submitted_under_the_rules_of_that_moment(hall: Hall) -> None:
    draft = await drafted(hall)
    await hall.set_up(voting_period="5d", quorum=3)
    submitted = await hall.proposing.submit(HAMLET, draft.id, ANN)
    assert submitted.rules.voting_period == 5 * DAY
    assert submitted.quorum == 3 * 10**18


async def test_a_shared_draft_is_announced_once_and_takes_no_votes(hall: Hall) -> None:
    draft = await drafted(hall)
    shared = await hall.proposing.share(HAMLET, draft.id, ANN)
    assert stands(hall, shared) is ProposalState.DRAFT
    assert [each.id for each in await hall.proposals.page(HAMLET, BEN.id, limit=9)] == [draft.id]
    with pytest.raises(Refusal, match="shared already"):
        await hall.proposing.share(HAMLET, draft.id, ANN)
    with pytest.raises(Refusal, match="is a draft, so it takes no votes yet"):
        await hall.voting.cast(HAMLET, draft.id, BEN, 1)
    await hall.proposing.submit(HAMLET, draft.id, ANN)
    assert await hall.announced() == [
        ("proposed", 1, "card"),
        ("proposed", 1, "thread"),
        ("submitted", 1, "thread"),
    ]


@pytest.mark.parametrize("deed", ["submit", "share"])
async def test_only_its_author_does_anything_with_a_draft(hall: Hall, deed: str) -> None:
    draft = await drafted(hall)
    for who in (BEN, MODERATOR):
        with pytest.raises((NotAllowed, NotFound)):
            await getattr(hall.proposing, deed)(HAMLET, draft.id, who)
    await hall.proposing.submit(HAMLET, draft.id, ANN)
    with pytest.raises(Refusal, match="is no draft any more"):
        await getattr(hall.proposing, deed)(HAMLET, draft.id, ANN)


# Sponsors


async def test_a_proposal_waits_for_its_sponsors(hall: Hall) -> None:
    await hall.type("Bylaw", sponsors=2)
    proposal = await hall.proposed(kind="bylaw")
    assert stands(hall, proposal) is ProposalState.DRAFT
    assert await hall.announcements("proposed") == [(1, "card"), (1, "thread")]
    hall.clock.advance(9 * DAY)
    one = await hall.proposing.sponsor(HAMLET, proposal.id, BEN, proposal.version)
    assert (one.missing_sponsors, stands(hall, one)) == (1, ProposalState.DRAFT)
    two = await hall.proposing.sponsor(HAMLET, proposal.id, CLEO, proposal.version)
    assert stands(hall, two) is ProposalState.PENDING
    assert two.vote_start == hall.clock.at + DAY
    assert await hall.announcements("submitted") == [(1, "thread")]


async def test_nobody_sponsors_twice_or_for_themselves(hall: Hall) -> None:
    await hall.type("Bylaw", sponsors=2)
    proposal = await hall.proposed(kind="Bylaw")
    await hall.proposing.sponsor(HAMLET, proposal.id, BEN, proposal.version)
    for who in (BEN, ANN):
        with pytest.raises(Refusal):
            await hall.proposing.sponsor(HAMLET, proposal.id, who, proposal.version)
    assert (await hall.now(proposal)).sponsors == (BEN.id,)


async def test_sponsors_of_a_draft_wait_for_its_author(hall: Hall) -> None:
    await hall.type("Bylaw", sponsors=1)
    draft = await drafted(hall, kind="Bylaw")
    await hall.proposing.share(HAMLET, draft.id, ANN)
    sponsored = await hall.proposing.sponsor(HAMLET, draft.id, BEN, draft.version)
    assert stands(hall, sponsored) is ProposalState.DRAFT
    submitted = await hall.proposing.submit(HAMLET, draft.id, ANN)
    assert stands(hall, submitted) is ProposalState.PENDING


async def test_an_edited_draft_needs_its_sponsors_again(hall: Hall) -> None:
    await hall.type("Bylaw", sponsors=2)
    proposal = await hall.proposed(kind="Bylaw")
    await hall.proposing.sponsor(HAMLET, proposal.id, BEN, proposal.version)
    other = Text("Mend the well", "At any price.")
    edited = await hall.proposals.edit(HAMLET, proposal.id, ANN, other, 1)
    assert edited.sponsors == ()


async def test_a_sponsor_signs_the_text_that_was_read_and_no_other(hall: Hall) -> None:
    await hall.type("Bylaw", sponsors=1)
    ready = await hall.proposed(kind="Bylaw")
    other = replace(ready.text, body="All power to me.")
    edited = await hall.proposals.edit(HAMLET, ready.id, ANN, other, ready.version)
    with pytest.raises(Refusal, match="edited meanwhile"):
        await hall.proposing.sponsor(HAMLET, ready.id, BEN, ready.version)
    assert (await hall.now(ready)).sponsors == ()
    assert (await hall.proposing.sponsor(HAMLET, ready.id, BEN, edited.version)).submitted_at


async def test_a_ready_draft_stays_complete(hall: Hall) -> None:
    await hall.type("Council", system="approval", winners=2, sponsors=1)
    names = ("Oak", "Elm", "Ash")
    ready = await hall.proposed(kind="Council", choices=names)
    short = replace(ready.text, choices=names[:2])
    with pytest.raises(Refusal, match="more than 2 to choose from"):
        await hall.proposals.edit(HAMLET, ready.id, ANN, short, ready.version)


async def test_sponsors_of_other_rules_are_asked_again(hall: Hall) -> None:
    await hall.type("Bylaw", sponsors=2, threshold="90 %")
    ready = await hall.proposed(kind="Bylaw")
    await hall.proposing.sponsor(HAMLET, ready.id, BEN, ready.version)
    same = await hall.proposing.submit(HAMLET, ready.id, ANN)
    assert same.sponsors == (BEN.id,)
    await hall.types.change(HAMLET, MODERATOR, "Bylaw", {"sponsors": 1, "threshold": "0"})
    again = await hall.proposing.submit(HAMLET, ready.id, ANN)
    assert (again.sponsors, again.missing_sponsors) == ((), 1)
    assert stands(hall, again) is ProposalState.DRAFT


# Types


async def test_a_type_brings_its_system_and_asks_for_choices(hall: Hall) -> None:
    await hall.type("Election", system="ranked_choice")
    with pytest.raises(Refusal, match="at least two, one a line"):
        await hall.proposing.propose(HAMLET, ANN, WELL, "Election")
    proposal = await hall.proposing.propose(HAMLET, ANN, TREES, "Election")
    assert (proposal.type, proposal.choices) == ("Election", ("Oak", "Elm"))
    assert proposal.rules.system == "ranked_choice"


async def test_a_draft_keeps_what_its_type_still_asks_for(hall: Hall) -> None:
    await hall.type("Election", system="single_choice")
    draft = await drafted(hall, TREES, "Election")
    await hall.types.change(HAMLET, MODERATOR, "Election", {"system": "basic"})
    submitted = await hall.proposing.submit(HAMLET, draft.id, ANN)
    assert (submitted.text, submitted.version) == (replace(TREES, choices=()), 2)
    unasked = await hall.proposing.propose(HAMLET, ANN, TREES, "Election")
    assert unasked.text.choices == ()


async def test_more_choices_than_winners_are_needed(hall: Hall) -> None:
    await hall.type("Council", system="approval", winners=2)
    with pytest.raises(Refusal, match="more than 2 to choose from"):
        await hall.proposing.propose(HAMLET, ANN, TREES, "Council")


async def test_answers_to_the_questions_of_a_type_are_needed(hall: Hall) -> None:
    await hall.type("Budget")
    await hall.types.set_form(HAMLET, MODERATOR, "Budget", "We need …", "Amount\nWho pays?")
    draft = await drafted(hall, kind="Budget")
    with pytest.raises(Refusal, match="“Amount” is not answered"):
        await hall.proposing.submit(HAMLET, draft.id, ANN)
    answered = await hall.proposing.answer(HAMLET, draft.id, ANN, {"Amount": " 5 coins "})
    assert answered.text.fields == (("Amount", "5 coins"),)
    submitted = await hall.proposing.submit(HAMLET, draft.id, ANN)
    assert submitted.text.fields == (("Amount", "5 coins"),)


async def test_a_type_that_is_gone_leaves_drafts_and_open_votes_as_they_are(hall: Hall) -> None:
    await hall.type("Bylaw", threshold="2/3")
    proposal = await hall.proposed(kind="Bylaw")
    draft = await drafted(hall, kind="Bylaw")
    await hall.types.remove(HAMLET, MODERATOR, "bylaw")
    with pytest.raises(NotFound, match="no type “Bylaw” here"):
        await hall.proposing.submit(HAMLET, draft.id, ANN)
    assert (await hall.now(draft)).text == WELL
    assert (await hall.now(proposal)).rules.threshold


async def test_a_change_of_a_type_does_not_touch_what_is_open(hall: Hall) -> None:
    await hall.type("Bylaw", threshold="2/3")
    proposal = await hall.proposed(kind="Bylaw")
    await hall.types.change(HAMLET, MODERATOR, "Bylaw", {"threshold": "9/10", "quorum": "50 %"})
    assert (await hall.now(proposal)).rules == proposal.rules


@pytest.mark.parametrize(
    ("rules", "to"),
    [
        ({"system": "multisig", "signers": "<@10001> <@10002>", "signatures": 1}, "basic"),
        ({"system": "conviction", "funds": 9, "decay": "80 %"}, "approval"),
        ({"system": "quadratic", "credits": 9, "negative": True}, "single_choice"),
        ({"system": "approval", "winners": 2}, "ranked_choice"),
        ({"system": "single_choice", "tie_by_lot": True}, "basic"),
    ],
)
async def test_another_system_leaves_the_rules_of_the_old_one(
    hall: Hall, rules: dict[str, object], to: str
) -> None:
    await hall.type("Safe", **rules, reasons="required")
    changed = await hall.types.change(HAMLET, MODERATOR, "Safe", {"system": to})
    assert changed.changes == {"system": to, "reasons": "required"}


async def test_types_are_made_and_changed_by_moderators_only(hall: Hall) -> None:
    await hall.type("Bylaw")
    for deed in (
        hall.types.create(HAMLET, ANN, "Budget", {}),
        hall.types.change(HAMLET, ANN, "Bylaw", {"quorum": "1"}),
        hall.types.set_form(HAMLET, ANN, "Bylaw", "", ""),
        hall.types.remove(HAMLET, ANN, "Bylaw"),
    ):
        with pytest.raises(NotAllowed, match="Manage Server"):
            await deed


async def test_two_types_never_look_alike(hall: Hall) -> None:
    await hall.type("Bylaw")
    for name in ("BYLAW", "proposal"):
        with pytest.raises(Refusal, match="already"):
            await hall.type(name)
    assert [each.name for each in await hall.types.all(HAMLET)] == ["Proposal", "Bylaw"]


async def test_the_type_that_every_server_has_stays(hall: Hall) -> None:
    await hall.type("Bylaw")
    with pytest.raises(Refusal, match="can't be removed"):
        await hall.types.remove(HAMLET, MODERATOR, "proposal")
    await hall.types.change(HAMLET, MODERATOR, "proposal", {"quorum": "1"})
    assert [each.name for each in await hall.types.all(HAMLET)] == ["Proposal", "Bylaw"]
    await hall.types.remove(HAMLET, MODERATOR, "proposal")
    assert [each.name for each in await hall.types.all(HAMLET)] == ["Proposal", "Bylaw"]


async def test_a_server_has_no_more_types_than_can_be_chosen_from(hall: Hall) -> None:
    for number in range(24):
        await hall.type(f"Type {number}")
    with pytest.raises(Refusal, match="can have 25 types"):
        await hall.type("One more")


# How often


async def test_an_author_has_so_many_open_proposals_and_drafts_do_not_count(hall: Hall) -> None:
    await hall.type("Bylaw", max_open=1)
    await drafted(hall, kind="Bylaw")
    first = await hall.proposed(kind="Bylaw")
    with pytest.raises(Refusal, match="1 open proposal,"):
        await hall.proposed(kind="Bylaw")
    await hall.proposed(kind="Bylaw", by=BEN)
    hall.clock.at = first.vote_end + TICK
    await hall.proposed(kind="Bylaw")


async def test_what_waits_for_sponsors_counts_as_open(hall: Hall) -> None:
    await hall.type("Bylaw", sponsors=1, max_open=1)
    ready = await hall.proposed(kind="Bylaw")
    with pytest.raises(Refusal, match="1 open proposal,"):
        await hall.proposed(kind="Bylaw")
    sponsored = await hall.proposing.sponsor(HAMLET, ready.id, BEN, ready.version)
    assert sponsored.submitted_at


async def test_shared_drafts_are_bounded_as_proposals_are(hall: Hall) -> None:
    await hall.type("Bylaw", max_open=1)
    first, second = [await drafted(hall, kind="Bylaw") for _ in "12"]
    await hall.proposing.share(HAMLET, first.id, ANN)
    with pytest.raises(Refusal, match="1 open proposal, counting shared drafts"):
        await hall.proposing.share(HAMLET, second.id, ANN)
    with pytest.raises(Refusal, match="1 open proposal,"):
        await hall.proposing.submit(HAMLET, second.id, ANN)
    submitted = await hall.proposing.submit(HAMLET, first.id, ANN)
    assert stands(hall, submitted) is ProposalState.PENDING


async def test_an_author_waits_after_a_shared_draft_too(hall: Hall) -> None:
    await hall.type("Bylaw", cooldown="2d")
    first, second = [await drafted(hall, kind="Bylaw") for _ in "12"]
    await hall.proposing.share(HAMLET, first.id, ANN)
    await hall.proposals.cancel(HAMLET, first.id, ANN, "It rained.")
    with pytest.raises(Refusal, match="2 days must pass"):
        await hall.proposing.share(HAMLET, second.id, ANN)
    hall.clock.advance(2 * DAY)
    await hall.proposing.share(HAMLET, second.id, ANN)
    await hall.proposing.submit(HAMLET, second.id, ANN)


async def test_who_may_not_propose_any_more_shares_nothing(hall: Hall) -> None:
    await hall.type("Bylaw", proposing_role=77)
    author = member(ANN.id, roles=frozenset({77}))
    draft = await hall.proposing.propose(HAMLET, author, WELL, "Bylaw", draft=True)
    with pytest.raises(NotAllowed, match="<@&77>"):
        await hall.proposing.share(HAMLET, draft.id, ANN)
    await hall.proposing.share(HAMLET, draft.id, author)


async def test_an_author_keeps_so_many_drafts(hall: Hall) -> None:
    drafts = [await drafted(hall) for _ in range(25)]
    with pytest.raises(Refusal, match="You have 25 drafts"):
        await drafted(hall)
    await hall.proposing.submit(HAMLET, drafts[0].id, ANN)
    await drafted(hall)


async def test_an_author_waits_between_two_proposals(hall: Hall) -> None:
    await hall.type("Bylaw", cooldown="2d")
    first = await hall.proposed(kind="Bylaw")
    with pytest.raises(Refusal, match="2 days must pass"):
        await hall.proposed(kind="Bylaw")
    hall.clock.at = first.created_at + 2 * DAY
    await hall.proposed(kind="Bylaw")


async def test_who_may_not_vote_lacks_the_power_to_propose(hall: Hall) -> None:
    await hall.type("Bylaw", voting_role=9, proposal_threshold=1)
    with pytest.raises(NotAllowed, match="takes 1 vote, and you have 0"):
        await hall.proposed(kind="Bylaw")
    await hall.proposed(kind="Bylaw", by=member(50, roles=frozenset({9})))
