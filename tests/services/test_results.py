"""The result of a vote as a file: once it has been counted, and always the same."""

import pytest

from governance.ballot import RECUSED
from governance.errors import NotFound, Refusal
from governance.power import UNIT
from governance.proposal import Proposal
from governance.result import written
from governance.result_reading import read
from governance.result_recount import verified
from governance.voting.basic import ABSTAIN, AGAINST, FOR
from services.results import Results
from tests.services.hall import ANN, BEN, Hall, ballot, member
from tests.storage.databases import DAY, ELSEWHERE, HAMLET, TICK


@pytest.fixture
def results(hall: Hall) -> Results:
    return Results(hall.database, hall.clock)


async def counted(hall: Hall) -> Proposal:
    """A ranked vote of four members, one of them recused, after its count."""
    kind = await hall.type("Election", system="ranked_choice")
    proposal = await hall.opened(kind=kind, choices=("Oak", "Elm", "Ash"))
    await hall.deadlines.settle()
    for voter, choice in ((1, (1, 2)), (2, (1, 2)), (3, (3,)), (4, RECUSED)):
        await hall.writer.cast(ballot(proposal, voter, choice))  # type: ignore[arg-type]
    hall.clock.at = proposal.vote_end + TICK
    await hall.deadlines.settle()
    return await hall.now(proposal)


async def test_a_counted_vote_gives_an_exact_file(hall: Hall, results: Results) -> None:
    proposal = await counted(hall)
    file = read(written(await results.file(HAMLET, proposal.id)).encode())
    assert verified(file).problems == ()
    assert file["ballots"] == [
        [RECUSED, str(UNIT), 1],
        [[1, 2], str(UNIT), 2],
        [[3], str(UNIT), 1],
    ]
    assert file["result"]["outcome"]["winners"] == [[1, "Oak"]]


async def test_two_exports_are_the_same_to_the_byte(hall: Hall, results: Results) -> None:
    proposal = await counted(hall)
    first = written(await results.file(HAMLET, proposal.id))
    hall.clock.advance(DAY)
    assert written(await results.numbered(HAMLET, proposal.number)) == first


async def test_a_changed_ballot_shows_in_the_file(hall: Hall, results: Results) -> None:
    proposal = await counted(hall)
    async with hall.database.write() as connection:
        await connection.exec_driver_sql("UPDATE ballots SET choice = '[3]' WHERE voter_id = 1")
    problems = verified(await results.file(HAMLET, proposal.id)).problems
    assert any(problem.startswith("result.count.") for problem in problems)


async def test_what_is_not_counted_is_refused_with_the_reason(hall: Hall, results: Results) -> None:
    proposal = await hall.opened()
    with pytest.raises(Refusal, match="isn't over"):
        await results.file(HAMLET, proposal.id)
    hall.clock.at = proposal.vote_end + TICK
    with pytest.raises(Refusal, match="are being counted"):
        await results.file(HAMLET, proposal.id)
    other = await hall.proposed("Another")
    await hall.proposals.cancel(HAMLET, other.id, ANN, "Overtaken.")
    with pytest.raises(Refusal, match="was canceled before"):
        await results.numbered(HAMLET, other.number)


async def test_a_draft_has_no_result_and_is_its_authors_alone(hall: Hall, results: Results) -> None:
    draft = await hall.proposed()
    async with hall.database.write() as connection:
        await connection.exec_driver_sql(
            "UPDATE proposals SET submitted_at = NULL, shared_at = NULL"
        )
    with pytest.raises(Refusal, match="is a draft"):
        await results.file(HAMLET, draft.id, ANN.id)
    with pytest.raises(NotFound):
        await results.file(HAMLET, draft.id, BEN.id)


async def test_what_is_not_there_is_not_found(hall: Hall, results: Results) -> None:
    proposal = await hall.proposed()
    for guild_id, proposal_id in ((ELSEWHERE, proposal.id), (HAMLET, 999)):
        with pytest.raises(NotFound):
            await results.file(guild_id, proposal_id)
    with pytest.raises(NotFound, match="There is no proposal #9 in the server"):
        await results.numbered(HAMLET, 9)


async def delegated(hall: Hall, **rules: str) -> Proposal:
    """A vote in which 21 and 22 are carried by 23, who isn't recorded, and 25 votes itself.

    26 and 27 delegate in a circle.
    """
    kind = await hall.type("Trusting", **rules)
    await hall.delegated(m10021=10022, m10022=10023, m10025=10023, m10026=10027, m10027=10026)
    proposal = await hall.opened(kind=kind)
    await hall.deadlines.settle()
    for voter, choice in ((10023, FOR), (10025, AGAINST), (10030, AGAINST), (10023, ABSTAIN)):
        await hall.voting.cast(HAMLET, proposal.id, member(voter), choice)
    hall.clock.at = proposal.vote_end + TICK
    await hall.deadlines.settle()
    return await hall.now(proposal)


async def test_delegated_power_is_in_the_file_with_its_ways(hall: Hall, results: Results) -> None:
    proposal = await delegated(hall)
    file = read(written(await results.file(HAMLET, proposal.id)).encode())
    report = verified(file)
    assert report.problems == ()
    one = str(UNIT)
    assert file["ballots"] == [[AGAINST, one, 2], [ABSTAIN, str(3 * UNIT), 1]]
    links = file["delegations"]
    carrier = links.index([one, None, ABSTAIN])
    carried = links.index([one, carrier, None])
    assert [one, carrier, AGAINST] in links
    assert [one, carried, None] in links
    assert len(links) == 6
    assert "  members for whom another voted: 2 (power 2)" in report.lines
    assert file["electorate"]["recorded"] is False
    assert file["electorate"]["snapshot_at"]


async def test_a_file_with_delegations_is_always_the_same(
    hall: Hall, results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposal = await delegated(hall)
    first = written(await results.file(HAMLET, proposal.id))
    await hall.delegated(m10030=10023)
    hall.clock.advance(DAY)
    monkeypatch.setattr("storage.ballots._MOST_NAMED", 2)
    assert written(await results.file(HAMLET, proposal.id)) == first


async def test_both_houses_and_the_electorate_are_in_the_file(hall: Hall, results: Results) -> None:
    hall.register.listed = [member(who) for who in (*range(10021, 10031), 10040)]
    proposal = await delegated(
        hall,
        second_power="list(<@10021> 3, <@10030> 2)",
        second_quorum="10 %",
        delegation_cap="50 %",
    )
    file = read(written(await results.file(HAMLET, proposal.id)).encode())
    assert verified(file).problems == ()
    assert file["electorate"] == {
        "snapshot_at": proposal.snapshot_at and proposal.snapshot_at.isoformat("T", "microseconds"),
        "recorded": True,
        "members": 11,
        "power": str(11 * UNIT),
        "second": str(5 * UNIT),
    }
    assert [ABSTAIN, str(3 * UNIT), str(5 * UNIT // 2), 1] in file["ballots"]  # half at most
    assert file["result"]["second"]["count"]["scores"]["3"] == str(5 * UNIT // 2)


async def test_what_a_ballot_carries_is_not_changed_unseen(hall: Hall, results: Results) -> None:
    proposal = await delegated(hall)
    async with hall.database.write() as connection:
        await connection.exec_driver_sql(
            "UPDATE electorate SET delegate_id = 10025 WHERE member_id = 10022"
        )
    problems = verified(await results.file(HAMLET, proposal.id)).problems
    assert any(problem.startswith("delegations.") for problem in problems)
