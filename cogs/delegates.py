"""`/delegates`: whom one can trust, and what they stand for; and one's own profile."""

from functools import partial
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs import answers, controls, forms
from cogs.answers import Interaction, server_of
from cogs.markdown import beginning, escaped
from governance.delegates import Profile
from services import Services
from services.delegates import Delegate

_PAGE = 4
_SEARCH_LENGTH = 100
_SHORT, _WHOLE = 250, 2000  # of texts that are escaped already; a page has 4096
_SEARCH = "Search: "


class Delegates(commands.Cog):
    """The list keeps what was searched for in its own footer, where its buttons find it."""

    def __init__(self, client: commands.Bot, services: Services, route: controls.Controls) -> None:
        self._client = client
        self._services = services
        route.on("delegates", 1, self._press_page)
        route.on("profile", 0, self._submit_profile)
        route.on("again-profile", 0, self._press_again)

    async def cog_load(self) -> None:
        group = self._client.tree.get_command("delegate")
        if not isinstance(group, app_commands.Group):
            raise TypeError("the commands of delegation are to be there before")
        for command in self._own_profile():
            group.add_command(command)

    def _own_profile(self) -> list[app_commands.Command[Any, ..., None]]:
        """The subcommands of `/delegate` that are for delegates."""
        return [
            app_commands.Command(
                name="profile",
                description="Write what you stand for, so that others can delegate to you",
                callback=self._open_profile,
            ),
            app_commands.Command(
                name="accept",
                description="Let others delegate to you, or no more",
                callback=self._accept,
            ),
            app_commands.Command(
                name="notices",
                description="Get private messages about delegations here, or none",
                callback=self._notices,
            ),
        ]

    async def _open_profile(self, interaction: Interaction) -> None:
        profile = await answers.soon(
            interaction,
            self._services.delegates.profile(server_of(interaction), interaction.user.id),
        )
        await interaction.response.send_modal(
            _form(
                {
                    "statement": profile.statement,
                    "topics": ", ".join(profile.topics),
                    "conflicts": profile.conflicts,
                }
            )
        )

    async def _press_again(self, interaction: Interaction, _: list[int]) -> None:
        await interaction.response.send_modal(_form(forms.given_back(interaction, "profile")[1]))

    async def _submit_profile(self, interaction: Interaction, _: list[int]) -> None:
        values = forms.filled(interaction)
        profile = await forms.taken(
            interaction,
            self._services.delegates.write(
                server_of(interaction),
                interaction.user.id,
                values.get("statement", ""),
                values.get("topics", ""),
                values.get("conflicts", ""),
            ),
        )
        if profile:
            await answers.reply(interaction, _saved(profile))

    @app_commands.describe(on="Whether others can delegate to you")
    async def _accept(self, interaction: Interaction, on: bool) -> None:
        guild_id, member_id = server_of(interaction), interaction.user.id
        await answers.in_time(interaction, self._services.delegates.accept(guild_id, member_id, on))
        if on:
            await answers.reply(interaction, "Others can delegate to you again.")
            return
        carried = await answers.in_time(
            interaction, self._services.delegates.carried(guild_id, member_id)
        )
        stand = f" You still carry {_members(carried)}, until they withdraw it." if carried else ""
        await answers.reply(
            interaction,
            f"Nobody can delegate to you any more.{stand} /delegate accept on:True opens it again.",
        )

    @app_commands.describe(on="Whether you get them")
    async def _notices(self, interaction: Interaction, on: bool) -> None:
        await answers.in_time(
            interaction,
            self._services.delegates.tell(server_of(interaction), interaction.user.id, on),
        )
        await answers.reply(
            interaction,
            "🔔 You get a private message when trust is given to you or withdrawn, before a vote "
            "closes in which you carry others and haven't voted, and when your delegate has voted "
            "if you asked for that."
            if on
            else "🔕 You get no more private messages about delegations in this server.",
        )

    @app_commands.command(
        name="delegates", description="See who stands as a delegate, and how they vote"
    )
    @app_commands.guild_only()
    @app_commands.describe(search="A word of their statement, a topic, or a member's @mention")
    async def delegates(
        self, interaction: Interaction, search: app_commands.Range[str, 0, _SEARCH_LENGTH] = ""
    ) -> None:
        await self._show_page(interaction, 0, " ".join(search[:_SEARCH_LENGTH].split()))

    async def _press_page(self, interaction: Interaction, numbers: list[int]) -> None:
        embeds = interaction.message.embeds if interaction.message else []
        footer = (embeds[0].footer.text if embeds else None) or ""
        await self._show_page(interaction, numbers[0], footer.removeprefix(_SEARCH))

    async def _show_page(self, interaction: Interaction, page: int, search: str) -> None:
        found = await answers.in_time(
            interaction,
            self._services.delegates.page(
                server_of(interaction),
                interaction.user.id,
                search,
                limit=_PAGE + 1,
                offset=page * _PAGE,
            ),
        )
        if not found:
            await answers.reply(interaction, _nobody(page, search))
            return
        room = _WHOLE if page == 0 and len(found) == 1 else _SHORT
        entries = [_entry(each, interaction.user.id, room) for each in found[:_PAGE]]
        if room == _SHORT and any("…" in each for each in entries):
            entries.append("-# /delegates search:@member shows one of them whole.")
        embed = discord.Embed(title="Delegates", description="\n\n".join(entries))
        if search:
            embed.set_footer(text=f"{_SEARCH}{search}")
        view = controls.paging("delegates", page, more=len(found) > _PAGE, labels=controls.IN_ORDER)
        await answers.reply(interaction, embed=embed, view=view)


def _form(values: dict[str, str]) -> discord.ui.Modal:
    return forms.form("Your profile as a delegate", "profile", values=values)


def _members(count: int) -> str:
    return f"{count:,} member{'s' * (count != 1)}"


def _saved(profile: Profile) -> str:
    if not profile.statement:
        return "Your profile is empty, so /delegates doesn't list you (any more)."
    closed = (
        ""
        if profile.accepting
        else " Nobody can delegate to you, though, until you type /delegate accept on:True."
    )
    return f"Your profile is saved, and /delegates lists you.{closed}"


def _nobody(page: int, search: str) -> str:
    if page:
        return "There are no more delegates."
    if search:
        return f"No delegate's profile mentions “{escaped(search)}”. /delegates shows them all."
    return "Nobody stands as a delegate here yet. /delegate profile is how to."


def _entry(delegate: Delegate, asker: int, room: int) -> str:
    """A delegate with its figures and the beginning of what it says, safe to show."""
    profile, safe = delegate.profile, partial(_safe, room=room)
    figures = [f"carries {_members(delegate.carries)}"]
    if delegate.votes:
        figures.append(f"voted on {delegate.voted} of the last {delegate.votes}")
    if delegate.member_id == asker:
        figures.append("this is you")
    elif delegate.compared:
        figures.append(f"chose as you did on {delegate.agreed} of {delegate.compared}")
    else:
        figures.append("no common votes yet")
    lines = [f"**<@{delegate.member_id}>** · {' · '.join(figures)}"]
    if not profile.accepting:
        lines.append("🚪 takes no new delegations")
    lines.append(f"> {safe(profile.statement)}")
    if profile.topics:
        lines.append(f"Topics: {safe(', '.join(profile.topics))}")
    if profile.conflicts:
        lines.append(f"Conflicts of interest: {safe(profile.conflicts)}")
    return "\n".join(lines)


def _safe(text: str, room: int) -> str:
    """A text on one line, in which nothing pings and nothing is formatted."""
    return beginning(escaped(" ".join(text.split())), room)
