"""The process's settings: a TOML file, and environment variables that override it.

Secrets come from environment variables or from files named by a `…_file` setting only.
"""

import os
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from storage.database import URL, require_supported

PREFIX = "FOLKMOOT_"
TOKEN = f"{PREFIX}TOKEN"
FILE = f"{PREFIX}CONFIG"
SECRETS = ("token", "database_password")


class ConfigurationError(Exception):
    """Each of `lines` says one thing that is wrong, and how to mend it."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class Sandbox(BaseModel):
    """A local Discord in place of the real one; the sandbox writes this itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str
    port: int
    authority: Path
    clock: Path


class Configuration(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    token: SecretStr | None = None
    token_file: Path | None = None
    database: str = "sqlite:///folkmoot.db"
    database_password: SecretStr | None = None
    database_password_file: Path | None = None
    actions_at_once: int = Field(20, ge=5)
    pictures: bool = True
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    sandbox: Sandbox | None = None

    @field_validator("database")
    @classmethod
    def _supported(cls, url: str) -> str:
        require_supported(url)
        return url

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings

    @property
    def secret_token(self) -> str:
        """The bot's token; raises ConfigurationError where there is none."""
        token = _secret("token", self.token, self.token_file)
        if token is None:
            raise ConfigurationError(
                f"no token: set the environment variable {TOKEN}, or token_file in the "
                "configuration file to a file that holds it"
            )
        return token

    @property
    def database_url(self) -> URL:
        """The address of the database, with its password where it has one."""
        url = require_supported(self.database)
        password = _secret("database_password", self.database_password, self.database_password_file)
        return url if password is None else url.set(password=password)


def load(path: Path) -> Configuration:
    """Read the configuration; raises ConfigurationError with a line for each mistake."""
    values = _read(path)
    lines = [
        f"{path}: secrets don't belong into this file: remove {name}, and set the environment "
        f"variable {PREFIX}{name.upper()} or {name}_file"
        for name in SECRETS
        if name in values
    ]
    if _has_password(values.get("database")):
        lines.append(
            f"{path}: secrets don't belong into this file: take the password out of database, and "
            f"set the environment variable {PREFIX}DATABASE_PASSWORD or database_password_file"
        )
    lines += [
        f"environment variable {name}: there is no such setting: unset it, or correct its name"
        for name in os.environ
        if name.startswith(PREFIX) and name != FILE and _setting(name) not in _known()
    ]
    if lines:
        raise ConfigurationError(*lines)
    try:
        return Configuration(**values)
    except ValidationError as error:
        raise ConfigurationError(*(_line(path, each) for each in error.errors())) from None


def _known() -> set[str]:
    return set(Configuration.model_fields)


def _setting(variable: str) -> str:
    """The setting that an environment variable is for; of a table, the table."""
    return variable.removeprefix(PREFIX).split("__")[0].lower()


def _has_password(url: object) -> bool:
    try:
        return isinstance(url, str) and bool(require_supported(url).password)
    except ValueError:
        return False


def _secret(name: str, value: SecretStr | None, file: Path | None) -> str | None:
    """A secret from the environment, else from its file; None where there is neither."""
    if value and value.get_secret_value().strip():
        return value.get_secret_value().strip()
    if file is None:
        return None
    try:
        found = file.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"{name}_file {file} can't be read: {_why(error)}; check its path and who may read it"
        ) from None
    if not found:
        raise ConfigurationError(f"{name}_file {file} is empty: put the {name} into it")
    return found


def default_path() -> Path:
    return Path(os.environ.get(FILE, "config.toml"))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except FileNotFoundError:
        raise ConfigurationError(
            f"{path} is not there: copy config.example.toml to {path} and edit it"
        ) from None
    except OSError as error:
        raise ConfigurationError(
            f"{path} can't be read: {_why(error)}; check its path and who may read it"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} isn't TOML: {error}; mend that line") from None


def _line(path: Path, error: Any) -> str:
    name = ".".join(map(str, error["loc"]))
    if error["type"] == "extra_forbidden":
        known = ", ".join(n for n in Configuration.model_fields if n not in SECRETS)
        return f"{path}: unknown setting {name}: remove it, or correct its name ({known})"
    if error["type"] == "missing":
        return f"{path}: {name} is missing: add it"
    variable = PREFIX + name.upper().replace(".", "__")
    return f"{path} or {variable}: {name}: {error['msg'].removeprefix('Value error, ')}"


def _why(error: Exception) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else "it isn't text"
