"""Ballots that take more than one press: what is pressed and typed, and the line one can type.

All state of a panel lies in its own message: the ballot so far as the line that `/vote` takes.
"""

import re
from typing import Any, Protocol, cast

import discord
from discord import app_commands, ui

from cogs import answers, controls, forms, limits, panels
from cogs.answers import Interaction, insist, server_of
from cogs.markdown import beginning, escaped, shown
from cogs.members import member_of
from governance.ballot import RECUSED
from governance.errors import NotFound, Refusal
from governance.power import whole
from governance.proposal import Proposal, require_active
from governance.rules import Reasons
from governance.staking import held
from governance.voting.shapes import (
    NOTHING,
    one,
    parsed,
    ranking,
    some,
    tied_ranking,
    typed,
    words,
)
from governance.voting.system import Choice, Points, Shape
from services import Services
from services.clock import Now
from services.voting import Mine

_WORDS_LENGTH = 700  # of a ballot in words
_LINE = re.compile(r"^`([^`\n]+)`$", re.MULTILINE)
_REASON = re.compile(r"^> (.+)$", re.MULTILINE)
_VALUE = re.compile(r"-?\d{1,9}", re.ASCII)
_SEPARATORS = {
    Shape.SOME: ",",
    Shape.RANKING: ">",
    Shape.TIED_RANKING: ">=",
    Shape.POINTS: ", ",
}


class Cast(Protocol):
    """Casts a ballot and answers with its receipt, `in_place` of the message with the button."""

    async def __call__(
        self,
        interaction: Interaction,
        proposal_id: int,
        choice: object,
        reason: str = "",
        *,
        in_place: bool = False,
    ) -> None: ...


