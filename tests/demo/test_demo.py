"""`make demo`, as somebody runs it who has just cloned the repository."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

CHECKOUT = Path(__file__).parents[2]


class Told(NamedTuple):
    """What came of running the demo to its end."""

    story: str
    complaints: str
    exit_code: int
    left_behind: list[str]


IN_ORDER = (
    "1. Folkmoot comes to Hamlet",
    "Olive types /setup proposals_channel:#proposals",
    "only Olive sees this",
    "All set: members can use /propose.",
    "Ann types /propose",
    "only Ann sees this",
    "Pending · voting starts in 1 day",
    "Your cousin lined the old one, Ben.",
    "Eve chooses “Delegate to…” in the menu of Ann's name.",
    "@Ann votes for you (This server) until",
    "private message to Ann",
    "@Eve lets you vote for them (This server).",
    "Voting on #1 Mend the well is open until",
    "[ For ] [ Against ] [ Abstain ]",
    "with 2 votes (1 your own, 1 carried for 1",
    "@Ann, to whom you delegate, has voted on #1 Mend the well.",
    "Ben types /vote proposal:1 choice:Against reason:My cousin is cheaper.",
    "☑️ Counted on #1 Mend the well: Against",
    "Only members with the role @Villager can vote",
    "You joined after voting on this proposal started",
    "3 voters · 4 votes of power, 1 of them carried",
    "kill -9",
    "This interaction failed",
    "The application did not respond",
    "✓ Cleo's vote from before the crash is there",
    "☑️ Changed on #1 Mend the well: from Against to For",
    "✓ Dan's failed press counted nothing",
    "✓ Ann's vote is her own only",
    "5 voters · quorum reached: 4 of 3",
    "#results · Folkmoot results (app)",
    "✅ Proposal #1 Mend the well succeeded.",
    "✓ the result came through the webhook",
    "✅ Succeeded: more votes For than Against",
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The whole story, told once, on a machine where a bot in earnest is set up too."""
    folder = tmp_path_factory.mktemp("demo")
    with demo(folder, FOLKMOOT_DATABASE=f"sqlite:///{folder}/earnest.db") as process:
        story, complaints = process.communicate()
    return Told(story, complaints, process.returncode, left_behind(folder))


def test_the_demo_shows_a_decision_from_setup_to_result(told: Told) -> None:
    assert told.exit_code == 0, told
    assert missing(told.story) == []
    assert re.search(r"All \d+ expectations were met", told.story)


def test_it_reads_well_where_neither_colours_nor_utf_8_are_known(told: Told) -> None:
    assert "\x1b" not in told.story
    assert max(map(len, told.story.splitlines())) <= 100
    assert not re.search(r"<t:|<@|<#|\*\*Active", told.story)


def test_it_complains_of_nothing_and_leaves_nothing_behind(told: Told) -> None:
    assert told.complaints == ""
    assert told.left_behind == []


def test_it_fails_if_the_bot_does_not_do_its_work(tmp_path: Path) -> None:
    with demo(tmp_path, "--bot", "sh -c 'echo out of order; exit 3'") as process:
        story, complaints = process.communicate()
    assert process.returncode == 1
    assert "✗ Folkmoot connects to Discord: the bot ended with exit code 3" in story
    assert story.endswith("The end of the bot's log:\nout of order\n")
    assert complaints == ""
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_it_leaves_nothing_behind(tmp_path: Path, by: signal.Signals) -> None:
    with demo(tmp_path) as process:
        bot = bot_of(process)
        process.send_signal(by)
        _, complaints = process.communicate()
    assert process.returncode == 130
    assert complaints == ""
    assert ends(bot)
    assert left_behind(tmp_path) == []


def test_killed_it_takes_the_bot_with_it(tmp_path: Path) -> None:
    with demo(tmp_path) as process:
        bot = bot_of(process)
        process.kill()
        assert ends(bot)


def test_kept_it_runs_until_ctrl_c(tmp_path: Path) -> None:
    with demo(tmp_path, "--keep") as process:
        line = wait_for(process, "the database ")
        assert Path(line.split()[-1]).exists()
        wait_for(process, "the bot's log")
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate()
    assert process.returncode == 0
    assert complaints == ""
    assert left_behind(tmp_path) == []


@contextmanager
def demo(folder: Path, *arguments: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """The demo, running, with its temporary files in `folder`, where nothing is set to UTF-8."""
    process = subprocess.Popen(
        # Under the eyes of the witness, whose complaints would be the demo's.
        [sys.executable, "-m", "tests.conformance", "sandbox", *arguments],
        cwd=CHECKOUT,
        env={**os.environ, "TMPDIR": str(folder), "LC_ALL": "C", **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_for(process: subprocess.Popen[str], words: str) -> str:
    """The first line that has these words."""
    assert process.stdout
    return next(line for line in process.stdout if words in line)


def bot_of(process: subprocess.Popen[str]) -> int:
    """The bot's process group."""
    found = re.search(r"as process (\d+)", wait_for(process, "the bot starts"))
    assert found
    return int(found[1])


def ends(group: int) -> bool:
    """Whether every process of the group ends, now or very soon."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.01)
    return False


def left_behind(folder: Path) -> list[str]:
    """The files and folders that are still there."""
    return [path.name for path in folder.iterdir()]


def missing(story: str) -> list[str]:
    """The lines that don't come, or come too early."""
    found, at = [], 0
    for line in IN_ORDER:
        here = story.find(line, at)
        if here < 0:
            found.append(line)
        else:
            at = here
    return found
