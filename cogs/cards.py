"""Draws a proposal's public message, and keeps it up to date with few edits."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from weakref import WeakValueDictionary

import aiohttp
import discord
from discord import ui

from cogs import controls, states, tallies
from cogs.answers import insist
from cogs.markdown import beginning, escaped, relative, shown
from cogs.rules import explained, power_line
from governance.errors import Unavailable
from governance.proposal import Proposal, ProposalState, state, takes_votes
from governance.rules import Reasons
from governance.types import STANDARD
from governance.voting import basic, multisig
from governance.voting.system import Shape
from services import Services
from services.clock import Now

log = logging.getLogger(__name__)

PAUSE = 1.25
"""Seconds between two edits in a channel; Discord allows five in five."""
OLD_PAUSE = 12.0
"""Seconds between two edits of a message older than an hour, which Discord limits harder."""
OLD_SECONDS = 3600
BACK_OFF, LONGEST_BACK_OFF = 20.0, 3600.0
"""Seconds without edits in a channel after Discord refused one; for that card doubled each time."""
CLOSE_SECONDS = 3.0
"""How long a stop waits for edits in flight."""
GONE = (10008, 10003)
"""Discord's codes for a message, and a channel, that doesn't exist."""

_BEGINNING = 300
_TEXT_LENGTH = 3900  # of all texts of a message; Discord's limit is 4000
_SUMMARY_ROOM = 1200  # for how the vote stands
_BUTTONS = 5  # choices that fit into one row of buttons
_LABEL_LENGTH = 80
_STYLES = {
    basic.NAME: {
        basic.FOR: discord.ButtonStyle.success,
        basic.AGAINST: discord.ButtonStyle.danger,
    },
    multisig.NAME: {
        multisig.APPROVE: discord.ButtonStyle.success,
        multisig.REJECT: discord.ButtonStyle.danger,
    },
}
_AGAINST = {basic.NAME: basic.AGAINST, multisig.NAME: multisig.REJECT}


def draw(proposal: Proposal, now: datetime, space: str = "") -> ui.LayoutView:
    """The card: readable without pictures, with controls only while they work.

    `space` is the name of the proposal's, where it has one.
    """
    current = state(proposal, now)
    early = current in (ProposalState.DRAFT, ProposalState.PENDING)
    cut = len(proposal.text.body) > _BEGINNING
    if proposal.thread_id:
        more = "The full text is in the thread." if cut else "Discuss it in the thread."
    else:
        more = f"The thread is gone; for the full text: /proposal show {proposal.number}"
    body = shown(beginning(proposal.text.body, _BEGINNING))
    author = f"by <@{proposal.author_id}> · {power_line(proposal.rules)}"
    if proposal.rules.system != basic.NAME:
        author += f" · {proposal.system.TITLE}"
    if proposal.type != STANDARD.name:
        author += f" · {escaped(proposal.type)}"
    if where := states.place(proposal, space):
        author += f" · {where}"
    link = f" · 🔗 <{proposal.text.link}>" if proposal.text.link else ""
    texts = [
        f"## {states.named(proposal)}",
        f"{states.headline(proposal, now)}\n{author}",
        f"{body}\n-# {more}{link}",
    ]
    below = [f"-# {explained(proposal)}"]
    if not early:
        below = [f"-# {tallies.turnout(proposal)} · updated {relative(now)}", *below]
    room = min(_SUMMARY_ROOM, _TEXT_LENGTH - sum(map(len, texts + below)))
    if not early:
        below = [tallies.tally(proposal, room, now), *below]
    elif proposal.text.choices and not proposal.system.CHOICES:
        below = [tallies.choices(proposal, room), *below]
    card: ui.Container[ui.LayoutView] = ui.Container(accent_colour=states.COLOURS[current])
    for text in texts:
        card.add_item(ui.TextDisplay(text))
    card.add_item(ui.Separator())
    for text in below:
        card.add_item(ui.TextDisplay(text))
    for row in _controls(proposal, now):
        card.add_item(row)
    view = ui.LayoutView(timeout=None)
    view.add_item(card)
    view.stop()  # so that discord.py doesn't keep it; Controls routes what is pressed
    return view


def _controls(proposal: Proposal, now: datetime) -> list[ui.ActionRow[ui.LayoutView]]:
    if takes_votes(proposal, now):
        mine = controls.custom_id("mine", proposal.id)
        return [vote_buttons(proposal), ui.ActionRow(ui.Button(label="My vote", custom_id=mine))]
    wanted = state(proposal, now) is ProposalState.DRAFT and proposal.shared_at
    if not wanted or not proposal.rules.sponsors:
        return []
    sponsor = controls.custom_id("sponsor", proposal.id, proposal.version)
    return [
        ui.ActionRow(
            ui.Button(label="Sponsor", style=discord.ButtonStyle.primary, custom_id=sponsor)
        )
    ]


def vote_buttons(proposal: Proposal) -> ui.ActionRow[ui.LayoutView]:
    """One press, one vote; or one to a panel or a form, where a ballot takes more than a press."""
    rules, styles = proposal.rules, _STYLES.get(proposal.rules.system, {})
    shape = proposal.system.SHAPE
    if shape is not Shape.ONE or len(proposal.choices) > _BUTTONS:
        verb = "stake" if shape is Shape.STAKES else "ballot"
        to = controls.custom_id(verb, proposal.id)
        return ui.ActionRow(
            ui.Button(label="Vote", style=discord.ButtonStyle.primary, custom_id=to)
        )
    # Whether a form has to ask for the reason must be known before anything is looked up.
    asked = {
        Reasons.OPTIONAL: (),
        Reasons.AGAINST: (_AGAINST.get(rules.system),),
        Reasons.REQUIRED: range(1, len(proposal.choices) + 1),
    }[Reasons(rules.reasons)]
    return ui.ActionRow(
        *(
            ui.Button(
                label=beginning(name, _LABEL_LENGTH),
                style=styles.get(choice, discord.ButtonStyle.secondary),
                custom_id=controls.custom_id(
                    "vote-why" if choice in asked else "vote", proposal.id, choice
                ),
            )
            for choice, name in enumerate(proposal.choices, 1)
        )
    )


class Cards:
    """Follows the votes: one edit in flight per channel, and a pause after each."""

    def __init__(
        self,
        client: discord.Client,
        services: Services,
        now: Now,
        discord_now: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._services = services
        self._now = now
        self._discord_now = discord_now
        self._lanes: dict[int, _Lane] = {}  # by channel
        self._edits: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._refused: dict[int, tuple[float, float]] = {}  # proposal id: (pause, not before)
        self._absent: dict[int, dict[int, Proposal]] = {}  # by server and id
        self._closed = False

    def mark(self, proposal: Proposal, *, at_once: bool = False) -> None:
        """The card is behind; edit it soon, or `at_once` without waiting for the pause."""
        if self._closed or proposal.channel_id is None or proposal.message_id is None:
            return  # drawn from the facts when it is posted
        guild = self._client.get_guild(proposal.guild_id)
        if guild is None or guild.unavailable:
            self._absent.setdefault(proposal.guild_id, {})[proposal.id] = proposal
            return
        if self._refused.get(proposal.id, (0.0, 0.0))[1] > time.monotonic():
            return  # a later sweep comes back to it
        lane = self._lanes.get(proposal.channel_id)
        if lane is None:
            lane = self._lanes[proposal.channel_id] = _Lane()
            lane.task = asyncio.create_task(self._follow(proposal.channel_id, lane))
        lane.add(proposal.id, at_once)

    def welcome(self, guild_id: int) -> None:
        """The server is there (again): go on with its cards that are behind."""
        for proposal in self._absent.pop(guild_id, {}).values():
            self.mark(proposal)

    async def sweep(self) -> None:
        """Mark every card that is behind: after a start, and after edits that failed."""
        for proposal in await self._services.proposals.behind():
            self.mark(proposal)

    async def close(self) -> None:
        """Let the edits in flight finish; what waits is behind, and swept after the next start."""
        self._closed = True
        tasks = [lane.task for lane in self._lanes.values() if lane.task]
        for lane in self._lanes.values():
            lane.close()
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=CLOSE_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def put(self, proposal_id: int) -> None:
        """Edit the card now, from the facts as they are. Discord's refusals are raised."""
        # Two edits at once could land in either order, and leave the older one on the card.
        async with self._edits.setdefault(proposal_id, asyncio.Lock()):
            proposal = (await self._services.proposals.by_ids([proposal_id]))[proposal_id]
            if proposal.channel_id is None or proposal.message_id is None:
                return
            channel = self._client.get_partial_messageable(proposal.channel_id)
            message = channel.get_partial_message(proposal.message_id)
            space = await self._services.spaces.name(proposal.guild_id, proposal.space_id)
            view = draw(proposal, self._now(), space)
            await insist(lambda: message.edit(content=None, view=view))
            await self._services.proposals.drawn(proposal)

    async def _follow(self, channel_id: int, lane: "_Lane") -> None:
        try:
            while (proposal_id := await lane.next()) is not None:
                pause = await self._refresh(proposal_id, lane)
                lane.free_at = time.monotonic() + pause  # from the end of the edit on
        finally:
            del self._lanes[channel_id]

    async def _refresh(self, proposal_id: int, lane: "_Lane") -> float:
        """Edit one card; returns the pause that the channel needs after it, in seconds."""
        try:
            proposal = (await self._services.proposals.by_ids([proposal_id]))[proposal_id]
            if proposal.message_id is None:
                return 0.0
            age = self._discord_now() - discord.utils.snowflake_time(proposal.message_id)
            if age.total_seconds() > OLD_SECONDS:
                lane.not_before[proposal_id] = time.monotonic() + OLD_PAUSE
            await self._edit(proposal)
        except discord.RateLimited as error:
            lane.add(proposal_id, at_once=False)  # once the limit is over
            return error.retry_after
        except (
            Unavailable,
            discord.HTTPException,
            aiohttp.ClientError,
            OSError,
            TimeoutError,
        ) as error:
            # The card stays marked as behind, so a later sweep comes back to it.
            log.warning("the card of proposal %d could not be edited: %s", proposal_id, error)
            pause, _ = self._refused.get(proposal_id, (BACK_OFF, 0.0))
            self._refused[proposal_id] = (
                min(2 * pause, LONGEST_BACK_OFF),
                time.monotonic() + pause,
            )
            return BACK_OFF
        self._refused.pop(proposal_id, None)
        return PAUSE

    async def _edit(self, proposal: Proposal) -> None:
        try:
            await self.put(proposal.id)
        except KeyError as error:
            # What discord.py 2.7 makes of Discord's limit on edits of old messages (30046).
            raise Unavailable("Discord limits edits of this message") from error
        except discord.NotFound as error:
            if error.code not in GONE:
                raise
            await self._services.proposals.card_lost(proposal)
            self._services.outbox.try_again(proposal.guild_id)


