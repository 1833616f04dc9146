"""A proposal: what it says, the rules it was made under, and its state."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from governance.composition import Curve
from governance.errors import NotAllowed, Refusal
from governance.options import NO_QUORUM
from governance.rules import Rules, Secrecy
from governance.texts import Text
from governance.voting import SYSTEMS, WITHOUT_DELEGATION, conviction
from governance.voting.lots import lot
from governance.voting.system import (
    Conviction,
    Count,
    Counting,
    Outcome,
    Points,
    Score,
    Terms,
    VotingSystem,
    tallied,
)

STEP = timedelta(hours=1)
"""A step of a conviction vote."""
FOREVER = timedelta(days=36_525)
"""After its start, the end of a conviction vote that doesn't pass as its stakes are."""


class ProposalState(StrEnum):
    """OpenZeppelin Governor's names. Pending is the time for discussion, before voting starts."""

    DRAFT = "Draft"
    PENDING = "Pending"
    ACTIVE = "Active"
    SUCCEEDED = "Succeeded"
    DEFEATED = "Defeated"
    QUEUED = "Queued"
    EXECUTED = "Executed"
    EXPIRED = "Expired"
    CANCELED = "Canceled"


@dataclass(frozen=True, slots=True)
class Cancellation:
    at: datetime
    by: int
    reason: str


@dataclass(frozen=True, slots=True)
class Tally:
    """The running count: scores by choice (additive systems only), and the power of all ballots.

    `voters` includes those who recused themselves, `ballots` and `power` (units) don't. Of a
    conviction vote, `stakes` are (step, units from then on) of all voters together, and
    `supporters` are those who stake something now. `carried` (units) is what of the power was
    delegated; `second` holds the scores of the second house, `second_power` (units) its ballots'.
    """

    scores: Mapping[int, Score] = field(default_factory=dict)
    power: int = 0
    ballots: int = 0
    voters: int = 0
    stakes: Points = ()
    supporters: int = 0
    carried: int = 0
    second: Mapping[int, Score] = field(default_factory=dict)
    second_power: int = 0


