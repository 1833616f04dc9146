"""What voters carry, recounted from a file in which nobody is named."""

import random
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from governance.ballot import RECUSED
from governance.carry import Uncast
from governance.options import Quorum
from governance.power import UNIT
from governance.result import written
from governance.result_delegations import Link, carry_of, in_order
from governance.result_recount import verified
from governance.strategies.strategy import Part
from governance.voting import basic
from tests.governance.results import (
    Trusting,
    changed,
    names,
    reread,
    sealed,
    tampered,
    trusting,
)

FOR, AGAINST, ABSTAIN = basic.FOR, basic.AGAINST, basic.ABSTAIN
TWO_HOUSES = {
    "second_power": (Part("list", Fraction(1), ((11, UNIT),)),),
    "second_quorum": Quorum(share=Fraction(1, 50)),
}

members = st.integers(1, 12)
whole = st.integers(0, 3).map(lambda votes: votes * UNIT)
trusts = st.dictionaries(members, members, max_size=12).map(
    lambda trust: {giver: taker for giver, taker in trust.items() if giver != taker}
)


@st.composite
def votes(draw: st.DrawFn, *, two: bool = False, cap: bool = False) -> Trusting:
    trust = draw(trusts)
    choices = draw(st.dictionaries(members, st.sampled_from([FOR, AGAINST, ABSTAIN, RECUSED])))
    powers: dict[int, tuple[int, int] | None] = {}
    for member in {*trust, *trust.values(), *choices}:
        first, second = draw(whole), draw(whole)
        powers[member] = (first or UNIT, second)
        if member in trust and member not in choices:
            powers[member] = (first, second)
    rules: dict[str, Any] = dict(TWO_HOUSES) if two else {}
    if cap:
        rules["delegation_cap"] = Fraction(draw(st.integers(1, 10)), 100)
    return trusting(trust, choices, powers, recorded=draw(st.booleans()), **rules)


# An exact file


@settings(max_examples=200)
@given(st.one_of(votes(), votes(two=True), votes(cap=True), votes(two=True, cap=True)))
def test_whoever_delegates_and_votes_the_file_is_exact(vote: Trusting) -> None:
    file = vote.file()
    assert reread(file) == file
    assert verified(file).problems == ()


@settings(max_examples=200)
@given(votes(two=True), st.randoms(use_true_random=False))
def test_the_file_does_not_tell_whose_delegations_they_are(
    vote: Trusting, chance: random.Random
) -> None:
    everyone = list({*vote.trust, *vote.trust.values(), *vote.choices, *vote.powers})
    others = dict(zip(everyone, chance.sample(range(100, 999), len(everyone)), strict=True))
    trust = [(others[giver], others[taker]) for giver, taker in vote.trust.items()]
    choices = [(others[voter], choice) for voter, choice in vote.choices.items()]
    chance.shuffle(trust)
    chance.shuffle(choices)
    again = replace(
        vote,
        trust=dict(trust),
        choices=dict(choices),
        powers={others[member]: power for member, power in vote.powers.items()},
    )
    assert written(again.file()) == written(vote.file())


@settings(max_examples=300)
@given(trusts, st.dictionaries(members, st.integers(1, 2)), st.randoms(use_true_random=False))
def test_any_order_of_the_same_links_is_put_into_the_same(
    trust: dict[int, int], choices: dict[int, int], chance: random.Random
) -> None:
    everyone = list({*trust, *trust.values()})
    orders = []
    for _ in range(2):
        chance.shuffle(everyone)
        links = [
            Link(
                UNIT,
                0,
                everyone.index(trust[member]) if member in trust else None,
                choices.get(member),
            )
            for member in everyone
        ]
        orders.append(in_order(links))
        assert in_order(orders[-1]) == orders[-1]
    assert orders[0] == orders[1]


def link(delegate: int | None, choice: int | None = None) -> Link:
    return Link(UNIT, 0, delegate, choice)


