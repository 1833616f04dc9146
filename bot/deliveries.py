"""Sends what services put into the outbox: each announcement exactly once, in order."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

import aiohttp
import discord

from bot.result_messages import ResultMessages
from cogs import announcements
from cogs.answers import insist
from cogs.cards import GONE, Cards
from cogs.permissions import MODERATORS, PROPOSALS, RESULTS, complaint
from cogs.webhooks import Webhooks
from governance.deliveries import Delivery, Event, Target
from governance.errors import Unavailable
from governance.proposal import Proposal
from governance.texts import TITLE_LENGTH
from services import Services
from services.clock import Now

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
"""How often the outbox is looked at even if nobody said that there is something in it."""
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 300.0
"""Seconds before an announcement that failed is tried again; doubled each time."""
SERVERS_AT_ONCE = 50
"""Servers whose announcements are on their way at the same time; the others wait their turn."""
STOP_SECONDS = 3.0
"""How long a stop waits for announcements that are being sent."""
_LOOK_BACK = timedelta(minutes=2)
_LOOKING = discord.Permissions(view_channel=True, read_message_history=True)
_THREAD_EXISTS, _UNKNOWN_WEBHOOK = 160004, 10015


class Waits(Exception):
    """The announcement can't be sent now; the sentence tells moderators why."""


class Gone(Exception):
    """There is no place or no reason for it any more; it is never sent."""