class Ballots:
    """What is pressed, chosen and typed in panels and forms."""

    def __init__(
        self, services: Services, route: controls.Controls, now: Now, cast_ballot: Cast
    ) -> None:
        self._services = services
        self._now = now
        self._cast = cast_ballot
        route.on("ballot", 1, self._press_ballot)
        route.on("stake", 1, self._press_stake)
        route.on("pick", 2, self._choose)
        route.on("amount", 2, self._choose_amount)
        route.on("undo", 1, self._press_undo)
        route.on("clear", 1, self._press_clear)
        route.on("type", 1, self._press_type)
        route.on("typed", 1, self._submit_typed)
        route.on("confirm", 1, self._press_confirm)

    async def _press_ballot(self, interaction: Interaction, numbers: list[int]) -> None:
        """Open a panel, with the ballot that its voter has cast."""
        mine = await own(self._services, interaction, numbers[0])
        power = await self._power(interaction, mine.proposal)
        present = mine.ballot.choice if mine.ballot and not mine.ballot.recused else ()
        content, view = panels.panel(mine.proposal, present, power)
        await answers.reply(interaction, content, view=view)

    async def _press_stake(self, interaction: Interaction, numbers: list[int]) -> None:
        """Ask for the stake, with the one that its voter has now."""
        proposal = await self._active(interaction, numbers[0])
        await interaction.response.send_modal(await self._form(interaction, proposal))

    async def _form(
        self, interaction: Interaction, proposal: Proposal, line: str = "", reason: str = ""
    ) -> ui.Modal:
        """The form of a ballot; of a stake, with what its voter has and stakes by now."""
        if proposal.system.SHAPE is not Shape.STAKES:
            return panels.form(proposal, line, reason)
        purse = await answers.soon(
            interaction,
            self._services.voting.purse(proposal.guild_id, proposal.id, interaction.user.id),
        )
        present = line or (whole(purse.here).replace(",", "") if purse.here else NOTHING[0])
        hint = f"You have {whole(await self._power(interaction, proposal))}"
        if elsewhere := sum(stake for _, stake in purse.others):
            hint += f" and stake {whole(elsewhere)} on other proposals"
        return panels.form(proposal, present, reason, hint=f"{hint}. 0 withdraws your stake.")

    async def _choose(self, interaction: Interaction, numbers: list[int]) -> None:
        proposal, draft, power = await self._found(interaction, numbers[0])
        values = [one(value, proposal.terms) for value in _values(interaction)]
        match proposal.system.SHAPE:
            case Shape.ONE:
                draft = values[0] if values else ()
            case Shape.SOME:
                menu = range(numbers[1] * limits.OPTIONS + 1, (numbers[1] + 1) * limits.OPTIONS + 1)
                kept = [each for each in cast("tuple[int, ...]", draft) if each not in menu]
                draft = some([*kept, *values], proposal.terms)
            case Shape.RANKING:
                draft = ranking([*cast("tuple[int, ...]", draft), *values], proposal.terms)
            case Shape.TIED_RANKING:
                draft = tied_ranking([*cast("tuple[Any, ...]", draft), *values], proposal.terms)
            case _:
                chosen = values[0] if values else None
                await _redraw(interaction, *panels.panel(proposal, draft, power, chosen))
                return
        await _redraw(interaction, *panels.panel(proposal, draft, power))

    async def _choose_amount(self, interaction: Interaction, numbers: list[int]) -> None:
        proposal, draft, power = await self._found(interaction, numbers[0])
        number, given = one(numbers[1], proposal.terms), dict(cast("Points", draft))
        given.pop(number, None)  # so that it is the last, and the first to be undone
        if amount := (_values(interaction) or [0])[0]:
            given[number] = amount
        await _redraw(interaction, *panels.panel(proposal, tuple(given.items()), power))

    async def _press_undo(self, interaction: Interaction, numbers: list[int]) -> None:
        proposal, draft, power = await self._found(interaction, numbers[0])
        before = () if isinstance(draft, int) else cast("Choice", draft[:-1])
        await _redraw(interaction, *panels.panel(proposal, before, power))

    async def _press_clear(self, interaction: Interaction, numbers: list[int]) -> None:
        proposal, _, power = await self._found(interaction, numbers[0])
        await _redraw(interaction, *panels.panel(proposal, (), power))

    async def _press_confirm(self, interaction: Interaction, numbers: list[int]) -> None:
        proposal, draft, power = await self._found(interaction, numbers[0])
        if proposal.rules.reasons == Reasons.REQUIRED:
            proposal.system.check(draft, power, proposal.terms)
            await interaction.response.send_modal(
                panels.form(proposal, panels.line_of(proposal, draft))
            )
        else:
            await self._cast(interaction, proposal.id, draft, in_place=True)

    async def _press_type(self, interaction: Interaction, numbers: list[int]) -> None:
        line, reason = _written(interaction), _REASON.search(_content(interaction))
        proposal = await self._active(interaction, numbers[0])
        form = await self._form(interaction, proposal, line, reason[1] if reason else "")
        await interaction.response.send_modal(form)

    async def _submit_typed(self, interaction: Interaction, numbers: list[int]) -> None:
        """Cast what was typed; what isn't taken comes back with it, to be mended."""
        values = forms.filled(interaction)
        reason = values.pop("reason", "")
        line = values.get("ballot") or " ".join(
            f"{name}:{value.strip()}" for name, value in values.items() if value.strip()
        )
        line = " ".join(line.replace("`", "'").split())[: panels.LINE_LENGTH] or NOTHING[0]
        try:
            proposal = await self._active(interaction, numbers[0])
            choice = meant(proposal, line)
            await self._cast(
                interaction, proposal.id, choice, reason, in_place=_private(interaction)
            )
        except Exception as error:  # whatever it is, nothing that was written is lost
            view = panels.empty_view()
            view.add_item(panels.button("Type it", "type", numbers[0], discord.ButtonStyle.primary))
            written = f"\n`{line}`"
            if quoted := " ".join(shown(reason).split()):
                written += f"\n> {quoted}"
            why = beginning(answers.sentence(error), limits.MESSAGE - len(written))
            await answers.reply(interaction, f"{why}{written}", view=view)

    async def _found(
        self, interaction: Interaction, proposal_id: int
    ) -> tuple[Proposal, Choice, int]:
        """The proposal, the ballot that the panel holds, and the power of its voter."""
        line = _written(interaction)
        proposal = await self._active(interaction, proposal_id)
        return proposal, panels.draft_in(proposal, line), await self._power(interaction, proposal)

    async def _active(self, interaction: Interaction, proposal_id: int) -> Proposal:
        # Before a form, or a panel changed in place, Discord can't be told to wait.
        proposal = await answers.soon(
            interaction, self._services.proposals.get(server_of(interaction), proposal_id)
        )
        require_active(proposal, self._now())
        return proposal

    async def _power(self, interaction: Interaction, proposal: Proposal) -> int:
        require_active(proposal, self._now())
        return await answers.soon(
            interaction,
            self._services.voting.power(
                server_of(interaction), proposal.id, member_of(interaction)
            ),
        )


