"""How fast one member may go on: a burst, then one a second."""

import time
from collections import OrderedDict

from governance.errors import Busy

SECONDS = 1.0
"""After so many seconds a member may do one thing more."""
MOST_MEMBERS = 5000
"""Members remembered at a time; beyond it, who has been quiet for longest starts afresh."""


class Pace:
    """Counts what each member does in each server."""

    def __init__(self, at_once: int) -> None:
        self._ahead = (at_once - 1) * SECONDS
        # (server, member): the moment (monotonic) at which all that was done would be paid for.
        self._paid: OrderedDict[tuple[int, int], float] = OrderedDict()

    def keep(self, guild_id: int, member_id: int) -> None:
        """Count one thing more; Busy where that is too much, and then it isn't counted."""
        now, who = time.monotonic(), (guild_id, member_id)
        paid = max(self._paid.pop(who, now), now)
        busy = paid - now > self._ahead
        self._paid[who] = paid if busy else paid + SECONDS
        if len(self._paid) > MOST_MEMBERS:
            self._paid.popitem(last=False)
        if busy:
            raise Busy(
                "That was too much at once, so I left this one undone. "
                "Please try again in a second."
            )
