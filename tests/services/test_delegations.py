"""Trust given, replaced and taken back; circles refused; and where one's power goes."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import insert, update

from governance.delegation import Delegation, Scope
from governance.electorate import Member
from governance.errors import NotAllowed, NotFound, Refusal
from governance.proposal import Proposal
from storage import delegations
from storage.tables import delegates, proposals, spaces
from storage.tables import delegations as table
from tests.services.electors import enrolled, space
from tests.services.hall import ANN, BEN, CLEO, Hall, member
from tests.storage.databases import DAY, ELSEWHERE, HAMLET, NOW, TICK

DORA, TREASURY = member(14), Scope(topic="treasury")


@pytest.fixture
async def topical(hall: Hall) -> Hall:
    await hall.set_up(topics="Treasury, Rules")
    return hall


async def give(hall: Hall, who: Member, whom: Member, where: str = "", **more: Any) -> Delegation:
    return (await hall.delegations.give(HAMLET, who, whom, where, **more)).delegation


async def standing(hall: Hall, *scopes: Scope) -> dict[tuple[int, Scope], int | None]:
    """Who delegates to whom now, by member and scope."""
    async with hall.database.read() as connection:
        found = await delegations.standing(
            connection, HAMLET, scopes or [Scope(), TREASURY], hall.clock.at
        )
    return {(each.member_id, each.scope): each.delegate_id for each in found}


async def accepting(hall: Hall, who: Member, accepts: bool) -> None:
    async with hall.database.write() as connection:
        await connection.execute(
            insert(delegates).values(
                guild_id=HAMLET, member_id=who.id, profile={"accepting": accepts}
            )
        )


async def test_what_is_given_anew_in_a_scope_ends_what_was_there(topical: Hall) -> None:
    first = await give(topical, ANN, BEN)
    await give(topical, ANN, DORA, "Topic: Treasury", tell=True)
    topical.clock.advance(DAY)
    given = await topical.delegations.give(HAMLET, ANN, CLEO)
    assert given.replaced == first
    assert await standing(topical) == {(ANN.id, Scope()): CLEO.id, (ANN.id, TREASURY): DORA.id}
    async with topical.database.read() as connection:
        kept = (await delegations.by_ids(connection, [first.id]))[first.id]
    assert (kept.given_at, kept.ended_at, kept.delegate_id) == (NOW, NOW + DAY, BEN.id)


async def test_servers_know_nothing_of_each_other(topical: Hall) -> None:
    await give(topical, ANN, BEN)
    await topical.delegations.give(ELSEWHERE, BEN, ANN)
    assert await standing(topical) == {(ANN.id, Scope()): BEN.id}
    assert (await topical.delegations.of_member(ELSEWHERE, ANN.id)).given == []


async def test_an_expired_delegation_stands_no_more_and_can_be_given_anew(topical: Hall) -> None:
    await give(topical, ANN, BEN, expires="1d")
    topical.clock.advance(DAY - TICK)
    assert await standing(topical)
    topical.clock.advance(TICK)
    assert not await standing(topical)
    await give(topical, BEN, ANN)  # no circle: what has expired leads nowhere
    with pytest.raises(Refusal, match="circle"):
        await give(topical, ANN, BEN)
    await topical.delegations.revoke(HAMLET, BEN)
    await give(topical, ANN, BEN)
    assert await standing(topical) == {(ANN.id, Scope()): BEN.id}


async def test_nobody_can_delegate_to_whom_it_makes_no_sense(topical: Hall) -> None:
    await accepting(topical, CLEO, False)
    refused: list[tuple[Member, Member, str]] = [
        (ANN, ANN, "to yourself"),
        (ANN, member(99, bot=True), "is a bot"),
        (ANN, member(99, joined_at=None), "isn't a member"),
        (ANN, CLEO, "accepts no delegations"),
        (member(99, bot=True), ANN, "Bots can't delegate"),
        (member(99, joined_at=None), ANN, "Guests can't delegate"),
    ]
    for who, whom, sentence in refused:
        for attempt in (
            topical.delegations.give(HAMLET, who, whom),
            topical.delegations.require_may_give(HAMLET, who, whom),
        ):
            with pytest.raises(Refusal, match=sentence):
                await attempt
    with pytest.raises(NotAllowed, match="Guests"):
        await topical.delegations.nobody(HAMLET, member(99, joined_at=None))
    assert not await standing(topical)
    await topical.delegations.require_may_give(HAMLET, ANN, BEN)


async def test_a_scope_must_be_there(topical: Hall) -> None:
    await space(topical, "Guild")
    await space(topical, "Old", archived=True)
    names = [each.name for each in await topical.delegations.places(HAMLET)]
    assert names == ["This server", "Topic: Treasury", "Topic: Rules", "Space: Guild"]
    for where, sentence in (
        ("Topic: Parks", "no single"),
        ("Space: Parks", "no single"),
        ("Space: Old", "the space is archived"),
    ):
        for attempt in (
            topical.delegations.give(HAMLET, ANN, BEN, where),
            topical.delegations.nobody(HAMLET, ANN, where),
        ):
            with pytest.raises(Refusal, match=sentence):
                await attempt


async def test_the_same_again_changes_only_what_is_named(topical: Hall) -> None:
    given = await give(topical, ANN, BEN, expires="30d", tell=True)
    for same in ({}, {"expires": "30d"}, {"tell": True}):
        with pytest.raises(Refusal, match="there already"):
            await give(topical, ANN, BEN, **same)
    longer = await give(topical, ANN, BEN, expires="60d")
    assert (longer.expires_at, longer.tell) == (NOW + 60 * DAY, True)
    quiet = await give(topical, ANN, BEN, tell=False)
    assert (quiet.expires_at, quiet.tell) == (NOW + 60 * DAY, False)
    assert (await give(topical, ANN, BEN, expires="never")).expires_at is None
    assert quiet.id > longer.id > given.id


async def test_what_is_not_there_cannot_be_revoked(topical: Hall) -> None:
    with pytest.raises(NotFound, match="nothing there: This server"):
        await topical.delegations.revoke(HAMLET, ANN)
    await give(topical, ANN, BEN, "Treasury")
    with pytest.raises(NotFound, match="nothing there: Topic: Rules"):
        await topical.delegations.revoke(HAMLET, ANN, "Rules")
    with pytest.raises(NotFound, match="no single"):
        await topical.delegations.revoke(HAMLET, ANN, "Parks")
    await topical.delegations.revoke(HAMLET, ANN, "Treasury")
    with pytest.raises(NotFound, match="nothing there: Topic: Treasury"):
        await topical.delegations.revoke(HAMLET, ANN, "Treasury")


async def test_a_circle_is_refused_within_one_scope_only(topical: Hall) -> None:
    await give(topical, ANN, BEN)
    await give(topical, BEN, CLEO)
    with pytest.raises(Refusal, match=r"\(This server\): <@11> → <@12> → you\."):
        await give(topical, CLEO, ANN)
    await give(topical, CLEO, ANN, "Treasury")
    await topical.delegations.nobody(HAMLET, BEN)
    await give(topical, CLEO, ANN)  # "nobody" ends the way


async def test_three_who_close_a_circle_at_once_end_with_one_refusal(topical: Hall) -> None:
    tried = await asyncio.gather(
        give(topical, ANN, BEN),
        give(topical, BEN, CLEO),
        give(topical, CLEO, ANN),
        return_exceptions=True,
    )
    (refused,) = [each for each in tried if isinstance(each, BaseException)]
    assert "close a circle" in str(refused)
    assert len(await standing(topical)) == 2


async def test_one_member_who_gives_twice_at_once_has_one_delegation(topical: Hall) -> None:
    await asyncio.gather(give(topical, ANN, BEN), give(topical, ANN, CLEO))
    assert len(await standing(topical)) == 1


async def test_a_chain_of_a_thousand_can_be_made_and_not_be_closed(topical: Hall) -> None:
    people = [member(1000 + number) for number in range(1001)]
    await topical.delegated(**{f"m{who.id}": whom.id for who, whom in pairwise(people[:981])})
    for who, whom in pairwise(people[980:]):
        await give(topical, who, whom)
    assert len(await standing(topical)) == 1000
    with pytest.raises(Refusal, match=r"<@1002> → \(994 more\) → <@1997> → .* → you"):
        await give(topical, people[-1], people[0])
    proposal = await topical.proposed()
    way = await topical.delegations.explain(HAMLET, proposal.id, people[0].id)
    assert (len(way.links), way.final) == (1000, people[-1].id)
    links = {
        each.delegation.member_id: (each.delegation.delegate_id or 0, each.delegation.id)
        for each in way.links
    }
    await enrolled(topical, proposal, {**links, people[-1].id: None})
    frozen = await topical.delegations.explain(HAMLET, proposal.id, people[0].id)
    assert (frozen.links, frozen.final, frozen.fixed) == (way.links, way.final, True)


async def test_a_member_sees_what_applies_no_more_and_who_trusts_it(topical: Hall) -> None:
    old = await space(topical, "Old")
    await give(topical, ANN, BEN)
    await give(topical, ANN, CLEO, "Treasury", expires="1d")
    await give(topical, ANN, CLEO, "Rules")
    await give(topical, ANN, CLEO, "Space: Old")
    for number in range(12):
        await give(topical, member(100 + number), ANN)
    await give(topical, member(100), ANN, "Rules")
    await topical.set_up(topics="Treasury")
    async with topical.database.write() as connection:
        await connection.execute(update(spaces).values(archived_at=NOW))
    topical.clock.advance(2 * DAY)
    topical.register.gone.add(BEN.id)
    trust = await topical.delegations.of_member(HAMLET, ANN.id)
    assert {(each.place.name, problem) for each, problem in trust.given} == {
        ("This server", "they aren't a member any more"),
        ("Topic: Treasury", "it has expired"),
        ("Topic: rules", "the topic was removed"),
        ("Space: Old", "the space is archived"),
    }
    assert Scope(space_id=old) in {each.place.scope for each, _ in trust.given}
    assert [(place.name, who.count, len(who.members)) for place, who in trust.received] == [
        ("This server", 12, 10),
        ("Topic: rules", 1, 1),
    ]


async def test_who_left_is_not_said_where_discord_does_not_tell(topical: Hall) -> None:
    await give(topical, ANN, BEN)
    topical.register.silent.add(BEN.id)
    trust = await topical.delegations.of_member(HAMLET, ANN.id)
    assert [problem for _, problem in trust.given] == [""]


async def placed(hall: Hall, proposal: Proposal, space_id: int, topic: str) -> None:
    async with hall.database.write() as connection:
        await connection.execute(
            update(proposals)
            .where(proposals.c.id == proposal.id)
            .values(space_id=space_id, topic=topic)
        )


async def test_the_way_before_voting_takes_each_members_narrowest_scope(topical: Hall) -> None:
    parent = await space(topical, "Parent")
    child = await space(topical, "Child", parent)
    proposal = await topical.proposed()
    await placed(topical, proposal, child, "Treasury")
    await give(topical, ANN, DORA)
    await give(topical, ANN, BEN, "Space: Parent")
    await give(topical, BEN, DORA, "Space: Child")
    await give(topical, BEN, CLEO, "Treasury")
    await give(topical, CLEO, DORA, "Rules")
    way = await topical.delegations.explain(HAMLET, proposal.id, ANN.id)
    assert not way.fixed
    assert [(each.place.name, each.delegation.delegate_id) for each in way.links] == [
        ("Space: Parent", BEN.id),
        ("Topic: Treasury", CLEO.id),
    ]
    assert way.final == CLEO.id


async def test_a_circle_across_scopes_is_told_as_one(topical: Hall) -> None:
    proposal = await topical.proposed()
    await placed(topical, proposal, 0, "Treasury")
    await give(topical, ANN, BEN)
    await give(topical, BEN, ANN, "Treasury")
    way = await topical.delegations.explain(HAMLET, proposal.id, ANN.id)
    assert way.final is None
    assert len(way.links) == 2
    links: dict[int, Any] = {
        each.delegation.member_id: (each.delegation.delegate_id, each.delegation.id)
        for each in way.links
    }
    await enrolled(topical, proposal, links)
    frozen = await topical.delegations.explain(HAMLET, proposal.id, ANN.id)
    assert (frozen.fixed, frozen.final, len(frozen.links)) == (True, None, 2)


async def test_the_fixed_way_leads_to_the_first_who_voted(topical: Hall) -> None:
    first, second = await give(topical, ANN, BEN), await give(topical, BEN, CLEO)
    proposal = await topical.opened()
    proposal = await enrolled(
        topical,
        proposal,
        {ANN.id: (BEN.id, first.id), BEN.id: (CLEO.id, second.id), CLEO.id: None},
    )
    await topical.delegations.revoke(HAMLET, ANN)
    way = await topical.delegations.explain(HAMLET, proposal.id, ANN.id)
    assert (way.fixed, way.final, way.ballot, len(way.links)) == (True, CLEO.id, None, 2)
    await topical.voting.cast(HAMLET, proposal.id, CLEO, 1)
    way = await topical.delegations.explain(HAMLET, proposal.id, ANN.id)
    assert way.ballot is not None
    assert (way.final, way.ballot.voter_id) == (CLEO.id, CLEO.id)
    await topical.voting.cast(HAMLET, proposal.id, BEN, 2)
    way = await topical.delegations.explain(HAMLET, proposal.id, ANN.id)
    assert way.ballot is not None
    assert (way.final, way.ballot.choice, len(way.links)) == (BEN.id, 2, 1)
    await topical.voting.cast(HAMLET, proposal.id, ANN, 1)
    way = await topical.delegations.explain(HAMLET, proposal.id, ANN.id)
    assert way.mine is not None
    outside = await topical.delegations.explain(HAMLET, proposal.id, DORA.id)
    assert (outside.final, outside.links) == (DORA.id, [])


async def test_who_has_voted_in_secret_is_not_told_by_the_way(topical: Hall) -> None:
    first, second = await give(topical, ANN, BEN), await give(topical, BEN, CLEO)
    kind = await topical.type("Secret", secrecy="voters")
    proposal = await topical.opened(kind=kind)
    proposal = await enrolled(
        topical,
        proposal,
        {ANN.id: (BEN.id, first.id), BEN.id: (CLEO.id, second.id), CLEO.id: None},
    )
    before = await topical.delegations.explain(HAMLET, proposal.id, ANN.id)
    await topical.voting.cast(HAMLET, proposal.id, BEN, 1)
    after = await topical.delegations.explain(HAMLET, proposal.id, ANN.id)
    for way in (before, after):
        assert (way.hidden, way.final, len(way.links), way.ballot) == (True, BEN.id, 1, None)


async def test_where_delegations_do_not_count_there_is_no_way(topical: Hall) -> None:
    await give(topical, ANN, BEN)
    kind = await topical.type("Direct", delegation=False)
    proposal = await topical.proposed(kind=kind)
    way = await topical.delegations.explain(HAMLET, proposal.id, ANN.id)
    assert (way.links, way.final) == ((), ANN.id)


async def test_no_row_is_changed_but_for_its_end(topical: Hall) -> None:
    given = await give(topical, ANN, BEN, expires="30d", tell=True)
    await give(topical, ANN, CLEO)
    await topical.delegations.nobody(HAMLET, ANN)
    await topical.delegations.revoke(HAMLET, ANN)
    async with topical.database.read() as connection:
        rows = (await connection.execute(table.select().order_by(table.c.id))).all()
    assert [row.delegate_id for row in rows] == [BEN.id, CLEO.id, None]
    assert all(row.ended_at == NOW for row in rows)
    assert (rows[0].expires_at, rows[0].tell) == (given.expires_at, True)
