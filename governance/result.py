"""A result file: what it takes to recount a vote, and what is claimed came out of it.

Its form is described in docs/result-format.md. `verified` recounts it with the rules alone.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from governance import counts
from governance.ballot import RECUSED
from governance.errors import Refusal
from governance.options import About, Kind
from governance.proposal import Proposal, Tally
from governance.result_words import recount_in_words
from governance.rules import RULES, Rules
from governance.texts import MOST_CHOICES, Text, plain
from governance.voting import conviction
from governance.voting.system import Ballots, Choice, Points, Shape, Terms

Ballot = tuple[Choice, int, int]
"""(choice, power in units of each, how many such ballots)."""

FORMAT, VERSION = "folkmoot-result", 1
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
MOST_BYTES = 32 * 1024 * 1024
SHOWN_DIGITS = 16
"""So many digits of the fingerprint stand on the result message."""

_WIDTH = 120
_DEEPEST = 8
_LARGEST = 10**40
_LONGEST_LINE = 300


class Unreadable(Exception):
    """Not a result file. Its string is one sentence."""


class _Wrong(Exception):
    """Its string names the place in the file: `proposal.number: it must be …`."""

    def __init__(self, place: str, text: str) -> None:
        super().__init__(f"{place}: {text}")


@dataclass(frozen=True, slots=True)
class Report:
    """What a recount found: `lines` in words, `problems` where the file isn't exact."""

    lines: tuple[str, ...]
    problems: tuple[str, ...]


def as_file(proposal: Proposal, ballots: Ballots) -> dict[str, Any]:
    """What is written for a counted proposal and its ballots, those who recused themselves too."""
    sections = _sections(proposal, ballots)
    taken = digests(sections)
    return {**sections, "digests": taken, "fingerprint": _sha256(taken)}


def _sections(proposal: Proposal, ballots: Ballots) -> dict[str, Any]:
    count, outcome = proposal.running, proposal.outcome
    if proposal.counted_at is None or count is None or outcome is None:
        raise ValueError(f"proposal {proposal.id} hasn't been counted")
    stakes = proposal.system.SHAPE is Shape.STAKES
    times: Counter[tuple[Any, int]] = Counter()
    for choice, power, number in ballots:
        times[choice, power] += number
    counted = counts.as_json(count)
    counted["pairs"].sort()
    return {
        "format": FORMAT,
        "version": VERSION,
        "proposal": {
            "server": str(proposal.guild_id),
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
            **{name: _iso(getattr(proposal, name)) for name in _MOMENTS},
        },
        "rules": _rules_as_file(proposal.rules),
        "electorate": None if proposal.electorate is None else str(proposal.electorate),
        "seed": proposal.seed.hex() if proposal.seed else None,
        "elsewhere": _stakes(proposal.elsewhere),
        "removed": len(proposal.removed),
        "ballots": sorted(
            (
                [_stakes(choice) if stakes else _listed(choice), str(power), number]
                for (choice, power), number in times.items()
            ),
            key=canonical,
        ),
        "delegations": [],
        "result": {
            "voters": sum(times.values()),
            "recused": sum(times[each] for each in times if each[0] == RECUSED),
            "count": counted,
            "quorum": str(proposal.quorum),
            "towards_quorum": str(proposal.towards_quorum),
            "outcome": {
                "succeeded": outcome.succeeded,
                "reason": outcome.reason.value,
                "winners": [[each, proposal.choices[each - 1]] for each in outcome.winners],
            },
        },
    }


def digests(file: Mapping[str, Any]) -> dict[str, str]:
    """SHA-256 of each section, in hexadecimal."""
    return {name: _sha256(file[name]) for name in SECTIONS}


def fingerprint(file: Mapping[str, Any]) -> str:
    """SHA-256 of all digests, in hexadecimal: another file has another one."""
    return _sha256(digests(file))


def canonical(value: object) -> str:
    """The one way to write JSON without fractions (RFC 8785)."""
    return json.dumps(
        value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )


def written(file: Mapping[str, Any]) -> str:
    """The text of a file: what fits into a line stays on one, so that most ballots are a line."""
    return "".join(_laid_out(file, "")) + "\n"


