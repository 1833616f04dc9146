"""One decision of the server Hamlet, from setup to the result, with a crash in between."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

from sandbox.bot_process import BotProcess
from sandbox.clock import Clock
from sandbox.discord import (
    Channel,
    Failed,
    Form,
    LocalDiscord,
    Message,
    Permission,
    Person,
    Role,
    Thread,
)
from sandbox.narrator import Narrator, Unmet
from sandbox.screen import Screen

TITLE = "Mend the well"
TEXT = {
    "title": TITLE,
    "body": "The well on the square has been dry since May. A mason from the next village lines it "
    "anew for **40 crowns** from the common chest, and is done within a week.",
    "link": "https://hamlet.example/well",
}
DAY = timedelta(days=1)
START_SECONDS = 20.0
PATIENCE = 10.0
"""Seconds that a reader waits for something to appear."""
NEEDED = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.READ_MESSAGE_HISTORY
    | Permission.MANAGE_WEBHOOKS
)


class Story:
    """Who and what there is in Hamlet; ``play`` lets it happen."""

    def __init__(self, discord: LocalDiscord, clock: Clock, bot: BotProcess) -> None:
        self.discord, self.clock, self.bot = discord, clock, bot
        self.hamlet = hamlet = discord.add_server("Hamlet", owner="Olive")
        self.square = hamlet.add_channel("square")
        self.proposals = hamlet.add_channel("proposals")
        self.results = hamlet.add_channel("results")
        self.villager = villager = hamlet.add_role("Villager")
        self.olive = hamlet.owner
        self.ann, self.ben, self.cleo, self.dan, self.eve = (
            hamlet.join(name, [villager]) for name in ("Ann", "Ben", "Cleo", "Dan", "Eve")
        )
        self.gus = hamlet.join("Gus")
        self.application = discord.add_application("Folkmoot")
        hamlet.invite(self.application, NEEDED)
        bot.configure(discord, self.application, clock)
        self.narrator = Narrator(Screen(hamlet.guild, clock), clock)
        self.card: Message
        self.thread: Thread

    async def play(self) -> None:
        """Play every scene; Unmet as soon as one doesn't go as expected."""
        self.narrator.title("Folkmoot: how Hamlet decides about its well")
        self.narrator.tell(
            f"A local Discord listens at https://{self.discord.host}:{self.discord.port}; the real "
            "bot is a process of its own, on a fresh database. What people do is told, what they "
            "read is framed, and ✓ marks what was expected."
        )
        for scene in (
            self.folkmoot_arrives,
            self.ann_proposes,
            self.people_discuss,
            self.eve_delegates,
            self.voting_opens,
            self.some_may_not_vote,
            self.the_bot_is_killed,
            self.the_bot_comes_back,
            self.the_vote_closes,
        ):
            await scene()

    async def folkmoot_arrives(self) -> None:
        self.narrator.scene("Folkmoot comes to Hamlet")
        self.narrator.tell(
            "Hamlet is a Discord server with the channels #square, #proposals and #results. Olive "
            "owns it. Ann, Ben, Cleo, Dan and Eve have the role @Villager; Gus, a guest, has not."
        )
        await self.start_bot("Folkmoot connects to Discord")
        await self.types(
            "Olive reads how Folkmoot is set up",
            self.olive,
            "setup",
            "quorum: 3",
            "All set",
            proposals_channel=self.proposals,
            results_channel=self.results,
            voting_role=self.villager,
            quorum=3,
        )

    async def ann_proposes(self) -> None:
        self.narrator.scene("Ann proposes")
        self.narrator.does(self.ann, "types /propose in #square, and fills in the form.")
        form = await self.narrator.form(
            "Ann gets a form", self.ann.command("propose", in_=self.square), TEXT
        )
        self.narrator.does(self.ann, "submits it.")
        await self.narrator.read(
            "Ann reads that her proposal is up", form.submit(TEXT), "is up", only=self.ann
        )
        self.narrator.tell("Everybody sees the card in #proposals.")
        self.card = await self.narrator.read(
            "the card tells when voting starts",
            self.ben.sees(self.proposals, TITLE, PATIENCE),
            "Pending · voting starts in 1 day",
            "by @Ann",
        )

    async def people_discuss(self) -> None:
        self.narrator.scene("Hamlet discusses it")
        if self.card.thread is None:
            raise Unmet("the card has a thread", "it has none")
        self.thread = self.card.thread
        self.narrator.tell("Below the card there is a thread, where people write.")
        text = self.ben.sees(self.thread, "mason", PATIENCE)
        await self.narrator.wait("the thread has the whole text", text)
        await self.ben.say(self.thread, "Forty crowns? My cousin would do it for thirty.")
        await self.ann.say(self.thread, "Your cousin lined the old one, Ben.")
        await self.eve.say(self.thread, "😄 Let's vote.")
        self.narrator.conversation(self.dan.read(self.thread))

    async def eve_delegates(self) -> None:
        self.narrator.scene("Eve trusts Ann")
        self.narrator.tell(
            "Eve may be at the market when Hamlet votes; then Ann is to vote for her."
        )
        self.narrator.does(self.eve, "chooses “Delegate to…” in the menu of Ann's name.")
        form = await self.narrator.form(
            "Eve gets a form",
            self.eve.command_on("Delegate to…", self.ann, in_=self.square),
            {"scope": "This server", "expires": "3 months", "tell": "☑"},
        )
        self.narrator.does(self.eve, "submits it.")
        await self.narrator.read(
            "Eve reads that it counts where she doesn't vote",
            form.submit(expires="3 months", tell=True),
            "votes for you (This server)",
            "wherever you don't vote yourself",
            only=self.eve,
        )
        self.narrator.tell("Ann is told in private.")
        await self.narrator.read(
            "Ann reads who trusts her",
            self.ann.receives(self.application, "lets you vote for them", PATIENCE),
            "@Eve lets you vote for them",
        )

    async def voting_opens(self) -> None:
        self.clock.advance(DAY)
        self.narrator.scene("A day later, voting opens by itself")
        self.narrator.tell("In the thread everybody reads:")
        await self.narrator.read(
            "the thread tells that voting is open",
            self.ann.sees(self.thread, "is open until", PATIENCE),
            "Voting on #1 Mend the well is open until",
        )
        self.narrator.tell("The card has buttons now.")
        await self.look_at_card("the card is open to votes", "Active", "[ For ] [ Against ]")
        await self.press(
            "Ann's vote is counted, and carries Eve's",
            self.ann,
            "For",
            "Counted on #1",
            "with 2 votes (1 your own, 1 carried for 1 member",
        )
        self.narrator.tell("Eve, who asked for it, is told in private.")
        await self.narrator.read(
            "Eve reads how Ann voted for her",
            self.eve.receives(self.application, "has voted", PATIENCE),
            "Their vote: For",
            "unless you vote yourself",
        )
        await self.types(
            "Ben's vote is counted, with his reason",
            self.ben,
            "vote",
            "Counted on #1",
            "Against",
            "My cousin is cheaper.",
            proposal="1",
            choice="Against",
            reason="My cousin is cheaper.",
        )
        await self.press("Cleo's vote is counted", self.cleo, "Against", "Counted on #1", "Against")

    async def some_may_not_vote(self) -> None:
        self.narrator.scene("Two who may not vote")
        await self.press(
            "Gus reads that he lacks the role", self.gus, "For", "role @Villager can vote"
        )
        self.narrator.tell("Finn joins Hamlet, and gets the role @Villager at once.")
        finn = self.hamlet.join("Finn", [self.villager])
        await self.press(
            "Finn reads that he came too late", finn, "Against", "You joined after voting"
        )
        self.narrator.tell("The card follows the votes.")
        await self.look_at_card(
            "the card shows three votes, and a fourth that is carried",
            "3 voters",
            "4 votes of power, 1 of them carried",
            "50 % · 2",
        )

    async def the_bot_is_killed(self) -> None:
        self.narrator.scene("The bot is killed")
        self.narrator.tell("In the middle of the vote the bot's process is killed: kill -9.")
        await self.bot.kill()
        self.narrator.does(self.dan, "presses [ For ].")
        self.narrator.does(self.eve, "types /vote proposal:1 choice:Abstain")
        self.narrator.tell("… Discord gives the bot three seconds to answer …")
        pressed, typed = await asyncio.gather(
            _in_vain(self.dan.press(self.card, "For")),
            _in_vain(self.eve.command("vote", in_=self.square, proposal="1", choice="Abstain")),
        )
        self.narrator.notice(self.dan, pressed)
        self.narrator.expect(
            "Dan reads that it failed", pressed == "This interaction failed", pressed
        )
        self.narrator.notice(self.eve, typed)
        self.narrator.expect(
            "Eve reads that it failed", typed == "The application did not respond", typed
        )

    async def the_bot_comes_back(self) -> None:
        self.narrator.scene("The bot comes back")
        await self.start_bot("Folkmoot connects again")
        self.narrator.tell("The card is still the old one. Its buttons work.")
        await self.press(
            "Cleo's vote from before the crash is there", self.cleo, "My vote", "Against"
        )
        await self.press(
            "Cleo changes her vote", self.cleo, "For", "Changed on #1", "from Against to For"
        )
        await self.press("Dan's failed press counted nothing", self.dan, "My vote", "haven't voted")
        await self.press("Dan's vote is counted", self.dan, "For", "Counted on #1", "For")
        self.narrator.tell(
            "Eve is there after all. With her vote she takes her power back from Ann:"
        )
        await self.types(
            "Eve's vote is counted",
            self.eve,
            "vote",
            "Counted on #1",
            "Abstain",
            proposal="1",
            choice="Abstain",
        )
        await self.press(
            "Ann's vote is her own only", self.ann, "My vote", "For, with 1 vote (one member"
        )
        self.narrator.tell("Five people have voted.")
        await self.look_at_card("the card shows five votes", "5 voters", "quorum reached: 4 of 3")

    async def the_vote_closes(self) -> None:
        self.clock.advance(3 * DAY)
        self.narrator.scene("Three days later, the vote closes by itself")
        self.narrator.tell("In #results everybody reads:")
        result = await self.narrator.read(
            "the result is announced",
            self.gus.sees(self.results, TITLE, PATIENCE),
            "Mend the well succeeded",
            "▰▰▰▰▰▰▱▱▱▱ 60 % · 3",
            "5 voters",
        )
        by_webhook = result.webhook_id in self.results.webhooks
        self.narrator.expect("the result came through the webhook", by_webhook, "it didn't")
        posted = len(self.gus.read(self.results))
        self.narrator.expect("the result was posted once", posted == 1, f"{posted} times")
        self.narrator.tell("The card keeps the outcome; its buttons are gone.")
        await self.look_at_card("the card shows the outcome", "Succeeded", "more votes For")
        self.narrator.expect("the card has no buttons", not self.card.buttons, "it has some")
        errors = [line for line in self.bot.log_lines() if " ERROR " in line]
        self.narrator.expect("the bot logged no error", not errors, "\n".join(errors))

    # What happens again and again

    async def start_bot(self, expectation: str) -> None:
        """Start the bot and wait until it is connected."""
        number = await self.bot.start()
        self.narrator.tell(f"… the bot starts, as process {number} …")
        online = self.discord.online(self.application)
        await self.narrator.wait(expectation, self.bot.until(online, START_SECONDS))

    async def press(self, expectation: str, who: Person, button: str, *words: str) -> None:
        """Somebody presses a button of the card, and alone reads an answer with ``words``."""
        self.narrator.does(who, f"presses [ {button} ].")
        answer = who.press(self.card, button)
        await self.narrator.read(expectation, answer, *words, only=who)

    async def types(
        self, expectation: str, who: Person, command: str, *words: str, **options: Any
    ) -> None:
        """Somebody types a command in #square, and alone reads an answer with ``words``."""
        typed = " ".join(f"{name}:{_typed(value)}" for name, value in options.items())
        self.narrator.does(who, f"types /{command} {typed}")
        answer = who.command(command, in_=self.square, **options)
        await self.narrator.read(expectation, answer, *words, only=who)

    async def look_at_card(self, expectation: str, first: str, *more: str) -> None:
        """Wait until the card says ``first``, and read it."""
        card = self.olive.sees(self.proposals, first, PATIENCE)
        await self.narrator.read(expectation, card, first, *more)


async def _in_vain(action: Awaitable[Message | Form]) -> str:
    """What Discord tells somebody whom the bot doesn't answer."""
    try:
        answer = await action
    except Failed as failure:
        return str(failure)
    return answer.text


def _typed(value: Any) -> str:
    """An option's value as it is typed."""
    match value:
        case Channel():
            return f"#{value.name}"
        case Role():
            return f"@{value.name}"
        case _:
            return str(value)
