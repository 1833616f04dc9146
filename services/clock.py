"""The governance clock: what every rule means by now."""

from collections.abc import Callable
from datetime import datetime

Now = Callable[[], datetime]
"""The present moment in UTC. In production the wall clock; a sandbox may move it forward."""
