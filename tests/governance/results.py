"""Result files to read, to change and to forge."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest

from governance.ballot import RECUSED, Ballot
from governance.carry import Elector
from governance.options import Quorum
from governance.power import UNIT
from governance.proposal import Proposal
from governance.result import Pattern, as_file, digests, fingerprint, written
from governance.result_delegations import Link, links_of
from governance.result_reading import read
from governance.texts import Text
from governance.voting import SYSTEMS
from governance.voting.system import Ballots, Choice
from tests.governance.examples import DAY, MADE, TICK, proposal

TREES = ("Oak", "Elm", "Ash")
SEED = bytes(range(32))
RECOUNTED = [name for name in SYSTEMS if name != "conviction"]

systems = pytest.mark.parametrize("system", RECOUNTED)
Path_ = tuple[str | int, ...]
Change = Callable[[Any], None]

RULES: dict[str, dict[str, Any]] = {
    "basic": {"threshold": Fraction(1, 2), "super_quorum": Quorum(50 * UNIT)},
    "multisig": {"signers": tuple(range(101, 115)), "signatures": 3},
    "single_choice": {"tie_by_lot": True, "late_quorum_extension": DAY},
    "quadratic": {"credits": 12, "negative": True},
}
CAST: dict[str, list[Choice]] = {
    "basic": [1, 1, 1, 2, 3],
    "single_choice": [1, 1, 2, 2, 3],
    "approval": [(1, 2), (2,), (), (2, 3)],
    "ranked_choice": [(1, 2), (2, 1, 3), (3, 2), (3,), (1,), (2,)],
    "condorcet": [((1,), (2, 3)), ((2,), (1,), (3,)), ((2, 3),), ()],
    "copeland": [(1, 2, 3), (2, 1, 3), (3, 2, 1), (2, 3, 1)],
    "weighted": [((1, 1), (2, 3)), ((2, 1),), ((1, 2), (3, 1))],
    "quadratic": [((1, 2), (2, -1)), ((1, 1),), ((3, 2),)],
    "quadratic_funding": [((1, 3), (2, 1)), ((2, 1),), ((3, 1),)],
    "multisig": [1, 1, 2, 1],
}


def of_system(system: str, *, choices: Sequence[str] = TREES, **rules: Any) -> Proposal:
    """A proposal under discussion whose rules need an electorate and a lot."""
    own = SYSTEMS[system].CHOICES
    text = Text(
        "Plant a “tree”\u2028here",
        "Which one?\n*Think*.",
        "https://example.org/trees",
        () if own else tuple(choices),
        (("Budget", "400"), ("Where", "At the well")),
    )
    frozen = {
        "system": system,
        "quorum": Quorum(share=Fraction(1, 12)),
        **RULES.get(system, {}),
        **rules,
    }
    return proposal(text=text, electorate=24 * UNIT, seed=SEED, rules=frozen, voting_role=2**63 - 1)


def counted(under_way: Proposal, ballots: Ballots) -> Proposal:
    """The proposal with its ballots counted, a second after its end."""
    sides = [each for each in ballots if each[0] != RECUSED]
    count = under_way.system.count(sides, under_way.terms)
    return replace(under_way, count=count, counted_at=under_way.vote_end + timedelta(seconds=1))


def filed(proposal: Proposal, ballots: Ballots, links: Sequence[Link] = ()) -> dict[str, Any]:
    """The file of a vote with one house."""
    return as_file(proposal, [(each[0], each[1], 0, each[2]) for each in ballots], links)


Trust = Mapping[int, int]
"""Of members, whom each delegates to."""


@dataclass(frozen=True)
class Trusting:
    """A vote with delegations, as the rules say it: nothing here asks `governance.carry`.

    `powers` are those of each member in both houses; None where the ballot would tell them.
    """

    under_way: Proposal
    trust: Trust
    choices: Mapping[int, Choice]
    powers: Mapping[int, tuple[int, int] | None] = field(default_factory=dict)

    def own(self, member: int) -> tuple[int, int]:
        first, second = self.powers.get(member, (UNIT, UNIT)) or (0, 0)
        return first, second if self.under_way.rules.second_power else 0

    def end(self, member: int) -> int | None:
        """Who votes for a member; None for nobody."""
        met = set[int]()
        while member not in self.choices:
            if member in met or member not in self.trust:
                return None
            met.add(member)
            member = self.trust[member]
        return member

    def ballots(self) -> dict[int, Ballot]:
        carried = {voter: [0, 0] for voter in self.choices}
        for giver in {*self.trust} - {*self.choices}:
            end = self.end(giver)
            if end is not None:
                for house, power in enumerate(self.own(giver)):
                    carried[end][house] += power
        share, total = self.under_way.rules.delegation_cap, self.under_way.electorate or 0
        second_total = self.under_way.second_electorate or 0
        caps = [None if share is None else int(share * each) for each in (total, second_total)]
        found = {}
        for voter, choice in self.choices.items():
            own, more = self.own(voter), carried[voter]
            first, second = (
                power if cap is None else min(power, cap)
                for power, cap in zip(more, caps, strict=True)
            )
            found[voter] = Ballot(
                0, voter, choice, own[0] + first, "", MADE, first, own[1] + second, second
            )
        return found

    def electors(self) -> list[Elector]:
        """As they are recorded, who delegates or is delegated to."""
        found = []
        for member in {*self.trust, *self.trust.values()}:
            known = self.powers.get(member, (UNIT, UNIT)) is not None
            power, second = self.own(member) if known else (None, None)
            found.append(Elector(member, power, second, self.trust.get(member), None))
        return found

    def patterns(self) -> list[Pattern]:
        return [(each.choice, each.power, each.second, 1) for each in self.ballots().values()]

    def file(self, ballots: Sequence[Pattern] | None = None) -> dict[str, Any]:
        """Its file; with other `ballots`, as a forger would write it, who counts them."""
        patterns = self.patterns() if ballots is None else ballots
        links = links_of(self.electors(), self.ballots())
        return as_file(counted_houses(self.under_way, patterns), patterns, links)


def counted_houses(under_way: Proposal, ballots: Sequence[Pattern]) -> Proposal:
    """The proposal counted in both houses, if it has them."""
    first = [(choice, power, times) for choice, power, _, times in ballots]
    found = counted(under_way, first)
    if not under_way.rules.second_power:
        return found
    second = [(choice, power, times) for choice, _, power, times in ballots if choice != RECUSED]
    return replace(found, second_count=found.system.count(second, found.terms))


def trusting(
    trust: Trust,
    choices: Mapping[int, Choice],
    powers: Mapping[int, tuple[int, int] | None] | None = None,
    *,
    system: str = "basic",
    recorded: bool = False,
    electorate: int = 100,
    **rules: Any,
) -> Trusting:
    """A vote in which these members delegate and vote; `electorate` in whole votes, each house."""
    under_way = replace(
        of_system(system, **rules),
        snapshot_at=MADE + DAY + TICK,
        recorded=recorded,
        electors=electorate if recorded else 0,
        electorate=electorate * UNIT,
        second_electorate=electorate * UNIT if rules.get("second_power") else None,
    )
    return Trusting(under_way, trust, choices, powers or {})


def documented() -> dict[str, Any]:
    """The example of the documentation: six hang together, three of them are not heard."""
    vote = trusting(
        {2: 1, 3: 4, 4: 3, 5: 6},
        {
            1: (1, 2),
            11: (1, 2),
            12: (2,),
            13: (2,),
            14: (3, 2, 1),
            15: (3, 2, 1),
            16: (),
            17: (),
            18: RECUSED,
        },
        system="ranked_choice",
        recorded=True,
        electorate=60,
    )
    text = replace(
        vote.under_way.text,
        title="Plant a tree",
        body="Which one shall it be?",
        fields=(("Budget", "400"),),
    )
    plain = replace(
        vote.under_way,
        text=text,
        topic="Gardens",
        guild_id=1100000000000000007,
        author_id=1100000000000000011,
        rules=replace(vote.under_way.rules, voting_role=None),
        snapshot_at=vote.under_way.vote_start + timedelta(milliseconds=400),
    )
    return replace(vote, under_way=plain).file()


def example(system: str, **rules: Any) -> dict[str, Any]:
    """A full file: several ballots, of different power and number, and two who are recused."""
    cast = [(choice, UNIT + place, 1 + place % 3) for place, choice in enumerate(CAST[system])]
    ballots = [*cast, (RECUSED, UNIT, 2)]
    return filed(counted(of_system(system, **rules), ballots), ballots)


def sealed(file: dict[str, Any]) -> dict[str, Any]:
    """The file as a forger leaves it, who takes its digests anew."""
    return {**file, "digests": digests(file), "fingerprint": fingerprint(file)}


def reread(file: dict[str, Any]) -> dict[str, Any]:
    return read(written(file).encode())


def inside(file: Any, at: Path_) -> Any:
    for key in at:
        file = file[key]
    return file


def parent(file: Any, at: Path_) -> Any:
    return inside(file, at[:-1])


def changed(file: dict[str, Any], change: Change) -> dict[str, Any]:
    copy = deepcopy(file)
    change(copy)
    return copy


def tampered(value: Any, at: Path_ = ()) -> Iterator[tuple[Path_, Change]]:
    """Every small change of a file: where, and what to do to a copy of it."""

    def put(new: Any) -> Change:
        def change(file: Any) -> None:
            parent(file, at)[at[-1]] = new

        return change

    def drop(key: str | int) -> Change:
        return lambda file: inside(file, at).__delitem__(key)

    def double(index: int) -> Change:
        return lambda file: inside(file, at).insert(index, deepcopy(value[index]))

    if isinstance(value, dict):
        yield (*at, "more"), lambda file: inside(file, at).__setitem__("more", 1)
        for key, each in value.items():
            yield (*at, key), drop(key)
            yield from tampered(each, (*at, key))
    elif isinstance(value, list):
        yield at, lambda file: inside(file, at).append(1)
        for index, each in enumerate(value):
            yield at, drop(index)
            yield at, double(index)
            yield from tampered(each, (*at, index))
    else:
        for new in others(value):
            yield at, put(new)


def others(leaf: Any) -> Iterator[Any]:
    match leaf:
        case bool():
            yield from (not leaf, int(leaf))
        case int():
            yield from (leaf + 1, leaf - 1, -leaf - 1, str(leaf))
        case str():
            yield from (f"{leaf} ", leaf[:-1] + "\u00df", [leaf], None)
            if leaf.isdigit():
                yield from (str(int(leaf) + 1), str(int(leaf) - 1), int(leaf))
        case None:
            yield from (0, "x", False)


def names(problem: str, at: Path_) -> bool:
    """Whether a problem names the place, one that it lies in, or one in it."""
    place, where = problem.split(":")[0], ".".join(map(str, at))
    return (
        f"{where}.".startswith(f"{place}.")
        or f"{place}.".startswith(f"{where}.")
        or (f"{where} " in problem)
    )
