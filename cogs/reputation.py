"""`/reputation`: points granted and taken with a reason, who holds them, how they are earned."""

from collections.abc import Callable, Coroutine
from fractions import Fraction
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs import answers, controls, options
from cogs.answers import Interaction, server_of
from cogs.markdown import escaped, relative
from cogs.members import joined, member_of, named, split
from governance.electorate import Member
from governance.errors import NotFound
from governance.options import spoken_value
from governance.power import UNIT
from governance.reputation import MOST_POINTS, REASON_LENGTH, Entry, spoken
from governance.settings import ABOUT, Settings
from services import Services
from services.reputation import Account

_ENTRIES, _PLACES = 5, 20  # on a page; a reason may have 300 characters
_RULES = {
    name.removeprefix("reputation_").removeprefix("for_"): name
    for name, about in ABOUT.items()
    if about.group == "reputation"
}
"""The options of `/reputation rules` and the settings that they stand for."""

Points = app_commands.Range[int, 1, MOST_POINTS]
Reason = app_commands.Range[str, 1, REASON_LENGTH]


class Reputation(commands.Cog):
    def __init__(self, services: Services, route: controls.Controls) -> None:
        self._services = services
        route.on("reputation", 3, self._press_entries)
        route.on("leaderboard", 1, self._press_leaderboard)

    group = app_commands.Group(
        name="reputation", description="Points that members hold, and why", guild_only=True
    )

    async def cog_load(self) -> None:
        about = {option: ABOUT[name] for option, name in _RULES.items()}
        self.group.add_command(
            options.command(
                "rules", "See how reputation is earned and fades, or change it", self._rules, about
            )
        )

    @group.command(name="grant", description="Grant a member points, for a reason that is kept")
    @app_commands.describe(
        member="Who gets them", points="How many", reason="Why; everyone can read it"
    )
    async def grant(
        self, interaction: Interaction, member: discord.User, points: Points, reason: Reason
    ) -> None:
        grant = self._services.reputation.grant
        await self._move(interaction, grant, member, points, reason, "more", "granted")

    @group.command(name="take", description="Take points from a member, for a reason that is kept")
    @app_commands.describe(
        member="Who loses them", points="How many", reason="Why; everyone can read it"
    )
    async def take(
        self, interaction: Interaction, member: discord.User, points: Points, reason: Reason
    ) -> None:
        take = self._services.reputation.take
        await self._move(interaction, take, member, points, reason, "less", "took")

    async def _move(
        self,
        interaction: Interaction,
        move: Callable[[int, Member, Member, int, str], Coroutine[Any, Any, int]],
        member: discord.User,
        points: int,
        reason: str,
        how: str,
        done: str,
    ) -> None:
        held = await answers.in_time(
            interaction,
            move(server_of(interaction), member_of(interaction), named(member), points, reason),
        )
        await answers.reply(
            interaction,
            f"{member.mention} has {points:,} point{'s' * (points != 1)} {how}: {spoken(held)} "
            f"now. Everyone can see with /reputation show who {done} them, and why.",
        )

    @group.command(name="show", description="See what a member holds, and what it is made of")
    @app_commands.describe(member="Whose reputation; yours if you don't say")
    async def show(self, interaction: Interaction, member: discord.User | None = None) -> None:
        await self._show(interaction, (member or interaction.user).id, 0)

    async def _press_entries(self, interaction: Interaction, numbers: list[int]) -> None:
        page, *halves = numbers
        member_id = joined(*halves)
        if member_id >= 2**63:  # more than the database holds
            raise NotFound(controls.UNKNOWN)
        await self._show(interaction, member_id, page)

    async def _show(self, interaction: Interaction, member_id: int, page: int) -> None:
        account = await answers.in_time(
            interaction,
            self._services.reputation.of_member(
                server_of(interaction), member_id, limit=_ENTRIES + 1, offset=page * _ENTRIES
            ),
        )
        more = len(account.entries) > _ENTRIES
        view = controls.paging("reputation", page, more=more, numbers=split(member_id))
        embed = discord.Embed(title="Reputation", description=_described(account, page))
        await answers.reply(interaction, embed=embed, view=view)

    @group.command(name="leaderboard", description="See who holds most reputation")
    async def leaderboard(self, interaction: Interaction) -> None:
        await self._leaderboard(interaction, 0)

    async def _press_leaderboard(self, interaction: Interaction, numbers: list[int]) -> None:
        await self._leaderboard(interaction, numbers[0])

    async def _leaderboard(self, interaction: Interaction, page: int) -> None:
        places = await answers.in_time(
            interaction,
            self._services.reputation.leaderboard(
                server_of(interaction), limit=_PLACES + 1, offset=page * _PLACES
            ),
        )
        if not places:
            await answers.reply(
                interaction,
                "There is nobody else who holds reputation."
                if page
                else "Nobody holds reputation here yet. /reputation rules says how it is earned.",
            )
            return
        lines = [
            f"**{each.number}.** <@{each.member_id}> · {spoken(each.balance)}"
            for each in places[:_PLACES]
        ]
        more = len(places) > _PLACES
        view = controls.paging("leaderboard", page, more=more, labels=controls.IN_ORDER)
        embed = discord.Embed(title="Most reputation", description="\n".join(lines))
        await answers.reply(interaction, embed=embed, view=view)

    async def _rules(self, interaction: Interaction, given: dict[str, Any]) -> None:
        guild_id, reputation = server_of(interaction), self._services.reputation
        if given:
            changes = {_RULES[option]: value for option, value in given.items()}
            work = reputation.rules(guild_id, member_of(interaction), changes)
        else:
            work = self._services.settings.get(guild_id)
        await answers.reply(interaction, _rules(await answers.in_time(interaction, work)))


def _described(account: Account, page: int) -> str:
    """What a member holds, with a line for each entry on this page."""
    held = f"<@{account.member_id}> holds **{spoken(account.balance)}**."
    if not account.entries:
        return f"{held} There are no {'more ' * bool(page)}entries."
    return "\n".join([held, *(_line(*each) for each in account.entries[:_ENTRIES])])


def _line(entry: Entry, worth: Fraction) -> str:
    """`**+10** · For the harvest feast · by @Ann · 3 days ago · worth 7.5 points now`."""
    parts = [f"**{entry.points:+,}**", escaped(entry.reason)]
    if entry.given_by:
        parts.append(f"by <@{entry.given_by}>")
    parts.append(relative(entry.at))
    if worth != entry.points:
        parts.append(f"worth {spoken(int(abs(worth) * UNIT))} now")
    return " · ".join(parts)


def _rules(settings: Settings) -> str:
    lines = [
        f"**{option}**: {spoken_value(getattr(settings, name), ABOUT[name])} · {ABOUT[name].help}"
        for option, name in _RULES.items()
    ]
    lines.append(
        "A change of what is earned applies to votes that are counted from now on. A half-life "
        "applies to all points, earlier ones too; votes that have started keep their power."
    )
    return "\n".join(lines)
