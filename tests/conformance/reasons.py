"""Why a value doesn't match a schema, in words: field by field, and of a union the branch meant."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any


def reasons(errors: Iterable[Any]) -> Iterator[str]:
    """``.field.0.inner: why`` for each error of jsonschema-rs."""
    for error in errors:
        kind = error.kind
        match kind.name:
            case "oneOf" | "anyOf":
                yield from _of_union(error)
            case "unevaluatedProperties" | "additionalProperties":
                for name in kind.as_dict()["unexpected"]:
                    yield _line(error, "not described", name)
            case "required":
                yield _line(error, "missing", kind.value)
            case _:
                yield _line(error, error.message)


def _of_union(error: Any) -> Iterator[str]:
    """The errors of the branch that was meant: the one whose ``type`` fits the value's.

    Where that leaves several, the one with the fewest errors.
    """
    here = error.instance_path
    branches: Sequence[Sequence[Any]] = getattr(error.kind, "context", ())
    if not branches:
        yield _line(error, error.message)
        return
    meant = [branch for branch in branches if not any(_another_type(e, here) for e in branch)]
    if meant:
        fewest = min(len(branch) for branch in meant)
        yield from reasons(next(branch for branch in meant if len(branch) == fewest))
    elif isinstance(error.instance, dict) and "type" in error.instance:
        yield _line(error, f"{error.instance['type']!r} may not stand here", "type")
    else:
        yield _line(error, f"{_short(error.instance)} is none of what may stand here")


def _another_type(error: Any, here: Sequence[str | int]) -> bool:
    """Whether the branch is about something else: another ``type``, or another kind of JSON."""
    if error.instance_path == here:
        return bool(error.kind.name == "type")
    return bool(error.instance_path == [*here, "type"])


def _line(error: Any, why: str, *below: str) -> str:
    path = "".join(f".{step}" for step in (*error.instance_path, *below))
    return f"{path}: {_short(why, '')}"


def _short(value: object, quote: str = "repr") -> str:
    text = repr(value) if quote else str(value)
    return text if len(text) <= 200 else f"{text[:100]} … {text[-90:]}"