async def own(services: Services, interaction: Interaction, proposal_id: int) -> Mine:
    """What who pressed has cast on a proposal."""
    return await answers.in_time(
        interaction,
        services.voting.mine(server_of(interaction), proposal_id, interaction.user.id),
    )


def meant(proposal: Proposal, text: str) -> object:
    """What a member typed, as a vote takes it; or a Refusal that shows how to write it."""
    if _can_type_recuse(proposal) and text.strip().casefold() == panels.RECUSE.casefold():
        return RECUSED
    shape, terms = proposal.system.SHAPE, proposal.terms
    choice = parsed(shape, text, terms)
    return one(choice, terms) if shape is Shape.ONE else choice  # 0 isn't meant as a recusal


def said(proposal: Proposal, choice: Choice, room: int = _WORDS_LENGTH) -> str:
    """A ballot in words, safe to show, in at most `room` characters."""
    if choice == RECUSED:
        return "recused (counted for turnout only)"
    if proposal.system.SHAPE is Shape.STAKES:
        return f"{whole(held(choice))} staked"
    names = tuple(map(escaped, proposal.choices))
    return beginning(words(proposal.system.SHAPE, choice, names), min(room, _WORDS_LENGTH))


def suggested(proposal: Proposal, text: str) -> list[app_commands.Choice[str]]:
    """What may follow in the line of a ballot that is being typed, with names beside it."""
    shape, terms = proposal.system.SHAPE, proposal.terms
    if shape not in panels.CHECKS:
        return []
    separators, text = _SEPARATORS.get(shape, ""), text.lstrip()
    place = max((text.rfind(sign) for sign in separators), default=-1) + 1
    before, rest = text[:place], text[place:].strip().casefold()
    given = set[int]()
    if before:
        try:
            given = panels.numbers_in(
                proposal, panels.draft_in(proposal, before.rstrip(separators))
            )
        except Refusal:
            return []
    lines = [rest and f"{before}{rest}"] + [
        f"{before}{number}" + ":1" * (shape is Shape.POINTS)
        for number, name in enumerate(proposal.choices, 1)
        if number not in given and (rest in name.casefold() or str(number).startswith(rest))
    ]
    found = {}
    for line in filter(None, lines):
        try:
            choice = cast("Choice", panels.CHECKS[shape](parsed(shape, line, terms), terms))
        except Refusal:
            continue
        value = typed(shape, choice)
        if len(value) <= limits.OPTION:
            name = words(shape, choice, terms.choices)
            found[value] = name if shape is Shape.ONE else f"{value} · {name}"
    if _can_type_recuse(proposal) and panels.RECUSE.casefold().startswith(text.casefold()):
        found.setdefault(panels.RECUSE, f"{panels.RECUSE} (counted for turnout only)")
    return [
        app_commands.Choice(name=beginning(name, limits.OPTION), value=value)
        for value, name in found.items()
    ][: limits.OPTIONS]


def _can_type_recuse(proposal: Proposal) -> bool:
    """Where a choice has that name, the word means the choice."""
    names = [name.casefold() for name in proposal.choices]
    return proposal.rules.recusal and panels.RECUSE.casefold() not in names


def _private(interaction: Interaction) -> bool:
    return interaction.message is not None and interaction.message.flags.ephemeral


def _content(interaction: Interaction) -> str:
    return interaction.message.content if interaction.message and _private(interaction) else ""


def _written(interaction: Interaction) -> str:
    """The line in the panel whose button was pressed."""
    found = _LINE.search(_content(interaction))
    if found is None:
        raise NotFound("Your vote isn't in this message any more. Press Vote on the card again.")
    return found[1]


def _values(interaction: Interaction) -> list[int]:
    """What was chosen in a menu."""
    data: Any = interaction.data
    values = data.get("values") or []
    if not all(_VALUE.fullmatch(value) for value in values):
        raise NotFound("I don't know that choice. Press Vote on the card again.")
    return [int(value) for value in values]


async def _redraw(interaction: Interaction, content: str, view: ui.View) -> None:
    await insist(lambda: interaction.response.edit_message(content=content, view=view))
