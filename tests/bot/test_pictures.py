"""The process that draws pictures comes when it is needed, and nobody waits long for it."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot import pictures
from bot.pictures import Painter
from cogs.pictures import Kind, Picture

PICTURE = Picture(
    kind=Kind.FOR_OR_AGAINST,
    title="Mend the well",
    result="Succeeded: majority for",
    note="For or against",
    names=("For", "Against", "Abstain"),
    values=((1.0, 0.5, 0.0),),
    figures=(("2 (67 %)", "1 (33 %)", "0 (0 %)"),),
)
PATIENT = 40.0


@pytest.fixture
async def painter(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Painter]:
    monkeypatch.setattr(pictures, "STOP_SECONDS", 0.2)
    painter = Painter()
    yield painter
    await painter.close()


async def drawn(painter: Painter, *, within: float = PATIENT) -> bool:
    return await painter.paint(PICTURE, within) is not None


def worker(painter: Painter) -> int:
    assert painter._worker
    return painter._worker.pid


async def test_the_worker_starts_with_the_first_picture_and_stays_for_the_next(
    painter: Painter,
) -> None:
    assert painter._worker is None
    assert await drawn(painter)
    first = worker(painter)
    assert all(await asyncio.gather(*(drawn(painter) for _ in range(4))))
    assert worker(painter) == first


async def test_a_picture_that_is_late_is_none_and_the_next_one_is_drawn(painter: Painter) -> None:
    assert not await drawn(painter, within=0.0)
    assert not await drawn(painter, within=0.01)
    assert await drawn(painter)


async def test_a_worker_that_was_killed_is_replaced(painter: Painter) -> None:
    assert await drawn(painter)
    first = worker(painter)
    os.kill(first, signal.SIGKILL)
    assert await drawn(painter)
    assert worker(painter) != first


async def test_a_worker_that_is_stuck_makes_nobody_wait_and_is_replaced(painter: Painter) -> None:
    assert await drawn(painter)
    first = worker(painter)
    os.kill(first, signal.SIGSTOP)
    painter._patience = 0.2
    assert not await drawn(painter, within=0.1)
    painter._patience = PATIENT
    assert await drawn(painter)
    assert worker(painter) != first


async def test_a_worker_without_work_gives_its_memory_back(painter: Painter) -> None:
    painter._idle = 0.05
    assert await drawn(painter)
    resting = painter._worker
    assert resting
    await asyncio.wait_for(resting.wait(), PATIENT)
    assert await drawn(painter)


async def test_a_picture_that_cannot_be_drawn_costs_only_itself(
    painter: Painter, caplog: pytest.LogCaptureFixture
) -> None:
    assert await painter.paint(replace(PICTURE, figures=((),)), PATIENT) is None
    assert "a picture can't be drawn" in caplog.text
    assert await drawn(painter)


async def test_where_no_process_can_be_started_there_is_no_picture(
    painter: Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", "/nowhere/python")
        assert not await drawn(painter)
    assert await drawn(painter)


async def test_a_stop_waits_for_no_picture(painter: Painter) -> None:
    waiting = [asyncio.create_task(drawn(painter)) for _ in range(2)]
    await asyncio.sleep(0.05)
    await painter.close()
    assert not any(await asyncio.gather(*waiting))
    assert painter._worker is None


async def test_the_worker_knows_no_secret_needs_no_home_and_says_nothing(
    painter: Painter,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("FOLKMOOT_TOKEN", "secret")
    monkeypatch.setenv("HOME", str(tmp_path / "nowhere"))
    assert await painter.paint(replace(PICTURE, title="井戸 🍕 $x^2$"), PATIENT)
    folder = painter._environment["MPLCONFIGDIR"]
    assert "FOLKMOOT_TOKEN" not in painter._environment
    assert os.access(folder, os.W_OK)
    await painter.close()
    assert not os.access(folder, os.F_OK)
    assert capfd.readouterr() == ("", "")


def test_the_bot_itself_never_loads_the_drawing_library() -> None:
    asked = "import sys, bot.app, bot.pictures; sys.exit('matplotlib' in sys.modules)"
    subprocess.run([sys.executable, "-W", "ignore", "-c", asked], check=True)
