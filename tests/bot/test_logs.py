"""Logs go to standard error from the chosen level on, with secrets blacked out."""

import logging
from collections.abc import Iterator

import pytest

from bot import logs

SECRET = "MTIz.made-up.token"
CHATTY = ("apscheduler", "discord", "alembic", "aiosqlite")


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """Logging belongs to the whole process: leave it as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.NOTSET)


def test_a_line_holds_when_how_grave_where_and_what(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("INFO")
    logging.getLogger("services.deadlines").info("closed #%d", 12)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.rstrip().endswith("INFO    services.deadlines: closed #12")
    assert shown.err[:2] == "20"


def test_what_is_below_the_level_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("WARNING")
    logging.getLogger("services").info("unimportant")
    logging.getLogger("services").warning("important")
    shown = capsys.readouterr().err
    assert "important" in shown
    assert "unimportant" not in shown


@pytest.mark.parametrize("level", ["DEBUG", "INFO", "WARNING", "ERROR"])
def test_libraries_speak_up_only_when_something_is_wrong(
    level: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(level)
    for name in CHATTY:
        logging.getLogger(f"{name}.inner").info("chatter")
        logging.getLogger(f"{name}.inner").warning("trouble")
    shown = capsys.readouterr().err
    assert "chatter" not in shown
    assert shown.count("trouble") == (0 if level == "ERROR" else len(CHATTY))


def test_a_secret_never_appears_in_messages_arguments_or_tracebacks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("DEBUG", SECRET, "another-secret")
    log = logging.getLogger("bot")
    log.info("Bot %s", SECRET)
    log.info("both: %s another-secret %s", SECRET, SECRET)
    log.error("failed", exc_info=RuntimeError(f"refused: {SECRET}"))
    shown = capsys.readouterr().err
    assert SECRET not in shown
    assert "another-secret" not in shown
    assert "Bot …" in shown
    assert "RuntimeError: refused: …" in shown


@pytest.mark.parametrize(
    "address",
    [
        "https://discord.com/api/v10/webhooks/123456/{token}?wait=true",
        "/webhooks/123456/{token}/messages/@original",
        "POST /interactions/123456/{token}/callback",
    ],
)
def test_the_token_in_an_address_is_blacked_out(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    token = "aW50ZXJhY3Rpb24_6-x.y" * 3
    logs.configure("INFO")
    logging.getLogger("discord.http").warning("%s returned 500", address.format(token=token))
    shown = capsys.readouterr().err
    assert token not in shown
    assert "/123456/…" in shown
    assert "returned 500" in shown
