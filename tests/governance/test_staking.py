"""Stakes on the conviction votes of a server, and what a result file says of them."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest

from governance import staking
from governance.ballot import Ballot
from governance.errors import Refusal
from governance.power import UNIT
from governance.proposal import FOREVER, STEP, Proposal, first_end
from governance.proposing import require_complete
from governance.result import digests, fingerprint, written
from governance.result_reading import read
from governance.result_recount import verified
from governance.rules import Rules
from governance.texts import Text
from governance.voting.system import Points
from tests.governance.examples import MADE, TICK, proposal
from tests.governance.results import filed

RULES: dict[str, Any] = {"system": "conviction", "funds": 15_000, "recusal": False}


def grant(number: int = 1, *stakes: tuple[int, int], **changes: Any) -> Proposal:
    """Asks for 1,000 of 15,000 with a supply of 45 votes; `stakes` in whole votes."""
    made = proposal(
        rules=RULES, text=Text("A well", "It is dry.", amount=1000), electorate=45 * UNIT, id=number
    )
    made = replace(made, vote_end=first_end(made.rules, made.vote_start))
    history = tuple((step, stake * UNIT) for step, stake in stakes)
    return replace(made, tally=replace(made.tally, stakes=history), **changes)


def ballot(choice: Points, power: int = UNIT) -> Ballot:
    return Ballot(1, 22, choice, power, "", MADE)


def at(vote: Proposal, hours: float) -> Any:
    return vote.vote_start + timedelta(hours=hours)


def test_a_step_is_a_whole_hour_since_voting_started() -> None:
    vote = grant()
    assert [vote.step(at(vote, hours)) for hours in (-5, 0, 0.99, 1, 24.5)] == [0, 0, 0, 1, 24]
    assert vote.is_endless
    assert not proposal().is_endless


def test_a_vote_ends_when_its_stakes_are_enough_or_never() -> None:
    vote = grant(1, (0, 5))
    seen = staking.as_of({1: vote}, at(vote, 0.5))[1]
    assert seen.vote_end == at(vote, 3)
    assert (seen.revision, seen.elsewhere) == (vote.revision + 1, ())
    assert staking.as_of({1: seen}, at(vote, 1)) == {1: seen}
    assert staking.as_of({1: grant()}, at(vote, 1))[1].vote_end == vote.vote_start + FOREVER
    assert staking.as_of({1: replace(vote, electorate=None)}, at(vote, 1))[1].is_endless


def test_what_is_enough_by_now_passes_now_and_not_earlier() -> None:
    """A hundred votes elsewhere are withdrawn in the middle of an hour."""
    one, two = grant(1, (0, 5)), grant(2, (0, 100), (9, 0))
    one = replace(one, elsewhere=((0, 100 * UNIT),))
    seen = staking.as_of({1: one, 2: two}, at(one, 9.5))
    assert seen[1].elsewhere == ((0, 100 * UNIT), (9, 0))
    assert seen[1].vote_end == at(one, 9.5)
    assert seen[1].terms.closing_step == 9


def test_each_that_passed_releases_its_stakes_at_that_moment() -> None:
    votes = staking.as_of({1: grant(1, (0, 5)), 2: grant(2, (0, 9))}, at(grant(), 0.1))
    assert [vote.vote_end for vote in votes.values()] == [at(votes[1], 4), at(votes[1], 2)]
    now = at(votes[1], 100)
    living, passed = staking.settled(votes, now)
    assert living == {}
    assert [each.id for each in passed.values()] == [2, 1]
    assert passed[1].elsewhere == ((0, 9 * UNIT), (2, 0))
    assert all(each.ended_at == each.vote_end for each in passed.values())
    living, passed = staking.settled(votes, at(votes[1], 2))
    assert (living, passed) == (votes, {})


def test_a_stake_goes_on_from_the_voters_history() -> None:
    vote = grant(1, (7, 3))
    first = staking.with_stake(ballot(((0, 5),)), None, vote, [], at(vote, 2))
    assert first.choice == ((7, 5),)  # never before a step that is known
    later = staking.with_stake(ballot(((0, 2),)), first, vote, [], at(vote, 9))
    assert later.choice == ((7, 5), (9, 2))
    again = staking.with_stake(ballot(((0, 2),)), later, vote, [], at(vote, 11))
    assert again.choice == later.choice
    tally = staking.with_ballot(vote.tally, None, first)
    assert (tally.stakes, tally.supporters) == (((7, 3 * UNIT + 5),), 1)
    assert staking.with_ballot(tally, later, again) == tally
    none = staking.with_stake(ballot(((0, 0),)), later, vote, [], at(vote, 12))
    assert staking.with_ballot(tally, first, none).supporters == 0


def test_a_stake_beyond_what_is_left_is_refused() -> None:
    vote, others = grant(), [(grant(2), UNIT // 4), (grant(3), 0)]
    staking.with_stake(ballot(((0, 3 * UNIT // 4),)), None, vote, others, MADE)
    for power, left in ((UNIT, "0.75"), (UNIT // 8, "0")):
        with pytest.raises(Refusal, match=rf"0\.25 on #12 already\. Stake at most {left} here"):
            staking.with_stake(ballot(((0, UNIT),), power), None, vote, others, MADE)
    with pytest.raises(Refusal, match="nothing to withdraw"):
        staking.with_stake(ballot(((0, 0),)), None, vote, [], MADE)


def test_a_request_must_stay_below_its_share_of_the_funds() -> None:
    rules = Rules(**RULES)
    require_complete(rules, Text("A well", "Dry.", amount=2999))
    with pytest.raises(Refusal, match="less than 20 %"):
        require_complete(rules, Text("A well", "Dry.", amount=3000))


def test_how_it_stands_grows_while_stakes_stay() -> None:
    vote = grant(1, (0, 10))
    scores = [staking.standing(vote, at(vote, hour)).scores[1] for hour in (0, 1, 2)]
    assert [round(score) for score in scores] == [0, 10 * UNIT, 19 * UNIT]
    assert staking.standing(vote, at(vote, 0)).threshold == Fraction(1125, 100) * UNIT


# Its result file


def example() -> dict[str, Any]:
    """Passed at step 4, with something staked elsewhere for an hour; one has withdrawn."""
    ballots = [(((0, UNIT),), UNIT, 4), (((0, UNIT), (1, 0)), UNIT, 1)]
    vote = grant(1, (0, 5), (1, 4))
    vote = replace(vote, elsewhere=((1, 2 * UNIT), (2, 0)))
    vote = staking.as_of({1: vote}, at(vote, 2.5))[1]
    vote = replace(vote, ended_at=vote.vote_end, counted_at=vote.vote_end + TICK)
    return filed(replace(vote, count=vote.system.count(ballots, vote.terms)), ballots)


def supply(power: str) -> dict[str, Any]:
    return {"snapshot_at": None, "recorded": False, "members": None, "power": power, "second": None}


def sealed(file: dict[str, Any]) -> dict[str, Any]:
    return {**file, "digests": digests(file), "fingerprint": fingerprint(file)}


def test_a_conviction_vote_is_recounted_from_its_file() -> None:
    file = example()
    assert read(written(file).encode()) == file
    report = verified(file)
    assert report.problems == ()
    told = "\n".join(report.lines)
    assert "it asks for 1,000 of 15,000" in told
    assert "staked on other votes from step 1 on: 2" in told
    assert "Threshold, which it had to exceed: 10.125" in told
    assert "succeeded, conviction reached" in told


@pytest.mark.parametrize(
    ("section", "value", "place"),
    [
        ("ballots", [[[[0, "1" + "0" * 18]], "1" + "0" * 18, 1]], "proposal.vote_end: "),
        ("ballots", [[[[0, "5" + "0" * 18]], "5" + "0" * 18, 9]], "proposal.vote_end: "),
        ("ballots", [[[[0, 5]], "5", 1]], "ballots.0.0.0.1: "),
        ("ballots", [[[[0, "6"]], "5", 1]], "ballots.0.0: "),
        ("ballots", [[0, "5", 1]], "ballots.0.0: "),
        ("elsewhere", [[0, "9" + "0" * 20]], "proposal.vote_end: "),
        ("elsewhere", [[1, "5"], [1, "6"]], "elsewhere: "),
        ("electorate", None, "electorate: "),
        ("electorate", supply("9" + "0" * 20), "proposal.vote_end: "),
    ],
)
def test_another_fact_is_another_result(section: str, value: Any, place: str) -> None:
    problems = verified(sealed({**example(), section: value})).problems
    assert any(problem.startswith(place) for problem in problems), problems


@pytest.mark.parametrize(
    ("name", "value", "place"),
    [
        ("ended_at", None, "proposal.ended_at: "),
        ("amount", 1100, "result.count.threshold: "),
        ("amount", 3000, "proposal.vote_end: by its stakes it never passed"),
        ("counted_at", "2026-03-02T12:30:15.250000+00:00", "proposal.counted_at: "),
    ],
)
def test_another_request_or_moment_is_told(name: str, value: Any, place: str) -> None:
    file = example()
    file["proposal"][name] = value
    problems = verified(sealed(file)).problems
    assert any(problem.startswith(place) for problem in problems), problems


@pytest.mark.parametrize(("name", "value"), [("decay", "1/1"), ("decay", "3/2"), ("funds", 0)])
def test_rules_that_no_conviction_vote_has_are_told(name: str, value: Any) -> None:
    file = example()
    file["rules"][name] = value
    assert verified(sealed(file)).problems[0].startswith("rules: ")


def test_a_decay_close_to_one_is_recounted_in_good_time() -> None:
    file = example()
    file["rules"]["decay"] = f"{10**19 - 1}/{10**19}"
    assert verified(sealed(file)).problems


def test_a_step_and_for_ever_are_lengths_of_time() -> None:
    assert FOREVER // STEP == 876_600
