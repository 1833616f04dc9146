"""Proposing, editing, canceling, and looking at proposals."""

from functools import partial

import discord
from discord import app_commands
from discord.ext import commands

from cogs import announcements, answers, controls, forms
from cogs.answers import Interaction, server_of
from cogs.cards import Cards, vote_buttons
from cogs.markdown import relative, shown
from cogs.members import member_of
from cogs.permissions import PROPOSALS, complaint
from cogs.proposal_option import suggestions
from governance.errors import Refusal, Unavailable
from governance.proposal import Proposal, ProposalState, state, written
from services import Services
from services.clock import Now
from services.proposals import Which

_PAGE = 10
_LISTS = (Which.OPEN, Which.CLOSED, Which.ALL)
_PUBLISH_SECONDS = 8.0


class Proposals(commands.Cog):
    def __init__(
        self, services: Services, cards: Cards, route: controls.Controls, now: Now
    ) -> None:
        self._services = services
        self._cards = cards
        self._now = now
        for verb, numbers, submitted in (
            ("propose", 0, self._submit_proposal),
            ("edit", 2, self._submit_edit),
            ("cancel", 1, self._submit_cancel),
        ):
            route.on(verb, numbers, submitted)
            route.on(f"again-{verb}", numbers, partial(self._press_again, verb))
        route.on("list", 2, self._press_page)

    @app_commands.command(name="propose", description="Propose something for the members to decide")
    @app_commands.guild_only()
    async def propose(self, interaction: Interaction) -> None:
        guild_id, member = server_of(interaction), member_of(interaction)
        await answers.soon(
            interaction, self._services.proposals.require_may_propose(guild_id, member)
        )
        await interaction.response.send_modal(forms.form("New proposal", "propose"))

    async def _submit_proposal(self, interaction: Interaction, _: list[int]) -> None:
        values = forms.filled(interaction)
        try:
            proposal = await answers.in_time(interaction, self._store(interaction, values))
        except Exception as error:
            await forms.give_back(interaction, error)
            return
        if not interaction.response.is_done():
            await answers.wait(interaction)
        await answers.reply(interaction, await self._published(proposal))

    async def _store(self, interaction: Interaction, values: dict[str, str]) -> Proposal:
        guild_id, member = server_of(interaction), member_of(interaction)
        text = written(values.get("title", ""), values.get("body", ""), values.get("link", ""))
        settings = await self._services.proposals.require_may_propose(guild_id, member)
        _require_place(interaction, settings.proposals_channel)
        return await self._services.proposals.propose(guild_id, member, text)

    async def _published(self, proposal: Proposal) -> str:
        try:
            problem = await self._services.outbox.published(
                proposal.guild_id, proposal.id, within=_PUBLISH_SECONDS
            )
            now = await self._services.proposals.get(proposal.guild_id, proposal.id)
        except Unavailable:
            problem, now = "The database doesn't answer at the moment.", proposal
        name, starts = announcements.named(now), relative(now.vote_start)
        if not now.message_id:
            return (
                f"Your proposal {name} is saved, but its card isn't up yet: {problem} "
                "It appears by itself as soon as that is mended; a moderator sees it in /setup."
            )
        return (
            f"Your proposal {name} is up: {announcements.link_to(now)}\n"
            f"Voting starts {starts}; until then you can change it with /proposal edit."
        )

    group = app_commands.Group(
        name="proposal", description="Look at proposals, and change your own", guild_only=True
    )

    @group.command(name="show", description="See a proposal, its whole text and its votes")
    @app_commands.describe(proposal="Which proposal: its number or title")
    async def show(self, interaction: Interaction, proposal: str) -> None:
        found = await answers.in_time(
            interaction, self._services.proposals.find(server_of(interaction), proposal)
        )
        now = self._now()
        embed = discord.Embed(
            title=announcements.named(found)[:256],
            description=shown(found.text.body)[:4096],
            colour=announcements.COLOURS[state(found, now)],
        )
        embed.add_field(name="State", value=announcements.headline(found, now), inline=False)
        votes = f"{announcements.tally(found)}\n{announcements.turnout(found)}"
        embed.add_field(name="Votes", value=votes, inline=False)
        if found.text.link:
            embed.add_field(name="Link", value=f"<{found.text.link}>", inline=False)
        author = f"<@{found.author_id}>"
        if found.version > 1:
            author += f" · version {found.version}; the thread keeps every version"
        embed.add_field(name="Author", value=author, inline=False)
        view = discord.ui.View(timeout=None)
        if state(found, now) is ProposalState.ACTIVE:
            for button in vote_buttons(found).children:
                view.add_item(button)
        view.stop()
        await answers.reply(
            interaction, announcements.link_to(found) or None, embed=embed, view=view
        )

    @show.autocomplete("proposal")
    async def _suggest_all(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return await suggestions(self._services, interaction, typed, Which.ALL)

    @group.command(name="list", description="See the proposals of this server, newest first")
    @app_commands.describe(which="Which of them; open ones if you don't say")
    @app_commands.choices(
        which=[app_commands.Choice(name=w.value.title(), value=n) for n, w in enumerate(_LISTS)]
    )
    async def list_(self, interaction: Interaction, which: int = 0) -> None:
        await self._show_page(interaction, 0, which)

    async def _press_page(self, interaction: Interaction, numbers: list[int]) -> None:
        await self._show_page(interaction, *numbers)

    async def _show_page(self, interaction: Interaction, page: int, which: int) -> None:
        selection = _LISTS[which % len(_LISTS)]
        found = await answers.in_time(
            interaction,
            self._services.proposals.page(
                server_of(interaction), selection, limit=_PAGE + 1, offset=page * _PAGE
            ),
        )
        if not found:
            other = "" if selection is Which.ALL else " /proposal list which:All shows the others."
            word = "" if selection is Which.ALL else f"{selection.value} "
            await answers.reply(
                interaction, f"There are no {word}proposals here. /propose makes one.{other}"
            )
            return
        lines = [self._line(each) for each in found[:_PAGE]]
        view = controls.paging("list", page, more=len(found) > _PAGE, numbers=(which,))
        embed = discord.Embed(
            title=f"{selection.value.title()} proposals", description="\n".join(lines)
        )
        await answers.reply(interaction, embed=embed, view=view)

    def _line(self, proposal: Proposal) -> str:
        now = self._now()
        line = f"{announcements.short(proposal, now)} · {announcements.named(proposal)}"
        link = announcements.link_to(proposal)
        return f"{line} · {link}" if link else line

    @group.command(name="edit", description="Change your proposal, until voting starts")
    @app_commands.describe(proposal="Which of your proposals: its number or title")
    async def edit(self, interaction: Interaction, proposal: str) -> None:
        found = await answers.soon(
            interaction,
            self._services.proposals.require_may_edit(
                server_of(interaction), proposal, member_of(interaction)
            ),
        )
        values = {"title": found.text.title, "body": found.text.body, "link": found.text.link}
        title = f"Edit {found.name}"
        await interaction.response.send_modal(
            forms.form(title, "edit", found.id, found.version, values=values)
        )

    @edit.autocomplete("proposal")
    async def _suggest_own(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return await suggestions(self._services, interaction, typed, Which.PENDING, own=True)

    async def _submit_edit(self, interaction: Interaction, numbers: list[int]) -> None:
        proposal_id, version = numbers
        values = forms.filled(interaction)
        try:
            text = written(values.get("title", ""), values.get("body", ""), values.get("link", ""))
            edited = await answers.in_time(
                interaction,
                self._services.proposals.edit(
                    server_of(interaction), proposal_id, member_of(interaction), text, version
                ),
            )
        except Exception as error:
            await forms.give_back(interaction, error)
            return
        self._cards.mark(edited, at_once=True)
        self._services.outbox.filled.set()
        await answers.reply(
            interaction,
            f"{announcements.named(edited)} is now version {edited.version}. "
            "The card follows, and the thread keeps every version.",
        )

    @group.command(name="cancel", description="Cancel a proposal for good, with a public reason")
    @app_commands.describe(proposal="Which proposal: its number or title")
    async def cancel(self, interaction: Interaction, proposal: str) -> None:
        found = await answers.soon(
            interaction,
            self._services.proposals.require_may_cancel(
                server_of(interaction), proposal, member_of(interaction)
            ),
        )
        title = f"Cancel {found.name}"
        await interaction.response.send_modal(forms.form(title, "cancel", found.id))

    @cancel.autocomplete("proposal")
    async def _suggest_living(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return await suggestions(self._services, interaction, typed, Which.LIVING)

    async def _submit_cancel(self, interaction: Interaction, numbers: list[int]) -> None:
        values = forms.filled(interaction)
        try:
            canceled = await answers.in_time(
                interaction,
                self._services.proposals.cancel(
                    server_of(interaction),
                    numbers[0],
                    member_of(interaction),
                    values.get("reason", ""),
                ),
            )
        except Exception as error:
            await forms.give_back(interaction, error)
            return
        self._cards.mark(canceled, at_once=True)
        self._services.outbox.filled.set()
        await answers.reply(
            interaction, f"{announcements.named(canceled)} is canceled. Everyone can read why."
        )

    async def _press_again(self, verb: str, interaction: Interaction, numbers: list[int]) -> None:
        title, values = forms.given_back(interaction, verb)
        await interaction.response.send_modal(forms.form(title, verb, *numbers, values=values))


def _require_place(interaction: Interaction, channel_id: int | None) -> None:
    """Refuse a proposal whose card couldn't be posted."""
    guild = interaction.guild
    if guild is None or guild.unavailable:
        raise Unavailable("Discord hasn't shown this server yet, or shows it no more")
    channel = guild.get_channel(channel_id) if channel_id else None
    if channel is None:
        raise Refusal(
            "The proposals channel doesn't exist any more. Ask a moderator to choose one with "
            "/setup; your text is kept here until then."
        )
    if problem := complaint(channel, PROPOSALS):
        raise Refusal(f"{problem} Ask a moderator to allow it; your text is kept here until then.")
