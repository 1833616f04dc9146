"""The checks that every form is made of. Lengths are counted in characters."""

from collections.abc import Collection, Sequence
from typing import Any

from ..errors import InvalidForm
from ..layout import Path


def length(value: Sequence[Any], low: int, high: int, path: Path) -> None:
    """Refuse a text or list that is shorter than ``low`` or longer than ``high``."""
    if not low <= len(value) <= high:
        if low:
            raise InvalidForm(
                path, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length."
            )
        raise InvalidForm(path, "BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length.")


def text(form: dict[str, Any], key: str, low: int, high: int, path: Path) -> None:
    """Refuse the text ``form[key]`` if it is too short or long; required where ``low`` is not 0."""
    value = form.get(key)
    if value is None:
        if low:
            raise required((*path, key))
        return
    if not isinstance(value, str):
        raise InvalidForm(
            (*path, key), "STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.'
        )
    length(value, low, high, (*path, key))


def optional_text(form: dict[str, Any], key: str, low: int, high: int, path: Path) -> None:
    """Like ``text``, but it may be missing even where it may not be empty."""
    if form.get(key) is not None:
        text(form, key, low, high, path)


def number(form: dict[str, Any], key: str, low: int, high: int, path: Path) -> None:
    """Refuse a number ``form[key]`` outside the range; it may be missing."""
    value = form.get(key)
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidForm((*path, key), "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
    if value < low:
        raise InvalidForm(
            (*path, key), "NUMBER_TYPE_MIN", f"Value should be greater than or equal to {low}."
        )
    if value > high:
        raise InvalidForm(
            (*path, key), "NUMBER_TYPE_MAX", f"Value should be less than or equal to {high}."
        )


def choice(value: Any, allowed: Collection[int], path: Path) -> None:
    """Refuse a value that is not among the allowed ones."""
    if value not in allowed:
        listed = ", ".join(str(int(item)) for item in sorted(allowed))
        raise InvalidForm(path, "BASE_TYPE_CHOICES", f"Value must be one of {{{listed}}}.")


def required(path: Path) -> InvalidForm:
    """The refusal of a form in which the field at ``path`` is missing."""
    return InvalidForm(path, "BASE_TYPE_REQUIRED", "This field is required")


def web_address(form: dict[str, Any], key: str, path: Path, schemes: Sequence[str]) -> None:
    """Refuse an address with another scheme; it may be missing."""
    value = form.get(key)
    if value is not None and not str(value).startswith(tuple(f"{s}://" for s in schemes)):
        raise InvalidForm((*path, key), "URL_TYPE_INVALID_URL", "Not a well formed URL.")
