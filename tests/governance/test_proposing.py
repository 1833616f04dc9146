"""Who may propose and sponsor, and how often."""

import pytest

from governance.electorate import may_vote, may_vote_now, require_may_vote
from governance.errors import NotAllowed, Refusal
from governance.power import UNIT
from governance.proposing import Record, fitting, require_may_propose, require_may_sponsor
from governance.rules import Rules
from governance.texts import Text
from tests.governance.examples import AUTHOR, DAY, MADE, TICK, member, proposal

NONE = Record(0, None)


def test_everybody_proposes_where_nothing_says_otherwise() -> None:
    require_may_propose(Rules(), member(), 0, NONE, MADE)


def test_a_bot_proposes_nothing() -> None:
    with pytest.raises(NotAllowed, match="made by people"):
        require_may_propose(Rules(), member(bot=True), UNIT, NONE, MADE)


def test_proposing_can_be_left_to_a_role() -> None:
    rules = Rules(proposing_role=9)
    require_may_propose(rules, member(roles=frozenset({9})), UNIT, NONE, MADE)
    with pytest.raises(NotAllowed, match="<@&9>"):
        require_may_propose(rules, member(), UNIT, NONE, MADE)


def test_proposing_can_take_voting_power() -> None:
    rules = Rules(proposal_threshold=2)
    require_may_propose(rules, member(), 2 * UNIT, NONE, MADE)
    with pytest.raises(NotAllowed, match="takes 2 votes, and you have 1"):
        require_may_propose(rules, member(), 2 * UNIT - UNIT, NONE, MADE)


def test_an_author_has_so_many_open_proposals_at_most() -> None:
    rules = Rules(max_open=2)
    require_may_propose(rules, member(), UNIT, Record(1, MADE), MADE)
    with pytest.raises(Refusal, match="2 open proposals"):
        require_may_propose(rules, member(), UNIT, Record(2, MADE), MADE)


def test_an_author_waits_between_two_proposals() -> None:
    rules, before = Rules(cooldown=DAY), Record(0, MADE)
    require_may_propose(rules, member(), UNIT, before, MADE + DAY)
    with pytest.raises(Refusal, match=f"1 day must pass.*<t:{int((MADE + DAY).timestamp())}:R>"):
        require_may_propose(rules, member(), UNIT, before, MADE + DAY - TICK)


def test_an_author_keeps_so_many_drafts_at_most() -> None:
    require_may_propose(Rules(), member(), UNIT, Record(0, None, drafts=24), MADE)
    with pytest.raises(Refusal, match="You have 25 drafts"):
        require_may_propose(Rules(), member(), UNIT, Record(0, None, drafts=25), MADE)


def test_a_text_keeps_what_its_system_asks_for() -> None:
    text = Text("Trees", "Which?", choices=("Oak", "Elm"), amount=5)
    without = Text("Trees", "Which?")
    assert fitting(Rules(), text) == without
    assert fitting(Rules(system="approval"), text) == Text("Trees", "Which?", choices=text.choices)
    assert fitting(Rules(system="conviction"), text) == Text("Trees", "Which?", amount=5)


def test_other_members_sponsor_a_draft_once_each() -> None:
    draft = proposal(rules={"sponsors": 2}, submitted_at=None, sponsors=(44,))
    require_may_sponsor(draft, member(id=55), 1, MADE)
    for who, said in ((member(id=44), "already"), (member(id=AUTHOR), "own proposal")):
        with pytest.raises(Refusal, match=said):
            require_may_sponsor(draft, who, 1, MADE)
    with pytest.raises(NotAllowed, match="made by people"):
        require_may_sponsor(draft, member(bot=True), 1, MADE)
    with pytest.raises(NotAllowed, match="Guests can't sponsor"):
        require_may_sponsor(draft, member(id=55, joined_at=None), 1, MADE)


def test_who_read_an_earlier_version_reads_again_before_sponsoring() -> None:
    draft = proposal(rules={"sponsors": 2}, submitted_at=None, version=2)
    require_may_sponsor(draft, member(id=55), 2, MADE)
    with pytest.raises(Refusal, match="edited meanwhile"):
        require_may_sponsor(draft, member(id=55), 1, MADE)


def test_only_who_may_vote_may_sponsor_and_only_a_draft() -> None:
    draft = proposal(rules={"sponsors": 1}, submitted_at=None, voting_role=9)
    require_may_sponsor(draft, member(roles=frozenset({9})), 1, MADE)
    with pytest.raises(NotAllowed, match="<@&9>"):
        require_may_sponsor(draft, member(), 1, MADE)
    with pytest.raises(Refusal, match="needs no sponsors"):
        require_may_sponsor(proposal(), member(), 1, MADE)


def test_a_draft_misses_as_many_sponsors_as_its_rules_ask_for() -> None:
    draft = proposal(rules={"sponsors": 2}, submitted_at=None, sponsors=(44,))
    assert draft.missing_sponsors == 1
    assert proposal(sponsors=(44,)).missing_sponsors == 0


def test_signers_alone_sign() -> None:
    signed = proposal(rules={"system": "multisig", "signers": (33, 44), "signatures": 1})
    assert may_vote(member(id=33), signed)
    with pytest.raises(NotAllowed, match="Only its signers"):
        require_may_vote(member(id=55), signed)


def test_only_who_may_vote_has_the_power_to_propose() -> None:
    assert may_vote_now(member(), Rules())
    assert not may_vote_now(member(), Rules(voting_role=9))
    assert not may_vote_now(member(bot=True), Rules())
    assert not may_vote_now(member(joined_at=None), Rules())
