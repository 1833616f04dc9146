"""The rules stand alone and never round: what their source text may and may not hold."""

import ast
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "governance"
FILES = sorted(FOLDER.rglob("*.py"))
NAMES = [str(file.relative_to(FOLDER)) for file in FILES]

rooms = pytest.mark.parametrize("file", FILES, ids=NAMES)


def imported(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        if isinstance(node, ast.ImportFrom):
            found.add("." * node.level or (node.module or "").split(".")[0])
    return found


def inexact(tree: ast.AST) -> list[str]:
    """Whatever could bring a number that is rounded."""
    whole_again = {
        id(node.args[0].func)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "int"
        and isinstance(node.args[0], ast.Call)
    }
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=float() | complex()):
                found.append(f"{node.lineno}: a number with a point")
            case ast.Name(id="float" | "complex" | "round"):
                found.append(f"{node.lineno}: {node.id}")
            case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
                found.append(f"{node.lineno}: a division that rounds")
            case ast.Attribute(attr="total_seconds"):
                found.append(f"{node.lineno}: {node.attr}")
            case ast.Attribute(attr="timestamp") if id(node) not in whole_again:
                found.append(f"{node.lineno}: a timestamp that isn't made whole at once")
    return found


def test_there_are_rules_to_look_at() -> None:
    assert {"proposal.py", "power.py", "voting/basic.py"} <= set(NAMES)


@rooms
def test_the_rules_need_the_standard_library_only(file: Path) -> None:
    strangers = imported(ast.parse(file.read_text())) - sys.stdlib_module_names - {"governance"}
    assert not strangers


@rooms
def test_the_rules_have_no_clock_and_no_dice_of_their_own(file: Path) -> None:
    assert not imported(ast.parse(file.read_text())) & {"time", "random", "secrets"}
    for node in ast.walk(ast.parse(file.read_text())):
        assert not (isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today"))


@rooms
def test_the_rules_never_calculate_with_rounded_numbers(file: Path) -> None:
    tree = ast.parse(file.read_text())
    assert not inexact(tree)
    assert not imported(tree) & {"decimal", "statistics", "cmath"}


@pytest.mark.parametrize(
    "written",
    [
        "0.5",
        "1e3",
        "2j",
        "a / b",
        "float(y)",
        "round(y)",
        "length.total_seconds()",
        "at.timestamp()",
    ],
)
def test_a_rounded_number_would_be_found(written: str) -> None:
    assert inexact(ast.parse(f"x = {written}"))
