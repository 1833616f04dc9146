"""Each voting system from ballot to result: stored, counted while it runs, counted at the close."""

from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest

from governance.ballot import RECUSED
from governance.errors import Refusal, Unavailable
from governance.power import UNIT
from governance.proposal import Proposal, ProposalState, state
from governance.voting import SYSTEMS
from governance.voting.system import Reason
from tests.services.hall import HAMLET, MODERATOR, Hall, member
from tests.storage.databases import DAY, TICK

HOUR = timedelta(hours=1)
TREES = ("Oak", "Elm", "Ash")
# Rules, what each of five voters casts, scores at the end (whole votes), winners
VOTES: dict[str, tuple[dict[str, Any], list[object], dict[int, object], tuple[int, ...]]] = {
    "basic": ({}, [1, 1, 2, 3, 1], {1: 3, 2: 1, 3: 1}, ()),
    "single_choice": ({}, [2, 2, 1, 3, 2], {1: 1, 2: 3, 3: 1}, (2,)),
    "approval": ({"winners": 2}, [[1, 2], [2], [], [2, 1], [3]], {1: 2, 2: 3, 3: 1}, (2, 1)),
    "weighted": (
        {},
        [[[1, 1], [2, 3]], [[2, 1]], [[1, 2], [3, 2]], [[2, 5]], [[1, 1]]],
        {1: Fraction(7, 4), 2: Fraction(11, 4), 3: Fraction(1, 2)},
        (2,),
    ),
    "ranked_choice": (
        {},
        [[1, 2, 3], [2, 1, 3], [2, 1], [3, 1], [1, 3]],
        {1: 3, 2: 2, 3: 0},
        (1,),
    ),
    "condorcet": ({}, [[[1], [2]], [[1], [3]], [[2, 1]], [[3], [1]], [[1]]], {}, (1,)),
    "copeland": ({}, [[1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1], [1, 2, 3]], {}, (1,)),
    "quadratic": (
        {"credits": 9},
        [[[1, 3]], [[1, 2], [2, 2]], [[2, 3]], [[3, 1]], [[2, 1]]],
        {},
        (2,),
    ),
    "quadratic_funding": ({}, [[[1, 1]], [[2, 1]], [[2, 1]], [[2, 1]], [[1, 1]]], {}, (2,)),
    "multisig": (
        {"signatures": 5, "signers": " ".join(f"<@{10000 + n}>" for n in range(6))},
        [1, 1, 1, 1, 1],
        {},
        (),
    ),
}


def voter(number: int, **more: Any) -> Any:
    return member(10000 + number, **more)


async def opened(hall: Hall, system: str, **rules: Any) -> Proposal:
    name = await hall.type(f"By {system}", system=system, **rules)
    choices = () if SYSTEMS[system].CHOICES else TREES
    return await hall.opened(kind=name, choices=choices)


async def closed(hall: Hall, proposal: Proposal) -> Proposal:
    now = await hall.now(proposal)
    hall.clock.at = max(hall.clock.at, (now.ended_at or now.vote_end) + TICK)
    await hall.deadlines.settle()
    return await hall.now(proposal)


@pytest.mark.parametrize("system", VOTES)
async def test_a_vote_is_decided_by_what_its_voters_cast(hall: Hall, system: str) -> None:
    rules, cast, scores, winners = VOTES[system]
    proposal = await opened(hall, system, **rules)
    for number, choice in enumerate(cast):
        receipt = await hall.voting.cast(HAMLET, proposal.id, voter(number), choice)
        assert receipt.proposal.tally.voters == number + 1
    running = (await hall.now(proposal)).running
    result = await closed(hall, proposal)
    assert result.counted_at
    assert result.outcome
    assert result.outcome.winners == winners
    assert state(result, hall.clock.at) is ProposalState.SUCCEEDED
    assert result.count == await hall.recounted(result)
    assert running in (None, result.count)
    for choice, score in scores.items():
        assert result.count.scores[choice] == score * UNIT


