"""The rules of a vote: what a type of proposal sets, and what a proposal is frozen with."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Any

from governance import options
from governance.composition import Curve, total_is_known
from governance.errors import Refusal
from governance.options import DAY, MINUTE, About, Kind, Quorum
from governance.power import UNIT
from governance.strategies import ONE_EACH
from governance.strategies.strategy import Part
from governance.voting import SYSTEMS, WITHOUT_DELEGATION
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

    def with_changes(self, changes: Mapping[str, Any]) -> "Rules":
        """The rules with some changed, each checked; text is read as moderators type it."""
        return replace(
            self,
            **{name: options.checked(name, value, RULES[name]) for name, value in changes.items()},
        )

    def stored(self) -> dict[str, Any]:
        """As JSON can hold them."""
        return options.as_stored(self)

    @classmethod
    def from_stored(cls, values: Mapping[str, Any]) -> "Rules":
        """The inverse of `stored`; a rule that isn't there has its default."""
        return cls(**options.from_stored(values, RULES))


RULES = options.abouts(Rules)
"""What is to be known of each rule, by its name."""

_BASIC_ONLY = ("threshold", "optimistic", "super_quorum")
_OF_ONE_SYSTEM = {
    "winners": ("approval",),
    "credits": ("quadratic",),
    "negative": ("quadratic",),
    "tie_by_lot": ("single_choice",),
    "signers": ("multisig",),
    "signatures": ("multisig",),
    **dict.fromkeys(("decay", "beta", "rho", "funds"), ("conviction",)),
    **dict.fromkeys(("second_power", "second_quorum", "second_threshold"), ("basic",)),
}
_NOT_CONVICTION = ("quorum", "late_quorum_extension", "quiet_ending", "recusal")
_POWER = ("power", "power_cap", "power_curve")
_SECOND_HOUSE = ("second_quorum", "second_threshold")


def of_other_systems(system: str) -> set[str]:
    """The names of the rules that belong to other voting systems only."""
    found = {name for name, systems in _OF_ONE_SYSTEM.items() if system not in systems}
    return found | {"delegation_cap"} if system in WITHOUT_DELEGATION else found


def without_meaning(system: str) -> set[str]:
    """The names of the rules that a vote by this system ignores."""
    names = of_other_systems(system)
    if system != "basic":
        names.update(_BASIC_ONLY, ["quorum_counts"])
    if system == "multisig":
        names.update(_POWER, ["quorum"])
    if system in WITHOUT_DELEGATION:
        names.add("delegation")
    if system == "conviction":
        names.update(_NOT_CONVICTION, ["voting_period", "max_extension"])
    return names


def is_one_each(rules: Rules) -> bool:
    """Whether every voter has one vote; signers always do."""
    given = (rules.power, rules.second_power, rules.power_cap, rules.power_curve)
    return rules.system == "multisig" or given == (ONE_EACH, (), options.NO_QUORUM, Curve.LINEAR)


def require_consistent(rules: Rules) -> None:
    """Refuse rules that contradict each other, or that their voting system has no meaning for."""
    system = SYSTEMS[rules.system]
    if rules.system != "basic":
        for name in _BASIC_ONLY:
            if getattr(rules, name):
                raise Refusal(
                    f"{name} has a meaning only where members vote For or Against. Take it away, "
                    f"or choose the system “{SYSTEMS['basic'].TITLE}”."
                )
    for name, systems in _OF_ONE_SYSTEM.items():
        if getattr(rules, name) != getattr(_DEFAULT, name) and rules.system not in systems:
            titles = ", ".join(SYSTEMS[each].TITLE for each in systems)
            raise Refusal(f"{name} is for the system “{titles}” only. Take it away.")
    _require_signers(rules)
    _require_conviction(rules)
    _require_houses(rules)
    _require_delegation(rules)
    if rules.optimistic and not rules.quorum:
        raise Refusal(
            "An optimistic vote needs a quorum: the votes Against that reject the proposal."
        )
    if rules.optimistic and rules.super_quorum:
        raise Refusal("An optimistic vote has no super_quorum: it passes unless it is rejected.")
    if rules.optimistic and rules.late_quorum_extension:
        raise Refusal("late_quorum_extension has no meaning in an optimistic vote. Take it away.")
    if rules.quiet_ending and not system.ADDITIVE:
        raise Refusal(
            f"quiet_ending needs a leader while the vote runs, and {system.TITLE} is counted at "
            "the close. Take it away."
        )
    if rules.quiet_ending and not rules.max_extension:
        raise Refusal("quiet_ending needs a max_extension, such as 3d.")
    if rules.late_quorum_extension > rules.max_extension:
        raise Refusal("late_quorum_extension is longer than max_extension. Make that longer.")
    _require_kept_secret(rules)


