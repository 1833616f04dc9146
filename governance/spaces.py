"""Spaces: parts of a server that decide for themselves, in a tree, as far as it lets them.

A line of spaces leads from a top one down, each the parent of the next; an empty one is the
server itself.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from typing import Any

from governance import options
from governance.electorate import Member
from governance.errors import NotAllowed, Refusal
from governance.options import DAY, About
from governance.rules import Rules
from governance.settings import ABOUT, OF_SPACES, TYPES, Settings
from governance.types import ProposalType

NAME_LENGTH = 40
DEEPEST = 5
"""Spaces in a line."""
MOST_SPACES = 100
"""Spaces of a server that aren't archived."""
NONE = "none"
"""Typed for the server itself where a space is asked for."""

SETTINGS: Mapping[str, About] = {name: ABOUT[name] for name in OF_SPACES}
"""What is to be known of each setting that a space may set itself."""
_RESERVED = ABOUT["reserved"]


@dataclass(frozen=True, slots=True)
class Space:
    """`changes` are the settings that it sets itself, as JSON holds them; it inherits the others.

    `reserved` are names of settings that the spaces below it can't set. A `parent_id` of None is
    the server. The webhook is the one in its own results channel.
    """

    id: int
    guild_id: int
    parent_id: int | None
    name: str
    changes: Mapping[str, Any]
    reserved: tuple[str, ...] = ()
    results_webhook_id: int | None = None
    archived_at: datetime | None = None

    def with_changes(
        self, above: Settings, changes: Mapping[str, Any], inherit: Collection[str] = ()
    ) -> "Space":
        """The space with some settings changed, and some taken from above again; each is checked.

        Raises Refusal, also for what is reserved above.
        """
        for name in changes:
            if name in above.reserved:
                raise Refusal(
                    f"{name} is reserved above this space, so it can't set it itself. Ask there "
                    "for a change."
                )
            if name in inherit:
                raise Refusal(f"{name} can't be set and inherited at once. Choose one of the two.")
        checked = {
            name: options.checked(name, value, SETTINGS[name]) for name, value in changes.items()
        }
        merged = {**self.changes, **options.stored(checked)}
        kept = {name: value for name, value in merged.items() if name not in inherit}
        return replace(self, changes=kept)


def inherited(above: Settings, space: Space) -> Settings:
    """The settings of a space below `above`, with all that is reserved down to it."""
    own = {
        name: value
        for name, value in options.from_stored(space.changes, SETTINGS).items()
        if name not in above.reserved
    }
    added = (name for name in space.reserved if name not in above.reserved)
    return replace(above, **own, reserved=(*above.reserved, *added))


def settings_of(server: Settings, line: Sequence[Space]) -> Settings:
    """The settings of the last space of a line: the server's, changed by each from the top down.

    What one reserves, those below it don't change; so its `reserved` is what those below can't set.
    """
    return reduce(inherited, line, server)


def reserved_above(server: Settings, line: Sequence[Space]) -> tuple[str, ...]:
    """What the last space of a line can't set; nothing for the server."""
    return settings_of(server, line[:-1]).reserved if line else ()


def source(server: Settings, line: Sequence[Space], name: str) -> Space | None:
    """The space of a line whose own setting applies to the last one; None for the server's."""
    found, above = None, server
    for space in line:
        if name in space.changes and name not in above.reserved:
            found = space
        above = inherited(above, space)
    return found


def own_rules(known: ProposalType, server: Settings, home: Sequence[Space]) -> ProposalType:
    """A type without the rules that are reserved above its own space, whose line is `home`."""
    taken = reserved_above(server, home)
    kept = {name: value for name, value in known.changes.items() if name not in taken}
    return replace(known, changes=kept)


def is_offered(known: ProposalType, server: Settings, line: Sequence[Space]) -> bool:
    """Whether a type is for proposals of the last space of a line."""
    if not known.space_id:
        return True
    ids = [space.id for space in line]
    if known.space_id not in ids:
        return False
    return TYPES not in reserved_above(server, line[: ids.index(known.space_id) + 1])


