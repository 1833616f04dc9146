"""Who may vote: members of the server when voting started, with the role if there is one."""

import pytest

from governance.electorate import Member, may_vote, require_may_vote
from governance.errors import NotAllowed
from governance.proposal import Proposal
from tests.governance.examples import DAY, TICK, member, proposal

BAKERS = 900
STARTS = proposal().vote_start


def refusal(who: Member, on: Proposal) -> str:
    with pytest.raises(NotAllowed) as refused:
        require_may_vote(who, on)
    return str(refused.value)


def test_a_member_may_vote() -> None:
    assert may_vote(member(), proposal())


def test_a_moderator_may_vote() -> None:
    assert may_vote(member(moderator=True), proposal())


def test_who_joined_by_the_start_of_voting_may_vote() -> None:
    assert may_vote(member(joined_at=STARTS), proposal())


def test_who_joined_later_may_not_and_learns_why() -> None:
    for later in (STARTS + TICK, STARTS + DAY):
        assert "joined after voting" in refusal(member(joined_at=later), proposal())


def test_a_guest_may_not_vote() -> None:
    assert "Join the server" in refusal(member(joined_at=None), proposal())


def test_a_bot_may_not_vote() -> None:
    assert "made by people" in refusal(member(bot=True), proposal())


def test_where_a_role_is_needed_its_holders_vote() -> None:
    holder = member(roles=frozenset({BAKERS, 901}))
    assert may_vote(holder, proposal(voting_role=BAKERS))


@pytest.mark.parametrize("roles", [frozenset(), frozenset({901})])
def test_where_a_role_is_needed_others_do_not_and_learn_which(roles: frozenset[int]) -> None:
    text = refusal(member(roles=roles), proposal(voting_role=BAKERS))
    assert f"<@&{BAKERS}>" in text
    assert "Ask a moderator" in text


def test_a_moderator_without_the_role_does_not_vote() -> None:
    assert "role" in refusal(member(moderator=True), proposal(voting_role=BAKERS))


def test_the_role_does_not_make_a_bot_or_a_newcomer_a_voter() -> None:
    on, roles = proposal(voting_role=BAKERS), frozenset({BAKERS})
    assert "people" in refusal(member(bot=True, roles=roles), on)
    assert "joined after" in refusal(member(joined_at=STARTS + TICK, roles=roles), on)


def test_everybody_holds_the_role_that_is_not_set() -> None:
    assert member().has(None)
    assert not member().has(BAKERS)
    assert member(roles=frozenset({BAKERS})).has(BAKERS)
