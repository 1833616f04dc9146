"""The bot itself, the gateway's address, and the commands it registers."""

from typing import Any

from aiohttp import web

from ..errors import ApiError, Fault
from ..gateway import DAY, IDENTIFIES_A_DAY
from ..http import FORM, answer, caller, id_in
from ..limits import commands as limits
from ..users import Application
from ..world import World

_ADDRESS = "wss://gateway.discord.gg"


class Applications:
    """``/users/@me``, ``/applications``, ``/gateway``."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """All routes of this noun."""
        return [
            web.get("/users/@me", self.me),
            web.get("/oauth2/applications/@me", self.application),
            web.get("/applications/@me", self.application),
            web.get("/gateway", self.gateway),
            web.get("/gateway/bot", self.gateway_for_bots),
            web.get("/applications/{application}/commands", self.commands),
            web.put("/applications/{application}/commands", self.register),
        ]

    async def me(self, request: web.Request) -> web.Response:
        """The bot user."""
        return answer(caller(self._world, request).user.wire_own())

    async def application(self, request: web.Request) -> web.Response:
        """The application."""
        return answer(caller(self._world, request).wire())

    async def gateway(self, request: web.Request) -> web.Response:
        """Where to connect."""
        return answer({"url": _ADDRESS})

    async def gateway_for_bots(self, request: web.Request) -> web.Response:
        """Where to connect, and how often that is allowed."""
        started = caller(self._world, request).session_starts(DAY)
        limit = {
            "total": IDENTIFIES_A_DAY,
            "remaining": max(IDENTIFIES_A_DAY - started, 0),
            "reset_after": int(DAY * 1000) if started else 0,
            "max_concurrency": 1,
        }
        return answer({"url": _ADDRESS, "shards": 1, "session_start_limit": limit})

    async def commands(self, request: web.Request) -> web.Response:
        """The registered global commands."""
        return answer(list(self._own(request).commands.values()))

    async def register(self, request: web.Request) -> web.Response:
        """Replace all global commands; one that keeps type and name keeps its id."""
        application = self._own(request)
        forms: list[dict[str, Any]] = request[FORM] or []
        limits.check(forms)
        ids = {(c["type"], c["name"]): int(c["id"]) for c in application.commands.values()}
        application.commands.clear()
        for form in forms:
            kind = form.get("type") or limits.CHAT
            id_ = ids.get((kind, form["name"])) or self._world.snowflakes.next()
            application.commands[id_] = self._command(application, id_, kind, form)
        return answer(list(application.commands.values()))

    def _command(
        self, application: Application, id_: int, kind: int, form: dict[str, Any]
    ) -> dict[str, Any]:
        needed = form.get("default_member_permissions")
        contexts = form.get("contexts")
        if contexts is None and form.get("dm_permission") is False:
            contexts = [0]
        return {
            "description": "",
            "nsfw": False,
            "dm_permission": contexts is None or 1 in contexts,
            **form,
            "id": str(id_),
            "application_id": str(application.id),
            "version": str(self._world.snowflakes.next()),
            "type": kind,
            "contexts": contexts,
            "integration_types": form.get("integration_types") or [0],
            "default_member_permissions": None if needed is None else str(needed),
        }

    def _own(self, request: web.Request) -> Application:
        application = caller(self._world, request)
        if id_in(request, "application") != application.id:
            raise ApiError(Fault.UNKNOWN_APPLICATION)
        return application
