"""Delegated power while a vote runs: what each voter carries, kept up in O(depth) per ballot.

LiquidFeedback's precedence: a direct vote overrides whenever it comes, and takes the voter's own
delegators along; the power of a member who doesn't vote flows on to the first who does. A delegate
who is no elector ends the way.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise


@dataclass(slots=True)
class Elector:
    """A member of the electorate whose power, or whose delegation, was fixed at the snapshot.

    `power` and `second` (of the second house; units) are None where the interaction that casts
    the ballot tells them: only for who delegates to nobody, so that nothing unknown flows on.
    `delegate_id` is None for a member who delegates to nobody here; the way on is `cut` at one
    member of each circle in which nobody has voted yet. `carried` (units) is what members bring
    who delegate to this one, through others too, and haven't voted; `carries` is how many they are.
    """

    member_id: int
    power: int | None
    second: int | None
    delegate_id: int | None
    delegation_id: int | None
    cut: bool = False
    carried: int = 0
    second_carried: int = 0
    carries: int = 0


class Uncast(StrEnum):
    """Why power of the electorate wasn't counted."""

    ABSENT = "neither voted nor delegated"
    UNHEARD = "delegated, and nobody on the way voted"
    CIRCLE = "delegated into a circle in which nobody voted"
    CAP = "over what one delegate may carry"


@dataclass(frozen=True, slots=True)
class Share:
    """What some members' power adds up to (units), and how many they are."""

    power: int = 0
    second: int = 0
    members: int = 0


def enrolled(electors: Iterable[Elector]) -> dict[int, Elector]:
    """These new electors by id, with what each carries before anybody has voted; linear in time.

    Of every circle the member with the smallest id is cut.
    """
    found = {elector.member_id: elector for elector in electors}
    waits: dict[int | None, int] = dict.fromkeys(found, 0)  # for how many delegators
    for elector in found.values():
        if elector.delegate_id in waits:
            waits[elector.delegate_id] += 1
    ready = [elector for elector in found.values() if not waits[elector.member_id]]
    for elector in ready:  # grows meanwhile
        delegate = found.get(elector.delegate_id or 0)
        if delegate is not None:
            _move(elector, (delegate,), 1)
            waits[delegate.member_id] -= 1
            if not waits[delegate.member_id]:
                ready.append(delegate)
    circling = {member for member in found if waits[member]}
    for first in sorted(circling):
        if first in circling:
            circle = list(_onward(found[first], found, (first,)))
            for giver, taker in pairwise(circle):
                _move(giver, (taker,), 1)
            found[first].cut = True
            circling.difference_update(elector.member_id for elector in circle)
    return found


def first_ballot(voter: int, electors: Mapping[int, Elector], voted: Collection[int]) -> set[int]:
    """Let a member who hasn't voted before vote itself; returns whose electors have changed.

    `electors` hold the member, if it is one, and all on the way from it along the delegations, cut
    or not, as far as the first of those who have `voted`. Takes time in proportion to that way.
    """
    elector = electors.get(voter)
    if elector is None:
        return set()
    if elector.cut:
        elector.cut = False  # its power stayed with it already
        return {voter}
    left = list(_onward(elector, electors, voted))
    _move(elector, left, -1)
    changed = {each.member_id for each in left}
    if left and left[-1].cut:
        opened = left[-1]
        opened.cut = False
        reached = list(_onward(opened, electors, (voter, opened.member_id)))
        if reached[-1] is elector:
            _move(opened, reached, 1)
            changed.update(each.member_id for each in reached)
        else:
            opened.cut = True  # the voter was on a way into the circle, not on it
    return changed


def recounted(
    electors: Mapping[int, Elector], voters: Collection[int]
) -> dict[int, tuple[int, int, int]]:
    """What each voter carries, counted anew: (units, units of the second house, members).

    Linear in time; asks the delegations only, not what the electors carry or where they are cut.
    """
    shares = _shares(electors, voters)
    return {voter: shares[voter] for voter in voters}


def uncast(
    electors: Mapping[int, Elector],
    voters: Collection[int],
    cap: int | None = None,
    second_cap: int | None = None,
) -> dict[Uncast, Share]:
    """What of the electors' power isn't counted, by reason; linear in time.

    Each unit is counted for one voter or is here once. A cap (units; None for none) is the most
    that one voter may carry; the members of `Uncast.CAP` are all whose voter is over it.
    """
    voted = set(voters)
    shares = _shares(electors, voted)
    unheard = shares[_NOBODY]
    absent = [
        elector
        for elector in electors.values()
        if elector.delegate_id is None and elector.member_id not in voted
    ]
    power = sum(elector.power or 0 for elector in absent)
    second = sum(elector.second or 0 for elector in absent)
    return {
        Uncast.ABSENT: Share(power, second, len(absent)),
        Uncast.UNHEARD: Share(unheard[0] - power, unheard[1] - second, unheard[2] - len(absent)),
        Uncast.CIRCLE: Share(*shares[_CIRCLE]),
        Uncast.CAP: _over([shares[voter] for voter in voted], cap, second_cap),
    }


def _onward(
    start: Elector, electors: Mapping[int, Elector], stops: Collection[int]
) -> Iterator[Elector]:
    """Those who get what `start` passes on, as far as the first stop, a cut or the end."""
    at = start
    while not at.cut and at.delegate_id is not None and at.delegate_id in electors:
        at = electors[at.delegate_id]
        yield at
        if at.member_id in stops:
            return


def _move(giver: Elector, takers: Iterable[Elector], times: int) -> None:
    """Give what `giver` has and carries to each of the takers; with -1 `times`, take it back."""
    power = times * ((giver.power or 0) + giver.carried)
    second = times * ((giver.second or 0) + giver.second_carried)
    members = times * (1 + giver.carries)
    for taker in takers:
        taker.carried += power
        taker.second_carried += second
        taker.carries += members


def _over(
    carried: Iterable[tuple[int, int, int]], cap: int | None, second_cap: int | None
) -> Share:
    """What voters carry beyond what they may, and the members of those voters."""
    total = Share()
    for power, second, members in carried:
        beyond = 0 if cap is None else max(0, power - cap)
        second_beyond = 0 if second_cap is None else max(0, second - second_cap)
        if beyond or second_beyond:
            total = Share(
                total.power + beyond, total.second + second_beyond, total.members + members
            )
    return total


_NOBODY, _CIRCLE = 0, -1  # ends of a way without a voter, which are no member's ids


def _shares(
    electors: Mapping[int, Elector], voters: Collection[int]
) -> dict[int, tuple[int, int, int]]:
    """What reaches each voter, and each end without one: (power, second, members)."""
    ends = {voter: voter for voter in voters if voter in electors}
    powers = dict.fromkeys([*voters, _NOBODY, _CIRCLE], 0)
    seconds, members = dict(powers), dict(powers)
    for first, at in electors.items():
        if first in ends:
            continue
        trail: list[int] = []
        power = second = 0
        while True:
            ends[at.member_id] = _CIRCLE  # stands if the trail meets itself
            trail.append(at.member_id)
            power += at.power or 0
            second += at.second or 0
            delegate = at.delegate_id
            if delegate in ends:
                end = ends[delegate]
                break
            if delegate is None or delegate not in electors:
                end = _NOBODY
                break
            at = electors[delegate]
        for member in trail:
            ends[member] = end
        powers[end] += power
        seconds[end] += second
        members[end] += len(trail)
    return {end: (powers[end], seconds[end], members[end]) for end in powers}
