"""`/power`: how much power a member has, and what it is put together from."""

from collections.abc import Sequence
from fractions import Fraction
from math import floor

import discord
from discord import app_commands
from discord.ext import commands

from cogs import answers, states
from cogs.answers import Interaction, server_of
from cogs.markdown import relative
from cogs.members import member_of, vouched_for
from cogs.proposal_option import chosen, suggestions
from cogs.tallies import amount
from governance.composition import Curve, Term, Told
from governance.errors import NotFound
from governance.options import spoken_quorum
from governance.power import UNIT
from governance.proposal import Proposal
from governance.rules import Rules
from governance.strategies import STRATEGIES, highest_role
from governance.types import STANDARD
from services import Services
from services.proposals import Which


class Power(commands.Cog):
    def __init__(self, services: Services) -> None:
        self._services = services

    @app_commands.command(
        name="power", description="See how much voting power a member has, and why"
    )
    @app_commands.guild_only()
    @app_commands.describe(
        member="Whose power; yours if you don't say",
        proposal="Which proposal, by number or title; else the server's rules of now count",
    )
    async def power(
        self,
        interaction: Interaction,
        member: discord.User | None = None,
        proposal: str | None = None,
    ) -> None:
        await answers.reply(
            interaction,
            await answers.in_time(interaction, self._told(interaction, member, proposal)),
        )

    @power.autocomplete("proposal")
    async def _suggest(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return await suggestions(self._services, interaction, typed, Which.ALL)

    async def _told(
        self,
        interaction: Interaction,
        asked: discord.User | discord.Member | None,
        typed: str | None,
    ) -> str:
        guild_id = server_of(interaction)
        if asked is None or asked.id == interaction.user.id:
            member, whose = member_of(interaction), "Your"
        elif isinstance(asked, discord.Member):
            member, whose = vouched_for(asked), f"<@{asked.id}>'s"
        else:
            raise NotFound(f"<@{asked.id}> isn't a member of this server, so it has no power here.")
        proposal: Proposal | None = None
        if typed is not None:
            proposal = await chosen(self._services, interaction, typed)
            rules, where = proposal.rules, f" on {states.named(proposal)}"
        else:
            _, rules = await self._services.types.find(guild_id, STANDARD.name)
            where = ""
        told = await self._services.powers.explain(guild_id, member, proposal)
        said = f"{whose} voting power{where}{in_words(told, rules)}"
        if proposal and proposal.hides_voters and proposal.delegates and proposal.snapshot_at:
            said += " What is carried for others is secret until the vote closes."
        return said


def in_words(told: Told, rules: Rules) -> str:
    """What follows “Your voting power”: `: 12 = 10 from the role @Elder + 2 reputation.`"""
    if not told.power and told.terms == ():
        return f"{_fixed(told)}: **0**, being outside of the electorate."
    first = _house(told.terms, told.power, rules)
    said = f"{_fixed(told)}{first}{_carried(told.carried, told.carries)}."
    if rules.second_power:
        plain = Rules(power=rules.second_power)
        second = _house(told.second_terms, told.second, plain)
        said += f" In the second house{second}{_carried(told.second_carried, told.carries)}."
    return said


def _fixed(told: Told) -> str:
    return f", fixed {relative(told.recorded_at)}" if told.recorded_at else ""


def _house(terms: Sequence[Term] | None, power: int | None, rules: Rules) -> str:
    if terms is None and power is None:
        return " isn't known at the moment, which doesn't mean that it is 0. Ask again in a minute"
    if terms is None:
        return f": **{amount(power or 0, UNIT)}**"
    total = floor(sum((term.power for term in terms), Fraction()))
    words = f": **{amount(total, UNIT)}** = {' + '.join(map(_term, terms))}"
    if power == total:
        return words
    counts = "how much of it counts isn't known at the moment"
    if power is not None:
        counts = f"of which **{amount(power, UNIT)}** count"
    return f"{words}, {counts}: {_limits(rules)}"


def _limits(rules: Rules) -> str:
    """Why not all of the sum counts."""
    limits = [f"at most {spoken_quorum(rules.power_cap)}"] if rules.power_cap else []
    if rules.power_curve == Curve.SQRT:
        limits.append("of that the square root" if limits else "the square root")
    return ", and ".join(limits)


def _term(term: Term) -> str:
    times = term.part.multiplier
    of = "" if times == 1 else f" ({times} × {amount(term.value, UNIT)})"
    return f"{amount(term.power, UNIT)} {_source(term)}{of}"


def _source(term: Term) -> str:
    """Where it comes from; the role by name where only one can be meant."""
    part = term.part
    strategy = STRATEGIES[part.strategy]
    meant = [each for each, weight in part.entries if weight == term.value]
    certain = len(part.entries) == 1 or part.strategy == highest_role.NAME
    if strategy.NAMES == "roles" and certain and len(meant) == 1:
        return f"from the role <@&{meant[0]}>"
    return strategy.SOURCE


def _carried(carried: int, carries: int) -> str:
    if not carried:
        return ""
    return f"; {amount(carried, UNIT)} more carried for {carries:,} member{'s' * (carries != 1)}"
