"""What every voting system must hold to; a new one is held to it by its line in SYSTEMS."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.errors import Refusal
from governance.power import UNIT
from governance.voting import SYSTEMS, basic, conviction, shapes
from governance.voting.system import (
    Choice,
    Conviction,
    Count,
    Outcome,
    Score,
    Shape,
    Terms,
    VotingSystem,
    tallied,
)

LARGEST = 2**256 - 1
TREES = ("Oak", "Elm", "Ash")
Cast = Sequence[tuple[Choice, int, int]]

systems = pytest.mark.parametrize("system", SYSTEMS.values(), ids=SYSTEMS.keys())
some_examples = settings(max_examples=20)

powers = st.one_of(st.integers(0, 10), st.integers(0, 10 * UNIT), st.integers(0, LARGEST))
quorums = st.one_of(st.just(0), powers)
numbers = st.integers(1, len(TREES))
orders = st.permutations(range(1, len(TREES) + 1))


def only(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("system", [SYSTEMS[name] for name in names], ids=names)


def terms_of(system: VotingSystem) -> Terms:
    return Terms(
        system.CHOICES or TREES,
        negative=True,
        lot=(3, 1, 2),
        signatures=2,
        signers=100,
        conviction=Conviction(Fraction(1, 2), Fraction(1, 5), Fraction(1, 500), 10, 100, 50),
        closing_step=8,
    )


def places(order: list[int], cuts: list[bool]) -> Choice:
    """The order with equals wherever there is no cut."""
    found = [[order[0]]]
    for choice, cut in zip(order[1:], cuts, strict=True):
        if cut:
            found.append([])
        found[-1].append(choice)
    return tuple(tuple(sorted(place)) for place in found)


def points(least: int, most: int) -> st.SearchStrategy[Choice]:
    given_points = st.dictionaries(numbers, st.integers(least, most).filter(bool))
    return given_points.map(lambda given: tuple(sorted(given.items())))


def choices_of(system: VotingSystem) -> st.SearchStrategy[Choice]:
    """Valid choices with three (or the system's own) choices."""
    if system.NAME == "copeland":
        return orders.map(tuple)
    if system.NAME == "quadratic":
        return points(-3, 3)
    return {
        Shape.ONE: st.integers(1, len(system.CHOICES or TREES)),
        Shape.SOME: st.sets(numbers).map(lambda some: tuple(sorted(some))),
        Shape.RANKING: st.tuples(orders, st.integers(0, 3)).map(lambda of: tuple(of[0][: of[1]])),
        Shape.TIED_RANKING: st.builds(
            places, orders, st.lists(st.booleans(), min_size=2, max_size=2)
        ),
        Shape.POINTS: points(1, 30).filter(bool),
        Shape.STAKES: st.dictionaries(
            st.integers(0, 12), st.integers(0, 20), min_size=1, max_size=4
        ).map(lambda stakes: tuple(sorted(stakes.items()))),
    }[system.SHAPE]


def ballots_of(
    system: VotingSystem, strengths: st.SearchStrategy[int] = powers
) -> st.SearchStrategy[Cast]:
    """Valid ballots, with the power that their choices take."""

    def strong(ballot: tuple[Choice, int, int]) -> tuple[Choice, int, int]:
        choice, power, times = ballot
        least = 0
        if system.NAME == "quadratic":
            least = sum(votes**2 for _, votes in choice) * UNIT
        if system.NAME == "conviction":
            least = max(stake for _, stake in choice)
        return choice, max(power, least), times

    one = st.tuples(choices_of(system), strengths, st.integers(1, 3)).map(strong)
    return st.lists(one, max_size=8)


def decided(system: VotingSystem, cast: Cast, quorum: int = 0) -> Outcome:
    terms = terms_of(system)
    return system.decide(system.count(cast, terms), quorum, terms)


def passing(system: VotingSystem, outcome: Outcome) -> tuple[int, ...]:
    """The winners; of a system that only passes or fails, the choice in favour if it passes."""
    return outcome.winners or ((1,) if outcome.succeeded else ())


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_system_is_listed_under_its_own_name(name: str) -> None:
    assert name == SYSTEMS[name].NAME


def test_the_menu_starts_with_what_everybody_knows() -> None:
    assert list(SYSTEMS) == [
        "basic",
        "single_choice",
        "approval",
        "ranked_choice",
        "condorcet",
        "copeland",
        "weighted",
        "quadratic",
        "quadratic_funding",
        "multisig",
        "conviction",
    ]


@systems
def test_a_system_explains_itself_in_a_title_and_two_sentences(system: VotingSystem) -> None:
    assert system.TITLE
    assert len(system.TITLE) <= 25
    assert len(system.EXPLANATION.removesuffix(".").split(". ")) == 2
    assert system.EXPLANATION.endswith(".")
    assert len(system.EXPLANATION) <= 250


@systems
def test_only_votes_that_leave_no_room_for_choices_have_their_own(system: VotingSystem) -> None:
    assert bool(system.CHOICES) == (system.NAME in ("basic", "multisig", "conviction"))
    assert len(set(system.CHOICES)) == len(system.CHOICES)
    assert all(system.CHOICES)


@systems
@some_examples
@given(data=st.data())
def test_a_valid_choice_stays_itself_however_it_is_written_down(
    system: VotingSystem, data: st.DataObject
) -> None:
    terms = terms_of(system)
    for choice, power, _ in data.draw(ballots_of(system)):
        assert system.check(choice, power, terms) == choice
        assert system.check(json.loads(json.dumps(choice)), power, terms) == choice
        line = shapes.typed(system.SHAPE, choice)
        assert system.check(shapes.parsed(system.SHAPE, line, terms), power, terms) == choice
        assert shapes.words(system.SHAPE, choice, terms.choices)


@systems
@pytest.mark.parametrize(
    "choice",
    [
        0,
        -1,
        26,
        10**9,
        True,
        1.0,
        "1",
        "Oak",
        None,
        [True],
        [0],
        [[1.0]],
        [[]],
        [1, 1],
        [None],
        {1: 1},
        {1},
        list(range(1, 27)),
        [[1, True]],
        [[1, 2, 3, 4]],
        [[True, 1]],
    ],
    ids=lambda choice: f"{choice!r:.20}",
)
def test_any_other_choice_is_refused_with_a_sentence_that_fits_in_a_message(
    system: VotingSystem, choice: object
) -> None:
    with pytest.raises(Refusal) as refused:
        system.check(choice, 1, terms_of(system))
    assert str(refused.value).endswith(".")
    assert len(str(refused.value)) < 300


@systems
def test_numbers_too_long_to_be_written_are_refused_too(system: VotingSystem) -> None:
    huge = 10**5000
    for choice in (huge, -huge, [huge], [[huge]], [[huge, huge]], [[1, huge]], [[1, -huge]]):
        with pytest.raises(Refusal) as refused:
            system.check(choice, 1, terms_of(system))
        assert len(str(refused.value)) < 300


@systems
@given(quorum=quorums)
def test_a_vote_without_ballots_is_decided_all_the_same(system: VotingSystem, quorum: int) -> None:
    terms = terms_of(system)
    count = system.count([], terms)
    assert set(count.scores) == set(range(1, len(terms.choices) + 1))
    assert not any(count.scores.values())
    assert (count.ballots, count.power, system.towards_quorum(count, terms)) == (0, 0, 0)
    assert not system.decide(count, quorum, terms).succeeded


@systems
@some_examples
@given(quorum=quorums, data=st.data())
def test_the_order_of_ballots_never_matters(
    system: VotingSystem, quorum: int, data: st.DataObject
) -> None:
    cast = data.draw(ballots_of(system))
    shuffled = data.draw(st.permutations(cast))
    assert system.count(shuffled, terms_of(system)) == system.count(cast, terms_of(system))
    assert decided(system, shuffled, quorum) == decided(system, cast, quorum)


@systems
@some_examples
@given(data=st.data())
def test_equal_ballots_may_be_counted_together(system: VotingSystem, data: st.DataObject) -> None:
    cast = data.draw(ballots_of(system))
    single = [(choice, power, 1) for choice, power, times in cast for _ in range(times)]
    assert system.count(single, terms_of(system)) == system.count(cast, terms_of(system))


def conserved(system: VotingSystem, count: Count) -> bool:
    """Whether the scores hold neither more nor less than what was cast."""
    scores = count.scores
    match system.NAME:
        case "basic" | "single_choice" | "weighted":
            return sum(scores.values()) == count.power
        case "copeland" | "quadratic_funding":
            return sum(scores.values()) in (0, count.power)
        case "approval":
            return all(0 <= score <= count.power for score in scores.values())
        case "ranked_choice":
            return all(
                sum(each.scores.values()) + each.exhausted == count.power for each in count.rounds
            )
        case "condorcet":
            pairs = count.pairs
            return all(pairs[pair] + pairs[pair[::-1]] <= count.power for pair in pairs)
        case "multisig":
            return sum(scores.values()) == count.ballots
    return True


@systems
@some_examples
@given(data=st.data())
def test_no_power_is_lost_or_made_up_by_counting(system: VotingSystem, data: st.DataObject) -> None:
    cast = data.draw(ballots_of(system))
    count = system.count(cast, terms_of(system))
    assert count.power == sum(power * times for _, power, times in cast)
    assert count.ballots == sum(times for _, _, times in cast)
    assert 0 <= system.towards_quorum(count, terms_of(system)) <= count.power
    assert all(type(score) in (int, Fraction) for score in count.scores.values())
    assert conserved(system, count)
    assert sorted(each for place in count.ranking for each in place) == sorted(count.scores)


@systems
@given(data=st.data())
@settings(max_examples=5)
def test_counting_is_exact_where_other_numbers_would_round(
    system: VotingSystem, data: st.DataObject
) -> None:
    choice = data.draw(choices_of(system))
    count = system.count([(choice, LARGEST, 2), (choice, 1, 1)], terms_of(system))
    assert count.power == 2 * LARGEST + 1
    assert conserved(system, count)


@systems
@some_examples
@given(quorum=quorums, by=st.integers(1, 10**6), data=st.data())
def test_measuring_power_in_another_unit_changes_no_outcome(
    system: VotingSystem, quorum: int, by: int, data: st.DataObject
) -> None:
    """Stakes are power too; votes bought by credits and signatures aren't.

    The roots of quadratic funding are rounded, so there powers are whole votes.
    """
    strengths = powers
    if system.NAME == "quadratic_funding":
        strengths = st.integers(0, 10).map(lambda votes: votes * UNIT)
    cast = data.draw(ballots_of(system, strengths))
    terms = terms_of(system)
    assert terms.conviction is not None
    wider = replace(
        terms, conviction=replace(terms.conviction, supply=terms.conviction.supply * by)
    )
    larger = [
        (
            tuple((step, stake * by) for step, stake in choice)
            if system.NAME == "conviction"
            else choice,
            power * by,
            times,
        )
        for choice, power, times in cast
    ]
    outcome = system.decide(system.count(larger, wider), quorum * by, wider)
    assert outcome == decided(system, cast, quorum)


@systems
@some_examples
@given(quorum=quorums, more=powers, data=st.data())
def test_a_higher_quorum_never_helps(
    system: VotingSystem, quorum: int, more: int, data: st.DataObject
) -> None:
    cast = data.draw(ballots_of(system))
    if decided(system, cast, quorum + more).succeeded:
        assert decided(system, cast, quorum) == decided(system, cast, quorum + more)


@systems
@some_examples
@given(data=st.data())
def test_a_count_leaves_the_ballots_and_a_decision_the_count_as_they_are(
    system: VotingSystem, data: st.DataObject
) -> None:
    cast = data.draw(ballots_of(system))
    count = system.count(cast, terms_of(system))
    before = dict(count.scores)
    system.decide(count, 1, terms_of(system))
    assert count.scores == before
    assert system.count(cast, terms_of(system)) == count


def added_up(
    system: VotingSystem, tally: Mapping[int, Score], choice: Choice, power: int, by: int
) -> Mapping[int, Score]:
    sums: dict[int, Score] = defaultdict(int, tally)
    for number, score in system.score(choice, power, terms_of(system)).items():
        sums[number] += by * score
    return sums


@systems
@some_examples
@given(data=st.data())
def test_a_running_tally_of_an_additive_system_equals_the_count(
    system: VotingSystem, data: st.DataObject
) -> None:
    if not system.ADDITIVE:
        with pytest.raises(TypeError):
            system.score(1, 1, terms_of(system))
        return
    cast = data.draw(ballots_of(system))
    replaced = data.draw(st.integers(0, len(cast)))
    tally: Mapping[int, Score] = {}
    for choice, power, times in cast:
        tally = added_up(system, tally, choice, power, times)
    for choice, power, times in cast[:replaced]:
        tally = added_up(system, tally, choice, power, -times)
    rest = cast[replaced:]
    count = system.count(rest, terms_of(system))
    assert tallied(tally, count.power, count.ballots, terms_of(system)) == count


def wholly_for(system: VotingSystem, winner: int) -> Choice:
    """The ballot that says nothing but this choice."""
    return {
        Shape.ONE: winner,
        Shape.SOME: (winner,),
        Shape.TIED_RANKING: ((winner,),),
        Shape.POINTS: ((winner, 1),),
        Shape.STAKES: ((0, 10),),
    }[system.SHAPE]


@only(
    "basic",
    "single_choice",
    "approval",
    "condorcet",
    "weighted",
    "quadratic",
    "quadratic_funding",
    "multisig",
    "conviction",
)
@some_examples
@given(power=powers, data=st.data())
def test_a_ballot_wholly_for_the_winner_never_makes_it_lose(
    system: VotingSystem, power: int, data: st.DataObject
) -> None:
    if system.NAME == "quadratic_funding":
        power = power % 10 * UNIT
        cast = data.draw(ballots_of(system, st.integers(0, 10).map(lambda votes: votes * UNIT)))
    else:
        cast = data.draw(ballots_of(system))
    for winner in passing(system, decided(system, cast)):
        more = [*cast, (wholly_for(system, winner), power + UNIT, 1)]
        assert winner in passing(system, decided(system, more))


def raised(system: VotingSystem, choice: Choice, winner: int) -> Choice:
    """The same ballot, but better for the winner."""
    match system.SHAPE:
        case Shape.ONE:
            return winner
        case Shape.SOME:
            return tuple(sorted({*choice, winner}))
        case Shape.POINTS:
            given_points = dict(choice)
            return tuple(sorted({**given_points, winner: given_points.get(winner, 0) + 1}.items()))
    rest = [tuple(each for each in place if each != winner) for place in choice]
    return ((winner,), *(place for place in rest if place))


@only("basic", "single_choice", "approval", "weighted", "condorcet", "multisig")
@some_examples
@given(data=st.data())
def test_raising_the_winner_on_a_ballot_never_makes_it_lose(
    system: VotingSystem, data: st.DataObject
) -> None:
    cast = list(data.draw(ballots_of(system).filter(bool)))
    which = data.draw(st.integers(0, len(cast) - 1))
    for winner in passing(system, decided(system, cast)):
        choice, power, times = cast[which]
        better = [*cast[:which], (raised(system, choice, winner), power, times), *cast[which + 1 :]]
        assert winner in passing(system, decided(system, better))


def test_only_wins_votes_and_signatures_are_counted_in_plain_numbers() -> None:
    assert {name for name, system in SYSTEMS.items() if system.WHOLE == 1} == {
        "condorcet",
        "quadratic",
        "multisig",
    }
    assert all(system.WHOLE in (1, UNIT) for system in SYSTEMS.values())


def test_only_basic_leaves_ballots_out_of_quorum() -> None:
    for system in SYSTEMS.values():
        count = Count(1, 7, dict.fromkeys(range(1, 4), 0), ())
        expected = 0 if system is basic else 7
        assert system.towards_quorum(count, terms_of(system)) == expected


def test_conviction_without_its_terms_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="terms of its conviction"):
        conviction.count([], Terms(("Support",)))
