"""Conviction votes: stakes over all open votes of a server, and the hour at which each passes."""

import random
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from governance import staking
from governance.ballot import RECUSED
from governance.errors import Refusal
from governance.power import UNIT
from governance.proposal import FOREVER, Proposal, ProposalState, state
from governance.result_recount import verified
from governance.texts import Text
from governance.voting import conviction
from governance.voting.system import Reason
from services.results import Results
from tests import stores
from tests.services.hall import ANN, BEN, HAMLET, MODERATOR, Hall, all_of, member, open_hall
from tests.storage.databases import DAY, ELSEWHERE, TICK

HOUR = timedelta(hours=1)


async def of_225(guild_id: int, role: int | None) -> int:
    """Twenty per cent of them are 45."""
    return 225


def voter(number: int) -> Any:
    return member(10000 + number)


async def kind(hall: Hall, **rules: Any) -> str:
    hall.register.count = of_225
    return await hall.type("Grant", system="conviction", funds=15_000, **rules)


async def asked(hall: Hall, amount: int = 1000, title: str = "A well") -> Proposal:
    text = Text(title, "It is dry.", amount=amount)
    return await hall.proposing.propose(HAMLET, ANN, text, "Grant")


async def opened(hall: Hall, amount: int = 1000) -> Proposal:
    """The first moment of a vote on a request, with a supply of 225 votes."""
    await kind(hall)
    proposal = await asked(hall, amount)
    hall.clock.at = proposal.vote_start + TICK
    await hall.deadlines.settle()
    return await hall.now(proposal)


def of(stake: Fraction | str) -> object:
    """As a member gives it: whose step it is, is for the writer to say."""
    return [[0, int(Fraction(stake) * UNIT)]]


async def stake(hall: Hall, proposal: Proposal, number: int, amount: Fraction | str) -> Proposal:
    receipt = await hall.voting.cast(HAMLET, proposal.id, voter(number), of(amount))
    assert staking.held(receipt.ballot.choice) == Fraction(amount) * UNIT
    assert receipt.proposal == await hall.now(proposal)
    return receipt.proposal


async def exported(hall: Hall, proposal: Proposal) -> tuple[str, ...]:
    """What is wrong with the result file."""
    file = await Results(hall.database, hall.clock).file(HAMLET, proposal.id)
    return verified(file).problems


async def passed(hall: Hall, proposal: Proposal) -> Proposal:
    """Let the clock move on until it has passed and been counted."""
    now = await hall.now(proposal)
    hall.clock.at = now.vote_end
    await hall.deadlines.settle()
    assert state(await hall.now(proposal), hall.clock.at) is ProposalState.ACTIVE
    hall.clock.advance(TICK)
    await hall.deadlines.settle()
    result = await hall.now(proposal)
    assert state(result, hall.clock.at) is ProposalState.SUCCEEDED
    assert (result.vote_end, result.ended_at) == (now.vote_end, now.vote_end)
    assert result.outcome
    assert result.outcome.reason is Reason.CONVINCED
    assert await exported(hall, proposal) == ()
    return result


@pytest.mark.parametrize(
    ("staked", "step"), [("5.062", None), ("5.063", 88), ("6", 18), ("10", 7), ("20", 3)]
)
async def test_a_request_passes_at_the_hour_that_its_stakes_give(
    hall: Hall, staked: str, step: int | None
) -> None:
    """The worked numbers, a thousandth of each, by members who have one vote each."""
    proposal = await opened(hall)
    whole, rest = divmod(Fraction(staked), 1)
    for number in range(whole):
        now = await stake(hall, proposal, number, "1")
    if rest:
        now = await stake(hall, proposal, whole, rest)
    if step is None:
        assert now.is_endless
        assert now.vote_end == proposal.vote_start + FOREVER
        hall.clock.advance(DAY * 1000)
        await hall.deadlines.settle()
        assert not (await hall.now(proposal)).counted_at
        return
    assert now.vote_end == proposal.vote_start + step * HOUR
    result = await passed(hall, proposal)
    assert result.count
    assert result.count.threshold == Fraction(50_625, 1000) * UNIT
    assert result.count.ballots == whole + bool(rest)
    with pytest.raises(Refusal, match="ended"):
        await hall.voting.cast(HAMLET, proposal.id, voter(0), of("0"))


async def test_a_stake_is_changed_withdrawn_and_its_history_kept(hall: Hall) -> None:
    proposal = await opened(hall)
    await stake(hall, proposal, 0, "0.5")
    hall.clock.advance(3 * HOUR)
    now = await stake(hall, proposal, 0, "0.250000000000000001")
    assert (now.tally.voters, now.tally.supporters) == (1, 1)
    now = await stake(hall, proposal, 0, "0.250000000000000001")
    hall.clock.advance(HOUR)
    now = await stake(hall, proposal, 0, "0")
    half, quarter = UNIT // 2, UNIT // 4 + 1
    (cast,) = [(await hall.voting.mine(HAMLET, proposal.id, 10000)).ballot]
    assert cast
    assert cast.choice == now.tally.stakes == ((0, half), (3, quarter), (4, 0))
    assert (now.tally.voters, now.tally.supporters) == (1, 0)
    assert now.is_endless


