"""From a draft to a discussion: a type's questions, comments, sponsors, submitting."""

import discord
from discord.ext import commands

from cogs import answers, controls, forms, states, types
from cogs.answers import Interaction, guild_of, server_of
from cogs.cards import Cards
from cogs.markdown import escaped, relative
from cogs.members import member_of
from cogs.permissions import PROPOSALS, complaint
from governance.errors import Refusal, Unavailable
from governance.proposal import Proposal
from governance.types import ProposalType
from services import Services
from services.spaces import Ground

_PUBLISH_SECONDS = 8.0


class Drafts(commands.Cog):
    """The private panel of a draft, and the public button that sponsors it."""

    def __init__(self, services: Services, cards: Cards, route: controls.Controls) -> None:
        self._services = services
        self._cards = cards
        route.on("draft", 1, self._press_draft)
        route.on("ask", 2, self._press_ask)
        route.on("answers", 2, self._submit_answers)
        route.on("again-answers", 2, self._press_again)
        route.on("share", 1, self._press_share)
        route.on("submit", 1, self._press_submit)
        route.on("discard", 1, self._press_discard)
        route.on("sponsor", 2, self._press_sponsor)

    async def _press_draft(self, interaction: Interaction, numbers: list[int]) -> None:
        draft, known = await answers.in_time(interaction, self._own(interaction, numbers[0]))
        await answers.reply(interaction, described(draft, known), view=panel(draft, known))

    async def _press_ask(self, interaction: Interaction, numbers: list[int]) -> None:
        draft, known = await answers.soon(interaction, self._own(interaction, numbers[0]))
        await self._ask(interaction, numbers, draft, known, dict(draft.text.fields))

    async def _press_again(self, interaction: Interaction, numbers: list[int]) -> None:
        _, values = forms.given_back(interaction, "answers")
        draft, known = await answers.soon(interaction, self._own(interaction, numbers[0]))
        await self._ask(interaction, numbers, draft, known, values)

    async def _ask(
        self,
        interaction: Interaction,
        numbers: list[int],
        draft: Proposal,
        known: ProposalType | None,
        values: dict[str, str],
    ) -> None:
        if known is None:
            raise Refusal(_removed(draft))
        if not known.fields:
            raise Refusal(f"The type “{escaped(known.name)}” has no questions any more.")
        title = f"Questions for {draft.name}"
        await interaction.response.send_modal(
            forms.form(title, "answers", *numbers, values=values, asked=known.fields)
        )

    async def _submit_answers(self, interaction: Interaction, numbers: list[int]) -> None:
        proposal_id, submits = numbers
        guild_id, member = server_of(interaction), member_of(interaction)
        draft = await forms.taken(
            interaction,
            self._services.proposing.answer(
                guild_id, proposal_id, member, forms.filled(interaction)
            ),
        )
        if draft is None:
            return
        self._changed(draft)
        said = "Your answers are saved."
        if submits:
            try:
                await self._submit(interaction, proposal_id)
            except (Refusal, Unavailable) as error:
                said = f"{answers.sentence(error)}\n{said}"
            else:
                return
        draft, known = await self._own(interaction, proposal_id)
        await answers.reply(
            interaction, f"{said} {described(draft, known)}", view=panel(draft, known)
        )

    async def _press_share(self, interaction: Interaction, numbers: list[int]) -> None:
        await answers.in_time(interaction, self._require_place(interaction, numbers[0]))
        shared = await answers.in_time(
            interaction,
            self._services.proposing.share(
                server_of(interaction), numbers[0], member_of(interaction)
            ),
        )
        if not interaction.response.is_done():
            await answers.wait(interaction)
        await answers.reply(interaction, await published(self._services, shared))

    async def _press_submit(self, interaction: Interaction, numbers: list[int]) -> None:
        await self._submit(interaction, numbers[0])

    async def _submit(self, interaction: Interaction, proposal_id: int) -> None:
        await answers.in_time(interaction, self._require_place(interaction, proposal_id))
        await answers.in_time(interaction, self._require_usable(interaction, proposal_id))
        proposal = await answers.in_time(
            interaction,
            self._services.proposing.submit(
                server_of(interaction), proposal_id, member_of(interaction)
            ),
        )
        self._changed(proposal)
        if not interaction.response.is_done():
            await answers.wait(interaction)
        await answers.reply(interaction, await published(self._services, proposal))

    async def _press_discard(self, interaction: Interaction, numbers: list[int]) -> None:
        draft, _ = await answers.soon(interaction, self._own(interaction, numbers[0]))
        # Of a draft that nobody else saw, nobody reads the reason.
        values = {} if draft.shared_at else {"reason": "Discarded by its author"}
        await interaction.response.send_modal(
            forms.form(f"Discard {draft.name}", "cancel", draft.id, values=values)
        )

    async def _press_sponsor(self, interaction: Interaction, numbers: list[int]) -> None:
        proposal_id, version = numbers
        proposal = await answers.in_time(
            interaction,
            self._services.proposing.sponsor(
                server_of(interaction), proposal_id, member_of(interaction), version
            ),
        )
        self._changed(proposal)
        name = states.named(proposal)
        if proposal.submitted_at:
            said = (
                f"You sponsor {name}, and it has all its sponsors now: its discussion has begun, "
                f"and voting starts {relative(proposal.vote_start)}."
            )
        else:
            said = f"You sponsor {name}: {len(proposal.sponsors)} of {_sponsors(proposal)}."
        await answers.reply(interaction, said)

    async def _own(
        self, interaction: Interaction, proposal_id: int
    ) -> tuple[Proposal, ProposalType | None]:
        return await self._services.proposing.draft(
            server_of(interaction), proposal_id, member_of(interaction)
        )

    async def _require_place(self, interaction: Interaction, proposal_id: int) -> None:
        draft, _ = await self._own(interaction, proposal_id)
        await require_place(self._services, interaction, draft.space_id)

    async def _require_usable(self, interaction: Interaction, proposal_id: int) -> None:
        draft, known = await self._own(interaction, proposal_id)
        if known:
            _, rules = await self._services.types.find(draft.guild_id, known.name, draft.space_id)
            types.require_usable(self._services, interaction, rules)

    def _changed(self, proposal: Proposal) -> None:
        self._cards.mark(proposal, at_once=True)
        self._services.outbox.filled.set()


