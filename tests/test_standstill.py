"""Only what fails while the machine stands still is run again."""

import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
STOPPED = """
import os, signal, subprocess

TRIES = []

def test_of_a_bot():
    TRIES.append(1)
    {stop}
    assert len(TRIES) == {tries}
"""
STOP = """subprocess.Popen(f"sleep 1; kill -CONT {os.getpid()}", shell=True)
    os.kill(os.getpid(), signal.SIGSTOP)"""


def ran(folder: Path, *, stop: str, tries: int) -> str:
    file = folder / "test_it.py"
    file.write_text(STOPPED.format(stop=stop, tries=tries))
    command = (sys.executable, "-m", "pytest", "-p", "tests.standstill", "-c", "/dev/null", file)
    done = subprocess.run(command, capture_output=True, text=True, cwd=CHECKOUT, check=False)
    return done.stdout.splitlines()[-1]


def test_what_failed_while_the_machine_stood_still_is_run_again(tmp_path: Path) -> None:
    assert "1 passed, 1 rerun" in ran(tmp_path, stop=STOP, tries=2)


def test_what_always_fails_fails(tmp_path: Path) -> None:
    assert "1 failed, 2 rerun" in ran(tmp_path, stop=STOP, tries=9)


def test_what_fails_without_that_is_not_run_again(tmp_path: Path) -> None:
    summary = ran(tmp_path, stop="pass", tries=2)
    assert "1 failed" in summary
    assert "rerun" not in summary
