"""What every voting system must hold to; a new one is held to it by its line in SYSTEMS."""

from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from governance.errors import Refusal
from governance.voting import SYSTEMS
from governance.voting.system import Outcome, VotingSystem

LARGEST = 2**256 - 1
Ballots = Sequence[tuple[int, int]]

systems = pytest.mark.parametrize("system", SYSTEMS.values(), ids=SYSTEMS.keys())
powers = st.one_of(st.integers(0, 10), st.integers(0, LARGEST))
quorums = st.one_of(st.just(0), powers)
ballots = st.lists(st.tuples(st.integers(0, 2**16), powers), max_size=30)


def valid(system: VotingSystem, drawn: Ballots) -> Ballots:
    """The ballots with choices that this system has."""
    choices = list(system.CHOICES)
    return [(choices[choice % len(choices)], power) for choice, power in drawn]


def decided(system: VotingSystem, cast: Ballots, quorum: int) -> Outcome:
    return system.outcome(system.count(cast), quorum)


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_system_is_listed_under_its_own_name(name: str) -> None:
    assert name == SYSTEMS[name].NAME


@systems
def test_choices_are_numbered_from_one_and_named(system: VotingSystem) -> None:
    assert list(system.CHOICES) == list(range(1, len(system.CHOICES) + 1))
    assert len(set(system.CHOICES.values())) == len(system.CHOICES)
    assert all(system.CHOICES.values())


@systems
def test_every_choice_that_is_offered_is_accepted(system: VotingSystem) -> None:
    assert [system.check(choice) for choice in system.CHOICES] == list(system.CHOICES)


@systems
@pytest.mark.parametrize("choice", [0, -1, 10**9, 1.0, "1", "For", None, [1], (1,)], ids=repr)
def test_any_other_choice_is_refused_and_the_refusal_names_those_there_are(
    system: VotingSystem, choice: object
) -> None:
    with pytest.raises(Refusal) as refused:
        system.check(choice)
    assert all(name in str(refused.value) for name in system.CHOICES.values())


@systems
@given(quorum=quorums)
def test_a_vote_without_ballots_is_decided_all_the_same(system: VotingSystem, quorum: int) -> None:
    tally = system.count([])
    assert not sum(tally.values())
    assert not system.towards_quorum(tally)
    assert not system.outcome(tally, quorum).succeeded
    assert system.outcome({}, quorum) == system.outcome(tally, quorum)


@systems
@given(drawn=ballots, quorum=quorums, data=st.data())
def test_the_order_of_ballots_never_matters(
    system: VotingSystem, drawn: Ballots, quorum: int, data: st.DataObject
) -> None:
    cast = valid(system, drawn)
    shuffled = data.draw(st.permutations(cast))
    assert system.count(shuffled) == system.count(cast)
    assert decided(system, shuffled, quorum) == decided(system, cast, quorum)


@systems
@given(drawn=ballots)
@example(drawn=[(choice, LARGEST) for choice in range(30)])
def test_no_power_is_lost_or_made_up_by_counting(system: VotingSystem, drawn: Ballots) -> None:
    cast = valid(system, drawn)
    tally = system.count(cast)
    assert sum(tally.values()) == sum(power for _, power in cast)
    assert 0 <= system.towards_quorum(tally) <= sum(tally.values())
    assert all(type(power) is int for power in tally.values())


@systems
def test_counting_is_exact_where_other_numbers_would_round(system: VotingSystem) -> None:
    for choice in system.CHOICES:
        tally = system.count([(choice, LARGEST), (choice, 1), (choice, LARGEST)])
        assert tally[choice] == 2 * LARGEST + 1


@systems
@given(drawn=ballots, quorum=quorums, by=st.integers(1, LARGEST))
def test_measuring_power_in_another_unit_changes_no_outcome(
    system: VotingSystem, drawn: Ballots, quorum: int, by: int
) -> None:
    cast = valid(system, drawn)
    larger = [(choice, power * by) for choice, power in cast]
    assert decided(system, larger, quorum * by) == decided(system, cast, quorum)


@systems
@given(drawn=ballots, quorum=quorums, more=powers)
def test_a_higher_quorum_never_helps(
    system: VotingSystem, drawn: Ballots, quorum: int, more: int
) -> None:
    cast = valid(system, drawn)
    if decided(system, cast, quorum + more).succeeded:
        assert decided(system, cast, quorum).succeeded


@systems
@given(drawn=ballots)
def test_a_count_leaves_the_ballots_and_a_decision_the_tally_as_they_are(
    system: VotingSystem, drawn: Ballots
) -> None:
    cast = valid(system, drawn)
    tally = system.count(cast)
    before = dict(tally)
    system.outcome(tally, 1)
    assert tally == before
    assert system.count(cast) == before
