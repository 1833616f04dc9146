"""Rules that contradict each other are refused when they are made, not when they matter."""

from fractions import Fraction
from typing import Any

import pytest

from governance.consistency import require_consistent, require_known_electorate, without_meaning
from governance.errors import Refusal
from governance.options import DAY, NO_QUORUM, Quorum
from governance.power import UNIT
from governance.rules import Rules
from governance.strategies.strategy import Part
from governance.voting import SYSTEMS

SIGNED = {"system": "multisig", "signers": (11, 12, 13), "signatures": 2}
ON = {"threshold": Fraction(2, 3), "optimistic": True, "super_quorum": Quorum(UNIT)}
QUIETLY_LATE: dict[str, Any] = {
    "secrecy": "tally",
    "late_quorum_extension": DAY,
    "quorum_counts": "all",
    "recusal": False,
}
POINTS = (Part("reputation"),)
TWO_ROLES = (Part("highest", Fraction(1), ((11_111, UNIT), (22_222, UNIT))),)
SHARE = Quorum(share=Fraction(1, 10))
GRANT: dict[str, Any] = {"system": "conviction", "funds": 15_000, "recusal": False}


@pytest.mark.parametrize("system", sorted(set(SYSTEMS) - {"basic"}))
@pytest.mark.parametrize("name", ON)
def test_rules_of_for_and_against_are_refused_for_other_systems(system: str, name: str) -> None:
    with pytest.raises(Refusal, match=f"{name} has a meaning only where members vote For"):
        require_consistent(Rules(system=system, **{name: ON[name]}))


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"winners": 2}, "winners is for the system “Approval” only"),
        ({"credits": 9, "system": "weighted"}, "credits is for the system"),
        ({"negative": True}, "negative is for the system"),
        ({"tie_by_lot": True}, "tie_by_lot is for the system"),
        ({"signers": (1,)}, "signers is for the system"),
        ({"system": "multisig"}, "needs signers"),
        ({**SIGNED, "signatures": 0}, "signatures must be from 1 to 3"),
        ({**SIGNED, "signatures": 4}, "signatures must be from 1 to 3"),
        ({"optimistic": True}, "needs a quorum"),
        (
            {"optimistic": True, "quorum": Quorum(1), "super_quorum": Quorum(1)},
            "has no super_quorum",
        ),
        (
            {"optimistic": True, "quorum": Quorum(1), "late_quorum_extension": DAY},
            "no meaning in an optimistic vote",
        ),
        ({"system": "ranked_choice", "quiet_ending": DAY}, "counted at the close"),
        ({"quiet_ending": DAY, "max_extension": DAY * 0}, "needs a max_extension"),
        ({"late_quorum_extension": DAY * 4}, "longer than max_extension"),
        ({"secrecy": "tally", "quiet_ending": DAY}, "quiet_ending would show"),
        ({"secrecy": "tally", "super_quorum": Quorum(1)}, "super_quorum would show"),
        ({"secrecy": "tally", "late_quorum_extension": DAY}, "late_quorum_extension would show"),
        (
            {**QUIETLY_LATE, "secrecy": "voters"},
            "late_quorum_extension would show",
        ),
        ({**QUIETLY_LATE, "recusal": True}, "rule out recusal"),
        ({**SIGNED, "secrecy": "tally"}, "can't be secret"),
    ],
    ids=str,
)
def test_a_contradiction_is_refused_with_what_to_change(rules: dict[str, Any], said: str) -> None:
    with pytest.raises(Refusal, match=said):
        require_consistent(Rules(**rules))


@pytest.mark.parametrize(
    "rules",
    [
        {},
        SIGNED,
        {"system": "approval", "winners": 3},
        {"optimistic": True, "quorum": Quorum(5 * UNIT)},
        QUIETLY_LATE,
        {**QUIETLY_LATE, "system": "approval"},
        {"quiet_ending": DAY},
        {**ON, "optimistic": False, "quorum": Quorum(share=Fraction(1, 3))},
    ],
    ids=str,
)
def test_what_fits_together_is_taken(rules: dict[str, Any]) -> None:
    require_consistent(Rules(**rules))


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"system": "approval", "second_power": POINTS}, "second_power is for the system “For or"),
        ({"system": "weighted", "second_quorum": Quorum(1)}, "second_quorum is for the system"),
        ({"second_quorum": Quorum(1)}, "second_quorum needs a second house"),
        ({"second_threshold": Fraction(2, 3)}, "second_threshold needs a second house"),
        (
            {"second_power": POINTS, "optimistic": True, "quorum": Quorum(1)},
            "An optimistic vote has no second house",
        ),
        (
            {"second_power": POINTS, "super_quorum": Quorum(1)},
            "super_quorum would end the vote before the second house has voted",
        ),
        (
            {"delegation": False, "delegation_cap": Fraction(1, 10)},
            "delegation_cap has no meaning where delegations don't count",
        ),
        (
            {"system": "quadratic", "delegation_cap": Fraction(1, 10)},
            "delegation_cap has no meaning with the system “Quadratic voting”",
        ),
    ],
    ids=str,
)
def test_power_that_has_no_meaning_is_refused(rules: dict[str, Any], said: str) -> None:
    with pytest.raises(Refusal, match=said):
        require_consistent(Rules(**rules))


