"""The process's settings: where they come from, and one line for every mistake."""

import os
import re
import tomllib
from pathlib import Path

import pytest

from bot.config import (
    FILE,
    PREFIX,
    SECRETS,
    TOKEN,
    Configuration,
    ConfigurationError,
    Sandbox,
    default_path,
    load,
)

EXAMPLE = Path(__file__).resolve().parents[2] / "config.example.toml"
SECRET = "a.made-up.token"


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of the machine and no file of the checkout has a part in these tests."""
    for name in os.environ:
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def written(text: str) -> Path:
    path = Path("config.toml")
    path.write_text(text)
    return path


def mistakes(text: str) -> tuple[str, ...]:
    """The lines that a configuration with this text is refused with."""
    with pytest.raises(ConfigurationError) as refused:
        load(written(text))
    assert str(refused.value) == "\n".join(refused.value.lines)
    return refused.value.lines


# What is read


def test_an_empty_file_gives_the_defaults() -> None:
    found = load(written(""))
    assert found == Configuration()
    assert (found.database, found.log_level) == ("sqlite:///folkmoot.db", "INFO")
    assert (found.token, found.token_file, found.sandbox) == (None, None, None)


def test_the_file_holds_the_settings() -> None:
    found = load(
        written(
            'database = "sqlite:////var/lib/folkmoot.db"\nlog_level = "DEBUG"\n'
            'token_file = "/run/secrets/token"\n'
            '[sandbox]\nhost = "127.0.0.1"\nport = 8443\nauthority = "a.pem"\nclock = "clock"\n'
        )
    )
    assert found.database == "sqlite:////var/lib/folkmoot.db"
    assert found.log_level == "DEBUG"
    assert found.token_file == Path("/run/secrets/token")
    assert found.sandbox == Sandbox(
        host="127.0.0.1", port=8443, authority=Path("a.pem"), clock=Path("clock")
    )


def test_the_environment_overrides_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    path = written('database = "sqlite:///file.db"\nlog_level = "DEBUG"')
    monkeypatch.setenv("FOLKMOOT_DATABASE", "sqlite:///environment.db")
    found = load(path)
    assert (found.database, found.log_level) == ("sqlite:///environment.db", "DEBUG")


def test_the_environment_completes_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    path = written('[sandbox]\nhost = "127.0.0.1"\nport = 1\nauthority = "a"\nclock = "c"')
    monkeypatch.setenv("FOLKMOOT_SANDBOX__PORT", "8443")
    sandbox = load(path).sandbox
    assert sandbox
    assert (sandbox.port, sandbox.host) == (8443, "127.0.0.1")


def test_the_file_is_config_toml_unless_another_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert default_path() == Path("config.toml")
    monkeypatch.setenv(FILE, "/etc/folkmoot.toml")
    assert default_path() == Path("/etc/folkmoot.toml")


# The example


def test_the_example_can_be_used_as_it_is() -> None:
    assert load(EXAMPLE) == Configuration()


def test_the_example_shows_every_setting_with_its_default() -> None:
    text = EXAMPLE.read_text()
    shown = {name for name in Configuration.model_fields if re.search(rf"(?m)^{name} = ", text)}
    offered = {
        name for name in Configuration.model_fields if re.search(rf"(?m)^# (\[?){name}\b", text)
    }
    assert shown | offered == set(Configuration.model_fields) - set(SECRETS)
    values = tomllib.loads(text)
    assert set(values) == shown
    assert values == {name: getattr(Configuration(), name) for name in shown}
    assert all(getattr(Configuration(), name) is None for name in offered)


def test_what_the_example_only_offers_can_be_used_too() -> None:
    lines = EXAMPLE.read_text().splitlines()
    settings = re.compile(r"# (\w+ = |\[\w+\])")
    text = "\n".join(line.removeprefix("# ") if settings.match(line) else line for line in lines)
    found = load(written(text))
    assert found.token_file
    assert found.sandbox
    assert set(tomllib.loads(text)["sandbox"]) == set(Sandbox.model_fields)


# Secrets


def test_the_token_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN, f" {SECRET}\n")
    assert load(written("")).secret_token == SECRET


def test_the_token_comes_from_the_file_that_is_named() -> None:
    Path("token").write_text(f"{SECRET}\n")
    assert load(written('token_file = "token"')).secret_token == SECRET


def test_the_environment_goes_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("token").write_text("another")
    monkeypatch.setenv(TOKEN, SECRET)
    assert load(written('token_file = "token"')).secret_token == SECRET


def test_an_empty_variable_is_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("token").write_text(SECRET)
    monkeypatch.setenv(TOKEN, " ")
    assert load(written('token_file = "token"')).secret_token == SECRET


def test_the_token_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN, SECRET)
    found = load(written(""))
    assert SECRET not in f"{found!r} {found}"


def no_token(text: str) -> str:
    with pytest.raises(ConfigurationError) as refused:
        assert load(written(text)).secret_token
    (line,) = refused.value.lines
    return line


def test_without_a_token_the_two_ways_to_give_one_are_named() -> None:
    line = no_token("")
    assert "FOLKMOOT_TOKEN" in line
    assert "token_file" in line


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "can't be read: No such file"),
        (b"", "is empty: put the token into it"),
        (b" \n", "is empty"),
        (b"\xff\xfe", "can't be read: it isn't text"),
    ],
)
def test_a_token_file_that_is_of_no_use_is_named(content: bytes | None, words: str) -> None:
    if content is not None:
        Path("token").write_bytes(content)
    line = no_token('token_file = "token"')
    assert line.startswith("token_file token")
    assert words in line


def test_a_token_in_the_file_of_settings_is_refused_without_repeating_it() -> None:
    (line,) = mistakes(f'token = "{SECRET}"')
    assert "secrets don't belong into this file" in line
    assert "FOLKMOOT_TOKEN" in line
    assert "token_file" in line
    assert SECRET not in line


def test_the_password_of_the_database_is_put_into_its_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = 'database = "postgresql://folkmoot@localhost/folkmoot"'
    assert load(written(address)).database_url.password is None
    Path("password").write_text("from a file\n")
    path = written(f'{address}\ndatabase_password_file = "password"')
    assert load(path).database_url.password == "from a file"
    monkeypatch.setenv("FOLKMOOT_DATABASE_PASSWORD", SECRET)
    found = load(path)
    assert found.database_url.password == SECRET
    assert SECRET not in f"{found!r} {found.database_url}"


@pytest.mark.parametrize(
    "text",
    [
        f'database_password = "{SECRET}"',
        f'database = "postgresql://folkmoot:{SECRET}@localhost/folkmoot"',
    ],
)
def test_a_password_in_the_file_of_settings_is_refused_without_repeating_it(text: str) -> None:
    (line,) = mistakes(text)
    assert "secrets don't belong into this file" in line
    assert "FOLKMOOT_DATABASE_PASSWORD" in line
    assert SECRET not in line


# Mistakes


def test_a_file_that_is_not_there_is_named_with_what_to_do() -> None:
    with pytest.raises(ConfigurationError, match=r"mine\.toml is not there: copy config\.example"):
        load(Path("mine.toml"))


def test_a_folder_is_no_file_of_settings() -> None:
    Path("folder").mkdir()
    with pytest.raises(ConfigurationError, match="folder can't be read: Is a directory"):
        load(Path("folder"))


@pytest.mark.parametrize("text", ["database = ", "database", "[sandbox", 'a = "b" c'])
def test_what_is_not_toml_is_refused_with_its_line(text: str) -> None:
    (line,) = mistakes(text)
    assert line.startswith("config.toml isn't TOML: ")
    assert "mend that line" in line


def test_what_is_not_text_is_refused() -> None:
    path = written("")
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match=r"config\.toml isn't TOML"):
        load(path)


def test_an_unknown_setting_is_refused_and_the_known_ones_are_named() -> None:
    (line,) = mistakes('databse = "sqlite:///x.db"')
    assert line.startswith("config.toml: unknown setting databse: remove it")
    assert "database" in line
    assert "(token," not in line


def test_a_value_that_is_not_possible_is_refused_with_those_that_are() -> None:
    (line,) = mistakes('log_level = "LOUD"')
    assert line.startswith("config.toml or FOLKMOOT_LOG_LEVEL: log_level: ")
    assert "'DEBUG', 'INFO', 'WARNING' or 'ERROR'" in line


@pytest.mark.parametrize("url", ["folkmoot.db", "mysql://localhost/x", "", "sqlite://"])
def test_a_database_of_another_kind_is_refused_with_an_example(url: str) -> None:
    (line,) = mistakes(f'database = "{url}"')
    assert line.startswith(
        "config.toml or FOLKMOOT_DATABASE: database: isn't the address of a database: "
        "write it like sqlite:///folkmoot.db"
    )


def test_a_mistake_in_the_environment_is_named_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOLKMOOT_LOG_LEVEL", "LOUD")
    (line,) = mistakes("")
    assert "FOLKMOOT_LOG_LEVEL" in line


def test_a_table_that_lacks_something_says_what() -> None:
    lines = mistakes('[sandbox]\nhost = "127.0.0.1"\nport = "many"\nclock = "clock"\ncolour = 1')
    assert len(lines) == 3
    assert "config.toml: sandbox.authority is missing: add it" in lines
    assert any(line.startswith("config.toml: unknown setting sandbox.colour") for line in lines)
    assert any("FOLKMOOT_SANDBOX__PORT: sandbox.port: " in line for line in lines)


def test_every_mistake_has_its_line() -> None:
    lines = mistakes('database = 5\nlog_level = "LOUD"\ncolour = "red"\nsize = 3')
    assert len(lines) == 4
    for name in ("database", "log_level", "colour", "size"):
        assert any(name in line for line in lines)


def test_a_table_in_the_environment_that_cannot_be_read_is_a_mistake_like_any_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FOLKMOOT_SANDBOX", "nonsense")
    (line,) = mistakes("")
    assert "sandbox" in line.lower()


def test_settings_cannot_be_changed_once_they_are_read() -> None:
    found = load(written(""))
    with pytest.raises(ValueError, match="frozen"):
        found.log_level = "DEBUG"