@pytest.mark.parametrize("system", VOTES)
async def test_who_changes_every_vote_leaves_no_trace_of_the_first(hall: Hall, system: str) -> None:
    rules, cast, _, winners = VOTES[system]
    if system == "multisig":
        rules = {**rules, "signers": rules["signers"] + " <@10006> <@10007> <@10008> <@10009>"}
    proposal = await opened(hall, system, **rules)
    first = [2] * 5 if system == "multisig" else cast[::-1]  # five approvals would end it
    for choices in (first, cast):
        for number, choice in enumerate(choices):
            await hall.voting.cast(HAMLET, proposal.id, voter(number), choice)
    result = await closed(hall, proposal)
    assert result.tally.voters == 5
    assert result.outcome
    assert result.outcome.winners == winners


@pytest.mark.parametrize("system", VOTES)
async def test_who_recuses_counts_for_turnout_only(hall: Hall, system: str) -> None:
    rules, cast, _, _ = VOTES[system]
    proposal = await opened(hall, system, **rules, quorum="1")
    await hall.voting.cast(HAMLET, proposal.id, voter(0), cast[0])
    await hall.voting.cast(HAMLET, proposal.id, voter(0), RECUSED)
    await hall.voting.cast(HAMLET, proposal.id, voter(1), RECUSED)
    result = await closed(hall, proposal)
    assert (result.tally.voters, result.tally.ballots, result.tally.power) == (2, 0, 0)
    assert state(result, hall.clock.at) is ProposalState.DEFEATED


async def test_recusal_can_be_ruled_out(hall: Hall) -> None:
    proposal = await opened(hall, "basic", recusal=False)
    with pytest.raises(Refusal):
        await hall.voting.cast(HAMLET, proposal.id, voter(0), RECUSED)


@pytest.mark.parametrize("system", VOTES)
async def test_a_ballot_that_breaks_its_form_is_not_stored(hall: Hall, system: str) -> None:
    rules, _, _, _ = VOTES[system]
    proposal = await opened(hall, system, **rules)
    for wrong in (4, -1, "Oak", [1, 1], [[1, 1], [1, 2]], [9], None, 1.0, {"1": 1}):
        with pytest.raises(Refusal):
            await hall.voting.cast(HAMLET, proposal.id, voter(0), wrong)
    assert (await hall.now(proposal)).tally.voters == 0


async def test_the_last_signature_ends_the_vote(hall: Hall) -> None:
    rules, _, _, _ = VOTES["multisig"]
    proposal = await opened(hall, "multisig", **{**rules, "signatures": 2})
    await hall.voting.cast(HAMLET, proposal.id, voter(0), 1)
    assert not (await hall.now(proposal)).ended_at
    last = await hall.voting.cast(HAMLET, proposal.id, voter(1), 1)
    assert last.news
    with pytest.raises(Refusal, match="ended"):
        await hall.voting.cast(HAMLET, proposal.id, voter(2), 2)
    await hall.deadlines.settle()
    result = await hall.now(proposal)
    assert result.counted_at
    assert result.outcome
    assert result.outcome.reason is Reason.SIGNED


async def test_a_super_quorum_ends_the_vote_in_the_midst_of_a_batch(hall: Hall) -> None:
    proposal = await opened(hall, "basic", super_quorum="3 %")
    await hall.deadlines.settle()  # a hundred members, as they are counted here
    for number in range(3):
        await hall.voting.cast(HAMLET, proposal.id, voter(number), 1)
    with pytest.raises(Refusal, match="ended"):
        await hall.voting.cast(HAMLET, proposal.id, voter(4), 2)
    (closed_now,) = await hall.deadlines.settle()
    assert state(closed_now, hall.clock.at) is ProposalState.SUCCEEDED


async def test_a_late_quorum_moves_the_end_once_and_is_announced(hall: Hall) -> None:
    proposal = await opened(hall, "basic", quorum="2", late_quorum_extension="12h")
    hall.clock.at = proposal.vote_end
    await hall.voting.cast(HAMLET, proposal.id, voter(0), 1)
    receipt = await hall.voting.cast(HAMLET, proposal.id, voter(1), 3)
    assert receipt.news
    extended = await hall.now(proposal)
    assert extended.vote_end == proposal.vote_end + 12 * HOUR
    assert await hall.announcements("extended") == [(1, "thread")]
    hall.clock.at = proposal.vote_end + HOUR
    await hall.voting.cast(HAMLET, proposal.id, voter(2), 1)
    assert not await hall.deadlines.settle() or not (await hall.now(proposal)).counted_at
    result = await closed(hall, proposal)
    assert (result.tally.voters, result.vote_end) == (3, proposal.vote_end + 12 * HOUR)