def read(data: bytes) -> dict[str, Any]:
    """The content of a file, or Unreadable; what it claims isn't looked at yet."""
    if len(data) > MOST_BYTES:
        raise Unreadable(f"It is larger than {MOST_BYTES:,} bytes, so it is no result file.")
    try:
        file = json.loads(
            data.decode(),
            object_pairs_hook=_each_once,
            parse_int=_whole,
            parse_float=_no_fraction,
            parse_constant=_no_fraction,
        )
    except UnicodeDecodeError:
        raise Unreadable("It isn't text in UTF-8.") from None
    except json.JSONDecodeError as error:
        raise Unreadable(f"It isn't JSON: {error.msg} in line {error.lineno}.") from None
    except RecursionError:
        raise Unreadable("It is nested more deeply than any result file.") from None
    _require_format(file)
    found: dict[str, Any] = file
    return found


def verified(file: Mapping[str, Any]) -> Report:
    """Recount a file; it is exact iff no problem was found."""
    try:
        _require_plain(file, "", 0)
        _require_format(file)
        _require_keys(file, "", (*SECTIONS, "digests", "fingerprint"))
    except (Unreadable, _Wrong) as error:
        return Report((), (_printable(str(error)),))
    lines, problems = _recounted(file)
    taken = digests(file)
    problems += _altered(file, taken)
    own = _sha256(taken)
    lines += [
        "",
        f"Fingerprint {own[:SHOWN_DIGITS]} (in full {own})",
        "Compare it with the one on the result message in Discord: whoever changes this file can",
        "change all of it, but not that message.",
    ]
    return Report(tuple(map(_printable, lines)), tuple(map(_printable, problems)))


# What is written


_MOMENTS = ("created_at", "submitted_at", "vote_start", "vote_end", "ended_at", "counted_at")


def _rules_as_file(rules: Rules) -> dict[str, Any]:
    """As stored, with ids as text too: many readers of JSON round large numbers."""
    return {
        name: str(value) if RULES[name].kind is Kind.ROLE and value is not None else value
        for name, value in rules.stored().items()
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="microseconds") if moment else None


def _listed(choice: Any) -> Any:
    """A choice as JSON reads it back."""
    return [_listed(each) for each in choice] if isinstance(choice, tuple) else choice


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


def _sha256(value: object) -> str:
    return sha256(canonical(value).encode()).hexdigest()


# What is read


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        (name, _), *_ = Counter(name for name, _ in pairs).most_common(1)
        raise Unreadable(_printable(f"It holds “{name[:40]}” twice, so it could mean two things."))
    return found


def _whole(text: str) -> int:
    if len(text) > len(str(_LARGEST)):
        raise Unreadable(f"It holds a number of {len(text)} digits, which no result file does.")
    return int(text)


def _no_fraction(text: str) -> Any:
    raise Unreadable(f"It holds the number {text[:40]}; all numbers of a result file are whole.")


def _require_format(file: object) -> None:
    if not isinstance(file, Mapping) or file.get("format") != FORMAT:
        raise Unreadable(f"format: it isn't a result file, which says “{FORMAT}” there.")
    version = file.get("version")
    if type(version) is not int or version != VERSION:
        raise Unreadable(
            f"version: this program reads version {VERSION} only. Take the Folkmoot that wrote it."
        )


def _require_plain(value: object, place: str, depth: int) -> None:
    """Only objects, lists, text, whole numbers, true, false and null, as JSON has them."""
    if depth > _DEEPEST:
        raise _Wrong(place, "it is nested more deeply than any result file")
    if isinstance(value, Mapping | list):
        items = value.items() if isinstance(value, Mapping) else enumerate(value)
        for name, item in items:
            if isinstance(value, Mapping):
                _require_plain(name, place, depth)
            _require_plain(item, _at(place, name), depth + 1)
    elif isinstance(value, str):
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            raise _Wrong(place, "it holds half a letter (an unpaired surrogate)")
    elif type(value) is int:
        if abs(value) >= _LARGEST:
            raise _Wrong(place, "the number is too large")
    elif value is not None and not isinstance(value, bool):
        raise _Wrong(place, "it must be text, a whole number, true, false or null")


