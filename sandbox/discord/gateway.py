"""The gateway: bots connect over a WebSocket, log in, and are told what happens."""

import asyncio
import json
import secrets
import zlib
from collections import deque
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from .guilds import Guild
from .intents import PRIVILEGED, Intent
from .permissions import Permission
from .users import Application
from .world import Event, World

DISPATCH, HEARTBEAT, IDENTIFY, RESUME = 0, 1, 2, 6
INVALID_SESSION, HELLO, HEARTBEAT_ACK = 9, 10, 11
HEARTBEAT_SECONDS = 41.25
REPLAYABLE = 10_000
"""How many of the latest events a session can bring back after a resume."""

UNKNOWN_ERROR, NOT_AUTHENTICATED, AUTHENTICATION_FAILED, DISALLOWED_INTENTS = 4000, 4003, 4004, 4014


class Line:
    """One open connection: what is said is queued and written in order by its own task.

    Compression is zlib's; a client that asks for another is answered uncompressed, as it may be.
    """

    def __init__(
        self, socket: web.WebSocketResponse, transport: asyncio.Transport | None, *, compress: bool
    ) -> None:
        self.socket = socket
        self._transport = transport
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._deflate = zlib.compressobj(level=1) if compress else None
        self._writer = asyncio.create_task(self._write())

    def say(self, text: str) -> None:
        """Queue a payload."""
        self._queue.put_nowait(text)

    async def _write(self) -> None:
        while True:
            text = await self._queue.get()
            if self._deflate is None:
                await self.socket.send_str(text)
            else:
                data = self._deflate.compress(text.encode())
                await self.socket.send_bytes(data + self._deflate.flush(zlib.Z_SYNC_FLUSH))

    def cut(self) -> None:
        """Break the connection without a word."""
        if self._transport:
            self._transport.abort()

    async def hang_up(self) -> None:
        """Stop writing."""
        self._writer.cancel()
        await asyncio.gather(self._writer, return_exceptions=True)


class Session:
    """A login of a bot; it outlives its connection for as long as it may be resumed."""

    def __init__(self, application: Application, intents: int) -> None:
        self.id = secrets.token_hex(16)
        self.application = application
        self.intents = intents
        self.sequence = 0
        self.line: Line | None = None
        self.expiry: asyncio.TimerHandle | None = None
        self._sent: deque[tuple[int, str]] = deque(maxlen=REPLAYABLE)

    def dispatch(self, name: str, data: dict[str, Any]) -> None:
        """Tell the bot, now or when it resumes."""
        self.sequence += 1
        text = json.dumps({"op": DISPATCH, "s": self.sequence, "t": name, "d": data})
        self._sent.append((self.sequence, text))
        if self.line:
            self.line.say(text)

    def replay(self, line: Line, since: int) -> bool:
        """Say again all that came after ``since``; False if that is no longer known."""
        if since > self.sequence or self.sequence - since > len(self._sent):
            return False
        for sequence, text in self._sent:
            if sequence > since:
                line.say(text)
        return True


