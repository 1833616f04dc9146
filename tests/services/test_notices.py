"""Private messages: who gets which, once, and when there is nothing to say any more."""

from typing import Any

import pytest
from sqlalchemy import insert, update

from governance.delegates import Profile
from governance.electorate import Member
from governance.notices import Notice, NoticeEvent
from governance.proposal import Proposal
from services import notices as outbox
from services.notices import Reminder, Trust, Vote
from storage.tables import delegates, proposals
from tests.services.electors import enrolled
from tests.services.hall import ANN, BEN, CLEO, Hall, member
from tests.storage.databases import DAY, ELSEWHERE, HAMLET, TICK

DORA = member(14)
TRUSTED, WITHDRAWN = NoticeEvent.TRUSTED, NoticeEvent.WITHDRAWN
REMINDER, VOTED = NoticeEvent.REMINDER, NoticeEvent.VOTED


async def waiting(hall: Hall) -> list[Notice]:
    return await hall.notices.waiting([HAMLET])


async def events(hall: Hall) -> list[tuple[int, NoticeEvent]]:
    """Who gets what, of all that waits."""
    return [(each.member_id, each.event) for each in await waiting(hall)]


async def give(hall: Hall, who: Member, whom: Member, **more: Any) -> int:
    return (await hall.delegations.give(HAMLET, who, whom, **more)).delegation.id


async def send(hall: Hall) -> list[object]:
    """Let all that waits be sent; what it said."""
    said = []
    for each in await waiting(hall):
        said.append(await hall.notices.told(each))
        assert await hall.notices.trying(each, hall.clock.at)
        await hall.notices.settle(each)
    return said


async def test_a_delegate_is_told_of_trust_and_of_its_end(hall: Hall) -> None:
    given = await give(hall, ANN, BEN, expires="30d")
    (notice,) = await waiting(hall)
    assert (notice.member_id, notice.event, notice.other_id) == (BEN.id, TRUSTED, ANN.id)
    (told,) = await send(hall)
    assert isinstance(told, Trust)
    assert (told.delegation.id, told.place) == (given, "This server")
    await hall.delegations.revoke(HAMLET, ANN)
    assert await events(hall) == [(BEN.id, WITHDRAWN)]
    (told,) = await send(hall)
    assert isinstance(told, Trust)
    await give(hall, ANN, BEN)
    assert await events(hall) == [(BEN.id, TRUSTED)]


async def test_trust_that_ends_before_it_was_told_is_told_neither_way(hall: Hall) -> None:
    await give(hall, ANN, BEN)
    await give(hall, ANN, CLEO)
    assert await events(hall) == [(CLEO.id, TRUSTED)]
    await hall.delegations.revoke(HAMLET, ANN)
    assert await events(hall) == []


async def test_trust_that_may_have_been_told_is_withdrawn(hall: Hall) -> None:
    await give(hall, ANN, BEN)
    (notice,) = await waiting(hall)
    await hall.notices.trying(notice, hall.clock.at)  # and nobody knows what became of it
    await hall.delegations.revoke(HAMLET, ANN)
    assert await events(hall) == [(BEN.id, TRUSTED), (BEN.id, WITHDRAWN)]
    trusted, withdrawn = await waiting(hall)
    assert await hall.notices.told(trusted) is None
    assert await hall.notices.told(withdrawn)


async def test_a_new_expiry_is_no_news_for_the_delegate(hall: Hall) -> None:
    await give(hall, ANN, BEN)
    await give(hall, ANN, BEN, expires="30d")
    assert await events(hall) == [(BEN.id, TRUSTED)]
    (told,) = await send(hall)
    assert isinstance(told, Trust)
    assert told.delegation.expires_at
    await give(hall, ANN, BEN, expires="60d")
    assert await events(hall) == []


async def test_what_expired_by_itself_is_not_withdrawn(hall: Hall) -> None:
    await give(hall, ANN, BEN, expires="1d")
    await send(hall)
    hall.clock.advance(2 * DAY)
    await hall.delegations.revoke(HAMLET, ANN)
    assert await events(hall) == []


async def test_nobody_is_told_of_nobody(hall: Hall) -> None:
    await hall.delegations.nobody(HAMLET, ANN)
    await hall.delegations.revoke(HAMLET, ANN)
    assert await events(hall) == []


