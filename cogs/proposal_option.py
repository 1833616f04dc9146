"""The option by which a command names a proposal: suggestions while typing, free text allowed."""

from discord import app_commands

from cogs import limits
from cogs.answers import Interaction, server_of
from governance.proposal import Proposal
from services import Services
from services.proposals import Which


async def chosen(services: Services, interaction: Interaction, typed: str) -> Proposal:
    """The proposal that was typed, by its number or title; a Refusal where there is none."""
    return await services.proposals.find(server_of(interaction), typed, interaction.user.id)


async def suggestions(
    services: Services, interaction: Interaction, typed: str, which: Which, *, own: bool = False
) -> list[app_commands.Choice[str]]:
    """Proposals of this server that fit what was typed; `own` leaves only the typer's."""
    if interaction.guild_id is None:
        return []
    found = await services.proposals.page(
        interaction.guild_id,
        interaction.user.id,
        which,
        titled=typed.strip(),
        author_id=interaction.user.id if own else None,
        limit=limits.OPTIONS,
    )
    return [
        app_commands.Choice(name=each.name[: limits.OPTION], value=str(each.number))
        for each in found
    ]
