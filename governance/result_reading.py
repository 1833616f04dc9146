"""Reads a result file: its text, and what its sections state."""

import json
from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any

from governance import result_form as form
from governance.ballot import RECUSED
from governance.errors import Refusal
from governance.options import About, Kind
from governance.proposal import Proposal, Tally
from governance.result import FORMAT, MOMENTS, VERSION, Pattern
from governance.result_delegations import Link
from governance.result_form import Reader, Wrong
from governance.rules import RULES, Rules
from governance.strategies import STRATEGIES
from governance.texts import MOST_CHOICES, Text
from governance.voting import basic, conviction
from governance.voting.system import Choice, Points, Shape, Terms

MOST_BYTES = 64 * 1024 * 1024


class Unreadable(Exception):
    """Not a result file. Its string is one sentence."""


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
    require_format(file)
    found: dict[str, Any] = file
    return found


def require_format(file: object) -> None:
    """Raise Unreadable for what isn't a result file of this version."""
    if not isinstance(file, Mapping) or file.get("format") != FORMAT:
        raise Unreadable(f"format: it isn't a result file, which says “{FORMAT}” there.")
    version = file.get("version")
    if type(version) is not int or version != VERSION:
        raise Unreadable(
            f"version: this program reads version {VERSION} only. Take the Folkmoot that wrote it."
        )


def stated(file: Mapping[str, Any]) -> Proposal:
    """The proposal as it was before its count."""
    values = form.require_keys(file["proposal"], "proposal", tuple(_PROPOSAL))
    facts = {
        name: reader(values[name], form.at("proposal", name)) for name, reader in _PROPOSAL.items()
    }
    rules = _rules(file["rules"])
    if not facts["choices"]:
        raise Wrong("proposal.choices", "there is none to choose")
    electorate = _electorate(file["electorate"])
    seed = form.or_null(form.seed)(file["seed"], "seed")
    removed = form.number(file["removed"], "removed")
    if removed > len(rules.signers):
        raise Wrong("removed", "there aren't so many signers")
    proposal = Proposal(
        id=0,
        guild_id=int(facts["server"]),
        number=facts["number"],
        author_id=int(facts["author"]),
        type=facts["type"],
        space_id=int(facts["space"] or 0),
        topic=facts["topic"],
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
        **{name: facts[name] for name in MOMENTS},
        shared_at=None,
        ready_at=None,
        opened_at=None,
        sponsors=(),
        quorum_reached_at=None,
        snapshot_at=electorate["snapshot_at"],
        electors=electorate["members"] or 0,
        recorded=electorate["recorded"],
        electorate=electorate["power"],
        second_electorate=electorate["second"],
        seed=None if seed is None else bytes.fromhex(seed),
        elsewhere=_elsewhere(file["elsewhere"]),
        removed=(0,) * removed,  # the file doesn't say who
        canceled=None,
        count=None,
        second_count=None,
        eta=None,
        executed_at=None,
        tally=Tally(),
        revision=0,
        channel_id=None,
        message_id=None,
        thread_id=None,
    )
    if proposal.needs_electorate:
        raise Wrong("electorate.power", "the rules refer to a share of it, so it must be there")
    if proposal.needs_second_electorate:
        raise Wrong("electorate.second", "the rules refer to a share of it, so it must be there")
    if proposal.needs_lot:
        raise Wrong("seed", "the rules may need the lot, so it must be there")
    return proposal


def ballots_of(value: object, proposal: Proposal) -> tuple[list[Pattern], list[str]]:
    """The ballots as their system takes them; and a problem for each that isn't valid."""
    return _each_of(value, "ballots", partial(_ballot, proposal=proposal, terms=proposal.terms))