def test_a_circle_starts_where_its_digests_are_least_and_its_delegators_follow() -> None:
    first = [link(1), link(2, FOR), link(0), link(0), link(3), link(2)]
    second = [link(2), link(4), link(4), link(0), link(5, FOR), link(1)]  # another graph
    third = [link(5), link(5), link(4), link(5, FOR), link(3), link(2)]
    assert in_order(first) != in_order(second)
    assert len({tuple(in_order(each)) for each in (first, second, third)}) == 3
    found = in_order(first)
    assert [each.delegate for each in found[:3]] == [1, 2, 0]
    assert sum(each.choice == FOR for each in found[:3]) == 1


def test_delegates_stand_before_those_who_delegate_to_them() -> None:
    found = in_order([link(1), link(2), link(None, FOR), link(2), link(None), link(4)])
    assert all(each.delegate is None or each.delegate < at for at, each in enumerate(found))
    assert in_order([]) == []


@given(votes(cap=True))
def test_every_unit_is_in_a_ballot_or_told_to_be_lost(vote: Trusting) -> None:
    everyone = {*vote.trust, *vote.trust.values()}
    power = sum(vote.own(member)[0] for member in everyone)
    links = [
        Link(int(first), 0, delegate, choice)
        for first, delegate, choice in vote.file()["delegations"]
    ]
    found = carry_of(vote.under_way, links)
    cast = sum(ballot[1] for ballot in found.ballots.values())
    assert power == cast + sum(share.power for share in found.uncast.values())
    assert found.lost.power == sum(
        share.power for reason, share in found.uncast.items() if reason is not Uncast.ABSENT
    )


def test_what_nobody_recorded_of_a_delegate_is_told_by_its_ballot() -> None:
    heard = trusting({1: 2, 3: 4}, {2: FOR}, {2: None, 4: None})
    voted = replace(heard, powers={2: (5 * UNIT, 0), 4: None})
    file = voted.file()
    assert [["0", None, None], [str(5 * UNIT), None, FOR]] == sorted(
        each for each in file["delegations"] if each[1] is None
    )
    assert file["ballots"] == [[FOR, str(6 * UNIT), 1]]
    assert verified(file).problems == ()


def test_a_delegate_without_power_of_its_own_may_be_left_with_none() -> None:
    vote = trusting({1: 2}, {1: FOR, 2: AGAINST}, {2: (0, 0)})
    file = vote.file()
    assert [AGAINST, "0", 1] in file["ballots"]
    assert verified(file).problems == ()
    (problem,) = verified(vote.file([*vote.patterns(), (AGAINST, 0, 0, 1)])).problems
    assert problem.endswith(".1: a ballot has power")


def test_a_vote_in_the_second_house_alone_is_a_vote() -> None:
    vote = trusting({}, {1: FOR, 2: AGAINST}, {1: (0, UNIT), 2: (UNIT, 0)}, **TWO_HOUSES)
    file = vote.file()
    assert file["ballots"] == [[FOR, "0", str(UNIT), 1], [AGAINST, str(UNIT), "0", 1]]
    assert file["result"]["second"]["count"]["scores"]["1"] == str(UNIT)
    assert verified(file).problems == ()


def test_a_chain_of_a_thousand_is_carried_to_its_end() -> None:
    vote = trusting({member: member + 1 for member in range(1, 1001)}, {1001: FOR}, electorate=2000)
    file = vote.file()
    assert file["ballots"] == [[FOR, str(1001 * UNIT), 1]]
    report = verified(reread(file))
    assert report.problems == ()
    assert "  members for whom another voted: 1,000 (power 1,000)" in report.lines
    circle = trusting({member: member % 1000 + 1 for member in range(1, 1001)}, {})
    told = verified(circle.file())
    assert told.problems == ()
    assert any("in a circle in which nobody voted: 1,000 (power" in line for line in told.lines)


