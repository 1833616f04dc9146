"""How the HTTP API reads requests and answers them: a pipeline that every route goes through."""

import json
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Middleware

from .errors import ApiError, Fault, InvalidForm
from .limits import fields
from .posting import Upload
from .snowflakes import Snowflakes
from .traffic import Exchange, tell
from .users import Application
from .world import World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PREFIX = "/api/v10"
FORM: web.RequestKey[Any] = web.RequestKey("form", object)
ASKED: web.RequestKey[bytes] = web.RequestKey("asked", bytes)
UPLOADS: web.RequestKey[list[Upload]] = web.RequestKey("uploads", list)


@dataclass(frozen=True)
class Request:
    """A request that was made: ``started`` and ``ended`` are monotonic seconds.

    ``route`` is the path with names for ids (``/channels/{channel}/messages``), ``form`` the
    JSON that was sent, None without one; ``status`` is 0 if it was cut off before any work.
    """

    method: str
    route: str
    path: str
    form: Any
    status: int
    started: float
    ended: float


class Pipeline:
    """The steps around every route, outermost first: record, read, meddle, limit, refuse.

    ``meddle`` is where faults strike, ``limit`` where rate limits are kept.
    """

    def __init__(
        self,
        requests: "deque[Request]",
        snowflakes: Snowflakes,
        meddle: Middleware,
        limit: Middleware,
    ) -> None:
        self._requests = requests
        self._snowflakes = snowflakes
        self.steps = (self.record, read, meddle, limit, refuse)

    @web.middleware
    async def record(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Keep what was asked and answered."""
        started = time.monotonic()
        response = await handler(request)
        if response.content_type != "text/html":
            response.headers["Via"] = "1.1 google"  # Cloudflare's own pages come without
        if self._snowflakes.skew:
            response.headers["Date"] = format_datetime(self._snowflakes.now(), usegmt=True)
        self._requests.append(
            Request(
                request.method,
                route_of(request),
                request.path.removeprefix(PREFIX),
                request.get(FORM),
                response.status,
                started,
                time.monotonic(),
            )
        )
        body = response.body if isinstance(response, web.Response) else None
        tell(
            Exchange(
                request.method,
                request.path.removeprefix(PREFIX),
                request.query,
                request.get(ASKED, b""),
                response.status,
                response.content_type,
                body if isinstance(body, bytes) else b"",
            )
        )
        return response


def route_of(request: web.Request) -> str:
    """The path with names for ids, the path itself where there is no such route."""
    resource = request.match_info.route.resource
    return (resource.canonical if resource else request.path).removeprefix(PREFIX)


@web.middleware
async def read(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Read the JSON form, alone or beside uploaded files."""
    request[FORM], request[UPLOADS], request[ASKED] = None, [], b""
    try:
        if request.content_type == "multipart/form-data":
            for name, part in (await request.post()).items():
                if isinstance(part, web.FileField):
                    with part.file as file:
                        upload = Upload(part.filename, part.content_type, file.read())
                    request[UPLOADS].append(upload)
                elif name == "payload_json":
                    request[ASKED] = str(part).encode()
        elif request.can_read_body:
            request[ASKED] = await request.read()
        if request[ASKED]:
            request[FORM] = json.loads(request[ASKED])
    except ValueError:
        return refusal(ApiError(Fault.MALFORMED_JSON))
    except web.HTTPException as fault:
        return refusal(fault)
    return await handler(request)


@web.middleware
async def refuse(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn a refusal into Discord's JSON."""
    try:
        return await handler(request)
    except (ApiError, web.HTTPException) as fault:
        return refusal(fault)


def refusal(fault: ApiError | web.HTTPException) -> web.Response:
    """The answer that says no."""
    if isinstance(fault, ApiError):
        return answer(fault.body(), fault.status)
    return answer({"message": f"{fault.status}: {fault.reason}", "code": 0}, fault.status)


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


def number_in(
    request: web.Request, name: str, default: int, *, low: int, high: int = (1 << 63) - 1
) -> int:
    """A number from the query; InvalidForm if it isn't one, or outside the range."""
    text = request.query.get(name, str(default))
    if not text.isdecimal():
        raise InvalidForm((name,), "NUMBER_TYPE_COERCE", f'Value "{text}" is not int.')
    fields.number({name: int(text)}, name, low, high, ())
    return int(text)


def caller(world: World, request: web.Request) -> Application:
    """The application whose bot is asking; ApiError 0 (401) without a good token."""
    token = request.headers.get("Authorization", "").removeprefix("Bot ")
    try:
        return world.bots[token]
    except KeyError:
        raise ApiError(Fault.UNAUTHORIZED) from None
