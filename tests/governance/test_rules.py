"""The rules of a type of proposals: as they are typed, and what is asked of voters."""

from dataclasses import replace
from fractions import Fraction

import pytest

from governance.ballot import RECUSED, require_reason
from governance.errors import Refusal
from governance.options import DAY, Quorum
from governance.rules import Reasons, Rules, Secrecy, is_one_each
from governance.settings import Settings
from governance.strategies.strategy import Part
from governance.types import STANDARD, ProposalType, form_fields, type_name

SIGNED = {"system": "multisig", "signers": (11, 12, 13), "signatures": 2}
POINTS = (Part("reputation"),)


def test_rules_are_read_as_moderators_type_them() -> None:
    changed = STANDARD.with_changes(
        {"quorum": "8 %", "threshold": "2/3", "voting_period": "2d"}, Settings()
    )
    assert changed.rules(Settings()) == Rules(
        quorum=Quorum(share=Fraction(2, 25)), threshold=Fraction(2, 3), voting_period=DAY * 2
    )


def test_members_have_one_vote_each_unless_the_rules_say_otherwise() -> None:
    assert is_one_each(Rules())
    assert is_one_each(Rules(**SIGNED, power=POINTS, power_curve="sqrt"))
    for other in (
        {"power": POINTS},
        {"second_power": POINTS},
        {"power_cap": Quorum(1)},
        {"power_curve": "sqrt"},
    ):
        assert not is_one_each(replace(Rules(), **other))


def test_another_system_leaves_the_second_house_and_the_cap_behind() -> None:
    two = ProposalType("Two", {}).with_changes(
        {"second_power": "reputation", "second_quorum": "3", "delegation_cap": "10 %"}, Settings()
    )
    grants = two.with_changes({"system": "quadratic"}, Settings())
    assert grants.rules(Settings()) == Rules(system="quadratic")


# Reasons


def test_a_reason_is_asked_for_where_the_rules_say_so() -> None:
    asked = Rules(reasons=Reasons.REQUIRED)
    require_reason(asked, 1, "Because.")
    require_reason(asked, RECUSED, "")
    require_reason(Rules(), 2, "")
    with pytest.raises(Refusal, match="asks for your reason"):
        require_reason(asked, 1, "")


def test_who_votes_against_or_rejects_can_be_asked_for_a_reason() -> None:
    for rules in (Rules(reasons=Reasons.AGAINST), Rules(**SIGNED, reasons=Reasons.AGAINST)):
        require_reason(rules, 1, "")
        with pytest.raises(Refusal):
            require_reason(rules, 2, "")
    require_reason(Rules(system="single_choice", reasons=Reasons.AGAINST), 2, "")


# Types


def test_a_type_has_the_rules_of_its_server_but_for_its_own() -> None:
    server = Settings(quorum=4, voting_delay=DAY * 2, voting_role=9)
    assert STANDARD.rules(server) == server.rules()
    bylaw = ProposalType("Bylaw", {}).with_changes({"threshold": "2/3"}, server)
    assert bylaw.rules(server) == replace(server.rules(), threshold=Fraction(2, 3))
    assert bylaw.rules(Settings()).voting_delay == DAY


def test_another_system_leaves_behind_what_belongs_to_the_old_one() -> None:
    server = Settings()
    safe = ProposalType("Safe", {"sponsors": 1}).with_changes(
        {"system": "multisig", "signers": "<@11111>", "signatures": 1}, server
    )
    assert safe.with_changes({"system": "basic"}, server).rules(server) == Rules(sponsors=1)
    with pytest.raises(Refusal, match="winners is for"):
        safe.with_changes({"system": "basic", "winners": 2}, server)


def test_a_type_whose_rules_contradict_each_other_is_not_made() -> None:
    with pytest.raises(Refusal, match="needs signers"):
        ProposalType("Payment", {}).with_changes({"system": "multisig"}, Settings())
    payment = ProposalType("Payment", {}).with_changes(
        {"system": "multisig", "signers": "<@11111> <@22222>", "signatures": 2}, Settings()
    )
    assert payment.rules(Settings()).signers == (11111, 22222)


def test_the_name_of_a_type_is_one_short_line() -> None:
    assert type_name("  Town \n Budget ") == "Town Budget"
    with pytest.raises(Refusal, match="empty"):
        type_name(" ")
    with pytest.raises(Refusal, match="has 41 characters"):
        type_name("x" * 41)


def test_questions_are_one_a_line_and_some_may_stay_unanswered() -> None:
    asked = form_fields("Amount\n\n Who pays? \n")
    assert [(each.label, each.required) for each in asked] == [
        ("Amount", True),
        ("Who pays", False),
    ]
    assert form_fields("") == ()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("\n".join("abcdef"), "6 questions; a form holds 5"),
        ("Amount\namount?", "same"),
        ("x" * 46, "1 to 45 characters"),
        ("?", "1 to 45 characters"),
    ],
)
def test_questions_that_a_form_cannot_hold_are_refused(typed: str, said: str) -> None:
    with pytest.raises(Refusal, match=said):
        form_fields(typed)


def test_what_is_hidden_has_a_name() -> None:
    assert {each.value for each in Secrecy} == {"open", "tally", "voters"}


def test_some_shares_cannot_be_none() -> None:
    grants = ProposalType("Grants", {"system": "conviction", "funds": 15_000})
    changed = grants.with_changes({"decay": "95 %"}, Settings())
    assert changed.rules(Settings()).decay == Fraction(19, 20)
    for none in ("0", "none", "0 %", ""):
        with pytest.raises(Refusal, match="isn't a share"):
            grants.with_changes({"decay": none}, Settings())