def test_very_many_electors_are_recounted(long: bool) -> None:
    chance, size = random.Random(7), 100_000 if long else 5000
    trust = {member: chance.randrange(1, member) for member in range(2, size + 1)}
    choices = {member: chance.choice((FOR, AGAINST)) for member in range(1, size + 1, 7)}
    vote = trusting(trust, choices, electorate=size, recorded=True)
    file = reread(vote.file())
    assert len(file["delegations"]) == size
    assert int(file["result"]["count"]["power"]) == size * UNIT
    assert verified(file).problems == ()


# What a person reads


def test_what_was_carried_and_what_was_lost_is_told_in_words() -> None:
    trust = {1: 2, 2: 3, 4: 5, 6: 7, 7: 6, 8: 3, 9: 3}
    vote = trusting(
        trust, {3: FOR, 9: AGAINST}, delegation_cap=Fraction(2, 100), recorded=True, system="basic"
    )
    lines = verified(vote.file()).lines
    start = lines.index("Delegations: 7")
    assert list(lines[start + 1 : start + 7]) == [
        "  members who voted themselves: 1",
        "  members for whom another voted: 3 (power 2)",
        "  members not heard, as nobody on the way voted: 1 (power 1, not counted)",
        "  members not heard, in a circle in which nobody voted: 2 (power 2, not counted)",
        "  members whose delegate carried more than it may: 3 (power 1, not counted)",
        "  delegates who neither voted nor delegated: 1 (power 1, not counted)",
    ]
    assert "  members: 100" in lines
    assert "  4 of it cast, 4 delegated and not counted, 92 neither" in lines


def test_two_houses_are_told_one_after_the_other() -> None:
    powers = {1: (3 * UNIT, UNIT), 2: (UNIT, 4 * UNIT), 3: (0, UNIT)}
    vote = trusting({3: 2}, {1: FOR, 2: AGAINST}, powers, electorate=20, **TWO_HOUSES)
    lines = verified(vote.file()).lines
    assert "  power in the second house: 20" in lines
    assert "  1 × 2 (power 1, second house 5)" in lines
    assert "  members for whom another voted: 1 (power 0, second house 1)" in lines
    second = lines.index("The second house, which has to agree")
    assert lines[second + 1] == "  1. 2 Against: 5"
    assert lines[second + 4] == "Quorum of the second house: 1 of 0.4 (250 %)"
    assert "Outcome: the proposal was defeated, majority against in the second house" in lines


def test_as_much_of_the_electorate_is_told_as_is_known() -> None:
    vote = trusting({}, {1: FOR}, quorum=Quorum(UNIT))
    taken = "2026-03-02 12:30:15 UTC"
    for changes, told in (
        ({}, [f"Electorate, fixed {taken}", "  power: 100"]),
        ({"electorate": None}, [f"Electorate, fixed {taken}"]),
        ({"snapshot_at": None}, ["Electorate", "  power: 100"]),
        ({"electorate": None, "snapshot_at": None}, []),
    ):
        report = verified(replace(vote, under_way=replace(vote.under_way, **changes)).file())
        assert report.problems == ()
        assert [each for each in report.lines if each in told] == told
        assert bool(told) == any(each.startswith("Electorate") for each in report.lines)


def test_the_space_and_the_topic_are_told() -> None:
    vote = trusting({}, {})
    for space, topic, line in (
        (3, "", "  in space 3"),
        (3, "Wells", "  in space 3, about Wells"),
        (0, "Wells", "  in the server itself, about Wells"),
    ):
        there = replace(vote.under_way, space_id=space, topic=topic)
        report = verified(replace(vote, under_way=there).file())
        assert report.problems == ()
        assert line in report.lines


# Tampering


