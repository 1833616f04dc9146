"""A server's settings."""

from typing import Any

from governance.settings import Settings
from services.deliveries import Outbox
from storage import settings
from storage.database import Database


class ServerSettings:
    def __init__(self, database: Database, outbox: Outbox) -> None:
        self._database = database
        self._outbox = outbox

    async def get(self, guild_id: int) -> Settings:
        return (await self.with_webhook(guild_id))[0]

    async def with_webhook(self, guild_id: int) -> tuple[Settings, int | None]:
        """The settings and the id of the webhook in the results channel."""
        async with self._database.read() as connection:
            return await settings.get(connection, guild_id)

    async def change(
        self, guild_id: int, changes: dict[str, Any], results_webhook_id: int | None
    ) -> Settings:
        """Store changes; what waited for a mended setting is tried again at once."""
        async with self._database.write() as connection:
            present, _ = await settings.lock(connection, guild_id)
            changed = present.with_changes(changes)
            await settings.save(connection, guild_id, changed, results_webhook_id)
        self._outbox.try_again(guild_id)
        return changed
