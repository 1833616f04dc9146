"""Recounts a result file with the rules alone."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from governance import result_form as form
from governance.ballot import RECUSED
from governance.proposal import Proposal
from governance.result import SECTIONS, SHOWN_DIGITS, Pattern, digests, sections_of
from governance.result_delegations import Carry, Link, carry_of, in_order
from governance.result_form import Wrong, digest, listed
from governance.result_reading import Unreadable, ballots_of, links_of, require_format, stated
from governance.result_words import recount_in_words
from governance.voting import conviction
from governance.voting.system import Ballots, Choice


@dataclass(frozen=True, slots=True)
class Report:
    """What a recount found: `lines` in words, `problems` where the file isn't exact."""

    lines: tuple[str, ...]
    problems: tuple[str, ...]


def verified(file: Mapping[str, Any]) -> Report:
    """Recount a file; it is exact iff no problem was found."""
    try:
        form.require_plain(file, "", 0)
        require_format(file)
        form.require_keys(file, "", (*SECTIONS, "digests", "fingerprint"))
    except (Unreadable, Wrong) as error:
        return Report((), (form.printable(str(error)),))
    lines, problems = _recounted(file)
    taken = digests(file)
    problems += _altered(file, taken)
    own = digest(taken)
    lines += [
        "",
        f"Fingerprint {own[:SHOWN_DIGITS]} (in full {own})",
        "Compare it with the one on the result message in Discord: whoever changes this file can",
        "change all of it, but not that message.",
    ]
    return Report(tuple(map(form.printable, lines)), tuple(map(form.printable, problems)))


def _recounted(file: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The recount in words, and where the file differs from it."""
    try:
        before = stated(file)
        ballots, wrong = ballots_of(file["ballots"], before)
        links, unlinked = links_of(file["delegations"], before)
    except Wrong as error:
        return [], [str(error)]
    if wrong or unlinked:
        return [], wrong + unlinked
    proposal = _with_counts(before, ballots)
    carried = carry_of(proposal, links)
    found = sections_of(proposal, ballots, links)
    wrong = [
        *_untimely(proposal, ballots),
        *_impossible(proposal, found["result"]["voters"]),
        *_disordered(links),
        *_uncarried(carried, ballots),
        *_unrecorded(proposal, ballots, links, carried),
    ]
    for name in SECTIONS:
        source = "the ballots give" if name == "result" else "it should be"
        wrong += _differences(name, file[name], found[name], source)
    return recount_in_words(proposal, ballots, links, carried), wrong


def _with_counts(proposal: Proposal, ballots: Sequence[Pattern]) -> Proposal:
    system, terms, second = proposal.system, proposal.terms, None
    if proposal.rules.second_power:
        second = system.count(_sides(ballots, second=True), terms)
    return replace(proposal, count=system.count(_sides(ballots), terms), second_count=second)


def _sides(ballots: Sequence[Pattern], *, second: bool = False) -> list[tuple[Choice, int, int]]:
    """The ballots with their power in one house, without those of who is recused."""
    return [
        (choice, other if second else power, times)
        for choice, power, other, times in ballots
        if choice != RECUSED
    ]


def _disordered(links: Sequence[Link]) -> Iterator[str]:
    """The first of the delegations that stands in another's place."""
    for index, (link, other) in enumerate(zip(links, in_order(links), strict=True)):
        if link != other:
            yield f"delegations.{index}: it stands in the place of another"
            return


def _uncarried(carried: Carry, ballots: Sequence[Pattern]) -> Iterator[str]:
    """Ballots that aren't there, by what their voters carry; and ballots that have no power."""
    wanted = Counter(carried.ballots.values())
    there = {ballot[:3]: ballot[3] for ballot in ballots}
    indexes = {ballot: index for index, ballot in carried.ballots.items()}
    for ballot, number in wanted.items():
        if there.get(ballot, 0) < number:
            choice, power, second = ballot
            shown = _brief([listed(choice), str(power), *([str(second)] if second else [])])
            yield (
                f"delegations.{indexes[ballot]}: with what it carries its ballot is {shown}; there "
                f"are {there.get(ballot, 0)} of these, and the delegations give {number}"
            )
    for index, (choice, power, second, times) in enumerate(ballots):
        if not power and not second and times > wanted[choice, power, second]:
            yield f"ballots.{index}.1: a ballot has power"


def _unrecorded(
    proposal: Proposal, ballots: Sequence[Pattern], links: Sequence[Link], carried: Carry
) -> Iterator[str]:
    """More voters, or more power, than the electorate that was recorded."""
    if not proposal.recorded:
        return
    members = sum(ballot[3] for ballot in ballots)
    members += sum(link.delegate is not None and link.choice is None for link in links)
    if members > proposal.electors:
        yield f"electorate.members: it says {proposal.electors}, and at least {members} took part"
    uncast = carried.uncast.values()
    power = sum(ballot[1] * ballot[3] for ballot in ballots) + sum(each.power for each in uncast)
    if power > (proposal.electorate or 0):
        yield f"electorate.power: it says {proposal.electorate}, and at least {power} took part"
    second = sum(ballot[2] * ballot[3] for ballot in ballots) + sum(each.second for each in uncast)
    if second > (proposal.second_electorate or 0):
        yield (
            f"electorate.second: it says {proposal.second_electorate or 0}, and at least {second} "
            "took part"
        )


def _untimely(proposal: Proposal, ballots: Sequence[Pattern]) -> Iterator[str]:
    """Times that can't be, under the rules."""
    rules, at = proposal.rules, "proposal."
    start, end = proposal.vote_start, proposal.vote_end
    if proposal.submitted_at is None or start != proposal.submitted_at + rules.voting_delay:
        yield f"{at}vote_start: it isn't submitted_at and the voting delay"
    earliest = start + rules.voting_period
    if rules.system == conviction.NAME:
        yield from _unconvinced(proposal, _sides(ballots))
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
    taken, counted = proposal.snapshot_at, proposal.counted_at
    if taken and counted and not start < taken <= counted:
        yield "electorate.snapshot_at: it must lie between vote_start and counted_at"


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
                yield f"{form.at(place, name)}: nothing of that name belongs there"
        for name, each in truth.items():
            if name in says:
                yield from _differences(form.at(place, name), says[name], each, source)
            elif place != "rules":  # a rule that isn't there is younger than the file
                yield f"{form.at(place, name)}: it is missing; {source} {_brief(each)}"
    elif isinstance(says, list) and isinstance(truth, list):
        for index, (own, each) in enumerate(zip(says, truth, strict=False)):
            yield from _differences(form.at(place, index), own, each, source)
        if len(says) != len(truth):
            yield f"{place}: it has {len(says)} entries; there should be {len(truth)}"
    elif type(says) is not type(truth) or says != truth:
        plainly = type(says) is type(truth)
        shown = [_brief(each, plainly=plainly) for each in (says, truth)]
        yield f"{place}: the file says {shown[0]}, {source} {shown[1]}"


def _brief(value: Any, *, plainly: bool = False) -> str:
    text = value if plainly and isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _altered(file: Mapping[str, Any], own: Mapping[str, str]) -> Iterator[str]:
    """Sections that aren't those of which the file's digests were taken; `own` they have now."""
    yield from _differences("fingerprint", file["fingerprint"], digest(own), "its sections give")
    claimed = file["digests"]
    if not isinstance(claimed, Mapping) or claimed.keys() != own.keys():
        yield from _differences("digests", claimed, own, "it should be")
        return
    for name, taken in own.items():
        if claimed[name] != taken:
            yield f"{name}: it was changed, or digests.{name} was: they don't belong together"
