"""Proposing, editing, canceling, and looking at proposals."""

from contextlib import suppress

import discord
from discord import app_commands
from discord.ext import commands

from cogs import answers, controls, drafts, forms, limits, spaces, states, tallies, types
from cogs.answers import Interaction, server_of
from cogs.cards import Cards, vote_buttons
from cogs.export import export
from cogs.markdown import beginning, shown
from cogs.members import member_of
from cogs.proposal_option import chosen, suggestions
from cogs.proposing import Proposing
from governance.electorate import Member
from governance.errors import Refusal
from governance.proposal import Proposal, ProposalState, state
from governance.texts import BODY_LENGTH
from governance.types import STANDARD
from governance.voting import SYSTEMS
from services import Services
from services.clock import Now
from services.proposals import Which

_PAGE = 10
_LISTS = (Which.OPEN, Which.CLOSED, Which.ALL, Which.DRAFT)
_ANSWER_LENGTH = 300


class Proposals(commands.Cog):
    def __init__(
        self, services: Services, cards: Cards, route: controls.Controls, now: Now
    ) -> None:
        self._services = services
        self._cards = cards
        self._now = now
        self._proposing = Proposing(services, route)
        route.on("edit", 2, self._submit_edit)
        route.on("again-edit", 2, self._edit_again)
        route.on("cancel", 1, self._submit_cancel)
        route.on("again-cancel", 1, self._cancel_again)
        route.on("list", 2, self._press_page)
        route.on("list-in", 3, self._press_page)
        route.on("edit-draft", 1, self._press_edit)

    @app_commands.command(name="propose", description="Propose something for the members to decide")
    @app_commands.guild_only()
    @app_commands.rename(kind="type")
    @app_commands.describe(
        kind="Which kind of decision it is, of those that this server has",
        space="Where it is decided; that of this channel, else the server, if you don't say",
        topic="What it is about, of the topics that this server has",
        draft="Save it for yourself first, to share or submit it later",
    )
    async def propose(
        self,
        interaction: Interaction,
        kind: str = STANDARD.name,
        space: str | None = None,
        topic: str = "",
        draft: bool = False,
    ) -> None:
        form = await answers.soon(
            interaction, self._proposing.form(interaction, kind, space, topic, draft)
        )
        await interaction.response.send_modal(form)

    @propose.autocomplete("space")
    async def _suggest_spaces(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return await spaces.suggestions(
            self._services, interaction, typed, whole="The whole server"
        )

    @propose.autocomplete("topic")
    async def _suggest_topics(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        if interaction.guild_id is None:
            return []
        settings = await self._services.settings.get(interaction.guild_id)
        wanted = typed.strip().casefold()
        return [
            app_commands.Choice(name=topic, value=topic)
            for topic in settings.topics
            if wanted in topic.casefold()
        ]

    @propose.autocomplete("kind")
    async def _suggest_types(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        if interaction.guild_id is None:
            return []
        space = None
        with suppress(Refusal):  # one that isn't there is said when the command is sent
            named = getattr(interaction.namespace, "space", None)
            space = await self._proposing.space(interaction, named)
        known = await self._services.types.open_to(
            interaction.guild_id, member_of(interaction), space.id if space else 0
        )
        return types.fitting(typed, known)

    group = app_commands.Group(
        name="proposal", description="Look at proposals, and change your own", guild_only=True
    )

    @group.command(name="show", description="See a proposal, its whole text and its votes")
    @app_commands.describe(proposal="Which proposal: its number or title")
    async def show(self, interaction: Interaction, proposal: str) -> None:
        found = await answers.in_time(interaction, chosen(self._services, interaction, proposal))
        now = self._now()
        embed = discord.Embed(
            title=states.named(found)[: limits.TITLE],
            colour=states.COLOURS[state(found, now)],
        )
        embed.add_field(name="State", value=states.headline(found, now), inline=False)
        votes = f"{tallies.tally(found, now=now)}\n{tallies.turnout(found)}"
        embed.add_field(name="Votes", value=beginning(votes, limits.FIELD), inline=False)
        space = await self._services.spaces.name(found.guild_id, found.space_id)
        if where := states.place(found, space):
            embed.add_field(name="Where", value=where, inline=False)
        for question, answer in found.text.fields:
            answer = beginning(shown(answer), _ANSWER_LENGTH)
            embed.add_field(name=question, value=answer, inline=False)
        if found.text.link:
            embed.add_field(name="Link", value=f"<{found.text.link}>", inline=False)
        author = f"<@{found.author_id}>"
        if found.version > 1:
            author += f" · version {found.version}"
            author += "; the thread keeps its versions" * bool(found.thread_id)
        embed.add_field(name="Author", value=author, inline=False)
        room = min(BODY_LENGTH, limits.EMBED - len(embed))
        embed.description = beginning(shown(found.text.body), room)
        view = discord.ui.View(timeout=None)
        if state(found, now) is ProposalState.ACTIVE:
            for button in vote_buttons(found).children:
                view.add_item(button)
        if state(found, now) is ProposalState.DRAFT and found.author_id == interaction.user.id:
            _, known = await self._services.proposing.draft(
                found.guild_id, found.id, member_of(interaction)
            )
            view = drafts.panel(found, known)
        view.stop()
        await answers.reply(interaction, states.link_to(found) or None, embed=embed, view=view)

    @show.autocomplete("proposal")
    async def _suggest_all(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return await suggestions(self._services, interaction, typed, Which.ALL)

    @group.command(name="list", description="See the proposals of this server, newest first")
    @app_commands.describe(
        which="Which of them; open ones if you don't say",
        space="Only those of this space; “none” for those of the server itself",
    )
    @app_commands.choices(
        which=[app_commands.Choice(name=w.value.title(), value=n) for n, w in enumerate(_LISTS)]
    )
    async def list_(
        self, interaction: Interaction, which: int = 0, space: str | None = None
    ) -> None:
        place = []
        if space is not None:
            found = await answers.in_time(
                interaction, self._services.spaces.find(server_of(interaction), space)
            )
            place = [found.id if found else 0]
        await self._show_page(interaction, 0, which, *place)

    list_.autocomplete("space")(_suggest_spaces)

    @group.command(name="drafts", description="See your drafts, and those that others share")
    async def drafts(self, interaction: Interaction) -> None:
        await self._show_page(interaction, 0, _LISTS.index(Which.DRAFT))

    async def _press_page(self, interaction: Interaction, numbers: list[int]) -> None:
        await self._show_page(interaction, *numbers)

    async def _show_page(
        self, interaction: Interaction, page: int, which: int, *place: int
    ) -> None:
        """A page of a selection, of all proposals or of those of the space in `place`."""
        selection = _LISTS[which % len(_LISTS)]
        found = await answers.in_time(
            interaction,
            self._services.proposals.page(
                server_of(interaction),
                interaction.user.id,
                selection,
                space_id=place[0] if place else None,
                limit=_PAGE + 1,
                offset=page * _PAGE,
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
        verb, more = "list-in" if place else "list", len(found) > _PAGE
        view = controls.paging(verb, page, more=more, numbers=(which, *place))
        if selection is Which.DRAFT:
            for each in found[:_PAGE]:
                if each.author_id == interaction.user.id:
                    custom_id = controls.custom_id("draft", each.id)
                    view.add_item(discord.ui.Button(label=each.label, custom_id=custom_id))
        embed = discord.Embed(
            title=f"{selection.value.title()} proposals", description="\n".join(lines)
        )
        await answers.reply(interaction, embed=embed, view=view)

    def _line(self, proposal: Proposal) -> str:
        now = self._now()
        line = f"{states.short(proposal, now)} · {states.named(proposal)}"
        link = states.link_to(proposal)
        return f"{line} · {link}" if link else line

    @group.command(name="edit", description="Change your draft or proposal, until voting starts")
    @app_commands.describe(proposal="Which of your proposals: its number or title")
    async def edit(self, interaction: Interaction, proposal: str) -> None:
        found = await answers.soon(
            interaction,
            self._services.proposals.require_may_edit(
                server_of(interaction), proposal, member_of(interaction)
            ),
        )
        await interaction.response.send_modal(
            await answers.soon(interaction, self._edit_form(found))
        )

    async def _press_edit(self, interaction: Interaction, numbers: list[int]) -> None:
        found, _ = await answers.soon(
            interaction,
            self._services.proposing.draft(
                server_of(interaction), numbers[0], member_of(interaction)
            ),
        )
        await interaction.response.send_modal(
            await answers.soon(interaction, self._edit_form(found))
        )

    async def _edit_again(self, interaction: Interaction, numbers: list[int]) -> None:
        _, values = forms.given_back(interaction, "edit")
        found = await answers.soon(
            interaction,
            self._services.proposals.get(server_of(interaction), numbers[0], interaction.user.id),
        )
        form = await answers.soon(interaction, self._edit_form(found, values, numbers[1]))
        await interaction.response.send_modal(form)

    async def _edit_form(
        self,
        proposal: Proposal,
        values: dict[str, str] | None = None,
        version: int | None = None,
    ) -> discord.ui.Modal:
        """The form for a new text, filled with `values` or the text that it has."""
        text, system = proposal.text, proposal.system
        if not (proposal.submitted_at or proposal.ready_at):
            with suppress(Refusal):  # a type that was removed leaves the rules it was saved with
                _, rules = await self._services.types.find(
                    proposal.guild_id, proposal.type, proposal.space_id
                )
                system = SYSTEMS[rules.system]
        present = {
            "title": text.title,
            "body": text.body,
            "link": text.link,
            "choices": "\n".join(text.choices),
            "amount": str(text.amount),
        }
        return forms.form(
            f"Edit {proposal.name}",
            "edit",
            proposal.id,
            version or proposal.version,
            values=present if values is None else values,
            without=forms.unasked(system),
        )

    @edit.autocomplete("proposal")
    async def _suggest_own(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return await suggestions(self._services, interaction, typed, Which.EDITABLE, own=True)

    async def _submit_edit(self, interaction: Interaction, numbers: list[int]) -> None:
        proposal_id, version = numbers
        guild_id, member = server_of(interaction), member_of(interaction)
        edited = await forms.taken(
            interaction,
            self._edit(guild_id, proposal_id, member, forms.filled(interaction), version),
        )
        if edited is None:
            return
        self._cards.mark(edited, at_once=True)
        self._services.outbox.filled.set()
        said = f"{states.named(edited)} is now version {edited.version}. "
        if edited.submitted_at:
            said += "The card follows, and the thread keeps every version."
            await answers.reply(interaction, said)
            return
        if edited.ready_at:
            said += "Who sponsored the earlier text is asked to sponsor it again."
        draft, known = await self._services.proposing.draft(guild_id, proposal_id, member)
        said = f"{said}\n{drafts.described(draft, known)}"
        await answers.reply(interaction, said, view=drafts.panel(draft, known))

    async def _edit(
        self,
        guild_id: int,
        proposal_id: int,
        member: Member,
        values: dict[str, str],
        version: int,
    ) -> Proposal:
        found = await self._services.proposals.get(guild_id, proposal_id, member.id)
        text = forms.text(values, found.text)
        return await self._services.proposals.edit(guild_id, proposal_id, member, text, version)

    @group.command(
        name="cancel",
        description="Cancel a proposal for good, or veto its decision, with a public reason",
    )
    @app_commands.describe(proposal="Which proposal: its number or title")
    async def cancel(self, interaction: Interaction, proposal: str) -> None:
        found = await answers.soon(
            interaction,
            self._services.proposals.require_may_cancel(
                server_of(interaction), proposal, member_of(interaction)
            ),
        )
        title = f"{'Veto' if found.veto_until else 'Cancel'} {found.name}"
        await interaction.response.send_modal(forms.form(title, "cancel", found.id))

    @cancel.autocomplete("proposal")
    async def _suggest_living(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return await suggestions(self._services, interaction, typed, Which.LIVING)

    async def _submit_cancel(self, interaction: Interaction, numbers: list[int]) -> None:
        values = forms.filled(interaction)
        canceled = await forms.taken(
            interaction,
            self._services.proposals.cancel(
                server_of(interaction), numbers[0], member_of(interaction), values.get("reason", "")
            ),
        )
        if canceled is None:
            return
        self._cards.mark(canceled, at_once=True)
        self._services.outbox.filled.set()
        name, why = states.named(canceled), "Everyone can read why."
        done = "vetoed" if canceled.is_vetoed else "canceled"
        await answers.reply(
            interaction,
            f"{name} is {done}. {why}" if canceled.shared_at else f"{name} is discarded.",
        )

    @group.command(name="export", description="Get the result of a vote as a file to recount")
    @app_commands.describe(proposal="Which closed proposal: its number or title")
    async def export(self, interaction: Interaction, proposal: str) -> None:
        found = await answers.in_time(interaction, chosen(self._services, interaction, proposal))
        await export(interaction, self._services, found)

    @export.autocomplete("proposal")
    async def _suggest_closed(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return await suggestions(self._services, interaction, typed, Which.CLOSED)

    async def _cancel_again(self, interaction: Interaction, numbers: list[int]) -> None:
        title, values = forms.given_back(interaction, "cancel")
        await interaction.response.send_modal(forms.form(title, "cancel", *numbers, values=values))
