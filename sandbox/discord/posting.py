"""Writing and editing messages: the form is checked as a whole, then the message changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from . import mentions
from .errors import ApiError, Fault
from .guilds import Channel
from .layout import displayed_text
from .limits import components as component_limits
from .limits import messages as message_limits
from .messages import Attachment, Flag, Message, Pings
from .settling import settle
from .users import Application, User
from .world import World

_SENDABLE = Flag.SUPPRESS_EMBEDS | Flag.SUPPRESS_NOTIFICATIONS | Flag.IS_COMPONENTS_V2


@dataclass(frozen=True)
class Upload:
    """A file that came with a request."""

    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Draft:
    """A request to write: Discord's JSON ``form``, files, and how mentions are treated.

    ``mentionable`` are the kinds of mention that notify unless the form says otherwise.
    """

    form: dict[str, Any]
    uploads: Sequence[Upload]
    mentionable: tuple[str, ...]
    may_ping_everyone: bool


def create(
    world: World,
    channel: Channel,
    author: User,
    draft: Draft,
    *,
    kind: int = 0,
    webhook_id: int | None = None,
    application: Application | None = None,
    addressee: User | None = None,
    interaction: dict[str, Any] | None = None,
) -> Message:
    """Write a message; a nonce that must be unique brings back the one already written."""
    nonce = draft.form.get("nonce")
    message_limits.nonce(nonce)
    unique = (author.id, str(nonce)) if nonce and draft.form.get("enforce_nonce") else None
    if unique and (sent := _sent_with(world, unique)):
        return sent
    id_ = world.snowflakes.next()
    message = Message(id_, channel, author, world.now(), kind=kind)
    message.webhook_id = webhook_id
    message.application = application
    message.addressee = addressee
    message.interaction = interaction
    message.nonce = nonce
    message.flags = (draft.form.get("flags") or 0) & _SENDABLE
    if addressee:
        message.flags |= Flag.EPHEMERAL
    _fill(world, message, draft)
    if unique:
        world.nonces[unique] = message
    world.add_message(message)
    return message


def _sent_with(world: World, unique: tuple[int, str]) -> Message | None:
    forgotten = world.now() - world.nonces_for
    while world.nonces and next(iter(world.nonces.values())).created_at < forgotten:
        world.nonces.popitem(last=False)
    return world.nonces.get(unique)


def edit(world: World, message: Message, draft: Draft) -> None:
    """Change what the form names of a message; the rest stays.

    The v2 flag can be added and never removed. A message that was only "thinking" is filled and
    doesn't count as edited.
    """
    flags = draft.form.get("flags")
    v2 = Flag.IS_COMPONENTS_V2
    if flags is not None:
        if message.flags & v2 and not flags & v2:
            # Discord reads the components by the flags of the request, then keeps the old flag.
            component_limits.check(draft.form.get("components") or (), v2=False)
        editable = Flag.SUPPRESS_EMBEDS | v2
        message_flags = (
            message.flags & ~Flag.SUPPRESS_EMBEDS | flags & editable | message.flags & v2
        )
    else:
        message_flags = message.flags
    before, message.flags = message.flags, message_flags & ~Flag.LOADING
    try:
        _fill(world, message, draft)
    except ApiError:
        message.flags = before
        raise
    if not before & Flag.LOADING:
        message.edited_at = world.now()
    world.change_message(message)


def _fill(world: World, message: Message, draft: Draft) -> None:
    form = draft.form
    v2 = bool(message.flags & Flag.IS_COMPONENTS_V2)
    # Discord cuts blanks off both ends.
    content = (form["content"] or "").strip() if "content" in form else message.content
    embeds = form["embeds"] or [] if "embeds" in form else message.embeds
    if v2 and form.get("embeds", ()) is None:
        embeds = message.embeds  # Discord's v2 empties embeds by [] and not by null
    components = form["components"] or [] if "components" in form else message.components
    attachments = _attachments(world, message, form, draft.uploads)
    message_limits.check(
        content,
        embeds,
        components,
        attachments=len(attachments),
        v2=v2,
        poll=form.get("poll"),
    )
    if not (content.strip() or embeds or attachments or (v2 and components) or form.get("poll")):
        raise ApiError(Fault.EMPTY_MESSAGE)
    settle(world, components, embeds, attachments)
    pinged = message.pings
    if form.keys() & {"content", "components", "allowed_mentions"}:
        pinged = _pings(message, content, components, draft)
    message.content, message.embeds, message.components = content, embeds, components
    message.attachments, message.pings = attachments, pinged


def _pings(
    message: Message, content: str, components: Sequence[dict[str, Any]], draft: Draft
) -> Pings:
    return mentions.pings(
        f"{content}\n{displayed_text(components)}",
        draft.form.get("allowed_mentions"),
        default=draft.mentionable,
        guild=message.channel.guild,
        may_ping_everyone=draft.may_ping_everyone,
    )


def _attachments(
    world: World, message: Message, form: dict[str, Any], uploads: Sequence[Upload]
) -> list[Attachment]:
    """The files after the request: those that are kept, then the new ones."""
    listed = form.get("attachments")
    kept = message.attachments
    descriptions: dict[int, str | None] = {}
    if listed is not None:
        names = {str(item["id"]) for item in listed}
        kept = [attachment for attachment in kept if str(attachment.id) in names]
        descriptions = {int(item["id"]): item.get("description") for item in listed}
    added = []
    for index, upload in enumerate(uploads):
        id_ = world.snowflakes.next()
        url = f"https://cdn.discordapp.com/attachments/{message.channel.id}/{id_}/{upload.filename}"
        attachment = Attachment(
            id_,
            upload.filename,
            descriptions.get(index),
            upload.content_type,
            upload.content,
            url,
        )
        world.files[id_] = attachment
        added.append(attachment)
    return kept + added
