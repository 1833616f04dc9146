"""The rules of a vote: what a type of proposal sets, and what a proposal is frozen with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Any

from governance import options
from governance.composition import Curve
from governance.options import DAY, MINUTE, About, Kind, Quorum
from governance.power import UNIT
from governance.strategies import ONE_EACH
from governance.strategies.strategy import Part
from governance.voting import SYSTEMS
from governance.voting.system import Counting

_LONGEST = DAY * 90
_MOST = 10**6
_MOST_FUNDS = 10**9 - 1


class Secrecy(StrEnum):
    """What is hidden until a vote is closed, from everyone alike."""

    OPEN = "open"
    TALLY = "tally"
    VOTERS = "voters"  # and how many have voted


class Reasons(StrEnum):
    OPTIONAL = "optional"
    AGAINST = "against"
    REQUIRED = "required"


_SYSTEMS = {name: system.TITLE for name, system in SYSTEMS.items()}
_COUNTING = {
    Counting.FOR_AND_ABSTAIN.value: "For and Abstain",
    Counting.FOR.value: "For only",
    Counting.ALL.value: "All votes",
}
_CURVES = {
    Curve.LINEAR.value: "It counts in full",
    Curve.SQRT.value: "Its square root counts: 9 votes are 3",
}
_SECRECY = {
    Secrecy.OPEN.value: "Nothing: the tally is public while the vote runs",
    Secrecy.TALLY.value: "The tally, until the vote is closed",
    Secrecy.VOTERS.value: "The tally and how many voted, until the vote is closed",
}
_REASONS = {
    Reasons.OPTIONAL.value: "Whoever likes gives a reason",
    Reasons.AGAINST.value: "Who votes Against (or rejects) must give a reason",
    Reasons.REQUIRED.value: "Everyone must give a reason",
}


@dataclass(frozen=True, slots=True)
class Rules:
    """Copied into a proposal when it is submitted; a later change of settings never touches them.

    Powers are in units; `voting_role` None means everyone. One field here is all a new rule needs:
    the option of its command (`About.group`), its check, storage and display follow from it.
    """

    system: Annotated[
        str, About(Kind.CHOICE, "How members vote", among=_SYSTEMS, group="voting")
    ] = "basic"
    winners: Annotated[
        int, About(Kind.COUNT, "Choices that win an approval vote", 1, 24, group="voting")
    ] = 1
    credits: Annotated[
        int,
        About(
            Kind.COUNT,
            "Credits of each voter in a quadratic vote; 0: as many as its voting power",
            0,
            _MOST,
            group="voting",
        ),
    ] = 0
    negative: Annotated[
        bool,
        About(Kind.FLAG, "Whether a quadratic vote may go against a choice", group="voting"),
    ] = False
    tie_by_lot: Annotated[
        bool,
        About(
            Kind.FLAG,
            "Whether a tie in a single choice vote is decided by lot, instead of defeating it",
            group="voting",
        ),
    ] = False
    signers: Annotated[
        tuple[int, ...],
        About(Kind.MEMBERS, "Who signs in a multisig vote: mention each of them", group="voting"),
    ] = ()
    signatures: Annotated[
        int, About(Kind.COUNT, "Signatures that a multisig vote needs", 0, 25, group="voting")
    ] = 0
    decay: Annotated[
        Fraction,
        About(
            Kind.SHARE,
            "Share of conviction that outlasts each hour, such as 90 %",
            needed=True,
            group="conviction",
        ),
    ] = Fraction(9, 10)
    beta: Annotated[
        Fraction,
        About(
            Kind.SHARE,
            "Share of the funds that no proposal can ask for, such as 20 %",
            needed=True,
            group="conviction",
        ),
    ] = Fraction(1, 5)
    rho: Annotated[
        Fraction,
        About(
            Kind.SHARE,
            "Weight of the threshold, such as 0.2 %: the larger, the more conviction it takes",
            needed=True,
            group="conviction",
        ),
    ] = Fraction(1, 500)
    funds: Annotated[
        int,
        About(
            Kind.COUNT,
            "What is in the treasury that proposals ask from, in its whole units",
            0,
            _MOST_FUNDS,
            group="conviction",
        ),
    ] = 0
    recusal: Annotated[
        bool,
        About(Kind.FLAG, "Whether voters may recuse themselves: turnout only", group="voting"),
    ] = True
    reasons: Annotated[
        str, About(Kind.CHOICE, "Who gives a reason", among=_REASONS, group="voting")
    ] = Reasons.OPTIONAL.value
    secrecy: Annotated[
        str, About(Kind.CHOICE, "What is hidden until the close", among=_SECRECY, group="voting")
    ] = Secrecy.OPEN.value
    quorum: Annotated[
        Quorum,
        About(
            Kind.QUORUM,
            "Votes without which no decision is made: 12, or 8 % of the electorate; 0 for none",
            0,
            _MOST * UNIT,
            group="quorum",
        ),
    ] = options.NO_QUORUM
    quorum_counts: Annotated[
        str, About(Kind.CHOICE, "Votes that count towards it", among=_COUNTING, group="quorum")
    ] = Counting.FOR_AND_ABSTAIN.value
    threshold: Annotated[
        Fraction | None,
        About(
            Kind.SHARE,
            "Share of For in For and Against that it takes, such as 2/3 or 55 %; 0: more than half",
            group="quorum",
        ),
    ] = None
    optimistic: Annotated[
        bool,
        About(Kind.FLAG, "Whether it passes unless Against reaches the quorum", group="quorum"),
    ] = False
    super_quorum: Annotated[
        Quorum,
        About(
            Kind.QUORUM,
            "Votes For that end it early, if it passes: 50, or 50 % of the electorate; 0 for none",
            0,
            _MOST * UNIT,
            group="quorum",
        ),
    ] = options.NO_QUORUM
    voting_delay: Annotated[
        timedelta,
        About(
            Kind.DURATION,
            "Discussion before voting starts, such as 1d or 2h 30m",
            DAY * 0,
            _LONGEST,
            group="time",
        ),
    ] = DAY
    voting_period: Annotated[
        timedelta,
        About(
            Kind.DURATION,
            "How long voting lasts, such as 3d or 1m",
            MINUTE,
            _LONGEST,
            group="time",
        ),
    ] = DAY * 3
    late_quorum_extension: Annotated[
        timedelta,
        About(
            Kind.DURATION,
            "Time that remains at least once quorum is reached, such as 12h; 0 for none",
            DAY * 0,
            _LONGEST,
            group="time",
        ),
    ] = DAY * 0
    quiet_ending: Annotated[
        timedelta,
        About(
            Kind.DURATION,
            "Time before the end in which a new leader extends the vote by as much; 0 for none",
            DAY * 0,
            _LONGEST,
            group="time",
        ),
    ] = DAY * 0
    max_extension: Annotated[
        timedelta,
        About(
            Kind.DURATION,
            "How far all extensions together move the end at most",
            DAY * 0,
            _LONGEST,
            group="time",
        ),
    ] = DAY * 3
    grace_period: Annotated[
        timedelta,
        About(
            Kind.DURATION,
            "Time in which a queued proposal can be executed",
            MINUTE,
            DAY * 365,
            group="time",
        ),
    ] = DAY * 14
    veto_window: Annotated[
        timedelta,
        About(
            Kind.DURATION,
            "Time after a decision in which the guardians above its space may veto it; 0 for none",
            DAY * 0,
            _LONGEST,
            group="time",
        ),
    ] = DAY * 0
    power: Annotated[
        tuple[Part, ...],
        About(
            Kind.POWER,
            "Power of a voter, such as member, or 2 highest(@Elder 10, @Friend 1) + reputation",
            needed=True,
            group="power",
        ),
    ] = ONE_EACH
    power_cap: Annotated[
        Quorum,
        About(
            Kind.QUORUM,
            "Most power of one voter: 50, or 5 % of the electorate; 0 for no cap",
            0,
            _MOST * UNIT,
            group="power",
        ),
    ] = options.NO_QUORUM
    power_curve: Annotated[
        str,
        About(Kind.CHOICE, "What becomes of power beyond one vote", among=_CURVES, group="power"),
    ] = Curve.LINEAR.value
    second_power: Annotated[
        tuple[Part, ...],
        About(
            Kind.POWER,
            "Power in a second house, which must agree too; none for one house only",
            group="power",
        ),
    ] = ()
    second_quorum: Annotated[
        Quorum,
        About(
            Kind.QUORUM,
            "Quorum of the second house: 12, or 8 % of it; 0 for none",
            0,
            _MOST * UNIT,
            group="power",
        ),
    ] = options.NO_QUORUM
    second_threshold: Annotated[
        Fraction | None,
        About(
            Kind.SHARE,
            "Share of For that it takes in the second house; 0: more than half",
            group="power",
        ),
    ] = None
    delegation: Annotated[bool, About(Kind.FLAG, "Whether delegations count", group="power")] = True
    delegation_cap: Annotated[
        Fraction | None,
        About(
            Kind.SHARE,
            "Most that one delegate may carry, as a share of the electorate; 0 for no cap",
            group="power",
        ),
    ] = None
    voting_role: Annotated[
        int | None,
        About(
            Kind.ROLE,
            "Who may vote; choose @everyone to let every member vote",
            group="proposing",
        ),
    ] = None
    guardian_role: Annotated[
        int | None,
        About(
            Kind.ROLE,
            "Who may cancel as moderators do; choose @everyone for moderators only",
            group="proposing",
            nobody="moderators only",
        ),
    ] = None
    veto_role: Annotated[
        int | None,
        About(
            Kind.ROLE, "The guardians above its space, who may veto it", nobody="moderators only"
        ),
    ] = None
    reputation_half_life: Annotated[
        timedelta,
        About(
            Kind.DURATION,
            "Time in which points of reputation lose half of their worth; 0 for never",
            DAY * 0,
            DAY * 3650,
        ),
    ] = DAY * 0
    proposing_role: Annotated[
        int | None,
        About(
            Kind.ROLE,
            "Who may propose; choose @everyone to let every member propose",
            group="proposing",
        ),
    ] = None
    proposal_threshold: Annotated[
        int,
        About(Kind.COUNT, "Voting power needed to propose, in votes", 0, _MOST, group="proposing"),
    ] = 0
    sponsors: Annotated[
        int,
        About(
            Kind.COUNT,
            "Members besides the author who must sponsor a proposal before its discussion starts",
            0,
            25,
            group="proposing",
        ),
    ] = 0
    cooldown: Annotated[
        timedelta,
        About(
            Kind.DURATION,
            "Time between two proposals of one author; 0 for none",
            DAY * 0,
            _LONGEST,
            group="proposing",
        ),
    ] = DAY * 0
    max_open: Annotated[
        int,
        About(
            Kind.COUNT,
            "Proposals that one author may have open at a time; 0 for any number",
            0,
            100,
            group="proposing",
        ),
    ] = 0

    def stored(self) -> dict[str, Any]:
        """As JSON can hold them."""
        return options.as_stored(self)

    @classmethod
    def from_stored(cls, values: Mapping[str, Any]) -> "Rules":
        """The inverse of `stored`; a rule that isn't there has its default."""
        return cls(**options.from_stored(values, RULES))


RULES = options.abouts(Rules)
"""What is to be known of each rule, by its name."""


def is_one_each(rules: Rules) -> bool:
    """Whether every voter has one vote; signers always do."""
    given = (rules.power, rules.second_power, rules.power_cap, rules.power_curve)
    return rules.system == "multisig" or given == (ONE_EACH, (), options.NO_QUORUM, Curve.LINEAR)