def rules_in(known: ProposalType, server: Settings, line: Sequence[Space]) -> Rules:
    """What a proposal of this type is frozen with in the last space of a line.

    The server has nobody above it who could veto what it decides.
    """
    home = line[: [space.id for space in line].index(known.space_id) + 1] if known.space_id else ()
    rules = own_rules(known, server, home).rules(settings_of(server, line))
    if not line:
        return replace(rules, veto_window=DAY * 0)
    return replace(rules, veto_role=settings_of(server, line[:-1]).guardian_role)


def topic_named(settings: Settings, typed: str) -> str:
    """A topic of the server by its name, whatever its case; nothing for nothing."""
    wanted = " ".join(typed.split()).casefold()
    if not wanted:
        return ""
    for topic in settings.topics:
        if topic.casefold() == wanted:
            return topic
    among = f"one of: {', '.join(settings.topics)}" if settings.topics else "none: it has no topics"
    raise Refusal(f"There is no topic “{typed[:40]}” in this server. Choose {among}.")


def require_topic(settings: Settings, topic: str) -> None:
    """Refuse what would be proposed in a topic that was removed."""
    if topic and topic.casefold() not in {each.casefold() for each in settings.topics}:
        raise Refusal(
            f"There is no topic “{topic}” in this server any more. Propose the text anew without "
            "it, or ask a moderator to bring it back with /setup."
        )


def space_name(text: str) -> str:
    """The name of a space: one line of 1 to 40 characters."""
    name = " ".join(text.split())
    if not name or name.casefold() == NONE:
        raise Refusal("A space needs a name, such as “Gardens” or “Works”.")
    if len(name) > NAME_LENGTH:
        raise Refusal(f"The name has {len(name)} characters. Shorten it to {NAME_LENGTH} or fewer.")
    return name


def setting_names(text: str, *, types: bool = False) -> tuple[str, ...]:
    """Names of settings that a space may set, separated by commas; `types` is one where allowed."""
    names = options.checked("settings", text, _RESERVED)
    if TYPES in names and not types:
        raise Refusal(f"{TYPES} can be reserved, but there is nothing to inherit.")
    return tuple(names)


def line_to(spaces: Mapping[int, Space], space_id: int | None) -> list[Space]:
    """The line of spaces that ends with this one; empty for the server."""
    line: list[Space] = []
    while space_id:
        line.append(spaces[space_id])
        space_id = line[-1].parent_id
    return line[::-1]


def below(spaces: Iterable[Space], parent_id: int | None) -> list[Space]:
    """The spaces right below one (None: the server) that aren't archived, by name."""
    found = [s for s in spaces if s.parent_id == parent_id and not s.archived_at]
    return sorted(found, key=lambda space: space.name.casefold())


def tree(
    spaces: Collection[Space], parent_id: int | None = None, depth: int = 0
) -> list[tuple[int, Space]]:
    """The spaces that aren't archived, each behind its parent, with its depth from 0 on."""
    return [
        each
        for space in below(spaces, parent_id)
        for each in ((depth, space), *tree(spaces, space.id, depth + 1))
    ]


def require_place(spaces: Mapping[int, Space], parent_id: int | None, moved: Space | None) -> None:
    """Refuse a place below `parent_id` for a new space, or for one that is `moved` there."""
    line = line_to(spaces, parent_id)
    if moved and moved.id in {space.id for space in line}:
        raise Refusal(
            f"“{moved.name}” can't be put below itself or below one of its own. Choose another "
            "parent, or none."
        )
    under = tree(spaces.values(), moved.id) if moved else []
    height = 1 + max((depth + 1 for depth, _ in under), default=0)
    if len(line) + height > DEEPEST:
        raise Refusal(f"Spaces go {DEEPEST} deep at most. Choose a parent further up.")


def require_guardian_above(server: Settings, parents: Sequence[Space], member: Member) -> None:
    """Refuse changes below the last of `parents` by who doesn't guard it.

    Moderators do, and the guardians of any of `parents` and of the server.
    """
    if member.moderator:
        return
    for end in range(len(parents) + 1):
        if settings_of(server, parents[:end]).guardian_role in member.roles:
            return
    raise NotAllowed(
        "Only members with the permission Manage Server, and guardians of a space above it, can "
        "change that space."
    )


def require_open(line: Sequence[Space]) -> None:
    """Refuse a new proposal in a space that is archived."""
    if line and line[-1].archived_at:
        raise Refusal(
            f"The space “{line[-1].name}” is archived, so nothing new is decided in it. Propose "
            "it in another space, or to the whole server."
        )
