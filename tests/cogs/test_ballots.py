"""The lines, panels, forms and cards of every voting system, held to Discord's limits."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import discord
import pytest

from cogs import announcements, states, tallies
from cogs.ballots import meant, said, suggested
from cogs.cards import draw
from cogs.panels import form, panel
from cogs.voting import _receipt
from governance.ballot import RECUSED, Ballot
from governance.errors import Refusal
from governance.options import Quorum
from governance.power import UNIT
from governance.proposal import Cancellation, Proposal, Tally
from governance.texts import Text
from governance.voting import SYSTEMS
from governance.voting.system import Choice, Shape
from sandbox.discord.limits import components, modals
from services.ballot_writer import Receipt
from tests.governance.examples import AUTHOR, DAY, MADE, proposal

SYSTEM_RULES: dict[str, dict[str, Any]] = {
    name: {"signers": tuple(range(10**18, 10**18 + 200)), "signatures": 20}
    if name == "multisig"
    else {}
    for name in SYSTEMS
    if name != "conviction"
}
OPEN, OVER = MADE + DAY * 2, MADE + DAY * 5
TREES = ("Oak", "Elm", "Ash", "Bay", "Fir")
FULL: dict[Shape, Any] = {
    Shape.ONE: lambda n: n,
    Shape.SOME: lambda n: tuple(range(1, n + 1)),
    Shape.RANKING: lambda n: tuple(range(n, 0, -1)),
    Shape.TIED_RANKING: lambda n: tuple((each,) for each in range(n, 0, -1)),
    Shape.POINTS: lambda n: tuple((each, 20) for each in range(1, n + 1)),
}


def about(
    system: str,
    choices: tuple[str, ...] = TREES,
    *,
    rules: dict[str, Any] | None = None,
    **more: Any,
) -> Proposal:
    given = {"system": system, **SYSTEM_RULES[system], **(rules or {})}
    return proposal(text=Text("Plant a tree", "Which one?", "", choices), rules=given, **more)


def drawn(view: discord.ui.View | discord.ui.LayoutView) -> list[dict[str, Any]]:
    return view.to_components()


def counted(found: Proposal, *cast: tuple[Choice, int]) -> Proposal:
    ballots = [(choice, UNIT, times) for choice, times in cast]
    count = found.system.count(ballots, found.terms)
    tally = Tally(count.scores, count.power, count.ballots, count.ballots)
    return replace(found, tally=tally, count=count, counted_at=OVER)


def running(found: Proposal, *cast: tuple[Choice, int]) -> Proposal:
    return replace(counted(found, *cast), count=None, counted_at=None)


# The line


@pytest.mark.parametrize(
    ("system", "typed", "words"),
    [
        ("basic", "against", "Against"),
        ("single_choice", "elm", "Elm"),
        ("approval", "oak, 3", "Oak and Ash"),
        ("approval", "none", "nothing (counted for turnout only)"),
        ("ranked_choice", "2>1", "1. Elm, 2. Oak"),
        ("condorcet", "2=3>1", "1. Elm and Ash, 2. Oak"),
        ("weighted", "1:3 2:1", "Oak 3, Elm 1"),
        ("ranked_choice", "recuse", "recused (counted for turnout only)"),
    ],
)
def test_a_line_is_said_in_words(system: str, typed: str, words: str) -> None:
    found = about(system)
    choice = meant(found, typed)
    if choice != RECUSED:
        choice = found.system.check(choice, UNIT, found.terms)
    assert said(found, choice) == words


def test_nobody_recuses_by_a_nought_or_where_that_is_no_choice() -> None:
    with pytest.raises(Refusal, match="There is no choice 0 here"):
        meant(about("single_choice"), "0")
    with pytest.raises(Refusal):
        meant(about("single_choice", rules={"recusal": False}), "recuse")
    assert meant(about("single_choice", ("Recuse", "Stay")), "recuse") == 1


@pytest.mark.parametrize(
    ("system", "typed", "suggestions"),
    [
        ("basic", "a", {"2": "Against", "3": "Abstain"}),
        ("single_choice", "el", {"2": "Elm"}),
        ("approval", "1, e", {"1, 2": "1, 2 · Oak and Elm"}),
        ("ranked_choice", "2>o", {"2>1": "2>1 · 1. Elm, 2. Oak"}),
        ("condorcet", "2=3>o", {"2=3>1": "2=3>1 · 1. Elm and Ash, 2. Oak"}),
        ("condorcet", "2=o", {"1=2": "1=2 · 1. Oak and Elm"}),
        ("weighted", "1:3 el", {"1:3 2:1": "1:3 2:1 · Oak 3, Elm 1"}),
        ("weighted", "1:3 2:2", {"1:3 2:2": "1:3 2:2 · Oak 3, Elm 2"}),
        ("ranked_choice", "9>", {}),
        ("ranked_choice", "2>2>", {}),
        ("ranked_choice", "`';--", {}),
    ],
)
def test_suggestions_complete_the_line(
    system: str, typed: str, suggestions: dict[str, str]
) -> None:
    found = {each.value: each.name for each in suggested(about(system), typed)}
    assert {k: v for k, v in found.items() if k in suggestions} == suggestions
    assert bool(found) == bool(suggestions)


def test_recusal_is_suggested_unless_a_choice_has_that_name() -> None:
    assert "Recuse" in {each.value for each in suggested(about("single_choice"), "rec")}
    found = suggested(about("single_choice", ("Recuse", "Stay")), "rec")
    assert [(each.name, each.value) for each in found] == [("Recuse", "1")]


def test_a_ranking_is_completed_with_what_is_left() -> None:
    found = [each.value for each in suggested(about("ranked_choice"), "2>")]
    assert found == ["2>1", "2>3", "2>4", "2>5"]


@pytest.mark.parametrize("system", SYSTEM_RULES)
@pytest.mark.parametrize(
    "typed", ["", ">", "1", "1>", "1>2", "1:", "1:3 ", "=", ",", "x" * 6000, "re"]
)
def test_any_letters_get_valid_suggestions(system: str, typed: str) -> None:
    for choices in (TREES, tuple(f"{n} {'*' * 97}" for n in range(50))):
        found = suggested(about(system, choices), typed)
        assert len(found) <= 25
        assert all(len(each.name) <= 100 and 1 <= len(str(each.value)) <= 100 for each in found)


# Limits


@pytest.mark.parametrize("system", SYSTEM_RULES)
@pytest.mark.parametrize("many", [2, 5, 25, 26, 50])
def test_panels_and_forms_fit_into_discord(system: str, many: int) -> None:
    found = about(system, tuple(f"{n:02} {'*' * 97}" for n in range(many)))
    shape, known = found.system.SHAPE, len(found.choices)
    for draft in ((), FULL[shape](known), FULL[shape](known - 1)):
        for chosen in (None, *([known] if shape is Shape.POINTS else [])):
            content, view = panel(found, draft, UNIT, chosen)
            assert len(content) <= 2000
            components.check(drawn(view), v2=False)
        for reasons in ("optional", "required"):
            asked = replace(found, rules=replace(found.rules, reasons=reasons))
            line = panel(asked, draft, UNIT)[0].split("`")[1]
            modals.check(form(asked, line, "x" * 500).to_dict())


def test_a_panel_of_the_longest_ballot_fits_into_discord() -> None:
    found = about("condorcet", tuple(f"{n:02} {'*' * 97}" for n in range(50)))
    found = replace(found, text=replace(found.text, title="*" * 100))
    every = tuple(range(1, 51))
    for draft in ((every,), tuple((each,) for each in every)):
        content, _ = panel(found, draft, UNIT)
        assert len(content) <= 2000
        assert "Nothing is counted until you press Confirm" in content


@pytest.mark.parametrize("letter", ["x", "*"])
def test_the_longest_receipt_fits_into_discord(letter: str) -> None:
    found = about("ranked_choice", tuple(f"{n:02} {letter * 97}" for n in range(50)))
    found = replace(found, text=replace(found.text, title="*" * 100))
    ballot = Ballot(1, AUTHOR, FULL[Shape.RANKING](50), UNIT, "](" * 250, OPEN)
    before = replace(ballot, choice=tuple(range(1, 51)))
    for replaced in (None, ballot, before):
        text = _receipt(Receipt(ballot, replaced, found, news=False))
        assert len(text) <= 2000
        assert text.count("] (") == 250
        assert "until then you can vote again" in text


@pytest.mark.parametrize("system", SYSTEM_RULES)
@pytest.mark.parametrize("secrecy", ["open", "tally", "voters"])
def test_the_fullest_card_and_result_fit_into_discord(system: str, secrecy: str) -> None:
    choices = tuple(f"{n:02} {'*' * 97}" for n in range(50))
    known = len(SYSTEMS[system].CHOICES) or 50
    rules = {
        "secrecy": secrecy,
        "quorum": Quorum(share=Fraction(1, 3)),
        "late_quorum_extension": DAY,
        "quiet_ending": DAY,
        "voting_role": 10**18,
        "reasons": "required",
    }
    fields = tuple((f"Question {n}", "*" * 1000) for n in range(5))
    text = Text("*" * 100, "*" * 4000, f"https://example.org/{'x' * 480}", choices, fields)
    empty = replace(about(system, choices, rules=rules, electorate=300 * UNIT), text=text)
    ballot = FULL[empty.system.SHAPE](known)
    canceled = Cancellation(OPEN, AUTHOR, "*" * 500)
    for found in (
        replace(empty, submitted_at=None),
        empty,
        running(empty, (ballot, 7)),
        counted(empty, (ballot, 7)),
        counted(empty),
        replace(running(empty, (ballot, 7)), canceled=canceled),
    ):
        for now in (MADE, OPEN, OVER):
            components.check(drawn(draw(found, now)), v2=True)
            assert len(tallies.tally(found)) <= 1024
        line, embed = announcements.ended(replace(found, submitted_at=MADE))
        assert len(line) <= 2000
        assert len(embed.description or "") <= 4096
    for message in announcements.full_text(text):
        assert len(message) <= 2000


# How the vote stands


def test_figures_say_where_they_are_rounded() -> None:
    assert tallies.amount(9 * UNIT // 2, UNIT) == "4.5"
    assert tallies.amount(Fraction(UNIT, 3), UNIT) == "≈0.33"
    assert tallies.amount(-2, 1) == "-2"
    assert tallies.amount(Fraction(-1, 3), 1) == "≈-0.33"
    assert tallies.amount(12_345 * UNIT, UNIT) == "12,345"


def test_approval_is_a_share_of_the_power_that_voted() -> None:
    text = tallies.tally(running(about("approval"), ((1, 2), 10), ((2,), 5), ((), 5)))
    assert text.splitlines()[:2] == [
        "▰▰▰▰▰▰▰▰▱▱ **75 %** · 15 · **2** Elm",
        "▰▰▰▰▰▱▱▱▱▱ **50 %** · 10 · **1** Oak",
    ]


def test_weights_show_exact_parts() -> None:
    weights = [(((1, 1), (2, 3)), 10), (((2, 1),), 5), (((1, 2), (3, 2)), 4)]
    text = tallies.tally(running(about("weighted"), *weights))
    assert "· 12.5 · **2** Elm" in text
    assert "· 4.5 · **1** Oak" in text


def test_votes_against_a_choice_have_no_share() -> None:
    found = about("quadratic", rules={"credits": 9, "negative": True})
    text = tallies.tally(running(found, (((1, 2), (2, -2)), 1)))
    assert text.splitlines()[0] == "2 · **1** Oak"
    assert text.splitlines()[-1] == "-2 · **2** Elm"


@pytest.mark.parametrize("system", ["ranked_choice", "condorcet", "copeland", "quadratic_funding"])
def test_what_is_counted_at_the_close_shows_its_choices_until_then(system: str) -> None:
    found = replace(about(system), tally=Tally({}, 3 * UNIT, 3, 4))
    assert tallies.tally(found).startswith("**1** Oak\n**2** Elm\n")
    assert "counted at the close" in tallies.tally(found)
    assert tallies.turnout(found).startswith("4 voters, 1 of them recused")


def test_a_run_off_is_told_round_by_round() -> None:
    cast = [((1, 2, 3, 4), 100), ((2, 1, 3, 4), 200), ((3, 1, 2, 4), 150), ((4, 1, 2, 3), 50)]
    found = counted(about("ranked_choice", TREES[:4]), *cast)
    text = tallies.tally(found, 2000)
    assert "Round 1: Elm 200, Ash 150, Oak 100, Bay 50; Bay drops out" in text
    assert "Round 2: Elm 200, Oak 150, Ash 150; Oak drops out" in text
    assert "Round 3: Elm 350, Ash 150" in text
    assert states.why(found) == "**Elm** wins"


def test_pairs_are_told_in_words() -> None:
    found = counted(about("condorcet", TREES[:3]), (((1,), (2,), (3,)), 3), (((2,), (1,)), 2))
    text = tallies.tally(found)
    assert text.startswith("**1.** Oak · beats 2\n**2.** Elm · beats 1")
    assert "Oak against Elm: 3 to 2" in text


def test_winners_stand_in_the_headline() -> None:
    two = about("approval", rules={"winners": 2})
    found = counted(two, ((1, 2), 3), ((3,), 1))
    assert "✅ **Succeeded**: **Oak** and **Elm** win" in states.headline(found, OVER)
    tied = counted(about("single_choice"), (1, 2), (2, 2), (3, 1))
    assert "a tie between Oak and Elm, so there is no winner" in states.headline(tied, OVER)
    last = counted(two, ((1, 2), 1), ((1, 3), 1))
    assert "a tie between Elm and Ash" in states.headline(last, OVER)


def test_that_all_recused_is_not_that_nobody_voted() -> None:
    found = counted(about("single_choice"))
    assert states.why(found) == "nobody voted"
    recused = replace(found, tally=replace(found.tally, voters=2))
    assert states.why(recused) == "all who voted recused themselves"


def test_a_share_of_the_electorate_is_labelled_as_approximate() -> None:
    quorum = {"quorum": Quorum(share=Fraction(8, 100))}
    found = running(proposal(rules=quorum, electorate=100 * UNIT), (1, 5), (2, 4), (3, 3))
    text = tallies.turnout(found)
    assert "quorum **reached**: 8 of 8 (8 % of about 100 members; For and Abstain count)" in text
    assert "quorum 8 % of the members" in tallies.turnout(replace(found, electorate=None))


def test_the_end_of_a_vote_says_that_it_moved() -> None:
    found = proposal(rules={"late_quorum_extension": DAY})
    longer = replace(found, vote_end=found.vote_end + timedelta(hours=1))
    assert "extended until <t:" in states.headline(longer, OPEN)
    assert "because quorum was reached late" in announcements.extended(longer)
    early = replace(counted(found, (1, 2)), ended_at=OPEN)
    assert "decided early" in states.headline(early, OPEN)


def test_the_lot_is_published() -> None:
    found = replace(about("ranked_choice"), seed=b"\x07" * 32)
    text = announcements.opened(found)
    assert ("07" * 32) in text
    assert ", ".join(map(str, found.terms.lot)) in text


def test_a_draft_shows_its_sponsors_and_asks_for_more() -> None:
    shared = proposal(rules={"sponsors": 3}, submitted_at=None, ready_at=MADE, sponsors=(1, 2))
    card = str(drawn(draw(shared, MADE)))
    assert "**Draft** · 2 of 3 sponsors" in card
    assert "fm1:sponsor:1:1" in card
    assert "fm1:sponsor" not in str(drawn(draw(replace(shared, shared_at=None), MADE)))
    assert "fm1:vote" not in card
    assert "1 to go" in announcements.proposed(shared)
    submitted = announcements.submitted(replace(shared, submitted_at=MADE))
    assert "sponsored by <@1>, <@2>" in submitted


@pytest.mark.parametrize(
    ("system", "rules", "sentence"),
    [
        ("basic", {"threshold": Fraction(2, 3)}, "It takes 2/3 For of all For and Against."),
        ("basic", {"optimistic": True}, "passes unless the votes Against reach the quorum"),
        ("basic", {"super_quorum": Quorum(50 * UNIT)}, "when 50 votes are For and it has all else"),
        ("basic", {"super_quorum": Quorum(UNIT)}, "passes at once when 1 vote is For and"),
        ("basic", {"quiet_ending": DAY}, "A new leader in the last 1 day moves the end by 1 day."),
        ("basic", {"voting_role": 9}, "Members with <@&9> vote."),
        ("basic", {"reasons": "against"}, "A vote Against needs a reason."),
        ("approval", {"winners": 2}, "2 choices win."),
        ("single_choice", {"tie_by_lot": True}, "A tie for first is decided by lot."),
        ("multisig", {"reasons": "against"}, "A rejection needs a reason."),
        ("quadratic", {"credits": 25}, "Each voter has 25 credits."),
        ("quadratic", {"credits": 1}, "Each voter has 1 credit."),
        ("multisig", {}, "20 of these must approve: <@1"),
        ("multisig", {}, "and 180 more."),
        ("weighted", {"secrecy": "voters"}, "The tally and the turnout are secret until the close"),
    ],
)
def test_every_rule_that_decides_is_explained_on_the_card(
    system: str, rules: dict[str, Any], sentence: str
) -> None:
    assert sentence in str(drawn(draw(about(system, rules=rules), OPEN)))


def test_a_rule_without_a_meaning_is_not_explained() -> None:
    ranked = about("ranked_choice", rules={"reasons": "against"})
    assert "needs a reason" not in str(drawn(draw(ranked, OPEN)))


# Secrets


@pytest.mark.parametrize("system", ["basic", "single_choice", "approval", "weighted", "condorcet"])
@pytest.mark.parametrize("secrecy", ["tally", "voters"])
def test_a_secret_vote_looks_the_same_however_it_stands(system: str, secrecy: str) -> None:
    empty = about(system, rules={"secrecy": secrecy, "quorum": Quorum(2 * UNIT)})
    known = len(empty.choices)
    first = running(empty, (FULL[empty.system.SHAPE](known), 3))
    ballot = FULL[empty.system.SHAPE](known - 1)
    second = running(empty, (ballot, 1))
    second = replace(second, tally=replace(second.tally, voters=3))  # two recused themselves
    cards = [str(drawn(draw(each, OPEN))) for each in (first, second)]
    assert cards[0] == cards[1]
    if secrecy == "voters":
        assert str(drawn(draw(empty, OPEN))) == cards[0]
    canceled = Cancellation(OPEN, AUTHOR, "No.")
    ends = [announcements.ended(replace(each, canceled=canceled)) for each in (first, second)]
    assert ends[0][1].to_dict() == ends[1][1].to_dict()
