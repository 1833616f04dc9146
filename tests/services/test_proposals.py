"""Proposing, editing, canceling and finding, and who may."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from governance.deliveries import Event
from governance.electorate import Member
from governance.errors import NotAllowed, NotFound, Refusal
from governance.power import UNIT
from governance.proposal import Proposal
from governance.settings import Settings
from governance.texts import Text
from governance.types import STANDARD
from services.proposals import Which
from tests.services.hall import ANN, BEN, MODERATOR, Hall, member
from tests.storage.databases import DAY, ELSEWHERE, HAMLET, TICK

WELL, POND = Text("Mend the well", "It is dry."), Text("Dig a pond", "It will be wet.")


async def edit(hall: Hall, proposal: Proposal, who: Member = ANN, **more: Any) -> Proposal:
    wanted: dict[str, Any] = {"text": POND, "seen_version": proposal.version, **more}
    return await hall.proposals.edit(HAMLET, proposal.id, who, **wanted)


# Proposing


async def test_a_proposal_is_stored_with_the_rules_of_the_moment_and_announced(
    empty: Hall,
) -> None:
    await empty.set_up(quorum=4, voting_delay="2h", voting_period="1d", voting_role=9)
    proposal = await empty.proposing.propose(HAMLET, ANN, WELL, STANDARD.name)
    assert (proposal.text, proposal.author_id, proposal.number) == (WELL, ANN.id, 1)
    assert (proposal.quorum, proposal.rules.voting_role) == (4 * UNIT, 9)
    assert proposal.created_at == empty.clock.at
    assert proposal.vote_start == empty.clock.at + timedelta(hours=2)
    assert proposal.vote_end == proposal.vote_start + DAY
    assert await empty.announced() == [("proposed", 1, "card"), ("proposed", 1, "thread")]


async def test_later_settings_never_touch_a_proposal_that_is_made(hall: Hall) -> None:
    before = await hall.proposed()
    await hall.set_up(quorum=99, voting_delay="5d", voting_period="5d", voting_role=9)
    assert await hall.now(before) == before
    assert (await hall.proposed("Another")).quorum == 99 * UNIT


@pytest.mark.parametrize("present", [{}, {"proposals_channel": 1}, {"results_channel": 1}])
async def test_nobody_proposes_before_the_server_is_set_up(
    empty: Hall, present: dict[str, int]
) -> None:
    await empty.settings.change(HAMLET, present, None)
    with pytest.raises(Refusal, match="isn't set up in this server yet"):
        await empty.proposing.propose(HAMLET, MODERATOR, WELL, STANDARD.name)
    with pytest.raises(Refusal, match="isn't set up"):
        await empty.proposing.require_may_propose(HAMLET, MODERATOR, STANDARD.name)
    assert await empty.announced() == []


async def test_a_server_that_is_set_up_does_not_stand_for_another(hall: Hall) -> None:
    with pytest.raises(Refusal, match="isn't set up"):
        await hall.proposing.propose(ELSEWHERE, ANN, WELL, STANDARD.name)


async def test_a_bot_does_not_propose(hall: Hall) -> None:
    with pytest.raises(NotAllowed, match="made by people"):
        await hall.proposing.propose(HAMLET, member(50, bot=True), WELL, STANDARD.name)


async def test_where_a_role_is_needed_only_its_holders_propose(empty: Hall) -> None:
    await empty.set_up(proposing_role=9)
    holder = member(50, roles=frozenset({9}))
    assert (await empty.proposing.propose(HAMLET, holder, WELL, STANDARD.name)).author_id == 50
    for other in (ANN, MODERATOR):
        with pytest.raises(NotAllowed, match="<@&9>"):
            await empty.proposing.propose(HAMLET, other, WELL, STANDARD.name)


async def test_who_may_propose_gets_the_settings_that_will_hold(hall: Hall) -> None:
    found = await hall.proposing.require_may_propose(HAMLET, ANN, STANDARD.name)
    assert found == (STANDARD, Settings(proposals_channel=1, results_channel=2).rules())


async def test_proposals_at_the_same_time_have_numbers_without_gaps(hall: Hall) -> None:
    made = await asyncio.gather(*(hall.proposed(f"Number {n}") for n in range(12)))
    assert sorted(each.number for each in made) == list(range(1, 13))


# Editing


async def test_the_author_gives_it_another_text_and_the_first_stays(hall: Hall) -> None:
    first = await hall.proposed()
    second = await edit(hall, first)
    assert (second.text, second.version) == (POND, 2)
    assert second == await hall.now(first)
    assert second.revision > first.revision
    assert await hall.proposals.text_of_version(first.id, 1) == first.text
    assert await hall.proposals.text_of_version(first.id, 2) == POND
    assert await hall.proposals.text_of_version(first.id, 3) is None
    assert await hall.announcements(Event.EDITED) == [(1, "thread")]


async def test_each_edit_is_announced(hall: Hall) -> None:
    first = await hall.proposed()
    await edit(hall, await edit(hall, first), text=WELL)
    assert await hall.announcements(Event.EDITED) == [(1, "thread")] * 2


async def test_who_started_from_an_older_version_is_told_and_overwrites_nothing(
    hall: Hall,
) -> None:
    first = await hall.proposed()
    await edit(hall, first)
    with pytest.raises(Refusal, match=r"edited meanwhile \(version 2\)"):
        await edit(hall, first, text=Text("Third", "Text"))
    assert (await hall.now(first)).text == POND


async def test_of_two_edits_at_the_same_time_one_wins(hall: Hall) -> None:
    first = await hall.proposed()
    texts = [Text(f"Number {n}", "Text") for n in range(4)]
    answers = await asyncio.gather(
        *(edit(hall, first, text=text) for text in texts), return_exceptions=True
    )
    (won,) = [each for each in answers if isinstance(each, Proposal)]
    assert await hall.now(first) == won
    assert won.version == 2
    assert len(await hall.announcements(Event.EDITED)) == 1


async def test_an_edit_that_changes_nothing_makes_no_version(hall: Hall) -> None:
    first = await hall.proposed()
    with pytest.raises(Refusal, match="Nothing was changed"):
        await edit(hall, first, text=first.text)
    assert await hall.now(first) == first


async def test_nobody_else_edits_not_even_a_moderator(hall: Hall) -> None:
    first = await hall.proposed()
    for who in (BEN, MODERATOR):
        with pytest.raises(NotAllowed, match="Only its author"):
            await edit(hall, first, who)
        with pytest.raises(NotAllowed, match="Only its author"):
            await hall.proposals.require_may_edit(HAMLET, "1", who)
    assert await hall.now(first) == first


async def test_the_text_is_fixed_once_voting_has_started(hall: Hall) -> None:
    first = await hall.proposed()
    hall.clock.at = first.vote_start
    assert await hall.proposals.require_may_edit(HAMLET, "1", ANN) == first
    second = await edit(hall, first)
    hall.clock.advance(TICK)
    with pytest.raises(Refusal, match="can't be edited any more"):
        await edit(hall, second, text=WELL)
    with pytest.raises(Refusal, match="can't be edited any more"):
        await hall.proposals.require_may_edit(HAMLET, "1", ANN)
    assert await hall.now(first) == second


# Canceling


async def test_a_cancellation_is_on_record_and_announced(hall: Hall) -> None:
    first = await hall.proposed()
    hall.clock.advance(TICK)
    gone = await hall.proposals.cancel(HAMLET, first.id, ANN, "  Overtaken\u202e by events. ")
    assert gone == await hall.now(first)
    assert gone.canceled
    assert (gone.canceled.at, gone.canceled.by) == (hall.clock.at, ANN.id)
    assert gone.canceled.reason == "Overtaken by events."
    assert await hall.announcements(Event.CANCELED) == [(1, "thread"), (1, "results")]


async def test_a_cancellation_needs_a_reason(hall: Hall) -> None:
    first = await hall.proposed()
    for reason in ("", " \u200b "):
        with pytest.raises(Refusal, match="reason is empty"):
            await hall.proposals.cancel(HAMLET, first.id, ANN, reason)
    assert (await hall.now(first)).canceled is None


async def test_only_the_author_or_a_moderator_cancels(hall: Hall) -> None:
    first = await hall.proposed()
    with pytest.raises(NotAllowed):
        await hall.proposals.cancel(HAMLET, first.id, BEN, "I don't like it.")
    with pytest.raises(NotAllowed):
        await hall.proposals.require_may_cancel(HAMLET, "1", BEN)
    for who in (ANN, MODERATOR):
        assert await hall.proposals.require_may_cancel(HAMLET, "1", who) == first
    assert await hall.now(first) == first


async def test_once_voting_has_started_only_a_moderator_cancels(hall: Hall) -> None:
    first = await hall.opened()
    with pytest.raises(NotAllowed, match="only a moderator"):
        await hall.proposals.cancel(HAMLET, first.id, ANN, "I changed my mind.")
    assert (await hall.proposals.cancel(HAMLET, first.id, MODERATOR, "Unlawful.")).canceled


async def test_a_cancellation_stands_and_is_announced_once(hall: Hall) -> None:
    first = await hall.proposed()
    answers = await asyncio.gather(
        *(hall.proposals.cancel(HAMLET, first.id, ANN, f"Reason {n}.") for n in range(3)),
        return_exceptions=True,
    )
    (won,) = [each for each in answers if isinstance(each, Proposal)]
    assert await hall.now(first) == won
    assert len(await hall.announcements(Event.CANCELED)) == 2


async def test_what_was_defeated_is_not_canceled(hall: Hall) -> None:
    first = await hall.opened()
    hall.clock.at = first.vote_end + TICK
    with pytest.raises(Refusal, match="was defeated"):
        await hall.proposals.cancel(HAMLET, first.id, MODERATOR, "Unlawful.")


# Finding


@pytest.mark.parametrize(
    "typed",
    ["2", "#2", " 2 ", "#2 Dig a pond", "#2 dig", "Dig a pond", "dig A", "POND", " pond "],
)
async def test_a_proposal_is_found_by_number_or_title(hall: Hall, typed: str) -> None:
    for title in ("Mend the well", "Dig a pond", "Plant a tree"):
        await hall.proposed(title)
    assert (await hall.proposals.find(HAMLET, typed, ANN.id)).number == 2


@pytest.mark.parametrize("typed", ["", "  ", "#", "4", "#4", "bridge", "e", "%", "_", "0", "²"])
async def test_what_names_no_single_proposal_is_not_found(hall: Hall, typed: str) -> None:
    for title in ("Mend the well", "Dig a pond", "Plant a tree"):
        await hall.proposed(title)
    with pytest.raises(NotFound, match="no single proposal called"):
        await hall.proposals.find(HAMLET, typed, ANN.id)


async def test_a_title_that_begins_with_a_number_is_no_number(hall: Hall) -> None:
    for title in ("Mend the well", "1 more bench", "2 more benches"):
        await hall.proposed(title)
    assert (await hall.proposals.find(HAMLET, "1 more bench", ANN.id)).number == 2
    assert (await hall.proposals.find(HAMLET, "2 more", ANN.id)).number == 3
    assert (await hall.proposals.find(HAMLET, "#1 more bench", ANN.id)).number == 1


async def test_a_number_that_does_not_exist_may_be_a_title(hall: Hall) -> None:
    await hall.proposed("2030 goals")
    assert (await hall.proposals.find(HAMLET, "2030", ANN.id)).number == 1


async def test_only_one_proposal_is_found_even_by_nothing(hall: Hall) -> None:
    await hall.proposed()
    with pytest.raises(NotFound):
        await hall.proposals.find(HAMLET, "   ", ANN.id)


async def test_another_servers_proposal_is_not_there(hall: Hall) -> None:
    await hall.set_up(ELSEWHERE)
    theirs = await hall.proposed("A secret", guild_id=ELSEWHERE)
    for typed in ("1", "#1", "A secret"):
        with pytest.raises(NotFound):
            await hall.proposals.find(HAMLET, typed, ANN.id)
    attempts = (
        hall.proposals.get(HAMLET, theirs.id),
        edit(hall, theirs),
        hall.proposals.cancel(HAMLET, theirs.id, MODERATOR, "Unlawful."),
        hall.proposals.require_may_edit(HAMLET, "1", ANN),
        hall.proposals.require_may_cancel(HAMLET, "1", MODERATOR),
    )
    for attempt in attempts:
        with pytest.raises(NotFound):
            await attempt
    assert await hall.proposals.page(HAMLET, ANN.id, limit=9) == []
    assert await hall.proposals.get(ELSEWHERE, theirs.id) == theirs


async def test_a_proposal_that_never_was_is_not_found(hall: Hall) -> None:
    with pytest.raises(NotFound, match="no such proposal"):
        await hall.proposals.get(HAMLET, 1)
    assert await hall.proposals.by_ids([1]) == {}


async def test_a_selection_follows_the_state(hall: Hall) -> None:
    over = await hall.proposed("Over")
    hall.clock.at = over.vote_end
    gone, pending = await hall.proposed("Gone"), await hall.proposed("Pending")
    await hall.proposals.cancel(HAMLET, gone.id, ANN, "Overtaken.")
    await hall.set_up(voting_delay="0m")
    active = await hall.proposed("Active")
    hall.clock.advance(TICK)

    async def found(which: Which, **more: Any) -> list[str]:
        page = await hall.proposals.page(HAMLET, ANN.id, which, limit=9, **more)
        return [each.text.title for each in page]

    assert await found(Which.ALL) == ["Active", "Pending", "Gone", "Over"]
    assert await found(Which.OPEN) == ["Active", "Pending"]
    assert await found(Which.CLOSED) == ["Gone", "Over"]
    assert await found(Which.PENDING) == ["Pending"]
    assert await found(Which.ACTIVE) == ["Active"]
    assert await found(Which.LIVING) == ["Active", "Pending", "Over"]
    assert await found(Which.ALL, titled="e") == ["Active", "Pending", "Gone", "Over"]
    assert await found(Which.CLOSED, titled="GO") == ["Gone"]
    assert await found(Which.ALL, author_id=BEN.id) == []
    assert await found(Which.ALL, author_id=ANN.id, offset=3) == ["Over"]
    assert await hall.proposals.by_ids([pending.id, active.id]) == {
        each.id: each for each in (pending, active)
    }


# Cards


async def test_a_card_that_was_placed_is_behind_until_it_is_drawn(hall: Hall) -> None:
    first = await hall.proposed()
    assert await hall.proposals.behind() == []
    await hall.proposals.placed(first, channel_id=1, message_id=2, thread_id=3)
    (behind,) = await hall.proposals.behind()
    assert (behind.channel_id, behind.message_id, behind.thread_id) == (1, 2, 3)
    await hall.proposals.drawn(behind)
    assert await hall.proposals.behind() == []
    await edit(hall, first)
    assert [each.id for each in await hall.proposals.behind()] == [first.id]


async def test_a_card_that_was_deleted_is_put_into_the_outbox_once(hall: Hall) -> None:
    first = await hall.proposed()
    await hall.proposals.placed(first, channel_id=1, message_id=2, thread_id=3)
    placed = await hall.now(first)
    for _ in range(2):
        await hall.proposals.card_lost(placed)
    assert await hall.announcements(Event.REPOSTED) == [(1, "card"), (1, "thread")]
    lost = await hall.now(first)
    assert (lost.channel_id, lost.message_id, lost.thread_id) == (None, None, 3)
    await hall.proposals.placed(first, channel_id=1, message_id=9, thread_id=3)
    await hall.proposals.card_lost(await hall.now(first))
    assert await hall.announcements(Event.REPOSTED) == [(1, "card"), (1, "thread")] * 2
