"""A proposal, a member and a moment, made with as few words as a test needs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from governance.electorate import Member
from governance.options import Quorum
from governance.power import UNIT
from governance.proposal import Cancellation, Proposal, Tally
from governance.rules import Rules
from governance.texts import Text
from governance.voting import basic

DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
MADE = datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=UTC)
AUTHOR, OTHER = 11, 22

RULES = Rules()


def proposal(
    *,
    quorum: int = 0,
    voting_role: int | None = None,
    rules: dict[str, Any] | None = None,
    **changes: Any,
) -> Proposal:
    """A proposal by AUTHOR, made at MADE: a day of discussion, three days of voting.

    `quorum` in whole votes; `rules` are further ones. A mapping for `tally` is one of scores.
    """
    if isinstance(scores := changes.get("tally"), dict):
        power = sum(scores.values())
        changes["tally"] = Tally(scores, power, int(power > 0), int(power > 0))
    given = {"quorum": Quorum(quorum * UNIT), "voting_role": voting_role, **(rules or {})}
    frozen = replace(RULES, **given)
    made = Proposal(
        id=1,
        guild_id=7,
        number=12,
        author_id=AUTHOR,
        type="Proposal",
        space_id=0,
        topic="",
        text=Text("Mend the well", "It is dry."),
        version=1,
        rules=frozen,
        created_at=MADE,
        shared_at=MADE,
        ready_at=None,
        submitted_at=MADE,
        opened_at=None,
        sponsors=(),
        vote_start=MADE + frozen.voting_delay,
        vote_end=MADE + frozen.voting_delay + frozen.voting_period,
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
    return replace(made, **changes)


def votes(in_favour: int = 0, against: int = 0, abstain: int = 0) -> dict[int, int]:
    """A tally of whole votes."""
    return {
        basic.FOR: in_favour * UNIT,
        basic.AGAINST: against * UNIT,
        basic.ABSTAIN: abstain * UNIT,
    }


def canceled(at: datetime = MADE) -> Proposal:
    return proposal(canceled=Cancellation(at, AUTHOR, "Overtaken by events."))


def member(**changes: Any) -> Member:
    """Somebody who has been in the server for a year."""
    present: dict[str, Any] = {"id": 33, "roles": frozenset(), "joined_at": MADE - DAY * 365}
    return Member(**{**present, **changes})
