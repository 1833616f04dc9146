"""Servers as a bot in them sees them."""

from aiohttp import web

from ..errors import ApiError, Fault
from ..guilds import Guild
from ..http import answer, caller, id_in, number_in
from ..intents import Intent
from ..world import World


class Guilds:
    """``/guilds``."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """All routes of this noun."""
        return [
            web.get("/guilds/{guild}", self.show),
            web.get("/guilds/{guild}/channels", self.channels),
            web.get("/guilds/{guild}/roles", self.roles),
            web.get("/guilds/{guild}/roles/member-counts", self.role_member_counts),
            web.get("/guilds/{guild}/members", self.members),
            web.get("/guilds/{guild}/members/{user}", self.member),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """The server."""
        guild = self._guild(request)
        older = {"home_header": None, "nsfw": False}  # which the gateway doesn't tell
        counts = {}
        if request.query.get("with_counts", "").lower() in ("1", "true"):
            members = len(guild.members)
            counts = {"approximate_member_count": members, "approximate_presence_count": members}
        return answer({**guild.wire(), **older, **counts})

    async def channels(self, request: web.Request) -> web.Response:
        """The channels, without threads."""
        return answer([channel.wire() for channel in self._guild(request).channels.values()])

    async def roles(self, request: web.Request) -> web.Response:
        """The roles, @everyone first."""
        return answer([role.wire() for role in self._guild(request).roles.values()])

    async def role_member_counts(self, request: web.Request) -> web.Response:
        """How many members have each role; @everyone isn't among them."""
        guild = self._guild(request)
        return answer(
            {
                str(role_id): sum(role_id in member.roles for member in guild.members.values())
                for role_id in guild.roles
                if role_id != guild.id
            }
        )

    async def members(self, request: web.Request) -> web.Response:
        """``limit`` members after an id, by their ids; ApiError 50001 without the intent."""
        guild = self._guild(request)
        if not caller(self._world, request).granted & Intent.GUILD_MEMBERS:
            raise ApiError(Fault.MISSING_ACCESS)
        limit = number_in(request, "limit", 1, low=1, high=1000)
        after = number_in(request, "after", 0, low=0)
        found = sorted(id_ for id_ in guild.members if id_ > after)[:limit]
        return answer([guild.members[id_].wire() for id_ in found])

    async def member(self, request: web.Request) -> web.Response:
        """A member; ApiError 10007 for an account outside, 10013 for none."""
        guild, user_id = self._guild(request), id_in(request, "user")
        if user_id not in self._world.users:
            raise ApiError(Fault.UNKNOWN_USER)
        if user_id not in guild.members:
            raise ApiError(Fault.UNKNOWN_MEMBER)
        return answer(guild.members[user_id].wire())

    def _guild(self, request: web.Request) -> Guild:
        application = caller(self._world, request)
        guild = self._world.guilds.get(id_in(request, "guild"))
        if guild is None:
            raise ApiError(Fault.UNKNOWN_GUILD)
        if application.user_id not in guild.members:
            raise ApiError(Fault.MISSING_ACCESS)
        return guild
