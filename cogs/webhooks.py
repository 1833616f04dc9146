"""The webhook in each server's results channel. Its token is kept in memory, never stored."""

from contextlib import suppress

import aiohttp
import discord

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
        self._known: dict[int, discord.Webhook] = {}  # by server

    async def existing(self, guild_id: int) -> discord.Webhook | None:
        """The server's webhook, if Discord still has it."""
        if guild_id in self._known:
            return self._known[guild_id]
        _, webhook_id = await self._services.settings.with_webhook(guild_id)
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
        self._known[guild_id] = webhook
        return webhook

    async def for_results(self, guild_id: int) -> discord.Webhook | None:
        """The server's webhook, made anew where somebody deleted it; None without a channel."""
        if webhook := await self.existing(guild_id):
            return webhook
        settings = await self._services.settings.get(guild_id)
        channel = self._client.get_channel(settings.results_channel or 0)
        if not isinstance(channel, discord.TextChannel):
            return None
        webhook = await self.in_channel(channel)
        await self._services.settings.use_webhook(guild_id, webhook.id)
        self._known[guild_id] = webhook
        return webhook

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

    def forget(self, guild_id: int) -> None:
        """Ask Discord again next time."""
        self._known.pop(guild_id, None)
