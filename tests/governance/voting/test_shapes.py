"""How members write a ballot in one line, and how it reads on their receipt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.errors import Refusal
from governance.power import UNIT
from governance.voting import shapes
from governance.voting.shapes import parsed, typed, words
from governance.voting.system import Choice, Shape, Terms
from tests.governance.voting.examples import terms


def refused(shape: Shape, text: str, of: Terms) -> str:
    with pytest.raises(Refusal) as refusal:
        parsed(shape, text, of)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("shape", "text", "choice"),
    [
        (Shape.ONE, "2", 2),
        (Shape.ONE, "  elm ", 2),
        (Shape.ONE, "ELM", 2),
        (Shape.ONE, "7", 7),  # refused by check, with the choices there are
        (Shape.ONE, "0", 0),
        (Shape.SOME, "1,3", (1, 3)),
        (Shape.SOME, "1 3", (1, 3)),
        (Shape.SOME, "3 , 1", (3, 1)),
        (Shape.SOME, "Oak, 3", (1, 3)),
        (Shape.SOME, "ash oak", (3, 1)),
        (Shape.SOME, "none", ()),
        (Shape.SOME, "None", ()),
        (Shape.SOME, "-", ()),
        (Shape.RANKING, "2>1>3", (2, 1, 3)),
        (Shape.RANKING, "2 > oak", (2, 1)),
        (Shape.RANKING, "3", (3,)),
        (Shape.RANKING, "none", ()),
        (Shape.TIED_RANKING, "2>1=3", ((2,), (1, 3))),
        (Shape.TIED_RANKING, "Elm = 3 > oak", ((2, 3), (1,))),
        (Shape.TIED_RANKING, "none", ()),
        (Shape.POINTS, "1:3 2:1", ((1, 3), (2, 1))),
        (Shape.POINTS, "1:3, 2:1", ((1, 3), (2, 1))),
        (Shape.POINTS, "oak: 3,elm :-1", ((1, 3), (2, -1))),
        (Shape.POINTS, "none", ()),
        (Shape.STAKES, "250", ((7, 250 * UNIT),)),
        (Shape.STAKES, "0.5", ((7, UNIT // 2),)),
        (Shape.STAKES, "0:1000 7:0", ((0, 1000 * UNIT), (7, 0))),
    ],
)
def test_a_ballot_is_written_in_one_line(shape: Shape, text: str, choice: object) -> None:
    assert parsed(shape, text, terms(closing_step=7)) == choice


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        (Shape.ONE, ""),
        (Shape.ONE, "oak elm"),
        (Shape.ONE, "1,2"),
        (Shape.ONE, "none"),
        (Shape.ONE, "9" * 5000),
        (Shape.SOME, ""),
        (Shape.SOME, "1,,3"),
        (Shape.SOME, "1,3,"),
        (Shape.SOME, "1>3"),
        (Shape.SOME, "birch"),
        (Shape.RANKING, "2,1,3"),
        (Shape.RANKING, "2>"),
        (Shape.RANKING, ">2"),
        (Shape.RANKING, "2>1=3"),
        (Shape.TIED_RANKING, "2>=1"),
        (Shape.TIED_RANKING, "2 1"),
        (Shape.POINTS, "1"),
        (Shape.POINTS, "1:"),
        (Shape.POINTS, "1:0.5"),
        (Shape.POINTS, "1:3:2"),
        (Shape.POINTS, "1:" + "9" * 5000),
    ],
)
def test_a_line_that_says_nothing_is_refused_with_an_example_and_the_choices(
    shape: Shape, text: str
) -> None:
    sentence = refused(shape, text, terms())
    assert "for example “" in sentence
    assert sentence.endswith("The choices: 1 Oak, 2 Elm, 3 Ash.")


@pytest.mark.parametrize(
    ("shape", "choices", "example"),
    [
        (Shape.ONE, 3, "Write the number or the name of one choice, for example “3” for Ash."),
        (Shape.SOME, 1, "Write the choices that you approve of, or none, for example “1” for Oak."),
        (Shape.RANKING, 1, "Write your ranking, best first, for example “1” for 1. Oak."),
        (Shape.RANKING, 2, "for example “2>1” for 1. Elm, 2. Oak."),
        (Shape.TIED_RANKING, 1, "with = between equals, for example “1” for 1. Oak."),
        (Shape.TIED_RANKING, 2, "with = between equals, for example “2>1” for 1. Elm, 2. Oak."),
        (Shape.TIED_RANKING, 5, "for example “2>1=3” for 1. Elm, 2. Oak and Ash."),
        (Shape.POINTS, 1, "for example “1:3” for Oak 3."),
        (Shape.POINTS, 5, "for example “1:3 2:1” for Oak 3, Elm 1."),
    ],
)
def test_the_example_is_made_of_the_proposals_own_choices(
    shape: Shape, choices: int, example: str
) -> None:
    assert example in refused(shape, "?", terms(choices))


@pytest.mark.parametrize("text", ["", "much", "-5", "1,000", "0:5 much", "1.5e3", "0:-5"])
def test_a_stake_that_is_no_amount_is_refused(text: str) -> None:
    assert refused(Shape.STAKES, text, terms(1)) == "Write how much you stake, for example “0.5”."


def test_names_may_hold_what_separates_choices() -> None:
    odd = Terms(("Oak, old", "Oak", "5 > 4", "a:b=c", "2024"))
    assert parsed(Shape.SOME, "oak, old, oak", odd) == (1, 2)
    assert parsed(Shape.SOME, "Oak Oak, old", odd) == (2, 1)
    assert parsed(Shape.RANKING, "5 > 4 > oak", odd) == (3, 2)
    assert parsed(Shape.TIED_RANKING, "A:B=C=5 > 4>oak", odd) == ((4, 3), (2,))
    assert parsed(Shape.POINTS, "a:b=c:2 oak, old:1", odd) == ((4, 2), (1, 1))
    assert parsed(Shape.ONE, "2024", odd) == 5


def test_a_line_of_numbers_means_numbers_whatever_the_choices_are_called() -> None:
    odd = Terms(("2", "1", "1, 2"))
    assert parsed(Shape.ONE, "1", odd) == 1
    assert parsed(Shape.SOME, "1, 2", odd) == (1, 2)


def test_a_name_that_two_choices_share_is_left_to_numbers() -> None:
    same = Terms(("Oak", "oak", "Elm"))
    assert "for example" in refused(Shape.ONE, "oak", same)
    assert parsed(Shape.ONE, "1", same) == 1
    assert parsed(Shape.ONE, "elm", same) == 3


def test_none_is_refused_where_a_choice_has_that_name() -> None:
    named = Terms(("Oak", "None"))
    assert refused(Shape.SOME, "none", named) == (
        "One choice has the name none: write 2 to choose it, or - to choose nothing."
    )
    assert parsed(Shape.SOME, "-", named) == ()
    assert parsed(Shape.ONE, "none", named) == 2
    assert parsed(Shape.SOME, "oak, none", named) == (1, 2)


@pytest.mark.parametrize(
    ("shape", "choice", "read"),
    [
        (Shape.ONE, 2, "Elm"),
        (Shape.SOME, (1,), "Oak"),
        (Shape.SOME, (1, 2), "Oak and Elm"),
        (Shape.SOME, (1, 2, 3), "Oak, Elm and Ash"),
        (Shape.SOME, (), "nothing (counted for turnout only)"),
        (Shape.RANKING, (1, 2), "1. Oak, 2. Elm"),
        (Shape.TIED_RANKING, ((2,), (1, 3)), "1. Elm, 2. Oak and Ash"),
        (Shape.POINTS, ((1, 3), (2, 1)), "Oak 3, Elm 1"),
        (Shape.POINTS, ((1, 1000), (2, -2)), "Oak 1,000, Elm -2"),
        (Shape.STAKES, ((0, 1000 * UNIT), (7, 0)), "1,000 from step 0 on, 0 from step 7 on"),
    ],
)
def test_a_receipt_says_the_ballot_in_words(shape: Shape, choice: Choice, read: str) -> None:
    assert words(shape, choice, terms().choices) == read


def test_a_refusal_names_the_first_choices_shortly_where_there_are_many() -> None:
    many = Terms(tuple(f"Choice {number} " + "x" * 100 for number in range(1, 101)))
    with pytest.raises(Refusal) as refusal:
        shapes.one(101, many)
    sentence = str(refusal.value)
    assert sentence.startswith("There is no choice 101 here. Choose from: 1 Choice 1 xxx")
    assert sentence.endswith("… and 75 more.")
    assert len(sentence) < 1300
    with pytest.raises(Refusal) as refusal:
        shapes.ranking([1], many, full=True)
    assert len(str(refusal.value)) < 1300


numbers = st.integers(1, 5)
amounts = st.integers(-(10**39), 10**39).filter(bool)


@given(
    st.one_of(
        st.tuples(st.just(Shape.ONE), numbers),
        st.tuples(st.just(Shape.SOME), st.sets(numbers).map(sorted).map(tuple)),
        st.tuples(st.just(Shape.RANKING), st.lists(numbers, unique=True).map(tuple)),
        st.tuples(
            st.just(Shape.TIED_RANKING),
            st.lists(st.lists(numbers, min_size=1).map(tuple)).map(tuple),
        ),
        st.tuples(
            st.just(Shape.POINTS),
            st.dictionaries(numbers, amounts).map(lambda given: tuple(sorted(given.items()))),
        ),
        st.tuples(
            st.just(Shape.STAKES),
            st.dictionaries(st.integers(0, 10**9 - 1), st.integers(0, 2**256 - 1), min_size=1).map(
                lambda given: tuple(sorted(given.items()))
            ),
        ),
    ),
    st.lists(st.text("ab12 ,:>=-", min_size=1, max_size=6), min_size=5, max_size=5),
)
def test_what_is_typed_for_a_ballot_reads_as_that_ballot(
    ballot: tuple[Shape, Choice], names: list[str]
) -> None:
    shape, choice = ballot
    if all(name.strip() != "-" for name in names):
        assert parsed(shape, typed(shape, choice), Terms(tuple(names))) == choice


@given(st.sampled_from(Shape), st.text(max_size=30))
def test_any_line_is_read_or_refused(shape: Shape, text: str) -> None:
    try:
        sentence = str(parsed(shape, text, terms()))
    except Refusal as refusal:
        sentence = str(refusal)
    assert len(sentence) < 300
