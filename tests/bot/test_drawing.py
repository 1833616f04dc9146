"""What the picture of a result shows, and says to those who can't see it."""

import struct
import warnings
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest

from bot.drawing import AGAINST, CARD, FAINT, INK, NEUTRAL, RULE, SERIES, WON, draw
from cogs.pictures import ALT_LENGTH, Kind, Picture, alt_text, as_json, from_json, picture_of
from governance.power import UNIT
from governance.voting import SYSTEMS
from governance.voting.system import Choice, Conviction, Terms

TREES = ("Oak", "Elm", "Ash", "Yew")
HUGE = 2**256 - 1
GARDENER = Conviction(
    decay=Fraction(9, 10),
    beta=Fraction(1, 5),
    rho=Fraction(2, 1000),
    requested=1000 * UNIT,
    funds=15000 * UNIT,
    supply=45000 * UNIT,
)


def pictured(
    system: str,
    cast: Sequence[tuple[Choice, int]],
    names: Sequence[str] = TREES,
    *,
    title: str = "Which tree?",
    quorum: int = 0,
    unit: int = UNIT,
    **terms: Any,
) -> Picture | None:
    """The picture of these ballots, each a choice with the whole votes behind it."""
    rule = SYSTEMS[system]
    agreed = Terms(tuple(rule.CHOICES or names), **terms)
    ballots = [(choice, power * unit, 1) for choice, power in cast]
    count = rule.count(ballots, agreed)
    outcome = rule.decide(count, quorum * UNIT, agreed)
    return picture_of(title, agreed.choices, system, count, agreed, outcome, ballots)


def shown(system: str, cast: Sequence[tuple[Choice, int]], *args: Any, **more: Any) -> Picture:
    picture = pictured(system, cast, *args, **more)
    assert picture is not None
    return picture


def ranked_by_many(choices: int) -> list[tuple[Choice, int]]:
    """Ballots by which one choice after the other drops out."""
    every = range(1, choices + 1)
    return [((number, *range(1, number)), number + 3) for number in every]


def stakes(*history: tuple[int, int]) -> Choice:
    return tuple((step, stake * UNIT) for step, stake in history)


MANY = tuple(f"Candidate {number}" for number in range(50))
RESULTS = {
    "basic": shown("basic", [(1, 12), (2, 7), (3, 2)]),
    "single_choice": shown("single_choice", [(1, 3), (2, 9), (3, 4)]),
    "approval": shown("approval", [((1, 2), 10), ((2,), 5), ((), 7)], TREES[:2]),
    "weighted": shown(
        "weighted", [(((1, 1), (2, 3)), 10), (((2, 1),), 5), (((1, 2), (3, 2)), 4)], TREES[:3]
    ),
    "quadratic": shown("quadratic", [(((1, 3), (2, -4)), 60), (((3, 2),), 9)], negative=True),
    "quadratic_funding": shown(
        "quadratic_funding", [(((1, 1),), 9), (((2, 1),), 4), *[(((2, 1),), 1)] * 2], TREES[:2]
    ),
    "ranked_choice": shown(
        "ranked_choice",
        [((1, 2, 3, 4), 100), ((2, 1, 3, 4), 200), ((3, 1, 2, 4), 150), ((4, 1, 2, 3), 50)],
    ),
    "condorcet": shown(
        "condorcet", [(((1,), (2, 3)), 20), (((2,), (1,), (3,)), 25), (((3,),), 10)]
    ),
    "copeland": shown(
        "copeland",
        [((1, 2, 3), 20), ((1, 3, 2), 15), ((2, 1, 3), 20), ((2, 3, 1), 5), ((3, 2, 1), 10)],
        TREES[:3],
    ),
    "conviction": shown(
        "conviction",
        [(stakes((0, 6000)), 6000), (stakes((5, 500), (9, 0)), 500)],
        conviction=GARDENER,
        closing_step=18,
    ),
    "fifty bars": shown("approval", [((1, 2, 3), 7), ((50,), 1)], MANY),
    "fifty rounds": shown("ranked_choice", ranked_by_many(50), MANY),
    "fifty pairs": shown("condorcet", [(tuple((n,) for n in range(50, 20, -1)), 5)], MANY),
}


