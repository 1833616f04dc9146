"""Who asks too often is told to wait, and a real client waits."""

import asyncio
import math
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import discord
import pytest

from sandbox.clock import Clock
from sandbox.discord import Application, Channel, LocalDiscord, Permission, Person, Server
from sandbox.discord import rate_limits as limits
from sandbox.discord.rate_limits import Rule
from tests.sandbox.client import Start, connector_to

SCALE = 0.4
"""How long a limit's time is here, to Discord's."""


@pytest.fixture
async def local(clock: Clock) -> AsyncIterator[LocalDiscord]:
    async with LocalDiscord(clock=clock, rate_limits=SCALE, patience=5) as local:
        yield local


@pytest.fixture
async def session(local: LocalDiscord) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(connector=connector_to(local)) as session:
        yield session


class Asking:
    """Raw requests of a bot, with the headers of the answers."""

    def __init__(self, session: aiohttp.ClientSession, token: str) -> None:
        self._session, self._token = session, token

    async def __call__(
        self, method: str, path: str, form: object = None
    ) -> tuple[int, Any, dict[str, str]]:
        async with self._session.request(
            method,
            f"https://discord.com/api/v10{path}",
            json=form,
            headers={"Authorization": f"Bot {self._token}"} if self._token else {},
        ) as answer:
            json = answer.content_type == "application/json"
            body = await (answer.json() if json else answer.text())
            return answer.status, body, dict(answer.headers)


@pytest.fixture
def ask(session: aiohttp.ClientSession, application: Application, hamlet: Server) -> Asking:
    return Asking(session, application.token)


async def test_every_answer_tells_what_is_left(ask: Asking, square: Channel) -> None:
    status, _, first = await ask("POST", f"/channels/{square.id}/messages", {"content": "1"})
    _, _, second = await ask("POST", f"/channels/{square.id}/messages", {"content": "2"})
    assert status == 200
    assert (first["X-RateLimit-Limit"], first["X-RateLimit-Remaining"]) == ("5", "4")
    assert second["X-RateLimit-Remaining"] == "3"
    assert 0 < float(second["X-RateLimit-Reset-After"]) <= float(first["X-RateLimit-Reset-After"])
    assert abs(float(first["X-RateLimit-Reset"]) - time.time()) < 2
    assert first["Via"]


async def test_the_sixth_message_at_once_is_refused(ask: Asking, square: Channel) -> None:
    path = f"/channels/{square.id}/messages"
    for number in range(5):
        assert (await ask("POST", path, {"content": str(number)}))[0] == 200
    status, body, headers = await ask("POST", path, {"content": "too many"})
    assert status == 429
    assert body["message"] == "You are being rate limited."
    assert not body["global"]
    assert 0 < body["retry_after"] <= 5 * SCALE
    assert (headers["X-RateLimit-Remaining"], headers["X-RateLimit-Scope"]) == ("0", "user")
    assert headers["Retry-After"] == str(math.ceil(body["retry_after"]))
    await asyncio.sleep(body["retry_after"])
    assert (await ask("POST", path, {"content": "later"}))[0] == 200


async def test_each_channel_and_each_route_has_its_own_bucket(
    ask: Asking, square: Channel, hamlet: Server
) -> None:
    market = hamlet.add_channel("market")
    names = set()
    for channel in (square, market):
        for number in range(5):
            form = {"content": str(number)}
            status, message, headers = await ask("POST", f"/channels/{channel.id}/messages", form)
            assert status == 200
            names.add(headers["X-RateLimit-Bucket"])
    edit = await ask("PATCH", f"/channels/{market.id}/messages/{message['id']}", {"content": "x"})
    assert edit[0] == 200
    names.add(edit[2]["X-RateLimit-Bucket"])
    assert len(names) == 2


async def test_a_client_waits_without_being_refused(
    start: Start, square: Channel, ann: Person, local: LocalDiscord
) -> None:
    bot = await start()
    channel = bot.get_channel(square.id)
    await asyncio.gather(*(channel.send(str(number)) for number in range(11)))
    assert len(ann.read(square)) == 11
    assert 429 not in [request.status for request in local.requests]


async def test_all_requests_of_a_bot_share_one_limit(
    ask: Asking, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "GLOBAL", Rule(3, 5))
    for _ in range(3):
        assert (await ask("GET", "/users/@me"))[0] == 200
    status, body, headers = await ask("GET", "/applications/@me")
    assert (status, body["global"]) == (429, True)
    assert (headers["X-RateLimit-Global"], headers["X-RateLimit-Scope"]) == ("true", "global")
    assert "X-RateLimit-Limit" not in headers


