"""What a decision is, in the fewest words: the rules that the bot must agree with."""

from dataclasses import dataclass, field
from datetime import timedelta

from tests.moot import DAY


@dataclass
class Proposed:
    starts: timedelta
    votes: dict[str, str] = field(default_factory=dict)
    canceled: bool = False


@dataclass
class Model:
    """One server. Times are how far the clock was moved."""

    now: timedelta = DAY * 0
    proposals: list[Proposed] = field(default_factory=list)

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
        choices = list(proposed.votes.values())
        passed = choices.count("For") > choices.count("Against")
        return "succeeded" if passed else "was defeated"
