"""`python -m bot run | doctor | migrate`.

Exit codes: 0 done, 1 failed, 2 the configuration is wrong.
"""

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
from governance.errors import Unavailable
from storage import schema
from storage.database import URL, Database


def main() -> int:
    arguments = _parser().parse_args()
    try:
        if arguments.command == "migrate" and (arguments.check or arguments.write):
            return asyncio.run(_compare(arguments.write))
        configuration = config.load(arguments.config)
        if arguments.command == "migrate":
            return asyncio.run(_migrate(configuration.database_url))
        token = configuration.secret_token
        # What the doctor has to say, its own lines say.
        level = "ERROR" if arguments.command == "doctor" else configuration.log_level
        logs.configure(level, token, configuration.database_url.password or token)
        if arguments.command == "doctor":
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="Folkmoot")
    parser.add_argument(
        "--config",
        type=Path,
        default=config.default_path(),
        help=f"the configuration file (default: ${config.FILE}, else config.toml)",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="connect to Discord and serve")
    commands.add_parser(
        "doctor", help="say what keeps the bot from working, and print its invite link"
    )
    migrate = commands.add_parser("migrate", help="bring the database to this version's tables")
    develop = migrate.add_mutually_exclusive_group()
    develop.add_argument(
        "--check", action="store_true", help="only tell whether migrations and tables agree"
    )
    develop.add_argument(
        "--write", metavar="MESSAGE", help="write the migration that makes them agree"
    )
    return parser


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


if __name__ == "__main__":
    sys.exit(main())
