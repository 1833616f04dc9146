"""Casting a ballot through the whole house, and looking at one's own."""

import pytest

from governance.errors import NotAllowed, NotFound, Refusal
from governance.power import UNIT
from governance.texts import REASON_LENGTH
from governance.voting import basic
from services.voting import Mine
from tests.services.hall import ANN, BEN, MODERATOR, Hall, member
from tests.storage.databases import DAY, ELSEWHERE, HAMLET, NOW, TICK

FOR, AGAINST = basic.FOR, basic.AGAINST


async def test_a_member_casts_one_vote(hall: Hall) -> None:
    proposal = await hall.opened()
    receipt = await hall.voting.cast(HAMLET, proposal.id, BEN, FOR, "  The well\u200b is old. ")
    assert (receipt.ballot.choice, receipt.ballot.power) == (FOR, UNIT)
    assert receipt.ballot.reason == "The well is old."
    assert receipt.ballot.voter_id == BEN.id
    assert await hall.cast_ballots(proposal) == [receipt.ballot]


async def test_pressing_twice_counts_once(hall: Hall) -> None:
    proposal = await hall.opened()
    for _ in range(2):
        receipt = await hall.voting.cast(HAMLET, proposal.id, BEN, FOR)
    assert receipt.replaced
    assert (receipt.proposal.tally.scores[FOR], receipt.proposal.tally.voters) == (UNIT, 1)


@pytest.mark.parametrize("choice", [4, -1, "For"])
async def test_a_choice_that_is_not_offered_is_refused(hall: Hall, choice: int) -> None:
    proposal = await hall.opened()
    with pytest.raises(Refusal, match="1 For, 2 Against, 3 Abstain"):
        await hall.voting.cast(HAMLET, proposal.id, BEN, choice)
    assert await hall.cast_ballots(proposal) == []


async def test_who_may_not_vote_is_refused_and_nothing_is_counted(hall: Hall) -> None:
    proposal = await hall.opened()
    for who in (
        member(50, bot=True),
        member(51, joined_at=None),
        member(52, joined_at=proposal.vote_start + TICK),
    ):
        with pytest.raises(NotAllowed):
            await hall.voting.cast(HAMLET, proposal.id, who, FOR)
    assert (await hall.now(proposal)).tally.voters == 0


async def test_the_role_that_counts_is_the_one_of_the_proposal(empty: Hall) -> None:
    await empty.set_up(voting_role=9)
    proposal = await empty.opened()
    await empty.set_up(voting_role=8)
    with pytest.raises(NotAllowed, match="<@&9>"):
        await empty.voting.cast(HAMLET, proposal.id, member(50, roles=frozenset({8})), FOR)
    holder = member(51, roles=frozenset({9}))
    assert (await empty.voting.cast(HAMLET, proposal.id, holder, FOR)).proposal.tally.voters == 1


async def test_voting_is_open_between_its_two_moments_only(hall: Hall) -> None:
    proposal = await hall.proposed()
    for now, words in (
        (proposal.vote_start, "starts"),
        (proposal.vote_end + TICK, "ended"),
        (proposal.vote_end + DAY, "ended"),
    ):
        hall.clock.at = now
        with pytest.raises(Refusal, match=words):
            await hall.voting.cast(HAMLET, proposal.id, BEN, FOR)
    for now in (proposal.vote_start + TICK, proposal.vote_end):
        hall.clock.at = now
        await hall.voting.cast(HAMLET, proposal.id, BEN, FOR)


async def test_a_proposal_that_was_voted_on_is_still_watched_for_its_end(hall: Hall) -> None:
    one, two = await hall.proposed("One"), await hall.opened("Two")
    for each in (one, two):
        await hall.voting.cast(HAMLET, each.id, BEN, FOR)
    await hall.proposals.cancel(HAMLET, one.id, MODERATOR, "Unlawful.")
    with pytest.raises(Refusal, match="was canceled"):
        await hall.voting.cast(HAMLET, one.id, ANN, FOR)
    hall.clock.at = two.vote_end + TICK
    with pytest.raises(Refusal, match="ended"):
        await hall.voting.cast(HAMLET, two.id, ANN, FOR)
    with pytest.raises(NotFound):
        await hall.voting.cast(ELSEWHERE, two.id, ANN, FOR)


async def test_an_over_long_reason_is_refused_and_the_voter_told_that_nothing_counted(
    hall: Hall,
) -> None:
    proposal = await hall.opened()
    await hall.voting.cast(HAMLET, proposal.id, ANN, FOR, "x" * REASON_LENGTH)
    with pytest.raises(Refusal, match=r"501 characters.*not been counted"):
        await hall.voting.cast(HAMLET, proposal.id, BEN, FOR, "x" * (REASON_LENGTH + 1))
    assert (await hall.now(proposal)).tally.voters == 1


async def test_another_servers_proposal_takes_no_vote_from_here(hall: Hall) -> None:
    await hall.set_up(ELSEWHERE)
    theirs = await hall.opened(guild_id=ELSEWHERE)
    with pytest.raises(NotFound):
        await hall.voting.cast(HAMLET, theirs.id, BEN, FOR)
    with pytest.raises(NotFound):
        await hall.voting.mine(HAMLET, theirs.id, BEN.id)
    with pytest.raises(NotFound):
        await hall.voting.cast(HAMLET, 999, BEN, FOR)


async def test_a_member_sees_its_own_ballot_and_nobody_elses(hall: Hall) -> None:
    proposal = await hall.opened()
    receipt = await hall.voting.cast(HAMLET, proposal.id, BEN, AGAINST, "Too dear.")
    now = await hall.now(proposal)
    assert await hall.voting.mine(HAMLET, proposal.id, BEN.id) == Mine(now, receipt.ballot)
    assert await hall.voting.mine(HAMLET, proposal.id, ANN.id) == Mine(now, None)


async def test_a_member_sees_all_its_ballots_of_this_server_from_the_latest_on(
    hall: Hall,
) -> None:
    await hall.set_up(ELSEWHERE)
    here = [await hall.proposed(f"Number {n}") for n in range(3)]
    there = await hall.opened(guild_id=ELSEWHERE)
    for each in here:
        await hall.voting.cast(HAMLET, each.id, BEN, FOR)
    await hall.voting.cast(ELSEWHERE, there.id, BEN, FOR)
    mine = await hall.voting.all_mine(HAMLET, BEN.id, limit=2, offset=0)
    rest = await hall.voting.all_mine(HAMLET, BEN.id, limit=2, offset=2)
    assert [each.proposal.number for each in mine + rest] == [3, 2, 1]
    assert all(each.ballot and each.ballot.voter_id == BEN.id for each in mine + rest)
    assert await hall.voting.all_mine(HAMLET, ANN.id, limit=2, offset=0) == []


async def test_joining_at_the_moment_of_the_start_is_early_enough(hall: Hall) -> None:
    proposal = await hall.opened()
    assert proposal.vote_start == NOW + DAY
    just = member(50, joined_at=NOW + DAY)
    assert (await hall.voting.cast(HAMLET, proposal.id, just, FOR)).proposal.tally.voters == 1