@pytest.mark.parametrize("wrong", [RECUSED, 1, [], [[0, -1]], [[0, UNIT + 1]], [[0, 0.5]], "1"])
async def test_what_is_no_stake_is_refused(hall: Hall, wrong: object) -> None:
    proposal = await opened(hall)
    with pytest.raises(Refusal):
        await hall.voting.cast(HAMLET, proposal.id, voter(0), wrong)
    with pytest.raises(Refusal, match="nothing to withdraw"):
        await hall.voting.cast(HAMLET, proposal.id, voter(0), of("0"))
    assert (await hall.now(proposal)).tally.voters == 0


async def test_nobody_stakes_more_than_its_power_on_all_votes_together(hall: Hall) -> None:
    one = await opened(hall)
    two = await asked(hall, 500, "A tree")
    hall.clock.at = two.vote_start + TICK
    await hall.deadlines.settle()
    await stake(hall, one, 0, "0.6")
    with pytest.raises(Refusal, match=r"stake 0\.6 on #1 already\. Stake at most 0\.4 here"):
        await hall.voting.cast(HAMLET, two.id, voter(0), of("0.400000000000000001"))
    await stake(hall, two, 0, "0.4")
    answers = await all_of(
        hall.voting.cast(HAMLET, one.id, voter(1), of("0.7")),
        hall.voting.cast(HAMLET, two.id, voter(1), of("0.7")),
    )
    assert [isinstance(each, Refusal) for each in answers] == [False, True]
    purse = await hall.voting.purse(HAMLET, two.id, voter(0).id)
    assert (purse.here, [held for _, held in purse.others]) == (4 * UNIT // 10, [6 * UNIT // 10])
    await stake(hall, one, 0, "0")
    await stake(hall, two, 0, "1")
    assert await hall.announcements("extended") == []


async def test_stakes_elsewhere_raise_the_threshold_until_they_are_released(hall: Hall) -> None:
    one = await opened(hall)
    two = await asked(hall, 0, "A tree")
    hall.clock.at = two.vote_start + TICK
    await hall.deadlines.settle()
    for number in range(30):
        await stake(hall, one, number, "1")
    for number in range(30, 70):
        now = await stake(hall, two, number, "1")
    assert now.elsewhere == ((0, 30 * UNIT),)
    busy = await hall.now(one)
    assert busy.elsewhere[-1] == (24, 40 * UNIT)
    assert busy.step(busy.vote_end) > 24 + 1
    assert staking.standing(now, now.vote_end).threshold == 35 * UNIT  # 70 of 45 at the least
    await passed(hall, two)
    free = await hall.now(one)
    assert free.elsewhere[-1] == (free.step(now.vote_end), 0)
    await passed(hall, one)


async def test_a_canceled_vote_releases_its_stakes(hall: Hall) -> None:
    one = await opened(hall)
    two = await asked(hall, 0, "A tree")
    assert two.elsewhere == ()
    hall.clock.at = two.vote_start + TICK
    await hall.deadlines.settle()
    for number in range(60):
        await stake(hall, two, number, "1")
    await stake(hall, one, 60, "1")
    three = await asked(hall, 0, "A pond")
    assert three.elsewhere == ((0, 61 * UNIT),)
    await hall.proposals.cancel(HAMLET, two.id, MODERATOR, "Unlawful.")
    assert (await hall.now(one)).elsewhere[-1][1] == 0
    assert (await hall.now(three)).elsewhere == ((0, UNIT),)
    await stake(hall, one, 0, "1")


async def test_a_vote_that_passed_while_nobody_looked_released_its_stakes_then(hall: Hall) -> None:
    """The first stake after a long sleep comes before the job that counts."""
    one = await opened(hall)
    two = await asked(hall, 0, "A tree")
    hall.clock.at = two.vote_start + TICK
    await hall.deadlines.settle()
    for number in range(12):
        await stake(hall, one, number, "1")
    for number in range(12, 72):
        now = await stake(hall, two, number, "1")
    hall.clock.advance(DAY)
    before = now.vote_end
    with pytest.raises(Refusal, match="ended"):
        await hall.voting.cast(HAMLET, two.id, voter(99), of("1"))
    assert (await hall.now(two)).ended_at == before
    freed = await hall.now(one)
    assert freed.elsewhere[-1] == (freed.step(before), 0)
    assert freed.vote_end < hall.clock.at
    closed = await hall.deadlines.settle()
    assert [each.number for each in closed] == [2, 1]
    for each in (one, two):
        assert await exported(hall, each) == ()


async def test_another_server_has_votes_of_its_own(hall: Hall) -> None:
    await hall.set_up(ELSEWHERE)
    one = await opened(hall)
    await stake(hall, one, 0, "1")
    await hall.types.create(ELSEWHERE, MODERATOR, "Grant", {"system": "conviction", "funds": 9})
    text = Text("Theirs", "It is dry.", amount=1)
    theirs = await hall.proposing.propose(ELSEWHERE, ANN, text, "Grant")
    hall.clock.at = theirs.vote_start + TICK
    await hall.deadlines.settle()
    receipt = await hall.voting.cast(ELSEWHERE, theirs.id, voter(0), of("1"))
    assert receipt.proposal.elsewhere == (await hall.now(one)).elsewhere == ()


async def test_stakes_outlast_a_restart(tmp_path: Path) -> None:
    url = await stores.create(tmp_path)
    async with open_hall(url) as hall:
        await hall.set_up(voting_delay=DAY)
        hall.write()
        proposal = await opened(hall)
        for number in range(6):
            await stake(hall, proposal, number, "1")
        at = hall.clock.at
    async with open_hall(url) as again:
        again.write()
        again.clock.at = at + 5 * HOUR
        now = await stake(again, proposal, 5, "0.5")
        assert now.tally.stakes == ((0, 6 * UNIT), (5, 11 * UNIT // 2))
        file = Results(again.database, again.clock)
        result = await passed(again, proposal)
        assert verified(await file.file(HAMLET, proposal.id)).problems == ()
        assert result.step(result.vote_end) > 18
    await stores.drop(url)


async def test_what_can_never_pass_is_not_proposed(hall: Hall) -> None:
    await kind(hall)
    with pytest.raises(Refusal, match=r"can never pass: you ask for 3,000.*less than 20 %"):
        await asked(hall, 3000)
    proposal = await asked(hall, 2999)
    text = Text("A well", "It is dry.", amount=3001)
    with pytest.raises(Refusal, match="can never pass"):
        await hall.proposals.edit(HAMLET, proposal.id, ANN, text, 1)
    text = Text("A well", "It is dry.", amount=10)
    edited = await hall.proposals.edit(HAMLET, proposal.id, ANN, text, 1)
    assert edited.text.amount == 10
    first = await hall.proposals.text_of_version(proposal.id, 1)
    assert first
    assert first.amount == 2999


async def test_the_rules_of_the_server_that_have_no_meaning_for_it_are_left_out(hall: Hall) -> None:
    await hall.set_up(quorum=5)
    proposal = await opened(hall)
    assert not proposal.rules.quorum
    with pytest.raises(Refusal, match="quorum has no meaning"):
        await hall.types.change(HAMLET, MODERATOR, "Grant", {"quorum": "5"})


async def test_a_stake_that_comes_before_the_electorate_is_known_counts_from_its_step_on(
    hall: Hall,
) -> None:
    await kind(hall)
    proposal = await asked(hall)
    hall.clock.at = proposal.vote_start + TICK
    for number in range(10):
        now = await stake(hall, proposal, number, "1")
    assert (now.electorate, now.is_endless) == (None, True)
    await hall.deadlines.settle()
    now = await hall.now(proposal)
    assert (now.electorate, now.vote_end) == (225 * UNIT, proposal.vote_start + 7 * HOUR)


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_is_staked_and_withdrawn_the_count_is_exact(hall: Hall, seed: int) -> None:
    """Votes that overlap, looked at hour by hour: each passes at the first hour that is enough."""
    chance = random.Random(seed)
    await kind(hall)
    open_votes = [await asked(hall, 200 * n, f"Grant {n}") for n in range(4)]
    hall.clock.at = open_votes[0].vote_start + TICK
    await hall.deadlines.settle()
    done: dict[int, Proposal] = {}
    for _ in range(150):
        hall.clock.advance(timedelta(minutes=chance.randrange(50)))
        for each in await hall.deadlines.settle():
            done[each.id] = each
        living = [each for each in open_votes if each.id not in done]
        if not living:
            break
        try:
            amount = Fraction(chance.randrange(1001), 1000)
            vote = chance.choice(living)
            who = voter(chance.randrange(25))
            await hall.voting.cast(HAMLET, vote.id, who, of(amount))
        except Refusal:
            continue
    assert done
    for each in done.values():
        assert each.outcome
        assert each.outcome.succeeded
        assert await exported(hall, each) == ()
        assert each.count
        stakes = [(each.tally.stakes, 0, 1)]
        assert conviction.passing_step(stakes, each.terms) == each.terms.closing_step


async def test_a_clock_that_is_set_back_disorders_no_stakes(hall: Hall) -> None:
    proposal = await opened(hall)
    hall.clock.advance(5 * HOUR)
    await stake(hall, proposal, 0, "1")
    hall.clock.advance(-3 * HOUR)
    for number in range(1, 10):
        now = await stake(hall, proposal, number, "1")
    assert now.tally.stakes == ((5, 10 * UNIT),)
    await stake(hall, proposal, 0, "0.5")
    await passed(hall, proposal)


async def test_who_has_lost_power_can_only_withdraw(hall: Hall) -> None:
    one = await opened(hall)
    two = await asked(hall, 0, "A tree")
    hall.clock.at = two.vote_start + TICK
    await hall.deadlines.settle()
    await stake(hall, one, 0, "1")
    with pytest.raises(Refusal, match="Stake at most 0 here"):
        await hall.voting.cast(HAMLET, two.id, voter(0), of("0.1"))
    assert (await hall.voting.purse(HAMLET, two.id, BEN.id)).others == ()
