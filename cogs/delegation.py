"""`/delegate`, and “Delegate to…” in the menu of a member: who votes for whom, and where."""

from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands, ui
from discord.ext import commands

from cogs import answers, ballots, controls, forms, limits, states
from cogs.answers import Interaction, server_of
from cogs.markdown import absolute, beginning, fitting
from cogs.members import joined, member_of, named, split
from cogs.notices import placed
from cogs.proposal_option import chosen, suggestions
from governance.delegation import SERVER, Place
from governance.electorate import Member, may_vote
from governance.errors import NotFound
from services import Services
from services.delegations import Trust
from services.proposals import Which
from services.ways import Given, Way

_EXPIRES_LENGTH = 40
_LATER = "It counts from the next vote that starts; those that are open stay as they are."
_CHANGES = "What you change counts from the next vote that starts; open ones stay as they are."
_STILL = "That is how it would be now; it is fixed when voting starts."
_UNKNOWN_MEMBER, _UNKNOWN_USER, _NO_ID = 10007, 10013, 50035
_SHOWN_LINKS = 6
"""Of a long way, the first and the last so many."""


@app_commands.guild_only()
class Delegation(
    commands.GroupCog,
    group_name="delegate",
    group_description="Let another member vote for you where you don't vote yourself",
):
    def __init__(self, client: commands.Bot, services: Services, route: controls.Controls) -> None:
        self._client = client
        self._services = services
        route.on("trust", 2, self._submit_form)

    async def cog_load(self) -> None:
        menu = app_commands.ContextMenu(name="Delegate to…", callback=self._open_form)
        menu.guild_only = True
        self._client.tree.add_command(menu)

    @app_commands.command(name="to", description="Let a member vote for you; you can vote anyway")
    @app_commands.describe(
        member="Who votes for you",
        scope="Where: the whole server, a space or a topic; the narrowest applies",
        expires="Until when, such as 30d, 3 months or 2027-03-01; else until you end it",
        tell="Whether you want to be told how they voted",
    )
    async def to(
        self,
        interaction: Interaction,
        member: discord.User,
        scope: app_commands.Range[str, 0, limits.OPTION] = "",
        expires: app_commands.Range[str, 0, _EXPIRES_LENGTH] = "",
        tell: bool | None = None,
    ) -> None:
        await self._give(interaction, named(member), scope, expires, tell)

    @app_commands.command(name="revoke", description="Take back what you delegate")
    @app_commands.describe(scope="Where: the whole server, or what you chose when you delegated")
    async def revoke(
        self, interaction: Interaction, scope: app_commands.Range[str, 0, limits.OPTION] = ""
    ) -> None:
        ended = await answers.in_time(
            interaction,
            self._services.delegations.revoke(
                server_of(interaction), member_of(interaction), scope
            ),
        )
        self._services.notices.filled.set()
        where = placed(ended.place.name)
        delegate = ended.delegation.delegate_id
        said = f"↩️ Wider delegations apply there again ({where})."
        if ended.place.scope == SERVER:
            said = f"↩️ Delegations aren't switched off any more ({where})."
        if delegate:
            said = f"↩️ <@{delegate}> doesn't vote for you any more ({where})."
        await answers.reply(interaction, f"{said} {_LATER}")

    @app_commands.command(
        name="none", description="Let nobody vote for you in a scope, whatever wider ones say"
    )
    @app_commands.describe(scope="Where: the whole server, a space or a topic")
    async def none(
        self, interaction: Interaction, scope: app_commands.Range[str, 0, limits.OPTION] = ""
    ) -> None:
        given = await answers.in_time(
            interaction,
            self._services.delegations.nobody(
                server_of(interaction), member_of(interaction), scope
            ),
        )
        self._services.notices.filled.set()
        await answers.reply(
            interaction,
            f"🚫 Nobody votes for you ({placed(given.place.name)}); what you delegate in narrower "
            f"scopes stays. {_LATER}",
        )

    @app_commands.command(
        name="show", description="See what you delegate, and who delegates to you"
    )
    async def show(self, interaction: Interaction) -> None:
        trust = await answers.in_time(
            interaction,
            self._services.delegations.of_member(server_of(interaction), interaction.user.id),
        )
        await answers.reply(interaction, embed=_shown(trust))

    @app_commands.command(name="explain", description="See where your power goes on a proposal")
    @app_commands.describe(proposal="Which proposal: its number or title")
    async def explain(self, interaction: Interaction, proposal: str) -> None:
        guild_id, me = server_of(interaction), interaction.user.id
        found = await answers.in_time(interaction, chosen(self._services, interaction, proposal))
        way = await answers.in_time(
            interaction, self._services.delegations.explain(guild_id, found.id, me)
        )
        await answers.reply(interaction, _explained(way, member_of(interaction)))

    @to.autocomplete("scope")
    @none.autocomplete("scope")
    async def _suggest_places(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return _fitting(typed, await self._services.delegations.places(server_of(interaction)))

    @revoke.autocomplete("scope")
    async def _suggest_own_places(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return _fitting(
            typed,
            await self._services.delegations.mine(server_of(interaction), interaction.user.id),
        )

    @explain.autocomplete("proposal")
    async def _suggest_proposals(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return await suggestions(self._services, interaction, typed, Which.LIVING)

    async def _open_form(self, interaction: Interaction, whom: discord.User) -> None:
        guild_id, delegate = server_of(interaction), named(whom)
        await answers.soon(
            interaction,
            self._services.delegations.require_may_give(guild_id, member_of(interaction), delegate),
        )
        places = await answers.soon(interaction, self._services.delegations.places(guild_id))
        await interaction.response.send_modal(_form(whom, places))

    async def _submit_form(self, interaction: Interaction, numbers: list[int]) -> None:
        given = _filled(interaction)
        delegate = await answers.in_time(interaction, _found(interaction, joined(*numbers)))
        where, expires, tell = given.get("scope"), given.get("expires"), given.get("tell")
        await self._give(
            interaction, delegate, str((where or [""])[0]), str(expires or ""), bool(tell)
        )

    async def _give(
        self,
        interaction: Interaction,
        delegate: Member,
        where: str,
        expires: str,
        tell: bool | None,
    ) -> None:
        given = await answers.in_time(
            interaction,
            self._services.delegations.give(
                server_of(interaction), member_of(interaction), delegate, where, expires, tell
            ),
        )
        self._services.notices.filled.set()
        await answers.reply(interaction, _given(given))


async def _found(interaction: Interaction, member_id: int) -> Member:
    """Who has this id, as Discord knows it now."""
    guild = interaction.guild
    if guild is None:
        raise NotFound(controls.UNKNOWN)
    try:
        return named(await guild.fetch_member(member_id))
    except discord.HTTPException as error:
        if error.code not in (_UNKNOWN_MEMBER, _UNKNOWN_USER, _NO_ID):
            raise
        return Member(member_id, frozenset(), None)


def _fitting(typed: str, places: Sequence[Place]) -> list[app_commands.Choice[str]]:
    wanted = typed.strip().casefold()
    names = [each.name[: limits.OPTION] for each in places if wanted in each.name.casefold()]
    return [app_commands.Choice(name=name, value=name) for name in names[: limits.OPTIONS]]


def _form(whom: discord.User | discord.Member, places: Sequence[Place]) -> ui.Modal:
    modal = ui.Modal(
        title=beginning(f"Delegate to {whom.display_name}", limits.FORM_TITLE),
        custom_id=controls.custom_id("trust", *split(whom.id)),
    )
    names = [each.name[: limits.OPTION] for each in places[: limits.OPTIONS]]
    options = [discord.SelectOption(label=n, value=n, default=n == names[0]) for n in names]
    more = "For those that aren't here, use /delegate to" if len(places) > limits.OPTIONS else None
    modal.add_item(
        ui.Label(
            text="Where",
            description=more,
            component=ui.Select(custom_id="scope", options=options),
        )
    )
    modal.add_item(
        ui.Label(
            text="Until",
            component=ui.TextInput(
                custom_id="expires",
                placeholder="30d, 3 months or 2027-03-01; empty: until you end it",
                required=False,
                max_length=_EXPIRES_LENGTH,
            ),
        )
    )
    modal.add_item(ui.Label(text="Tell me how they voted", component=ui.Checkbox(custom_id="tell")))
    modal.stop()  # so that discord.py doesn't keep it; Controls routes what comes back
    return modal


def _filled(interaction: Interaction) -> dict[str, Any]:
    """What was filled in: text, a list of chosen values, or whether a box is ticked."""
    return {
        each["custom_id"]: each.get("values", each.get("value"))
        for each in forms.inputs(interaction)
    }


def _given(given: Given) -> str:
    delegation, replaced = given.delegation, given.replaced
    until = f" until {absolute(delegation.expires_at)}" if delegation.expires_at else ""
    instead = ""
    if replaced and replaced.delegate_id not in (None, delegation.delegate_id):
        instead = f" in place of <@{replaced.delegate_id}>"
    told = " You will be told how they voted." if delegation.tell else ""
    return (
        f"🤝 <@{delegation.delegate_id}> votes for you{instead} ({placed(given.place.name)})"
        f"{until}, wherever you don't vote yourself.{told} {_LATER}"
    )


def _shown(trust: Trust) -> discord.Embed:
    given = [_line(each, problem) for each, problem in trust.given]
    received = []
    for place, who in trust.received:
        names = ", ".join(f"<@{each}>" for each in who.members)
        more = f" and {who.count - len(who.members):,} more" * (who.count > len(who.members))
        received.append(f"**{placed(place.name)}**: {who.count:,} ({names}{more})")
    embed = discord.Embed(title="Your delegations", description=f"-# {_CHANGES}")
    for name, lines, none in (
        ("Who votes for you", given, "Nobody. Choose somebody with /delegate to."),
        ("For whom you vote", received, "Nobody."),
    ):
        text = "\n".join(fitting(lines, limits.FIELD)) or none
        embed.add_field(name=name, value=text, inline=False)
    return embed


def _line(given: Given, problem: str) -> str:
    """A delegation of the reader's own, and why it doesn't apply."""
    delegation = given.delegation
    who = f"<@{delegation.delegate_id}>" if delegation.delegate_id else "nobody"
    until = f" until {absolute(delegation.expires_at)}" if delegation.expires_at else ""
    tell = " · tells you how" if delegation.tell else ""
    still = "doesn't apply any more"
    if problem and problem == given.place.gone:
        still = "applies only to what was proposed before"
    gone = f" · ⚠️ {still}: {problem}" if problem else ""
    return f"**{placed(given.place.name)}**: {who}{until}{tell}{gone}"


def _explained(way: Way, asker: Member) -> str:
    proposal, name = way.proposal, states.named(way.proposal)
    if proposal.canceled:
        return f"{name} was canceled, so no power counts on it."
    if not proposal.delegates:
        return f"Delegations don't count on {name}: whoever wants to be counted votes."
    if way.mine:
        said = f"You voted on {name} yourself, so your power is in your own vote."
        if way.links:
            said += f" Your delegation to <@{way.links[0].delegation.delegate_id}> rests here."
        return said
    if way.fixed and not may_vote(asker, proposal):
        return f"You aren't in the electorate of {name}, so you have no power on it."
    if proposal.counted_at:
        return _path(way, name)
    return f"{_path(way, name)}\n{_CHANGES if way.fixed else _STILL}"


def _path(way: Way, name: str) -> str:
    trusted = [each for each in way.links if each.delegation.delegate_id is not None]
    if not trusted:
        said = f"On {name} nobody votes for you: your power counts if you vote."
        if way.proposal.counted_at:
            said = f"On {name} nobody voted for you, and you didn't vote."
        if way.links:
            said += f" You switched delegations off ({placed(way.links[0].place.name)})."
        return said
    steps = [f"→ <@{each.delegation.delegate_id}> ({placed(each.place.name)})" for each in trusted]
    if len(steps) > 2 * _SHOWN_LINKS:
        left_out = f"→ … {len(steps) - 2 * _SHOWN_LINKS:,} more …"
        steps[_SHOWN_LINKS:-_SHOWN_LINKS] = [left_out]
    return "\n".join([f"Where your power goes on {name}:", "you", *steps, _end(way)])


def _end(way: Way) -> str:
    final, over = f"<@{way.final}>", way.proposal.counted_at is not None
    if way.final is None and over:
        return "That was a circle on which nobody voted: it wasn't counted."
    if way.final is None:
        return "That is a circle: unless somebody on it votes, or you do, it isn't counted."
    if not way.fixed:
        return f"Unless somebody before votes, {final} votes with it. You can always vote yourself."
    if way.hidden:
        return "From there it goes on to the first who votes; who has voted is secret for now."
    if way.ballot is None and over:
        return f"{final} didn't vote, nor did anybody before: it wasn't counted."
    if way.ballot is None:
        return (
            f"{final} hasn't voted, nor has anybody before: it isn't counted unless one of them "
            "votes, or you do."
        )
    if way.proposal.hides_tally:
        return f"{final} has voted with it; how, is secret until the vote is counted."
    return f"{final} has voted with it: **{ballots.said(way.proposal, way.ballot.choice)}**."
