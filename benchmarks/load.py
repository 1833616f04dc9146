"""How the bot holds under load: a storm, a steady stream, its memory, a large server's titles."""

import asyncio
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from benchmarks.hamlet import EMPTY, VOTE, Answers, Hamlet, resident_megabytes, timed
from benchmarks.votes import press
from governance.proposal import Tally
from governance.settings import Settings
from sandbox.discord import Permission, Person
from storage.ballots import stored_tally
from storage.database import Database
from storage.tables import proposals

ANSWER_WITHIN = 3.0


async def storm(there: Hamlet, presses: int, outstanding: int) -> dict[str, float]:
    """All press, `outstanding` at a time; then the card has to show them all."""
    before = len(there.discord.requests)
    answers = await press(there.people[:presses], there.card, VOTE.format(1), outstanding)
    ended = time.perf_counter()
    await there.server.owner.sees(there.proposals, f"{presses:,} voters", within=30)
    shown = time.perf_counter() - ended
    limited = [r for r in list(there.discord.requests)[before:] if r.status == 429]
    return {
        "votes/s": answers.rate,
        "lost": presses - len(answers.each),
        "answered after 3 s": sum(seconds > ANSWER_WITHIN for seconds in answers.each),
        "429 answers": len(limited),
        "slowest answer, s": answers.each[-1],
        "card complete after, s": shown,
    }


async def steady(people: Iterable[Person], there: Hamlet, rate: float, custom_id: str) -> Answers:
    """One after the other at an even pace, `rate` a second, whether or not answers are back."""
    started, asked = time.perf_counter(), []
    for number, person in enumerate(people):
        await asyncio.sleep(max(0.0, started + number / rate - time.perf_counter()))
        asked.append(asyncio.create_task(timed(person, there.card, custom_id)))
    return Answers(time.perf_counter() - started, sorted(await asyncio.gather(*asked)))


async def receipts(there: Hamlet, rate: float, seconds: int, rounds: int = 3) -> dict[str, float]:
    """p99 of the receipt at a steady rate, beside p99 of the empty button.

    They take turns of a second: what else the machine does meanwhile strikes both alike.
    """
    empty, cast = list[float](), list[float]()
    each = int(rate)
    for number in range(rounds):
        answered, choice = (list[float](), list[float]()), VOTE.format(number % 3 + 1)
        for first in range(0, seconds * each, each):
            for answers, custom_id in zip(answered, (EMPTY, choice), strict=True):
                people = there.people[first : first + each]
                answers += (await steady(people, there, rate, custom_id)).each
        for found, answers in zip((empty, cast), answered, strict=True):
            found.append(Answers(seconds, sorted(answers)).percentile(0.99))
    ratios = sorted(vote / nothing for vote, nothing in zip(cast, empty, strict=True))
    return {
        "empty p99, ms": sorted(empty)[rounds // 2] * 1000,
        "receipt p99, ms": sorted(cast)[rounds // 2] * 1000,
        "ratio": ratios[rounds // 2],
    }


async def memory(there: Hamlet, votes: int) -> dict[str, float]:
    """Resident memory before and after so many further votes."""
    before = resident_megabytes(there.process)
    for number in range(votes // len(there.people)):
        await press(there.people, there.card, VOTE.format(number % 3 + 1), 100)
    return {"before, MB": before, "after, MB": resident_megabytes(there.process)}


async def servers(there: Hamlet, count: int) -> dict[str, float]:
    """Resident memory with the bot in so many servers."""
    application = there.card.application
    if application is None:
        raise ValueError("the card is not the bot's")
    for number in range(count - 1):
        server = there.discord.add_server(f"Server {number}")
        for name in ("general", "proposals", "results"):
            server.add_channel(name)
        server.invite(application, Permission.VIEW_CHANNEL)
    await there.server.owner.press_custom_id(there.card, EMPTY)
    return {"servers": count, "MB": resident_megabytes(there.process)}


async def titles(there: Hamlet, count: int) -> dict[str, float]:
    """Autocomplete, from the key press to the list, in a server with so many proposals."""
    database = Database(there.database)
    await _fill(database, there.server.id, count)
    await database.close()
    answers = []
    for typed in ("", "well", "pond 77", "no such title", "#4242", "road") * 20:
        started = time.perf_counter()
        await there.people[0].suggest("proposal show", "proposal", typed, in_=there.proposals)
        answers.append(time.perf_counter() - started)
    measured = Answers(sum(answers), sorted(answers))
    return {"p50, ms": measured.percentile(0.5) * 1000, "p99, ms": measured.percentile(0.99) * 1000}


async def _fill(database: Database, guild_id: int, count: int) -> None:
    stored, tally = Settings().rules().stored(), stored_tally(Tally())
    now, things = datetime.now(UTC), ("well", "pond", "road", "bridge", "market")
    async with database.write() as connection:
        for first in range(2, count + 2, 1000):
            await connection.execute(
                insert(proposals),
                [
                    {
                        "guild_id": guild_id,
                        "number": number,
                        "author_id": 1,
                        "title": f"Mend the {things[number % 5]} {number}",
                        "title_folded": f"mend the {things[number % 5]} {number}",
                        "body": "It is dry. " * 50,
                        "link": "",
                        "version": 1,
                        "rules": stored,
                        "created_at": now,
                        "shared_at": now,
                        "submitted_at": now,
                        "vote_start": now - timedelta(days=9),
                        "vote_end": now - timedelta(days=6),
                        "opened_at": now,
                        "counted_at": now,
                        "tally": tally,
                        "drawn": 1,
                    }
                    for number in range(first, min(first + 1000, count + 2))
                ],
            )
