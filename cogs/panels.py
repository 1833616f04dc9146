"""What a private panel or form of a ballot shows: what was given so far, and what is left."""

from collections.abc import Callable, Sequence
from functools import partial
from math import isqrt
from typing import Any, cast

import discord
from discord import ui

from cogs import controls, limits, states
from cogs.markdown import beginning, escaped
from governance.errors import Refusal
from governance.power import UNIT
from governance.proposal import Proposal
from governance.rules import Reasons
from governance.texts import REASON_LENGTH
from governance.voting import copeland, quadratic, weighted
from governance.voting.shapes import (
    HOW,
    NOTHING,
    one,
    parsed,
    points,
    ranking,
    some,
    tied_ranking,
    typed,
)
from governance.voting.system import Choice, Points, Shape, Terms

RECUSE = "Recuse"
_SHOWN = 15  # choices of a ballot in a panel
LINE_LENGTH = 600
_INPUTS = 5  # fields of a form
_WEIGHTS = (*range(11), 15, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90, 100, 500, 1000)
_LIKE = {
    Shape.ONE: "2",
    Shape.SOME: "1, 3",
    Shape.RANKING: "2>1>3",
    Shape.TIED_RANKING: "2>1=3",
    Shape.POINTS: "1:3 2:1",
    Shape.STAKES: "0.5",
}
CHECKS: dict[Shape, Callable[[object, Terms], object]] = {
    Shape.ONE: one,
    Shape.SOME: some,
    Shape.RANKING: ranking,
    Shape.TIED_RANKING: tied_ranking,
    Shape.POINTS: partial(points, negative=True),
}
_HINTS = {
    Shape.ONE: "Choose one.",
    Shape.SOME: "Tick all that you approve of; to approve of none is a vote too.",
    Shape.RANKING: "Choose the best first, then the next, as far as you like.",
    Shape.TIED_RANKING: "Choose the best first, then the next; for equals, type it.",
    Shape.POINTS: "Choose, then say how much.",
    Shape.STAKES: "Type how much you stake.",
}


def panel(
    proposal: Proposal, draft: Choice, power: int, chosen: int | None = None
) -> tuple[str, ui.View]:
    """A ballot in the making: what has been given so far, what is left, and what to do next.

    `chosen` is the choice that points are given to at the moment.
    """
    shape = proposal.system.SHAPE
    hint = _HINTS[shape]
    if proposal.rules.system == copeland.NAME:
        hint = (
            f"Choose the best first, then the next, until all {len(proposal.choices)} are ranked."
        )
    head = (
        f"**Your vote on {states.named(proposal)}** · {proposal.system.TITLE}\n"
        f"`{line_of(proposal, draft)}`"
    )
    left = _left(proposal, draft, power)
    hint = f"-# {hint} Nothing is counted until you press Confirm."
    room = limits.MESSAGE - len(f"{head}\n\n{left}\n{hint}")
    given = beginning("\n".join(_lines(proposal, draft)), room)
    content = "\n".join(filter(None, [head, given, left, hint]))
    view = empty_view()
    for menu in _menus(proposal, draft, chosen):
        view.add_item(menu)
    if chosen:
        view.add_item(_amounts(proposal, draft, power, chosen))
    row = len(view.children)
    view.add_item(button("Confirm", "confirm", proposal.id, discord.ButtonStyle.success, row))
    if draft:
        if shape in (Shape.RANKING, Shape.TIED_RANKING, Shape.POINTS):
            view.add_item(button("Undo", "undo", proposal.id, row=row))
        view.add_item(button("Start again", "clear", proposal.id, row=row))
    view.add_item(button("Type it", "type", proposal.id, row=row + 1))
    if proposal.rules.recusal:
        view.add_item(button(RECUSE, "recuse", proposal.id, row=row + 1))
    return content, view


def recuse_button(proposal: Proposal) -> ui.Button[ui.View]:
    return button(RECUSE, "recuse", proposal.id)


