"""What keeps the bot from working, a line each with its remedy. It looks, and changes nothing."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

import aiohttp
import discord

from bot.config import Configuration
from bot.connection import connector
from bot.discord_clock import DiscordClock
from cogs.permissions import CHANNELS, INVITATION, lacking
from governance.errors import Unavailable
from governance.settings import ABOUT, Settings
from governance.spaces import Space
from storage import schema, settings, spaces
from storage.database import URL, Database, file_of

_WRONG_CLOCK = timedelta(seconds=1)
_READINGS, _BETWEEN = 5, 0.25
"""Discord's clock is read so often, seconds apart: its dates are whole seconds."""
_LONGEST_WAIT = 30.0
"""Seconds that a request waits for Discord's rate limit at most."""


class Level(StrEnum):
    OK = "ok"
    WARN = "WARN"
    """The bot works, but something is not as it should be."""
    FAIL = "FAIL"
    """Something doesn't work until it is mended."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Its string is one line: `FAIL token: Discord refused it. Copy it again …`."""

    level: Level
    about: str
    text: str

    def __str__(self) -> str:
        return f"{self.level:<4} {self.about}: {self.text}"


@dataclass(frozen=True, slots=True)
class Stored:
    """What a database knows of Discord."""

    servers: dict[int, Settings] = field(default_factory=dict)
    spaces: dict[int, list[Space]] = field(default_factory=dict)
    """By server."""
    applications: set[int] = field(default_factory=set)


async def examine(configuration: Configuration) -> AsyncIterator[Finding]:
    """Each finding as soon as it is known. Raises ConfigurationError where a secret is missing."""
    token, url = configuration.secret_token, configuration.database_url
    yield Finding(Level.OK, "configuration", "complete")
    about_database, stored = await _database(url)
    yield about_database
    clock = DiscordClock()
    client = discord.Client(
        intents=discord.Intents(guilds=True),
        connector=connector(configuration.sandbox),
        http_trace=clock.trace(),
        max_ratelimit_timeout=_LONGEST_WAIT,
    )
    async with client:
        try:
            await client.login(token)
            yield Finding(Level.OK, "token", f"Discord knows it as that of {client.user}")
            info = await client.application_info()
            yield about_application(info, stored.applications if stored else set())
            yield about_intents(info.flags)
            for _ in range(_READINGS - 1):
                await asyncio.sleep(_BETWEEN)
                await client.application_info()
            yield about_clock(clock.offset)
            for guild_id, chosen in stored.servers.items() if stored else ():
                below = stored.spaces.get(guild_id, []) if stored else []
                for finding in await _server(client, guild_id, chosen, below):
                    yield finding
            if stored and not stored.servers:
                yield Finding(
                    Level.OK, "servers", "none is set up yet: invite the bot, and type /setup there"
                )
            link = discord.utils.oauth_url(
                info.id, permissions=INVITATION, scopes=("bot", "applications.commands")
            )
            yield Finding(Level.OK, "invite", link)
        except discord.LoginFailure:
            yield Finding(
                Level.FAIL,
                "token",
                "Discord refused it. Copy it again from the developer portal (Bot, Reset Token)",
            )
        except (discord.HTTPException, discord.RateLimited) as error:
            yield Finding(Level.FAIL, "Discord", f"it answered: {brief(error)}. Try again later")
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            yield Finding(
                Level.FAIL,
                "Discord",
                f"it can't be reached: {brief(error)}. Look at the network, and at a firewall "
                "that keeps discord.com, port 443, away",
            )


async def _database(url: URL) -> tuple[Finding, Stored | None]:
    """What there is to say about it, and what it holds; None where it can't be read."""
    name = url.render_as_string(hide_password=True)
    file = file_of(url)
    if file and not (file.exists() and file.stat().st_size):
        # To open it would make it.
        if os.access(file.parent, os.W_OK | os.X_OK):
            text = f"{name} is not there yet; the first start makes it"
            return Finding(Level.OK, "database", text), Stored()
        text = f"{name} can't be made: make the folder {file.parent}, which the bot may write to"
        return Finding(Level.FAIL, "database", text), None
    database = Database(url)
    try:
        revision, newest = await schema.revision(database), schema.newest()
        if revision and revision > newest:
            text = f"{name} was written by a newer version of Folkmoot: run that one"
            return Finding(Level.FAIL, "database", text), None
        await schema.rehearse(database)
        if revision is None:
            text = f"{name} is empty; the first start makes its tables"
            return Finding(Level.OK, "database", text), Stored()
        if revision != newest:
            text = (
                f"{name} is older than this version (migration {revision} of {newest}), so no "
                "server was looked at. The next start migrates it, or: python -m bot migrate"
            )
            return Finding(Level.WARN, "database", text), None
        async with database.read() as connection:
            below: dict[int, list[Space]] = {}
            for space in await spaces.everywhere(connection):
                below.setdefault(space.guild_id, []).append(space)
            stored = Stored(
                await settings.everywhere(connection),
                below,
                await settings.applications(connection),
            )
        return Finding(Level.OK, "database", f"{name}, writable and up to date"), stored
    except Unavailable as error:
        text = (
            f"{name} can't be used: {brief(error)}. Look whether it runs, has room, and lets "
            "this user write"
        )
        return Finding(Level.FAIL, "database", text), None
    finally:
        await database.close()


