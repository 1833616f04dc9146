"""Delegates: profiles that two changes at once don't lose, and the figures beside them."""

import asyncio
from datetime import datetime

import pytest
from sqlalchemy import insert

from governance.delegates import Profile
from governance.errors import Refusal
from governance.proposal import Proposal
from services.delegates import LOOKED_AT, Delegate
from storage import tables
from tests.services.hall import ANN, BEN, CLEO, Hall, member
from tests.storage.databases import DAY, ELSEWHERE, HAMLET, TICK


async def trusts(
    hall: Hall, who: int, delegate: int | None, *, until: datetime | None = None, topic: str = ""
) -> None:
    """A delegation as it is stored."""
    async with hall.database.write() as connection:
        await connection.execute(
            insert(tables.delegations).values(
                guild_id=HAMLET,
                member_id=who,
                space_id=0,
                topic=topic,
                delegate_id=delegate,
                given_at=hall.clock.at,
                expires_at=until,
                tell=False,
            )
        )


async def stands(hall: Hall, *who: int, statement: str = "I mend.") -> None:
    for each in who:
        await hall.delegates.write(HAMLET, each, statement, "", "")


async def decided(hall: Hall, kind: str = "Proposal", **choices: int) -> Proposal:
    """A proposal with these ballots, counted."""
    proposal = await hall.opened(kind=kind)
    known = {"ann": ANN, "ben": BEN, "cleo": CLEO}
    for name, choice in choices.items():
        await hall.voting.cast(HAMLET, proposal.id, known[name], choice)
    hall.clock.at = proposal.vote_end + TICK
    await hall.deadlines.settle()
    return proposal


async def seen(hall: Hall, asker: int = ANN.id, search: str = "") -> list[Delegate]:
    return await hall.delegates.page(HAMLET, asker, search, limit=50)


async def test_a_profile_is_one_of_a_server(hall: Hall) -> None:
    await hall.settings.change(HAMLET, {"topics": "Treasury, Wells"}, None)
    written = await hall.delegates.write(HAMLET, BEN.id, "I mend.", "wells", "None")
    assert written == Profile("I mend.", ("Wells",), "None")
    assert await hall.delegates.profile(HAMLET, BEN.id) == written
    assert await hall.delegates.profile(ELSEWHERE, BEN.id) == Profile()
    assert await hall.delegates.profile(HAMLET, ANN.id) == Profile()


async def test_changes_at_the_same_time_are_all_kept(hall: Hall) -> None:
    await asyncio.gather(
        hall.delegates.write(HAMLET, BEN.id, "I mend.", "", ""),
        hall.delegates.accept(HAMLET, BEN.id, False),
        hall.delegates.tell(HAMLET, BEN.id, False),
    )
    expected = Profile("I mend.", accepting=False, tells=False)
    assert await hall.delegates.profile(HAMLET, BEN.id) == expected


async def test_a_refused_text_leaves_the_profile_as_it_was(hall: Hall) -> None:
    await stands(hall, BEN.id)
    with pytest.raises(Refusal, match="1,001 characters"):
        await hall.delegates.write(HAMLET, BEN.id, "x" * 1001, "", "")
    assert (await hall.delegates.profile(HAMLET, BEN.id)).statement == "I mend."


async def test_only_who_has_a_statement_is_listed(hall: Hall) -> None:
    await hall.delegates.accept(HAMLET, CLEO.id, False)
    assert await seen(hall) == []
    await stands(hall, BEN.id, CLEO.id)
    assert [each.member_id for each in await seen(hall)] == [BEN.id, CLEO.id]
    await stands(hall, BEN.id, statement="")
    (cleo,) = await seen(hall)
    assert (cleo.member_id, cleo.profile.accepting) == (CLEO.id, False)