def panel(draft: Proposal, known: ProposalType | None) -> discord.ui.View:
    """What its author can do with a draft of this type; None for a type that was removed."""
    wanted: list[tuple[str, str, tuple[int, ...]]] = [("Edit", "edit-draft", (draft.id,))]
    if known and known.fields:
        wanted.append(("Questions", "ask", (draft.id, 0)))
    if not draft.shared_at:
        wanted.append(("Share for comments", "share", (draft.id,)))
    if not draft.ready_at:
        wanted.append(("Submit", "submit", (draft.id,)))
    wanted.append(("Discard", "discard", (draft.id,)))
    view = discord.ui.View(timeout=None)
    styles = {"Submit": discord.ButtonStyle.primary, "Discard": discord.ButtonStyle.danger}
    for label, verb, numbers in wanted:
        view.add_item(
            discord.ui.Button(
                label=label,
                style=styles.get(label, discord.ButtonStyle.secondary),
                custom_id=controls.custom_id(verb, *numbers),
            )
        )
    view.stop()
    return view


def first_questions(draft: Proposal) -> discord.ui.View:
    """The way on for a proposal that is submitted once its type's questions are answered."""
    view = discord.ui.View(timeout=None)
    view.add_item(
        discord.ui.Button(
            label="Answer the questions",
            style=discord.ButtonStyle.primary,
            custom_id=controls.custom_id("ask", draft.id, 1),
        )
    )
    view.stop()
    return view


def described(draft: Proposal, known: ProposalType | None) -> str:
    """How a draft stands, for its author."""
    name, link = states.named(draft), states.link_to(draft)
    if draft.ready_at:
        got = f"{len(draft.sponsors)} of {_sponsors(draft)}"
        lines = [f"📝 Your proposal {name} has {got}; its discussion starts with the last. {link}"]
    elif draft.shared_at:
        lines = [f"📝 Your draft {name} is shared. {link}"]
    else:
        lines = [f"📝 Your draft {name} is saved. Only you see it; /proposal drafts finds it."]
    if known is None:
        lines.append(_removed(draft))
    else:
        answered = {question for question, _ in draft.text.fields}
        missing = [f.label for f in known.fields if f.required and f.label not in answered]
        if missing:
            lines.append(f"Still to answer: {', '.join(map(escaped, missing))}.")
    if draft.missing_sponsors and not draft.ready_at:
        lines.append(f"It takes {_sponsors(draft)} before its discussion starts.")
    return "\n".join(lines)


async def published(services: Services, proposal: Proposal) -> str:
    """What its author reads of a proposal that was submitted or shared, once its card is up."""
    try:
        problem = await services.outbox.published(
            proposal.guild_id, proposal.id, within=_PUBLISH_SECONDS
        )
        now = await services.proposals.get(proposal.guild_id, proposal.id)
    except Unavailable:
        problem, now = "The database doesn't answer at the moment.", proposal
    name, link = states.named(now), states.link_to(now)
    if not now.message_id:
        return (
            f"Your proposal {name} is saved, but its card isn't up yet: {problem} "
            "It appears by itself as soon as that is mended; a moderator sees it in /setup."
        )
    if now.submitted_at:
        return (
            f"Your proposal {name} is up: {link}\nVoting starts {relative(now.vote_start)}; "
            "until then you can change it with /proposal edit."
        )
    if not now.ready_at:
        return f"Your draft {name} is shared: {link}\nSubmit it with /proposal drafts."
    missing = now.missing_sponsors
    return (
        f"Your proposal {name} waits for {missing} more sponsor{'s' * (missing > 1)}: {link}\n"
        "Members sponsor it with the button on its card; its discussion starts with the last."
    )


async def require_place(services: Services, interaction: Interaction, space_id: int) -> None:
    """Refuse a proposal in a space (0: the server) whose card couldn't be posted."""
    ground = await services.spaces.ground(server_of(interaction))
    channel_id = ground.settings(space_id).proposals_channel
    if channel_id is None:
        return  # the rules say what is missing
    channel = guild_of(interaction).get_channel(channel_id)
    if channel is None:
        raise Refusal(
            "The proposals channel doesn't exist any more. Ask a moderator to choose one with "
            f"{_command(ground, space_id)} proposals_channel: and your text is kept here until "
            "then."
        )
    if problem := complaint(channel, PROPOSALS):
        raise Refusal(f"{problem} Ask a moderator to allow it; your text is kept here until then.")


def _command(ground: Ground, space_id: int) -> str:
    """What sets the proposals channel that applies in a space."""
    home = ground.source(space_id, "proposals_channel")
    return f"/space edit space:{escaped(ground.spaces[home].name)}" if home else "/setup"


def _removed(draft: Proposal) -> str:
    return (
        f"Its type “{escaped(draft.type)}” was removed, so it can't be submitted. Propose its text "
        "anew with another type, or ask a moderator to make that type again."
    )


def _sponsors(proposal: Proposal) -> str:
    needed = proposal.rules.sponsors
    return f"{needed} sponsor{'s' * (needed > 1)}"
