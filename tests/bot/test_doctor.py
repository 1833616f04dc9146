"""`python -m bot doctor`: what is wrong is said, with a remedy, and nothing is changed."""

import asyncio
import os
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import discord
import pytest
from pydantic import SecretStr

from bot import doctor
from bot.config import PREFIX, TOKEN, Configuration
from bot.doctor import Finding, Level
from cogs.permissions import INVITATION
from sandbox.bot_process import CHECKOUT, BotProcess
from sandbox.discord import Permission
from storage import schema
from storage.database import Database
from tests import stores
from tests.moot import NEEDED, Moot, private

SECOND = timedelta(seconds=1)


@pytest.fixture
async def stopped(ready: Moot) -> AsyncIterator[Moot]:
    """Hamlet, set up, with the bot away: the doctor is asked before it comes back."""
    await ready.stop()
    yield ready
    await ready.start()


async def findings(moot: Moot, **settings: Any) -> list[Finding]:
    configuration: Configuration = moot.configuration.model_copy(update=settings)
    return [each async for each in doctor.examine(configuration)]


def about(found: list[Finding], what: str) -> Finding:
    (one,) = (each for each in found if each.about.startswith(what))
    return one


async def test_where_all_is_well_every_line_says_ok(stopped: Moot) -> None:
    found = await findings(stopped)
    assert {each.level for each in found} == {Level.OK}
    assert [each.about.split()[0] for each in found] == [
        "configuration",
        "database",
        "token",
        "application",
        "intents",
        "clock",
        "server",
        "invite",
    ]
    assert "writable and up to date" in about(found, "database").text
    assert "Folkmoot" in about(found, "application").text
    assert str(about(found, "server")) == (
        f"ok   server Hamlet ({stopped.server.id}): nothing is missing in #proposals and #results"
    )


async def test_the_channels_of_spaces_and_of_moderators_are_looked_at_too(ready: Moot) -> None:
    yard, office = ready.server.add_channel("yard"), ready.server.add_channel("office")
    await private(
        ready.owner.command("space create", in_=ready.square, name="Works", proposals_channel=yard)
    )
    await private(ready.owner.command("setup", in_=ready.square, moderators_channel=office))
    await ready.stop()
    well = about(await findings(ready), "server")
    ready.server.delete_channel(yard)
    broken = about(await findings(ready), "server")
    await ready.start()
    assert "#proposals and #results and #office and #yard" in well.text
    assert broken.level is Level.FAIL
    assert "/space edit space:Works proposals_channel:" in broken.text


async def test_every_finding_is_one_line_without_a_secret(stopped: Moot) -> None:
    token = stopped.configuration.secret_token
    for found in (
        await findings(stopped),
        await findings(stopped, token=SecretStr("a.wrong.token")),
    ):
        for line in map(str, found):
            assert "\n" not in line
            assert token not in line
            assert "a.wrong.token" not in line


async def test_it_changes_nothing(stopped: Moot, tmp_path: Path) -> None:
    before = len(stopped.discord.requests)
    await findings(stopped)
    asked = list(stopped.discord.requests)[before:]
    assert {request.method for request in asked} == {"GET"}
    assert not any("gateway" in request.path for request in asked)


async def test_it_may_be_asked_while_the_bot_serves(ready: Moot) -> None:
    assert {each.level for each in await findings(ready)} == {Level.OK}


async def test_the_invite_link_asks_for_what_is_needed_and_nothing_else(stopped: Moot) -> None:
    link = urlsplit(about(await findings(stopped), "invite").text)
    asked = parse_qs(link.query)
    assert link.hostname == "discord.com"
    assert asked["client_id"] == [str(stopped.application.id)]
    assert set(asked["scope"][0].split()) == {"bot", "applications.commands"}
    assert int(asked["permissions"][0]) == INVITATION.value == int(NEEDED)


# Token and Discord


async def test_a_token_that_discord_refuses(stopped: Moot) -> None:
    found = await findings(stopped, token=SecretStr("a.wrong.token"))
    refused = about(found, "token")
    assert refused.level is Level.FAIL
    assert "Copy it again" in refused.text
    assert found[-1] is refused


async def test_a_discord_that_cannot_be_reached(stopped: Moot) -> None:
    async with stopped.discord.faults.unreachable():
        found = await findings(stopped)
    assert about(found, "Discord").level is Level.FAIL
    assert "can't be reached" in found[-1].text


async def test_a_discord_that_refuses_everything(stopped: Moot) -> None:
    with stopped.discord.faults.cloudflare("*", 403):
        found = await findings(stopped)
    assert about(found, "Discord").level is Level.FAIL


