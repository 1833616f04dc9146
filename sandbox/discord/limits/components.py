"""What the components of a message may be, before (v1) and after (v2) the flag 32768."""

from collections.abc import Callable, Sequence, Set
from typing import Any

from ..errors import InvalidForm
from ..layout import LINK_BUTTON, PREMIUM_BUTTON, SELECTS, Kind, Path, walk
from . import fields

Component = dict[str, Any]

V2_TOP = frozenset(
    {
        Kind.ACTION_ROW,
        Kind.SECTION,
        Kind.TEXT_DISPLAY,
        Kind.MEDIA_GALLERY,
        Kind.FILE,
        Kind.SEPARATOR,
        Kind.CONTAINER,
    }
)
IN_CONTAINER = V2_TOP - {Kind.CONTAINER}


def check(components: Sequence[Component], *, v2: bool) -> None:
    """Refuse the components of a message that Discord would."""
    if v2:
        total = sum(1 for _ in walk(components))
        if total > 40:
            raise InvalidForm(
                ("components",),
                "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
                "The total number of components cannot exceed 40",
            )
        _all(components, V2_TOP, ("components",))
        length = sum(
            len(c["content"]) for _, c in walk(components) if c["type"] == Kind.TEXT_DISPLAY
        )
        if length > 4000:
            raise InvalidForm(
                ("components",),
                "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
                "The combined size of all components' displayable text exceeds max of 4000",
            )
    else:
        fields.length(components, 0, 5, ("components",))
        _all(components, {Kind.ACTION_ROW}, ("components",))
    unique(components, ("components",))


def unique(components: Sequence[Component], path: Path) -> None:
    """Refuse a custom id, or a component's number, that occurs twice."""
    custom_ids: set[str] = set()
    numbers: set[int] = set()
    for here, component in walk(components, path):
        custom_id = component.get("custom_id")
        if custom_id is not None and custom_id in custom_ids:
            raise InvalidForm(
                (*here, "custom_id"),
                "COMPONENT_CUSTOM_ID_DUPLICATED",
                "Component custom id cannot be duplicated",
            )
        custom_ids.add(custom_id or "")
        number = component.get("id") or 0
        if number and number in numbers:
            raise InvalidForm(
                (*here, "id"), "COMPONENT_ID_DUPLICATED", "Component id cannot be duplicated"
            )
        numbers.add(number)


def _all(components: Sequence[Component], allowed: Set[Kind], path: Path) -> None:
    for index, component in enumerate(components):
        one(component, allowed, (*path, index))


def one(component: Component, allowed: Set[Kind], path: Path) -> None:
    """Refuse a component that may not stand here, or that is not well formed."""
    if component.get("type") not in allowed:
        listed = ", ".join(str(int(kind)) for kind in sorted(allowed))
        raise InvalidForm(
            (*path, "type"),
            "UNION_TYPE_CHOICES",
            f'Value of field "type" must be one of ({listed},).',
        )
    _CHECKS[Kind(component["type"])](component, path)


def _action_row(row: Component, path: Path) -> None:
    path = (*path, "components")
    inside = row.get("components") or ()
    fields.length(inside, 1, 5, path)
    _all(inside, SELECTS | {Kind.BUTTON}, path)
    # A select menu is as wide as the five buttons that fit into a row.
    if len(inside) > 1 and any(c["type"] in SELECTS for c in inside):
        raise InvalidForm(
            (*path, 1),
            "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
            "The specified component exceeds the maximum width",
        )


def _button(button: Component, path: Path) -> None:
    fields.choice(button.get("style"), range(1, 7), (*path, "style"))
    fields.text(button, "label", 0, 80, path)
    if button["style"] == PREMIUM_BUTTON:
        _premium_button(button, path)
        return
    if button["style"] == LINK_BUTTON:
        if button.get("custom_id") is not None:
            raise InvalidForm(
                (*path, "custom_id"),
                "BUTTON_COMPONENT_CUSTOM_ID_FORBIDDEN",
                "A custom id cannot be specified for a link button",
            )
        fields.text(button, "url", 1, 512, path)
        fields.web_address(button, "url", path, ("http", "https", "discord"))
    elif button.get("url") is not None:
        raise InvalidForm(
            (*path, "url"),
            "BUTTON_COMPONENT_URL_FORBIDDEN",
            "A url can only be specified for a link button",
        )
    else:
        fields.text(button, "custom_id", 1, 100, path)
    if not button.get("label") and not button.get("emoji"):
        raise InvalidForm(
            path, "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", "A label or an emoji is required"
        )


