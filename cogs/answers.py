"""Private answers, in time. Any failure becomes one private sentence, through whichever door."""

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from typing import Any, TypeVar

import aiohttp
import discord
from discord import app_commands

from cogs import limits
from cogs.markdown import beginning, shown
from cogs.pace import Pace
from governance.errors import NotFound, Refusal, Unavailable

log = logging.getLogger(__name__)

Interaction = discord.Interaction[discord.Client]
T = TypeVar("T")

DIRECT_SECONDS = 1.0
"""Work that takes no longer is answered directly; for longer work Discord is told to wait."""

LATEST_SECONDS = 2.0
"""The age of an interaction at which Discord must be told something."""

TOO_OLD_SECONDS = 2.5
"""Discord gives up on an interaction after 3 s; the person has been told that it failed."""

_ALREADY_ANSWERED = 40060
_UNKNOWN_INTERACTION = 10062
_LOST_CONNECTION = (aiohttp.ClientConnectionError, aiohttp.ServerTimeoutError, ConnectionError)


def too_old(interaction: Interaction, discord_now: Callable[[], datetime]) -> bool:
    """Whether an answer would come too late: a replay after a lost connection, a long stall."""
    age = (discord_now() - interaction.created_at).total_seconds()
    interaction.extras["latest"] = time.monotonic() + LATEST_SECONDS - age
    if age > TOO_OLD_SECONDS:
        log.warning("left interaction %d alone: it is %.1f s old", interaction.id, age)
        return True
    return False


async def insist(request: Callable[[], Awaitable[T]]) -> T | None:
    """Make a request that may be repeated, again where the connection was lost on the way.

    None where Discord had processed an earlier try whose answer got lost.
    """
    for pause in (0.1, 0.4):
        try:
            return await _accepted(request)
        except _LOST_CONNECTION:
            await asyncio.sleep(pause)
    return await _accepted(request)


async def _accepted(request: Callable[[], Awaitable[T]]) -> T | None:
    try:
        return await request()
    except discord.HTTPException as error:
        if error.code == _ALREADY_ANSWERED:
            return None
        raise


