"""Channels and threads."""

from typing import Any

from aiohttp import web

from ..errors import ApiError, Fault
from ..guilds import Channel, ChannelKind, Thread
from ..http import answer, caller, form_of, id_in
from ..limits import fields
from ..permissions import Permission
from ..users import User
from ..world import World

_ARCHIVE_AFTER = (60, 1440, 4320, 10080)
_P = Permission


class Channels:
    """``/channels/{channel}`` and the threads below."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """All routes of this noun."""
        return [
            web.get("/channels/{channel}", self.show),
            web.patch("/channels/{channel}", self.change),
            web.delete("/channels/{channel}", self.delete),
            web.post("/channels/{channel}/threads", self.start_thread),
            web.post("/channels/{channel}/messages/{message}/threads", self.start_thread_from),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """The channel or thread."""
        channel, _, _ = self._open(request)
        return answer(channel.wire())

    async def change(self, request: web.Request) -> web.Response:
        """Rename, archive or lock a thread; name and topic of a channel."""
        channel, user, permissions = self._open(request)
        form = form_of(request)
        fields.optional_text(form, "name", 1, 100, ())
        if isinstance(channel, Thread):
            self._change_thread(channel, user, permissions, form)
        else:
            if not permissions & _P.MANAGE_CHANNELS:
                raise ApiError(Fault.MISSING_PERMISSIONS)
            fields.text(form, "topic", 0, 1024, ())
            channel.topic = form.get("topic", channel.topic)
        channel.name = form.get("name") or channel.name
        self._world.change_channel(channel)
        return answer(channel.wire())

    def _change_thread(
        self, thread: Thread, user: User, permissions: int, form: dict[str, Any]
    ) -> None:
        manages = bool(permissions & _P.MANAGE_THREADS)
        locks = "locked" in form and form["locked"] != thread.locked
        opens = form.keys() == {"archived"} and not form["archived"] and not thread.locked
        may_open = opens and bool(permissions & _P.SEND_MESSAGES_IN_THREADS)
        owns = thread.owner is user and not thread.locked and not locks
        if not (manages or owns or may_open):
            raise ApiError(Fault.MISSING_PERMISSIONS)
        if thread.archived and form.get("archived") is not False:
            raise ApiError(Fault.THREAD_ARCHIVED)
        if form.get("auto_archive_duration") is not None:
            minutes = form["auto_archive_duration"]
            fields.choice(minutes, _ARCHIVE_AFTER, ("auto_archive_duration",))
            thread.auto_archive_minutes = minutes
        thread.locked = form.get("locked", thread.locked)
        if form.get("archived", thread.archived) != thread.archived:
            thread.archived = form["archived"]
            thread.archive_changed_at = self._world.now()

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a channel or thread."""
        channel, _, permissions = self._open(request)
        needed = _P.MANAGE_THREADS if isinstance(channel, Thread) else _P.MANAGE_CHANNELS
        if not permissions & needed:
            raise ApiError(Fault.MISSING_PERMISSIONS)
        self._world.remove_channel(channel)
        return answer(channel.wire())

    async def start_thread(self, request: web.Request) -> web.Response:
        """A thread of its own, public or private."""
        channel, user, permissions = self._open(request)
        form = form_of(request)
        kind = form.get("type") or ChannelKind.PRIVATE_THREAD
        kinds = (ChannelKind.PUBLIC_THREAD, ChannelKind.PRIVATE_THREAD)
        fields.choice(kind, kinds, ("type",))
        minutes = self._check_thread(channel, ChannelKind(kind), permissions, form)
        thread = self._world.add_thread(
            channel, user, form["name"], kind=ChannelKind(kind), auto_archive_minutes=minutes
        )
        return answer(thread.wire(), 201)

    async def start_thread_from(self, request: web.Request) -> web.Response:
        """The thread of a message; ApiError 160004 if it has one."""
        channel, user, permissions = self._open(request)
        message = self._world.message(channel, id_in(request, "message"))
        form = form_of(request)
        minutes = self._check_thread(channel, ChannelKind.PUBLIC_THREAD, permissions, form)
        if message.thread:
            raise ApiError(Fault.THREAD_EXISTS)
        thread = self._world.add_thread(
            channel, user, form["name"], starter=message, auto_archive_minutes=minutes
        )
        return answer(thread.wire(), 201)

    def _check_thread(
        self, parent: Channel, kind: ChannelKind, permissions: int, form: dict[str, Any]
    ) -> int:
        """Refuse a thread that may not be started; returns its minutes until it is archived."""
        if isinstance(parent, Thread) or parent.guild is None:
            raise ApiError(Fault.WRONG_CHANNEL_TYPE)
        public = kind is ChannelKind.PUBLIC_THREAD
        if not permissions & (_P.CREATE_PUBLIC_THREADS if public else _P.CREATE_PRIVATE_THREADS):
            raise ApiError(Fault.MISSING_PERMISSIONS)
        fields.text(form, "name", 1, 100, ())
        minutes: int = form.get("auto_archive_duration") or 4320
        fields.choice(minutes, _ARCHIVE_AFTER, ("auto_archive_duration",))
        return minutes

    def _open(self, request: web.Request) -> tuple[Channel, User, int]:
        """The channel, the bot's account and what it may do there; ApiError 50001 if nothing."""
        user = caller(self._world, request).user
        channel = self._world.channel(id_in(request, "channel"))
        return channel, user, self._world.check_view(user, channel)