def _premium_button(button: Component, path: Path) -> None:
    """What a premium button shows and does, Discord takes from what it sells."""
    fields.text(button, "sku_id", 1, 20, path)
    for key in ("label", "emoji", "url", "custom_id"):
        if button.get(key) is not None:
            raise InvalidForm(
                (*path, key),
                "BUTTON_COMPONENT_PREMIUM_FIELD_FORBIDDEN",
                f"A premium button has no {key}",
            )


def select(menu: Component, path: Path) -> None:
    """A select menu, in a message or in a form."""
    fields.text(menu, "custom_id", 1, 100, path)
    fields.text(menu, "placeholder", 0, 150, path)
    fields.number(menu, "min_values", 0, 25, path)
    fields.number(menu, "max_values", 1, 25, path)
    low, high = menu.get("min_values", 1), menu.get("max_values", 1)
    if low > high:
        raise InvalidForm(
            (*path, "min_values"),
            "NUMBER_TYPE_MAX",
            f"Value should be less than or equal to {high}.",
        )
    if menu["type"] == Kind.STRING_SELECT:
        options = menu.get("options") or ()
        fields.length(options, 1, 25, (*path, "options"))
        check_options(options, (*path, "options"))
        if high > len(options):
            raise InvalidForm(
                (*path, "max_values"),
                "NUMBER_TYPE_MAX",
                f"Value should be less than or equal to {len(options)}.",
            )
        if sum(1 for option in options if option.get("default")) > high:
            raise InvalidForm(
                (*path, "options"),
                "SELECT_COMPONENT_TOO_MANY_DEFAULTS",
                "Cannot have more defaults than max_values",
            )


def check_options(options: Sequence[Component], path: Path) -> None:
    """The options of a select menu or of a group in a form; their values must differ."""
    values: set[str] = set()
    for index, option in enumerate(options):
        fields.text(option, "label", 1, 100, (*path, index))
        fields.text(option, "value", 1, 100, (*path, index))
        fields.text(option, "description", 0, 100, (*path, index))
        if option["value"] in values:
            raise InvalidForm(
                (*path, index, "value"),
                "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
                "The specified option value is already used",
            )
        values.add(option["value"])


def _section(section: Component, path: Path) -> None:
    texts = section.get("components") or ()
    fields.length(texts, 1, 3, (*path, "components"))
    _all(texts, {Kind.TEXT_DISPLAY}, (*path, "components"))
    accessory = section.get("accessory")
    if not accessory:
        raise fields.required((*path, "accessory"))
    one(accessory, {Kind.BUTTON, Kind.THUMBNAIL}, (*path, "accessory"))


def text_display(display: Component, path: Path) -> None:
    """A text display, in a message or in a form."""
    fields.text(display, "content", 1, 4000, path)


def _thumbnail(thumbnail: Component, path: Path) -> None:
    fields.text(thumbnail, "description", 0, 1024, path)
    _media(thumbnail, "media", path, ("http", "https", "attachment"))


def _gallery(gallery: Component, path: Path) -> None:
    items = gallery.get("items") or ()
    fields.length(items, 1, 10, (*path, "items"))
    for index, item in enumerate(items):
        _thumbnail(item, (*path, "items", index))


def _file(file: Component, path: Path) -> None:
    _media(file, "file", path, ("attachment",))


def _media(component: Component, key: str, path: Path, schemes: Sequence[str]) -> None:
    media = component.get(key)
    if not media:
        raise fields.required((*path, key))
    fields.text(media, "url", 1, 2048, (*path, key))
    fields.web_address(media, "url", (*path, key), schemes)


def _separator(separator: Component, path: Path) -> None:
    fields.choice(separator.get("spacing", 1), (1, 2), (*path, "spacing"))


def _container(container: Component, path: Path) -> None:
    inside = container.get("components") or ()
    fields.length(inside, 1, 40, (*path, "components"))
    _all(inside, IN_CONTAINER, (*path, "components"))
    fields.number(container, "accent_color", 0, 0xFFFFFF, path)


_CHECKS: dict[Kind, Callable[[Component, Path], None]] = {
    Kind.ACTION_ROW: _action_row,
    Kind.BUTTON: _button,
    Kind.SECTION: _section,
    Kind.TEXT_DISPLAY: text_display,
    Kind.THUMBNAIL: _thumbnail,
    Kind.MEDIA_GALLERY: _gallery,
    Kind.FILE: _file,
    Kind.SEPARATOR: _separator,
    Kind.CONTAINER: _container,
    **dict.fromkeys(SELECTS, select),
}
