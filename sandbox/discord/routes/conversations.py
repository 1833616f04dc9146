"""Direct conversations of a bot with people."""

from aiohttp import web

from ..errors import ApiError, Fault, InvalidForm
from ..http import answer, caller, form_of
from ..limits import fields
from ..rate_limits import RateLimits
from ..users import User
from ..world import World


class Conversations:
    """``/users/@me/channels``; what is written there goes over ``/channels``, as everywhere."""

    def __init__(self, world: World, rate_limits: RateLimits) -> None:
        self._world = world
        self._rate_limits = rate_limits
        self._opened: set[int] = set()

    def routes(self) -> list[web.RouteDef]:
        """All routes of this noun."""
        return [web.post("/users/@me/channels", self.open)]

    async def open(self, request: web.Request) -> web.Response:
        """The conversation with a person, always the same; opening many of them takes time."""
        application = caller(self._world, request)
        channel = self._world.direct_channel(self._recipient(request), application)
        if channel.id not in self._opened:
            self._rate_limits.check_opening(application)
            self._opened.add(channel.id)
        return answer(channel.wire())

    def _recipient(self, request: web.Request) -> User:
        id_ = form_of(request).get("recipient_id")
        if id_ is None:
            raise fields.required(("recipient_id",))
        if not str(id_).isdecimal():
            text = f'Value "{id_}" is not snowflake.'
            raise InvalidForm(("recipient_id",), "NUMBER_TYPE_COERCE", text)
        user = self._world.users.get(int(id_))
        if user is None:
            raise ApiError(Fault.INVALID_RECIPIENT)
        if user.bot:
            raise ApiError(Fault.NO_CONVERSATION)
        return user
