"""A result file: what it takes to recount a vote, and what is claimed came out of it.

Its form is described in docs/result-format.md; `result_recount` recounts it.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from governance import counts
from governance.ballot import RECUSED
from governance.options import Kind
from governance.proposal import Proposal
from governance.result_delegations import Link
from governance.result_form import canonical, digest, listed
from governance.rules import RULES, Rules
from governance.voting.system import Choice, Count, Points, Shape

Pattern = tuple[Choice, int, int, int]
"""(choice, power and that in the second house in units of each, how many such ballots)."""

FORMAT, VERSION = "folkmoot-result", 2
SECTIONS = (
    "format",
    "version",
    "proposal",
    "rules",
    "electorate",
    "seed",
    "elsewhere",
    "removed",
    "ballots",
    "delegations",
    "result",
)
"""What has a digest."""
SHOWN_DIGITS = 16
"""So many digits of the fingerprint stand on the result message."""
MOMENTS = ("created_at", "submitted_at", "vote_start", "vote_end", "ended_at", "counted_at")
"""Of the proposal."""

_WIDTH = 120


def as_file(
    proposal: Proposal, ballots: Iterable[Pattern], links: Sequence[Link] = ()
) -> dict[str, Any]:
    """What is written for a counted proposal and its ballots, those who recused themselves too.

    `links` are those who delegate or are delegated to in its vote, in order.
    """
    sections = sections_of(proposal, ballots, links)
    taken = digests(sections)
    return {**sections, "digests": taken, "fingerprint": digest(taken)}


def sections_of(
    proposal: Proposal, ballots: Iterable[Pattern], links: Sequence[Link]
) -> dict[str, Any]:
    """The same without digests."""
    count, outcome, second = proposal.running, proposal.outcome, proposal.second_house
    if proposal.counted_at is None or count is None or outcome is None:
        raise ValueError(f"proposal {proposal.id} hasn't been counted")
    times: Counter[tuple[Choice, tuple[str, ...]]] = Counter()
    for choice, power, second_power, number in ballots:
        times[choice, _powers(proposal, power, second_power)] += number
    return {
        "format": FORMAT,
        "version": VERSION,
        "proposal": {
            "server": str(proposal.guild_id),
            "space": str(proposal.space_id) if proposal.space_id else None,
            "topic": proposal.topic,
            "number": proposal.number,
            "author": str(proposal.author_id),
            "type": proposal.type,
            "title": proposal.text.title,
            "body": proposal.text.body,
            "link": proposal.text.link,
            "answers": [list(each) for each in proposal.text.fields],
            "version": proposal.version,
            "choices": list(proposal.choices),
            "amount": proposal.text.amount,
            **{name: _iso(getattr(proposal, name)) for name in MOMENTS},
        },
        "rules": _rules_as_file(proposal.rules),
        "electorate": {
            "snapshot_at": _iso(proposal.snapshot_at),
            "recorded": proposal.recorded,
            "members": proposal.electors if proposal.recorded else None,
            "power": _text(proposal.electorate),
            "second": _text(second.electorate if second else None),
        },
        "seed": proposal.seed.hex() if proposal.seed else None,
        "elsewhere": _stakes(proposal.elsewhere),
        "removed": len(proposal.removed),
        "ballots": sorted(
            (
                [_choice(proposal, choice), *powers, number]
                for (choice, powers), number in times.items()
            ),
            key=canonical,
        ),
        "delegations": [
            [*_powers(proposal, each.power, each.second), each.delegate, listed(each.choice)]
            for each in links
        ],
        "result": {
            "voters": sum(times.values()),
            "recused": sum(times[each] for each in times if each[0] == RECUSED),
            **_counted(proposal, count),
            "second": _counted(second, second.running) if second and second.running else None,
            "outcome": {
                "succeeded": outcome.succeeded,
                "reason": outcome.reason.value,
                "house": outcome.house,
                "winners": [[each, proposal.choices[each - 1]] for each in outcome.winners],
            },
        },
    }


def digests(file: Mapping[str, Any]) -> dict[str, str]:
    """SHA-256 of each section, in hexadecimal."""
    return {name: digest(file[name]) for name in SECTIONS}


def fingerprint(file: Mapping[str, Any]) -> str:
    """SHA-256 of all digests, in hexadecimal: another file has another one."""
    return digest(digests(file))


def written(file: Mapping[str, Any]) -> str:
    """The text of a file: what fits into a line stays on one, so that most ballots are a line."""
    return "".join(_laid_out(file, "")) + "\n"


def _rules_as_file(rules: Rules) -> dict[str, Any]:
    """As stored, with ids as text too: many readers of JSON round large numbers."""
    return {
        name: str(value) if RULES[name].kind is Kind.ROLE and value is not None else value
        for name, value in rules.stored().items()
    }


def _counted(house: Proposal, count: Count) -> dict[str, Any]:
    """What one house's votes add up to."""
    found = counts.as_json(count)
    found["pairs"].sort()
    return {
        "count": found,
        "quorum": str(house.quorum),
        "towards_quorum": str(house.towards_quorum),
    }


def _choice(proposal: Proposal, choice: Any) -> Any:
    return _stakes(choice) if proposal.system.SHAPE is Shape.STAKES else listed(choice)


def _powers(proposal: Proposal, power: int, second: int) -> tuple[str, ...]:
    """One for each house."""
    return (str(power), str(second)) if proposal.rules.second_power else (str(power),)


def _text(power: int | None) -> str | None:
    return None if power is None else str(power)


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="microseconds") if moment else None


def _stakes(history: Points) -> list[Any]:
    return [[step, str(stake)] for step, stake in history]


def _laid_out(value: Any, indent: str) -> Iterator[str]:
    line = json.dumps(value, ensure_ascii=False, separators=(",", ": "))
    if not isinstance(value, list | dict) or (indent and len(indent) + len(line) <= _WIDTH):
        yield line
        return
    inner = indent + " "
    opening, closing = "[]" if isinstance(value, list) else "{}"
    items = value if isinstance(value, list) else value.items()
    for place, item in enumerate(items):
        yield f"{',' if place else opening}\n{inner}"
        if isinstance(value, dict):
            yield f"{json.dumps(item[0], ensure_ascii=False)}: "
        yield from _laid_out(item[1] if isinstance(value, dict) else item, inner)
    yield f"\n{indent}{closing}"
