"""The composition root: builds every part, starts them, and stops them in order."""

import asyncio
import gc
import hashlib
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import discord
from discord.ext import commands

from bot.census import Census
from bot.config import Configuration
from bot.connection import connector, governance_clock, session_that_never_repeats
from bot.deliveries import Sender
from bot.discord_clock import DiscordClock
from bot.jobs import Jobs
from bot.notices import NoticeSender
from bot.pictures import Painter
from bot.result_messages import ResultMessages
from cogs.answers import Door, Tree
from cogs.cards import Cards
from cogs.controls import Controls
from cogs.delegates import Delegates
from cogs.delegation import Delegation
from cogs.drafts import Drafts
from cogs.forms import give_back
from cogs.power import Power
from cogs.proposals import Proposals
from cogs.reputation import Reputation
from cogs.settings import ServerSettings
from cogs.spaces import Spaces
from cogs.types import Types
from cogs.voting import Voting
from cogs.webhooks import Webhooks
from services import Services
from services.ballot_writer import BallotWriter
from services.clock import Now
from services.commands import Commands
from services.deadlines import Deadlines
from services.delegates import Delegates as DelegateService
from services.delegations import Delegations
from services.deliveries import Outbox
from services.notices import Notices
from services.powers import Powers
from services.proposals import Proposals as ProposalService
from services.proposing import Proposing
from services.reputation import Reputation as ReputationService
from services.results import Results
from services.settings import ServerSettings as SettingsService
from services.snapshots import Snapshots
from services.spaces import Spaces as SpaceService
from services.types import Types as TypeService
from services.voting import Voting as VotingService
from storage import schema
from storage.database import Database

log = logging.getLogger(__name__)

_LONGEST_WAIT = 30.0
"""Seconds that a request waits for Discord's rate limit at most; its sender tries again later."""
_LONGEST_ANSWER = 3.0
"""Seconds that a stop waits for answers on their way; Discord waits no longer for most."""


