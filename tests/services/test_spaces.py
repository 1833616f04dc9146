"""Spaces as they are stored: who makes them, what they inherit, what is proposed in them."""

import asyncio

import pytest

from governance.errors import NotAllowed, NotFound, Refusal
from governance.options import DAY, Quorum
from governance.power import UNIT
from governance.spaces import MOST_SPACES
from governance.types import STANDARD
from services.spaces import Wanted
from tests.services.hall import ANN, MODERATOR, Hall, member
from tests.storage.databases import ELSEWHERE, HAMLET, TICK

ELDER, KEEPER = member(14, roles=frozenset({4})), member(15, roles=frozenset({6}))


async def edit(hall: Hall, space: str, /, **wanted: object) -> None:
    await hall.spaces.save(HAMLET, MODERATOR, space, Wanted(**wanted))  # type: ignore[arg-type]


async def test_a_space_is_stored_with_what_it_sets_itself(hall: Hall) -> None:
    await hall.set_up(quorum=2)
    works = await hall.space("Works", quorum=5, reserved=("veto_window",))
    roads = await hall.space("Roads", "works", voting_period="1w")
    found = (await hall.spaces.ground(HAMLET)).settings(roads)
    assert (found.quorum, found.voting_period, found.reserved) == (5, 7 * DAY, ("veto_window",))
    assert [each.name for each in await hall.spaces.line(HAMLET, roads)] == ["Works", "Roads"]
    assert await hall.spaces.name(HAMLET, works) == "Works"
    assert await hall.spaces.name(HAMLET, 0) == ""
    assert (await hall.spaces.ground(HAMLET)).settings(0) == await hall.settings.get(HAMLET)
    with pytest.raises(NotFound):
        await hall.spaces.find(ELSEWHERE, "Works")
    assert await hall.spaces.find(HAMLET, "none") is None


async def test_a_change_of_a_space_keeps_what_it_doesnt_name(hall: Hall) -> None:
    await hall.space("Works", quorum=5, voting_role=9)
    hall.outbox.mended.clear()
    await edit(hall, "works", name="Public works", inherit=("quorum",), reserved=("types",))
    space = await hall.spaces.find(HAMLET, "public WORKS")
    assert space
    assert (space.changes, space.reserved) == ({"voting_role": 9}, ("types",))
    assert hall.outbox.mended == {HAMLET}


async def test_names_are_unique_whatever_their_case_also_among_archived_spaces(hall: Hall) -> None:
    await hall.space("Works")
    with pytest.raises(Refusal, match="There is a space of that name already: “Works”"):
        await hall.space("WORKS")
    await hall.spaces.archive(HAMLET, MODERATOR, "Works")
    with pytest.raises(Refusal, match="which is archived: “Works”"):
        await hall.space("works")


async def test_two_moves_at_once_make_no_circle(hall: Hall) -> None:
    await hall.space("One")
    await hall.space("Two")
    moved = await asyncio.gather(
        edit(hall, "One", parent="Two"), edit(hall, "Two", parent="One"), return_exceptions=True
    )
    (refused,) = filter(None, moved)
    assert "can't be put below itself" in str(refused)
    await edit(hall, "One", parent="none")


async def test_there_is_room_for_so_many_spaces(hall: Hall) -> None:
    for number in range(MOST_SPACES):
        await hall.space(f"Space {number}")
    with pytest.raises(Refusal, match="can have 100 spaces"):
        await hall.space("One more")
    await hall.spaces.archive(HAMLET, MODERATOR, "Space 7")
    await hall.space("One more")
    with pytest.raises(Refusal, match="can have 100 spaces"):
        await hall.spaces.archive(HAMLET, MODERATOR, "Space 7", undo=True)


async def test_guardians_change_what_is_below_their_space_only(hall: Hall) -> None:
    await hall.space("Works", guardian_role=6)
    await hall.space("Gardens")
    await hall.space("Roads", "Works", by=KEEPER)
    for attempt in (
        hall.space("Mine", by=KEEPER),
        hall.space("Beds", "Gardens", by=KEEPER),
        hall.spaces.save(HAMLET, KEEPER, "Works", Wanted(name="Mine")),
        hall.spaces.save(HAMLET, KEEPER, "Roads", Wanted(parent="Gardens")),
        hall.spaces.save(HAMLET, ANN, "Roads", Wanted(name="Ann's")),
        hall.spaces.archive(HAMLET, KEEPER, "Works"),
    ):
        with pytest.raises(NotAllowed, match="guardians of a space above it"):
            await attempt
    await hall.spaces.archive(HAMLET, KEEPER, "Roads")
    await hall.set_up(guardian_role=4)
    await hall.space("Beds", "Gardens", by=ELDER)


