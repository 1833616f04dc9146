"""The first answer to an interaction."""

from aiohttp import web

from ..http import UPLOADS, answer, form_of, id_in, no_content
from ..interactions import Interactions


class Callbacks:
    """``/interactions/{interaction}/{token}/callback``."""

    def __init__(self, interactions: Interactions) -> None:
        self._interactions = interactions

    def routes(self) -> list[web.RouteDef]:
        """All routes of this noun."""
        return [web.post("/interactions/{interaction}/{token}/callback", self.answer)]

    async def answer(self, request: web.Request) -> web.Response:
        """Answer; the response tells of the new message if ``with_response`` is true."""
        response = self._interactions.answer(
            id_in(request, "interaction"),
            request.match_info["token"],
            form_of(request),
            request[UPLOADS],
        )
        waits = request.query.get("with_response", "").lower() in ("true", "1")
        return answer(response) if waits else no_content()