async def test_who_wants_no_messages_gets_none_even_of_those_that_wait(hall: Hall) -> None:
    await give(hall, ANN, BEN)
    (notice,) = await waiting(hall)
    await hall.delegates.tell(HAMLET, BEN.id, False)
    assert await hall.notices.told(notice) is None
    await hall.notices.settle(notice)
    await give(hall, CLEO, BEN)
    assert await events(hall) == []
    await hall.delegates.tell(HAMLET, BEN.id, True)
    await give(hall, DORA, BEN)
    assert await events(hall) == [(BEN.id, TRUSTED)]


async def test_wanting_no_messages_keeps_the_rest_of_a_profile(hall: Hall) -> None:
    async with hall.database.write() as connection:
        profile = {
            **Profile(statement="I read everything.", accepting=False).stored(),
            "topics": ["Wells"],
        }
        await connection.execute(
            insert(delegates).values(guild_id=HAMLET, member_id=BEN.id, profile=profile)
        )
    await hall.delegates.tell(HAMLET, BEN.id, False)
    async with hall.database.read() as connection:
        kept = await connection.scalar(delegates.select().with_only_columns(delegates.c.profile))
    assert kept == {**profile, "tells": False}


async def test_what_is_settled_or_elsewhere_does_not_wait(hall: Hall) -> None:
    await give(hall, ANN, BEN)
    await hall.delegations.give(ELSEWHERE, ANN, CLEO)
    (notice,) = await waiting(hall)
    assert await hall.notices.waiting([HAMLET], [BEN.id]) == []
    assert [each.member_id for each in await hall.notices.waiting([ELSEWHERE])] == [CLEO.id]
    await hall.notices.settle(notice)
    assert await waiting(hall) == []
    assert await hall.notices.trying(notice, hall.clock.at) is None


async def test_a_message_keeps_its_nonce(hall: Hall) -> None:
    await give(hall, ANN, BEN)
    await give(hall, CLEO, BEN)
    first, second = await waiting(hall)
    nonces = [await hall.notices.trying(each, hall.clock.at) for each in (first, second)]
    (again, _) = await waiting(hall)
    assert again.tried_at == hall.clock.at
    assert await hall.notices.trying(again, hall.clock.at) == nonces[0] != nonces[1]
    await hall.notices.refused(again)
    (again, _) = await waiting(hall)
    assert (again.tried_at, again.nonce) == (None, nonces[0])


async def delegated(hall: Hall, *, tell: bool = True, kind: str = "Proposal") -> Proposal:
    """An open vote: ANN → BEN, CLEO → BEN, BEN alone; DORA has nothing to do with it."""
    given = [await give(hall, ANN, BEN, tell=tell), await give(hall, CLEO, BEN)]
    await send(hall)
    proposal = await hall.opened(kind=kind)
    await hall.deadlines.settle()
    links = {ANN.id: (BEN.id, given[0]), CLEO.id: (BEN.id, given[1]), BEN.id: None, DORA.id: None}
    return await enrolled(hall, proposal, links, **{f"m{BEN.id}": 2})


async def test_a_delegate_is_reminded_once_before_a_vote_ends(hall: Hall) -> None:
    proposal = await delegated(hall)
    hall.clock.at = proposal.vote_end - proposal.rules.voting_period / 4 - TICK
    await hall.notices.remind()
    assert await events(hall) == []
    hall.clock.advance(TICK)
    await hall.notices.remind()
    await hall.notices.remind()
    assert await events(hall) == [(BEN.id, REMINDER)]
    (told,) = await send(hall)
    assert isinstance(told, Reminder)
    assert (told.carries, told.proposal.id) == (2, proposal.id)
    await hall.notices.remind()
    assert await events(hall) == []


async def test_a_long_vote_is_reminded_of_a_day_before(hall: Hall) -> None:
    await hall.set_up(voting_period=20 * DAY)
    proposal = await delegated(hall)
    hall.clock.at = proposal.vote_end - DAY - TICK
    await hall.notices.remind()
    assert await events(hall) == []
    hall.clock.advance(TICK)
    await hall.notices.remind()
    assert await events(hall) == [(BEN.id, REMINDER)]


async def test_who_has_voted_or_wants_none_is_not_reminded(hall: Hall) -> None:
    proposal = await delegated(hall)
    hall.clock.at = proposal.vote_end
    await hall.voting.cast(HAMLET, proposal.id, BEN, 1)
    await hall.notices.remind()
    assert await events(hall) == [(ANN.id, VOTED)]
    await send(hall)
    other = await enrolled(hall, await hall.opened(), {BEN.id: None}, **{f"m{BEN.id}": 2})
    await hall.delegates.tell(HAMLET, BEN.id, False)
    hall.clock.at = other.vote_end
    await hall.notices.remind()
    assert await events(hall) == []


