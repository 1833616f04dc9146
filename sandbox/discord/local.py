"""The local Discord as a whole: one port of TLS for gateway, HTTP API and uploaded files."""

import tempfile
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

from ..clock import Clock
from .authority import throwaway_authority
from .faults import Faults
from .forms import Stage
from .gateway import Gateway
from .http import PREFIX, Pipeline, Request
from .intents import Intent
from .interactions import Interactions
from .rate_limits import RateLimits
from .routes.applications import Applications
from .routes.callbacks import Callbacks
from .routes.channels import Channels
from .routes.conversations import Conversations
from .routes.guilds import Guilds
from .routes.messages import Messages
from .routes.webhooks import Webhooks
from .servers import Server
from .users import Application
from .world import World

REQUESTS_KEPT = 100_000


class LocalDiscord:
    """Use as an async context manager; ``host`` and ``port`` are known inside.

    A client reaches it by resolving every host name to ``host:port`` and trusting the
    certificate in the PEM file ``authority``.
    """

    host = "127.0.0.1"

    def __init__(
        self,
        *,
        clock: Clock,
        port: int = 0,
        answer_within: float = 3.0,
        token_life: float = 900.0,
        resume_within: float = 60.0,
        heartbeat: float = 41.25,
        identify_every: float = 5.0,
        nonces_for: float = 300.0,
        old_after: float = 3600.0,
        rate_limits: float = 1.0,
        patience: float = 30.0,
    ) -> None:
        """Times in seconds: for a bot's first answer, the life of an interaction's token, how
        long a lost session can be resumed, between heartbeats, at least between a bot's log-ins,
        how long a nonce is remembered, when a message is old, and how long people wait for a
        deferred answer. ``rate_limits`` multiplies the length of every rate limit; 0 lifts them.
        """
        self.port = port
        self.requests: deque[Request] = deque(maxlen=REQUESTS_KEPT)
        self._world = World(clock, timedelta(seconds=nonces_for))
        self._gateway = Gateway(self._world, resume_within, heartbeat, identify_every)
        self.rate_limits = RateLimits(self._world, rate_limits, timedelta(seconds=old_after))
        self.faults = Faults(self._world, self._gateway, self._unreachable)
        self._interactions = Interactions(self._world, self._gateway, answer_within, token_life)
        self._stage = Stage(self._world, self._interactions, patience)
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=1.0)

    def _application(self) -> web.Application:
        pipeline = Pipeline(
            self.requests, self._world.snowflakes, self.faults.meddle, self.rate_limits.limit
        )
        api = web.Application(middlewares=pipeline.steps)
        for noun in (
            Applications(self._world),
            Guilds(self._world),
            Channels(self._world),
            Conversations(self._world, self.rate_limits),
            Messages(self._world),
            Webhooks(self._world, self._interactions),
            Callbacks(self._interactions),
        ):
            api.add_routes(noun.routes())
        application = web.Application(client_max_size=25 * 1024 * 1024)
        application.add_subapp(PREFIX, api)
        application.add_routes(
            [
                web.get("/attachments/{channel}/{attachment}/{name}", self._file),
                web.get("/", self._gateway.serve),
            ]
        )
        return application

    async def _file(self, request: web.Request) -> web.Response:
        """An uploaded file, as the CDN serves it."""
        file = self._world.files.get(int(request.match_info["attachment"]))
        if file is None:
            raise web.HTTPNotFound
        return web.Response(body=file.content, content_type=file.content_type)

    async def __aenter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="local-discord-")
        self.authority = Path(self._folder.name, "authority.pem")
        self._certificate = throwaway_authority(self.authority)
        await self._runner.setup()
        await self._listen()
        self.port = self._runner.addresses[0][1]
        return self

    async def _listen(self) -> None:
        self._site = web.TCPSite(
            self._runner, self.host, self.port, ssl_context=self._certificate, backlog=1024
        )
        await self._site.start()

    @asynccontextmanager
    async def _unreachable(self) -> AsyncIterator[None]:
        """Close the port and cut all connections, for the length of the block."""
        await self._site.stop()
        for connection in self._runner.server.connections if self._runner.server else ():
            if connection.transport:
                connection.transport.abort()
        try:
            yield
        finally:
            await self._listen()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._interactions.close()
        await self._gateway.close()
        await self._runner.cleanup()
        self._folder.cleanup()

    def add_application(
        self, name: str, intents: int = 0, *, members_intent: bool = False
    ) -> Application:
        """A new application; ``intents`` are the privileged ones that it is granted.

        ``members_intent`` grants that for the members, without which they can't be listed.
        """
        return self._world.add_application(
            name, intents | Intent.GUILD_MEMBERS if members_intent else intents
        )

    def add_server(self, name: str, *, owner: str = "Owner", locale: str = "en-US") -> Server:
        """A new server with @everyone and an owner."""
        return Server(self._stage, name, owner, locale)

    async def online(self, application: Application) -> None:
        """Wait until the application's bot is connected and has been told READY."""
        await self._gateway.online(application)

    def disconnect(self, application: Application) -> None:
        """Cut the bot's connection as a broken network would; it may resume."""
        self._gateway.disconnect(application)
