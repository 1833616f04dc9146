"""The result of a vote as a file, for whoever wants to recount it."""

import asyncio
import io

import discord

from cogs import answers
from cogs.answers import Interaction
from cogs.markdown import escaped
from governance.errors import Refusal
from governance.proposal import Proposal
from governance.result import SHOWN_DIGITS, written
from services import Services


async def export(interaction: Interaction, services: Services, proposal: Proposal) -> None:
    """Answer privately with the result file of a counted proposal."""
    file = await answers.in_time(
        interaction, services.results.file(proposal.guild_id, proposal.id, interaction.user.id)
    )
    content = (await asyncio.to_thread(written, file)).encode()
    name = f"folkmoot-{proposal.guild_id}-{proposal.number}.json"
    if len(content) > interaction.filesize_limit:
        raise Refusal(
            f"The result of {proposal.label} is larger than Discord lets me send. Whoever runs "
            f"this bot can write it with: python -m bot export {proposal.guild_id} "
            f"{proposal.number}"
        )

    def attachment() -> discord.File:
        return discord.File(io.BytesIO(content), name)

    await answers.reply(
        interaction,
        f"The result of {proposal.label} {escaped(proposal.text.title)}: its "
        "rules, its ballots and its delegations, without names.\n"
        f"Fingerprint: `{file['fingerprint'][:SHOWN_DIGITS]}`. Whoever has Folkmoot's program "
        f"recounts the file with `python -m bot verify {name}`, and compares the fingerprint "
        "with the one on the result message.",
        file=attachment,
    )
