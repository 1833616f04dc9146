"""Voting power: integers in units of 10^-18 of a whole vote."""

UNIT = 10**18
"""One whole vote: the power of one member where each member has one vote."""


def whole(power: int) -> str:
    """`power` (units) as people read it: whole votes, with decimals only where there are any."""
    votes, rest = divmod(power, UNIT)
    if not rest:
        return f"{votes:,}"
    return f"{votes:,}." + f"{rest:018d}".rstrip("0")


def percent(part: int, total: int) -> str:
    """The share `part / total` as a whole percentage, rounded half up; 0 % of nothing."""
    return f"{(200 * part + total) // (2 * total) if total else 0} %"
