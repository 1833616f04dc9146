"""The gateway: bots connect over a WebSocket, log in, and are told what happens."""

import asyncio
import json
import secrets
import time
from collections import deque
from typing import Any

from aiohttp import WSCloseCode, web

from .chunks import Asked
from .guilds import Guild
from .intents import PRIVILEGED, Intent
from .lines import HEARTBEAT, HEARTBEAT_ACK, INVALID_SESSION, RECONNECT, Line, Weather
from .permissions import Permission
from .rate_limits import Rule, Window
from .users import Application
from .world import Event, World

DISPATCH, IDENTIFY, RESUME, REQUEST_MEMBERS = 0, 2, 6, 8
IDENTIFIES_A_DAY, DAY = 1000, 86_400.0
REPLAYABLE = 10_000
"""How many of the latest events a session can bring back after a resume."""
EVERYBODY = Rule(1, 30)
"""Requests of a session for all members of a server."""

UNKNOWN_OPCODE = 4001
NOT_AUTHENTICATED, AUTHENTICATION_FAILED, ALREADY_AUTHENTICATED = 4003, 4004, 4005
DISALLOWED_INTENTS = 4014


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
        self._listings: dict[int, Window] = {}

    def dispatch(self, name: str, data: dict[str, Any]) -> None:
        """Tell the bot, now or when it resumes."""
        self.sequence += 1
        text = json.dumps({"op": DISPATCH, "s": self.sequence, "t": name, "d": data})
        self._sent.append((self.sequence, text))
        if self.line:
            self.line.say(text)

    def tell_members(self, asked: Asked, guild: Guild) -> None:
        """Answer a request for members; without the intent not one for all of them."""
        if asked.everybody:
            if not self.intents & Intent.GUILD_MEMBERS:
                return
            listings = self._listings.setdefault(guild.id, Window(EVERYBODY, 1.0))
            if not listings.take():
                self.dispatch(
                    "RATE_LIMITED",
                    {
                        "opcode": REQUEST_MEMBERS,
                        "retry_after": listings.left,
                        "meta": asked.meta(),
                    },
                )
                return
        for chunk in asked.chunks(guild):
            self.dispatch("GUILD_MEMBERS_CHUNK", chunk)

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

    def __init__(
        self, world: World, resume_within: float, heartbeat: float, identify_every: float
    ) -> None:
        """``resume_within``: seconds for which a session without connection can be resumed;
        the others: seconds between heartbeats, and at least between two log-ins of a bot.
        """
        self.weather = Weather()
        self._world = world
        self._resume_within = resume_within
        self._heartbeat = heartbeat
        self._identify_every = identify_every
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

    def _lines(self) -> list[Line]:
        return [session.line for session in self._sessions.values() if session.line]

    def disconnect(self, application: Application) -> None:
        """Cut the bot's connections as a broken network would; the sessions can be resumed."""
        for session in self._of.get(application, ()):
            if session.line:
                session.line.cut()

    def cut(self) -> None:
        """Cut every connection; the sessions can be resumed."""
        for line in self._lines():
            line.cut()

    async def hang_up(self, code: int) -> None:
        """Close every connection with a code; the sessions can be resumed."""
        await asyncio.gather(*(line.close(code) for line in self._lines()))

    def ask_to_reconnect(self) -> None:
        """Tell every bot to come back over a new connection."""
        for line in self._lines():
            line.tell(RECONNECT, d=None)

    def invalidate(self, *, resumable: bool) -> None:
        """Tell every bot that its session is invalid; unless ``resumable`` it is over."""
        for session in list(self._sessions.values()):
            if session.line:
                session.line.tell(INVALID_SESSION, d=resumable)
            if not resumable:
                self._end(session)

    async def close(self) -> None:
        """Close every connection and forget every session."""
        self.weather.calm.set()
        for session in list(self._sessions.values()):
            if session.line:
                await session.line.close(WSCloseCode.GOING_AWAY)
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
        line = Line(socket, request, self._heartbeat, self.weather)
        session: Session | None = None
        try:
            while (said := await line.hear()) is not None:
                match said.get("op"):
                    case op if op == HEARTBEAT:
                        line.tell(HEARTBEAT_ACK)
                    case op if op in (IDENTIFY, RESUME) and session:
                        await line.close(ALREADY_AUTHENTICATED, "Already authenticated.")
                    case op if op == IDENTIFY:
                        session = await self._identify(line, said["d"])
                    case op if op == RESUME:
                        session = self._resume(line, said["d"])
                    case _ if session is None:
                        await line.close(NOT_AUTHENTICATED, "Not authenticated.")
                    case op if op == REQUEST_MEMBERS:
                        await self._tell_members(session, line, said.get("d"))
        finally:
            if session and session.line is line:
                self._lost(session, for_good=line.said_goodbye)
            await line.hang_up()
        return socket

    async def _identify(self, line: Line, said: dict[str, Any]) -> Session | None:
        application = self._world.bots.get(said["token"].removeprefix("Bot "))
        if application is None:
            await line.close(AUTHENTICATION_FAILED, "Authentication failed.")
            return None
        if said["intents"] & PRIVILEGED & ~application.granted:
            await line.close(DISALLOWED_INTENTS, "Disallowed intent(s).")
            return None
        if application.session_starts(self._identify_every):
            line.tell(INVALID_SESSION, d=False)
            return None
        if application.session_starts(DAY) >= IDENTIFIES_A_DAY:
            await self._reset_token(application, line)
            return None
        application.started.append(time.monotonic())
        session = Session(application, said["intents"])
        session.line = line
        self._sessions[session.id] = session
        self._of.setdefault(application, []).append(session)
        guilds = [g for g in self._world.guilds.values() if application.user_id in g.members]
        ready = {
            "v": 10,
            "user": application.user.wire_own(),
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": "wss://gateway.discord.gg",
            "application": {"id": str(application.id), "flags": application.flags},
            **({"shard": said["shard"]} if "shard" in said else {}),
        }
        session.dispatch("READY", ready)
        for guild in guilds if session.intents & Intent.GUILDS else ():
            # By this key a client tells a server that it knew from one that it was invited to.
            known = {**self._introduction(session, guild), "unavailable": False}
            session.dispatch("GUILD_CREATE", known)
        self._arrived(application)
        return session

    async def _reset_token(self, application: Application, line: Line) -> None:
        """A bot that logs in too often gets a new token, which its owner must look up."""
        self._world.reset_token(application)
        sessions = self._of.get(application, ())
        lines = [line, *(session.line for session in sessions if session.line)]
        for session in list(sessions):
            self._end(session)
        for each in lines:
            await each.close(AUTHENTICATION_FAILED, "Authentication failed.")

    def _resume(self, line: Line, said: dict[str, Any]) -> Session | None:
        session = self._sessions.get(said["session_id"])
        known = session is not None and session.application.token == said["token"]
        if session is None or not known or not session.replay(line, said["seq"] or 0):
            line.tell(INVALID_SESSION, d=False)
            return None
        if session.line:
            session.line.cut()
        if session.expiry:
            session.expiry.cancel()
            session.expiry = None
        session.line = line
        session.dispatch("RESUMED", {})
        self._arrived(session.application)
        return session

    async def _tell_members(self, session: Session, line: Line, said: Any) -> None:
        """Answer a request for members; none where the bot isn't in that server."""
        try:
            asked = Asked(said)
        except (AttributeError, KeyError, TypeError, ValueError):
            await line.close(UNKNOWN_OPCODE, "Unknown opcode.")
            return
        guild = self._world.guilds.get(asked.guild_id)
        if guild and self.weather.tells_members and session.application.user_id in guild.members:
            session.tell_members(asked, guild)

    def _lost(self, session: Session, *, for_good: bool) -> None:
        """A connection ended, for good or for a while."""
        session.line = None
        if for_good:
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