async def test_an_archived_space_takes_nothing_new_and_may_be_opened_again(hall: Hall) -> None:
    works = await hall.space("Works")
    await hall.space("Roads", "Works")
    draft = await hall.proposing.propose(
        HAMLET,
        ANN,
        (await hall.proposed(space=works)).text,
        STANDARD.name,
        space_id=works,
        draft=True,
    )
    with pytest.raises(Refusal, match="Archive the spaces below “Works” first: “Roads”"):
        await hall.spaces.archive(HAMLET, MODERATOR, "Works")
    await hall.spaces.archive(HAMLET, MODERATOR, "Roads")
    await hall.spaces.archive(HAMLET, MODERATOR, "Works")
    for attempt in (
        hall.proposed("Another", space=works),
        hall.proposing.submit(HAMLET, draft.id, ANN),
        hall.proposing.share(HAMLET, draft.id, ANN),
    ):
        with pytest.raises(Refusal, match="“Works” is archived"):
            await attempt
    with pytest.raises(NotFound, match="no space “Works”"):
        await hall.spaces.find(HAMLET, "Works")
    with pytest.raises(Refusal, match="above “Roads” is archived"):
        await hall.spaces.archive(HAMLET, MODERATOR, "Roads", undo=True)
    await hall.spaces.archive(HAMLET, MODERATOR, "Works", undo=True)
    await hall.proposing.submit(HAMLET, draft.id, ANN)
    with pytest.raises(NotFound, match="no archived space “Works”"):
        await hall.spaces.archive(HAMLET, MODERATOR, "Works", undo=True)


@pytest.mark.parametrize("named", ["none", ""])
async def test_the_server_itself_is_no_space(hall: Hall, named: str) -> None:
    with pytest.raises(Refusal, match="The server itself"):
        await edit(hall, named, name="Mine")
    with pytest.raises(Refusal, match="The server itself"):
        await hall.spaces.archive(HAMLET, MODERATOR, named)


async def test_what_is_reserved_above_cant_be_set_and_no_longer_counts(hall: Hall) -> None:
    works = await hall.space("Works", quorum=5)
    await hall.set_up(reserved="quorum, voting_role", quorum=2)
    assert (await hall.spaces.ground(HAMLET)).settings(works).quorum == 2
    with pytest.raises(Refusal, match="voting_role is reserved above"):
        await edit(hall, "Works", changes={"voting_role": 9})
    assert (await hall.proposed(space=works)).rules.quorum == Quorum(2 * UNIT)


async def test_the_channel_of_a_space_tells_which_it_is(hall: Hall) -> None:
    works = await hall.space("Works", proposals_channel=31)
    await hall.space("Roads", "Works")
    await hall.space("Same", proposals_channel=1)
    found = await hall.spaces.of_channel(HAMLET, 31)
    assert found
    assert found.id == works
    assert await hall.spaces.of_channel(HAMLET, 1) is None
    assert await hall.spaces.of_channel(HAMLET, 99) is None
    await hall.set_up(reserved="proposals_channel")
    assert await hall.spaces.of_channel(HAMLET, 31) is None


async def test_results_go_where_the_nearest_space_says(hall: Hall) -> None:
    works = await hall.space("Works", results_channel=32)
    roads = await hall.space("Roads", "Works")
    gardens = await hall.space("Gardens")
    assert await hall.spaces.results_channels(HAMLET) == {0: 2, works: 32, roads: 32, gardens: 2}
    ground = await hall.spaces.ground(HAMLET)
    assert [ground.source(each, "results_channel") for each in (roads, gardens)] == [works, 0]
    await hall.spaces.use_webhook(HAMLET, works, 77)
    await hall.spaces.use_webhook(HAMLET, 0, 78)
    assert await hall.spaces.webhooks(HAMLET) == {0: 78, works: 77}
    assert (await hall.settings.with_webhook(HAMLET))[1] == 78


async def test_a_proposal_keeps_its_space_its_topic_and_the_rules_they_had(hall: Hall) -> None:
    await hall.set_up(topics="Treasury, Events", veto_window="1d", guardian_role=4)
    works = await hall.space("Works", quorum=5, guardian_role=6)
    made = await hall.proposed(space=works, topic="treasury")
    assert (made.space_id, made.topic) == (works, "Treasury")
    rules = made.rules
    assert (rules.quorum, rules.guardian_role) == (Quorum(5 * UNIT), 6)
    assert (rules.veto_role, rules.veto_window) == (4, DAY)
    await edit(hall, "Works", changes={"quorum": 9})
    assert (await hall.now(made)).rules == rules
    with pytest.raises(Refusal, match="no topic “War”"):
        await hall.proposed(topic="War")


