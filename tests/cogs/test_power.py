"""Power in words: its terms, both houses on the card, and what a receipt tells."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from cogs import announcements, pictures, rules, states, tallies
from cogs.cards import draw
from cogs.notices import said
from cogs.power import in_words
from cogs.voting import _receipt
from governance.ballot import Ballot
from governance.composition import Curve, Term, Told, power
from governance.options import Quorum
from governance.power import UNIT
from governance.proposal import Proposal, Tally
from governance.rules import Rules, Secrecy
from governance.strategies.strategy import Part
from governance.voting.system import Score
from sandbox.discord.limits import components
from services.ballot_writer import Receipt
from services.notices import Reminder
from tests.governance.examples import DAY, MADE, proposal, votes

STEWARD, FRIEND = 10**18, 10**18 + 1
HIGHEST = Part("highest", entries=((STEWARD, 10 * UNIT), (FRIEND, UNIT)))
POINTS = Part("reputation")
OPEN, OVER = MADE + DAY * 2, MADE + DAY * 5


def told(*terms: tuple[Part, Score], rules: Rules | None = None, **more: Any) -> str:
    """What is said of these terms, by (part, value in votes)."""
    given = rules or Rules()
    found = tuple(Term(part, int(value * UNIT)) for part, value in terms)
    cap = given.power_cap.of(None) if given.power_cap else None
    unknown = given.power_cap.share is not None
    known = None if unknown else power(found, cap, given.power_curve)
    return in_words(Told(found, known, **more), given)


# /power


def test_power_is_told_with_its_terms_and_what_is_carried() -> None:
    assert told((HIGHEST, 10), (POINTS, 2), carried=30 * UNIT, carries=4) == (
        f": **12** = 10 from the role <@&{STEWARD}> + 2 reputation; 30 more carried for 4 members."
    )
    assert told((Part("member"), 1), carried=UNIT, carries=1) == (
        ": **1** = 1 as a member; 1 more carried for 1 member."
    )


def test_a_multiplier_is_told_with_what_it_multiplies() -> None:
    doubled = replace(HIGHEST, multiplier=Fraction(2))
    third = replace(POINTS, multiplier=Fraction(1, 3))
    assert told((doubled, 10), (third, 1)) == (
        f": **≈20.33** = 20 from the role <@&{STEWARD}> (2 × 10) + ≈0.33 reputation (1/3 × 1)."
    )


def test_a_role_is_named_only_where_no_other_can_be_meant() -> None:
    alike = Part("highest", entries=((STEWARD, UNIT), (FRIEND, UNIT)))
    assert "1 from the highest role." in told((alike, 1))
    several = Part("roles", entries=HIGHEST.entries)
    assert "10 from roles." in told((several, 10))
    only = Part("roles", entries=((FRIEND, UNIT),))
    assert f"1 from the role <@&{FRIEND}>." in told((only, 1))
    assert "0 from the highest role." in told((HIGHEST, 0))
    assert "3 from a list." in told((Part("list", entries=((11, 3 * UNIT),)), 3))


def test_cap_and_curve_are_told_where_they_take_something_away() -> None:
    root = Rules(power_curve=Curve.SQRT.value)
    capped = Rules(power_cap=Quorum(9 * UNIT))
    both = replace(capped, power_curve=Curve.SQRT.value)
    assert told((POINTS, 81), rules=root) == (
        ": **81** = 81 reputation, of which **9** count: the square root."
    )
    assert told((POINTS, 12), rules=capped).endswith("of which **9** count: at most 9.")
    assert told((POINTS, 12), rules=both).endswith(
        "of which **3** count: at most 9, and of that the square root."
    )
    assert "count" not in told((POINTS, 1), rules=both)


def test_what_is_unknown_is_never_said_to_be_zero() -> None:
    unknown = in_words(Told(None, None), Rules())
    assert unknown.startswith(" isn't known at the moment, which doesn't mean that it is 0.")
    share = Rules(power_cap=Quorum(share=Fraction(1, 20)))
    assert told((POINTS, 12), rules=share) == (
        ": **12** = 12 reputation, how much of it counts isn't known at the moment: at most 5 % of "
        "the electorate."
    )


def test_what_was_recorded_is_told_with_its_moment() -> None:
    at = int(MADE.timestamp())
    assert (
        in_words(Told(None, 12 * UNIT, recorded_at=MADE), Rules()) == f", fixed <t:{at}:R>: **12**."
    )
    assert told((POINTS, 0)) == ": **0** = 0 reputation."


def test_who_is_outside_of_the_electorate_has_no_power_in_either_house() -> None:
    outside = Told((), 0, (), 0, recorded_at=MADE)
    at = int(MADE.timestamp())
    two = Rules(second_power=(POINTS,))
    assert in_words(outside, two) == f", fixed <t:{at}:R>: **0**, being outside of the electorate."


def test_the_second_house_is_told_beside_the_first() -> None:
    two = Rules(second_power=(POINTS,), power_curve=Curve.SQRT.value)
    second = (Term(POINTS, 9 * UNIT),)
    said = told(
        (Part("member"), 1),
        rules=two,
        second_terms=second,
        second=9 * UNIT,
        second_carried=3 * UNIT,
        carries=2,
    )
    assert said == (
        ": **1** = 1 as a member. In the second house: **9** = 9 reputation; 3 more carried for "
        "2 members."
    )


# The card


def card(found: Proposal) -> str:
    return str(draw(found, OPEN).to_components())


def test_a_card_says_what_power_is_where_members_have_not_one_vote_each() -> None:
    assert "· one member, one vote" in card(proposal())
    weighed = proposal(
        rules={
            "power": (replace(HIGHEST, multiplier=Fraction(2)), POINTS),
            "power_cap": Quorum(50 * UNIT),
            "power_curve": Curve.SQRT.value,
            "delegation_cap": Fraction(1, 10),
        }
    )
    shown = card(weighed)
    assert "· power: 2 × highest role + reputation (limited)" in shown
    words = rules.explained(weighed)
    assert (
        f"A voter's power: 2 × highest role (<@&{STEWARD}> 10, <@&{FRIEND}> 1) + reputation, "
        "at most 50, and of that the square root." in words
    )
    assert "Nobody carries more than 10 % of the electorate." in words
    assert "one member, one vote" not in shown
    assert "Delegations don't count." in rules.explained(proposal(rules={"delegation": False}))
    assert "Delegations" not in rules.explained(proposal())


def test_signers_count_as_persons_whatever_the_power() -> None:
    signed = proposal(rules={"system": "multisig", "signers": (11,), "power": (POINTS,)})
    assert rules.power_line(signed.rules) == "one member, one vote"


def two_houses(first: dict[int, int], second: dict[int, int], **more: Any) -> Proposal:
    tally = Tally(
        first, sum(first.values()), 3, 3, second=second, second_power=sum(second.values())
    )
    given = {"second_power": (POINTS,), "second_quorum": Quorum(5 * UNIT), **more.pop("rules", {})}
    return proposal(tally=tally, rules=given, **more)


def over(found: Proposal) -> Proposal:
    second = found.second_house
    assert second
    return replace(found, counted_at=OVER, count=found.running, second_count=second.running)


def test_both_houses_are_shown_each_with_its_bars_and_quorum() -> None:
    found = two_houses(votes(2, 1), votes(1, 3), quorum=2)
    lines = tallies.tally(found).splitlines()
    assert lines[0] == "**First house** · one member, one vote"
    assert lines[1] == "`For    ` ▰▰▰▰▰▰▰▱▱▱ **67 %** · 2"
    assert lines[4] == "**Second house** · reputation"
    assert lines[6] == "`Against` ▰▰▰▰▰▰▰▰▱▱ **75 %** · 3"
    assert (
        "quorum **reached**: 2 of 2 (For and Abstain count) · second house: quorum **not reached "
        "yet**: 1 of 5" in tallies.turnout(found)
    )
    assert "A second house must agree; power in it: reputation." in card(found)
    secret = replace(found, rules=replace(found.rules, secrecy="tally"))
    assert "house**" not in tallies.tally(secret)
    assert "second house: quorum 5" in tallies.turnout(secret)


@pytest.mark.parametrize(
    ("second", "more", "said"),
    [
        (votes(1, 0), {}, "the second house: quorum was not reached"),
        (votes(5, 6), {}, "the second house: more votes Against than For"),
        (votes(0, 0), {}, "the second house: nobody voted who has power in it"),
        (
            votes(6, 4),
            {"rules": {"second_threshold": Fraction(2, 3)}},
            "the second house: For stayed below 2/3 of For and Against",
        ),
        (votes(6, 4), {}, "more votes For than Against in both houses"),
    ],
)
def test_a_result_names_the_house_that_did_not_agree(
    second: dict[int, int], more: dict[str, Any], said: str
) -> None:
    found = over(two_houses(votes(2, 1), second, **more))
    assert states.why(found) == said
    _, embed = announcements.ended(found)
    assert said in str(embed.description)


def test_a_first_house_without_power_is_told_from_one_that_recused() -> None:
    found = over(two_houses({}, votes(5, 1)))
    assert states.why(found) == "nobody voted who has power in it"


def test_the_picture_tells_the_second_house_in_a_line() -> None:
    found = over(two_houses(votes(2, 1), votes(1, 3)))
    assert found.count
    assert found.outcome
    picture = pictures.picture_of(
        "Mend the well",
        found.choices,
        "basic",
        found.count,
        found.terms,
        found.outcome,
        second=found.second_count,
    )
    assert picture
    assert "second house: For 1 (25 %), Against 3 (75 %), Abstain 0 (0 %)" in picture.note
    assert picture.result == "Defeated: the second house, quorum not reached"
    assert picture.note in pictures.alt_text(picture)


def test_carried_power_is_told_beside_the_voters_but_not_of_a_secret_vote() -> None:
    found = proposal(tally=replace(Tally(votes(42), 42 * UNIT, 3, 3), carried=30 * UNIT))
    assert "3 voters · 42 votes of power, 30 of them carried · no quorum" in tallies.turnout(found)
    secret = replace(found, rules=replace(found.rules, secrecy="tally"))
    assert "carried" not in tallies.turnout(secret)


def test_an_electorate_that_was_recorded_is_named() -> None:
    share = {"quorum": Quorum(share=Fraction(1, 10))}
    about = proposal(rules=share, electorate=120 * UNIT)
    assert "10 % of about 120 members" in tallies.turnout(about)
    recorded = replace(about, recorded=True, electors=120)
    assert "10 % of 120 members" in tallies.turnout(recorded)
    assert tallies.turnout(recorded).endswith("· electorate: 120 members, recorded at the start")
    partly = replace(about, snapshot_at=MADE, electors=3)
    assert tallies.turnout(partly).endswith("· electorate: who had joined before the start")
    signed = replace(partly, rules=replace(about.rules, system="multisig", signers=(11,)))
    assert "electorate:" not in tallies.turnout(signed)
    stakes = proposal(rules={"system": "conviction", "funds": 9}, recorded=True, electors=1)
    assert tallies.turnout(stakes) == (
        "0 supporters · 0 staked · electorate: 1 member, recorded at the start"
    )
    weighed = proposal(rules={**share, "power": (POINTS,)}, electorate=7 * UNIT // 2)
    assert "10 % of about 3.5 votes of all members" in tallies.turnout(weighed)
    unknown = replace(weighed, electorate=None)
    assert "10 % of the power of all members" in tallies.turnout(unknown)


def test_the_longest_power_fits_on_a_card() -> None:
    many = tuple((STEWARD + n, 10**27 + n) for n in range(100))
    parts = tuple(Part("highest", Fraction(10**8 - 1, 10**8 - 3), many) for _ in range(8))
    given = {
        "power": parts,
        "second_power": parts,
        "power_cap": Quorum(share=Fraction(1, 3)),
        "second_threshold": Fraction(2, 3),
        "second_quorum": Quorum(share=Fraction(1, 3)),
        "late_quorum_extension": DAY,
        "quiet_ending": DAY,
        "quorum": Quorum(share=Fraction(1, 3)),
        "voting_role": STEWARD,
        "delegation_cap": Fraction(1, 3),
    }
    text = replace(proposal().text, title="*" * 100, body="*" * 4000)
    found = two_houses(votes(2, 1), votes(1, 3), rules=given, text=text, thread_id=1)
    for each in (found, over(replace(found, electorate=UNIT, second_electorate=UNIT))):
        components.check(draw(each, OPEN).to_components(), v2=True)
        assert len(tallies.tally(each)) <= 1024


# Receipts


def receipt(power: int, carried: int = 0, carries: int = 0, **more: Any) -> str:
    found = proposal(rules=more.pop("rules", {}))
    cast = Ballot(found.id, 33, 1, power * UNIT, "", OPEN, carried * UNIT, **more)
    return _receipt(Receipt(cast, None, found, news=False, carries=carries))


def test_a_receipt_tells_own_and_carried_power_apart() -> None:
    assert "**For**, with 1 vote (one member, one vote)." in receipt(1)
    assert (
        "**For**, with 42 votes (12 your own, 30 carried for 4 members; /power explains them)."
        in receipt(42, 30, 4)
    )
    assert "with 2 votes (1 your own, 1 carried for 1 member; /power" in receipt(2, 1, 1)
    assert "30 carried for others;" in receipt(42, 30)
    by_points = {"rules": {"power": (POINTS,)}}
    assert "with 12 votes (/power explains them)" in receipt(12, **by_points)


def test_a_receipt_tells_the_second_house_too() -> None:
    two = {"second_power": (POINTS,)}
    assert "with 1 vote (5 votes in the second house; /power explains them)" in receipt(
        1, second=5 * UNIT, rules=two
    )
    assert "with 1 vote (5 votes in the second house, 2 of them carried; /power" in receipt(
        1, second=5 * UNIT, second_carried=2 * UNIT, rules=two
    )


def test_no_receipt_tells_by_what_is_carried_who_else_has_voted_where_that_is_hidden() -> None:
    hidden = {"rules": {"secrecy": Secrecy.VOTERS}}
    own = (
        "with 1 vote of your own, beside what you carry for others, which is secret until the close"
    )
    assert own in receipt(1, **hidden)
    assert receipt(1, **hidden) == receipt(3, 2, 2, **hidden)
    both = {"secrecy": Secrecy.VOTERS, "second_power": (POINTS,)}
    assert "with 1 vote of your own (5 votes in the second house)" in receipt(
        1, second=7 * UNIT, second_carried=2 * UNIT, rules=both
    )


def test_no_reminder_tells_how_many_delegators_have_voted_where_that_is_hidden() -> None:
    hidden = proposal(rules={"secrecy": Secrecy.VOTERS})
    assert "You carry 3 members," in said(Reminder(proposal(), 3), "Hamlet")
    assert said(Reminder(hidden, 3), "Hamlet") == said(Reminder(hidden, 1), "Hamlet")