def form(proposal: Proposal, line: str, reason: str = "", *, hint: str = "") -> ui.Modal:
    """The ballot as one line, or a field for each choice where they are few; and the reason."""
    shape, needed = proposal.system.SHAPE, proposal.rules.reasons == Reasons.REQUIRED
    modal = ui.Modal(
        title=f"Your vote on {proposal.label}", custom_id=controls.custom_id("typed", proposal.id)
    )
    given = _points(proposal, line)
    if given is not None and len(proposal.choices) <= _INPUTS - needed:
        for number, name in enumerate(proposal.choices, 1):
            value = str(given[number]) if number in given else None
            modal.add_item(_field(f"{number} {name}", str(number), default=value, placeholder="0"))
    else:
        modal.add_item(
            _field(
                "How much do you stake?" if shape is Shape.STAKES else "Your vote",
                "ballot",
                description=beginning(hint or f"{HOW[shape]}.", limits.HINT),
                placeholder=f"For example {_LIKE[shape]}",
                default=line if line != NOTHING[0] else None,
            )
        )
    if len(modal.children) < _INPUTS:
        modal.add_item(reason_field(required=needed, reason=reason))
    modal.stop()  # so that discord.py doesn't keep it; Controls routes what comes back
    return modal


def reason_form(proposal_id: int, choice: int) -> ui.Modal:
    """Asks for the reason of a vote by button."""
    modal = ui.Modal(title="Your reason", custom_id=controls.custom_id("why", proposal_id, choice))
    modal.add_item(reason_field(required=True))
    modal.stop()
    return modal


def reason_field(*, required: bool, reason: str = "") -> ui.Label[ui.Modal]:
    return ui.Label(
        text="Why do you vote so?",
        component=ui.TextInput(
            custom_id="reason",
            style=discord.TextStyle.paragraph,
            placeholder="" if required else "Optional",
            default=reason[:REASON_LENGTH] or None,
            required=required,
            max_length=REASON_LENGTH,
        ),
    )


def spent(proposal: Proposal, choice: Choice, power: int) -> tuple[int, int]:
    """The credits that a quadratic ballot costs, and those its voter has."""
    cost = sum(votes * votes for _, votes in cast("Points", choice))
    budget = proposal.terms.credits
    return cost, power // UNIT if budget is None else budget


def numbers_in(proposal: Proposal, draft: Choice) -> set[int]:
    """The choices that a ballot names."""
    if isinstance(draft, int):
        return {draft}
    if proposal.system.SHAPE is Shape.POINTS:
        return {number for number, _ in cast("Points", draft)}
    return {n for each in draft for n in (each if isinstance(each, tuple) else (each,))}


def draft_in(proposal: Proposal, line: str) -> Choice:
    """The ballot that a panel holds; its choices exist, though it may be no valid ballot yet."""
    if line == NOTHING[0]:
        return ()
    shape, terms = proposal.system.SHAPE, proposal.terms
    read = parsed(shape, line, terms)
    if shape in CHECKS:
        CHECKS[shape](read, terms)
    return cast("Choice", read)  # points stay in the order in which they were given


def line_of(proposal: Proposal, draft: Choice) -> str:
    return typed(proposal.system.SHAPE, draft)


