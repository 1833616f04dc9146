"""Where members of a server delegate: the server itself, its spaces and its topics."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from governance.delegation import HERE, Place, Scope, meant, space_place, topic_place
from governance.errors import Refusal
from services.spaces import ground


async def places_of(connection: AsyncConnection, guild_id: int) -> dict[Scope, Place]:
    """Where members of a server delegate: the server itself, its spaces (archived too), topics."""
    found = await ground(connection, guild_id)
    among = [
        HERE,
        *(topic_place(each) for each in found.server.topics),
        *(
            space_place(each.id, each.name, archived=each.archived_at is not None)
            for each in found.spaces.values()
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
