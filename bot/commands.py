"""The commands of `python -m bot` that need the configuration."""

import argparse
import asyncio
import signal
import sys
import tempfile
from pathlib import Path

import aiohttp
import discord

from bot import app, config, doctor, logs
from bot.config import ConfigurationError
from bot.connection import governance_clock
from governance.errors import Refusal, Unavailable
from governance.result import written
from services.results import Results
from storage import schema
from storage.database import URL, Database, file_of


def carry_out(arguments: argparse.Namespace) -> int:
    """Do what the command line says; returns the exit code."""
    command = arguments.command
    try:
        if command == "migrate" and (arguments.check or arguments.write):
            return asyncio.run(_compare(arguments.write))
        configuration = config.load(arguments.config or config.default_path())
        if command == "migrate":
            return asyncio.run(_migrate(configuration.database_url))
        if command == "export":
            return asyncio.run(_export(configuration, arguments))
        token = configuration.secret_token
        # What the doctor has to say, its own lines say.
        level = "ERROR" if command == "doctor" else configuration.log_level
        logs.configure(level, token, configuration.database_url.password or token)
        if command == "doctor":
            return asyncio.run(_examine(configuration))
        asyncio.run(_run(configuration))
    except ConfigurationError as error:
        for line in error.lines:
            print(line, file=sys.stderr)
        return 2
    except discord.LoginFailure:
        print("Discord refused the token: copy it again from the developer portal", file=sys.stderr)
        return 2
    except Unavailable as error:
        print(f"the database can't be used: {error}", file=sys.stderr)
        return 1
    except (discord.HTTPException, discord.RateLimited) as error:
        print(f"Discord answered: {doctor.brief(error)}. Try again later", file=sys.stderr)
        return 1
    except (aiohttp.ClientError, OSError) as error:
        print(f"Discord can't be reached: {doctor.brief(error)}", file=sys.stderr)
        return 1
    return 0


async def _run(configuration: config.Configuration) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await app.run(configuration, stop)


async def _examine(configuration: config.Configuration) -> int:
    failed = False
    async for finding in doctor.examine(configuration):
        print(finding, flush=True)
        failed |= finding.level is doctor.Level.FAIL
    return int(failed)


async def _export(configuration: config.Configuration, arguments: argparse.Namespace) -> int:
    """Write the result file of a vote; the database is only read."""
    url, server, number = configuration.database_url, arguments.server, arguments.number
    found = file_of(url)
    if found and not found.exists():
        # To open it would make it.
        raise Unavailable(f"{found} is not there")
    database = Database(url)
    try:
        if await schema.revision(database) != schema.newest():
            raise Unavailable("it is of another version; run python -m bot migrate")
        file = await Results(database, governance_clock(configuration.sandbox)).numbered(
            server, number
        )
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    finally:
        await database.close()
    target = arguments.output or Path(f"folkmoot-{server}-{number}.json")
    try:
        await asyncio.to_thread(target.write_bytes, written(file).encode())
    except OSError as error:
        print(f"{target} can't be written: {error.strerror or error}", file=sys.stderr)
        return 1
    print(f"{target} is written, with the fingerprint {file['fingerprint']}.")
    return 0


async def _migrate(url: URL) -> int:
    database = Database(url)
    try:
        await schema.upgrade(database)
    finally:
        await database.close()
    print("The database is up to date.")
    return 0


async def _compare(message: str | None) -> int:
    """Migrate an empty database and compare it with the tables; with a message, bridge the gap."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/empty.db")
        try:
            await schema.upgrade(database)
            if message:
                await schema.write_migration(database, message)
                return 0
            differences = await schema.drift(database)
        finally:
            await database.close()
    for difference in differences:
        print(f"No migration for: {difference}", file=sys.stderr)
    return 1 if differences else 0
