"""Voting by button and by command, and looking at one's own votes."""

import discord
from discord import app_commands
from discord.ext import commands

from cogs import announcements, answers, controls
from cogs.answers import Interaction, server_of
from cogs.cards import Cards, vote_buttons
from cogs.markdown import absolute, beginning, relative, shown
from cogs.members import member_of
from cogs.proposal_option import suggestions
from governance.power import whole
from governance.proposal import REASON_LENGTH, ProposalState, state
from governance.voting import SYSTEMS, basic
from services import Services
from services.ballot_writer import Receipt
from services.clock import Now
from services.proposals import Which
from services.voting import Mine

_PAGE = 10
_CHOICES = [app_commands.Choice(name=name, value=n) for n, name in basic.CHOICES.items()]


class Voting(commands.Cog):
    def __init__(
        self, services: Services, cards: Cards, route: controls.Controls, now: Now
    ) -> None:
        self._services = services
        self._cards = cards
        self._now = now
        route.on("vote", 2, self._press_vote)
        route.on("mine", 1, self._press_mine)
        route.on("mine-page", 1, self._press_page)

    @app_commands.command(name="vote", description="Vote on a proposal, or change your vote")
    @app_commands.guild_only()
    @app_commands.describe(
        proposal="Which proposal: its number or title",
        choice="For, Against or Abstain",
        reason="Why, in a sentence (optional)",
    )
    @app_commands.choices(choice=_CHOICES)
    async def vote(
        self,
        interaction: Interaction,
        proposal: str,
        choice: int,
        reason: app_commands.Range[str, 0, REASON_LENGTH] = "",
    ) -> None:
        found = await answers.in_time(
            interaction, self._services.proposals.find(server_of(interaction), proposal)
        )
        await self._cast(interaction, found.id, choice, reason)

    @vote.autocomplete("proposal")
    async def _suggest_active(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return await suggestions(self._services, interaction, typed, Which.ACTIVE)

    @app_commands.command(name="my-votes", description="See what you voted, privately")
    @app_commands.guild_only()
    async def my_votes(self, interaction: Interaction) -> None:
        await self._show_page(interaction, 0)

    async def _press_vote(self, interaction: Interaction, numbers: list[int]) -> None:
        proposal_id, choice = numbers
        await self._cast(interaction, proposal_id, choice)

    async def _cast(
        self, interaction: Interaction, proposal_id: int, choice: int, reason: str = ""
    ) -> None:
        receipt = await answers.in_time(
            interaction,
            self._services.voting.cast(
                server_of(interaction), proposal_id, member_of(interaction), choice, reason
            ),
        )
        self._cards.mark(receipt.proposal, at_once=receipt.reached_quorum)
        await answers.reply(interaction, _receipt(receipt))

    async def _press_mine(self, interaction: Interaction, numbers: list[int]) -> None:
        mine = await answers.in_time(
            interaction,
            self._services.voting.mine(server_of(interaction), numbers[0], interaction.user.id),
        )
        view = discord.ui.View(timeout=None)
        if state(mine.proposal, self._now()) is ProposalState.ACTIVE:
            for button in vote_buttons(mine.proposal).children:
                view.add_item(button)
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
                "You haven't voted in this server yet. /proposal list shows what is open."
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
        sign = announcements.SIGNS[state(proposal, self._now())]
        choice = _choice(mine)
        return f"{sign} {announcements.named(proposal)} · **{choice}** · {_when(mine)}"

    def _my_vote(self, mine: Mine) -> str:
        name = announcements.named(mine.proposal)
        active = state(mine.proposal, self._now()) is ProposalState.ACTIVE
        if mine.ballot is None:
            return f"You haven't voted on {name}." + (
                f" You can, until {absolute(mine.proposal.vote_end)}." if active else ""
            )
        reason = f"\n> {_quoted(mine.ballot.reason)}" if mine.ballot.reason else ""
        return (
            f"Your vote on {name}: **{_choice(mine)}**, with {whole(mine.ballot.power)} vote, "
            f"cast {_when(mine)}.{reason}"
            + (f"\nYou can change it until {absolute(mine.proposal.vote_end)}." if active else "")
        )


def _choice(mine: Mine) -> str:
    choices = SYSTEMS[mine.proposal.rules.system].CHOICES
    return choices[mine.ballot.choice] if mine.ballot else "–"


def _when(mine: Mine) -> str:
    return relative(mine.ballot.cast_at) if mine.ballot else ""


def _quoted(reason: str) -> str:
    return shown(beginning(reason, REASON_LENGTH)).replace("\n", " ")


def _receipt(receipt: Receipt) -> str:
    """What was counted, what it replaced, and how to change it."""
    choices = SYSTEMS[receipt.proposal.rules.system].CHOICES
    name, ballot, replaced = announcements.named(receipt.proposal), receipt.ballot, receipt.replaced
    choice = choices[ballot.choice]
    counted = f"with {whole(ballot.power)} vote (one member, one vote)"
    if replaced is None:
        first = f"☑️ Counted on {name}: **{choice}**, {counted}."
    elif replaced.choice == ballot.choice:
        first = f"☑️ Your vote on {name} stays **{choice}**, {counted}."
    else:
        first = (
            f"☑️ Changed on {name}: from **{choices[replaced.choice]}** to **{choice}**, {counted}."
        )
    reason = f"\n> {_quoted(ballot.reason)}" if ballot.reason else ""
    until = relative(receipt.proposal.vote_end)
    return f"{first}{reason}\nVoting ends {until}; until then you can vote again to change it."
