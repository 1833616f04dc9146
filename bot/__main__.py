"""`python -m bot run | doctor | migrate | export | verify`.

Exit codes: 0 done, 1 failed (for verify: the claimed result isn't exact), 2 the configuration is
wrong (for verify: the file can't be read).
"""

import argparse
import sys
from pathlib import Path

from bot.verify import verify


def main() -> int:
    arguments = _parser().parse_args()
    if arguments.command == "verify":
        return verify(arguments.file)
    # Not needed to verify, and long to import.
    from bot import commands

    return commands.carry_out(arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="Folkmoot")
    parser.add_argument(
        "--config",
        type=Path,
        help="the configuration file (default: $FOLKMOOT_CONFIG, else config.toml)",
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
    export = commands.add_parser("export", help="write the result of a vote into a file")
    export.add_argument("server", type=int, help="the id of the Discord server")
    export.add_argument("number", type=int, help="the number of the proposal")
    export.add_argument(
        "--output", type=Path, help="the file to write (default: folkmoot-SERVER-NUMBER.json)"
    )
    recount = commands.add_parser("verify", help="recount a result file, with nothing but itself")
    recount.add_argument("file", type=Path, help="the result file")
    return parser


if __name__ == "__main__":
    sys.exit(main())