class _Lane:
    """The edits that wait in one channel. Moments are seconds of the monotonic clock."""

    def __init__(self) -> None:
        self.waiting: dict[int, bool] = {}  # proposal id: at once
        self.not_before: dict[int, float] = {}  # proposal id: earliest moment, for old messages
        self.free_at = 0.0
        self.task: asyncio.Task[None] | None = None
        self._closed = False
        self._changed = asyncio.Event()

    def close(self) -> None:
        self._closed = True
        self._changed.set()

    def add(self, proposal_id: int, at_once: bool) -> None:
        known = self.waiting.get(proposal_id)
        if known is None or at_once > known:
            self.waiting[proposal_id] = at_once
            self._changed.set()

    async def next(self) -> int | None:
        """The proposal to edit, once its time has come; those to be edited at once come first.

        None when nothing waits and every pause is over, so that the lane can be forgotten.
        """
        while True:
            if self._closed:
                return None
            self._changed.clear()
            first = min(self.waiting, key=self._turn, default=None)
            if first is None:
                due = max(self.free_at, *self.not_before.values(), 0.0)
            else:
                due = self._turn(first)[0]
            delay = due - time.monotonic()
            if delay <= 0:
                if first is not None:
                    del self.waiting[first]
                return first
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), delay)

    def _turn(self, proposal_id: int) -> tuple[float, bool]:
        """When it may be edited; of two at the same time the urgent one, then who came first."""
        if self.waiting[proposal_id]:
            return 0.0, False
        return max(self.free_at, self.not_before.get(proposal_id, 0.0)), True
