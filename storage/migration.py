"""What Alembic does with a connection. Slow to import: only `storage.schema` does, when needed."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from governance.errors import Unavailable
from storage.tables import metadata

_ROOT = Path(__file__).resolve().parent.parent


def upgrade(connection: Connection, revision: str = "head") -> None:
    try:
        command.upgrade(_config(connection), revision)
    except CommandError as error:
        raise Unavailable(f"it was written by another version of Folkmoot: {error}") from error


def write(connection: Connection, message: str) -> None:
    config = _config(connection)
    newest = ScriptDirectory.from_config(config).get_current_head() or "0"
    command.revision(config, message, autogenerate=True, rev_id=f"{int(newest) + 1:04d}")


def drift(connection: Connection) -> list[str]:
    context = MigrationContext.configure(connection)
    return [str(difference) for difference in compare_metadata(context, metadata)]


def _config(connection: Connection) -> Config:
    config = Config(toml_file=str(_ROOT / "pyproject.toml"))
    config.attributes["connection"] = connection
    return config
