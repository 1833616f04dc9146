"""A server with Folkmoot in it, over real sockets: what most tests start from."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot import app
from bot.config import Configuration, Sandbox
from sandbox.clock import Clock
from sandbox.discord import (
    Channel,
    Form,
    LocalDiscord,
    Message,
    Permission,
    Person,
    Thread,
)
from sandbox.discord.guilds import Webhook

NEEDED = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.READ_MESSAGE_HISTORY
    | Permission.MANAGE_WEBHOOKS
)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


class Moot:
    """The server Hamlet: channels, people, and the bot, which can be stopped and started."""

    def __init__(
        self,
        discord: LocalDiscord,
        clock: Clock,
        database_url: str,
        *,
        members_intent: bool = False,
        **settings: Any,
    ) -> None:
        self.discord, self.clock = discord, clock
        self.application = discord.add_application("Folkmoot", members_intent=members_intent)
        self.server = discord.add_server("Hamlet")
        self.owner = self.server.owner
        self.square = self.server.add_channel("square")
        self.proposals = self.server.add_channel("proposals")
        self.results = self.server.add_channel("results")
        self.bot_role = self.server.invite(self.application, NEEDED)
        self.configuration = Configuration(
            token=SecretStr(self.application.token),
            database=database_url,
            # Tests are faster than people, and a picture takes a second of a processor.
            **{"actions_at_once": 1000, "pictures": False, **settings},
            sandbox=Sandbox(
                host=discord.host,
                port=discord.port,
                authority=discord.authority,
                clock=clock.path,
            ),
        )
        self.bot: app.Folkmoot
        self._running = AsyncExitStack()

    async def start(self) -> None:
        """Start the bot, and wait until it serves."""
        self._running = AsyncExitStack()
        self.bot = await self._running.enter_async_context(app.running(self.configuration))

    async def stop(self) -> None:
        await self._running.aclose()

    async def setup(self, **options: Any) -> Message:
        """The owner sets the server up, with the channels that are there."""
        chosen = {"proposals_channel": self.proposals, "results_channel": self.results, **options}
        return await private(self.owner.command("setup", in_=self.square, **chosen))

    async def type(self, name: str, **options: Any) -> Message:
        """The owner makes a type of proposals."""
        answer = await private(
            self.owner.command("type create", in_=self.square, name=name, **options)
        )
        assert "/propose type:" in answer.text, answer.text
        return answer

    async def form(self, author: Person, **options: Any) -> Form:
        """The form that /propose opens."""
        form = await author.command("propose", in_=self.square, **options)
        assert isinstance(form, Form), form.text
        return form

    async def propose(
        self,
        author: Person,
        title: str = "Mend the well",
        body: str = "It is dry.",
        link: str = "",
        *,
        choices: Sequence[str] = (),
        amount: str = "",
        **options: Any,
    ) -> Message:
        """The author fills the form in; returns the private answer."""
        form = await self.form(author, **options)
        asked = {"choices": "\n".join(choices)} if choices else {}
        if amount:
            asked["amount"] = amount
        return await private(form.submit(title=title, body=body, link=link, **asked))

    async def proposed(self, author: Person, title: str = "Mend the well", **more: Any) -> Message:
        """A proposal's card, from the author's form on; `more` as for `propose`."""
        answer = await self.propose(author, title, **more)
        assert "is up" in answer.text, answer.text
        return self.owner.read(self.proposals)[-1]

    async def opened(self, author: Person, title: str = "Mend the well", **more: Any) -> Message:
        """A proposal's card with its vote open."""
        card = await self.proposed(author, title, **more)
        await self.wait_for_voting(card)
        return card

    async def wait_for_voting(self, card: Message) -> None:
        self.clock.advance(DAY)
        self.settle()
        await self.owner.sees(self.thread(card), "is open until")
        await self.owner.sees(self.proposals, "Active")

    async def wait_for_deadline(self, number: int = 1) -> Message:
        """Move past the end of voting; returns the result as everybody reads it."""
        self.clock.advance(3 * DAY)
        self.settle()
        return await self.owner.sees(self.results, f"#{number} ")

    def settle(self) -> None:
        """The bot, if it runs here, looks at once for what is due, not when its second is over."""
        jobs = self.bot._jobs
        for job in jobs._scheduler.get_jobs():
            if job.args == (jobs._settle,):
                job.modify(next_run_time=datetime.now(UTC))

    def thread(self, card: Message) -> Thread:
        found = next(t for t in self.owner.threads(self.proposals) if t.id == card.id)
        assert isinstance(found, Thread)
        return found

    def member(self, name: str, **more: Any) -> Person:
        return self.server.join(name, **more)

    def webhooks(self) -> list[Webhook]:
        """The webhooks of the server, as its moderators see them."""
        return [*self.proposals.webhooks.values(), *self.results.webhooks.values()]

    def edits(self, card: Message) -> list[Any]:
        """The edits of a card that the bot has asked for."""
        path = f"/messages/{card.id}"
        return [r for r in self.discord.requests if r.method == "PATCH" and r.path.endswith(path)]


async def private(answer: Any) -> Message:
    """The message that one person alone sees in answer to what they did."""
    message = await answer
    assert isinstance(message, Message), message
    assert message.ephemeral, message
    return message


@asynccontextmanager
async def hamlet(
    folder: Path,
    database_url: str,
    discord_settings: Mapping[str, Any] | None = None,
    **settings: Any,
) -> AsyncIterator[Moot]:
    """Hamlet with the bot running, with these settings of its process and of its Discord.

    `members_intent=True` lets it list the members.
    """
    clock = Clock(folder / "clock")
    try:
        given = {"identify_every": 0, "patience": 12, **(discord_settings or {})}
        async with LocalDiscord(clock=clock, **given) as discord:
            moot = Moot(discord, clock, database_url, **settings)
            await moot.start()
            try:
                yield moot
            finally:
                await moot.stop()
    finally:
        clock.close()


def visible(person: Person, channel: Channel) -> str:
    """All that a person reads in a channel."""
    return "\n".join(message.text for message in person.read(channel))
