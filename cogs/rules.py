"""The rules of a vote in words, for its card."""

from collections.abc import Iterable, Sequence

from governance.composition import Curve
from governance.options import spoken, spoken_quorum, spoken_share
from governance.power import UNIT, whole
from governance.proposal import Proposal
from governance.rules import Reasons, Rules, Secrecy, is_one_each
from governance.strategies import ONE_EACH, STRATEGIES, member
from governance.strategies.strategy import Part
from governance.strategies.writing import spoken_number
from governance.voting import WITHOUT_DELEGATION, basic, conviction, multisig, quadratic

_SIGNERS = 20  # by name
_POWER_ROOM = 400  # for the roles and members that a power names
_AGAINST = {basic.NAME: "A vote Against", multisig.NAME: "A rejection"}


def power_named(parts: Sequence[Part]) -> str:
    """A power by the names of its strategies: `2 × highest role + reputation`."""
    if parts == ONE_EACH:
        return STRATEGIES[member.NAME].TITLE.lower()
    return " + ".join(map(_title, parts))


def power_line(rules: Rules) -> str:
    """Who has how much power, in a few words."""
    if is_one_each(rules):
        return "one member, one vote"
    line = f"power: {power_named(rules.power)}"
    limited = rules.power_cap or rules.power_curve != Curve.LINEAR
    line += " (limited)" if limited else ""
    return line + (f"; second house: {power_named(rules.second_power)}" * bool(rules.second_power))


def _power_in_words(parts: Sequence[Part]) -> str:
    """With the roles and members that it names, where there is room for them."""
    if parts == ONE_EACH:
        return power_named(parts)
    words = []
    for part in parts:
        mark = "@&" if STRATEGIES[part.strategy].NAMES == "roles" else "@"
        named = ", ".join(f"<{mark}{each}> {whole(weight)}" for each, weight in part.entries)
        words.append(_title(part) + (f" ({named})" if named else ""))
    text = " + ".join(words)
    return text if len(text) <= _POWER_ROOM else power_named(parts)


def _title(part: Part) -> str:
    times = spoken_number(part.multiplier)
    if part.strategy == member.NAME:
        return f"{times} per member"
    title = STRATEGIES[part.strategy].TITLE
    return ("" if part.multiplier == 1 else f"{times} × ") + title[0].lower() + title[1:]


def explained(proposal: Proposal) -> str:
    """Every rule that decides, in a few sentences."""
    return " ".join(_rules(proposal))


def _powers(proposal: Proposal) -> Iterable[str]:
    rules = proposal.rules
    if not is_one_each(rules):
        limits = f", at most {spoken_quorum(rules.power_cap)}" if rules.power_cap else ""
        if rules.power_curve == Curve.SQRT:
            limits += ", and of that the square root"
        yield f"A voter's power: {_power_in_words(rules.power)}{limits}."
    if rules.second_power:
        yield f"A second house must agree; power in it: {_power_in_words(rules.second_power)}."
        if rules.second_threshold:
            yield f"There it takes {spoken_share(rules.second_threshold)} For."
    if proposal.delegates and rules.delegation_cap:
        yield f"Nobody carries more than {spoken_share(rules.delegation_cap)} of the electorate."
    if not rules.delegation and rules.system not in WITHOUT_DELEGATION:
        yield "Delegations don't count."


def _rules(proposal: Proposal) -> Iterable[str]:
    rules, system = proposal.rules, proposal.system
    if rules.optimistic:
        yield "Vote For, Against or Abstain. It passes unless the votes Against reach the quorum."
    else:
        yield system.EXPLANATION
    yield from _powers(proposal)
    if rules.system == conviction.NAME:
        yield f"It asks for {proposal.text.amount:,} of {rules.funds:,}."
        yield (
            f"{spoken_share(rules.decay)} of conviction outlasts each hour. Your stakes on all "
            "proposals together are at most your voting power; 0 withdraws one."
        )
    if rules.winners > 1:
        yield f"{rules.winners} choices win."
    if rules.threshold:
        yield f"It takes {spoken_share(rules.threshold)} For of all For and Against."
    if rules.system == quadratic.NAME:
        yield (
            f"Each voter has {rules.credits:,} credit{'s' * (rules.credits != 1)}."
            if rules.credits
            else "Each voter has as many credits as votes."
        )
        if rules.negative:
            yield "Votes against a choice can be bought too."
    if rules.tie_by_lot:
        yield "A tie for first is decided by lot."
    if rules.signers:
        names = [f"<@{each}>" for each in rules.signers[:_SIGNERS]]
        if len(rules.signers) > _SIGNERS:
            names.append(f"and {len(rules.signers) - _SIGNERS} more")
        yield f"{rules.signatures} of these must approve: {', '.join(names)}."
    if rules.super_quorum:
        at = rules.super_quorum
        votes = "1 vote is" if at.power == UNIT else f"{whole(at.power)} votes are"
        if at.share:
            votes = f"{spoken_share(at.share)} of the members are"
        yield f"It passes at once when {votes} For and it has all else that it takes."
    if rules.late_quorum_extension:
        yield f"At least {spoken(rules.late_quorum_extension)} remain once quorum is reached."
    if rules.quiet_ending:
        length = spoken(rules.quiet_ending)
        yield f"A new leader in the last {length} moves the end by {length}."
    if rules.late_quorum_extension or rules.quiet_ending:
        yield f"All that moves the end by {spoken(rules.max_extension)} at most."
    if rules.voting_role:
        yield f"Members with <@&{rules.voting_role}> vote."
    if rules.guardian_role:
        yield f"<@&{rules.guardian_role}> and moderators may cancel it."
    if rules.veto_window:
        above = f"<@&{rules.veto_role}> and moderators" if rules.veto_role else "Moderators"
        window = spoken(rules.veto_window)
        yield f"{above} may veto the decision for {window}, with /proposal cancel."
    if rules.reasons == Reasons.REQUIRED:
        yield "Every vote needs a reason."
    elif rules.reasons == Reasons.AGAINST and rules.system in _AGAINST:
        yield f"{_AGAINST[rules.system]} needs a reason."
    if rules.recusal:
        yield "Who recuses counts for turnout only."
    if rules.secrecy == Secrecy.TALLY:
        yield "The tally is secret until the close, for everyone."
    elif rules.secrecy == Secrecy.VOTERS:
        yield "The tally and the turnout are secret until the close, for everyone."