class Gateway:
    """Holds the sessions and hands every event to those who may hear it."""

    def __init__(self, world: World, resume_within: float) -> None:
        """``resume_within``: seconds for which a session without connection can be resumed."""
        self._world = world
        self._resume_within = resume_within
        self._sessions: dict[str, Session] = {}
        self._of: dict[Application, list[Session]] = {}
        self._online: dict[Application, asyncio.Event] = {}
        world.subscribers.append(self.hear)

    def reaches(self, application: Application) -> bool:
        """Whether the bot is connected, or was a moment ago and may come back."""
        return bool(self._of.get(application))

    async def online(self, application: Application) -> None:
        """Wait until the bot is connected and has been told READY, or has resumed."""
        if not any(session.line for session in self._of.get(application, ())):
            self._online[application] = event = asyncio.Event()
            await event.wait()

    def _arrived(self, application: Application) -> None:
        if event := self._online.pop(application, None):
            event.set()

    def disconnect(self, application: Application) -> None:
        """Cut the bot's connections as a broken network would; the sessions can be resumed."""
        for session in self._of.get(application, ()):
            if session.line:
                session.line.cut()

    async def close(self) -> None:
        """Close every connection and forget every session."""
        for session in list(self._sessions.values()):
            if session.line:
                await session.line.socket.close(code=WSCloseCode.GOING_AWAY)
            self._end(session)

    def tell(self, application: Application, name: str, data: dict[str, Any]) -> None:
        """Tell one application something that is meant for it alone."""
        for session in self._of.get(application, ()):
            session.dispatch(name, data)

    def hear(self, event: Event) -> None:
        """Pass an event of the world on to the sessions that may hear it."""
        for session in self._sessions.values():
            if event.only:
                if session.application is event.only:
                    self._pass_own(session, event)
            elif session.intents & event.intent and self._concerns(session, event):
                self._pass(session, event)

    def _pass_own(self, session: Session, event: Event) -> None:
        if event.name == "GUILD_CREATE" and event.guild:
            session.dispatch("GUILD_CREATE", self._introduction(session, event.guild))
        else:
            session.dispatch(event.name, event.data)

    def _concerns(self, session: Session, event: Event) -> bool:
        user = session.application.user
        if event.message and event.message.addressee:
            return False
        if event.guild and user.id not in event.guild.members:
            return False
        channel = event.channel
        return channel is None or bool(channel.permissions_of(user) & Permission.VIEW_CHANNEL)

    def _pass(self, session: Session, event: Event) -> None:
        message, guild = event.message, event.guild
        if message is None:
            session.dispatch(event.name, event.data)
            return
        place: dict[str, Any] = {"guild_id": str(guild.id)} if guild else {}
        if event.name == "MESSAGE_DELETE":
            data = {"id": str(message.id), "channel_id": str(message.channel.id), **place}
        else:
            hidden = not message.shown_to(session.application, session.intents)
            data = {**message.wire(hidden=hidden), **place}
            member = guild.member(message.author) if guild else None
            if member:
                wire = member.wire()
                del wire["user"]
                data["member"] = wire
        session.dispatch(event.name, data)

    @staticmethod
    def _introduction(session: Session, guild: Guild) -> dict[str, Any]:
        member = guild.members[session.application.user_id]
        everybody = bool(session.intents & Intent.GUILD_MEMBERS)
        return guild.wire_created(member, all_members=everybody)

    # Connections

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Talk with one client until it goes."""
        socket = web.WebSocketResponse(timeout=1.0)
        await socket.prepare(request)
        compress = request.query.get("compress") == "zlib-stream"
        line = Line(socket, request.protocol.transport, compress=compress)
        session: Session | None = None
        try:
            interval = int(HEARTBEAT_SECONDS * 1000)
            line.say(json.dumps({"op": HELLO, "d": {"heartbeat_interval": interval}}))
            async for frame in socket:
                if frame.type is not WSMsgType.TEXT:
                    break
                said = json.loads(frame.data)
                match said["op"]:
                    case op if op == HEARTBEAT:
                        line.say(json.dumps({"op": HEARTBEAT_ACK}))
                    case op if op == IDENTIFY:
                        session = await self._identify(line, said["d"])
                    case op if op == RESUME:
                        session = await self._resume(line, said["d"])
                    case _ if session is None:
                        await socket.close(code=NOT_AUTHENTICATED)
        finally:
            if session and session.line is line:
                self._lost(session, socket.close_code)
            await line.hang_up()
        return socket

    async def _identify(self, line: Line, said: dict[str, Any]) -> Session | None:
        application = self._world.bots.get(said["token"].removeprefix("Bot "))
        if application is None:
            await line.socket.close(code=AUTHENTICATION_FAILED, message=b"Authentication failed.")
            return None
        if said["intents"] & PRIVILEGED & ~application.granted:
            await line.socket.close(code=DISALLOWED_INTENTS, message=b"Disallowed intent(s).")
            return None
        session = Session(application, said["intents"])
        session.line = line
        self._sessions[session.id] = session
        self._of.setdefault(application, []).append(session)
        guilds = [g for g in self._world.guilds.values() if application.user_id in g.members]
        ready = {
            "v": 10,
            "user": application.user.wire(),
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": "wss://gateway.discord.gg",
            "application": {"id": str(application.id), "flags": 0},
            **({"shard": said["shard"]} if "shard" in said else {}),
        }
        session.dispatch("READY", ready)
        for guild in guilds if session.intents & Intent.GUILDS else ():
            # By this key a client tells a server that it knew from one that it was invited to.
            known = {**self._introduction(session, guild), "unavailable": False}
            session.dispatch("GUILD_CREATE", known)
        self._arrived(application)
        return session

    async def _resume(self, line: Line, said: dict[str, Any]) -> Session | None:
        session = self._sessions.get(said["session_id"])
        known = session is not None and session.application.token == said["token"]
        if session is None or not known or not session.replay(line, said["seq"] or 0):
            line.say(json.dumps({"op": INVALID_SESSION, "d": False}))
            return None
        if session.expiry:
            session.expiry.cancel()
            session.expiry = None
        session.line = line
        session.dispatch("RESUMED", {})
        self._arrived(session.application)
        return session

    def _lost(self, session: Session, code: int | None) -> None:
        """A connection ended: on purpose (1000, 1001) for good, else for a while."""
        session.line = None
        if code in (WSCloseCode.OK, WSCloseCode.GOING_AWAY):
            self._end(session)
        elif session.id in self._sessions:
            loop = asyncio.get_running_loop()
            session.expiry = loop.call_later(self._resume_within, self._end, session)

    def _end(self, session: Session) -> None:
        session.line = None
        if session.expiry:
            session.expiry.cancel()
        if self._sessions.pop(session.id, None):
            self._of[session.application].remove(session)
