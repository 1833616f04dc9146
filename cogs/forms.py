"""Forms that lose nothing: a refused one comes back with its text, after any restart."""

from dataclasses import dataclass
from typing import Any

import discord

from cogs import answers, controls
from cogs.answers import Interaction
from governance.errors import NotFound
from governance.proposal import BODY_LENGTH, LINK_LENGTH, REASON_LENGTH, TITLE_LENGTH

_TITLE_LENGTH = 45  # of a form, Discord's limit
_FIELD_LENGTH = 1024  # of an embed's field; longer values go into its description


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    label: str
    length: int
    hint: str = ""
    required: bool = True
    paragraph: bool = False


TEXT = (
    Field("title", "Title", TITLE_LENGTH, "What should be decided, in one line"),
    Field("body", "Text", BODY_LENGTH, "Markdown is welcome", paragraph=True),
    Field("link", "Link", LINK_LENGTH, "https://… (optional)", required=False),
)
REASON = (Field("reason", "Reason", REASON_LENGTH, "Everyone will read it", paragraph=True),)
FORMS = {"propose": TEXT, "edit": TEXT, "cancel": REASON}
"""The fields of each form by the verb of its custom_id."""
_TITLES = {
    "propose": "New proposal",
    "edit": "Edit your proposal",
    "cancel": "Cancel the proposal",
}


def form(
    title: str, verb: str, *numbers: int, values: dict[str, str] | None = None
) -> discord.ui.Modal:
    """The form of that verb, filled with `values`."""
    modal = discord.ui.Modal(
        title=title if len(title) <= _TITLE_LENGTH else title[: _TITLE_LENGTH - 1] + "…",
        custom_id=controls.custom_id(verb, *numbers),
    )
    for field in FORMS[verb]:
        modal.add_item(
            discord.ui.Label(
                text=field.label,
                component=discord.ui.TextInput(
                    custom_id=field.name,
                    style=discord.TextStyle.paragraph
                    if field.paragraph
                    else discord.TextStyle.short,
                    placeholder=field.hint,
                    default=(values or {}).get(field.name, "")[: field.length] or None,
                    required=field.required,
                    max_length=field.length,
                ),
            )
        )
    modal.stop()  # so that discord.py doesn't keep it; Controls routes what comes back
    return modal


def filled(interaction: Interaction) -> dict[str, str]:
    """The values of a submitted form, by the names of its fields."""
    data: Any = interaction.data
    inputs = [row.get("component") or row["components"][0] for row in data["components"]]
    return {each["custom_id"]: each.get("value") or "" for each in inputs}


async def give_back(interaction: Interaction, error: BaseException) -> None:
    """Answer a failed form: what is wrong, the text, and a button to go on with it.

    The text lies in the answer itself, so it is kept even while the database is away.
    """
    data: Any = interaction.data
    verb, numbers = controls.read(data["custom_id"]) or ("", [])
    if verb not in FORMS:
        await answers.answer_error(interaction, error)
        return
    values = filled(interaction)
    embed = discord.Embed(title=_TITLES[verb])
    for field in FORMS[verb]:
        value = values.get(field.name, "")[: field.length]
        if field.length > _FIELD_LENGTH:
            embed.description = value
        elif value.strip():
            embed.add_field(name=field.label, value=value, inline=False)
    view = discord.ui.View(timeout=None)
    view.add_item(
        discord.ui.Button(
            label="Edit again",
            style=discord.ButtonStyle.primary,
            custom_id=controls.custom_id(f"again-{verb}", *numbers),
        )
    )
    view.stop()
    await answers.reply(interaction, answers.sentence(error), embed=embed, view=view)


def given_back(interaction: Interaction, verb: str) -> tuple[str, dict[str, str]]:
    """The title and the values that `give_back` put into the message with the pressed button."""
    if interaction.message is None or not interaction.message.embeds:
        raise NotFound("The text isn't in this message any more. Start again with the command.")
    embed = interaction.message.embeds[0]
    labels = {field.label: field.name for field in FORMS[verb]}
    values = {labels[f.name]: f.value or "" for f in embed.fields if f.name in labels}
    for field in FORMS[verb]:
        if field.length > _FIELD_LENGTH:
            values[field.name] = embed.description or ""
    return embed.title or "", values
