"""Where members of a server delegate: the server itself, its spaces and its topics."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from governance.delegation import HERE, Place, Scope, meant, space_place, topic_place
from governance.errors import Refusal
from governance.settings import Settings
from storage import settings, spaces


async def places_of(connection: AsyncConnection, guild_id: int) -> dict[Scope, Place]:
    """Where members of a server delegate: the server itself, its spaces (archived too), topics."""
    found, _ = await settings.get(connection, guild_id)
    return await with_settings(connection, guild_id, found)


async def with_settings(
    connection: AsyncConnection, guild_id: int, found: Settings
) -> dict[Scope, Place]:
    among = [
        HERE,
        *(topic_place(each) for each in found.topics),
        *(
            space_place(each.id, each.name, archived=each.archived_at is not None)
            for each in (await spaces.of_server(connection, guild_id)).values()
        ),
    ]
    return {each.scope: each for each in among}


def place_of(scope: Scope, known: Mapping[Scope, Place]) -> Place:
    """The place of a scope; of a topic that is none any more, too."""
    return known.get(scope) or topic_place(scope.topic, removed=True)


def open_place(typed: str, known: Mapping[Scope, Place]) -> Place:
    place = meant(typed, list(known.values()))
    if place.gone:
        raise Refusal(
            f"“{place.name}” can't be chosen: {place.gone}. Choose another scope from the list "
            "while you type."
        )
    return place
