"""The rules against a second, simpler telling of them, at any order of deeds and any moment.

The model counts in whole microseconds from the making of the draft and knows nothing of the
rules' own types.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from governance.electorate import require_may_vote
from governance.errors import Refusal
from governance.extensions import after_ballot
from governance.power import UNIT
from governance.proposal import (
    Cancellation,
    ProposalState,
    Tally,
    require_active,
    require_cancelable,
    require_editable,
    state,
)
from governance.texts import public_reason, written
from governance.voting.system import Choice
from tests.governance.examples import AUTHOR, MADE, OTHER, member, proposal

people = st.sampled_from([AUTHOR, OTHER])
voters = st.integers(1, 6)
choices = st.integers(0, 4)
spans = st.integers(0, 4)
TICK = timedelta(microseconds=1)
NAMES = {1: "For", 2: "Against", 3: "Abstain"}


def allowed(deed: Callable[[], object]) -> bool:
    try:
        deed()
    except Refusal:
        return False
    return True


class LifeCycle(RuleBasedStateMachine):
    @initialize(
        delay=st.integers(0, 5),
        period=st.integers(1, 5),
        quorum=st.integers(0, 3),
        late=spans,
        quiet=spans,
        at_most=st.integers(0, 6),
        enough=st.sampled_from([0, 3, 4]),
    )
    def draft(
        self, delay: int, period: int, quorum: int, late: int, quiet: int, at_most: int, enough: int
    ) -> None:
        self.subject = proposal(
            quorum=quorum,
            rules={
                "voting_delay": delay * TICK,
                "voting_period": period * TICK,
                "late_quorum_extension": late * TICK,
                "quiet_ending": quiet * TICK,
                "max_extension": at_most * TICK,
                "super_quorum": type(proposal().rules.quorum)(enough * UNIT),
                "grace_period": 3 * TICK,
            },
            submitted_at=None,
        )
        self.ballots: dict[int, Choice] = {}
        # The model
        self.now, self.delay, self.period, self.quorum = 0, delay, period, quorum
        self.late, self.quiet, self.at_most, self.enough = late, quiet, at_most, enough
        self.start: int | None = None
        self.end = 0
        self.over = self.gone = self.had_quorum = False
        self.versions = 1
        self.queued: int | None = None
        self.executed = False
        self.votes: dict[int, str] = {}

    @property
    def moment(self) -> datetime:
        return MADE + self.now * TICK

    def said(self, word: str) -> int:
        return list(self.votes.values()).count(word)

    def leader(self) -> str:
        margin = self.said("For") - self.said("Against")
        return "For" if margin > 0 else "Against" if margin < 0 else ""

    def quorate(self) -> bool:
        return self.said("For") + self.said("Abstain") >= self.quorum

    def wins(self) -> bool:
        return self.quorate() and self.leader() == "For"

    def phase(self) -> str:
        """The state, told once more."""
        if self.gone:
            return "Canceled"
        if self.start is None:
            return "Draft"
        if self.now <= self.start:
            return "Pending"
        if self.now <= self.end and not self.over:
            return "Active"
        if not self.wins():
            return "Defeated"
        if self.executed:
            return "Executed"
        if self.queued is None:
            return "Succeeded"
        return "Expired" if self.now >= self.queued + 3 else "Queued"

    @rule(by=st.integers(0, 4))
    def wait(self, by: int) -> None:
        self.now += by

    @precondition(lambda self: self.phase() == "Draft")
    @rule()
    def submit(self) -> None:
        start = self.moment + self.subject.rules.voting_delay
        self.subject = replace(
            self.subject,
            submitted_at=self.moment,
            vote_start=start,
            vote_end=start + self.subject.rules.voting_period,
        )
        self.start = self.now + self.delay
        self.end = self.start + self.period

    @rule(who=people)
    def edit(self, who: int) -> None:
        moment = self.moment
        done = allowed(lambda: require_editable(self.subject, who, moment))
        assert done == (who == AUTHOR and self.phase() in ("Draft", "Pending"))
        if done:
            self.versions += 1
            self.subject = replace(
                self.subject,
                text=written("Mend the well", f"Try {self.versions}."),
                version=self.subject.version + 1,
            )

    @rule(voter=voters, choice=choices, newcomer=st.booleans())
    def cast(self, voter: int, choice: int, newcomer: bool) -> None:
        moment, before = self.moment, self.subject
        who = member(id=voter, joined_at=before.vote_start + TICK * newcomer)

        def deed() -> None:
            require_active(before, moment)
            require_may_vote(who, before)
            self.ballots[voter] = before.system.check(choice, UNIT, before.terms)

        done = allowed(deed)
        assert done == (self.phase() == "Active" and choice in NAMES and not newcomer)
        if not done:
            return
        count = before.system.count([(c, UNIT, 1) for c in self.ballots.values()], before.terms)
        tally = Tally(count.scores, count.power, count.ballots, len(self.ballots))
        self.subject = after_ballot(before, replace(before, tally=tally), moment)
        self.follow(voter, NAMES[choice])

    def follow(self, voter: int, word: str) -> None:
        """What that vote does to the end, told once more."""
        led = self.leader()
        self.votes[voter] = word
        if self.enough and self.wins() and self.said("For") >= self.enough:
            self.over = True
            return
        wanted, present = self.end, self.end
        if self.quorum and self.quorate() and not self.had_quorum:
            self.had_quorum = True
            wanted = max(wanted, self.now + self.late)
        if self.now > present - self.quiet and self.leader() != led:
            wanted = max(wanted, self.now + self.quiet)
        assert self.start is not None
        self.end = max(present, min(wanted, self.start + self.period + self.at_most))

    @rule(who=people, moderator=st.booleans())
    def cancel(self, who: int, moderator: bool) -> None:
        moment = self.moment
        done = allowed(lambda: require_cancelable(self.subject, who, moderator, moment))
        phase = self.phase()
        mine = who == AUTHOR and phase in ("Draft", "Pending")
        final = ("Canceled", "Defeated", "Expired", "Executed")
        assert done == (phase not in final and (moderator or mine))
        if done:
            self.gone = True
            reason = public_reason("Overtaken by events.")
            self.subject = replace(self.subject, canceled=Cancellation(moment, who, reason))

    @precondition(lambda self: self.phase() in ("Succeeded", "Defeated"))
    @rule()
    def close(self) -> None:
        ballots = [(choice, UNIT, 1) for choice in self.ballots.values()]
        recount = self.subject.system.count(ballots, self.subject.terms)
        assert recount == self.subject.running
        self.subject = replace(self.subject, counted_at=self.moment, count=recount)

    @precondition(lambda self: self.phase() == "Succeeded")
    @rule(timelock=st.integers(0, 3))
    def queue(self, timelock: int) -> None:
        self.queued = self.now + timelock
        self.subject = replace(self.subject, eta=self.moment + timelock * TICK)

    @precondition(lambda self: self.phase() == "Queued")
    @rule()
    def execute(self) -> None:
        self.executed = True
        self.subject = replace(self.subject, executed_at=self.moment)

    @invariant()
    def both_tell_the_same(self) -> None:
        if hasattr(self, "subject"):
            assert state(self.subject, self.moment) is ProposalState(self.phase())
            assert self.subject.tally.voters == len(self.votes)
            assert self.subject.version == self.versions
            if self.start is not None:
                assert self.subject.vote_end == MADE + self.end * TICK


LifeCycle.TestCase.settings = settings(max_examples=300, stateful_step_count=30)
TestLifeCycle = LifeCycle.TestCase
