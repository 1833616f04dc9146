"""The delegations of a vote without names: in an order that tells nobody, and what they carry."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from governance import carry
from governance.ballot import Ballot
from governance.carry import Elector, Share, Uncast
from governance.proposal import Proposal
from governance.result_form import canonical, listed
from governance.voting.system import Choice


@dataclass(frozen=True, slots=True)
class Link:
    """A member who delegates or is delegated to: its own power (units) in each house.

    `delegate` is the index of its delegate among the links, None where it delegates to nobody;
    `choice` is that of its own ballot, None where it didn't vote.
    """

    power: int
    second: int
    delegate: int | None
    choice: Choice | None


@dataclass(frozen=True, slots=True)
class Carry:
    """What links give: `ballots` are (choice, power, second) of each that voted, by its index.

    `carried` is what of the ballots' power was delegated, and by how many; `uncast` what isn't in
    the ballots, by reason.
    """

    ballots: Mapping[int, tuple[Choice, int, int]]
    carried: Share
    uncast: Mapping[Uncast, Share]

    @property
    def lost(self) -> Share:
        """What was delegated and isn't counted."""
        reasons = (Uncast.UNHEARD, Uncast.CIRCLE, Uncast.CAP)
        shares = [self.uncast[reason] for reason in reasons]
        return Share(sum(each.power for each in shares), sum(each.second for each in shares))


def links_of(electors: Iterable[Elector], cast: Mapping[int, Ballot]) -> list[Link]:
    """The links of those who delegate or are delegated to, in order; `cast` by voter.

    Where a member's own power wasn't recorded it is that of its ballot.
    """
    found = list(electors)
    indexes: dict[int | None, int] = {each.member_id: index for index, each in enumerate(found)}
    links = []
    for elector in found:
        power, second, choice = elector.power or 0, elector.second or 0, None
        if ballot := cast.get(elector.member_id):
            choice = ballot.choice
            power, second = ballot.power - ballot.carried, ballot.second - ballot.second_carried
        links.append(Link(power, second, indexes.get(elector.delegate_id), choice))
    return in_order(links)


def in_order(links: Sequence[Link]) -> list[Link]:
    """The same links in the one order that depends on nothing but how they hang together.

    Each has a digest, of its powers, its choice, and the digests of its delegators in ascending
    order; where links delegate in a circle, each leaves out the one before it on the circle. By
    its digest stands first who delegates to nobody, a circle by its digests one after the other
    from where that is least; then each is followed by all behind it, its delegators in order.
    """
    delegators: list[list[int]] = [[] for _ in links]
    for index, link in enumerate(links):
        if link.delegate is not None:
            delegators[link.delegate].append(index)
    waits = [len(each) for each in delegators]
    made = [b""] * len(links)
    ready = [index for index, number in enumerate(waits) if not number]
    heads = []
    for index in ready:  # grows meanwhile
        made[index] = _digest(links[index], delegators[index], made)
        delegate = links[index].delegate
        if delegate is None:
            heads.append([index])
            continue
        waits[delegate] -= 1
        if not waits[delegate]:
            ready.append(delegate)
    heads += _circles(links, delegators, made)
    order = []
    for head in sorted(heads, key=lambda each: b"".join(made[index] for index in each)):
        order += head
        behind = [each for index in reversed(head) for each in reversed(delegators[index])]
        while behind:
            index = behind.pop()
            order.append(index)
            behind += reversed(delegators[index])
    places: dict[int | None, int] = {index: place for place, index in enumerate(order)}
    ordered = [links[each] for each in order]
    return [
        Link(link.power, link.second, places.get(link.delegate), link.choice) for link in ordered
    ]


def carry_of(proposal: Proposal, links: Sequence[Link]) -> Carry:
    """What the voters among the links carry, and what of the links' power isn't counted."""
    electors = {
        index: Elector(
            index,
            link.power,
            link.second,
            None if link.delegate is None else link.delegate + 1,
            None,
        )
        for index, link in enumerate(links, 1)
    }
    chosen = {index: link.choice for index, link in enumerate(links, 1) if link.choice is not None}
    ballots, total = {}, Share()
    for index, (power, second, members) in carry.recounted(electors, chosen).items():
        link, (kept, second_kept) = links[index - 1], proposal.capped(power, second)
        ballots[index - 1] = (chosen[index], link.power + kept, link.second + second_kept)
        total = Share(total.power + kept, total.second + second_kept, total.members + members)
    return Carry(ballots, total, carry.uncast(electors, chosen, *proposal.delegation_caps))


def _digest(link: Link, delegators: list[int], made: Sequence[bytes]) -> bytes:
    """Of a link whose delegators have theirs; puts them in order."""
    delegators.sort(key=made.__getitem__)
    own = _own_digest(link.power, link.second, link.choice)
    return sha256(own + b"".join(made[each] for each in delegators)).digest()


@lru_cache(maxsize=4096)  # most are alike
def _own_digest(power: int, second: int, choice: Choice | None) -> bytes:
    return sha256(canonical([str(power), str(second), listed(choice)]).encode()).digest()


def _circles(
    links: Sequence[Link], delegators: list[list[int]], made: list[bytes]
) -> list[list[int]]:
    """Those that delegate in a circle, each from its own start on; only they lack digests."""
    circling = [index for index, digest in enumerate(made) if not digest]
    found, left = [], set(circling)
    for index in circling:
        delegators[index] = [each for each in delegators[index] if each not in left]
        made[index] = _digest(links[index], delegators[index], made)
    for first in circling:
        circle, at = list[int](), first
        while at in left:
            left.discard(at)
            circle.append(at)
            at = links[at].delegate or 0
        if not circle:
            continue
        start = _least_rotation([made[index] for index in circle])
        found.append(circle[start:] + circle[:start])
    return found


def _least_rotation(digests: Sequence[bytes]) -> int:
    """Where a circle starts so that what it gives, read from there, is least; linear in time."""
    one, other, same, size = 0, 1, 0, len(digests)
    while max(one, other, same) < size:
        here, there = digests[(one + same) % size], digests[(other + same) % size]
        if here == there:
            same += 1
            continue
        if here > there:
            one += same + 1
        else:
            other += same + 1
        other += one == other
        same = 0
    return min(one, other)