async def in_time(interaction: Interaction, work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`; if it takes long, Discord is told to wait for a private answer."""
    telling: list[asyncio.Task[None]] = []
    late = asyncio.get_running_loop().call_later(
        min(DIRECT_SECONDS, _left(interaction)),
        lambda: telling.append(asyncio.create_task(wait(interaction))),
    )
    try:
        return await work
    finally:
        late.cancel()
        for told in telling:
            await told


async def soon(interaction: Interaction, work: Coroutine[Any, Any, T]) -> T:
    """The result of `work` that precedes a form, for which Discord can't be told to wait."""
    try:
        return await asyncio.wait_for(work, _left(interaction))
    except TimeoutError:
        raise Unavailable("it is too slow to open a form") from None


def _left(interaction: Interaction) -> float:
    """Seconds until Discord must be told something."""
    latest: float = interaction.extras["latest"]
    return max(0.0, latest - time.monotonic())


async def wait(interaction: Interaction) -> None:
    """Tell Discord that a private answer will come, where that is still to be told."""
    if interaction.response.is_done():
        return
    try:
        await insist(lambda: interaction.response.defer(ephemeral=True, thinking=True))
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        log.warning("interaction %d could not be deferred: %s", interaction.id, error)


async def reply(
    interaction: Interaction,
    content: str | None = None,
    *,
    file: Callable[[], discord.File] | None = None,
    **what: Any,
) -> None:
    """Answer privately: directly, or in place of the waiting sign.

    `file` makes the attachment anew for each try, because a try uses it up.
    """

    def new() -> dict[str, Any]:
        return what if file is None else {**what, "file": file()}

    def edited() -> dict[str, Any]:
        return what if file is None else {**what, "attachments": [file()]}

    response = interaction.response
    if not response.is_done():
        sent = await insist(lambda: response.send_message(content, ephemeral=True, **new()))
        if sent is None:
            # Something was answered whose confirmation got lost; perhaps only the waiting sign.
            await interaction.edit_original_response(content=content, **edited())
    elif response.type is discord.InteractionResponseType.deferred_channel_message:
        await insist(lambda: interaction.edit_original_response(content=content, **edited()))
    else:
        await insist(lambda: interaction.followup.send(content or "", ephemeral=True, **new()))


def sentence(error: BaseException) -> str:
    """What a person is told of a failure; one nobody foresaw is logged under the id it names."""
    while isinstance(error, app_commands.CommandInvokeError):
        error = error.original
    match error:
        case Refusal():
            return beginning(shown(str(error)), limits.MESSAGE)
        case Unavailable():
            log.error("the database is unavailable: %s", error)
            return (
                "The database doesn't answer at the moment, so nothing was recorded. "
                "Please try again in a minute."
            )
        case app_commands.TransformerError(type=discord.AppCommandOptionType.channel):
            return (
                "I can't see that channel. Give me the permission View Channel there, "
                "or choose another."
            )
        case app_commands.CommandNotFound() | app_commands.CommandSignatureMismatch():
            return "This command has changed. Restart Discord (or wait a minute) and type it again."
        case discord.Forbidden():
            return (
                f"Discord refused it ({error.text.rstrip('.') or 'missing permissions'}). "
                "A moderator can see with /setup what I'm missing."
            )
    incident = secrets.token_hex(4)
    log.error("incident %s", incident, exc_info=error)
    return (
        "Something went wrong on our side. Please try again; if it happens again, "
        f"give the operator this number: {incident}."
    )


async def answer_error(interaction: Interaction, error: BaseException) -> None:
    """Answer a failure with one private sentence; an answer that can't be given is logged."""
    if isinstance(error, app_commands.CommandInvokeError):
        error = error.original
    if isinstance(error, discord.NotFound) and error.code == _UNKNOWN_INTERACTION:
        log.warning("interaction %d was answered too late", interaction.id)
        return
    try:
        await reply(interaction, sentence(error))
    except (discord.HTTPException, aiohttp.ClientError, OSError) as failure:
        log.warning("interaction %d got no answer: %s", interaction.id, failure)


def server_of(interaction: Interaction) -> int:
    """The id of the server; decisions belong to one, so a direct message is refused."""
    if interaction.guild_id is None:
        raise NotFound("Decisions are made in a server. Use this there, not in a direct message.")
    return interaction.guild_id


def guild_of(interaction: Interaction) -> discord.Guild:
    """The server with its channels and roles; Unavailable while Discord doesn't show them."""
    guild = interaction.guild
    if guild is None or guild.unavailable:
        raise Unavailable("Discord hasn't shown this server yet, or shows it no more")
    return guild


class Door:
    """What every interaction passes before anything is done for it, whichever its kind."""

    def __init__(self, discord_now: Callable[[], datetime], at_once: int) -> None:
        """`at_once` commands, presses and forms of a member are taken at the same moment."""
        self._discord_now = discord_now
        self._pace = Pace(at_once)
        self._answering = set[asyncio.Task[Any]]()

    def admits(self, interaction: Interaction) -> bool:
        """False for what is too old, and left alone.

        Raises NotFound outside of a server, Busy where the member did too much at once.
        """
        if task := asyncio.current_task():
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)
        if too_old(interaction, self._discord_now):
            return False
        # Discord asks for suggestions with each letter, so they are no measure of a person.
        if interaction.type is not discord.InteractionType.autocomplete:
            self._pace.keep(server_of(interaction), interaction.user.id)
        return True

    async def all_answered(self, within: float) -> None:
        """Wait until those admitted so far have their answers, so many seconds at the most."""
        if self._answering:
            await asyncio.wait(self._answering, timeout=within)


class Tree(app_commands.CommandTree[discord.Client]):
    """The commands; each failure is answered, each interaction that is too old left alone."""

    def __init__(self, client: discord.Client, *, door: Door) -> None:
        super().__init__(client)
        self._door = door

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        try:
            return self._door.admits(interaction)
        except Refusal as error:
            await answer_error(interaction, error)
            return False

    async def on_error(
        self, interaction: Interaction, error: app_commands.AppCommandError, /
    ) -> None:
        await answer_error(interaction, error)