def example(**more: Any) -> Trusting:
    """A chain, a circle, a delegate with two delegators, one of whom votes, and who is alone."""
    return trusting(
        {1: 2, 2: 3, 4: 5, 5: 4, 6: 8, 7: 8, 9: 3},
        {3: FOR, 6: AGAINST, 8: AGAINST, 11: FOR, 12: ABSTAIN},
        {1: (2 * UNIT, UNIT), 6: (3 * UNIT, 0)},
        recorded=True,
        **more,
    )


@pytest.mark.parametrize("rules", [{}, TWO_HOUSES], ids=["one house", "two houses"])
def test_any_change_is_found_and_its_place_is_named(rules: Any, long: bool) -> None:
    file = example(**rules).file()
    for index, (at, change) in enumerate(tampered(file)):
        if not long and index % 3:
            continue
        if at[0] not in ("ballots", "delegations", "electorate", "result"):
            continue
        problems = verified(changed(file, change)).problems
        assert any(names(problem, at) for problem in problems), (at, problems)


@pytest.mark.parametrize("rules", [{}, TWO_HOUSES], ids=["one house", "two houses"])
def test_a_forger_of_digests_cannot_change_what_is_carried(rules: Any) -> None:
    file = example(**rules).file()
    heard = [index for index, each in enumerate(file["delegations"]) if each[-1] is not None]
    for index in heard:
        for column in range(len(file["delegations"][0])):
            forged = reread(file)
            value = forged["delegations"][index][column]
            other = {str: f"{value}0", int: 3 - value if type(value) is int else 0}
            forged["delegations"][index][column] = other.get(type(value), 0)
            if forged != file:
                assert verified(sealed(forged)).problems, (index, column)


@settings(max_examples=150)
@given(votes(cap=True), st.data())
def test_forged_power_is_found_though_the_result_is_counted_from_it(
    vote: Trusting, data: st.DataObject
) -> None:
    hanging = {*vote.trust, *vote.trust.values()}
    carrying = [each for each in vote.ballots().values() if each.voter_id in hanging]
    if not carrying:
        return
    forged = data.draw(st.sampled_from(carrying))
    true = (forged.choice, forged.power, forged.second, 1)
    patterns = vote.patterns()
    patterns.remove(true)
    assume(true not in patterns)  # else it could be another's ballot that was forged
    patterns.append((forged.choice, forged.power + UNIT, forged.second, 1))
    problems = verified(vote.file(patterns)).problems
    assert any(problem.startswith("delegations.") for problem in problems)
    told = next(problem for problem in problems if problem.startswith("delegations."))
    assert "with what it carries its ballot is [" in told


@settings(max_examples=150)
@given(votes(), st.data())
def test_a_delegation_that_was_moved_is_found(vote: Trusting, data: st.DataObject) -> None:
    movable = [giver for giver in vote.trust if giver not in vote.choices and vote.own(giver)[0]]
    voters = [voter for voter in vote.choices if voter in vote.trust.values()]
    if not movable or not voters:
        return
    giver, taker = data.draw(st.sampled_from(movable)), data.draw(st.sampled_from(voters))
    moved = replace(vote, trust={**vote.trust, giver: taker})
    # Else the ballot of somebody who stands alone could pass for that of the delegate.
    assume({*vote.choices} <= {*moved.trust, *moved.trust.values()})
    if sorted(map(repr, moved.patterns())) == sorted(map(repr, vote.patterns())):
        return
    assert verified(moved.file(vote.patterns())).problems


def test_ballots_and_power_beyond_a_recorded_electorate_are_found() -> None:
    vote = example()
    small = replace(vote.under_way, electors=8, electorate=11 * UNIT)
    told = verified(replace(vote, under_way=small).file()).problems
    assert [problem.split(":")[0] for problem in told] == ["electorate.members", "electorate.power"]
    assert "it says 8, and at least 11 took part" in told[0]
    both = example(**TWO_HOUSES)
    lower = replace(both.under_way, second_electorate=3 * UNIT)
    (problem,) = verified(replace(both, under_way=lower).file()).problems
    assert problem.startswith("electorate.second: it says ")


