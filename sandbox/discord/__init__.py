"""A local Discord that an unmodified client logs in to, and people who use it.

::

    async with LocalDiscord(clock=clock) as discord:      # discord.host, .port, .authority (PEM)
        app = discord.add_application("Folkmoot")         # app.id, app.token, app.user_id
        hamlet = discord.add_server("Hamlet")             # hamlet.owner, hamlet.everyone
        hamlet.invite(app, Permission.MANAGE_WEBHOOKS)    # and hamlet.kick(app)
        square = hamlet.add_channel("square", overwrites={role_or_person: (allow, deny)})
        ann = hamlet.join("Ann", roles=[hamlet.add_role("Citizen")])
        await discord.online(app)                         # the bot has connected

        answer = await ann.command("proposal cancel", in_=square, proposal="12")
        await ann.press(answer, "For")                    # by label or custom id
        await ann.choose(answer, "Pick one", ["First"])   # by placeholder or custom id
        form = await ann.command("propose", in_=square)   # a Form where the bot opens one
        card = await form.submit(title="Fund the grants")
        await ann.suggest("vote", "proposal", "Gra", in_=square)    # [(name, value), ...]
        await ann.direct_command("vote", of=app, proposal="12")
        await ann.say(square, "hello")
        await ann.sees(square, "closed", within=5.0)      # waits for a message with that text
        ann.read(square), ann.threads(square), ann.delete(card), ann.leave()
        discord.requests                                  # what the bot asked for over HTTP

Actions return the message that came of them (``text``, ``buttons``, ``menus``, ``links``,
``embeds``, ``ephemeral``, ``thread``, ``pings``, ``raw``), or a form (``title``, ``fields``,
``text``); a message goes on changing as the bot edits it. They raise ``Failed`` with Discord's
words if the bot doesn't answer, and ``NotOffered`` if Discord's client doesn't let a person do
that; ``tamper=True`` and ``press_custom_id`` do it all the same.

Commands, components, forms and messages are held to Discord's limits (``limits``); times given
to ``LocalDiscord`` shorten its deadlines. Rate limits are announced and never reached.
"""

from .forms import Form
from .guilds import Channel, Role, Thread
from .http import Request
from .intents import Intent
from .interactions import Failed
from .local import LocalDiscord
from .messages import Message, Pings
from .offers import NotOffered
from .people import Person
from .permissions import Permission
from .servers import Server
from .users import Application

__all__ = [
    "Application",
    "Channel",
    "Failed",
    "Form",
    "Intent",
    "LocalDiscord",
    "Message",
    "NotOffered",
    "Permission",
    "Person",
    "Pings",
    "Request",
    "Role",
    "Server",
    "Thread",
]