@pytest.mark.parametrize(
    "rules",
    [
        {"second_power": POINTS, "second_quorum": Quorum(1), "second_threshold": Fraction(2, 3)},
        {"second_power": POINTS, "late_quorum_extension": DAY, "quiet_ending": DAY},
        {"delegation_cap": Fraction(1, 10), "power_curve": "sqrt", "power_cap": Quorum(UNIT)},
        {**SIGNED, "power": POINTS, "power_cap": Quorum(UNIT)},
        {"system": "ranked_choice", "power": POINTS, "delegation": False},
    ],
    ids=str,
)
def test_power_that_fits_together_is_taken(rules: dict[str, Any]) -> None:
    require_consistent(Rules(**rules))


def test_signers_count_as_persons_and_some_systems_know_no_delegation() -> None:
    assert {"power", "power_cap", "power_curve", "delegation"} <= without_meaning("multisig")
    assert {"delegation", "delegation_cap", "second_power"} <= without_meaning("conviction")
    ignored = {"power", "delegation", "delegation_cap", "second_quorum"}
    assert not ignored & without_meaning("basic")


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"power": TWO_ROLES, "quorum": SHARE}, "quorum refers to the power of the whole"),
        ({"power": POINTS, "voting_role": 5, "super_quorum": SHARE}, "super_quorum refers to"),
        ({"power": TWO_ROLES, "power_cap": SHARE}, "power_cap refers to"),
        ({"power_curve": "sqrt", "quorum": SHARE}, "Set a number of votes instead, or ask whoever"),
        ({"power_cap": Quorum(UNIT), "quorum": SHARE}, "enable the members intent"),
        ({"power": TWO_ROLES, "delegation_cap": Fraction(1, 9)}, "rules. Take it away, or ask"),
        ({"second_power": TWO_ROLES, "second_quorum": SHARE}, "second_quorum refers to"),
        ({"second_power": TWO_ROLES, "delegation_cap": Fraction(1, 9)}, "delegation_cap refers to"),
        ({"system": "conviction", "power": TWO_ROLES}, "Let one member have one vote, or"),
    ],
    ids=str,
)
def test_a_share_of_what_nobody_knows_is_refused(rules: dict[str, Any], said: str) -> None:
    with pytest.raises(Refusal, match=said):
        require_known_electorate(Rules(**rules))


@pytest.mark.parametrize(
    "rules",
    [
        {"quorum": SHARE, "voting_role": 5},
        {"power": POINTS, "quorum": SHARE, "power_cap": NO_QUORUM},
        {"power": POINTS, "power_cap": SHARE, "power_curve": "sqrt"},
        {"power": TWO_ROLES, "quorum": Quorum(5 * UNIT), "power_curve": "sqrt"},
        {"power": TWO_ROLES, "second_power": POINTS, "second_quorum": SHARE},
        {"system": "conviction", "power": POINTS},
    ],
    ids=str,
)
def test_a_share_of_what_can_be_known_is_taken(rules: dict[str, Any]) -> None:
    require_known_electorate(Rules(**rules))


def test_each_system_ignores_some_rules() -> None:
    assert {"winners", "signers", "funds"} <= without_meaning("basic")
    assert not {"threshold", "quorum_counts", "quorum"} & without_meaning("basic")
    assert {"threshold", "quorum_counts"} <= without_meaning("approval")
    assert not {"winners", "quorum"} & without_meaning("approval")
    assert {"quorum", "funds"} <= without_meaning("multisig")
    assert {"quorum", "voting_period", "max_extension"} <= without_meaning("conviction")
    assert not {"funds", "voting_delay"} & without_meaning("conviction")


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"funds": 0}, "needs funds"),
        ({"decay": Fraction(1)}, "decay must be below 100 %"),
        ({"recusal": True}, "recusal has no meaning in a conviction vote"),
        ({"quorum": Quorum(1)}, "quorum has no meaning"),
        ({"late_quorum_extension": DAY}, "late_quorum_extension has no meaning"),
        ({"quiet_ending": DAY}, "quiet_ending has no meaning"),
        ({"secrecy": "tally"}, "can't be secret"),
        ({"system": "basic"}, "funds is for the system “Conviction” only"),
        ({"system": "basic", "funds": 0, "rho": Fraction(1, 2)}, "rho is for the system"),
    ],
    ids=str,
)
def test_rules_without_a_meaning_for_conviction_are_refused(
    rules: dict[str, Any], said: str
) -> None:
    require_consistent(Rules(**GRANT))
    with pytest.raises(Refusal, match=said):
        require_consistent(Rules(**{**GRANT, **rules}))
