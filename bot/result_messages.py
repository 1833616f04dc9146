"""The message that announces a result: words, figures, fingerprint, and a picture in good time."""

from io import BytesIO

import discord

from bot.pictures import Painter
from cogs import announcements
from cogs.pictures import alt_text, picture_of
from governance.proposal import Proposal
from governance.result import SHOWN_DIGITS, fingerprint
from services import Services

_PICTURE = "result.png"


class ResultMessages:
    def __init__(self, services: Services, painter: Painter | None) -> None:
        """Without a painter, results come without pictures."""
        self._services = services
        self._painter = painter

    async def of(self, proposal: Proposal) -> tuple[str, discord.Embed, discord.File | None]:
        """Of a counted proposal, or of one that was canceled."""
        line, embed = announcements.ended(proposal)
        if proposal.canceled or not proposal.count:
            return line, embed, None
        file = await self._services.results.file(proposal.guild_id, proposal.id)
        embed.add_field(
            name="Recount it",
            value=f"`/proposal export {proposal.number}` · fingerprint "
            f"`{fingerprint(file)[:SHOWN_DIGITS]}`",
            inline=False,
        )
        return line, embed, await self._picture(proposal, embed)

    async def _picture(self, proposal: Proposal, embed: discord.Embed) -> discord.File | None:
        if self._painter is None or proposal.count is None or proposal.outcome is None:
            return None
        picture = picture_of(
            proposal.text.title,
            proposal.choices,
            proposal.rules.system,
            proposal.count,
            proposal.terms,
            proposal.outcome,
            await self._services.results.ballots(proposal),
            proposal.second_count,
        )
        drawn = await self._painter.paint(picture) if picture else None
        if picture is None or drawn is None:
            return None
        embed.set_image(url=f"attachment://{_PICTURE}")
        return discord.File(BytesIO(drawn), _PICTURE, description=alt_text(picture))