@pytest.mark.parametrize("name", RESULTS)
def test_every_kind_of_result_is_drawn_as_a_png_of_a_size_that_loads_at_once(name: str) -> None:
    png = draw(RESULTS[name])
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", png[16:24]) == (1000, 600)
    assert 10_000 < len(png) < 500_000


@pytest.mark.parametrize("name", RESULTS)
def test_a_picture_reaches_the_worker_as_it_is(name: str) -> None:
    assert from_json(as_json(RESULTS[name])) == RESULTS[name]


@pytest.mark.parametrize("name", RESULTS)
def test_the_words_for_a_picture_are_whole_sentences_within_discords_limit(name: str) -> None:
    words = alt_text(RESULTS[name])
    assert words.endswith((".", "…"))
    assert len(words) <= ALT_LENGTH


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("basic", "Succeeded: majority for. For or against · 3 voters · "),
        ("basic", "For: 12 (57 %). Against: 7 (33 %). Abstain: 2 (10 %)."),
        ("single_choice", "2. Elm wins."),
        ("single_choice", "2. Elm: 9 (56 %). 3. Ash: 4 (25 %). 1. Oak: 3 (19 %). 4. Yew: 0 (0 %)."),
        ("approval", "2. Elm: 15 (68 %). 1. Oak: 10 (45 %)."),
        ("weighted", "2. Elm: 12.5 (66 %). 1. Oak: 4.5 (24 %). 3. Ash: 2 (11 %)."),
        ("quadratic", "1. Oak: 3. 3. Ash: 2. 4. Yew: 0. 2. Elm: −4."),
        ("quadratic_funding", "2. Elm: 9.6 (64 %). 1. Oak: 5.4 (36 %)."),
        ("ranked_choice", "2. Elm wins."),
        ("ranked_choice", "Round 3: 2. Elm 70 %, 3. Ash 30 %."),
        ("ranked_choice", "Round 1: 2. Elm 40 %, 3. Ash 30 %, 1. Oak 20 %, 4. Yew 10 %"),
        ("ranked_choice", "; 4. Yew is dropped."),
        ("condorcet", "2. Elm beats 1. Oak, 45 % to 36 %."),
        ("copeland", "1. Oak ties with 2. Elm, 50 % to 50 %. 1. Oak beats 3. Ash, 79 % to 21 %."),
        ("conviction", "Succeeded: conviction reached."),
        ("conviction", "The threshold was 10,125."),
        ("fifty bars", "35 more choices are not shown."),
        ("fifty rounds", "others"),
    ],
)
def test_the_words_for_a_picture_tell_who_won_and_by_how_much(name: str, told: str) -> None:
    assert told in alt_text(RESULTS[name])


def test_signatures_and_votes_in_which_nobody_took_part_have_no_picture() -> None:
    assert pictured("multisig", [(1, 1)], signatures=1, signers=2) is None
    assert pictured("single_choice", []) is None


def test_without_a_quorum_nobody_is_shown_as_the_winner() -> None:
    picture = shown("single_choice", [(2, 9)], quorum=10)
    assert picture.winners == ()
    assert "No winner: quorum not reached." in alt_text(picture)


def test_a_tie_is_called_one() -> None:
    assert "No winner: a tie." in alt_text(shown("single_choice", [(1, 9), (2, 9)]))


def test_several_winners_are_named_and_many_are_counted() -> None:
    cast: list[tuple[Choice, int]] = [((1, 2, 3, 4), 1)]
    few = shown("approval", [((1, 2), 1)], winners=2)
    many = shown("approval", cast, (*TREES, "Fir"), winners=4)
    assert "1. Oak and 2. Elm win." in alt_text(few)
    assert "1. Oak, 2. Elm, 3. Ash and 1 more win." in alt_text(many)