@pytest.mark.parametrize(
    ("ahead", "said"), [(90 * SECOND, "behind Discord's"), (-90 * SECOND, "ahead of Discord's")]
)
async def test_a_clock_that_is_wrong(stopped: Moot, ahead: timedelta, said: str) -> None:
    stopped.discord.faults.clock_skew = ahead
    found = about(await findings(stopped), "clock")
    stopped.discord.faults.clock_skew = timedelta()
    assert found.level is Level.WARN
    assert said in found.text
    assert found.text.startswith(("89.", "90."))
    assert "NTP" in found.text


def test_less_than_a_second_is_no_wrong_clock() -> None:
    assert doctor.about_clock(SECOND * 0.99).level is Level.OK
    assert doctor.about_clock(SECOND).level is Level.WARN
    assert doctor.about_clock(-SECOND).level is Level.WARN


# The application, as Discord may describe it


def info(moot: Moot, **more: Any) -> discord.AppInfo:
    described: Any = {**moot.application.wire(), **more}
    return discord.AppInfo(moot.bot._connection, described)


async def test_an_application_whose_presses_go_elsewhere(moot: Moot) -> None:
    elsewhere = info(moot, interactions_endpoint_url="https://example.org/")
    found = doctor.about_application(elsewhere, set())
    assert found.level is Level.FAIL
    assert "Empty the Interactions Endpoint URL" in found.text


async def test_an_application_that_no_link_can_invite(moot: Moot) -> None:
    found = doctor.about_application(info(moot, bot_require_code_grant=True), set())
    assert found.level is Level.FAIL
    assert "Switch Requires OAuth2 Code Grant off" in found.text


async def test_a_token_of_another_application_than_before(stopped: Moot) -> None:
    other = stopped.discord.add_application("Another")
    found = await findings(stopped, token=SecretStr(other.token))
    changed = about(found, "application")
    assert changed.level is Level.WARN
    assert str(stopped.application.id) in changed.text
    assert about(found, "server").level is Level.WARN


def test_no_privileged_intent_is_asked_for_and_needless_ones_are_named() -> None:
    flags = discord.ApplicationFlags()
    assert "no privileged one is needed" in doctor.about_intents(flags).text
    assert "switched off" not in doctor.about_intents(flags).text
    flags.gateway_presence_limited = True
    flags.gateway_message_content = True
    found = doctor.about_intents(flags)
    assert found.level is Level.OK
    assert found.text.endswith("; can be switched off: Presence, Message Content")


@pytest.mark.parametrize("flag", ["gateway_guild_members", "gateway_guild_members_limited"])
def test_whether_the_members_intent_is_on_is_told_with_what_it_means(flag: str) -> None:
    flags = discord.ApplicationFlags()
    off = doctor.about_intents(flags)
    assert "Server Members is off, so who may vote is checked as they vote" in off.text
    setattr(flags, flag, True)
    on = doctor.about_intents(flags)
    assert "Server Members is on, so the whole electorate is recorded" in on.text
    assert "off" not in on.text
    assert on.level is off.level is Level.OK


# Servers


@pytest.mark.parametrize(
    ("lacking", "named"),
    [
        (Permission.CREATE_PUBLIC_THREADS, "Create Public Threads"),
        (Permission.SEND_MESSAGES_IN_THREADS, "Send Messages in Threads"),
        (Permission.VIEW_CHANNEL, "View Channel"),
    ],
)
async def test_a_permission_that_is_missing_in_a_channel(
    stopped: Moot, lacking: Permission, named: str
) -> None:
    stopped.server.change_overwrites(stopped.proposals, {stopped.bot_role: (0, lacking)})
    found = about(await findings(stopped), "server")
    assert found.level is Level.FAIL
    assert f"in #proposals the bot is missing: {named}. Allow that" in found.text


async def test_a_permission_that_is_missing_in_the_whole_server(stopped: Moot) -> None:
    stopped.server.change_role(stopped.bot_role, NEEDED & ~Permission.MANAGE_WEBHOOKS)
    found = about(await findings(stopped), "server")
    assert "in #results the bot is missing: Manage Webhooks." in found.text


async def test_a_channel_that_was_deleted(stopped: Moot) -> None:
    stopped.server.delete_channel(stopped.results)
    found = about(await findings(stopped), "server")
    assert found.level is Level.FAIL
    assert "/setup results_channel:" in found.text


async def test_a_server_that_is_set_up_by_half(moot: Moot) -> None:
    await moot.owner.command("setup", in_=moot.square, proposals_channel=moot.proposals)
    found = about(await findings(moot), "server")
    assert found.level is Level.WARN
    assert "/setup results_channel:" in found.text


async def test_a_server_that_the_bot_was_removed_from(stopped: Moot) -> None:
    stopped.server.kick(stopped.application)
    found = about(await findings(stopped), "server")
    assert found.level is Level.WARN
    assert "its data waits" in found.text
    stopped.server.invite(stopped.application, NEEDED)