async def test_answers_to_interactions_are_not_under_the_global_limit(
    start: Start, square: Channel, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def greets(bot: Any) -> None:
        @bot.tree.command(description="Say hello")
        async def hello(interaction: discord.Interaction) -> None:
            await interaction.response.defer(ephemeral=True)
            await interaction.followup.send("hello")

    await start(greets)
    monkeypatch.setattr(limits, "GLOBAL", Rule(0, 5))
    assert (await ann.command("hello", in_=square)).text == "hello"


async def test_a_second_rename_within_ten_minutes_is_the_last(
    ask: Asking, hamlet: Server, application: Application, square: Channel
) -> None:
    own = next(iter(hamlet.guild.members[application.user_id].roles.values()))
    hamlet.change_role(own, Permission.ADMINISTRATOR)
    path = f"/channels/{square.id}"
    for name in ("one", "two"):
        assert (await ask("PATCH", path, {"name": name}))[0] == 200
    status, body, headers = await ask("PATCH", path, {"name": "three"})
    assert status == 429
    assert 500 * SCALE < body["retry_after"] <= 600 * SCALE
    assert int(headers["X-RateLimit-Remaining"]) > 0, "headers don't tell of this limit"
    assert (await ask("PATCH", path, {"position": 1}))[0] == 200


async def test_webhooks_share_a_limit_per_channel(
    ask: Asking, session: aiohttp.ClientSession, square: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "WEBHOOKS_OF_CHANNEL", Rule(3, 60))
    form, path = {"name": "herald"}, f"/channels/{square.id}/webhooks"
    first, second = [(await ask("POST", path, form))[1] for _ in range(2)]
    nobody = Asking(session, "")
    for webhook in (first, second, first):
        path = f"/webhooks/{webhook['id']}/{webhook['token']}"
        status, _, headers = await nobody("POST", path, {"content": "news"})
        assert (status, headers["X-RateLimit-Limit"]) == (204, "5")
    status, body, headers = await nobody("POST", path, {"content": "more news"})
    assert (status, body["code"], headers["X-RateLimit-Scope"]) == (429, 20028, "shared")


@pytest.fixture
async def of_a_moment(clock: Clock) -> AsyncIterator[LocalDiscord]:
    """Where messages are old at once."""
    async with LocalDiscord(clock=clock, rate_limits=SCALE, old_after=0.0) as local:
        yield local


async def test_old_messages_can_be_edited_less_often(of_a_moment: LocalDiscord) -> None:
    application = of_a_moment.add_application("Old")
    hamlet = of_a_moment.add_server("Hamlet")
    hamlet.invite(application)
    square = hamlet.add_channel("square")
    async with aiohttp.ClientSession(connector=connector_to(of_a_moment)) as session:
        ask = Asking(session, application.token)
        path = f"/channels/{square.id}/messages"
        _, message, _ = await ask("POST", path, {"content": "0"})
        await asyncio.sleep(0.002)
        for number in range(3):
            form = {"content": str(number)}
            assert (await ask("PATCH", f"{path}/{message['id']}", form))[0] == 200
        status, body, headers = await ask("PATCH", f"{path}/{message['id']}", {"content": "x"})
    assert (status, body["code"]) == (429, 30046)
    assert body["message"].startswith("Maximum number of edits to messages older than 1 hour")
    assert 0 < body["retry_after"] <= 20 * SCALE
    assert headers["X-RateLimit-Remaining"] == "1"


async def test_too_many_invalid_requests_are_banned_by_cloudflare(
    ask: Asking, local: LocalDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "INVALID", Rule(3, 5))
    nobody = Asking(ask._session, "nobody")
    for number in range(1, 4):
        assert (await nobody("GET", "/users/@me"))[0] == 401
        assert local.rate_limits.invalid_requests == number
    status, page, headers = await ask("GET", "/users/@me")
    assert status == 429
    assert "1015" in page
    assert "Via" not in headers
    await asyncio.sleep(5 * SCALE)
    assert (await ask("GET", "/users/@me"))[0] == 200


async def test_a_nonce_is_remembered_for_a_few_minutes_only(clock: Clock) -> None:
    async with LocalDiscord(clock=clock, nonces_for=1.0) as local:
        application = local.add_application("Once")
        hamlet = local.add_server("Hamlet")
        hamlet.invite(application)
        path = f"/channels/{hamlet.add_channel('square').id}/messages"
        form = {"content": "once", "nonce": "p1", "enforce_nonce": True}
        async with aiohttp.ClientSession(connector=connector_to(local)) as session:
            ask = Asking(session, application.token)
            ids = [(await ask("POST", path, form))[1]["id"] for _ in range(2)]
            await asyncio.sleep(1.05)
            late = (await ask("POST", path, form))[1]["id"]
    assert ids[0] == ids[1] != late


async def test_without_limits_nobody_waits(clock: Clock) -> None:
    async with LocalDiscord(clock=clock, rate_limits=0) as local:
        application = local.add_application("Fast")
        hamlet = local.add_server("Hamlet")
        hamlet.invite(application)
        path = f"/channels/{hamlet.add_channel('square').id}/messages"
        async with aiohttp.ClientSession(connector=connector_to(local)) as session:
            ask = Asking(session, application.token)
            answers = [await ask("POST", path, {"content": "x"}) for _ in range(60)]
    assert {status for status, _, _ in answers} == {200}
    assert answers[0][2]["X-RateLimit-Limit"] == "10000"