def about_application(info: discord.AppInfo, served: set[int]) -> Finding:
    """Whether people can invite it and use it; `served` are the applications of the database."""
    name = f"{_plain(info.name)} ({info.id})"
    if info.interactions_endpoint_url:
        return Finding(
            Level.FAIL,
            "application",
            f"{name} sends commands and presses elsewhere. Empty the Interactions Endpoint URL in "
            "the developer portal (General Information)",
        )
    if info.bot_require_code_grant:
        return Finding(
            Level.FAIL,
            "application",
            f"{name} can't be invited by a link. Switch Requires OAuth2 Code Grant off in the "
            "developer portal (Bot)",
        )
    if others := ", ".join(str(each) for each in sorted(served - {info.id})):
        return Finding(
            Level.WARN,
            "application",
            f"{name}, but this database has served {others}, whose messages {info.name} can't "
            "edit. Unless you changed it on purpose, use that one's token",
        )
    return Finding(Level.OK, "application", name)


def about_intents(flags: discord.ApplicationFlags) -> Finding:
    """Which privileged intents the application has, and what that changes; none is needed."""
    members = flags.gateway_guild_members or flags.gateway_guild_members_limited
    useless = [
        name
        for name, granted in (
            ("Presence", flags.gateway_presence or flags.gateway_presence_limited),
            (
                "Message Content",
                flags.gateway_message_content or flags.gateway_message_content_limited,
            ),
        )
        if granted
    ]
    text = (
        "Server Members is on, so the whole electorate is recorded when voting starts"
        if members
        else "no privileged one is needed; Server Members is off, so who may vote is checked as "
        "they vote, and no rule can refer to a share of a power whose total isn't known"
    )
    if useless:
        text += f"; can be switched off: {', '.join(useless)}"
    return Finding(Level.OK, "intents", text)


def about_clock(offset: timedelta) -> Finding:
    """`offset` is what to add to this machine's clock to have Discord's."""
    seconds = offset.total_seconds()
    if abs(offset) < _WRONG_CLOCK:
        return Finding(Level.OK, "clock", "within a second of Discord's")
    return Finding(
        Level.WARN,
        "clock",
        f"{abs(seconds):,.1f} s {'behind' if seconds > 0 else 'ahead of'} Discord's, so votes open "
        "and close as much too " + ("late" if seconds > 0 else "early") + ". Let the machine's "
        "clock be set over the network (NTP)",
    )


async def _server(
    client: discord.Client, guild_id: int, chosen: Settings, below: list[Space]
) -> list[Finding]:
    """What is missing in a server that has settings, asked over HTTP: no session is begun."""
    try:
        guild = await client.fetch_guild(guild_id, with_counts=False)
    except (discord.NotFound, discord.Forbidden):
        text = "the bot isn't in it any more; its data waits. To go on there, invite the bot again"
        return [Finding(Level.WARN, f"server {guild_id}", text)]
    about = f"server {_plain(guild.name)} ({guild_id})"
    me = await guild.fetch_member(client.user.id if client.user else 0)
    channels = {channel.id: channel for channel in await guild.fetch_channels()}
    found, names = [], dict[str, None]()
    for command, name, channel_id in _places(chosen, below):
        if channel_id is None:
            text = f"{name} is not chosen yet. A moderator types: {command} {name}:"
            found.append(Finding(Level.WARN, about, text))
            continue
        channel = channels.get(channel_id)
        if not isinstance(channel, discord.TextChannel):
            text = f"the {name} was deleted. A moderator chooses another: {command} {name}:"
            found.append(Finding(Level.FAIL, about, text))
            continue
        names[f"#{_plain(channel.name)}"] = None
        needed = CHANNELS[name]
        if missing := lacking(channel, needed, me):
            text = (
                f"in #{_plain(channel.name)} the bot is missing: {', '.join(missing)}. Allow that "
                "in the channel's settings, or invite the bot again"
            )
            found.append(Finding(Level.FAIL, about, text))
    return found or [Finding(Level.OK, about, f"nothing is missing in {' and '.join(names)}")]


def _places(chosen: Settings, below: list[Space]) -> Iterator[tuple[str, str, int | None]]:
    """(command that sets it, setting, channel or None) of a server and its spaces."""
    for name in CHANNELS:
        channel_id = getattr(chosen, name)
        if channel_id or ABOUT[name].needed:
            yield "/setup", name, channel_id
    for space in below:
        for name in CHANNELS:
            if channel_id := space.changes.get(name):
                yield f"/space edit space:{_plain(space.name)}", name, channel_id


def brief(error: Exception) -> str:
    """An error's words on one line, without the full stop."""
    return " ".join((str(error) or type(error).__name__).split()).rstrip(".")[:200]


def _plain(name: str) -> str:
    """A name that somebody chose, without what a terminal would obey."""
    return "".join(sign for sign in name if sign.isprintable())
