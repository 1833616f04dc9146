"""The rules against a second, simpler telling of them, at any order of deeds and any moment.

The model counts in whole microseconds from the making of the proposal and knows nothing of the
rules' own types.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from governance.electorate import voting_power
from governance.errors import Refusal
from governance.power import UNIT
from governance.proposal import (
    Cancellation,
    ProposalState,
    public_reason,
    require_active,
    require_cancelable,
    require_editable,
    state,
    written,
)
from governance.voting import SYSTEMS
from tests.governance.examples import AUTHOR, MADE, OTHER, member, proposal

people = st.sampled_from([AUTHOR, OTHER])
voters = st.integers(1, 6)
choices = st.integers(0, 4)
TICK = timedelta(microseconds=1)


def allowed(deed: Callable[[], object]) -> bool:
    try:
        deed()
    except Refusal:
        return False
    return True


class LifeCycle(RuleBasedStateMachine):
    @initialize(delay=st.integers(0, 5), period=st.integers(1, 5), quorum=st.integers(0, 3))
    def propose(self, delay: int, period: int, quorum: int) -> None:
        start = MADE + delay * TICK
        self.subject = proposal(quorum=quorum, vote_start=start, vote_end=start + period * TICK)
        self.ballots: dict[int, int] = {}
        # The model
        self.now, self.delay, self.end, self.quorum = 0, delay, delay + period, quorum
        self.versions, self.gone = 1, False
        self.votes: dict[int, str] = {}

    @property
    def moment(self) -> datetime:
        return MADE + self.now * TICK

    def phase(self) -> str:
        """Pending, Active, Canceled, or the end of it, told once more."""
        if self.gone:
            return "Canceled"
        if self.now <= self.delay:
            return "Pending"
        if self.now <= self.end:
            return "Active"
        said = list(self.votes.values())
        enough = len(said) - said.count("Against") >= self.quorum
        return "Succeeded" if enough and said.count("For") > said.count("Against") else "Defeated"

    @rule(by=st.integers(0, 4))
    def wait(self, by: int) -> None:
        self.now += by

    @rule(who=people)
    def edit(self, who: int) -> None:
        moment = self.moment
        done = allowed(lambda: require_editable(self.subject, who, moment))
        assert done == (who == AUTHOR and self.phase() == "Pending")
        if done:
            self.versions += 1
            self.subject = replace(
                self.subject,
                text=written("Mend the well", f"Try {self.versions}."),
                version=self.subject.version + 1,
            )

    @rule(voter=voters, choice=choices, newcomer=st.booleans())
    def cast(self, voter: int, choice: int, newcomer: bool) -> None:
        moment = self.moment
        who = member(id=voter, joined_at=self.subject.vote_start + TICK * newcomer)
        system = SYSTEMS[self.subject.rules.system]

        def deed() -> None:
            require_active(self.subject, moment)
            assert voting_power(who, self.subject) == UNIT
            self.ballots[voter] = system.check(choice)

        done = allowed(deed)
        named = {1: "For", 2: "Against", 3: "Abstain"}
        assert done == (self.phase() == "Active" and choice in named and not newcomer)
        if done:
            self.votes[voter] = named[choice]
            tally = system.count((each, UNIT) for each in self.ballots.values())
            self.subject = replace(self.subject, tally=tally, voters=len(self.ballots))

    @rule(who=people, moderator=st.booleans())
    def cancel(self, who: int, moderator: bool) -> None:
        moment = self.moment
        done = allowed(lambda: require_cancelable(self.subject, who, moderator, moment))
        phase = self.phase()
        mine = who == AUTHOR and phase == "Pending"
        assert done == (phase not in ("Canceled", "Defeated") and (moderator or mine))
        if done:
            self.gone = True
            reason = public_reason("Overtaken by events.")
            self.subject = replace(self.subject, canceled=Cancellation(moment, who, reason))

    @precondition(lambda self: self.now > self.end)
    @rule()
    def close(self) -> None:
        recount = SYSTEMS[self.subject.rules.system].count(
            (each, UNIT) for each in self.ballots.values()
        )
        assert recount == self.subject.tally
        self.subject = replace(self.subject, counted_at=self.moment)

    @invariant()
    def both_tell_the_same(self) -> None:
        if hasattr(self, "subject"):
            told = state(self.subject, self.moment)
            assert told is ProposalState(self.phase())
            assert self.subject.voters == len(self.votes)
            assert self.subject.version == self.versions


LifeCycle.TestCase.settings = settings(deadline=None, max_examples=150, stateful_step_count=25)
TestLifeCycle = LifeCycle.TestCase
