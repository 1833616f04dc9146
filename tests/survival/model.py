"""What a decision is, in the fewest words: the rules that the bot must agree with."""

from dataclasses import dataclass, field
from datetime import timedelta

from tests.moot import DAY


@dataclass
class Proposed:
    """`trust` is who let whom vote when voting started; None before."""

    starts: timedelta
    votes: dict[str, str] = field(default_factory=dict)
    canceled: bool = False
    trust: dict[str, str] | None = None

    def voice(self, member: str) -> str | None:
        """The choice of the first on a member's way who has voted."""
        met, here, trust = set[str](), member, self.trust or {}
        while here not in self.votes and here in trust and here not in met:
            met.add(here)
            here = trust[here]
        return self.votes.get(here)


@dataclass
class Model:
    """One server. Times are how far the clock was moved."""

    now: timedelta = DAY * 0
    proposals: list[Proposed] = field(default_factory=list)
    given: dict[str, str | None] = field(default_factory=dict)
    """Whom each lets vote in the server; None who has said nobody."""

    def advance(self, step: timedelta) -> None:
        self.now += step
        for each in self.proposals:
            if each.trust is None and each.starts <= self.now:
                each.trust = {who: whom for who, whom in self.given.items() if whom}

    def give(self, who: str, whom: str | None) -> bool:
        """Whether a member may let another vote, or say that nobody does."""
        if who == whom or (who in self.given and self.given[who] == whom):
            return False
        here = whom
        while here is not None and here != who:
            here = self.given.get(here)
        if whom is not None and here == who:
            return False
        self.given[who] = whom
        return True

    def revoke(self, who: str) -> bool:
        """Whether there was something to take back."""
        return self.given.pop(who, who) != who

    def propose(self) -> None:
        self.proposals.append(Proposed(self.now + DAY))

    def is_open(self, number: int) -> bool:
        proposed = self.proposals[number]
        running = proposed.starts <= self.now < proposed.starts + 3 * DAY
        return running and not proposed.canceled

    def vote(self, number: int, voter: str, choice: str) -> bool:
        """Whether the vote counts."""
        if self.is_open(number):
            self.proposals[number].votes[voter] = choice
        return self.is_open(number)

    def cancel(self, number: int) -> bool:
        """Whether its author may; until voting starts."""
        proposed = self.proposals[number]
        if proposed.canceled or self.now >= proposed.starts:
            return False
        proposed.canceled = True
        return True

    def result(self, number: int) -> str:
        """The words of the one message in the results channel."""
        proposed = self.proposals[number]
        if proposed.canceled:
            return "was canceled"
        choices = [proposed.voice(each) for each in {*proposed.votes, *(proposed.trust or {})}]
        passed = choices.count("For") > choices.count("Against")
        return "succeeded" if passed else "was defeated"