def test_an_added_ballot_is_found_where_the_electorate_was_recorded() -> None:
    vote = trusting({1: 2}, {2: FOR, 3: FOR}, recorded=True, electorate=3)
    assert verified(vote.file()).problems == ()
    added = vote.file([*vote.patterns(), (AGAINST, UNIT, UNIT, 1)])
    assert {problem.split(":")[0] for problem in verified(added).problems} == {
        "electorate.members",
        "electorate.power",
    }


def test_delegations_out_of_their_order_are_found() -> None:
    file = example().file()
    links = file["delegations"]
    free = [index for index, each in enumerate(links) if each[1] is None]
    one, other = free[0], free[1]
    swap = {one: other, other: one}
    links[one], links[other] = links[other], links[one]
    for each in links:
        each[1] = swap.get(each[1], each[1])
    problems = verified(sealed(file)).problems
    assert problems[0] == f"delegations.{one}: it stands in the place of another"


POWER = str(UNIT)


@pytest.mark.parametrize(
    ("links", "problem"),
    [
        ({}, "delegations: it must be a list"),
        ([5], "delegations.0: it must be a power, the place"),
        ([[POWER, None]], "delegations.0: it must be a power, the place"),
        ([[1, 1, None], [POWER, None, None]], "delegations.0.0: "),
        ([[POWER, "1", None], [POWER, None, None]], "delegations.0.1: "),
        ([[POWER, -1, None], [POWER, None, None]], "delegations.0.1: "),
        ([[POWER, 2, None], [POWER, None, None]], "delegations.0: it delegates to 2, and there"),
        ([[POWER, 0, None]], "delegations.0: nobody delegates to themselves"),
        ([[POWER, None, FOR]], "delegations.0: who doesn't delegate, nor"),
        ([[POWER, 1, None], [POWER, None, 7]], "delegations.1.2: it isn't a valid ballot."),
        ([[POWER, 1, None], [POWER, None, FOR]], "delegations.1: with what it carries"),
    ],
    ids=repr,
)
def test_what_breaks_the_form_is_told_with_its_place(links: Any, problem: str) -> None:
    file = trusting({}, {1: FOR}).file()
    problems = verified(sealed({**file, "delegations": links})).problems
    assert any(each.startswith(problem) for each in problems), problems


def test_two_houses_need_two_powers() -> None:
    file = example(**TWO_HOUSES).file()
    one = sealed({**file, "ballots": [[FOR, POWER, 1]], "delegations": [[POWER, None, FOR]]})
    assert [problem.split(",")[0] for problem in verified(one).problems] == [
        "ballots.0: it must be a choice",
        "delegations.0: it must be a power in each house",
    ]
    file["electorate"]["second"] = None
    assert verified(sealed(file)).problems[0].startswith("electorate.second: the rules refer")


def test_delegations_where_the_rules_know_none_are_refused() -> None:
    file = example().file()
    file["rules"]["delegation"] = False
    problems = verified(sealed(file)).problems
    assert "delegations: under the rules nobody votes for others here" in problems
    file = trusting({}, {1: FOR}, delegation=False).file()
    file["ballots"].append([FOR, "0", 1])
    assert verified(sealed(file)).problems == ("ballots.1.1: a ballot has power",)
    file = trusting({1: 2}, {}).file()
    file["electorate"]["snapshot_at"] = None
    problems = verified(sealed(file)).problems
    assert problems == ("electorate.snapshot_at: delegations were fixed then, so it must be there",)


def test_a_second_house_in_another_system_is_refused() -> None:
    file = trusting({}, {}, system="approval").file()
    file["rules"]["second_power"] = [["list", "1/1", [["11", "1"]]]]
    assert verified(sealed(file)).problems[0].startswith("rules.second_power: ")
