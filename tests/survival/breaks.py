"""How a route of Discord can break once."""

from collections.abc import Callable

from sandbox.discord import Faults, Planned

Break = Callable[[Faults, str], Planned]
LONG = 5.0
"""Seconds after which Discord and everybody has given up on an answer."""
BREAKS: dict[str, Break] = {
    "fails": lambda faults, route: faults.fail(route),
    "fails though the work is done": lambda faults, route: faults.mislead(route),
    "is slow": lambda faults, route: faults.delay(route, 2.0),
    "never answers": lambda faults, route: faults.freeze(route, LONG),
    "never answers though the work is done": lambda faults, route: faults.freeze(
        route, LONG, done=True
    ),
    "is limited": lambda faults, route: faults.rate_limit(route, 0.5),
    "is limited with all others": lambda faults, route: faults.rate_limit(
        route, 0.5, everywhere=True
    ),
    "is hidden by Cloudflare": lambda faults, route: faults.cloudflare(route),
    "loses its answer": lambda faults, route: faults.lose(route),
    "can't be reached": lambda faults, route: faults.refuse(route),
}