def links_of(value: object, proposal: Proposal) -> tuple[list[Link], list[str]]:
    """The delegations in the order of the file; and a problem for each that isn't valid."""
    read_link = partial(_link, proposal=proposal, terms=proposal.terms)
    links, wrong = _each_of(value, "delegations", read_link)
    if links and not proposal.delegates:
        wrong.append("delegations: under the rules nobody votes for others here")
    if links and proposal.snapshot_at is None:
        wrong.append("electorate.snapshot_at: delegations were fixed then, so it must be there")
    if wrong:
        return links, wrong
    trusted = {link.delegate for link in links}
    for index, link in enumerate(links):
        place = form.at("delegations", index)
        if link.delegate is None and index not in trusted:
            wrong.append(
                f"{place}: who doesn't delegate, nor is delegated to, doesn't belong there"
            )
        elif link.delegate is not None and not 0 <= link.delegate < len(links):
            wrong.append(f"{place}: it delegates to {link.delegate}, and there is no such entry")
        elif link.delegate == index:
            wrong.append(f"{place}: nobody delegates to themselves")
    return links, wrong


def _each_of(value: object, place: str, reader: Reader) -> tuple[list[Any], list[str]]:
    if not isinstance(value, list):
        raise Wrong(place, "it must be a list")
    found, wrong = [], []
    for index, each in enumerate(value):
        try:
            found.append(reader(each, form.at(place, index)))
        except Wrong as error:
            wrong.append(str(error))
    return found, wrong


def _ballot(value: object, place: str, *, proposal: Proposal, terms: Terms) -> Pattern:
    houses = 2 if proposal.rules.second_power else 1
    if not isinstance(value, list) or len(value) != houses + 2:
        each = " in each house" * (houses - 1)
        raise Wrong(
            place, f"it must be a choice, its power{each}, and how many such ballots there are"
        )
    powers = _powers(value[1:-1], place, 1)
    if not any(powers) and not proposal.delegates:
        raise Wrong(form.at(place, 1), "a ballot has power")
    times = form.number(value[-1], form.at(place, houses + 1))
    if not times:
        raise Wrong(form.at(place, houses + 1), "it must be at least 1")
    choice = _choice(value[0], form.at(place, 0), powers[0], proposal, terms)
    return choice, *powers, times


def _link(value: object, place: str, *, proposal: Proposal, terms: Terms) -> Link:
    houses = 2 if proposal.rules.second_power else 1
    if not isinstance(value, list) or len(value) != houses + 2:
        each = " in each house" * (houses - 1)
        raise Wrong(place, f"it must be a power{each}, the place of a delegate, and a choice")
    powers = _powers(value[:-2], place, 0)
    delegate = form.or_null(form.number)(value[-2], form.at(place, houses))
    choice = None
    if value[-1] is not None:
        choice = _choice(value[-1], form.at(place, houses + 1), powers[0], proposal, terms)
    return Link(*powers, delegate, choice)


def _powers(values: list[Any], place: str, first: int) -> tuple[int, int]:
    """Those of both houses; of one that isn't there it is 0."""
    found = [
        int(form.exact(each, form.at(place, index))) for index, each in enumerate(values, first)
    ]
    return found[0], found[1] if len(found) > 1 else 0


def _choice(value: Any, place: str, power: int, proposal: Proposal, terms: Terms) -> Choice:
    if proposal.system.SHAPE is Shape.STAKES:
        value = form.list_of(_stake)(value, place)
    if type(value) is int and value == RECUSED:
        if not proposal.rules.recusal:
            raise Wrong(place, "under these rules nobody can recuse themselves")
        return RECUSED
    try:
        return proposal.system.check(value, power, terms)
    except Refusal as refusal:
        raise Wrong(place, f"it isn't a valid ballot. {refusal}") from None


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        (name, _), *_ = Counter(name for name, _ in pairs).most_common(1)
        raise Unreadable(
            form.printable(f"It holds “{name[:40]}” twice, so it could mean two things.")
        )
    return found


def _whole(text: str) -> int:
    if len(text) > len(str(form.LARGEST)):
        raise Unreadable(f"It holds a number of {len(text)} digits, which no result file does.")
    return int(text)


def _no_fraction(text: str) -> Any:
    raise Unreadable(f"It holds the number {text[:40]}; all numbers of a result file are whole.")


def _answer(value: Any, place: str) -> tuple[str, str]:
    found = form.list_of(form.text)(value, place)
    if len(found) != 2:
        raise Wrong(place, "it must be a question and its answer")
    return found[0], found[1]


