"""Messages in channels and threads."""

from typing import Any

from aiohttp import web

from .. import posting
from ..errors import ApiError, Fault
from ..guilds import Channel, Thread
from ..http import UPLOADS, answer, caller, form_of, id_in, no_content
from ..limits import fields
from ..mentions import EVERY_KIND
from ..messages import Message
from ..permissions import Permission
from ..users import Application
from ..world import World

_P = Permission


class Messages:
    """``/channels/{channel}/messages``."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """All routes of this noun."""
        return [
            web.get("/channels/{channel}/messages", self.page),
            web.post("/channels/{channel}/messages", self.send),
            web.get("/channels/{channel}/messages/{message}", self.show),
            web.patch("/channels/{channel}/messages/{message}", self.edit),
            web.delete("/channels/{channel}/messages/{message}", self.delete),
        ]

    async def page(self, request: web.Request) -> web.Response:
        """The newest messages first; ``before``, ``after`` or ``around`` an id."""
        application, channel, permissions = self._open(request)
        query = {key: request.query[key] for key in request.query if request.query[key].isdecimal()}
        limit = int(query.get("limit", "50"))
        fields.number({"limit": limit}, "limit", 1, 100, ())
        if not permissions & _P.READ_MESSAGE_HISTORY:
            return answer([])
        messages = self._world.messages(channel)
        ids = list(messages)
        if "after" in query:
            chosen = [id_ for id_ in ids if id_ > int(query["after"])][:limit]
        elif "around" in query:
            middle = int(query["around"])
            before = [id_ for id_ in ids if id_ < middle]
            chosen = before[-(limit // 2) :] + [id_ for id_ in ids if id_ >= middle]
            chosen = chosen[:limit]
        else:
            newest = int(query.get("before", str(1 << 63)))
            chosen = [id_ for id_ in ids if id_ < newest][-limit:]
        return answer([_wire(application, messages[id_]) for id_ in reversed(chosen)])

    async def send(self, request: web.Request) -> web.Response:
        """Write a message."""
        application, channel, permissions = self._open(request)
        form, uploads = form_of(request), request[UPLOADS]
        threaded = isinstance(channel, Thread)
        needed = _P.SEND_MESSAGES_IN_THREADS if threaded else _P.SEND_MESSAGES
        needed |= _P.EMBED_LINKS if form.get("embeds") else _P(0)
        needed |= _P.ATTACH_FILES if uploads else _P(0)
        if permissions & needed != needed:
            raise ApiError(Fault.MISSING_PERMISSIONS)
        if channel.recipient:
            self._world.check_reaches(application, channel.recipient)
        if isinstance(channel, Thread) and channel.locked and not permissions & _P.MANAGE_THREADS:
            raise ApiError(Fault.THREAD_LOCKED)
        draft = _draft(request, permissions)
        message = posting.create(
            self._world, channel, application.user, draft, application=application
        )
        return answer(message.wire())

    async def show(self, request: web.Request) -> web.Response:
        """One message."""
        application, channel, permissions = self._open(request)
        if not permissions & _P.READ_MESSAGE_HISTORY:
            raise ApiError(Fault.MISSING_PERMISSIONS)
        message = self._world.message(channel, id_in(request, "message"))
        return answer(_wire(application, message))

    async def edit(self, request: web.Request) -> web.Response:
        """Edit one of the bot's own messages; ApiError 50083 in an archived thread."""
        application, channel, permissions = self._open(request)
        message = self._world.message(channel, id_in(request, "message"))
        if message.author is not application.user:
            raise ApiError(Fault.NOT_THE_AUTHOR)
        _refuse_archived(channel)
        draft = _draft(request, permissions)
        posting.edit(self._world, message, draft)
        return answer(message.wire())

    async def delete(self, request: web.Request) -> web.Response:
        """Delete the bot's own message, or any with MANAGE_MESSAGES; in archived threads too."""
        application, channel, permissions = self._open(request)
        message = self._world.message(channel, id_in(request, "message"))
        if message.author is not application.user and not permissions & _P.MANAGE_MESSAGES:
            raise ApiError(Fault.MISSING_PERMISSIONS)
        self._world.remove_message(message)
        return no_content()

    def _open(self, request: web.Request) -> tuple[Application, Channel, int]:
        application = caller(self._world, request)
        channel = self._world.channel(id_in(request, "channel"))
        return application, channel, self._world.check_view(application.user, channel)


def _refuse_archived(channel: Channel) -> None:
    if isinstance(channel, Thread) and channel.archived:
        raise ApiError(Fault.THREAD_ARCHIVED)


def _draft(request: web.Request, permissions: int) -> posting.Draft:
    may = bool(permissions & _P.MENTION_EVERYONE)
    uploads = request[UPLOADS]
    return posting.Draft(form_of(request), uploads, EVERY_KIND, may)


def _wire(application: Application, message: Message) -> dict[str, Any]:
    return message.wire(hidden=not message.shown_to(application, application.granted))
