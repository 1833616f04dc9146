"""Proposals are kept exactly, numbered without gaps, and found again."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import event

from governance.counts import as_json
from governance.options import Quorum
from governance.proposal import Cancellation, Proposal, Tally
from governance.rules import Rules
from governance.texts import Text
from governance.voting.system import Count
from storage import ballots, proposals, settings
from storage.database import Database
from tests.storage.databases import (
    ANN,
    BEN,
    DAY,
    ELSEWHERE,
    HAMLET,
    NOW,
    RULES,
    SETTINGS,
    TICK,
    WELL,
)


@pytest.fixture(autouse=True)
async def _servers(database: Database) -> None:
    async with database.write() as connection:
        await settings.save(connection, HAMLET, SETTINGS, None)
        await settings.save(connection, ELSEWHERE, SETTINGS, None)


async def add(
    database: Database,
    title: str = WELL.title,
    *,
    guild_id: int = HAMLET,
    rules: Rules = RULES,
    author_id: int = ANN,
) -> Proposal:
    async with database.write() as connection:
        written = replace(WELL, title=title)
        return await proposals.add(connection, guild_id, author_id, written, rules, NOW)


async def get(database: Database, proposal_id: int) -> Proposal:
    async with database.read() as connection:
        found = await proposals.get(connection, proposal_id)
    assert found
    return found


async def titled(database: Database, typed: str) -> list[str]:
    async with database.read() as connection:
        found = await proposals.page(connection, proposals.titled(HAMLET, typed), limit=50)
    return [each.text.title for each in found]


# What is kept


async def test_a_new_proposal_holds_what_was_written_and_the_rules_of_that_moment(
    database: Database,
) -> None:
    added = await add(database)
    assert added == Proposal(
        id=added.id,
        guild_id=HAMLET,
        number=1,
        author_id=ANN,
        type="Proposal",
        space_id=0,
        topic="",
        text=WELL,
        version=1,
        rules=RULES,
        created_at=NOW,
        shared_at=NOW,
        ready_at=None,
        submitted_at=NOW,
        opened_at=None,
        sponsors=(),
        vote_start=NOW + DAY,
        vote_end=NOW + 4 * DAY,
        quorum_reached_at=None,
        ended_at=None,
        snapshot_at=None,
        electors=0,
        recorded=False,
        electorate=None,
        second_electorate=None,
        seed=None,
        elsewhere=(),
        removed=(),
        canceled=None,
        counted_at=None,
        count=None,
        second_count=None,
        eta=None,
        executed_at=None,
        tally=Tally(),
        revision=1,
        channel_id=None,
        message_id=None,
        thread_id=None,
    )
    assert await get(database, added.id) == added


@pytest.mark.parametrize(
    "rules",
    [
        RULES,
        Rules(voting_delay=timedelta(), voting_period=timedelta(minutes=1)),
        Rules(quorum=Quorum(2**256 - 1), voting_delay=DAY * 90, voting_role=2**63 - 1),
        Rules(system="multisig", signers=(2**63 - 1, 1), signatures=2, quiet_ending=DAY),
        Rules(quorum=Quorum(share=Fraction(1, 3)), threshold=Fraction(2, 3), secrecy="tally"),
    ],
)
async def test_the_rules_are_kept_exactly(database: Database, rules: Rules) -> None:
    added = await add(database, rules=rules)
    assert (await get(database, added.id)).rules == rules
    assert added.vote_end - added.vote_start == rules.voting_period


async def test_ids_of_sixty_four_bits_and_texts_of_every_script_are_kept(
    database: Database,
) -> None:
    largest = 2**63 - 1
    written = Text("修理 🪣 " * 10, "Grüße\n```py\nx = '%_\\'\n```" * 50, "https://bücher.example")
    async with database.write() as connection:
        await settings.save(connection, largest, SETTINGS, None)
        added = await proposals.add(connection, largest, largest, written, RULES, NOW)
        await proposals.place(
            connection, added.id, channel_id=largest, message_id=largest - 1, thread_id=largest - 2
        )
    found = await get(database, added.id)
    assert (found.text, found.guild_id, found.author_id) == (written, largest, largest)
    assert (found.channel_id, found.message_id, found.thread_id) == (
        largest,
        largest - 1,
        largest - 2,
    )


async def test_a_cancellation_is_kept_with_its_reason(database: Database) -> None:
    added = await add(database)
    async with database.write() as connection:
        await proposals.change(
            connection, added.id, canceled_at=NOW + TICK, canceled_by=BEN, cancel_reason="Enough."
        )
    assert (await get(database, added.id)).canceled == Cancellation(NOW + TICK, BEN, "Enough.")


async def test_a_proposal_that_is_not_there_is_not_found(database: Database) -> None:
    async with database.read() as connection:
        assert await proposals.get(connection, 1) is None
        assert await proposals.by_ids(connection, [1, 2]) == {}
        assert await proposals.by_ids(connection, []) == {}
        assert await proposals.by_number(connection, HAMLET, 1) is None


async def test_locked_again_an_open_vote_is_read_as_it_is_by_now(database: Database) -> None:
    added = await add(database)
    tally = Tally({1: 3}, power=3, ballots=1, voters=1, stakes=((0, 3),), supporters=1)
    now = replace(
        added,
        opened_at=NOW,
        vote_end=NOW + timedelta(days=9),
        quorum_reached_at=NOW,
        ended_at=NOW,
        electorate=5,
        second_electorate=6,
        seed=b"lot",
        elsewhere=((1, 2),),
        removed=(BEN,),
        canceled=Cancellation(NOW, ANN, "No."),
        counted_at=NOW,
        count=Count(1, 3, {1: 3}, ()),
        second_count=Count(0, 0, {}, ()),
        eta=NOW,
        executed_at=NOW,
        tally=tally,
        channel_id=1,
        message_id=2,
        thread_id=3,
    )
    async with database.write() as connection:
        await ballots.save_tally(connection, [now])
        await proposals.place(connection, now.id, channel_id=1, message_id=2, thread_id=3)
        await proposals.change(
            connection,
            now.id,
            opened_at=NOW,
            electorate=5,
            second_electorate=6,
            seed=b"lot",
            canceled_at=NOW,
            canceled_by=ANN,
            cancel_reason="No.",
            counted_at=NOW,
            final_count=as_json(Count(1, 3, {1: 3}, ())),
            final_second=as_json(Count(0, 0, {}, ())),
            eta=NOW,
            executed_at=NOW,
        )
        again = await proposals.lock_again(connection, {added.id: added})
        assert again == await proposals.lock(connection, [added.id])
        assert again == {now.id: replace(now, revision=now.revision + 1)}
        assert await proposals.lock_again(connection, {99: added}) == {}


# Versions


async def test_every_version_of_a_text_stays(database: Database) -> None:
    added = await add(database)
    texts = [WELL, Text("Mend it", "Now."), Text("Mend it", "Soon.", "https://example.org")]
    async with database.write() as connection:
        for text_ in texts[1:]:
            current = (await proposals.lock(connection, [added.id]))[added.id]
            assert await proposals.rewrite(connection, current, text_, NOW) == current.version + 1
    async with database.read() as connection:
        kept = [await proposals.text_of_version(connection, added.id, n) for n in (1, 2, 3, 4)]
    assert kept == [*texts, None]
    now = await get(database, added.id)
    assert (now.text, now.version) == (texts[2], 3)


async def test_a_proposal_is_found_by_the_title_it_has_now(database: Database) -> None:
    added = await add(database, "Mend the well")
    async with database.write() as connection:
        await proposals.rewrite(connection, added, Text("Dig a pond", "Deep."), NOW)
    assert await titled(database, "POND") == ["Dig a pond"]
    assert await titled(database, "well") == []


# Numbers


async def test_numbers_count_up_within_each_server(database: Database) -> None:
    numbers = [(await add(database)).number for _ in range(3)]
    assert numbers == [1, 2, 3]
    assert (await add(database, guild_id=ELSEWHERE)).number == 1
    assert (await add(database)).number == 4


async def test_proposals_at_the_same_time_get_numbers_without_gaps(database: Database) -> None:
    servers = [HAMLET, ELSEWHERE] * 15
    added = await asyncio.gather(*(add(database, guild_id=each) for each in servers))
    for server in (HAMLET, ELSEWHERE):
        numbers = sorted(each.number for each in added if each.guild_id == server)
        assert numbers == list(range(1, 16))


async def test_a_proposal_that_failed_leaves_no_gap(database: Database) -> None:
    async def fail() -> None:
        async with database.write() as connection:
            await proposals.add(connection, HAMLET, ANN, WELL, RULES, NOW)
            raise RuntimeError("the power is gone")

    await add(database)
    with pytest.raises(RuntimeError):
        await fail()
    assert (await add(database)).number == 2


async def test_a_number_leads_to_the_proposal_of_its_own_server(database: Database) -> None:
    here, there = await add(database), await add(database, guild_id=ELSEWHERE)
    async with database.read() as connection:
        assert await proposals.by_number(connection, HAMLET, 1) == here
        assert await proposals.by_number(connection, ELSEWHERE, 1) == there
        assert await proposals.by_number(connection, HAMLET, 2) is None


# Titles


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("Mend the well", "mend THE"),
        ("Mend the well", "well"),
        ("Große Brücke", "GROSSE BRÜCKE"),
        ("GROSSE BRÜCKE", "große"),
        ("Ελληνικός δρόμος", "ΔΡΌΜΟΣ"),
        ("Новый мост", "НОВЫЙ"),
        ("ÉCOLE", "école"),
        ("100% of it", "100%"),
        ("snake_case", "e_c"),
        ("back\\slash", "k\\s"),
        ("a/b", "A/B"),
        ("it's", "IT'S"),
        ("修理する", "理す"),
    ],
)
async def test_a_title_is_found_by_a_part_of_it_in_any_case(
    database: Database, title: str, typed: str
) -> None:
    await add(database, title)
    assert await titled(database, typed) == [title]


@pytest.mark.parametrize("typed", ["%", "_", "well%", "m_nd", "\\", "/", "pond"])
async def test_a_sign_that_stands_for_anything_elsewhere_finds_only_itself(
    database: Database, typed: str
) -> None:
    await add(database, "Mend the well")
    assert await titled(database, typed) == []


@pytest.mark.parametrize("typed", ["2", "#2"])
async def test_a_number_finds_its_proposal_and_titles_that_hold_it(
    database: Database, typed: str
) -> None:
    for title in ("One", "Two", "See #2"):
        await add(database, title)
    assert await titled(database, typed) == ["See #2", "Two"]


@pytest.mark.parametrize("typed", ["0", "9999999999", "٣", "²", "-1", "#", "99999999999999999999"])
async def test_a_number_that_is_none_finds_nothing(database: Database, typed: str) -> None:
    await add(database, "One")
    assert await titled(database, typed) == []


# Selections


async def test_selections_follow_the_state_at_any_moment(database: Database) -> None:
    """Pending up to and including the start, active up to and including the end."""
    only = await add(database)
    gone = await add(database)
    async with database.write() as connection:
        await proposals.change(
            connection, gone.id, canceled_at=NOW, canceled_by=ANN, cancel_reason="Enough."
        )
    start, end = only.vote_start, only.vote_end
    expected = {
        NOW: ("pending", "open"),
        start: ("pending", "open"),
        start + TICK: ("active", "open"),
        end: ("active", "open"),
        end + TICK: ("closed",),
    }
    async with database.read() as connection:
        for now, names in expected.items():
            selections = {
                "pending": proposals.pending(now),
                "active": proposals.active(now),
                "open": proposals.open_(now),
                "closed": proposals.closed(now),
            }
            for name, condition in selections.items():
                found = await proposals.page(connection, condition, limit=9)
                wanted = {only.id} if name in names else set()
                wanted |= {gone.id} if name == "closed" else set()
                assert {each.id for each in found} == wanted, (now, name)
        living = await proposals.page(connection, proposals.not_canceled(), limit=9)
    assert [each.id for each in living] == [only.id]


async def test_pages_run_from_the_newest_to_the_oldest(database: Database) -> None:
    for number in range(1, 8):
        await add(database, f"Number {number}", author_id=ANN if number % 2 else BEN)
    await add(database, guild_id=ELSEWHERE)
    here = proposals.of_server(HAMLET)
    async with database.read() as connection:
        pages = [
            [p.number for p in await proposals.page(connection, here, limit=3, offset=at)]
            for at in (0, 3, 6, 9)
        ]
        bens = await proposals.page(connection, proposals.by_author(BEN), limit=9)
    assert pages == [[7, 6, 5], [4, 3, 2], [1], []]
    assert [each.number for each in bens] == [6, 4, 2]


async def test_what_is_due_follows_the_clock_and_is_told_in_order(database: Database) -> None:
    long = Rules(voting_delay=DAY, voting_period=5 * DAY)
    short = Rules(voting_delay=timedelta(hours=1), voting_period=DAY)
    slow, quick = await add(database, rules=long), await add(database, rules=short)

    async def due(now: timedelta) -> tuple[list[int], list[int]]:
        async with database.read() as connection:
            opening = await proposals.due_to_open(connection, NOW + now)
            return [p.id for p in opening], list(
                await proposals.due_to_close(connection, NOW + now)
            )

    assert await due(timedelta(hours=1)) == ([], [])
    assert await due(timedelta(hours=1) + TICK) == ([quick.id], [])
    assert await due(timedelta(hours=25)) == ([quick.id, slow.id], [])
    assert await due(timedelta(hours=25) + TICK) == ([slow.id], [quick.id])
    assert await due(DAY * 30) == ([], [quick.id, slow.id])
    async with database.write() as connection:
        await proposals.change(connection, quick.id, counted_at=NOW)
        await proposals.change(connection, slow.id, opened_at=NOW)
    assert await due(timedelta(hours=25) + TICK) == ([], [])
    assert await due(DAY * 30) == ([], [slow.id])


@pytest.mark.sqlite
async def test_what_is_asked_each_second_reads_no_more_than_what_is_under_way(
    database: Database,
) -> None:
    asked: list[tuple[str, Any]] = []

    def keep(connection: Any, cursor: Any, statement: str, parameters: Any, *more: Any) -> None:
        asked.append((statement, parameters))

    async with database.read() as connection:
        event.listen(connection.sync_connection, "before_cursor_execute", keep)
        await proposals.due_to_open(connection, NOW)
        await proposals.due_to_close(connection, NOW)
        await proposals.being_signed(connection, NOW)
        event.remove(connection.sync_connection, "before_cursor_execute", keep)
        for statement, parameters in asked:
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            assert "INDEX ix_proposals_un" in " ".join(row[3] for row in plan)


# Cards


async def test_a_card_is_behind_until_what_changed_is_drawn(database: Database) -> None:
    added = await add(database)

    async def behind() -> list[int]:
        async with database.read() as connection:
            return [each.id for each in await proposals.behind(connection)]

    async def drawn(revision: int) -> None:
        async with database.write() as connection:
            await proposals.set_drawn(connection, added.id, revision)

    assert await behind() == []  # there is no card yet
    async with database.write() as connection:
        await proposals.place(connection, added.id, channel_id=1, message_id=2, thread_id=3)
    assert await behind() == [added.id]
    await drawn(1)
    assert await behind() == []
    async with database.write() as connection:
        await proposals.change(connection, added.id, opened_at=NOW)
    assert (await get(database, added.id)).revision == 2
    assert await behind() == [added.id]
    await drawn(2)
    await drawn(1)  # an edit that was overtaken by a later one
    assert await behind() == []


async def test_a_card_that_is_placed_anew_has_nothing_drawn_on_it(database: Database) -> None:
    added = await add(database)
    async with database.write() as connection:
        await proposals.place(connection, added.id, channel_id=1, message_id=2, thread_id=3)
        await proposals.set_drawn(connection, added.id, 1)
        await proposals.place(connection, added.id, channel_id=1, message_id=9, thread_id=3)
        assert [each.id for each in await proposals.behind(connection)] == [added.id]


async def test_a_tally_of_the_largest_powers_is_kept(database: Database) -> None:
    added = await add(database)
    scores = {1: 2**256 - 1, 2: 10**96 - 1, 3: Fraction(2**256 - 1, 1000), 4: -(2**256)}
    tally = Tally(scores, 2**260, 4, 5)
    later = replace(added, tally=tally, revision=9, vote_end=NOW + 9 * DAY, ended_at=NOW + DAY)
    async with database.write() as connection:
        await ballots.save_tally(connection, [later])
    assert await get(database, added.id) == later