@pytest.mark.parametrize("over", ["ended", "voted", "canceled"])
async def test_a_reminder_that_comes_too_late_is_not_sent(hall: Hall, over: str) -> None:
    proposal = await delegated(hall)
    hall.clock.at = proposal.vote_end
    await hall.notices.remind()
    (notice,) = await waiting(hall)
    if over == "ended":
        hall.clock.advance(TICK)
    elif over == "voted":
        await hall.voting.cast(HAMLET, proposal.id, BEN, 1)
    else:
        moderator = member(19, moderator=True)
        await hall.proposals.cancel(HAMLET, proposal.id, moderator, "Not now")
    assert await hall.notices.told(notice) is None


@pytest.mark.parametrize("decided", ["ended_at", "counted_at", "canceled_at"])
async def test_nobody_is_reminded_of_a_vote_that_was_decided(hall: Hall, decided: str) -> None:
    proposal = await delegated(hall)
    hall.clock.at = proposal.vote_end
    async with hall.database.write() as connection:
        changed = {decided: hall.clock.at}
        await connection.execute(
            update(proposals).where(proposals.c.id == proposal.id).values(changed)
        )
    await hall.notices.remind()
    assert await events(hall) == []


async def voted(hall: Hall, proposal: Proposal, who: Member, choice: int = 1) -> None:
    """A ballot, with what its writer tells of it."""
    await hall.voting.cast(HAMLET, proposal.id, who, choice)
    async with hall.database.write() as connection:
        await outbox.voted(connection, await hall.now(proposal), who.id)


async def test_who_asked_for_it_is_told_how_its_delegate_voted(hall: Hall) -> None:
    proposal = await delegated(hall)
    await voted(hall, proposal, DORA)
    assert await events(hall) == []
    await voted(hall, proposal, BEN, 1)
    await voted(hall, proposal, BEN, 2)
    (notice,) = await waiting(hall)
    assert (notice.member_id, notice.event, notice.other_id) == (ANN.id, VOTED, BEN.id)
    told = await hall.notices.told(notice)
    assert isinstance(told, Vote)
    assert (told.ballot.choice, told.ballot.voter_id) == (2, BEN.id)
    await voted(hall, proposal, ANN)
    assert await hall.notices.told(notice) is None


async def test_who_voted_itself_is_not_told(hall: Hall) -> None:
    proposal = await delegated(hall)
    await voted(hall, proposal, ANN)
    await voted(hall, proposal, BEN)
    assert await events(hall) == []


async def test_who_did_not_ask_or_wants_none_is_not_told(hall: Hall) -> None:
    proposal = await delegated(hall, tell=False)
    await voted(hall, proposal, BEN)
    other = await delegated_again(hall)
    await hall.delegates.tell(HAMLET, ANN.id, False)
    await voted(hall, other, BEN)
    assert await events(hall) == []


async def delegated_again(hall: Hall) -> Proposal:
    given = await give(hall, ANN, BEN, tell=True)
    proposal = await hall.opened()
    return await enrolled(hall, proposal, {ANN.id: (BEN.id, given), BEN.id: None})


@pytest.mark.parametrize("secrecy", ["tally", "voters"])
async def test_of_a_secret_vote_it_is_told_when_it_is_counted(hall: Hall, secrecy: str) -> None:
    kind = await hall.type("Secret", secrecy=secrecy)
    proposal = await delegated(hall, kind=kind)
    await voted(hall, proposal, BEN)
    await voted(hall, proposal, DORA)
    assert await events(hall) == []
    hall.clock.at = proposal.vote_end + TICK
    await hall.deadlines.settle()
    counted = await hall.now(proposal)
    async with hall.database.write() as connection:
        await outbox.told_at_close(connection, counted)
        await outbox.told_at_close(connection, counted)
    assert await events(hall) == [(ANN.id, VOTED)]
    (told,) = await send(hall)
    assert isinstance(told, Vote)


async def test_of_an_open_vote_nothing_more_is_told_at_the_close(hall: Hall) -> None:
    proposal = await delegated(hall)
    await hall.voting.cast(HAMLET, proposal.id, BEN, 1)
    assert await events(hall) == [(ANN.id, VOTED)]
    await send(hall)
    async with hall.database.write() as connection:
        await outbox.told_at_close(connection, await hall.now(proposal))
    assert await events(hall) == []


async def test_the_urgent_comes_first(hall: Hall) -> None:
    proposal = await delegated(hall)
    await voted(hall, proposal, BEN)
    await give(hall, DORA, CLEO)
    assert [event for _, event in await events(hall)] == [TRUSTED, VOTED]
