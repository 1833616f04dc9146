"""The local Discord refuses what Discord's description misses and Discord refuses."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sandbox.clock import Clock
from sandbox.discord import LocalDiscord
from sandbox.discord.traffic import Exchange
from tests.conformance.forms import CALLBACK, COMMANDS, MESSAGES, Json
from tests.conformance.rules import RULES
from tests.sandbox.client import Api, connector_to

Refuse = Callable[[Exchange], Any]


@pytest.fixture
async def refuse(tmp_path: Path) -> AsyncIterator[Refuse]:
    """Send what an exchange asks to a local Discord; the path of what it refuses."""
    clock = Clock(tmp_path / "clock")
    async with (
        LocalDiscord(clock=clock) as local,
        aiohttp.ClientSession(connector=connector_to(local)) as session,
        session.ws_connect("https://gateway.discord.gg/?v=10&encoding=json") as gateway,
    ):
        application, hamlet = local.add_application("Tiny"), local.add_server("Hamlet")
        hamlet.invite(application)
        square, api = hamlet.add_channel("square"), Api(session, application.token)
        commands = f"/applications/{application.id}/commands"

        async def interaction() -> str:
            """The path to the answer of a command that somebody types."""
            await api("PUT", commands, [{"name": "act", "description": "Act"}])
            properties = {"os": "linux", "browser": "tiny", "device": "tiny"}
            identify = {"token": application.token, "intents": 0, "properties": properties}
            await gateway.send_json({"op": 2, "d": identify})
            await local.online(application)
            typing = asyncio.create_task(hamlet.owner.command("act", in_=square))
            while (told := await gateway.receive_json())["t"] != "INTERACTION_CREATE":
                pass
            typing.cancel()
            return f"/interactions/{told['d']['id']}/{told['d']['token']}/callback"

        async def refused(exchange: Exchange) -> str:
            path = {MESSAGES: f"/channels/{square.id}/messages", COMMANDS: commands}
            where = path.get(exchange.path) or await interaction()
            status, body = await api(exchange.method, where, json.loads(exchange.asked))
            assert status == 400, body
            return ".".join(_path(body.get("errors", {})))

        yield refused
    clock.close()


def _path(errors: Json) -> list[str]:
    """The way to the only fault."""
    ((step, inside),) = errors.items() or (("_errors", {}),)
    return [] if step == "_errors" else [step, *_path(inside)]


@pytest.mark.parametrize(("exchange", "field"), RULES.values(), ids=RULES.keys())
async def test_what_the_description_misses_is_refused(
    refuse: Refuse, exchange: Exchange, field: str
) -> None:
    assert exchange.path in (MESSAGES, COMMANDS, CALLBACK)
    assert await refuse(exchange) == field
