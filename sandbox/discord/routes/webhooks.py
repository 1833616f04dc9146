"""Webhooks: incoming ones, and those by which an interaction is answered further."""

import re
from typing import Any

from aiohttp import web

from .. import posting
from ..acts import Interaction
from ..errors import ApiError, Fault, InvalidForm
from ..guilds import Channel, Thread, Webhook
from ..http import UPLOADS, answer, caller, form_of, id_in, no_content
from ..interactions import Interactions
from ..limits import fields
from ..mentions import USERS_ONLY
from ..messages import Message
from ..permissions import Permission
from ..users import Application, User
from ..world import World

_MOST_PER_CHANNEL = 15
_FORBIDDEN_NAME = re.compile(r"clyde|discord", re.IGNORECASE)


class Webhooks:
    """``/webhooks`` and ``/channels/{channel}/webhooks``.

    The token in the path tells an incoming webhook and an interaction apart.
    """

    def __init__(self, world: World, interactions: Interactions) -> None:
        self._world = world
        self._interactions = interactions

    def routes(self) -> list[web.RouteDef]:
        """All routes of this noun."""
        message = "/webhooks/{webhook}/{token}/messages/{message}"
        return [
            web.get("/channels/{channel}/webhooks", self.all),
            web.post("/channels/{channel}/webhooks", self.create),
            web.get("/webhooks/{webhook}", self.show),
            web.delete("/webhooks/{webhook}", self.delete),
            web.post("/webhooks/{webhook}/{token}", self.execute),
            web.get(message, self.show_message),
            web.patch(message, self.edit_message),
            web.delete(message, self.delete_message),
        ]

    async def all(self, request: web.Request) -> web.Response:
        """The webhooks of a channel."""
        channel, application = self._managed(request)
        return answer([webhook.wire(application) for webhook in channel.webhooks.values()])

    async def create(self, request: web.Request) -> web.Response:
        """A new webhook of the calling application."""
        channel, application = self._managed(request)
        if isinstance(channel, Thread):
            raise ApiError(Fault.WRONG_CHANNEL_TYPE)
        form = form_of(request)
        fields.text(form, "name", 1, 80, ())
        if _FORBIDDEN_NAME.search(form["name"]):
            word = _FORBIDDEN_NAME.findall(form["name"])[0].lower()
            raise InvalidForm(
                ("name",), "USERNAME_INVALID_CONTAINS", f'Username cannot contain "{word}"'
            )
        if len(channel.webhooks) >= _MOST_PER_CHANNEL:
            raise ApiError(Fault.TOO_MANY_WEBHOOKS)
        webhook = self._world.add_webhook(channel, form["name"], application.user, application)
        return answer(webhook.wire(application))

    def _managed(self, request: web.Request) -> tuple[Channel, Application]:
        application = caller(self._world, request)
        channel = self._world.channel(id_in(request, "channel"))
        self._check_manages(application, channel)
        return channel, application

    def _check_manages(self, application: Application, channel: Channel) -> None:
        permissions = self._world.check_view(application.user, channel)
        if not permissions & Permission.MANAGE_WEBHOOKS:
            raise ApiError(Fault.MISSING_PERMISSIONS)

    async def show(self, request: web.Request) -> web.Response:
        """A webhook; its token only for the application that owns it."""
        application, webhook = caller(self._world, request), self._webhook(request)
        self._check_manages(application, webhook.channel)
        return answer(webhook.wire(application))

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a webhook."""
        webhook = self._webhook(request)
        self._check_manages(caller(self._world, request), webhook.channel)
        self._world.remove_webhook(webhook)
        return no_content()

    async def execute(self, request: web.Request) -> web.Response:
        """Send through a webhook, or a further answer to an interaction."""
        form, uploads = form_of(request), request[UPLOADS]
        webhook = self._incoming(request)
        if webhook is None:
            interaction = self._interaction(request)
            return answer(self._interactions.follow_up(interaction, form, uploads).wire())
        channel = self._target(request, webhook)
        if isinstance(channel, Thread) and channel.locked:
            raise ApiError(Fault.THREAD_LOCKED)
        fields.optional_text(form, "username", 1, 80, ())
        author = User(webhook.id, form.get("username") or webhook.name, bot=True)
        message = posting.create(
            self._world,
            channel,
            author,
            _draft(form, uploads),
            webhook_id=webhook.id,
            application=webhook.application,
        )
        waits = request.query.get("wait", "").lower() in ("true", "1")
        return answer(message.wire()) if waits else no_content()

    async def show_message(self, request: web.Request) -> web.Response:
        """A message that was sent this way."""
        return answer(self._message(request)[0].wire())

    async def edit_message(self, request: web.Request) -> web.Response:
        """Edit a message that was sent this way; ApiError 50083 in an archived thread."""
        message, interaction = self._message(request)
        form, uploads = form_of(request), request[UPLOADS]
        if interaction:
            self._interactions.edit(interaction, message, form, uploads)
        else:
            if isinstance(message.channel, Thread) and message.channel.archived:
                raise ApiError(Fault.THREAD_ARCHIVED)
            posting.edit(self._world, message, _draft(form, uploads))
        return answer(message.wire())

    async def delete_message(self, request: web.Request) -> web.Response:
        """Delete a message that was sent this way."""
        message, interaction = self._message(request)
        if interaction:
            self._interactions.delete(interaction, message)
        else:
            self._world.remove_message(message)
        return no_content()

    def _message(self, request: web.Request) -> tuple[Message, Interaction | None]:
        webhook = self._incoming(request)
        if webhook is None:
            interaction = self._interaction(request)
            return self._interactions.find(interaction, request.match_info["message"]), interaction
        message = self._world.message(self._target(request, webhook), id_in(request, "message"))
        if message.webhook_id != webhook.id:
            raise ApiError(Fault.UNKNOWN_MESSAGE)
        return message, None

    def _webhook(self, request: web.Request) -> Webhook:
        try:
            return self._world.webhooks[id_in(request, "webhook")]
        except KeyError:
            raise ApiError(Fault.UNKNOWN_WEBHOOK) from None

    def _incoming(self, request: web.Request) -> Webhook | None:
        """The incoming webhook of the path; None if the path is an interaction's."""
        if id_in(request, "webhook") in self._world.applications:
            return None
        webhook = self._webhook(request)
        if webhook.token != request.match_info["token"]:
            raise ApiError(Fault.INVALID_WEBHOOK_TOKEN)
        return webhook

    def _interaction(self, request: web.Request) -> Interaction:
        return self._interactions.of_token(id_in(request, "webhook"), request.match_info["token"])

    def _target(self, request: web.Request, webhook: Webhook) -> Channel:
        """The webhook's channel, or the thread of it that ``thread_id`` names."""
        if "thread_id" not in request.query:
            return webhook.channel
        thread = self._world.channel(int(request.query["thread_id"]))
        if not isinstance(thread, Thread) or thread.parent is not webhook.channel:
            raise ApiError(Fault.UNKNOWN_CHANNEL)
        return thread


def _draft(form: dict[str, Any], uploads: "list[posting.Upload]") -> posting.Draft:
    return posting.Draft(form, uploads, USERS_ONLY, may_ping_everyone=True)
