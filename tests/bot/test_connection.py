"""Which Discord the bot talks to, and which clock it follows."""

import ssl
import struct
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
import trustme
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.config import Sandbox
from bot.connection import connector, governance_clock

SOON = timedelta(seconds=1)


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    """A server that says which host it was asked for, with a certificate for discord.com alone."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=request.host)

    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("discord.com").configure_cert(context)
    app = web.Application()
    app.router.add_get("/", answer)
    (tmp_path / "clock").write_bytes(struct.pack("<q", 0))
    server = TestServer(app, scheme="https")
    await server.start_server(ssl=context)
    yield Sandbox(
        host="127.0.0.1",
        port=server.port or 0,
        authority=tmp_path / "authority.pem",
        clock=tmp_path / "clock",
    )
    await server.close()


async def test_against_a_sandbox_every_name_leads_to_it(sandbox: Sandbox) -> None:
    async with (
        aiohttp.ClientSession(connector=connector(sandbox)) as session,
        session.get("https://discord.com/") as response,
    ):
        assert await response.text() == "discord.com"


async def test_even_against_a_sandbox_certificates_are_checked(sandbox: Sandbox) -> None:
    async with aiohttp.ClientSession(connector=connector(sandbox)) as session:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await session.get("https://gateway.discord.gg/")


async def test_against_discord_the_sandboxs_authority_counts_nothing(sandbox: Sandbox) -> None:
    async with aiohttp.ClientSession(connector=connector(None)) as session:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await session.get(f"https://127.0.0.1:{sandbox.port}/")


async def test_a_crowd_does_not_open_a_connection_for_each(sandbox: Sandbox) -> None:
    for where in (None, sandbox):
        made = connector(where)
        assert 0 < made.limit < 500  # presses at the same moment, as were tried
        await made.close()


def test_the_governance_clock_is_the_wall_clock() -> None:
    now = governance_clock(None)()
    assert now.utcoffset() == timedelta()
    assert abs(now - datetime.now(UTC)) < SOON


@pytest.mark.parametrize(
    "ahead", [timedelta(), timedelta(days=3), timedelta(days=9000, microseconds=1), -SOON * 60]
)
async def test_against_a_sandbox_it_follows_the_sandboxs_file(
    sandbox: Sandbox, ahead: timedelta
) -> None:
    now = governance_clock(sandbox)
    sandbox.clock.write_bytes(struct.pack("<q", ahead // timedelta(microseconds=1)))
    assert now().utcoffset() == timedelta()
    assert abs(now() - datetime.now(UTC) - ahead) < SOON


async def test_it_follows_every_change_of_the_file(sandbox: Sandbox) -> None:
    now = governance_clock(sandbox)
    before = now()
    with sandbox.clock.open("r+b") as file:
        file.write(struct.pack("<q", 86_400_000_000))
    assert timedelta(days=1) <= now() - before < timedelta(days=1) + SOON


async def test_a_sandbox_without_a_clock_is_no_sandbox(sandbox: Sandbox) -> None:
    sandbox.clock.unlink()
    with pytest.raises(FileNotFoundError):
        governance_clock(sandbox)
