"""`python -m bot verify FILE`: recounts a result file with the rules alone.

It needs neither the configuration nor the database nor a network.
"""

import io
import sys
from pathlib import Path

from governance.result_reading import MOST_BYTES, Unreadable, read
from governance.result_recount import verified

_MOST_PROBLEMS = 50


def verify(path: Path) -> int:
    """Say what a recount gives: 0 if the claim is exact, 1 if it isn't, 2 if there is none."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # not every terminal can write every title
    try:
        with path.open("rb") as file:
            content = read(file.read(MOST_BYTES + 1))
    except OSError as error:
        print(f"{path} can't be read: {error.strerror or error}", file=sys.stderr)
        return 2
    except Unreadable as error:
        print(f"{path} can't be read as a result. {error}", file=sys.stderr)
        return 2
    report = verified(content)
    for line in report.lines:
        print(line)
    if not report.problems:
        print("The result is exact.")
        return 0
    print("The result is NOT what the file's rules and ballots give:")
    for problem in report.problems[:_MOST_PROBLEMS]:
        print(f"  {problem}")
    if len(report.problems) > _MOST_PROBLEMS:
        print(f"  and {len(report.problems) - _MOST_PROBLEMS:,} more")
    return 1
