"""What a form (modal) may hold."""

from collections.abc import Sequence
from typing import Any

from ..errors import InvalidForm
from ..layout import SELECTS, Kind, Path
from . import fields
from .components import check_options, select, text_display, unique

TOP = (Kind.ACTION_ROW, Kind.TEXT_DISPLAY, Kind.LABEL)
INPUTS = SELECTS | {
    Kind.TEXT_INPUT,
    Kind.FILE_UPLOAD,
    Kind.RADIO_GROUP,
    Kind.CHECKBOX_GROUP,
    Kind.CHECKBOX,
}


def check(modal: dict[str, Any]) -> None:
    """Refuse a form that Discord would."""
    fields.text(modal, "title", 1, 45, ("data",))
    fields.text(modal, "custom_id", 1, 100, ("data",))
    components: Sequence[dict[str, Any]] = modal.get("components") or ()
    fields.length(components, 1, 5, ("data", "components"))
    for index, component in enumerate(components):
        here: Path = ("data", "components", index)
        fields.choice(component.get("type"), TOP, (*here, "type"))
        match component["type"]:
            case Kind.TEXT_DISPLAY:
                text_display(component, here)
            case Kind.ACTION_ROW:
                inside: Sequence[dict[str, Any]] = component.get("components") or ()
                fields.length(inside, 1, 1, (*here, "components"))
                fields.choice(
                    inside[0].get("type"), (Kind.TEXT_INPUT,), (*here, "components", 0, "type")
                )
                fields.text(inside[0], "label", 1, 45, (*here, "components", 0))
                _input(inside[0], (*here, "components", 0))
            case Kind.LABEL:
                fields.text(component, "label", 1, 45, here)
                fields.text(component, "description", 0, 100, here)
                inner = component.get("component")
                if not inner:
                    raise fields.required((*here, "component"))
                fields.choice(inner.get("type"), INPUTS, (*here, "component", "type"))
                _input(inner, (*here, "component"))
    unique(components, ("data", "components"))


def _input(component: dict[str, Any], path: Path) -> None:
    if component.get("disabled"):
        raise InvalidForm(
            (*path, "disabled"),
            "MODAL_COMPONENT_DISABLED",
            "Components in a modal cannot be disabled",
        )
    match component["type"]:
        case Kind.TEXT_INPUT:
            _text_input(component, path)
        case Kind.RADIO_GROUP:
            _group(component, 2, path)
        case Kind.CHECKBOX_GROUP:
            _group(component, 1, path)
        case Kind.CHECKBOX:
            fields.text(component, "custom_id", 1, 100, path)
        case Kind.FILE_UPLOAD:
            fields.text(component, "custom_id", 1, 100, path)
            fields.number(component, "min_values", 0, 10, path)
            fields.number(component, "max_values", 1, 10, path)
            _check_range(component, 10, path)
        case _:
            select(component, path)


def _text_input(component: dict[str, Any], path: Path) -> None:
    fields.text(component, "custom_id", 1, 100, path)
    fields.choice(component.get("style"), (1, 2), (*path, "style"))
    fields.number(component, "min_length", 0, 4000, path)
    fields.number(component, "max_length", 1, 4000, path)
    fields.text(component, "placeholder", 0, 100, path)
    low, high = component.get("min_length") or 0, component.get("max_length") or 4000
    fields.number({"min_length": low}, "min_length", 0, high, path)
    if component.get("value"):
        fields.text(component, "value", low, high, path)


def _group(component: dict[str, Any], low: int, path: Path) -> None:
    fields.text(component, "custom_id", 1, 100, path)
    options = component.get("options") or ()
    fields.length(options, low, 10, (*path, "options"))
    check_options(options, (*path, "options"))
    _check_range(component, len(options), path)


def _check_range(component: dict[str, Any], most: int, path: Path) -> None:
    """Refuse to ask for more than there is, or for more at least than at most."""
    fields.number(component, "max_values", 1, most, path)
    fields.number(component, "min_values", 0, component.get("max_values") or most, path)
