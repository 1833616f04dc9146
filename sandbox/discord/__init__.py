"""A local Discord that an unmodified client logs in to, and people who use it.

::

    async with LocalDiscord(clock=clock) as discord:      # discord.host, .port, .authority (PEM)
        app = discord.add_application("Folkmoot")         # app.id, app.token, app.user_id
        # add_application(..., members_intent=True): it may list the members of its servers
        hamlet = discord.add_server("Hamlet")             # hamlet.owner, hamlet.everyone
        hamlet.invite(app, Permission.MANAGE_WEBHOOKS)    # and hamlet.kick(app)
        square = hamlet.add_channel("square", overwrites={role_or_person: (allow, deny)})
        ann = hamlet.join("Ann", roles=[hamlet.add_role("Citizen")])
        await discord.online(app)                         # the bot has connected

        answer = await ann.command("proposal cancel", in_=square, proposal="12")
        await ann.command_on("Delegate to…", ben, in_=square)       # in the menu of an account
        await ann.press(answer, "For")                    # by label or custom id
        await ann.choose(answer, "Pick one", ["First"])   # by placeholder or custom id
        form = await ann.command("propose", in_=square)   # a Form where the bot opens one
        card = await form.submit(title="Fund the grants")
        await ann.suggest("vote", "proposal", "Gra", in_=square)    # [(name, value), ...]
        await ann.direct_command("vote", of=app, proposal="12")
        await ann.receives(app, "closes soon")            # waits for a direct message
        ann.direct_messages(app), ann.closes_direct_messages()
        await ann.say(square, "hello")
        await ann.sees(square, "closed", within=20.0)     # waits for a message with that text
        ann.read(square), ann.threads(square), ann.delete(card), ann.leave()
        discord.requests                                  # what the bot asked for over HTTP

Actions return the message that came of them (``text``, ``buttons``, ``menus``, ``links``,
``embeds``, ``ephemeral``, ``thread``, ``pings``, ``raw``), or a form (``title``, ``fields``,
``text``); a message goes on changing as the bot edits it. They raise ``Failed`` with Discord's
words if the bot doesn't answer, and ``NotOffered`` if Discord's client doesn't let a person do
that; ``tamper=True`` and ``press_custom_id`` do it all the same.

Commands, components, forms and messages are held to Discord's limits (``limits``), requests to
its rate limits (``rate_limits``), the gateway to its protocol; parameters of ``LocalDiscord``
shorten deadlines and lift rate limits.

What can go wrong goes wrong on demand (``faults``)::

    discord.faults.fail("POST /channels/{channel}/messages", 503, times=2)   # nothing done
    discord.faults.lose(...), .refuse(...), .delay(...), .freeze(...), .mislead(...)  # .struck
    discord.faults.rate_limit("PATCH *", retry_after=1.0), .cloudflare("*", 403)
    async with discord.faults.hold(number=7, after=True) as held:            # the 7th from now
        await held.reached
        held.release()                                    # or held.drop()
    async with discord.faults.unreachable(): ...
    discord.faults.drop_gateway(), .request_reconnect(), .invalidate_sessions(resumable=True)
    await discord.faults.close_gateway(4000)
    with discord.faults.gateway_frozen(): ...             # or gateway_delayed(0.5)
    discord.faults.clock_skew = timedelta(minutes=2)
"""

from .acts import Failed
from .faults import Faults, Held, Planned
from .forms import Form
from .guilds import Channel, Role, Thread
from .http import Request
from .intents import Intent
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
    "Faults",
    "Form",
    "Held",
    "Intent",
    "LocalDiscord",
    "Message",
    "NotOffered",
    "Permission",
    "Person",
    "Pings",
    "Planned",
    "Request",
    "Role",
    "Server",
    "Thread",
]