async def test_delegates_are_found_by_a_word_or_a_mention_and_paged(hall: Hall) -> None:
    for who in range(20, 30):
        await stands(hall, who, statement="I mend WELLS." if who % 2 else "I build bridges.")
    assert [each.member_id for each in await seen(hall, search=" wells ")] == [21, 23, 25, 27, 29]
    assert [each.member_id for each in await seen(hall, search="<@24>")] == []
    await stands(hall, 10**17 + 4)
    assert [each.member_id for each in await seen(hall, search=f"<@!{10**17 + 4}>")] == [10**17 + 4]
    assert await seen(hall, search="ponds") == []
    page = await hall.delegates.page(HAMLET, ANN.id, "bridges", limit=2, offset=4)
    assert [each.member_id for each in page] == [28]


async def test_who_carries_most_comes_first(hall: Hall) -> None:
    await stands(hall, ANN.id, BEN.id, CLEO.id)
    await trusts(hall, 21, 22)
    await trusts(hall, 22, CLEO.id)
    await trusts(hall, 23, BEN.id, until=hall.clock.at + DAY)
    await trusts(hall, 24, None)
    await trusts(hall, 25, BEN.id, topic="wells")
    assert [(each.member_id, each.carries) for each in await seen(hall)] == [
        (CLEO.id, 2),
        (BEN.id, 1),
        (ANN.id, 0),
    ]
    assert await hall.delegates.carried(HAMLET, CLEO.id) == 2
    hall.clock.advance(DAY)
    assert await hall.delegates.carried(HAMLET, BEN.id) == 0


async def test_turnout_and_agreement_are_of_votes_that_were_counted(hall: Hall) -> None:
    await stands(hall, BEN.id)
    assert (await seen(hall))[0] == Delegate(BEN.id, Profile("I mend."), 0, 0, 0, 0, 0)
    await decided(hall, ann=1, ben=1)
    await decided(hall, ann=1, ben=2)
    await decided(hall, ann=1, cleo=1)
    await decided(hall, ann=0, ben=0)
    open_ = await hall.opened()
    await hall.voting.cast(HAMLET, open_.id, BEN, 1)
    await hall.voting.cast(HAMLET, open_.id, ANN, 1)
    (ben,) = await seen(hall)
    assert (ben.voted, ben.votes, ben.agreed, ben.compared) == (3, 4, 1, 2)
    (ben,) = await seen(hall, asker=CLEO.id)
    assert (ben.agreed, ben.compared) == (0, 0)
    (ben,) = await seen(hall, asker=BEN.id)
    assert (ben.agreed, ben.compared) == (0, 0)


async def test_what_was_secret_shows_turnout_but_no_agreement(hall: Hall) -> None:
    await stands(hall, BEN.id)
    await decided(hall, await hall.type("Secret", secrecy="tally"), ann=1, ben=1)
    (ben,) = await seen(hall)
    assert (ben.voted, ben.votes, ben.agreed, ben.compared) == (1, 1, 0, 0)


async def test_votes_that_only_signers_had_are_left_out(hall: Hall) -> None:
    await stands(hall, BEN.id)
    signers = f"<@{10**17}> <@{10**17 + 1}>"
    kind = await hall.type("Spend", system="multisig", signers=signers, signatures=1)
    proposal = await hall.opened(kind=kind)
    await hall.voting.cast(HAMLET, proposal.id, member(10**17), 1)
    await hall.deadlines.settle()
    assert (await hall.now(proposal)).counted_at
    (ben,) = await seen(hall)
    assert ben.votes == 0


async def test_no_more_than_the_latest_votes_are_looked_at(hall: Hall) -> None:
    await stands(hall, BEN.id)
    first = await decided(hall, ben=1)
    for number in range(LOOKED_AT):
        await hall.proposed(f"Dig {number}", by=member(100 + number))
    hall.clock.at = first.vote_end + 9 * DAY
    await hall.deadlines.settle()
    await hall.deadlines.settle()
    (ben,) = await seen(hall)
    assert (ben.voted, ben.votes) == (0, LOOKED_AT)
