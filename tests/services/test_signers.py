"""A signer removed meanwhile no longer counts, as in a Safe."""

from typing import Any

import pytest

from governance.errors import Refusal, Unavailable
from governance.power import UNIT
from governance.proposal import Proposal, ProposalState, state
from governance.result_recount import verified
from governance.voting.system import Reason
from services.results import Results
from tests.services.hall import HAMLET, Hall, member
from tests.storage.databases import DAY, TICK

APPROVE, REJECT = 1, 2


class Town:
    """Who is there; nobody knows while it is `away`."""

    def __init__(self) -> None:
        self.left = set[int]()
        self.away = False
        self.asked: list[tuple[int, frozenset[int], int | None]] = []

    async def present(
        self, guild_id: int, members: frozenset[int], role: int | None
    ) -> frozenset[int]:
        self.asked.append((guild_id, members, role))
        if self.away:
            raise Unavailable("no answer")
        return members - self.left


@pytest.fixture
def town(hall: Hall) -> Town:
    town = Town()
    hall.voting._members = hall.deadlines._members = town
    return town


def signer(number: int, **more: Any) -> Any:
    return member(10000 + number, **more)


async def opened(hall: Hall, signatures: int, signers: int) -> Proposal:
    names = " ".join(f"<@{10000 + n}>" for n in range(signers))
    kind = await hall.type("Spend", system="multisig", signatures=signatures, signers=names)
    return await hall.opened(kind=kind)


async def sign(hall: Hall, proposal: Proposal, number: int, choice: int = APPROVE) -> Proposal:
    receipt = await hall.voting.cast(HAMLET, proposal.id, signer(number), choice)
    assert receipt.proposal == await hall.now(proposal)
    return receipt.proposal


async def closed(hall: Hall, proposal: Proposal) -> Proposal:
    now = await hall.now(proposal)
    hall.clock.at = max(hall.clock.at, (now.ended_at or now.vote_end) + TICK)
    await hall.deadlines.settle()
    result = await hall.now(proposal)
    assert result.counted_at
    file = await Results(hall.database, hall.clock).file(HAMLET, proposal.id)
    assert file["removed"] == len(result.removed)
    assert verified(file).problems == ()
    return result


def reason(proposal: Proposal) -> Reason:
    assert proposal.outcome
    return proposal.outcome.reason


async def test_only_the_signers_are_asked_for(hall: Hall, town: Town) -> None:
    proposal = await opened(hall, 2, 3)
    await sign(hall, proposal, 0)
    assert town.asked == [(HAMLET, frozenset({10000, 10001, 10002}), None)]


async def test_the_signature_of_one_who_left_does_not_count(hall: Hall, town: Town) -> None:
    proposal = await opened(hall, 2, 4)
    await sign(hall, proposal, 0)
    town.left = {10000}
    now = await sign(hall, proposal, 1)
    assert (now.ended_at, now.removed, now.tally.voters) == (None, (10000,), 1)
    now = await sign(hall, proposal, 2)
    assert now.ended_at
    result = await closed(hall, proposal)
    assert reason(result) is Reason.SIGNED
    assert result.tally.power == 2 * UNIT


async def test_fewer_signers_need_fewer_rejections_to_defeat(hall: Hall, town: Town) -> None:
    proposal = await opened(hall, 2, 4)
    await sign(hall, proposal, 0, REJECT)
    town.left = {10003}
    assert not (await hall.now(proposal)).ended_at
    now = await sign(hall, proposal, 1, REJECT)
    assert now.ended_at  # one of three is left, and it takes two
    assert reason(await closed(hall, proposal)) is Reason.REJECTED


async def test_where_fewer_are_left_than_must_sign_it_is_defeated(hall: Hall, town: Town) -> None:
    proposal = await opened(hall, 3, 4)
    await sign(hall, proposal, 0)
    town.left = {10002, 10003}
    now = await sign(hall, proposal, 1)
    assert now.ended_at
    assert state(now, hall.clock.at) is ProposalState.DEFEATED
    assert reason(await closed(hall, proposal)) is Reason.REJECTED


async def test_who_comes_back_counts_again(hall: Hall, town: Town) -> None:
    proposal = await opened(hall, 3, 5)
    await sign(hall, proposal, 0)
    town.left = {10000}
    assert (await sign(hall, proposal, 1)).tally.voters == 1
    town.left = set()
    now = await sign(hall, proposal, 2)
    assert (now.removed, now.tally.voters) == ((), 3)
    assert now.ended_at
    await closed(hall, proposal)


async def test_who_signs_is_there_whatever_was_known(hall: Hall, town: Town) -> None:
    proposal = await opened(hall, 3, 5)
    await sign(hall, proposal, 0)
    town.left = {10000}
    await sign(hall, proposal, 1)
    town.away = True
    now = await sign(hall, proposal, 0, REJECT)
    assert (now.removed, now.tally.voters) == ((), 2)


async def test_signers_are_asked_for_again_at_the_end(hall: Hall, town: Town) -> None:
    proposal = await opened(hall, 2, 4)
    await sign(hall, proposal, 0)
    town.left = {10000}
    hall.clock.at = proposal.vote_end + TICK
    town.away = True
    assert await hall.deadlines.settle() == []
    town.away = False
    hall.clock.advance(DAY)
    result = await closed(hall, proposal)
    assert (result.removed, result.tally.voters) == ((10000,), 0)
    assert reason(result) is Reason.NOT_SIGNED


async def test_nothing_is_decided_while_nobody_knows_who_signs(hall: Hall, town: Town) -> None:
    proposal = await opened(hall, 2, 4)
    town.away = True
    await sign(hall, proposal, 0)
    now = await sign(hall, proposal, 1)
    assert (now.ended_at, now.tally.voters) == (None, 2)
    assert await hall.deadlines.settle() == [now] or not (await hall.now(proposal)).ended_at
    town.away = False
    hall.clock.advance(DAY)
    ended = await hall.deadlines.settle()
    assert [each.id for each in ended] == [proposal.id, proposal.id]  # decided, then counted
    result = await hall.now(proposal)
    assert state(result, hall.clock.at) is ProposalState.SUCCEEDED
    with pytest.raises(Refusal, match="ended"):
        await sign(hall, proposal, 2)


async def test_of_enough_signatures_one_has_left_by_the_time_it_is_known(
    hall: Hall, town: Town
) -> None:
    proposal = await opened(hall, 2, 4)
    town.away = True
    await sign(hall, proposal, 0)
    await sign(hall, proposal, 1)
    town.away, town.left = False, {10000}
    await hall.deadlines.settle()
    now = await hall.now(proposal)
    assert (now.ended_at, now.removed) == (None, (10000,))
    asked = len(town.asked)
    await hall.deadlines.settle()
    assert len(town.asked) == asked
    await sign(hall, proposal, 2)
    assert reason(await closed(hall, proposal)) is Reason.SIGNED


async def test_what_was_decided_stays_so_whoever_leaves_then(hall: Hall, town: Town) -> None:
    proposal = await opened(hall, 2, 3)
    await sign(hall, proposal, 0)
    assert (await sign(hall, proposal, 1)).ended_at
    town.left = {10000}
    assert reason(await closed(hall, proposal)) is Reason.SIGNED
    assert await hall.writer.review(proposal.id, frozenset({10000})) is None