def _require_keys(value: object, place: str, names: Sequence[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _Wrong(place, "it must be an object")
    for name in names:
        if name not in value:
            raise _Wrong(_at(place, name), "it is missing")
    for name in value:
        if name not in names:
            raise _Wrong(_at(place, name), "nothing of that name belongs there")
    return value


def _altered(file: Mapping[str, Any], own: Mapping[str, str]) -> Iterator[str]:
    """Sections that aren't those of which the file's digests were taken; `own` they have now."""
    yield from _differences("fingerprint", file["fingerprint"], _sha256(own), "its sections give")
    claimed = file["digests"]
    if not isinstance(claimed, Mapping) or claimed.keys() != own.keys():
        yield from _differences("digests", claimed, own, "it should be")
        return
    for name, digest in own.items():
        if claimed[name] != digest:
            yield f"{name}: it was changed, or digests.{name} was: they don't belong together"


Reader = Callable[[Any, str], Any]


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str):
        raise _Wrong(place, "it must be text")
    return value


def _number(value: Any, place: str) -> int:
    if type(value) is not int or not 0 <= value < 10**9:
        raise _Wrong(place, "it must be a whole number from 0 to 999,999,999")
    return value


def _flag(value: Any, place: str) -> bool:
    if not isinstance(value, bool):
        raise _Wrong(place, "it must be true or false")
    return value


def _pattern(pattern: str, wanted: str) -> Reader:
    compiled = re.compile(pattern, re.ASCII)

    def reader(value: Any, place: str) -> str:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            raise _Wrong(place, f"it must be {wanted}")
        return value

    return reader


def _or_null(reader: Reader) -> Reader:
    return lambda value, place: None if value is None else reader(value, place)


def _list_of(reader: Reader, most: int | None = None) -> Reader:
    def read_list(value: Any, place: str) -> list[Any]:
        if not isinstance(value, list):
            raise _Wrong(place, "it must be a list")
        if most is not None and len(value) > most:
            raise _Wrong(place, f"it has {len(value)} entries, and {most} are possible")
        return [reader(each, _at(place, index)) for index, each in enumerate(value)]

    return read_list


def _moment(value: Any, place: str) -> datetime:
    _WRITTEN_MOMENT(value, place)
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        raise _Wrong(place, "there is no such moment") from None


def _answer(value: Any, place: str) -> tuple[str, str]:
    found = _list_of(_text)(value, place)
    if len(found) != 2:
        raise _Wrong(place, "it must be a question and its answer")
    return found[0], found[1]


def _stake(value: Any, place: str) -> tuple[int, int]:
    if not isinstance(value, list) or len(value) != 2:
        raise _Wrong(place, "it must be a step and a stake from then on")
    return _number(value[0], _at(place, 0)), int(_exact(value[1], _at(place, 1)))


_id = _pattern(r"0|[1-9]\d{0,19}", "an id as text")
_exact = _pattern(r"0|[1-9]\d{0,95}", "a whole number as text")
_SHARE = r"[1-9]\d{0,19}/[1-9]\d{0,19}"
_share = _pattern(_SHARE, "a share such as “2/3”")
_quorum = _pattern(rf"0|[1-9]\d{{0,95}}|{_SHARE}", "a power or a share as text")
_seed = _pattern(r"[0-9a-f]{64}", "32 bytes in hexadecimal")
_WRITTEN_MOMENT = _pattern(
    r"2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00",
    "a moment such as “2026-03-01T12:30:15.250000+00:00”",
)
_RULES: Mapping[Kind, Reader] = {
    Kind.ROLE: _or_null(_id),
    Kind.COUNT: _number,
    Kind.DURATION: _number,
    Kind.FLAG: _flag,
    Kind.SHARE: _or_null(_share),
    Kind.QUORUM: _quorum,
    Kind.MEMBERS: _list_of(_id),
}
_PROPOSAL: Mapping[str, Reader] = {
    "server": _id,
    "number": _number,
    "author": _id,
    "type": _text,
    "title": _text,
    "body": _text,
    "link": _text,
    "answers": _list_of(_answer),
    "version": _number,
    "choices": _list_of(_text, MOST_CHOICES),
    "amount": _number,
    **dict.fromkeys(_MOMENTS, _moment),
    "ended_at": _or_null(_moment),
}


def _stated(file: Mapping[str, Any]) -> Proposal:
    """The proposal as it was before its count."""
    values = _require_keys(file["proposal"], "proposal", tuple(_PROPOSAL))
    facts = {
        name: reader(values[name], _at("proposal", name)) for name, reader in _PROPOSAL.items()
    }
    rules = _rules(file["rules"])
    if not facts["choices"]:
        raise _Wrong("proposal.choices", "there is none to choose")
    electorate = _or_null(_exact)(file["electorate"], "electorate")
    seed = _or_null(_seed)(file["seed"], "seed")
    removed = _number(file["removed"], "removed")
    if removed > len(rules.signers):
        raise _Wrong("removed", "there aren't so many signers")
    proposal = Proposal(
        id=0,
        guild_id=int(facts["server"]),
        number=facts["number"],
        author_id=int(facts["author"]),
        type=facts["type"],
        text=Text(
            facts["title"],
            facts["body"],
            facts["link"],
            tuple(facts["choices"]),
            tuple(facts["answers"]),
            facts["amount"],
        ),
        version=facts["version"],
        rules=rules,
        **{name: facts[name] for name in _MOMENTS},
        shared_at=None,
        ready_at=None,
        opened_at=None,
        sponsors=(),
        quorum_reached_at=None,
        electorate=None if electorate is None else int(electorate),
        seed=None if seed is None else bytes.fromhex(seed),
        elsewhere=_elsewhere(file["elsewhere"]),
        removed=(0,) * removed,  # the file doesn't say who
        canceled=None,
        count=None,
        eta=None,
        executed_at=None,
        tally=Tally(),
        revision=0,
        channel_id=None,
        message_id=None,
        thread_id=None,
    )
    if proposal.needs_electorate:
        raise _Wrong("electorate", "the rules refer to a share of it, so it must be there")
    if proposal.needs_lot:
        raise _Wrong("seed", "the rules may need the lot, so it must be there")
    return proposal


def _rules(value: object) -> Rules:
    if not isinstance(value, Mapping):
        raise _Wrong("rules", "it must be an object")
    found = {}
    for name, each in value.items():
        if name not in RULES:
            raise _Wrong(_at("rules", name), "there is no such rule")
        found[name] = _rule(each, _at("rules", name), RULES[name])
    rules = Rules.from_stored(found)
    if rules.system == conviction.NAME and (not rules.funds or not rules.decay < 1):
        raise _Wrong("rules", "a conviction vote needs funds, and a decay below 1")
    return rules


def _elsewhere(value: object) -> Points:
    found: list[tuple[int, int]] = _list_of(_stake)(value, "elsewhere")
    steps = [step for step, _ in found]
    if steps != sorted(set(steps)):
        raise _Wrong("elsewhere", "its steps must ascend")
    return tuple(found)


def _rule(value: object, place: str, about: About) -> Any:
    """The rule as it is stored."""
    if about.kind is Kind.CHOICE:
        if not isinstance(value, str) or value not in (about.among or ()):
            raise _Wrong(place, f"it must be one of {', '.join(about.among or ())}")
        return value
    found = _RULES[about.kind](value, place)
    return int(found) if about.kind is Kind.ROLE and found is not None else found


def _ballots(value: object, proposal: Proposal) -> tuple[list[Ballot], list[str]]:
    """The ballots as their system takes them; and a problem for each that isn't valid."""
    if not isinstance(value, list):
        raise _Wrong("ballots", "it must be a list")
    terms, found, wrong = proposal.terms, list[Ballot](), list[str]()
    for index, each in enumerate(value):
        place = _at("ballots", index)
        try:
            found.append(_ballot(each, place, proposal, terms))
        except _Wrong as error:
            wrong.append(str(error))
        except Refusal as refusal:
            wrong.append(f"{_at(place, 0)}: it isn't a valid ballot. {refusal}")
    return found, wrong


def _ballot(value: object, place: str, proposal: Proposal, terms: Terms) -> Ballot:
    if not isinstance(value, list) or len(value) != 3:
        raise _Wrong(place, "it must be a choice, its power, and how many such ballots there are")
    choice, power, times = value
    power = int(_exact(power, _at(place, 1)))
    if not power:
        raise _Wrong(_at(place, 1), "a ballot has power")
    if not _number(times, _at(place, 2)):
        raise _Wrong(_at(place, 2), "it must be at least 1")
    if proposal.system.SHAPE is Shape.STAKES:
        choice = _list_of(_stake)(choice, _at(place, 0))
    if type(choice) is not int or choice != RECUSED:
        choice = proposal.system.check(choice, power, terms)
    elif not proposal.rules.recusal:
        raise _Wrong(_at(place, 0), "under these rules nobody can recuse themselves")
    return choice, power, times


# What is recounted


def _recounted(file: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The recount in words, and where the file differs from it."""
    try:
        stated = _stated(file)
        ballots, wrong = _ballots(file["ballots"], stated)
    except _Wrong as error:
        return [], [str(error)]
    if wrong:
        return [], wrong
    sides = [each for each in ballots if each[0] != RECUSED]
    proposal = replace(stated, count=stated.system.count(sides, stated.terms))
    found = _sections(proposal, ballots)
    wrong = [*_untimely(proposal, sides), *_impossible(proposal, found["result"]["voters"])]
    for name in SECTIONS:
        source = "the ballots give" if name == "result" else "it should be"
        wrong += _differences(name, file[name], found[name], source)
    return recount_in_words(proposal, ballots), wrong


def _untimely(proposal: Proposal, ballots: Ballots) -> Iterator[str]:
    """Times that can't be, under the rules."""
    rules, at = proposal.rules, "proposal."
    start, end = proposal.vote_start, proposal.vote_end
    if proposal.submitted_at is None or start != proposal.submitted_at + rules.voting_delay:
        yield f"{at}vote_start: it isn't submitted_at and the voting delay"
    earliest = start + rules.voting_period
    if rules.system == conviction.NAME:
        yield from _unconvinced(proposal, ballots)
        earliest = end
    extends = rules.late_quorum_extension or rules.quiet_ending
    latest = earliest + (rules.max_extension if extends else timedelta())
    if not earliest <= end <= latest:
        yield f"{at}vote_end: under the rules it lies from {earliest} to {latest}"
    early = proposal.ended_at if rules.system != conviction.NAME else None
    if early:
        if not rules.super_quorum and not rules.signers:
            yield f"{at}ended_at: under the rules nothing ends this vote early"
        if not start < early <= end:
            yield f"{at}ended_at: it must lie between vote_start and vote_end"
    elif proposal.counted_at is None or proposal.counted_at <= end:
        yield f"{at}counted_at: votes were still taken then"


def _unconvinced(proposal: Proposal, ballots: Ballots) -> Iterator[str]:
    """A conviction vote that didn't pass when it ended."""
    if proposal.ended_at != proposal.vote_end:
        yield "proposal.ended_at: it must be vote_end, when the proposal passed"
    terms = proposal.terms
    step = conviction.passing_step(ballots, terms)
    if step != terms.closing_step:
        passed = "never passed" if step is None else f"passed at step {step:,}"
        yield f"proposal.vote_end: by its stakes it {passed}, not {terms.closing_step:,}"


def _impossible(proposal: Proposal, voters: int) -> Iterator[str]:
    signers = proposal.terms.signers
    if proposal.rules.signers and voters > signers:
        yield f"ballots: there are {voters} of them, and {signers} signers"


def _differences(place: str, says: Any, truth: Any, source: str) -> Iterator[str]:
    """Where the file says something else, or says it otherwise."""
    if isinstance(says, Mapping) and isinstance(truth, Mapping):
        for name in says:
            if name not in truth:
                yield f"{_at(place, name)}: nothing of that name belongs there"
        for name, each in truth.items():
            if name in says:
                yield from _differences(_at(place, name), says[name], each, source)
            elif place != "rules":  # a rule that isn't there is younger than the file
                yield f"{_at(place, name)}: it is missing; {source} {_brief(each)}"
    elif isinstance(says, list) and isinstance(truth, list):
        for index, (own, each) in enumerate(zip(says, truth, strict=False)):
            yield from _differences(_at(place, index), own, each, source)
        if len(says) != len(truth):
            yield f"{place}: it has {len(says)} entries; there should be {len(truth)}"
    elif type(says) is not type(truth) or says != truth:
        plainly = type(says) is type(truth)
        shown = [_brief(each, plainly=plainly) for each in (says, truth)]
        yield f"{place}: the file says {shown[0]}, {source} {shown[1]}"


def _brief(value: Any, *, plainly: bool = False) -> str:
    text = value if plainly and isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _at(place: str, name: object) -> str:
    return f"{place}.{name}" if place else str(name)


def _printable(line: str) -> str:
    """Without what could move the cursor of a terminal."""
    kept = "".join(" " if letter.isspace() else plain(letter) for letter in line)
    return kept if len(kept) <= _LONGEST_LINE else f"{kept[: _LONGEST_LINE - 1]}…"