def _require_signers(rules: Rules) -> None:
    if rules.system != "multisig":
        return
    if not rules.signers:
        raise Refusal("A multisig vote needs signers. Mention each of them.")
    if not 1 <= rules.signatures <= len(rules.signers):
        raise Refusal(f"signatures must be from 1 to {len(rules.signers)}, the number of signers.")


def _require_conviction(rules: Rules) -> None:
    if rules.system != "conviction":
        return
    if not rules.funds:
        raise Refusal(
            "A conviction vote needs funds: what its proposals ask from. Say how much is in the "
            "treasury: /type create … system:Conviction funds:15000."
        )
    if rules.decay == 1:
        raise Refusal("decay must be below 100 %: some conviction has to fade each hour.")
    for name in _NOT_CONVICTION:
        if getattr(rules, name):
            raise Refusal(
                f"{name} has no meaning in a conviction vote, which runs until it passes. Take it "
                "away."
            )


def _require_houses(rules: Rules) -> None:
    if not rules.second_power:
        for name in _SECOND_HOUSE:
            if getattr(rules, name):
                raise Refusal(
                    f"{name} needs a second house. Give it a second_power, or take it away."
                )
        return
    if rules.optimistic:
        raise Refusal(
            "An optimistic vote has no second house, which would have to agree: it passes unless "
            "it is rejected. Take second_power away."
        )
    if rules.super_quorum:
        raise Refusal(
            "super_quorum would end the vote before the second house has voted. Take it away."
        )


def _require_delegation(rules: Rules) -> None:
    if rules.delegation_cap is None:
        return
    if rules.system in WITHOUT_DELEGATION:
        raise Refusal(
            f"delegation_cap has no meaning with the system “{SYSTEMS[rules.system].TITLE}”, in "
            "which delegations don't count. Take it away."
        )
    if not rules.delegation:
        raise Refusal("delegation_cap has no meaning where delegations don't count. Take it away.")


def require_known_electorate(rules: Rules) -> None:
    """Refuse shares of an electorate whose power nobody can tell together.

    It is for where Discord doesn't list a server's members: without the members intent.
    """
    role, plain = rules.voting_role, (options.NO_QUORUM, Curve.LINEAR.value)
    uncapped = total_is_known(rules.power, role, *plain)
    known = total_is_known(rules.power, role, rules.power_cap, rules.power_curve)
    second = total_is_known(rules.second_power, role, *plain)
    for name, share, is_known in (
        ("quorum", rules.quorum.share, known),
        ("super_quorum", rules.super_quorum.share, known),
        ("power_cap", rules.power_cap.share, uncapped),
        ("second_quorum", rules.second_quorum.share, second),
        ("delegation_cap", rules.delegation_cap, known and second),
        ("The threshold of a conviction vote", rules.system == "conviction", known),
    ):
        if share and not is_known:
            instead = {
                "delegation_cap": "Take it away",
                "The threshold of a conviction vote": "Let one member have one vote",
            }.get(name, "Set a number of votes instead")
            raise Refusal(
                f"{name} refers to the power of the whole electorate, which isn't known with these "
                f"rules. {instead}, or ask whoever runs this bot to enable the members intent, "
                "with which it sees every member."
            )


def _require_kept_secret(rules: Rules) -> None:
    """What would tell of the tally before the close is no rule of a secret vote."""
    if rules.secrecy == Secrecy.OPEN:
        return
    for name in ("super_quorum", "quiet_ending"):
        if getattr(rules, name):
            raise Refusal(
                f"{name} would show how a secret vote stands. Take it away, or make the vote open."
            )
    by_choice = rules.system == "basic" and rules.quorum_counts != Counting.ALL
    told = by_choice or rules.recusal or rules.secrecy == Secrecy.VOTERS
    if rules.late_quorum_extension and told:
        raise Refusal(
            "late_quorum_extension would show how a secret vote stands. Take it away, or let all "
            "votes count towards quorum, rule out recusal and hide the tally only."
        )
    if rules.system in ("multisig", "conviction"):
        raise Refusal(
            f"{SYSTEMS[rules.system].TITLE} ends as soon as it is decided, so it can't be secret."
        )


_DEFAULT = Rules()
