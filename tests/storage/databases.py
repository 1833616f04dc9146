"""What tests of the storage write, and how they watch it."""

from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import event

from governance.options import Quorum
from governance.power import UNIT
from governance.rules import Rules
from governance.settings import Settings
from governance.texts import Text
from storage.database import Database

HAMLET, ELSEWHERE = 7, 8
ANN, BEN, CLEO = 11, 12, 13
NOW = datetime(2026, 3, 1, 12, 30, 15, 250_001, tzinfo=UTC)
DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
RULES = Rules(quorum=Quorum(2 * UNIT), voting_delay=DAY, voting_period=3 * DAY, voting_role=900)
SETTINGS = Settings(proposals_channel=1, results_channel=2)
WELL = Text("Mend the well", "It is dry.", "https://example.org/well")


def on_every_connection(database: Database, pragmas: Mapping[str, object]) -> None:
    """Settings of SQLite for the connections that are made from now on."""

    def prepare(connection: Any, _record: object) -> None:
        with closing(connection.cursor()) as cursor:
            for name, value in pragmas.items():
                cursor.execute(f"PRAGMA {name} = {value}")

    for engine in database.writers:
        event.listen(engine, "connect", prepare)


def on_each_connection(database: Database, statement: str) -> None:
    """Run a statement where whole transactions are carried out."""
    for engine in database.writers[1:]:
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)


def commits(database: Database) -> list[None]:
    """Grows by one with every transaction that is committed from now on."""
    seen: list[None] = []
    for engine in database.writers:
        event.listen(engine, "commit", lambda _connection: seen.append(None))
    return seen
