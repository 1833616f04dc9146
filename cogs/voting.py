"""Voting by button and by command, and looking at one's own votes."""

import discord
from discord import app_commands
from discord.ext import commands

from cogs import answers, ballots, controls, forms, panels, states
from cogs.answers import Interaction, insist, server_of
from cogs.ballots import Ballots, said
from cogs.cards import Cards, vote_buttons
from cogs.markdown import beginning, relative, shown
from cogs.members import member_of
from cogs.proposal_option import chosen, suggestions
from cogs.tallies import amount
from governance.ballot import RECUSED, Ballot
from governance.errors import Refusal, Unavailable
from governance.power import UNIT, whole
from governance.proposal import Proposal, require_active, state, takes_votes
from governance.rules import is_one_each
from governance.texts import REASON_LENGTH
from governance.voting import quadratic
from governance.voting.system import Shape
from services import Services
from services.ballot_writer import Receipt
from services.clock import Now
from services.proposals import Which
from services.voting import Mine

_PAGE = 10
_SHORT = 150  # letters of a ballot in a list
_WORDS_ROOM = 1750  # of a receipt, without the words that are the same on each


class Voting(commands.Cog):
    def __init__(
        self, services: Services, cards: Cards, route: controls.Controls, now: Now
    ) -> None:
        self._services = services
        self._cards = cards
        self._now = now
        Ballots(services, route, now, self._cast)
        route.on("vote", 2, self._press_vote)
        route.on("vote-why", 2, self._press_vote_why)
        route.on("why", 2, self._submit_why)
        route.on("recuse", 1, self._press_recuse)
        route.on("mine", 1, self._press_mine)
        route.on("mine-page", 1, self._press_page)

    @app_commands.command(name="vote", description="Vote on a proposal, or change your vote")
    @app_commands.guild_only()
    @app_commands.describe(
        proposal="Which proposal: its number or title",
        choice="A name or number; a ranking like 2>1>3; points like 1:3 2:1; a stake like 0.5",
        reason="Why, in a sentence (optional)",
    )
    async def vote(
        self,
        interaction: Interaction,
        proposal: str,
        choice: str,
        reason: app_commands.Range[str, 0, REASON_LENGTH] = "",
    ) -> None:
        found = await answers.in_time(interaction, chosen(self._services, interaction, proposal))
        require_active(found, self._now())
        await self._cast(interaction, found.id, ballots.meant(found, choice), reason)

    @vote.autocomplete("proposal")
    async def _suggest_active(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return await suggestions(self._services, interaction, typed, Which.ACTIVE)

    @vote.autocomplete("choice")
    async def _suggest_choices(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        try:
            proposal = interaction.namespace.proposal or ""
            found = await answers.soon(interaction, chosen(self._services, interaction, proposal))
            return ballots.suggested(found, typed)
        except (Refusal, Unavailable):
            return []  # Discord shows no sentence here; who sends the line is told

    @app_commands.command(name="my-votes", description="See what you voted, privately")
    @app_commands.guild_only()
    async def my_votes(self, interaction: Interaction) -> None:
        await self._show_page(interaction, 0)

    async def _press_vote(self, interaction: Interaction, numbers: list[int]) -> None:
        proposal_id, choice = numbers
        await self._cast(interaction, proposal_id, choice)

    async def _press_vote_why(self, interaction: Interaction, numbers: list[int]) -> None:
        await interaction.response.send_modal(panels.reason_form(*numbers))

    async def _submit_why(self, interaction: Interaction, numbers: list[int]) -> None:
        proposal_id, choice = numbers
        reason = forms.filled(interaction).get("reason", "")
        await self._cast(interaction, proposal_id, choice, reason)

    async def _press_recuse(self, interaction: Interaction, numbers: list[int]) -> None:
        await self._cast(interaction, numbers[0], RECUSED)

    async def _cast(
        self,
        interaction: Interaction,
        proposal_id: int,
        choice: object,
        reason: str = "",
        *,
        in_place: bool = False,
    ) -> None:
        receipt = await answers.in_time(
            interaction,
            self._services.voting.cast(
                server_of(interaction), proposal_id, member_of(interaction), choice, reason
            ),
        )
        if _shows(receipt):
            self._cards.mark(receipt.proposal, at_once=receipt.news)
        if receipt.news:
            self._services.outbox.filled.set()  # the thread hears of an extension
        if receipt.carries and receipt.replaced is None:
            self._services.notices.filled.set()  # who delegates to the voter hears of it
        text = _receipt(receipt)
        if in_place and not interaction.response.is_done():
            edit = interaction.response.edit_message
            if await insist(lambda: edit(content=text, view=None)) is None:
                # Something was answered whose confirmation got lost; perhaps only the waiting sign.
                await interaction.edit_original_response(content=text, view=None)
        else:
            await answers.reply(interaction, text)

    async def _press_mine(self, interaction: Interaction, numbers: list[int]) -> None:
        mine = await ballots.own(self._services, interaction, numbers[0])
        view = discord.ui.View(timeout=None)
        if takes_votes(mine.proposal, self._now()):
            for button in vote_buttons(mine.proposal).children:
                view.add_item(button)
            if mine.proposal.rules.recusal:
                view.add_item(panels.recuse_button(mine.proposal))
        view.stop()
        await answers.reply(interaction, self._my_vote(mine), view=view)

    async def _press_page(self, interaction: Interaction, numbers: list[int]) -> None:
        await self._show_page(interaction, numbers[0])

    async def _show_page(self, interaction: Interaction, page: int) -> None:
        found = await answers.in_time(
            interaction,
            self._services.voting.all_mine(
                server_of(interaction), interaction.user.id, limit=_PAGE + 1, offset=page * _PAGE
            ),
        )
        if not found:
            await answers.reply(
                interaction,
                "You haven't voted in this server yet. /proposal list shows what is open; if you "
                "delegate, /delegate explain shows where your power goes."
                if page == 0
                else "There are no more votes of yours.",
            )
            return
        lines = [self._line(each) for each in found[:_PAGE]]
        view = controls.paging("mine-page", page, more=len(found) > _PAGE)
        embed = discord.Embed(title="Your votes", description="\n".join(lines))
        await answers.reply(interaction, embed=embed, view=view)

    def _line(self, mine: Mine) -> str:
        proposal = mine.proposal
        sign = states.SIGNS[state(proposal, self._now())]
        choice = beginning(_choice(mine), _SHORT)
        return f"{sign} {states.named(proposal)} · **{choice}** · {_when(mine)}"

    def _my_vote(self, mine: Mine) -> str:
        name, ballot = states.named(mine.proposal), mine.ballot
        until = states.until(mine.proposal)
        active = takes_votes(mine.proposal, self._now())
        if ballot is None:
            said = f"You haven't voted on {name}." + f" You can, until {until}." * active
            return said + _carried_by(mine)
        return (
            f"Your vote on {name}: **{_choice(mine)}**, {_with(mine.proposal, ballot)}, "
            f"cast {_when(mine)}.{_quoted(ballot)}" + f"\nYou can change it until {until}." * active
        )


def _choice(mine: Mine) -> str:
    return said(mine.proposal, mine.ballot.choice) if mine.ballot else "–"


def _carried_by(mine: Mine) -> str:
    """A line on who has the power of a member who hasn't voted."""
    if mine.carrier is None:
        return ""
    who = f"<@{mine.carrier.member_id}>"
    if mine.carrier.voted is None:
        said = f"{who}; who has voted is secret for now"
    elif mine.carrier.voted:
        said = f"{who}, who has voted"
    else:
        said = f"{who}, who " + ("didn't vote" if mine.proposal.counted_at else "hasn't voted yet")
    return f"\nYour power is with {said}; /delegate explain shows the way."


def _when(mine: Mine) -> str:
    return relative(mine.ballot.cast_at) if mine.ballot else ""


def _quoted(ballot: Ballot) -> str:
    if not ballot.reason:
        return ""
    return "\n> " + shown(beginning(ballot.reason, REASON_LENGTH)).replace("\n", " ")


def _with(proposal: Proposal, ballot: Ballot, carries: int = 0) -> str:
    """What a ballot weighs or costs; `carries` is for how many members its voter votes too."""
    if ballot.recused:
        return "without taking a side"
    if proposal.rules.system == quadratic.NAME:
        cost, budget = panels.spent(proposal, ballot.choice, ballot.power)
        return f"for {cost:,} of {budget:,} credit{'s' * (budget != 1)}"
    if proposal.system.SHAPE is Shape.STAKES:
        return f"of {whole(ballot.power)} that you have for all proposals"
    if proposal.hides_voters and proposal.delegates:
        # What is carried would tell which of the others have voted themselves.
        own = f"with {_votes(ballot.power - ballot.carried)} of your own"
        if proposal.rules.second_power:
            own += f" ({_votes(ballot.second - ballot.second_carried)} in the second house)"
        return f"{own}, beside what you carry for others, which is secret until the close"
    if is_one_each(proposal.rules) and not ballot.carried:
        return f"with {whole(ballot.power)} vote (one member, one vote)"
    notes = []
    if ballot.carried:
        others = f"{carries:,} member{'s' * (carries != 1)}" if carries else "others"
        own = amount(ballot.power - ballot.carried, UNIT)
        notes.append(f"{own} your own, {amount(ballot.carried, UNIT)} carried for {others}")
    if proposal.rules.second_power:
        carried = amount(ballot.second_carried, UNIT)
        of_them = f", {carried} of them carried" if ballot.second_carried else ""
        notes.append(f"{_votes(ballot.second)} in the second house{of_them}")
    notes.append("/power explains them")
    return f"with {_votes(ballot.power)} ({'; '.join(notes)})"


def _votes(power: int) -> str:
    return f"{amount(power, UNIT)} vote{'s' * (power != UNIT)}"


def _shows(receipt: Receipt) -> bool:
    """Whether the card shows more than before: of a secret vote, at most that one more voted.

    A card that were edited for less would tell, by the time of its edit, who changed their vote.
    """
    proposal = receipt.proposal
    new = receipt.replaced is None and not proposal.hides_voters
    return receipt.news or new or not proposal.hides_tally


def _receipt(receipt: Receipt) -> str:
    """What was counted, what it replaced, and how to change it."""
    proposal, ballot, replaced = receipt.proposal, receipt.ballot, receipt.replaced
    name, counted, quoted = (
        states.named(proposal),
        _with(proposal, ballot, receipt.carries),
        _quoted(ballot),
    )
    # The reason is kept whole, and two ballots share what it leaves.
    room = (_WORDS_ROOM - len(name) - len(counted) - len(quoted)) // 2
    choice = said(proposal, ballot.choice, room)
    if replaced is None:
        first = f"☑️ Counted on {name}: **{choice}**, {counted}."
    elif replaced.choice == ballot.choice:
        first = f"☑️ Your vote on {name} stays **{choice}**, {counted}."
    else:
        before = said(proposal, replaced.choice, room)
        first = f"☑️ Changed on {name}: from **{before}** to **{choice}**, {counted}."
    last = f"Voting ends {relative(proposal.vote_end)}; until then you can vote again to change it."
    if proposal.system.SHAPE is Shape.STAKES:
        last = f"It is {states.open_until(proposal)} You can change your stake until then."
        if receipt.news:
            last = "With it the proposal passes."
    if proposal.ended_at:
        last = "With it the vote is decided, and voting is over."
    return f"{first}{quoted}\n{last}"
