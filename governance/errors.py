"""Every reason for which Folkmoot says no. Each carries one sentence for the person who asked."""


class Refusal(Exception):
    """A rule says no. `str(refusal)` is a sentence that says what is wrong and how to mend it."""


class NotFound(Refusal):
    """The thing asked for doesn't exist in this server."""


class NotAllowed(Refusal):
    """This member may not do that."""


class Busy(Refusal):
    """Too much at once: the same will be accepted in a moment."""


class Unavailable(Exception):
    """The database didn't answer or couldn't store; what was asked for did not happen."""


class CountMismatch(Exception):
    """The recount at the close differs from the running tally; nothing may be announced."""
