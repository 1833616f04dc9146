"""Forms that lose nothing: a refused one comes back with its text, after any restart."""

from collections.abc import Collection, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any

import discord

from cogs import answers, controls, limits
from cogs.answers import Interaction, T
from governance.delegates import CONFLICTS_LENGTH, MOST_TOPICS, STATEMENT_LENGTH
from governance.errors import NotFound
from governance.options import WORD_LENGTH
from governance.texts import (
    AMOUNT_LENGTH,
    BODY_LENGTH,
    LINK_LENGTH,
    REASON_LENGTH,
    TITLE_LENGTH,
    Text,
    amount,
    choices,
    written,
)
from governance.types import FIELD_LENGTH, LABEL_LENGTH, MOST_FIELDS, FormField
from governance.voting.system import Shape, VotingSystem


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    label: str
    length: int
    hint: str = ""
    required: bool = True
    paragraph: bool = False
    about: str = ""


CHOICES = Field("choices", "Choices", 1000, "One a line: what members choose among", paragraph=True)
"""Only asked where the voting system leaves the choices to the proposal."""
AMOUNT = Field("amount", "Amount", AMOUNT_LENGTH, "What it asks of the treasury, such as 1000")
"""Only asked where members vote by conviction."""
TEXT = (
    Field("title", "Title", TITLE_LENGTH, "What should be decided, in one line"),
    Field("body", "Text", BODY_LENGTH, "Markdown is welcome", paragraph=True),
    Field("link", "Link", LINK_LENGTH, "https://… (optional)", required=False),
    CHOICES,
    AMOUNT,
)
REASON = (Field("reason", "Reason", REASON_LENGTH, "Everyone will read it", paragraph=True),)
TYPE = (
    Field(
        "template",
        "Template",
        BODY_LENGTH,
        "What the text of a proposal starts from (optional)",
        required=False,
        paragraph=True,
    ),
    Field(
        "questions",
        "Questions",
        MOST_FIELDS * (LABEL_LENGTH + 2),
        "One a line, up to five; a line that ends with ? may stay unanswered",
        required=False,
        paragraph=True,
    ),
)
PROFILE = (
    Field(
        "statement",
        "Statement",
        STATEMENT_LENGTH,
        "What you stand for, and how you vote",
        required=False,
        paragraph=True,
        about="Others see how often you vote and agree with them, your delegators how you voted.",
    ),
    Field(
        "topics",
        "Topics",
        MOST_TOPICS * (WORD_LENGTH + 2),
        "Up to five, such as Treasury, Events",
        required=False,
    ),
    Field(
        "conflicts",
        "Conflicts of interest",
        CONFLICTS_LENGTH,
        "What voters should know of, such as that the treasury pays you",
        required=False,
        paragraph=True,
    ),
)
FORMS: dict[str, Sequence[Field]] = {
    "propose": TEXT,
    "propose-in": TEXT,
    "edit": TEXT,
    "cancel": REASON,
    "type-form": TYPE,
    "answers": (),
    "profile": PROFILE,
}
"""The fields of each form by the verb of its custom_id; those of `answers` are a type's own."""
_TITLES = {
    "propose": "New proposal",
    "propose-in": "New proposal",
    "edit": "Edit your proposal",
    "cancel": "Cancel the proposal",
    "type-form": "Form of the type",
    "answers": "Questions",
    "profile": "Your profile as a delegate",
}


def unasked(system: VotingSystem) -> list[Field]:
    """The fields of a proposal's text that a voting system leaves out."""
    left_out = [CHOICES] if system.CHOICES else []
    return left_out if system.SHAPE is Shape.STAKES else [*left_out, AMOUNT]


def form(
    title: str,
    verb: str,
    *numbers: int,
    values: dict[str, str] | None = None,
    without: Collection[Field] = (),
    asked: Sequence[FormField] = (),
) -> discord.ui.Modal:
    """The form of that verb, filled with `values`; `asked` are questions of a type's own."""
    modal = discord.ui.Modal(
        title=title if len(title) <= limits.FORM_TITLE else title[: limits.FORM_TITLE - 1] + "…",
        custom_id=controls.custom_id(verb, *numbers),
    )
    for field in [*FORMS[verb], *(_question(each.label, each.required) for each in asked)]:
        if field in without:
            continue
        modal.add_item(
            discord.ui.Label(
                text=field.label,
                description=field.about or None,
                component=discord.ui.TextInput(
                    custom_id=field.name,
                    style=discord.TextStyle.paragraph
                    if field.paragraph
                    else discord.TextStyle.short,
                    placeholder=field.hint or None,
                    default=(values or {}).get(field.name, "")[: field.length] or None,
                    required=field.required,
                    max_length=field.length,
                ),
            )
        )
    modal.stop()  # so that discord.py doesn't keep it; Controls routes what comes back
    return modal


def _question(label: str, required: bool) -> Field:
    return Field(label, label, FIELD_LENGTH, required=required, paragraph=True)


def inputs(interaction: Interaction) -> list[dict[str, Any]]:
    """The inputs of a submitted form, as Discord writes them."""
    data: Any = interaction.data
    if "components" not in data:
        raise NotFound(controls.UNKNOWN)  # a button that carries the verb of a form
    return [row.get("component") or row["components"][0] for row in data["components"]]


def filled(interaction: Interaction) -> dict[str, str]:
    """The values of a submitted form, by the names of its fields."""
    return {each["custom_id"]: each.get("value") or "" for each in inputs(interaction)}


def text(values: dict[str, str], present: Text | None = None) -> Text:
    """What was filled in of a proposal; what the form didn't ask for stays as it is."""
    new = written(values.get("title", ""), values.get("body", ""), values.get("link", ""))
    kept = replace(present, title=new.title, body=new.body, link=new.link) if present else new
    if AMOUNT.name in values:
        kept = replace(kept, amount=amount(values[AMOUNT.name]))
    asked = CHOICES.name in values
    return replace(kept, choices=choices(values[CHOICES.name])) if asked else kept


async def taken(interaction: Interaction, work: Coroutine[Any, Any, T]) -> T | None:
    """The result of `work` on a submitted form; None where it failed and the form is given back."""
    try:
        return await answers.in_time(interaction, work)
    except Exception as error:  # whatever it is, nothing that was written is lost
        await give_back(interaction, error)
        return None


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
    # Without fields of its own, each input is named after its question.
    for field in FORMS[verb] or [_question(label, False) for label in values]:
        value = values.get(field.name, "")[: field.length]
        if field.length > limits.FIELD:
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
    names = {field.label: field.name for field in FORMS[verb]}
    values = {names.get(f.name or "", f.name or ""): f.value or "" for f in embed.fields}
    for field in FORMS[verb]:
        if field.length > limits.FIELD:
            values[field.name] = embed.description or ""
    return embed.title or "", values