class Folkmoot(commands.Bot):
    """The gateway client; keeps no members and no messages."""

    def __init__(
        self,
        configuration: Configuration,
        services: Services,
        now: Now,
        writer: BallotWriter,
        census: Census,
    ) -> None:
        self.discord_clock = DiscordClock()
        discord_now = self.discord_clock.now
        self._door = door = Door(discord_now, configuration.actions_at_once)
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=discord.Intents(guilds=True),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            max_ratelimit_timeout=_LONGEST_WAIT,
            allowed_mentions=discord.AllowedMentions.none(),
            tree_cls=partial(Tree, door=door),  # type: ignore[arg-type]
            connector=connector(configuration.sandbox),
            http_trace=self.discord_clock.trace(),
        )
        self.services = services
        self.cards = Cards(self, services, now, discord_now)
        self.controls = Controls(door, give_back)
        self._posting = session_that_never_repeats(configuration.sandbox)
        self._webhooks = Webhooks(self, services, self._posting)
        self._painter = Painter() if configuration.pictures else None
        results = ResultMessages(services, self._painter)
        self._sender = Sender(self, services, self.cards, self._webhooks, results, now, discord_now)
        self._notices = NoticeSender(self, services.notices, discord_now)
        self._jobs = Jobs(services, self.cards)
        self._now = now
        self._writer = writer
        self._census = census
        self._tasks: list[asyncio.Task[None]] = []
        self.gateway: asyncio.Task[None]
        self.gateway_is_ready = asyncio.Event()

    async def setup_hook(self) -> None:
        services, cards, route, now = self.services, self.cards, self.controls, self._now
        await self.add_cog(route)
        await self.add_cog(ServerSettings(self, services, self._webhooks))
        await self.add_cog(Spaces(self, services, self._webhooks, route))
        await self.add_cog(Types(self, services, route, self._census.count))
        await self.add_cog(Proposals(services, cards, route, now))
        await self.add_cog(Drafts(services, cards, route))
        await self.add_cog(Voting(services, cards, route, now))
        await self.add_cog(Power(services))
        await self.add_cog(Reputation(services, route))
        await self.add_cog(Delegation(self, services, route))
        await self.add_cog(Delegates(self, services, route))
        await self._register_commands()
        self._tasks = [asyncio.create_task(self._writer.run())]

    async def on_connect(self) -> None:
        """The gateway's READY; it comes again after a lost session."""
        if self.gateway_is_ready.is_set():
            return
        self.gateway_is_ready.set()
        # What is here now stays: a collection that looked through it all would hold up votes.
        gc.freeze()
        log.info("ready as %s", self.user)
        for sender in (self._sender, self._notices):
            self._tasks.append(asyncio.create_task(sender.run()))
        self._jobs.start()
        await self.cards.sweep()

    async def on_guild_available(self, guild: discord.Guild) -> None:
        self.services.outbox.try_again(guild.id)
        self.cards.welcome(guild.id)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Invited, perhaps again: then what waited here goes on."""
        self.services.outbox.try_again(guild.id)
        await self.cards.sweep()

    async def wait_until(self, event: asyncio.Event) -> None:
        """Wait for the event; if the gateway connection ends for good first, raise why."""
        waiting = asyncio.ensure_future(event.wait())
        try:
            await asyncio.wait({self.gateway, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done():
                await self.gateway
        finally:
            waiting.cancel()

    async def close(self) -> None:
        """Finish what was acknowledged, then leave."""
        await asyncio.gather(
            self._jobs.stop(), self._sender.stop(), self._notices.stop(), self.cards.close()
        )
        await self.services.snapshots.stop()
        self._writer.stop()
        await asyncio.gather(*self._tasks)
        await self._door.all_answered(within=_LONGEST_ANSWER)
        if self._painter:
            await self._painter.close()
        await self._posting.close()
        await super().close()

    async def _register_commands(self) -> None:
        """Discord keeps commands; they are sent only when they have changed."""
        if self.application_id is None:
            raise RuntimeError("Discord didn't say which application this is")
        written = [command.to_dict(self.tree) for command in self.tree.get_commands()]
        found = hashlib.sha256(json.dumps(written, sort_keys=True).encode()).hexdigest()
        if await self.services.commands.registered(self.application_id) != found:
            await self.tree.sync()
            await self.services.commands.register(self.application_id, found)


def build(configuration: Configuration, database: Database) -> Folkmoot:
    """Every part of the process, nothing started; to be called inside the running loop."""
    now = governance_clock(configuration.sandbox)
    outbox = Outbox(database)
    writer = BallotWriter(database, now)
    census = Census()
    powers = Powers(database, now, census)
    snapshots = Snapshots(database, now, census, powers)
    services = Services(
        settings=SettingsService(database, outbox),
        spaces=SpaceService(database, now, outbox),
        types=TypeService(database, census.lists_members),
        proposing=Proposing(database, now, powers),
        proposals=ProposalService(database, now),
        voting=VotingService(database, now, writer, census, snapshots, powers),
        results=Results(database, now),
        deadlines=Deadlines(database, now, writer, outbox, census, snapshots, powers),
        snapshots=snapshots,
        powers=powers,
        reputation=ReputationService(database, now),
        delegates=DelegateService(database, now),
        delegations=Delegations(database, now, census),
        notices=Notices(database, now),
        outbox=outbox,
        commands=Commands(database),
    )
    bot = Folkmoot(configuration, services, now, writer, census)
    census.client = bot
    return bot


@asynccontextmanager
async def running(configuration: Configuration) -> AsyncIterator[Folkmoot]:
    """The bot, ready, for as long as the block lasts.

    Raises discord.LoginFailure, governance.errors.Unavailable, or what made the gateway fail.
    """
    token = configuration.secret_token
    database = Database(configuration.database_url)
    try:
        await schema.upgrade(database)
        bot = build(configuration, database)
        async with bot:
            await bot.login(token)
            bot.gateway = asyncio.create_task(bot.connect())
            try:
                await bot.wait_until(bot.gateway_is_ready)
                yield bot
            finally:
                await bot.close()
                await asyncio.gather(bot.gateway, return_exceptions=True)
    finally:
        await database.close()


async def run(configuration: Configuration, stop: asyncio.Event) -> None:
    """Run until `stop` is set or the gateway connection ends for good."""
    async with running(configuration) as bot:
        await bot.wait_until(stop)
