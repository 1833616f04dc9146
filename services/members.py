"""What the services ask of Discord about members."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from governance.electorate import Member


class Members(Protocol):
    """All raise Unavailable where Discord doesn't answer."""

    async def count(self, guild_id: int, role_id: int | None) -> int:
        """How many members a server has (with a role), approximately, bots among them."""

    async def present(
        self, guild_id: int, members: frozenset[int], role_id: int | None
    ) -> frozenset[int]:
        """Which of these are members of a server (with a role)."""

    async def found(self, guild_id: int, members: Collection[int]) -> Mapping[int, Member | None]:
        """These as they are now; None for who isn't a member, nothing for who isn't known."""

    async def everyone(self, guild_id: int) -> Sequence[Member] | None:
        """All members of a server; None where Discord doesn't let us list them."""
