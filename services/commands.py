"""What is registered with Discord, so that it is registered again only when it has changed."""

from storage import settings
from storage.database import Database


class Commands:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def registered(self, application_id: int) -> str | None:
        """The hash of the command tree that Discord has from us; None for none."""
        async with self._database.read() as connection:
            return await settings.registered_commands(connection, application_id)

    async def register(self, application_id: int, commands_hash: str) -> None:
        async with self._database.write() as connection:
            await settings.register_commands(connection, application_id, commands_hash)