@dataclass(frozen=True, slots=True)
class Proposal:
    """The stored facts. `number` counts within the server; `version` starts at 1.

    While it is a draft (`submitted_at` None), its times are those it would have; `shared_at` says
    since when others see it, `ready_at` since when only its sponsors are missing. `vote_end` moves
    with extensions; `ended_at` is set where a vote was decided before it. `opened_at` says when its
    opening was found due. `electorate` is the total power (units) then, where a rule needs it (at
    the close where it could not be asked before), `seed` what the lot is drawn from. A conviction
    vote has `elsewhere` what is staked on the server's others, as (step, units from then
    on); its `vote_end` is when it passes if no stake changes, its `ended_at` when it passed.
    `removed` are signers who aren't any more. `count` is the final one, from `counted_at` on,
    `second_count` that of the second house, where there is one. It belongs to a space (0: the
    server) and may have a `topic`. At `snapshot_at` voting power and delegations were fixed:
    `electors` members are recorded, which is the whole electorate where `recorded` says so.
    `channel_id` and `message_id` place the card, `thread_id` the discussion; None while missing.
    """

    id: int
    guild_id: int
    number: int
    author_id: int
    type: str
    space_id: int
    topic: str
    text: Text
    version: int
    rules: Rules
    created_at: datetime
    shared_at: datetime | None
    ready_at: datetime | None
    submitted_at: datetime | None
    opened_at: datetime | None
    sponsors: tuple[int, ...]
    vote_start: datetime
    vote_end: datetime
    quorum_reached_at: datetime | None
    ended_at: datetime | None
    snapshot_at: datetime | None
    electors: int
    recorded: bool
    electorate: int | None
    second_electorate: int | None
    seed: bytes | None
    elsewhere: Points
    removed: tuple[int, ...]
    canceled: Cancellation | None
    counted_at: datetime | None
    count: Count | None
    second_count: Count | None
    eta: datetime | None
    executed_at: datetime | None
    tally: Tally
    revision: int
    channel_id: int | None
    message_id: int | None
    thread_id: int | None

    @property
    def name(self) -> str:
        """`#12 Fund the grants round`."""
        return f"#{self.number} {self.text.title}"

    @property
    def label(self) -> str:
        """`#12`, for sentences, where a title could disguise a link."""
        return f"#{self.number}"

    @property
    def system(self) -> VotingSystem:
        return SYSTEMS[self.rules.system]

    @property
    def choices(self) -> tuple[str, ...]:
        """The names of the choices; their numbers start at 1."""
        return self.system.CHOICES or self.text.choices

    @property
    def terms(self) -> Terms:
        """What a count of this proposal depends on."""
        rules = self.rules
        return Terms(
            choices=self.choices,
            winners=rules.winners,
            credits=rules.credits or None,
            negative=rules.negative,
            lot=lot(self.seed, len(self.choices)) if self.seed else (),
            tie_by_lot=rules.tie_by_lot,
            counting=Counting(rules.quorum_counts),
            threshold=rules.threshold,
            optimistic=rules.optimistic,
            signatures=rules.signatures,
            signers=len(rules.signers) - len(self.removed),
            conviction=self._conviction,
            closing_step=self.step(self.vote_end) if self._conviction else 0,
        )

    @property
    def _conviction(self) -> Conviction | None:
        rules = self.rules
        if rules.system != conviction.NAME:
            return None
        return Conviction(
            rules.decay,
            rules.beta,
            rules.rho,
            self.text.amount,
            rules.funds,
            self.electorate or 0,
            self.elsewhere,
        )

    def step(self, at: datetime) -> int:
        """How many whole steps of a conviction vote have gone by at a moment."""
        return max(0, (at - self.vote_start) // STEP)

    @property
    def is_endless(self) -> bool:
        """Whether the vote stays open for ever, as its stakes are."""
        return self.rules.system == conviction.NAME and self.vote_end - self.vote_start >= FOREVER

    @property
    def running(self) -> Count | None:
        """The final count, or the one so far; None where the system is counted at the close."""
        if self.count or not self.system.ADDITIVE:
            return self.count
        tally = self.tally
        return tallied(tally.scores, tally.power, tally.ballots, self.terms)

    @property
    def quorum(self) -> int | None:
        """The power (units) that quorum takes; None while the electorate is unknown."""
        return self.rules.quorum.of(self.electorate)

    @property
    def towards_quorum(self) -> int:
        """The power (units) that counts towards quorum so far."""
        count = self.count
        if count is None:  # without the ranking that `running` has: this is asked at each ballot
            scores = {**dict.fromkeys(range(1, len(self.choices) + 1), 0), **self.tally.scores}
            count = Count(self.tally.ballots, self.tally.power, scores, ())
        return self.system.towards_quorum(count, self.terms)

    @property
    def quorum_reached(self) -> bool:
        """Whether the votes reach quorum, in the second house too where there is one."""
        if self.quorum is None or self.towards_quorum < self.quorum:
            return False
        second = self.second_house
        return second is None or second.quorum_reached

    @property
    def second_house(self) -> "Proposal | None":
        """The same vote as its second house sees it, which has to agree; None without one.

        There the ballots have the power of that house, and its quorum and threshold apply; cap and
        curve don't.
        """
        rules, tally = self.rules, self.tally
        if not rules.second_power:
            return None
        own = replace(
            rules,
            power=rules.second_power,
            power_cap=NO_QUORUM,
            power_curve=Curve.LINEAR.value,
            quorum=rules.second_quorum,
            threshold=rules.second_threshold,
            second_power=(),
            second_quorum=NO_QUORUM,
            second_threshold=None,
        )
        return replace(
            self,
            rules=own,
            electorate=self.second_electorate,
            second_electorate=None,
            count=self.second_count,
            second_count=None,
            tally=replace(
                tally,
                scores=tally.second,
                power=tally.second_power,
                carried=0,
                second={},
                second_power=0,
            ),
        )

    @property
    def outcome(self) -> Outcome | None:
        """How the vote ends with the count as it stands; None where that isn't known yet.

        A secret vote has none before its count, nor has one whose tie the lot would decide. Where
        there are two houses, both have to agree.
        """
        if self.count is None and (self.hides_tally or self.rules.tie_by_lot):
            return None
        count, quorum = self.running, self.quorum
        if count is None or quorum is None:
            return None
        outcome, second = self.system.decide(count, quorum, self.terms), self.second_house
        if not outcome.succeeded or second is None:
            return outcome
        answer = second.outcome
        return outcome if answer and answer.succeeded else answer and replace(answer, house=2)

    @property
    def needs_electorate(self) -> bool:
        """Whether a rule refers to the size of the electorate, and that isn't recorded yet."""
        rules = self.rules
        shares = (rules.quorum.share, rules.super_quorum.share)
        wanted = any(shares) or rules.system == conviction.NAME or self.needs_electorate_to_vote
        return self.electorate is None and wanted

    @property
    def needs_electorate_to_vote(self) -> bool:
        """Whether a ballot's power depends on the size of the electorate."""
        capped = self.delegates and self.rules.delegation_cap
        return bool(self.rules.power_cap.share or capped)

    @property
    def delegates(self) -> bool:
        """Whether voters carry what others have delegated to them."""
        return self.rules.delegation and self.rules.system not in WITHOUT_DELEGATION

    @property
    def delegation_caps(self) -> tuple[int, int] | tuple[None, None]:
        """The most (units, in each house) that one voter may carry; None for no cap."""
        share = self.rules.delegation_cap
        if share is None:
            return None, None
        return int(share * (self.electorate or 0)), int(share * (self.second_electorate or 0))

    def capped(self, carried: int, second_carried: int) -> tuple[int, int]:
        """What counts of the power (units, in each house) that others have delegated to a voter."""
        cap, second_cap = self.delegation_caps
        if cap is None or second_cap is None:
            return carried, second_carried
        return min(carried, cap), min(second_carried, second_cap)

    @property
    def needs_second_electorate(self) -> bool:
        """Whether a rule refers to the size of the second house, and that isn't recorded yet."""
        rules = self.rules
        capped = self.delegates and rules.delegation_cap and rules.second_power
        return self.second_electorate is None and bool(rules.second_quorum.share or capped)

    @property
    def needs_lot(self) -> bool:
        """Whether ties may have to be decided by a lot that isn't drawn yet."""
        return self.seed is None and (self.rules.tie_by_lot or self.rules.system == "ranked_choice")

    @property
    def hides_tally(self) -> bool:
        """Whether how the vote stands is hidden until it has been counted."""
        return self.rules.secrecy != Secrecy.OPEN and self.counted_at is None

    @property
    def hides_voters(self) -> bool:
        return self.rules.secrecy == Secrecy.VOTERS and self.counted_at is None

    @property
    def veto_until(self) -> datetime | None:
        """Until when a decision may be vetoed; None where there is none to veto."""
        window = self.rules.veto_window
        if not window or self.counted_at is None:
            return None
        return self.counted_at + window if self.outcome and self.outcome.succeeded else None

    @property
    def is_vetoed(self) -> bool:
        return self.canceled is not None and self.veto_until is not None

    @property
    def has_opened(self) -> bool:
        """Whether voting has started for good: it stays so, even if the clock is set back."""
        return any((self.snapshot_at, self.opened_at, self.tally.voters))

    @property
    def missing_sponsors(self) -> int:
        return max(0, self.rules.sponsors - len(self.sponsors))

    def voting_is_over(self, now: datetime) -> bool:
        """Whether no ballot is taken any more: the deadline has passed, or all is decided."""
        return self.counted_at is not None or self.ended_at is not None or now > self.vote_end


def first_end(rules: Rules, vote_start: datetime) -> datetime:
    """The end of a vote when it starts."""
    return vote_start + (FOREVER if rules.system == conviction.NAME else rules.voting_period)


def state(proposal: Proposal, now: datetime) -> ProposalState:
    """Pending while now ≤ vote_start, Active while now ≤ vote_end (Governor's boundaries).

    A vote whose outcome is not known when it is over stays Active until it has been counted.
    Expired from eta + grace period on (Governor Bravo).
    """
    if proposal.canceled:
        return ProposalState.CANCELED
    if proposal.submitted_at is None:
        return ProposalState.DRAFT
    if proposal.counted_at is None:  # once counted it stays so, even if the clock is set back
        if now <= proposal.vote_start and not proposal.has_opened:
            return ProposalState.PENDING
        if not proposal.voting_is_over(now):
            return ProposalState.ACTIVE
    outcome = proposal.outcome
    if outcome is None:
        return ProposalState.ACTIVE
    if not outcome.succeeded:
        return ProposalState.DEFEATED
    if proposal.executed_at:
        return ProposalState.EXECUTED
    if proposal.eta is None:
        return ProposalState.SUCCEEDED
    expired = now >= proposal.eta + proposal.rules.grace_period
    return ProposalState.EXPIRED if expired else ProposalState.QUEUED


def takes_votes(proposal: Proposal, now: datetime) -> bool:
    return state(proposal, now) is ProposalState.ACTIVE and not proposal.voting_is_over(now)


def require_active(proposal: Proposal, now: datetime) -> None:
    """Refuse a ballot outside `vote_start < now <= vote_end`, saying which side it fell on."""
    if takes_votes(proposal, now):
        return
    match state(proposal, now):
        case ProposalState.DRAFT:
            raise Refusal(f"{proposal.label} is a draft, so it takes no votes yet.")
        case ProposalState.PENDING:
            raise Refusal(
                f"Voting on {proposal.label} starts {_moment(proposal.vote_start)}; "
                "until then you can discuss it in its thread."
            )
        case ProposalState.CANCELED:
            raise Refusal(f"{proposal.label} was canceled, so it takes no votes.")
        case _:
            ended = proposal.ended_at or proposal.vote_end
            raise Refusal(
                f"Voting on {proposal.label} ended {_moment(ended)}, so this vote was not counted."
            )


def require_editable(proposal: Proposal, editor: int, now: datetime) -> None:
    """Only the author edits, and only until voting starts."""
    if proposal.author_id != editor:
        raise NotAllowed(f"Only its author can edit {proposal.label}.")
    if state(proposal, now) not in (ProposalState.DRAFT, ProposalState.PENDING):
        raise Refusal(
            f"{proposal.label} can't be edited any more: its text is fixed from the moment voting "
            "starts. Propose a new version instead."
        )


def require_cancelable(
    proposal: Proposal,
    member: int,
    moderator: bool,
    now: datetime,
    roles: Collection[int] = (),
) -> None:
    """The author cancels while Pending; who guards it until it is executed.

    Moderators guard it, and whoever holds the role of its guardians among `roles`. Where a decision
    may be vetoed, the guardians above its space join them, and once that time is over it stands.
    """
    if proposal.canceled:
        raise Refusal(f"{proposal.label} is canceled already.")
    current = state(proposal, now)
    if current in (ProposalState.DEFEATED, ProposalState.EXPIRED, ProposalState.EXECUTED):
        raise Refusal(
            f"{proposal.label} was {current.value.lower()}, so there is nothing left to cancel."
            if current is not ProposalState.EXPIRED
            else f"{proposal.label} has expired, so there is nothing left to cancel."
        )
    guards = moderator or proposal.rules.guardian_role in roles
    until = proposal.veto_until
    if until and now > until and not (guards and current is ProposalState.QUEUED):
        raise Refusal(
            f"{proposal.label} can't be vetoed any more: that was possible until "
            f"<t:{int(until.timestamp())}:f>, and the decision stands."
        )
    if guards or (until and proposal.rules.veto_role in roles):
        return
    if current not in (ProposalState.DRAFT, ProposalState.PENDING):
        raise NotAllowed(
            f"Voting on {proposal.label} has started, so only {_guards(proposal)} can cancel it "
            "now. Moderators have the permission Manage Server."
        )
    if proposal.author_id != member:
        raise NotAllowed(
            f"Only its author{', ' if proposal.rules.guardian_role else ' or '}"
            f"{_guards(proposal)} can cancel {proposal.label}."
        )


def _guards(proposal: Proposal) -> str:
    """Who may cancel it whenever somebody may: `<@&6> or a moderator`."""
    rules = proposal.rules
    above = rules.veto_role if proposal.veto_until else None
    roles = dict.fromkeys(f"<@&{role}>" for role in (rules.guardian_role, above) if role)
    return f"{', '.join(roles)} or a moderator" if roles else "a moderator"


def _moment(at: datetime) -> str:
    return f"<t:{int(at.timestamp())}:R>"
