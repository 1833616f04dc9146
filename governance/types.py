"""Types of proposals: a server's own kinds of decision, each with its rules and its form."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from governance import options
from governance.consistency import of_other_systems, require_consistent
from governance.errors import Refusal
from governance.rules import RULES, Rules
from governance.settings import Settings
from governance.voting import conviction

NAME_LENGTH = 40
MOST_TYPES = 25
"""Types of one server: as many as Discord suggests at once."""
MOST_FIELDS = 5
LABEL_LENGTH = 45
FIELD_LENGTH = 1000


@dataclass(frozen=True, slots=True)
class FormField:
    """A question of a type's own, asked in the second form."""

    label: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class ProposalType:
    """`changes` are the rules in which it differs from the server's, as JSON holds them.

    `template` is what the text of a proposal starts from, `fields` the questions of its own.
    It is offered in its space (0: the server) and below it.
    """

    name: str
    changes: Mapping[str, Any]
    template: str = ""
    fields: tuple[FormField, ...] = ()
    space_id: int = 0

    def rules(self, settings: Settings) -> Rules:
        """What a proposal of this type is frozen with; a Refusal where that contradicts itself."""
        rules = settings.rules()
        if self.changes.get("system") == conviction.NAME:  # without what has no meaning for it
            rules = replace(rules, quorum=options.NO_QUORUM, recusal=False)
        rules = replace(rules, **options.from_stored(self.changes, RULES))
        require_consistent(rules)
        return rules

    def with_changes(self, changes: Mapping[str, Any], settings: Settings) -> "ProposalType":
        """The type with some rules changed; each is checked, and that they fit together.

        Another voting system takes away the rules that belong to the old one only.
        """
        checked = {
            name: options.checked(name, value, RULES[name]) for name, value in changes.items()
        }
        gone = of_other_systems(checked["system"]) if "system" in checked else ()
        kept = {name: value for name, value in self.changes.items() if name not in gone}
        changed = replace(self, changes={**kept, **options.stored(checked)})
        changed.rules(settings)
        return changed


STANDARD = ProposalType("Proposal", {})
"""The type that every server has: its rules are those of /setup, where it sets none of its own."""


def type_name(text: str) -> str:
    """The name of a type: one line of 1 to 40 characters."""
    name = " ".join(text.split())
    if not name:
        raise Refusal("The name of the type is empty. Call it “Budget” or “Election”, for example.")
    if len(name) > NAME_LENGTH:
        raise Refusal(f"The name has {len(name)} characters. Shorten it to {NAME_LENGTH} or fewer.")
    return name


def form_fields(text: str) -> tuple[FormField, ...]:
    """The questions of a type's own, one a line; a line that ends with `?` may stay unanswered."""
    fields = []
    for line in filter(None, map(str.strip, text.splitlines())):
        optional = line.endswith("?")
        label = line.rstrip("? ")
        if not label or len(label) > LABEL_LENGTH:
            raise Refusal(
                f"“{line[:60]}” can't be a question: write 1 to {LABEL_LENGTH} characters."
            )
        fields.append(FormField(label, required=not optional))
    if len(fields) > MOST_FIELDS:
        raise Refusal(f"There are {len(fields)} questions; a form holds {MOST_FIELDS}.")
    if len({field.label.casefold() for field in fields}) < len(fields):
        raise Refusal("Two of the questions are the same. Write each of them once.")
    return tuple(fields)