def test_a_drop_that_only_the_lot_could_decide_is_said_to_be_by_lot() -> None:
    picture = shown("ranked_choice", [((1,), 5), ((2,), 3), ((3,), 3)], TREES[:3], lot=(3, 1, 2))
    assert picture.kind is Kind.ROUNDS
    assert "3. Ash (by lot) is dropped" in alt_text(picture)
    draw(picture)


def test_conviction_is_drawn_from_its_first_step_and_lost_when_stakes_leave() -> None:
    picture = shown(
        "conviction", [(stakes((0, 900), (10, 0)), 900)], conviction=GARDENER, closing_step=40
    )
    heights = [height or 0 for height in picture.values[1]]
    assert heights.index(max(heights)) == 10
    assert picture.labels == ("0", "10", "20", "30", "40")
    assert "Defeated: conviction not reached." in alt_text(picture)
    draw(picture)


def test_a_request_that_can_never_pass_has_no_threshold() -> None:
    too_much = replace(GARDENER, requested=GARDENER.funds)
    picture = shown("conviction", [(stakes((0, 5)), 5)], conviction=too_much)
    assert len(picture.values) == 2
    assert "the request is too large" in alt_text(picture)
    draw(picture)


def test_without_its_ballots_the_end_of_a_conviction_vote_is_drawn() -> None:
    rule = SYSTEMS["conviction"]
    terms = Terms(rule.CHOICES, conviction=GARDENER, closing_step=3)
    count = rule.count([(stakes((0, 100)), 100 * UNIT, 1)], terms)
    picture = picture_of(
        "Gardener", terms.choices, "conviction", count, terms, rule.decide(count, 0, terms)
    )
    assert picture is not None
    assert "Conviction: 271. Threshold: 10,125." in alt_text(picture)
    draw(picture)


def test_the_largest_and_the_smallest_powers_are_drawn() -> None:
    picture = shown("single_choice", [(1, HUGE), (2, 1)], unit=1)
    assert "1. Oak: 1.15 × 10⁵⁹ (100 %). 2. Elm: less than 0.01 (0 %)." in alt_text(picture)
    draw(picture)


def test_ballots_without_any_power_for_a_choice_are_drawn() -> None:
    draw(shown("approval", [((), 7)]))


@pytest.mark.parametrize(
    "name",
    [
        "$x^2$",
        "$\\frac{1",
        "a_{b}%#&\\",
        "W" * 100,
        "🍕🥗👩\u200d👧",
        "🍕 Pizza",
        "日本語の名前",
        "عربي",
        "﷽" * 90,
    ],
)
def test_names_in_any_script_are_drawn_as_they_are_written(name: str) -> None:
    names = (name, "Other", *MANY[:20])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draw(shown("single_choice", [(1, 2), (2, 1)], names[:2], title=name))
        draw(shown("ranked_choice", [((1,), 2), ((2,), 1), ((3,), 1)], names))
        draw(shown("condorcet", [(((1,), (2,)), 2)], names))


def test_everything_can_be_told_from_its_background() -> None:
    assert min(contrast(colour, CARD) for colour in (INK, FAINT, AGAINST, WON)) >= 4.5
    assert min(contrast(colour, CARD) for colour in (*SERIES, NEUTRAL)) >= 4.5  # with words on them
    assert contrast(RULE, CARD) >= 3


def test_parts_of_a_round_differ_from_each_other() -> None:
    assert min(_distance(one, two) for one, two in permutations((*SERIES, NEUTRAL), 2)) > 40


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (each / 255 for each in _channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _channels(colour: str) -> bytes:
    return bytes.fromhex(colour.removeprefix("#"))


def _distance(one: str, two: str) -> float:
    return sum((a - b) ** 2 for a, b in zip(_channels(one), _channels(two), strict=True)) ** 0.5
