"""Discord's rate limits: one for everything a bot asks, and one bucket for each route and place."""

import hashlib
import math
import time
from collections import deque
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from aiohttp import web

from .errors import ApiError, Fault
from .http import FORM, Handler, answer, route_of
from .users import Application
from .world import World


class Rule(NamedTuple):
    """So many times in so many seconds."""

    limit: int
    seconds: float


GLOBAL = Rule(50, 1)
INVALID = Rule(10_000, 600)
"""401, 403 and 429 answers before Cloudflare turns an address away."""
GENEROUS = Rule(10_000, 1)
"""For all other routes: never reached, but clients need to be told of one to send in parallel."""

BUCKETS = {
    "POST /channels/{channel}/messages": Rule(5, 5),
    "PATCH /channels/{channel}/messages/{message}": Rule(5, 5),
    "DELETE /channels/{channel}/messages/{message}": Rule(5, 1),
    "GET /guilds/{guild}/members": Rule(10, 10),
    "GET /guilds/{guild}/members/{user}": Rule(5, 1),
    "POST /webhooks/{webhook}/{token}": Rule(5, 2),
    "PATCH /webhooks/{webhook}/{token}/messages/{message}": Rule(5, 2),
}
# Hidden limits, of which headers say nothing until they are reached.
RENAMES = Rule(2, 600)
OLD_EDITS = Rule(3, 20)
WEBHOOKS_OF_CHANNEL = Rule(30, 60)
# Discord names no number: bots that opened a few dozen conversations at once were refused.
OPENINGS = Rule(30, 600)
_OLD_EDITS_CODE, _CHANNEL_WRITES_CODE = 30046, 20028
_OLD_EDITS_TEXT = "Maximum number of edits to messages older than 1 hour reached. Try again later"
_WORTH_TIDYING = 1_000


class Refused(NamedTuple):
    """A limit is reached."""

    retry_after: float | None
    scope: str = "user"
    code: int | None = None
    message: str = "You are being rate limited."


class Window:
    """How often a limit was used since its first use; it starts anew when its time is over."""

    def __init__(self, rule: Rule, scale: float) -> None:
        self.limit = rule.limit
        self.used = 0
        self.ends = 0.0
        self._seconds = rule.seconds * scale

    def take(self) -> bool:
        """Use it once; False if it is used up."""
        now = time.monotonic()
        if now >= self.ends:
            self.used, self.ends = 0, now + self._seconds
        if self.used >= self.limit:
            return False
        self.used += 1
        return True

    @property
    def left(self) -> float:
        """The seconds until it starts anew, rounded up to thousandths as in headers."""
        return max(math.ceil((self.ends - time.monotonic()) * 1000), 1) / 1000


