"""Which rules go together: what a voting system has no meaning for, what contradicts itself."""

from governance.composition import total_is_known
from governance.errors import Refusal
from governance.rules import Rules, Secrecy
from governance.voting import SYSTEMS, WITHOUT_DELEGATION
from governance.voting.system import Counting

_DEFAULT = Rules()
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
    role = rules.voting_role
    uncapped = total_is_known(rules.power, role)
    known = total_is_known(rules.power, role, rules.power_cap, rules.power_curve)
    second = total_is_known(rules.second_power, role)
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
