"""`python -m bot verify FILE` and `python -m bot export SERVER NUMBER`, as commands."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.verify import verify
from governance.result import digests, fingerprint, written
from governance.result_reading import MOST_BYTES, read
from sandbox.bot_process import CHECKOUT
from storage import schema
from storage.database import Database

EXAMPLE = (CHECKOUT / "docs" / "result-format.md").read_text().split("```json\n")[1].split("```")[0]


def result_file(folder: Path, **sections: Any) -> Path:
    """The documented example with other sections, whose digests are taken anew."""
    file = {**read(EXAMPLE.encode()), **sections}
    path = folder / "result.json"
    path.write_text(
        written({**file, "digests": digests(file), "fingerprint": fingerprint(file)}),
        encoding="utf-8",
    )
    return path


def command(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """`python -m bot` with nothing in its environment but these variables."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=CHECKOUT,
        env={"PATH": os.environ["PATH"], "FOLKMOOT_CONFIG": str(folder / "none.toml"), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_exact_result_is_told_round_by_round(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(result_file(tmp_path)) == 0
    told = capsys.readouterr()
    assert "Round 2\n" in told.out
    assert "elected: 1 Oak\n" in told.out
    assert f"Fingerprint {read(EXAMPLE.encode())['fingerprint'][:16]} " in told.out
    assert told.out.endswith("The result is exact.\n")
    assert told.err == ""


def test_a_result_that_is_not_exact_fails_and_says_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ballots = read(EXAMPLE.encode())["ballots"]
    ballots[1][2] += 1
    assert verify(result_file(tmp_path, ballots=ballots)) == 1
    told = capsys.readouterr().out
    assert "NOT" in told
    assert "  result.voters: the file says 9, the ballots give 10\n" in told


def test_no_more_problems_are_told_than_can_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(result_file(tmp_path, ballots=[[7, "1", 1]] * 1000)) == 1
    assert "  and 950 more\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "No such file or directory"),
        (b"\x00\xff", "It isn't text in UTF-8."),
        (b"[" * 100_000, "It is nested more deeply"),
        (b"{}", "it isn't a result file"),
        (b" " * (MOST_BYTES + 1), "It is larger than"),
    ],
    ids=["missing", "binary", "deep", "other", "large"],
)
def test_what_can_not_be_read_is_another_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, sentence: str
) -> None:
    path = tmp_path / "result.json"
    if content is not None:
        path.write_bytes(content)
    assert verify(path) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert sentence in told.err
    assert len(told.err.splitlines()) == 1


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert verify(tmp_path) == 2


def test_the_command_needs_neither_discord_nor_a_database_nor_a_configuration(
    tmp_path: Path,
) -> None:
    path = result_file(tmp_path)
    done = command(tmp_path, "verify", str(path), FOLKMOOT_NONSENSE="1", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    heavy = "{'discord', 'sqlalchemy', 'pydantic', 'aiohttp', 'asyncio'}"
    script = (
        f"import sys, runpy; sys.argv = ['bot', 'verify', {str(path)!r}]\n"
        "try: runpy.run_module('bot', run_name='__main__')\n"
        f"except SystemExit as end: sys.exit(repr({heavy} & set(sys.modules)) if not end.code "
        "else 'failed')"
    )
    looked = subprocess.run(
        [sys.executable, "-c", script], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert looked.stderr.strip() == "set()"


def test_each_failure_of_an_export_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "none.toml").write_text("")
    file = tmp_path / "folkmoot.db"
    url = {"FOLKMOOT_DATABASE": f"sqlite:///{file}"}
    done = command(tmp_path, "export", "7", "1", **url)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{file} is not there" in done.stderr
    assert not file.exists()
    file.touch()
    done = command(tmp_path, "export", "7", "1", **url)
    assert done.returncode == 1
    assert "run python -m bot migrate" in done.stderr

    async def migrate() -> None:
        database = Database(url["FOLKMOOT_DATABASE"])
        await schema.upgrade(database)
        await database.close()

    asyncio.run(migrate())
    done = command(tmp_path, "export", "7", "1", **url)
    assert (done.returncode, done.stderr) == (1, "There is no proposal #1 in the server 7.\n")
    (tmp_path / "none.toml").unlink()
    assert command(tmp_path, "export", "7", "1", **url).returncode == 2


def test_the_example_is_json_that_any_reader_takes() -> None:
    assert json.loads(EXAMPLE)["format"] == "folkmoot-result"