class RateLimits:
    """Counts what bots ask for, and answers 429 when it is too much."""

    def __init__(self, world: World, scale: float, old_after: timedelta) -> None:
        """``scale`` multiplies the length of every limit, 0 lifts them; ``old_after``: the age
        from which a message can be edited less often.
        """
        self._world = world
        self._scale = scale
        self._old_after = old_after
        self._windows: dict[tuple[str, ...], Window] = {}
        self._invalid: deque[float] = deque()

    @web.middleware
    async def limit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The step of the pipeline: refuse, or let pass and tell what is left."""
        route = f"{request.method} {route_of(request)}"
        if not self._scale:
            response = await handler(request)
            response.headers.update(_told(route, None, self._world.now()))
            return response
        if self.invalid_requests >= INVALID.limit:
            return cloudflare_page(429)
        bucket = self._bucket(route, request)
        refused = self._refused(route, request, bucket)
        response = too_many(refused) if refused else await handler(request)
        if not (refused and refused.scope == "global"):
            response.headers.update(_told(route, bucket, self._world.now()))
        if response.status in (401, 403, 429) and not (refused and refused.scope == "shared"):
            self._invalid.append(time.monotonic())
        return response

    @property
    def invalid_requests(self) -> int:
        """How many requests of the last ten minutes count towards Cloudflare's ban."""
        since = time.monotonic() - INVALID.seconds * self._scale
        while self._invalid and self._invalid[0] < since:
            self._invalid.popleft()
        return len(self._invalid)

    def check_opening(self, application: Application) -> None:
        """Count that a bot opens a conversation; ApiError 40003 if those are too many."""
        if self._scale and not self._window(OPENINGS, "openings", str(application.id)).take():
            raise ApiError(Fault.OPENING_TOO_FAST)

    def _bucket(self, route: str, request: web.Request) -> Window | None:
        """The bucket of the request's route and place; None where it is generous."""
        rule = BUCKETS.get(route)
        if rule is None:
            return None
        path = request.match_info
        if "token" in path:
            return self._window(rule, route, path["webhook"], path["token"])
        place = path.get("channel") or path["guild"]
        return self._window(rule, route, place, request.headers.get("Authorization", ""))

    def _window(self, rule: Rule, *key: str) -> Window:
        window = self._windows.get(key)
        if window is None:
            if len(self._windows) > _WORTH_TIDYING:
                now = time.monotonic()
                self._windows = {k: w for k, w in self._windows.items() if w.ends > now}
            self._windows[key] = window = Window(rule, self._scale)
        return window

    def _refused(self, route: str, request: web.Request, bucket: Window | None) -> Refused | None:
        if not self._of_interaction(request):
            everything = self._window(GLOBAL, request.headers.get("Authorization", ""))
            if not everything.take():
                return Refused(everything.left, "global")
        if bucket and not bucket.take():
            return Refused(bucket.left)
        return self._hidden(route, request)

    def _of_interaction(self, request: web.Request) -> bool:
        """Whether the request answers an interaction; the global limit is not for those."""
        path = request.match_info
        if "interaction" in path:
            return True
        webhook = path.get("webhook", "")
        return "token" in path and webhook.isdecimal() and int(webhook) in self._world.applications

    def _hidden(self, route: str, request: web.Request) -> Refused | None:
        path, form = request.match_info, request[FORM]
        match route:
            case "PATCH /channels/{channel}" if form and form.keys() & {"name", "topic"}:
                window = self._window(RENAMES, "rename", path["channel"])
                return None if window.take() else Refused(window.left)
            case "PATCH /channels/{channel}/messages/{message}" if self._old(path["message"]):
                window = self._window(OLD_EDITS, "old", path["channel"])
                if not window.take():
                    return Refused(window.left, "user", _OLD_EDITS_CODE, _OLD_EDITS_TEXT)
            case "POST /webhooks/{webhook}/{token}" if path["webhook"].isdecimal():
                webhook = self._world.webhooks.get(int(path["webhook"]))
                if webhook:
                    place = str(webhook.channel.id)
                    window = self._window(WEBHOOKS_OF_CHANNEL, "webhooks", place)
                    if not window.take():
                        return Refused(window.left, "shared", _CHANNEL_WRITES_CODE)
        return None

    def _old(self, message: str) -> bool:
        if not message.isdecimal():
            return False
        return self._world.snowflakes.age(int(message)) > self._old_after


@cache
def _name(route: str) -> str:
    """A bucket's name as opaque as Discord's."""
    return hashlib.md5(route.encode(), usedforsecurity=False).hexdigest()


def _told(route: str, window: Window | None, now: datetime) -> dict[str, str]:
    limit, used, left = GENEROUS.limit, 1, float(GENEROUS.seconds)
    if window:
        limit, used, left = window.limit, window.used, window.left
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(limit - used),
        "X-RateLimit-Reset": f"{now.timestamp() + left:.3f}",
        "X-RateLimit-Reset-After": f"{left:.3f}",
        "X-RateLimit-Bucket": _name(route),
    }


def too_many(refused: Refused) -> web.Response:
    """The answer 429."""
    body: dict[str, Any] = {"message": refused.message, "global": refused.scope == "global"}
    if refused.code:
        body["code"] = refused.code
    if refused.retry_after is not None:
        body["retry_after"] = refused.retry_after
    response = answer(body, 429)
    if refused.retry_after is not None:
        response.headers["Retry-After"] = str(math.ceil(refused.retry_after))
    response.headers["X-RateLimit-Scope"] = refused.scope
    if refused.scope == "global":
        response.headers["X-RateLimit-Global"] = "true"
    return response


_CLOUDFLARE_PAGE = """<!doctype html>
<html lang="en-US"><head><title>{title} | discord.com | Cloudflare</title></head>
<body><h1>Error {code}</h1><p>{title}</p><p>Cloudflare Ray ID: 8c0ffee</p></body></html>
"""


def cloudflare_page(status: int) -> web.Response:
    """What Cloudflare says in Discord's place: no JSON, no ``Via``."""
    code, title = {429: (1015, "You are being rate limited"), 403: (1020, "Access denied")}.get(
        status, (status, "Bad gateway")
    )
    page = _CLOUDFLARE_PAGE.format(code=code, title=title)
    return web.Response(text=page, status=status, content_type="text/html")