def _stake(value: Any, place: str) -> tuple[int, int]:
    if not isinstance(value, list) or len(value) != 2:
        raise Wrong(place, "it must be a step and a stake from then on")
    return form.number(value[0], form.at(place, 0)), int(form.exact(value[1], form.at(place, 1)))


def _part(value: Any, place: str) -> list[Any]:
    if not isinstance(value, list) or len(value) != 3 or value[0] not in list(STRATEGIES):
        raise Wrong(place, "it must be a strategy, its multiplier and its entries")
    return [
        value[0],
        form.share(value[1], form.at(place, 1)),
        form.list_of(_entry)(value[2], form.at(place, 2)),
    ]


def _entry(value: Any, place: str) -> tuple[str, str]:
    if not isinstance(value, list) or len(value) != 2:
        raise Wrong(place, "it must be an id and its weight")
    return form.identifier(value[0], form.at(place, 0)), form.exact(value[1], form.at(place, 1))


_RULES: Mapping[Kind, Reader] = {
    Kind.ROLE: form.or_null(form.identifier),
    Kind.COUNT: form.number,
    Kind.DURATION: form.number,
    Kind.FLAG: form.flag,
    Kind.SHARE: form.or_null(form.share),
    Kind.QUORUM: form.quorum,
    Kind.MEMBERS: form.list_of(form.identifier),
    Kind.POWER: form.list_of(_part),
}
_PROPOSAL: Mapping[str, Reader] = {
    "server": form.identifier,
    "space": form.or_null(form.identifier),
    "topic": form.text,
    "number": form.number,
    "author": form.identifier,
    "type": form.text,
    "title": form.text,
    "body": form.text,
    "link": form.text,
    "answers": form.list_of(_answer),
    "version": form.number,
    "choices": form.list_of(form.text, MOST_CHOICES),
    "amount": form.number,
    **dict.fromkeys(MOMENTS, form.moment),
    "ended_at": form.or_null(form.moment),
}


def _power(value: Any, place: str) -> int:
    return int(form.exact(value, place))


_ELECTORATE: Mapping[str, Reader] = {
    "snapshot_at": form.or_null(form.moment),
    "recorded": form.flag,
    "members": form.or_null(form.number),
    "power": form.or_null(_power),
    "second": form.or_null(_power),
}


def _electorate(value: object) -> dict[str, Any]:
    values = form.require_keys(value, "electorate", tuple(_ELECTORATE))
    found = {
        name: reader(values[name], form.at("electorate", name))
        for name, reader in _ELECTORATE.items()
    }
    if found["recorded"]:
        for name in ("snapshot_at", "members", "power"):
            if found[name] is None:
                raise Wrong(form.at("electorate", name), "it was recorded, so it must be there")
    return found


def _rules(value: object) -> Rules:
    if not isinstance(value, Mapping):
        raise Wrong("rules", "it must be an object")
    found = {}
    for name, each in value.items():
        if name not in RULES:
            raise Wrong(form.at("rules", name), "there is no such rule")
        found[name] = _rule(each, form.at("rules", name), RULES[name])
    rules = Rules.from_stored(found)
    if rules.system == conviction.NAME and (not rules.funds or not rules.decay < 1):
        raise Wrong("rules", "a conviction vote needs funds, and a decay below 1")
    if rules.second_power and rules.system != basic.NAME:
        raise Wrong("rules.second_power", "in this voting system there is no second house")
    return rules


def _elsewhere(value: object) -> Points:
    found: list[tuple[int, int]] = form.list_of(_stake)(value, "elsewhere")
    steps = [step for step, _ in found]
    if steps != sorted(set(steps)):
        raise Wrong("elsewhere", "its steps must ascend")
    return tuple(found)


def _rule(value: object, place: str, about: About) -> Any:
    """The rule as it is stored."""
    if about.kind is Kind.CHOICE:
        if not isinstance(value, str) or value not in (about.among or ()):
            raise Wrong(place, f"it must be one of {', '.join(about.among or ())}")
        return value
    found = _RULES[about.kind](value, place)
    return int(found) if about.kind is Kind.ROLE and found is not None else found