async def test_a_share_of_the_electorate_refers_to_the_members_at_the_start(hall: Hall) -> None:
    proposal = await opened(hall, "basic", quorum="2 %")
    assert (await hall.now(proposal)).quorum is None
    await hall.deadlines.settle()
    now = await hall.now(proposal)
    assert (now.electorate, now.quorum) == (100 * UNIT, 2 * UNIT)
    await hall.voting.cast(HAMLET, proposal.id, voter(0), 1)
    result = await closed(hall, proposal)
    assert result.outcome
    assert result.outcome.reason is Reason.QUORUM


async def test_a_vote_waits_for_an_electorate_that_is_not_known(hall: Hall) -> None:
    proposal = await opened(hall, "basic", quorum="2 %")

    async def away(guild_id: int, role: int | None) -> int:
        raise Unavailable(f"no answer for {guild_id} and {role}")

    known = hall.register.count
    hall.register.count = away
    assert await hall.deadlines.settle() == []
    for number in range(2):
        await hall.voting.cast(HAMLET, proposal.id, voter(number), 1)
    hall.clock.at = proposal.vote_end + TICK
    assert await hall.deadlines.settle() == []
    assert state(await hall.now(proposal), hall.clock.at) is ProposalState.ACTIVE
    with pytest.raises(Refusal, match="ended"):
        await hall.voting.cast(HAMLET, proposal.id, voter(3), 1)
    hall.register.count = known
    hall.clock.advance(DAY)
    (result,) = await hall.deadlines.settle()
    assert state(result, hall.clock.at) is ProposalState.SUCCEEDED


async def test_a_super_quorum_reached_before_the_electorate_was_known_ends_the_vote(
    hall: Hall,
) -> None:
    proposal = await opened(hall, "basic", super_quorum="2 %")
    for number in range(3):  # of a hundred
        await hall.voting.cast(HAMLET, proposal.id, voter(number), 1)
    await hall.deadlines.settle()
    result = await hall.now(proposal)
    assert result.electorate == 100 * UNIT
    assert result.ended_at == hall.clock.at
    assert result.counted_at


async def test_quorum_reached_before_the_electorate_was_known_is_not_reached_again(
    hall: Hall,
) -> None:
    proposal = await opened(hall, "basic", quorum="2 %", late_quorum_extension="1d")
    for number in range(3):
        await hall.voting.cast(HAMLET, proposal.id, voter(number), 1)
    await hall.deadlines.settle()
    assert (await hall.now(proposal)).quorum_reached_at == hall.clock.at
    hall.clock.at = proposal.vote_end
    receipt = await hall.voting.cast(HAMLET, proposal.id, voter(3), 2)
    assert receipt.proposal.vote_end == proposal.vote_end
    assert await hall.announcements("extended") == []


async def test_an_electorate_known_late_lets_quorum_be_reached_late(hall: Hall) -> None:
    proposal = await opened(hall, "basic", quorum="2 %", late_quorum_extension="1d")
    for number in range(2):
        await hall.voting.cast(HAMLET, proposal.id, voter(number), 1)
    hall.clock.at = proposal.vote_end
    await hall.deadlines.settle()
    assert (await hall.now(proposal)).vote_end == proposal.vote_end + DAY
    assert await hall.announcements("extended") == [(1, "thread")]


async def test_a_share_of_the_electorate_ends_no_multisig_before_its_signers_are_known(
    hall: Hall,
) -> None:
    rules, _, _, _ = VOTES["multisig"]
    proposal = await opened(hall, "multisig", **{**rules, "signatures": 1, "quorum": "1 %"})
    receipt = await hall.voting.cast(HAMLET, proposal.id, voter(0), 1)
    assert not receipt.proposal.ended_at
    await hall.deadlines.settle()
    assert (await hall.now(proposal)).ended_at


