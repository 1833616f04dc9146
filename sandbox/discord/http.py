"""How the HTTP API reads requests and answers them: a pipeline that every route goes through."""

import json
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from .errors import ApiError, Fault
from .posting import Upload
from .users import Application
from .world import World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PREFIX = "/api/v10"
FORM: web.RequestKey[Any] = web.RequestKey("form", object)
UPLOADS: web.RequestKey[list[Upload]] = web.RequestKey("uploads", list)


@dataclass(frozen=True)
class Request:
    """A request that was made: ``started`` and ``ended`` are monotonic seconds.

    ``route`` is the path with names for ids (``/channels/{channel}/messages``), ``form`` the
    JSON that was sent, None without one.
    """

    method: str
    route: str
    path: str
    form: Any
    status: int
    started: float
    ended: float


class Pipeline:
    """The steps around every route, outermost first: record, read, refuse, limit."""

    def __init__(self, requests: "deque[Request]") -> None:
        self._requests = requests
        self.steps = (self.record, self.limit, refuse, read)

    @web.middleware
    async def record(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Keep what was asked and answered."""
        started = time.monotonic()
        response = await handler(request)
        resource = request.match_info.route.resource
        route = resource.canonical if resource else request.path
        self._requests.append(
            Request(
                request.method,
                route.removeprefix(PREFIX),
                request.path.removeprefix(PREFIX),
                request.get(FORM),
                response.status,
                started,
                time.monotonic(),
            )
        )
        return response

    @web.middleware
    async def limit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Tell of a rate limit that nobody reaches; clients need one to send in parallel."""
        response = await handler(request)
        resource = request.match_info.route.resource
        response.headers.update(
            {
                "X-RateLimit-Limit": "10000",
                "X-RateLimit-Remaining": "9999",
                "X-RateLimit-Reset": f"{time.time() + 1:.3f}",
                "X-RateLimit-Reset-After": "1.000",
                "X-RateLimit-Bucket": f"{request.method}{resource.canonical if resource else ''}",
                "Via": "1.1 local",
            }
        )
        return response


@web.middleware
async def refuse(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn a refusal into Discord's JSON."""
    try:
        return await handler(request)
    except ApiError as fault:
        return answer(fault.body(), fault.status)
    except web.HTTPException as fault:
        return answer({"message": f"{fault.status}: {fault.reason}", "code": 0}, fault.status)


@web.middleware
async def read(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Read the JSON form, alone or beside uploaded files."""
    request[FORM], request[UPLOADS] = None, []
    try:
        if request.content_type == "multipart/form-data":
            for name, part in (await request.post()).items():
                if isinstance(part, web.FileField):
                    with part.file as file:
                        upload = Upload(part.filename, part.content_type, file.read())
                    request[UPLOADS].append(upload)
                elif name == "payload_json":
                    request[FORM] = json.loads(str(part))
        elif request.can_read_body:
            request[FORM] = json.loads(await request.read())
    except ValueError:
        raise ApiError(Fault.MALFORMED_JSON) from None
    return await handler(request)


def answer(data: Any, status: int = 200) -> web.Response:
    """A JSON answer; the content type bears no charset, as clients compare it literally."""
    body = json.dumps(data).encode()
    return web.Response(body=body, status=status, content_type="application/json")


def no_content() -> web.Response:
    """The answer where there is nothing to say."""
    return web.Response(status=204)


def form_of(request: web.Request) -> dict[str, Any]:
    """The form that was sent; an empty one where none was, ApiError 50109 if it is a list."""
    form = request[FORM]
    if form is None:
        return {}
    if not isinstance(form, dict):
        raise ApiError(Fault.MALFORMED_JSON)
    return form


def id_in(request: web.Request, name: str) -> int:
    """An id from the path; ApiError 0 (404) if it isn't one."""
    value = request.match_info[name]
    if not value.isdecimal():
        raise ApiError(Fault.NOT_FOUND)
    return int(value)


def caller(world: World, request: web.Request) -> Application:
    """The application whose bot is asking; ApiError 0 (401) without a good token."""
    token = request.headers.get("Authorization", "").removeprefix("Bot ")
    try:
        return world.bots[token]
    except KeyError:
        raise ApiError(Fault.UNAUTHORIZED) from None
