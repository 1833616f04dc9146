"""The webhooks in the results channels of servers and their spaces.

Their tokens are kept in memory, never stored. A space that has no results channel of its own posts
through the webhook of the one whose channel it inherits; 0 is the server itself.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp
import discord

from cogs.permissions import RESULTS, complaint
from services import Services

_NAME = "Folkmoot results"
_UNKNOWN_WEBHOOK = 10015


class Webhooks:
    def __init__(
        self, client: discord.Client, services: Services, session: aiohttp.ClientSession
    ) -> None:
        """`session` must never repeat a request: a webhook's messages have no nonce."""
        self._client = client
        self._services = services
        self._session = session
        self._changing: dict[int, asyncio.Lock] = {}
        self._known: dict[tuple[int, int], discord.Webhook] = {}  # by server and space

    def changing(self, guild_id: int) -> asyncio.Lock:
        """To be held by whoever changes where results go: two at once would make two webhooks."""
        return self._changing.setdefault(guild_id, asyncio.Lock())

    async def existing(self, guild_id: int, space_id: int = 0) -> discord.Webhook | None:
        """The webhook of a space's own results channel, if Discord still has it."""
        if found := self._known.get((guild_id, space_id)):
            return found
        webhook_id = (await self._services.spaces.webhooks(guild_id)).get(space_id)
        if webhook_id is None:
            return None
        try:
            webhook = await self._client.fetch_webhook(webhook_id)
        except discord.NotFound as error:
            if error.code != _UNKNOWN_WEBHOOK:
                raise
            return None
        if webhook.token is None:  # somebody else's
            return None
        self._known[guild_id, space_id] = webhook
        return webhook

    async def for_results(self, guild_id: int, space_id: int) -> discord.Webhook | None:
        """The webhook for a space's results, made anew where somebody deleted it.

        None where there is no channel for them.
        """
        ground = await self._services.spaces.ground(guild_id)
        home = ground.source(space_id, "results_channel")
        if webhook := await self.existing(guild_id, home):
            return webhook
        channel = self._client.get_channel(ground.settings(space_id).results_channel or 0)
        if not isinstance(channel, discord.TextChannel):
            return None
        webhook = await self.in_channel(channel)
        await self._services.spaces.use_webhook(guild_id, home, webhook.id)
        self._known[guild_id, home] = webhook
        return webhook

    @asynccontextmanager
    async def moving(
        self, guild: discord.Guild, space_id: int | None, channel_id: int | None
    ) -> AsyncIterator[int | None]:
        """Around the change that lets a space (0: the server) announce its results in a channel.

        Yields the id of the webhook to be stored with it; the old one goes, and the new one again
        if the change fails. A `space_id` of None is a space that is being made.
        """
        known = await self._services.spaces.webhooks(guild.id)
        kept, old, new = None, None, None
        if space_id is not None:
            kept = known.pop(space_id, None)
            with suppress(discord.Forbidden):
                old = await self.existing(guild.id, space_id)
        moves = old is None or old.channel_id != channel_id
        if moves and channel_id:
            channel = guild.get_channel(channel_id)
            if isinstance(channel, discord.TextChannel) and not complaint(channel, RESULTS):
                new = await self.in_channel(channel)
        if moves and not channel_id:
            kept = None
        used = set(known.values())  # by others, who announce in the same channel
        try:
            if old and moves and (new or not channel_id) and old.id not in used:
                # Before it is forgotten: a command that breaks off here is repeated.
                with suppress(discord.NotFound, discord.Forbidden):
                    await old.delete(reason="Results are posted in another channel now")
            yield new.id if new else kept
        except BaseException:
            if new and new.id not in used:
                await new.delete()
            raise
        if moves and space_id is not None:
            self.forget(guild.id, space_id)

    async def post(
        self,
        webhook: discord.Webhook,
        content: str,
        embed: discord.Embed,
        file: discord.File | None = None,
    ) -> int:
        """Post one message; returns its id."""
        once = discord.Webhook.partial(webhook.id, webhook.token or "", session=self._session)
        posted = await once.send(
            content,
            embed=embed,
            file=file or discord.utils.MISSING,
            wait=True,
            allowed_mentions=discord.AllowedMentions.none(),
        )
        return posted.id

    async def in_channel(self, channel: discord.TextChannel) -> discord.Webhook:
        """Our one webhook in the channel, made if there is none; not yet the server's."""
        ours = await self._ours(channel)
        if not ours:
            made = await channel.create_webhook(name=_NAME, reason="Results are posted here")
            # Where an answer is missing the request is repeated, and makes another.
            ours = await self._ours(channel) or [made]
        # The oldest is the one that everybody keeps who does this at the same time.
        kept, *surplus = sorted(ours, key=lambda each: each.id)
        for each in surplus:
            with suppress(discord.NotFound):
                await each.delete(reason="One is enough")
        return kept

    async def _ours(self, channel: discord.TextChannel) -> list[discord.Webhook]:
        me = self._client.user
        return [
            each
            for each in await channel.webhooks()
            if each.token and each.name == _NAME and each.user == me
        ]

    def forget(self, guild_id: int, space_id: int = 0) -> None:
        """Ask Discord again next time."""
        self._known.pop((guild_id, space_id), None)
