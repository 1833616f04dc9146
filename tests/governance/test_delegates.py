"""What a delegate's profile holds, whom it carries, and how alike two members vote."""

import json
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.ballot import RECUSED
from governance.delegates import Profile, agreement, followers
from governance.errors import Refusal

EMPTY = Profile()


def test_whoever_has_no_profile_accepts_and_is_told() -> None:
    assert (EMPTY.accepting, EMPTY.tells, EMPTY.statement) == (True, True, "")
    assert Profile.from_stored({}) == EMPTY


def test_a_profile_is_kept_as_it_was_written() -> None:
    profile = Profile(accepting=False).written(" I mend. ", "treasury, Wells", "None", ["Treasury"])
    assert profile == Profile("I mend.", ("Treasury", "Wells"), "None", accepting=False)
    assert Profile.from_stored(json.loads(json.dumps(profile.stored()))) == profile


def test_an_empty_text_takes_the_profile_from_the_list_and_keeps_the_rest() -> None:
    profile = Profile("I mend.", ("Wells",), "None", accepting=False, tells=False)
    assert profile.written(" ", "", "", []) == Profile(accepting=False, tells=False)


@pytest.mark.parametrize(
    ("statement", "topics", "conflicts", "sentence"),
    [
        ("x" * 1001, "", "", "statement has 1,001 characters"),
        ("x", "", "x" * 501, "conflicts of interest has 501 characters"),
        ("x", "a, b, c, d, e, f", "", "There are 6 topics. Choose 5 at most"),
        ("x", "Wells, wells", "", "there twice"),
        ("x", "y" * 41, "", "is too long"),
        ("", "Wells", "", "The statement is empty"),
        ("\u200b", "", "I own the well.", "The statement is empty"),
    ],
)
def test_what_has_no_room_or_no_statement_is_refused(
    statement: str, topics: str, conflicts: str, sentence: str
) -> None:
    with pytest.raises(Refusal, match=sentence):
        EMPTY.written(statement, topics, conflicts, [])


def test_a_profile_is_found_by_any_of_its_texts_whatever_their_case() -> None:
    profile = Profile("I mend WELLS.", ("Straße",), "Owns a pond")
    assert all(map(profile.fits, ("wells", "STRASSE", "Pond", "")))
    assert not profile.fits("bridge")


def test_members_are_carried_through_others_too() -> None:
    assert followers({6: 7, 7: 8, 15: 10, 10: 9}) == {7: 1, 8: 2, 10: 1, 9: 2}
    assert followers({}) == {}


def test_in_a_circle_everybody_carries_all_others() -> None:
    assert followers({1: 2, 2: 3, 3: 1, 9: 2}) == {1: 3, 2: 3, 3: 3}
    assert followers({1: 2, 2: 1, 3: 4, 4: 3}) == {1: 1, 2: 1, 3: 1, 4: 1}


def reaching(trust: dict[int, int], delegate: int) -> int:
    """How many others come to a delegate if they follow their trust, each one walked."""
    found = set()
    for member in trust:
        at, seen = member, set[int]()
        while at in trust and at not in seen:
            seen.add(at)
            at = trust[at]
            if at == delegate:
                found.add(member)
    return len(found - {delegate})


@given(st.dictionaries(st.integers(1, 9), st.integers(1, 9)))
def test_who_is_carried_is_who_comes_to_the_delegate(trust: dict[int, int]) -> None:
    trust = {member: delegate for member, delegate in trust.items() if member != delegate}
    carried = followers(trust)
    assert all(carried[each] == reaching(trust, each) for each in range(1, 10))


def test_the_order_in_which_trust_was_given_does_not_matter() -> None:
    trust = {1: 2, 2: 3, 4: 3, 3: 5, 6: 5, 5: 3}
    assert (
        len({tuple(sorted(followers(dict(o)).items())) for o in permutations(trust.items())}) == 1
    )


def test_agreement_is_the_share_of_equal_choices_among_sides_taken() -> None:
    ranking = (2, 1, 3)
    votes = [
        ("basic", 1, 1),
        ("basic", 1, 2),
        ("ranked_choice", ranking, ranking),
        ("basic", RECUSED, RECUSED),
        ("basic", 1, RECUSED),
        ("quadratic", ((1, 3),), ((1, 3),)),
        ("conviction", ((0, 5),), ((0, 5),)),
    ]
    assert agreement(votes) == (2, 3)
    assert agreement([]) == (0, 0)