async def test_a_space_with_channels_needs_no_server_that_is_set_up(empty: Hall) -> None:
    with pytest.raises(Refusal, match="isn't set up"):
        await empty.proposed()
    works = await empty.space("Works", proposals_channel=1, results_channel=2)
    await empty.proposed(space=works)


async def test_a_page_may_hold_the_proposals_of_one_space(hall: Hall) -> None:
    works = await hall.space("Works")
    await hall.proposed("Of the server")
    await hall.proposed("Of the works", space=works)
    for space_id, title in ((works, "Of the works"), (0, "Of the server")):
        found = await hall.proposals.page(HAMLET, ANN.id, space_id=space_id, limit=9)
        assert [each.text.title for each in found] == [title]


async def test_types_belong_to_a_space_and_those_below(hall: Hall) -> None:
    works = await hall.space("Works")
    roads = await hall.space("Roads", "Works")
    gardens = await hall.space("Gardens")
    made = await hall.types.create(HAMLET, MODERATOR, "Budget", {"quorum": "9"}, "works")
    assert made.space_id == works
    for space_id, offered in ((0, False), (works, True), (roads, True), (gardens, False)):
        names = [each.name for each in await hall.types.open_to(HAMLET, ANN, space_id)]
        assert ("Budget" in names) == offered
        if offered:
            proposal = await hall.proposed(kind="Budget", space=space_id)
            assert proposal.rules.quorum == Quorum(9 * UNIT)
        else:
            with pytest.raises(NotFound, match="“Budget” isn't for proposals"):
                await hall.proposed(kind="Budget", space=space_id)
    changed = await hall.types.set_form(HAMLET, MODERATOR, "Budget", "", "How much?")
    assert changed.space_id == works
    assert (await hall.types.find(HAMLET, "budget"))[0] == changed


async def test_where_types_are_reserved_spaces_have_none_of_their_own(hall: Hall) -> None:
    works = await hall.space("Works")
    await hall.types.create(HAMLET, MODERATOR, "Budget", {}, "Works")
    await hall.set_up(reserved="types, quorum")
    assert await hall.types.open_to(HAMLET, ANN, works) == [STANDARD]
    with pytest.raises(Refusal, match="types is reserved"):
        await hall.types.create(HAMLET, MODERATOR, "Election", {}, "Works")
    await hall.set_up(reserved="quorum")
    with pytest.raises(Refusal, match="quorum is reserved above “Works”"):
        await hall.types.change(HAMLET, MODERATOR, "Budget", {"quorum": "9"})


async def test_guardians_cancel_in_their_space_and_veto_below_it(hall: Hall) -> None:
    await hall.set_up(guardian_role=4, veto_window="1d")
    works = await hall.space("Works", guardian_role=6)
    first, second = await hall.proposed(space=works), await hall.proposed(space=works)
    with pytest.raises(NotAllowed):
        await hall.proposals.cancel(HAMLET, first.id, ELDER, "We don't like it.")
    canceled = await hall.proposals.cancel(HAMLET, first.id, KEEPER, "It is overtaken.")
    assert canceled.canceled
    assert not canceled.is_vetoed
    hall.clock.at = second.vote_start + TICK
    await hall.voting.cast(HAMLET, second.id, ANN, 1)
    hall.clock.at = second.vote_end + TICK
    (closed,) = await hall.deadlines.settle()
    assert closed.veto_until == hall.clock.at + DAY
    hall.clock.advance(DAY)
    vetoed = await hall.proposals.cancel(HAMLET, second.id, ELDER, "It floods the mill.")
    assert vetoed.is_vetoed
    assert await hall.announcements("canceled") == [
        (number, target) for number in (1, 2) for target in ("thread", "results")
    ]


async def test_after_its_window_a_decision_stands(hall: Hall) -> None:
    await hall.set_up(guardian_role=4, veto_window="1d")
    made = await hall.opened(space=await hall.space("Works"))
    await hall.voting.cast(HAMLET, made.id, ANN, 1)
    hall.clock.at = made.vote_end + TICK
    await hall.deadlines.settle()
    hall.clock.advance(DAY + TICK)
    for late in (ELDER, MODERATOR):
        with pytest.raises(Refusal, match="can't be vetoed any more"):
            await hall.proposals.cancel(HAMLET, made.id, late, "Too late.")