class Sender:
    """One announcement at a time per server; a failed one is tried again with growing pauses."""

    def __init__(
        self,
        client: discord.Client,
        services: Services,
        cards: Cards,
        webhooks: Webhooks,
        results: ResultMessages,
        now: Now,
        discord_now: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._services = services
        self._cards = cards
        self._webhooks = webhooks
        self._results = results
        self._now = now
        self._discord_now = discord_now
        self._pauses: dict[int, tuple[float, float]] = {}  # delivery id: (pause, not before)
        self._lanes: dict[int, asyncio.Task[None]] = {}  # by server
        self._turns = asyncio.Semaphore(SERVERS_AT_ONCE)
        self._stopping = False

    async def run(self) -> None:
        """Send until stopped."""
        filled = self._services.outbox.filled
        while not self._stopping:
            filled.clear()
            try:
                await self._start_lanes()
            except Unavailable as error:
                log.warning("the outbox can't be read: %s", error)
            with suppress(TimeoutError):
                await asyncio.wait_for(filled.wait(), LOOK_SECONDS)

    async def stop(self) -> None:
        """Let the requests in flight finish; what waits is sent after the next start."""
        self._stopping = True
        self._services.outbox.filled.set()
        if lanes := list(self._lanes.values()):
            _, late = await asyncio.wait(lanes, timeout=STOP_SECONDS)
            for lane in late:
                lane.cancel()
            await asyncio.gather(*lanes, return_exceptions=True)
        self._services.outbox.stop()

    async def _start_lanes(self) -> None:
        """Let each server's announcements go their way, so that none waits for another server."""
        outbox, servers = self._services.outbox, dict[int, list[Delivery]]()
        under_way = set(self._lanes)  # what such a lane delivers while it is read still waits there
        # A lane that is under way sets pauses of its own; its server is mended after it.
        mended = outbox.mended - self._lanes.keys()
        outbox.mended -= mended
        for each in await outbox.waiting():
            if each.guild_id in mended:
                self._pauses.pop(each.id, None)
            servers.setdefault(each.guild_id, []).append(each)
        channels = {
            guild_id: await self._services.spaces.results_channels(guild_id)
            for guild_id, waiting in servers.items()
            if any(each.space_id for each in waiting)
        }
        for guild_id, waiting in servers.items():
            # A server that isn't there yet, or isn't ours any more, keeps what waits.
            guild = self._client.get_guild(guild_id)
            if guild and not guild.unavailable and guild_id not in under_way:
                self._lanes[guild_id] = asyncio.create_task(
                    self._take_turn(guild_id, waiting, channels.get(guild_id, {}))
                )

    async def _take_turn(
        self, guild_id: int, waiting: Sequence[Delivery], channels: Mapping[int, int | None]
    ) -> None:
        async with self._turns:
            await self._send_all(guild_id, waiting, channels)

    async def _send_all(
        self, guild_id: int, waiting: Sequence[Delivery], channels: Mapping[int, int | None]
    ) -> None:
        """Send a card before what its thread says, and a channel's results one after the other.

        `channels` are those of the spaces, where there are such.
        """
        blocked: set[tuple[int | None, Target]] = set()
        try:
            for each in waiting:
                if self._stopping:
                    break
                results = each.target is Target.RESULTS
                place = (channels.get(each.space_id) if results else each.proposal_id, each.target)
                card = (each.proposal_id, Target.CARD)
                if place in blocked or (each.target is Target.THREAD and card in blocked):
                    continue
                pause, not_before = self._pauses.get(each.id, (FIRST_PAUSE, 0.0))
                if time.monotonic() < not_before:
                    blocked.add(place)
                elif await self._sent(each):
                    self._pauses.pop(each.id, None)
                else:
                    blocked.add(place)
                    self._pauses[each.id] = (
                        min(pause * 2, LONGEST_PAUSE),
                        time.monotonic() + pause,
                    )
        finally:
            del self._lanes[guild_id]
            if not blocked or guild_id in self._services.outbox.mended:
                self._services.outbox.filled.set()  # more may have come meanwhile

    async def _sent(self, delivery: Delivery) -> bool:
        """Whether it is delivered (or dropped) now."""
        outbox = self._services.outbox
        try:
            problem = await self._problem(delivery)
            if problem is None:
                await outbox.delivered(delivery, self._now())
            else:
                await outbox.failed(delivery, problem)
        except Gone as gone:
            log.warning("delivery %d is dropped: %s", delivery.id, gone)
            await outbox.dropped(delivery, str(gone), self._now())
            return True
        except Unavailable as error:
            log.warning("delivery %d waits for the database: %s", delivery.id, error)
            return False
        except Exception:
            log.exception("delivery %d failed", delivery.id)
            return False
        return problem is None

    async def _problem(self, delivery: Delivery) -> str | None:
        """Send it; why that didn't work, None where it did."""
        known = await self._services.proposals.by_ids([delivery.proposal_id])
        try:
            await self._send(delivery, known[delivery.proposal_id])
        except Waits as waits:
            return str(waits)
        except discord.HTTPException as error:
            log.warning("delivery %d failed: %s", delivery.id, error)
            return f"Discord refused it: {error.text or error.status}."
        except (aiohttp.ClientError, OSError, TimeoutError, discord.RateLimited) as error:
            log.warning("delivery %d failed: %r", delivery.id, error)
            return "Discord can't be reached."
        return None

    async def _send(self, delivery: Delivery, proposal: Proposal) -> None:
        match delivery.target:
            case Target.CARD:
                await self._put_card(delivery, proposal)
            case Target.THREAD:
                await self._post_in_thread(delivery, proposal)
            case Target.RESULTS:
                await self._post_result(delivery, proposal)
            case Target.MODERATORS:
                await self._tell_moderators(delivery, proposal)

    async def _put_card(self, delivery: Delivery, proposal: Proposal) -> None:
        """A plain message first, whose words are the notification; then the thread and the card."""
        if proposal.message_id is None:
            channel = await self._channel(proposal, "proposals_channel", PROPOSALS)
            again = delivery.event is Event.REPOSTED
            line = announcements.reposted(proposal) if again else announcements.proposed(proposal)
            message_id = await self._post(delivery, channel, [line])
            proposal = await self._place(proposal, channel.id, message_id, proposal.thread_id)
        try:
            if proposal.thread_id is None:
                thread_id = await self._open_thread(proposal)
                await self._place(proposal, proposal.channel_id, proposal.message_id, thread_id)
            await self._cards.put(proposal.id)
        except discord.NotFound as error:
            if error.code not in GONE:
                raise
            await self._place(proposal, None, None, None)
            await self._services.outbox.start_again(delivery)
            raise Waits("its message was deleted before it became a card.") from None

    async def _open_thread(self, proposal: Proposal) -> int:
        channel = self._client.get_partial_messageable(
            proposal.channel_id or 0, guild_id=proposal.guild_id
        )
        message = channel.get_partial_message(proposal.message_id or 0)
        try:
            thread = await insist(lambda: message.create_thread(name=proposal.name[:TITLE_LENGTH]))
        except discord.HTTPException as error:
            if error.code != _THREAD_EXISTS:
                raise
            return message.id  # a thread has the id of the message it starts from
        return thread.id if thread else message.id

    async def _place(
        self,
        proposal: Proposal,
        channel_id: int | None,
        message_id: int | None,
        thread_id: int | None,
    ) -> Proposal:
        await self._services.proposals.placed(
            proposal, channel_id=channel_id, message_id=message_id, thread_id=thread_id
        )
        return (await self._services.proposals.by_ids([proposal.id]))[proposal.id]

    async def _post_in_thread(self, delivery: Delivery, proposal: Proposal) -> None:
        if proposal.thread_id is None:
            raise Gone("the discussion thread was deleted")
        thread = self._client.get_partial_messageable(proposal.thread_id)
        if delivery.tried_at:
            self._require_sight(proposal.channel_id)
        messages, embed = await self._words(delivery, proposal)
        try:
            await self._post(delivery, thread, messages, embed)
        except discord.NotFound as error:
            if error.code not in GONE:
                raise
            await self._place(proposal, proposal.channel_id, proposal.message_id, None)
            raise Gone("the discussion thread was deleted") from None
        if delivery.event is Event.EDITED:
            # Discord allows two new names in ten minutes; nothing waits for this one.
            with suppress(discord.HTTPException, discord.RateLimited):
                await self._rename(proposal)

    async def _tell_moderators(self, delivery: Delivery, proposal: Proposal) -> None:
        settings = await self._services.settings.get(proposal.guild_id)
        if settings.moderators_channel is None:
            raise Waits(
                f"{announcements.mismatched(proposal)} To be told of such things in a channel: "
                "/setup moderators_channel:"
            )
        channel = await self._channel(proposal, "moderators_channel", MODERATORS)
        await self._post(delivery, channel, [announcements.mismatched(proposal)])

    async def _words(
        self, delivery: Delivery, proposal: Proposal
    ) -> tuple[list[str], discord.Embed | None]:
        """What an event says in the thread."""
        match delivery.event:
            case Event.REPOSTED:
                if proposal.thread_id != proposal.message_id:
                    raise Gone("the thread of the deleted card goes on")
                return announcements.full_text(proposal.text), None
            case Event.PROPOSED:
                text = await self._services.proposals.text_of_version(
                    proposal.id, delivery.version or 1
                )
                return announcements.full_text(text or proposal.text), None
            case Event.SUBMITTED:
                return [announcements.submitted(proposal)], None
            case Event.EXTENDED:
                return [announcements.extended(proposal)], None
            case Event.EDITED:
                text = await self._services.proposals.text_of_version(proposal.id, delivery.version)
                return announcements.edited(delivery.version, text or proposal.text), None
            case Event.OPENED:
                return [announcements.opened(proposal)], None
            case Event.CLOSED | Event.CANCELED:
                _require_true(delivery, proposal)
                line, embed = announcements.ended(proposal)
                return [line], embed
            case Event.MISMATCHED:
                return [announcements.mismatched(proposal)], None

    async def _rename(self, proposal: Proposal) -> None:
        thread = await self._client.fetch_channel(proposal.thread_id or 0)
        name = proposal.name[:TITLE_LENGTH]
        if isinstance(thread, discord.Thread) and thread.name != name:
            await thread.edit(name=name)

    async def _post(
        self,
        delivery: Delivery,
        channel: discord.abc.Messageable,
        messages: Sequence[str],
        embed: discord.Embed | None = None,
    ) -> int:
        """Post those messages that aren't there yet; returns the id of the last one.

        Discord knows a nonce for some minutes only: what an earlier try left behind is looked up.
        """
        outbox, sent, last = self._services.outbox, delivery.sent, delivery.message_id or 0
        if delivery.tried_at and sent < len(messages):
            after = discord.Object(last) if last else delivery.tried_at - _LOOK_BACK
            me = self._client.user
            async for found in channel.history(limit=None, after=after, oldest_first=True):
                mine = me and found.author.id == me.id
                if mine and sent < len(messages) and found.content == messages[sent]:
                    sent, last = sent + 1, found.id
                    await outbox.confirmed(delivery, sent, last)
        for number, content in enumerate(messages[sent:], start=sent):
            await outbox.trying(delivery, self._discord_now())
            nonce = f"{delivery.nonce}-{number}"
            async with self._noting_refusal(delivery):
                posted = await self._say(channel, content, nonce, embed if number == 0 else None)
            last = posted.id
            await outbox.confirmed(delivery, number + 1, last)
        return last

    @asynccontextmanager
    async def _noting_refusal(self, delivery: Delivery) -> AsyncIterator[None]:
        """Around a post, and nothing else: what Discord refuses (4xx) has a known outcome."""
        try:
            yield
        except discord.HTTPException as error:
            if error.status < 500:
                await self._services.outbox.refused(delivery)
            raise

    async def _say(
        self,
        channel: discord.abc.Messageable,
        content: str,
        nonce: str,
        embed: discord.Embed | None,
    ) -> discord.Message:
        what = {"embed": embed} if embed else {"suppress_embeds": True}
        posted = await insist(lambda: channel.send(content, nonce=nonce, **what))
        if posted is None:
            raise Waits("Discord's answer was lost.")
        return posted

    async def _post_result(self, delivery: Delivery, proposal: Proposal) -> None:
        _require_true(delivery, proposal)
        content, embed, file = await self._results.of(proposal)
        webhook = await self._results_webhook(proposal)
        outbox = self._services.outbox
        if delivery.tried_at and (found := await self._posted_result(delivery, webhook, content)):
            await outbox.confirmed(delivery, 1, found)
            return
        await outbox.trying(delivery, self._discord_now())
        try:
            async with self._noting_refusal(delivery):
                message_id = await self._webhooks.post(webhook, content, embed, file)
        except discord.NotFound as error:
            if error.code != _UNKNOWN_WEBHOOK:
                raise
            ground = await self._services.spaces.ground(proposal.guild_id)
            home = ground.source(proposal.space_id, "results_channel")
            self._webhooks.forget(proposal.guild_id, home)
            outbox.try_again(proposal.guild_id)
            raise Waits("the webhook was deleted; a new one is made.") from None
        await outbox.confirmed(delivery, 1, message_id)

    async def _posted_result(
        self, delivery: Delivery, webhook: discord.Webhook, content: str
    ) -> int | None:
        """The message that an earlier try left behind, if it did.

        A webhook's messages have no nonce, and their words may be hidden from the bot. They are
        sent one at a time, so one since the last confirmed one is this one.
        """
        channels = await self._services.spaces.results_channels(delivery.guild_id)
        here = [each for each, to in channels.items() if to == channels[delivery.space_id]]
        last = await self._services.outbox.last_result_message(delivery.guild_id, here)
        tried = delivery.tried_at or self._discord_now()
        self._require_sight(webhook.channel_id)
        after = max(last, discord.utils.time_snowflake(tried - _LOOK_BACK))
        channel = self._client.get_partial_messageable(webhook.channel_id or 0)
        async for found in channel.history(
            limit=None, after=discord.Object(after), oldest_first=True
        ):
            if found.webhook_id == webhook.id and found.content in ("", content):
                return found.id
        return None

    def _require_sight(self, channel_id: int | None) -> None:
        """Before what was posted is looked for: whom Discord hides it from, it shows nothing."""
        channel = self._client.get_channel(channel_id or 0)
        if isinstance(channel, discord.abc.GuildChannel) and (
            problem := complaint(channel, _LOOKING)
        ):
            raise Waits(problem)

    async def _results_webhook(self, proposal: Proposal) -> discord.Webhook:
        try:
            webhook = await self._webhooks.for_results(proposal.guild_id, proposal.space_id)
        except discord.Forbidden:
            await self._channel(proposal, "results_channel", RESULTS)
            raise
        if webhook is None:
            # Gone, or seen no more; either is said.
            await self._channel(proposal, "results_channel", RESULTS)
            raise Waits("the results channel was there only just now.")
        return webhook

    async def _channel(
        self, proposal: Proposal, setting: str, needed: discord.Permissions
    ) -> discord.TextChannel:
        """The channel of the proposal's space, if it is there and the bot may do what it has to."""
        ground = await self._services.spaces.ground(proposal.guild_id)
        channel_id: int | None = getattr(ground.settings(proposal.space_id), setting)
        channel = self._client.get_channel(channel_id or 0)
        if not isinstance(channel, discord.TextChannel):
            home = ground.spaces.get(ground.source(proposal.space_id, setting))
            command = f"/space edit space:{home.name}" if home else "/setup"
            name = setting.replace("_", " ")
            raise Waits(f"the {name} was deleted. Choose another: {command} {setting}:")
        if problem := complaint(channel, needed):
            raise Waits(problem)
        return channel


def _require_true(delivery: Delivery, proposal: Proposal) -> None:
    if delivery.event is Event.CLOSED and proposal.canceled:
        raise Gone("the proposal was canceled meanwhile")