async def test_before_its_count_a_secret_vote_is_neither_succeeded_nor_defeated(
    hall: Hall,
) -> None:
    proposal = await opened(hall, "basic", secrecy="tally")
    await hall.voting.cast(HAMLET, proposal.id, voter(0), 1)
    hall.clock.at = proposal.vote_end + TICK
    assert state(await hall.now(proposal), hall.clock.at) is ProposalState.ACTIVE
    result = await closed(hall, proposal)
    assert state(result, hall.clock.at) is ProposalState.SUCCEEDED


async def test_before_its_count_a_tie_left_to_the_lot_is_not_defeated(hall: Hall) -> None:
    proposal = await opened(hall, "single_choice", tie_by_lot=True)
    await hall.deadlines.settle()
    for number, choice in enumerate((1, 2)):
        await hall.voting.cast(HAMLET, proposal.id, voter(number), choice)
    hall.clock.at = proposal.vote_end + TICK
    assert state(await hall.now(proposal), hall.clock.at) is ProposalState.ACTIVE
    result = await closed(hall, proposal)
    assert state(result, hall.clock.at) is ProposalState.SUCCEEDED


async def test_the_lot_is_drawn_when_voting_opens_and_stays(hall: Hall) -> None:
    proposal = await opened(hall, "ranked_choice")
    assert (await hall.now(proposal)).seed is None
    await hall.deadlines.settle()
    drawn = (await hall.now(proposal)).seed
    assert drawn
    assert len(drawn) == 32
    assert (await closed(hall, proposal)).seed == drawn


async def test_a_lot_that_was_slept_through_is_drawn_at_the_close(hall: Hall) -> None:
    proposal = await opened(hall, "single_choice", tie_by_lot=True)
    for number, choice in enumerate((1, 2)):
        await hall.voting.cast(HAMLET, proposal.id, voter(number), choice)
    hall.clock.at = proposal.vote_end + TICK
    (result,) = await hall.deadlines.settle()
    assert result.seed
    assert result.outcome
    assert len(result.outcome.winners) == 1


async def test_the_card_of_a_secret_vote_tells_when_somebody_voted_and_no_more(hall: Hall) -> None:
    proposal = await opened(hall, "basic", secrecy="tally", quorum="1")
    before = (await hall.now(proposal)).revision
    first = await hall.voting.cast(HAMLET, proposal.id, voter(0), 1)
    assert not first.news
    assert (await hall.now(proposal)).revision == before + 1
    await hall.voting.cast(HAMLET, proposal.id, voter(0), 2)
    assert (await hall.now(proposal)).revision == before + 1


async def test_the_card_of_a_wholly_secret_vote_does_not_change_before_the_close(
    hall: Hall,
) -> None:
    proposal = await opened(hall, "approval", secrecy="voters")
    before = (await hall.now(proposal)).revision
    for number in range(3):
        await hall.voting.cast(HAMLET, proposal.id, voter(number), [1])
    now = await hall.now(proposal)
    assert (now.revision, now.hides_tally, now.hides_voters) == (before, True, True)
    result = await closed(hall, proposal)
    assert result.revision > before
    assert not result.hides_tally


async def test_a_reason_that_is_asked_for_is_not_left_out(hall: Hall) -> None:
    proposal = await opened(hall, "basic", reasons="against")
    await hall.voting.cast(HAMLET, proposal.id, voter(0), 1)
    with pytest.raises(Refusal, match="asks for your reason"):
        await hall.voting.cast(HAMLET, proposal.id, voter(1), 2)
    await hall.voting.cast(HAMLET, proposal.id, voter(1), 2, "Too dear.")


async def test_settings_changed_while_a_vote_is_open_do_not_matter(hall: Hall) -> None:
    proposal = await opened(hall, "basic", quorum="1")
    await hall.set_up(quorum=99, voting_period="90d", voting_role=5)
    await hall.types.change(HAMLET, MODERATOR, "By basic", {"quorum": "99", "threshold": "99 %"})
    await hall.voting.cast(HAMLET, proposal.id, voter(0), 1)
    result = await closed(hall, proposal)
    assert result.vote_end == proposal.vote_start + 3 * DAY
    assert state(result, hall.clock.at) is ProposalState.SUCCEEDED
