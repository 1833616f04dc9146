"""What doesn't conform fails the test in which it goes over the wires."""

import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.discord import traffic
from tests.conformance import plugin

UNDOCUMENTED = traffic.Payload(
    from_bot=False, text='{"op": 0, "s": 1, "t": "GUILD_BURNT", "d": {}}'
)
COMPLAINT = "gateway event GUILD_BURNT: to the bot: no such payload is documented"


def test_a_mismatch_fails_the_test_in_which_it_occurs(request: pytest.FixtureRequest) -> None:
    traffic.tell(UNDOCUMENTED)
    with pytest.raises(pytest.fail.Exception, match=COMPLAINT):
        plugin.judge(request.node)


def test_another_process_complains_at_its_end(tmp_path: Path) -> None:
    module = tmp_path / "mistaken.py"
    module.write_text(f"from sandbox.discord import traffic\ntraffic.tell(traffic.{UNDOCUMENTED})")
    done = subprocess.run(
        [sys.executable, "-m", "tests.conformance", "mistaken"],
        env={"PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[2]}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == f"{COMPLAINT}\n"
