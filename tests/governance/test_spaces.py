"""Spaces inherit setting by setting, may be bound from above, and never lie below themselves."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance import options
from governance.errors import NotAllowed, Refusal
from governance.options import DAY, Kind, Quorum
from governance.power import UNIT
from governance.proposal import Cancellation, Proposal, require_cancelable
from governance.settings import ABOUT, OF_SPACES, TYPES, Settings
from governance.spaces import (
    DEEPEST,
    SETTINGS,
    Space,
    below,
    is_offered,
    line_to,
    require_guardian_above,
    require_open,
    require_place,
    require_topic,
    rules_in,
    setting_names,
    settings_of,
    source,
    space_name,
    topic_named,
    tree,
)
from governance.types import STANDARD, ProposalType
from tests.governance.examples import AUTHOR, MADE, OTHER, TICK, member, proposal, votes

_OF_KIND: dict[Kind, Any] = {
    Kind.CHANNEL: st.integers(1, 9),
    Kind.ROLE: st.one_of(st.none(), st.integers(1, 9)),
    Kind.COUNT: st.integers(0, 9),
    Kind.DURATION: st.integers(1, 9).map(lambda days: days * DAY),
}
own = st.fixed_dictionaries(
    {}, optional={name: _OF_KIND[about.kind] for name, about in SETTINGS.items()}
)
reserved = st.lists(st.sampled_from([*OF_SPACES, TYPES]), unique=True, max_size=4).map(tuple)
servers = st.builds(lambda values, names: Settings(**{**values, "reserved": names}), own, reserved)


def space(number: int, parent: int | None = None, **more: Any) -> Space:
    return Space(number, 7, parent, f"Space {number}", **{"changes": {}, **more})


@st.composite
def lines(draw: st.DrawFn) -> list[Space]:
    """A line of up to five spaces, with what each sets and reserves."""
    return [
        space(n, n - 1 or None, changes=options.stored(draw(own)), reserved=draw(reserved))
        for n in range(1, draw(st.integers(0, DEEPEST)) + 1)
    ]


def values(settings: Settings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in OF_SPACES}


def nearest(server: Settings, line: Sequence[Space], name: str) -> Any:
    """What inheritance means, said another way: who sets it last before it is reserved."""
    value, free = getattr(server, name), name not in server.reserved
    for each in line:
        if free and name in each.changes:
            value = options.from_stored(each.changes, ABOUT)[name]
        free = free and name not in each.reserved
    return value


@given(servers, lines())
def test_each_setting_is_that_of_the_nearest_who_sets_it_unless_it_is_reserved_above(
    server: Settings, line: list[Space]
) -> None:
    found = settings_of(server, line)
    assert values(found) == {name: nearest(server, line, name) for name in OF_SPACES}
    assert set(found.reserved) == set(server.reserved).union(*(each.reserved for each in line))


@given(servers, lines())
def test_what_a_setting_comes_from_is_who_sets_it(server: Settings, line: list[Space]) -> None:
    settings = settings_of(server, line)
    for name in OF_SPACES:
        found = source(server, line, name)
        held = options.from_stored(found.changes, ABOUT)[name] if found else getattr(server, name)
        assert held == getattr(settings, name)


@given(servers)
def test_a_space_that_sets_nothing_has_all_from_above(server: Settings) -> None:
    assert settings_of(server, []) == server
    assert settings_of(server, [space(1)]) == server


@given(servers, lines(), st.sampled_from(OF_SPACES))
def test_what_is_reserved_later_overrides_what_those_below_set_already(
    server: Settings, line: list[Space], name: str
) -> None:
    bound = replace(server, reserved=(*server.reserved, name))
    assert getattr(settings_of(bound, line), name) == getattr(server, name)
    assert source(bound, line, name) is None


@given(servers, lines())
def test_what_concerns_the_whole_server_is_never_a_spaces(
    server: Settings, line: list[Space]
) -> None:
    alone = [name for name in ABOUT if name not in (*OF_SPACES, "reserved")]
    loud = [
        replace(each, changes={**each.changes, "topics": ["Own"], "reputation_for_voting": 9})
        for each in line
    ]
    found = settings_of(server, loud)
    assert [getattr(found, name) for name in alone] == [getattr(server, name) for name in alone]


def test_a_space_changes_some_settings_and_takes_others_from_above_again() -> None:
    garden = space(1).with_changes(Settings(), {"quorum": 5, "voting_period": "1w"})
    assert settings_of(Settings(), [garden]) == Settings(quorum=5, voting_period=timedelta(days=7))
    garden = garden.with_changes(Settings(), {"voting_role": 9}, ["quorum"])
    assert settings_of(Settings(quorum=3), [garden]).quorum == 3
    assert garden.changes == {"voting_period": 7 * 86400, "voting_role": 9}


def test_a_space_may_let_everyone_vote_where_above_only_a_role_does() -> None:
    garden = space(1).with_changes(Settings(voting_role=9), {"voting_role": None})
    assert settings_of(Settings(voting_role=9), [garden]).voting_role is None


def test_what_is_reserved_out_of_bounds_or_contradictory_is_refused() -> None:
    above = Settings(reserved=("quorum",))
    with pytest.raises(Refusal, match="quorum is reserved above this space"):
        space(1).with_changes(above, {"quorum": 5})
    with pytest.raises(Refusal, match="voting_period must be from"):
        space(1).with_changes(above, {"voting_period": "99w"})
    with pytest.raises(Refusal, match="can't be set and inherited at once"):
        space(1).with_changes(above, {"voting_role": 5}, ["voting_role"])


@pytest.mark.parametrize("text", ["quorum, types", "types;quorum", "quorum,\ntypes"])
def test_settings_are_named_one_by_one(text: str) -> None:
    assert set(setting_names(text, types=True)) == {"quorum", "types"}
    assert setting_names("none") == ()


def test_names_that_are_no_settings_of_spaces_are_refused() -> None:
    with pytest.raises(Refusal, match=r"“topics” is none of the settings .*: proposals_channel, "):
        setting_names("quorum, topics")
    with pytest.raises(Refusal, match="types can be reserved, but there is nothing to inherit"):
        setting_names("types")
    with pytest.raises(Refusal, match="“colour” is none"):
        Settings().with_changes({"reserved": "colour"})
    assert Settings().with_changes({"reserved": "types"}).reserved == ("types",)


# The tree.

_CHAIN = {n: space(n, n - 1 or None) for n in range(1, DEEPEST + 1)}


def test_the_line_of_a_space_leads_from_the_top_down_to_it() -> None:
    assert [each.id for each in line_to(_CHAIN, 3)] == [1, 2, 3]
    assert line_to(_CHAIN, None) == line_to(_CHAIN, 0) == []


@given(st.data())
def test_no_move_that_is_allowed_makes_a_space_its_own_ancestor_or_too_deep(
    data: st.DataObject,
) -> None:
    spaces: dict[int, Space] = {}
    for number in range(1, data.draw(st.integers(1, 9)) + 1):
        parent = data.draw(st.sampled_from([None, *spaces]))
        if len(line_to(spaces, parent)) < DEEPEST:
            require_place(spaces, parent, None)
            spaces[number] = space(number, parent)
    for _ in range(5):
        moved = spaces[data.draw(st.sampled_from(list(spaces)))]
        parent = data.draw(st.sampled_from([None, *spaces]))
        circle = moved in line_to(spaces, parent)
        try:
            require_place(spaces, parent, moved)
        except Refusal as refusal:
            deep = "deep at most" in str(refusal)
            assert circle != deep
        else:
            assert not circle
            spaces[moved.id] = replace(moved, parent_id=parent)
        assert all(len(line_to(spaces, each)) <= DEEPEST for each in spaces)
    assert sorted(each.id for _, each in tree(spaces.values())) == sorted(spaces)


def test_a_space_below_itself_and_one_too_deep_are_refused() -> None:
    with pytest.raises(Refusal, match="can't be put below itself"):
        require_place(_CHAIN, 1, _CHAIN[1])
    with pytest.raises(Refusal, match="can't be put below itself"):
        require_place(_CHAIN, 4, _CHAIN[2])
    with pytest.raises(Refusal, match="5 deep at most"):
        require_place(_CHAIN, DEEPEST, None)
    other = {**_CHAIN, 8: space(8)}
    with pytest.raises(Refusal, match="5 deep at most"):
        require_place(other, 8, _CHAIN[1])
    require_place(other, 8, _CHAIN[2])


def test_the_tree_is_in_the_order_of_names_without_archived_spaces() -> None:
    spaces = [
        replace(space(1), name="works"),
        replace(space(2), name="Gardens"),
        replace(space(3, 1), name="Roads"),
        replace(space(4, 1), name="Wells", archived_at=MADE),
    ]
    assert [(depth, each.name) for depth, each in tree(spaces)] == [
        (0, "Gardens"),
        (0, "works"),
        (1, "Roads"),
    ]
    assert [each.name for each in below(spaces, 1)] == ["Roads"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("  ", "needs a name"), ("None", "needs a name"), ("x" * 41, "has 41 characters")],
)
def test_a_name_that_cant_be_one_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(Refusal, match=sentence):
        space_name(text)


def test_a_name_is_one_line() -> None:
    assert space_name(" The \n Gardens ") == "The Gardens"
    assert space_name("x" * 40) == "x" * 40


def test_nothing_new_is_decided_in_an_archived_space() -> None:
    require_open([])
    require_open([space(1)])
    with pytest.raises(Refusal, match="“Space 2” is archived"):
        require_open([space(1), space(2, 1, archived_at=MADE)])


# Who changes them.


def test_moderators_and_guardians_of_a_space_above_change_one() -> None:
    parents = [space(1, changes={"guardian_role": 5}), space(2, 1, changes={"guardian_role": 6})]
    for roles in ({4}, {5}, {6}):
        require_guardian_above(Settings(guardian_role=4), parents, member(roles=frozenset(roles)))
    require_guardian_above(Settings(), parents, member(moderator=True))
    for roles in (set[int](), {4}, {9}):
        with pytest.raises(NotAllowed, match="guardians of a space above it"):
            require_guardian_above(Settings(), parents, member(roles=frozenset(roles)))
    with pytest.raises(NotAllowed):
        require_guardian_above(Settings(), parents[:1], member(roles=frozenset({6})))


# Rules, types and topics.


def test_a_proposal_has_the_rules_of_its_space() -> None:
    garden = space(1, changes={"quorum": 5, "guardian_role": 6})
    rules = rules_in(STANDARD, Settings(quorum=2, veto_window=DAY, guardian_role=4), [garden])
    assert rules.quorum == Quorum(5 * UNIT)
    assert (rules.guardian_role, rules.veto_role, rules.veto_window) == (6, 4, DAY)
    bed = space(2, 1, changes={"veto_window": 0})
    rules = rules_in(STANDARD, Settings(veto_window=DAY), [garden, bed])
    assert (rules.guardian_role, rules.veto_role, rules.veto_window) == (6, 6, DAY * 0)


def test_nobody_is_above_the_server_who_could_veto() -> None:
    rules = rules_in(STANDARD, Settings(veto_window=DAY, guardian_role=4), [])
    assert (rules.veto_window, rules.veto_role, rules.guardian_role) == (DAY * 0, None, 4)


def test_a_type_is_offered_in_its_space_and_below_it_unless_types_are_reserved() -> None:
    works, roads, garden = space(1), space(2, 1), space(3)
    budget = ProposalType("Budget", {}, space_id=1)
    server, bound = Settings(), Settings(reserved=(TYPES,))
    assert is_offered(STANDARD, server, [])
    assert is_offered(STANDARD, bound, [works])
    assert [
        is_offered(budget, server, line) for line in ([], [works], [works, roads], [garden])
    ] == [False, True, True, False]
    assert not is_offered(budget, bound, [works])
    assert is_offered(budget, server, [replace(works, reserved=(TYPES,)), roads])
    lower = replace(budget, space_id=2)
    assert not is_offered(lower, server, [replace(works, reserved=(TYPES,)), roads])


def test_a_type_of_a_space_has_no_rule_that_is_reserved_above_it() -> None:
    budget = ProposalType("Budget", {"quorum": str(9 * UNIT), "sponsors": 2}, space_id=1)
    free = rules_in(budget, Settings(quorum=3), [space(1)])
    bound = rules_in(budget, Settings(quorum=3, reserved=("quorum",)), [space(1)])
    assert (free.quorum, free.sponsors) == (Quorum(9 * UNIT), 2)
    assert (bound.quorum, bound.sponsors) == (Quorum(3 * UNIT), 2)
    everywhere = replace(budget, space_id=0)
    assert rules_in(everywhere, Settings(reserved=("quorum",)), [space(1)]).quorum.power == 9 * UNIT


def test_a_topic_is_one_of_the_servers_whatever_its_case() -> None:
    settings = Settings(topics=("Treasury", "Events"))
    assert topic_named(settings, " treasury ") == "Treasury"
    assert topic_named(settings, "") == ""
    with pytest.raises(Refusal, match=r"no topic “War” in this server\. Choose one of: Tr"):
        topic_named(settings, "War")
    with pytest.raises(Refusal, match="it has no topics"):
        topic_named(Settings(), "War")


# Cancelling and vetoing. The guardians of the space hold 6, those above it 4.


def decided(*, won: bool = True, **changes: Any) -> Proposal:
    """A decision of a space, counted a moment after its vote."""
    rules = {"guardian_role": 6, "veto_role": 4, "veto_window": DAY}
    made = proposal(rules=rules, tally=votes(in_favour=2, against=0 if won else 3), **changes)
    return replace(made, counted_at=made.vote_end + TICK)


END = decided().vote_end + TICK + DAY


@pytest.mark.parametrize(("moderator", "roles"), [(True, ()), (False, (4,)), (False, (6,))])
def test_a_decision_is_vetoed_within_the_window_and_not_after(
    moderator: bool, roles: tuple[int, ...]
) -> None:
    require_cancelable(decided(), OTHER, moderator, END, roles)
    with pytest.raises(Refusal, match="#12 can't be vetoed any more"):
        require_cancelable(decided(), OTHER, moderator, END + TICK, roles)


@pytest.mark.parametrize("roles", [(), (9,)])
def test_others_dont_veto(roles: tuple[int, ...]) -> None:
    with pytest.raises(NotAllowed, match="only <@&6>, <@&4> or a moderator can cancel it now"):
        require_cancelable(decided(), OTHER, False, END, roles)
    with pytest.raises(NotAllowed):
        require_cancelable(decided(), AUTHOR, False, END, roles)


def test_guardians_above_a_space_wait_for_its_decision() -> None:
    running = replace(decided(), counted_at=None)
    with pytest.raises(NotAllowed):
        require_cancelable(running, OTHER, False, running.vote_end, (4,))
    require_cancelable(running, OTHER, False, running.vote_end, (6,))
    require_cancelable(running, OTHER, True, running.vote_end)


def test_what_waits_for_its_execution_is_canceled_by_its_own_guardians_only() -> None:
    queued = decided(eta=END + DAY)
    require_cancelable(queued, OTHER, False, END + TICK, (6,))
    require_cancelable(queued, OTHER, True, END + TICK)
    with pytest.raises(Refusal, match="can't be vetoed any more"):
        require_cancelable(queued, OTHER, False, END + TICK, (4,))


def test_only_a_decision_that_succeeded_has_a_time_for_a_veto() -> None:
    won, lost = decided(), decided(won=False)
    assert won.veto_until == END
    assert lost.veto_until is None
    with pytest.raises(Refusal, match="nothing left to cancel"):
        require_cancelable(lost, OTHER, True, END)
    assert replace(won, counted_at=None).veto_until is None
    assert not won.is_vetoed
    said = Cancellation(END, OTHER, "It floods the mill.")
    assert replace(won, canceled=said).is_vetoed
    assert not proposal(canceled=said).is_vetoed


def test_nothing_new_is_proposed_in_a_topic_that_was_removed() -> None:
    require_topic(Settings(topics=("Rules",)), "")
    require_topic(Settings(topics=("rules",)), "Rules")
    with pytest.raises(Refusal, match="no topic “Rules” in this server any more"):
        require_topic(Settings(topics=("Treasury",)), "Rules")
