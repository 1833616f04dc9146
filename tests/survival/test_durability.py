"""A receipt leaves the bot after its ballot is on disk: shown by order, not by luck.

A library that is preloaded into the bot writes down each write, sync and send (`witness.c`).
"""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.moot import private
from tests.survival.siege import Besieged, besieged

SOURCE = Path(__file__).with_name("witness.c")
SLOW_SYNC = "5"
pytestmark = [
    pytest.mark.sqlite,
    pytest.mark.skipif(shutil.which("cc") is None, reason="it needs a C compiler, cc"),
]


@pytest.fixture
def library(tmp_path: Path) -> Path:
    built = tmp_path / "witness.so"
    arguments = ("-shared", "-fPIC", "-O1", "-o", str(built), str(SOURCE), "-ldl")
    subprocess.run(("cc", *arguments), check=True)  # noqa: S607 (whichever cc there is)
    return built


@pytest.fixture
async def watched(tmp_path: Path, library: Path) -> AsyncIterator[Besieged]:
    """Hamlet, set up, with a slow disk and everything written down in `seen`."""
    variables = (f"LD_PRELOAD={library}", f"WITNESS={tmp_path / 'seen'}")
    command = ("env", *variables, f"SYNC_MILLISECONDS={SLOW_SYNC}")
    async with besieged(tmp_path / "hamlet", command) as moot:
        await moot.start()
        await moot.setup()
        yield moot


async def test_the_ballot_is_written_then_synced_and_only_then_acknowledged(
    watched: Besieged, tmp_path: Path
) -> None:
    ann = watched.member("Ann")
    card = await watched.opened(watched.owner)
    await asyncio.sleep(1.5)  # what the opening set off is done
    before = len((tmp_path / "seen").read_text().splitlines())
    receipt = await private(ann.press(card, "For"))
    assert "Counted" in receipt.text
    lines = (tmp_path / "seen").read_text().splitlines()[before:]
    until_receipt = lines[: lines.index("send ")]
    written = [number for number, line in enumerate(until_receipt) if _of_the_log(line, "write")]
    synced = [number for number, line in enumerate(until_receipt) if _of_the_log(line, "sync")]
    assert written, lines
    assert synced, lines
    assert max(written) < max(synced)


async def test_on_a_slow_disk_a_crowd_shares_its_syncs(watched: Besieged, tmp_path: Path) -> None:
    people = [watched.member(f"Voter {number}") for number in range(60)]
    card = await watched.opened(watched.owner)
    before = len((tmp_path / "seen").read_text().splitlines())
    receipts = await asyncio.gather(*(private(each.press(card, "For")) for each in people))
    assert all("Counted" in receipt.text for receipt in receipts)
    lines = (tmp_path / "seen").read_text().splitlines()[before:]
    assert sum(_of_the_log(line, "sync") for line in lines) < len(people) / 2
    await watched.owner.sees(watched.proposals, "60 voters")


def _of_the_log(line: str, what: str) -> bool:
    """Whether the line is about SQLite's write-ahead log."""
    return line.startswith(f"{what} ") and line.endswith("-wal")