async def test_before_the_first_setup_it_says_what_comes_next(moot: Moot) -> None:
    found = about(await findings(moot), "servers")
    assert found.level is Level.OK
    assert "/setup" in found.text


# The database


async def database(moot: Moot, url: str) -> Finding:
    return about(await findings(moot, database=url), "database")


async def test_a_database_that_is_empty_stays_so(moot: Moot, tmp_path: Path) -> None:
    folder = tmp_path / "bare"
    folder.mkdir()
    url = await stores.create_bare(folder)
    found = await database(moot, url)
    assert found.level is Level.OK
    assert "the first start makes" in found.text
    assert not list(folder.iterdir())
    await stores.drop(url)


async def test_a_file_without_a_folder(moot: Moot, tmp_path: Path) -> None:
    found = await database(moot, f"sqlite:///{tmp_path}/nowhere/folkmoot.db")
    assert found.level is Level.FAIL
    assert "make the folder" in found.text


async def test_a_server_that_nobody_answers_at(moot: Moot) -> None:
    every = await findings(moot, database="postgresql://folkmoot:hush@127.0.0.1:1/folkmoot")
    found = about(every, "database")
    assert found.level is Level.FAIL
    assert "can't be used" in found.text
    assert "hush" not in found.text
    assert not any(each.about.startswith("server") for each in every)


async def test_a_file_that_is_no_database(moot: Moot, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear Folkmoot, " * 100)
    found = await database(moot, f"sqlite:///{tmp_path}/letter.txt")
    assert found.level is Level.FAIL
    assert "not a database" in found.text


@pytest.mark.parametrize(
    ("revision", "level", "said"),
    [
        ("0000", Level.WARN, "python -m bot migrate"),
        ("9999", Level.FAIL, "written by a newer version"),
    ],
)
@pytest.mark.sqlite
async def test_a_database_of_another_version(
    stopped: Moot, tmp_path: Path, revision: str, level: Level, said: str
) -> None:
    with closing(sqlite3.connect(tmp_path / "folkmoot.db")) as file, file:
        file.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    found = await findings(stopped)
    assert about(found, "database").level is level
    assert said in about(found, "database").text
    assert not any(each.about.startswith("server") for each in found)
    with closing(sqlite3.connect(tmp_path / "folkmoot.db")) as file, file:
        assert file.execute("SELECT version_num FROM alembic_version").fetchone() == (revision,)
        file.execute("UPDATE alembic_version SET version_num = ?", (schema.newest(),))


@pytest.mark.sqlite
async def test_a_database_that_somebody_else_writes_to(stopped: Moot, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "folkmoot.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        found = about(await findings(stopped), "database")
    assert found.level is Level.FAIL
    assert "locked" in found.text


async def test_the_rehearsal_leaves_nothing_behind(database_url: str) -> None:
    there = Database(database_url)
    await schema.rehearse(there)
    await schema.rehearse(there)
    assert await schema.drift(there) == []
    await there.close()


# As a command


async def asked(moot: Moot, folder: Path, token: str | None) -> tuple[int, list[str], str]:
    """`python -m bot doctor` as a process: its exit code, its lines, and its complaints."""
    bot = BotProcess((sys.executable, "-m", "bot"), folder)
    bot.configure(moot.discord, moot.application, moot.clock)
    others = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    database = {f"{PREFIX}DATABASE": moot.configuration.database}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "--config", str(folder / "config.toml"), "doctor"),
        cwd=CHECKOUT,
        env=others | database | ({TOKEN: token} if token else {}),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await process.communicate()
    return process.returncode or 0, said.decode().splitlines(), complained.decode()


async def test_the_command_tells_line_by_line(stopped: Moot, tmp_path: Path) -> None:
    code, lines, complaints = await asked(stopped, tmp_path, stopped.application.token)
    assert (code, complaints) == (0, "")
    assert len(lines) == 8
    assert all(line.startswith("ok   ") for line in lines)


async def test_the_command_fails_where_something_fails(stopped: Moot, tmp_path: Path) -> None:
    code, lines, complaints = await asked(stopped, tmp_path, "a.wrong.token")
    assert (code, complaints) == (1, "")
    assert lines[-1].startswith("FAIL token: Discord refused it.")


async def test_a_warning_is_no_failure(stopped: Moot, tmp_path: Path) -> None:
    stopped.discord.faults.clock_skew = -90 * SECOND
    code, lines, _ = await asked(stopped, tmp_path, stopped.application.token)
    stopped.discord.faults.clock_skew = timedelta()
    assert code == 0
    assert any(line.startswith("WARN clock: ") for line in lines)


async def test_a_wrong_configuration_is_told_as_by_every_command(
    stopped: Moot, tmp_path: Path
) -> None:
    code, lines, complaints = await asked(stopped, tmp_path, None)
    assert (code, lines) == (2, [])
    assert complaints.startswith("no token: set the environment variable FOLKMOOT_TOKEN")