def _lines(proposal: Proposal, draft: Choice) -> list[str]:
    """The ballot so far, a line for each choice."""

    def name(number: int) -> str:
        return escaped(beginning(proposal.choices[number - 1], limits.OPTION // 2))

    match proposal.system.SHAPE:
        case Shape.STAKES:
            return []
        case Shape.POINTS:
            given = cast("Points", draft)
            total = 0 if proposal.rules.system == quadratic.NAME else sum(n for _, n in given)
            lines = [
                f"{name(number)}: {amount:,}" + (f" ({100 * amount // total} %)" if total else "")
                for number, amount in given
            ]
        case shape:
            places = [draft] if isinstance(draft, int) else list(draft)
            numbered = shape in (Shape.RANKING, Shape.TIED_RANKING)
            lines = [
                f"{place}. " * numbered
                + " and ".join(map(name, each if isinstance(each, tuple) else [each]))
                for place, each in enumerate(places, 1)
            ]
    more = len(lines) - _SHOWN
    return lines if more <= 0 else [*lines[:_SHOWN], f"… and {more} more"]


def _left(proposal: Proposal, draft: Choice, power: int) -> str:
    """What is left to give."""
    match proposal.rules.system:
        case quadratic.NAME:
            cost, budget = spent(proposal, draft, power)
            return f"**{budget - cost:,} of {budget:,} credit{'s' * (budget != 1)} left**"
        case copeland.NAME:
            left = len(proposal.choices) - len(cast("tuple[int, ...]", draft))
            return f"**{left} left to rank**" if left else ""
    return ""


def _menus(proposal: Proposal, draft: Choice, chosen: int | None) -> list[ui.Select[ui.View]]:
    """The choices that can be chosen now, 25 to a menu."""
    shape = proposal.system.SHAPE
    numbers = list(range(1, len(proposal.choices) + 1))
    marked, most, ask = [chosen], 1, "Choose"
    match shape:
        case Shape.STAKES:
            return []
        case Shape.ONE:
            marked = [draft] if isinstance(draft, int) else []
        case Shape.SOME:
            marked, most = list(cast("tuple[int, ...]", draft)), limits.OPTIONS
            ask = "What do you approve of?"
        case Shape.RANKING | Shape.TIED_RANKING:
            ranked = numbers_in(proposal, draft)
            numbers = [each for each in numbers if each not in ranked]
            ask = f"Your {_ordinal(len(cast('tuple[Any, ...]', draft)) + 1)} choice"
        case Shape.POINTS:
            ask = "To which choice?"
    pages = [numbers[at : at + limits.OPTIONS] for at in range(0, len(numbers), limits.OPTIONS)]
    return [
        ui.Select(
            custom_id=controls.custom_id("pick", proposal.id, page),
            placeholder=ask if len(pages) == 1 else f"{ask} ({held[0]} to {held[-1]})",
            min_values=0 if shape is Shape.SOME else 1,
            max_values=min(most, len(held)),
            options=[
                discord.SelectOption(
                    label=beginning(f"{number} {proposal.choices[number - 1]}", limits.OPTION),
                    value=str(number),
                    default=number in marked,
                )
                for number in held
            ],
            row=page,
        )
        for page, held in enumerate(pages)
    ]


def _amounts(proposal: Proposal, draft: Choice, power: int, chosen: int) -> ui.Select[ui.View]:
    """How much one choice may get, as far as a menu can hold it."""
    given = dict(cast("Points", draft))
    present = given.pop(chosen, 0)
    if proposal.rules.system == quadratic.NAME:
        cost, budget = spent(proposal, tuple(given.items()), power)
        most = min(isqrt(max(0, budget - cost)), 12 if proposal.rules.negative else 24)
        amounts: Sequence[int] = range(-most if proposal.rules.negative else 0, most + 1)
        labels = [
            f"{n} vote{'s' * (abs(n) != 1)} · {n * n} credit{'s' * (abs(n) != 1)}" for n in amounts
        ]
    else:
        amounts = [n for n in _WEIGHTS if n <= weighted.MOST - sum(given.values())]
        labels = [str(n) for n in amounts]
    return ui.Select(
        custom_id=controls.custom_id("amount", proposal.id, chosen),
        placeholder=beginning(f"How much for {chosen} {proposal.choices[chosen - 1]}?", 150),
        options=[
            discord.SelectOption(label=label, value=str(n), default=n == present)
            for n, label in zip(amounts, labels, strict=True)
        ][: limits.OPTIONS],
    )


def _points(proposal: Proposal, line: str) -> dict[int, int] | None:
    """What a line of points gives to each choice; None where that has no field of its own."""
    if proposal.system.SHAPE is not Shape.POINTS:
        return None
    try:
        return dict(cast("Points", draft_in(proposal, line)))
    except Refusal:
        return None


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}th" if number in (11, 12, 13) else f"{number}{ending}"


def _field(label: str, name: str, *, description: str | None = None, **more: Any) -> ui.Label[Any]:
    return ui.Label(
        text=beginning(label, limits.LABEL),
        description=description,
        component=ui.TextInput(custom_id=name, required=False, max_length=LINE_LENGTH, **more),
    )


def button(
    label: str,
    verb: str,
    proposal_id: int,
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
    row: int | None = None,
) -> ui.Button[ui.View]:
    return ui.Button(
        label=label, style=style, custom_id=controls.custom_id(verb, proposal_id), row=row
    )


def empty_view() -> ui.View:
    view = ui.View(timeout=None)
    view.stop()  # so that discord.py doesn't keep it; Controls routes what is pressed
    return view
