"""Delegates: what they say of themselves, how many trust them, and how they have voted."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from governance.ballot import RECUSED
from governance.errors import Refusal
from governance.options import words
from governance.texts import plain
from governance.voting import SYSTEMS
from governance.voting.system import Choice, Shape

STATEMENT_LENGTH = 1000
CONFLICTS_LENGTH = 500
MOST_TOPICS = 5
_COMPARED = (Shape.ONE, Shape.SOME, Shape.RANKING, Shape.TIED_RANKING)
"""Shapes of ballots of which two can say the same; points and stakes hardly ever do."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a member says as a delegate; listed where there is a statement (Markdown).

    `conflicts` is about conflicts of interest. `accepting` says whether others may delegate to the
    member, `tells` whether it wants private messages about trust given and withdrawn, and
    reminders of votes in which it carries others.
    """

    statement: str = ""
    topics: tuple[str, ...] = ()
    conflicts: str = ""
    accepting: bool = True
    tells: bool = True

    def written(
        self, statement: str, topics: str, conflicts: str, known: Sequence[str]
    ) -> "Profile":
        """The profile with another text, or a Refusal. Topics are separated by commas.

        A topic that the server has among those `known` is spelt as there.
        """
        statement, conflicts = plain(statement).strip(), plain(conflicts).strip()
        for name, text, most in (
            ("statement", statement, STATEMENT_LENGTH),
            ("note on conflicts of interest", conflicts, CONFLICTS_LENGTH),
        ):
            if len(text) > most:
                raise Refusal(
                    f"The {name} has {len(text):,} characters. Shorten it to {most:,} or fewer."
                )
        spelt = {topic.casefold(): topic for topic in known}
        chosen = tuple(spelt.get(each.casefold(), each) for each in words(plain(topics)))
        if len(chosen) > MOST_TOPICS:
            raise Refusal(f"There are {len(chosen)} topics. Choose {MOST_TOPICS} at most.")
        if (chosen or conflicts) and not statement:
            raise Refusal(
                "The statement is empty. Say what you stand for; to be listed no more, leave the "
                "other fields empty too."
            )
        return replace(self, statement=statement, topics=chosen, conflicts=conflicts)

    def fits(self, typed: str) -> bool:
        """Whether it contains a text, whatever its case."""
        said = "\n".join((self.statement, *self.topics, self.conflicts))
        return typed.casefold() in said.casefold()

    def stored(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_stored(cls, values: Mapping[str, Any]) -> "Profile":
        """The inverse of `stored`; what isn't there has its default."""
        return cls(**{**values, "topics": tuple(values.get("topics", ()))})


def followers(trust: Mapping[int, int]) -> Counter[int]:
    """How many members each carries, through others too, where `trust` says who trusts whom.

    Members in a circle trust each other, and all who lead into it trust all of them.
    """
    carried: Counter[int] = Counter()
    waits = Counter(trust.values())
    # From the ends of the chains inwards; what is left then are circles.
    ends = [member for member in trust if not waits[member]]
    left = dict(trust)
    while ends:
        member = ends.pop()
        delegate = left.pop(member)
        carried[delegate] += carried[member] + 1
        waits[delegate] -= 1
        if not waits[delegate] and delegate in left:
            ends.append(delegate)
    while left:
        circle = [next(iter(left))]
        while (onward := left.pop(circle[-1])) in left:
            circle.append(onward)
        together = sum(carried[each] for each in circle) + len(circle) - 1
        carried.update({each: together - carried[each] for each in circle})
    return carried


def agreement(votes: Iterable[tuple[str, Choice, Choice]]) -> tuple[int, int]:
    """Of two members' ballots on the same proposals: (how often they chose the same, of how many).

    `votes` are (voting system, the one's choice, the other's). Who took no side isn't compared,
    nor are points and stakes.
    """
    same = compared = 0
    for system, mine, other in votes:
        if SYSTEMS[system].SHAPE in _COMPARED and RECUSED not in (mine, other):
            compared += 1
            same += mine == other
    return same, compared
