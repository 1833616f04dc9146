"""The form of `/propose`: for which type, space and topic it is, and what is submitted with it."""

from contextlib import suppress

import discord

from cogs import answers, controls, drafts, forms, types
from cogs.answers import Interaction, server_of
from cogs.members import member_of
from governance.errors import NotFound
from governance.proposal import Proposal
from governance.rules import Rules
from governance.spaces import Space, topic_named
from governance.types import STANDARD, ProposalType
from governance.voting import SYSTEMS
from services import Services


class Proposing:
    """What `/propose` opens, and what comes back from it."""

    def __init__(self, services: Services, route: controls.Controls) -> None:
        self._services = services
        for verb, numbers in (("propose", 2), ("propose-in", 4)):
            route.on(verb, numbers, self._submit)
            route.on(f"again-{verb}", numbers, self._press_again)

    async def form(
        self, interaction: Interaction, kind: str, space: str | None, topic: str, draft: bool
    ) -> discord.ui.Modal:
        """The form for a type, a space and a topic as they were typed."""
        guild_id, member = server_of(interaction), member_of(interaction)
        chosen = await self.space(interaction, space)
        settings = await self._services.settings.get(guild_id)
        known, rules = await self._services.proposing.require_may_propose(
            guild_id, member, kind, chosen.id if chosen else 0
        )
        types.require_usable(self._services, interaction, rules)
        about = topic_named(settings, topic)
        return _form(known, rules, draft, {"body": known.template}, chosen, about)

    async def space(self, interaction: Interaction, typed: str | None) -> Space | None:
        """The space that was typed, else the one in whose channel this is; None for the server."""
        guild_id = server_of(interaction)
        if typed is not None:
            return await self._services.spaces.find(guild_id, typed)
        channel = interaction.channel
        place = channel.parent_id if isinstance(channel, discord.Thread) else None
        return await self._services.spaces.of_channel(
            guild_id, place or interaction.channel_id or 0
        )

    async def _press_again(self, interaction: Interaction, numbers: list[int]) -> None:
        _, values = forms.given_back(interaction, "propose")
        form = await answers.soon(interaction, self._form_again(interaction, numbers, values))
        await interaction.response.send_modal(form)

    async def _form_again(
        self, interaction: Interaction, numbers: list[int], values: dict[str, str]
    ) -> discord.ui.Modal:
        """The form as it was, but for a type, a space or a topic that is gone."""
        key, draft, *place = numbers
        space_id, topic_key = place or (0, 0)
        space, topic = None, ""
        with suppress(NotFound):
            space, _ = await self._place(interaction, [space_id, 0])
        with suppress(NotFound):
            _, topic = await self._place(interaction, [0, topic_key])
        try:
            known, rules = await self._type(interaction, key, space, STANDARD)
        except NotFound:  # it isn't for that space (any more)
            key = types.key(STANDARD)
            known, rules = await self._type(interaction, key, space)
        return _form(known, rules, bool(draft), values, space, topic)

    async def _place(
        self, interaction: Interaction, numbers: list[int]
    ) -> tuple[Space | None, str]:
        """The space and the topic that a form carries; a Refusal where one is gone."""
        space_id, topic_key = numbers or (0, 0)
        ground = await self._services.spaces.ground(server_of(interaction))
        space = ground.spaces.get(space_id)
        if space_id and (space is None or space.archived_at):
            raise NotFound(
                "The space of this proposal was archived while you wrote, so nothing was "
                "submitted. Copy the text into another with /propose space: or press “Edit again” "
                "to propose it to the whole server."
            )
        topics = {types.key_of(topic): topic for topic in ground.server.topics}
        if topic_key and topic_key not in topics:
            raise NotFound(
                "The topic of this proposal was removed while you wrote, so nothing was "
                "submitted. Press “Edit again” to propose it without a topic."
            )
        return space, topics.get(topic_key, "")

    async def _type(
        self,
        interaction: Interaction,
        key: int,
        space: Space | None,
        otherwise: ProposalType | None = None,
    ) -> tuple[ProposalType, Rules]:
        """The type with that key, with its rules in a space (None: the server); `otherwise`, or a

        Refusal, where it is gone.
        """
        guild_id = server_of(interaction)
        known = await types.with_key(self._services, guild_id, key) or otherwise
        if known is None:
            raise NotFound(
                "The type of this proposal was removed while you wrote, so nothing was submitted. "
                "Copy the text into another type with /propose type: or press “Edit again” to "
                f"make it a plain “{STANDARD.name}”."
            )
        return await self._services.types.find(guild_id, known.name, space.id if space else 0)

    async def _submit(self, interaction: Interaction, numbers: list[int]) -> None:
        key, draft, *place = numbers
        stored = await forms.taken(interaction, self._store(interaction, key, bool(draft), place))
        if stored is None:
            return
        proposal, known = stored
        if draft:
            said = drafts.described(proposal, known)
            await answers.reply(interaction, said, view=drafts.panel(proposal, known))
            return
        if known.fields:
            said = (
                f"{drafts.described(proposal, known)}\n"
                "Answer the questions of its type, and it is submitted."
            )
            await answers.reply(interaction, said, view=drafts.first_questions(proposal))
            return
        if not interaction.response.is_done():
            await answers.wait(interaction)
        await answers.reply(interaction, await drafts.published(self._services, proposal))

    async def _store(
        self, interaction: Interaction, key: int, draft: bool, place: list[int]
    ) -> tuple[Proposal, ProposalType]:
        space, topic = await self._place(interaction, place)
        known, rules = await self._type(interaction, key, space)
        space_id = space.id if space else 0
        values = forms.filled(interaction)
        for field in forms.unasked(SYSTEMS[rules.system]):
            values.pop(field.name, None)
        text = forms.text(values)
        if not draft:
            await drafts.require_place(self._services, interaction, space_id)
            types.require_usable(self._services, interaction, rules)
        proposal = await self._services.proposing.propose(
            server_of(interaction),
            member_of(interaction),
            text,
            known.name,
            space_id=space_id,
            topic=topic,
            draft=draft or bool(known.fields),
        )
        return proposal, known


def _form(
    known: ProposalType,
    rules: Rules,
    draft: bool,
    values: dict[str, str],
    space: Space | None = None,
    topic: str = "",
) -> discord.ui.Modal:
    title = f"New proposal in {space.name}" if space else "New proposal"
    place = (space.id if space else 0, types.key_of(topic) if topic else 0)
    return forms.form(
        title if known.name == STANDARD.name else f"{title}: {known.name}",
        "propose-in" if any(place) else "propose",
        types.key(known),
        int(draft),
        *(place if any(place) else ()),
        values=values,
        without=forms.unasked(SYSTEMS[rules.system]),
    )
