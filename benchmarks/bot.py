"""The bot with one more button, which does nothing but answer: what a vote is compared with."""

import asyncio
import sys
from pathlib import Path

from bot import app, config
from cogs.answers import Interaction

ANSWER = "☑️ Nothing was counted, nothing was stored; this is how long an answer takes by itself."


async def serve(path: Path) -> None:
    async with app.running(config.load(path)) as bot:

        async def answer(interaction: Interaction, _: list[int]) -> None:
            await interaction.response.send_message(ANSWER, ephemeral=True)

        bot.controls.on("empty", 0, answer)
        await bot.gateway


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[sys.argv.index("--config") + 1])))
