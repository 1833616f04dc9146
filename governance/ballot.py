"""A ballot: one member's vote on one proposal."""

from dataclasses import dataclass
from datetime import datetime

from governance.errors import Refusal
from governance.rules import Reasons, Rules
from governance.voting import basic, multisig
from governance.voting.system import Choice

RECUSED = 0
"""The choice of a voter who takes no side: counted for turnout only, in every voting system."""


@dataclass(frozen=True, slots=True)
class Ballot:
    """`power` in units of 10^-18 of a whole vote; `reason` may be empty.

    `carried` is what of the power was delegated to the voter; `second` and `second_carried` are
    those of the second house, where there is one.
    """

    proposal_id: int
    voter_id: int
    choice: Choice
    power: int
    reason: str
    cast_at: datetime
    carried: int = 0
    second: int = 0
    second_carried: int = 0

    @property
    def recused(self) -> bool:
        return self.choice == RECUSED


def require_reason(rules: Rules, choice: Choice, reason: str) -> None:
    """Refuse a ballot without the reason that its rules ask for."""
    against = {basic.NAME: basic.AGAINST, multisig.NAME: multisig.REJECT}.get(rules.system)
    wanted = rules.reasons == Reasons.REQUIRED or (
        rules.reasons == Reasons.AGAINST and choice == against
    )
    if wanted and not reason and choice != RECUSED:
        raise Refusal(
            "This vote asks for your reason, and yours has none. Give it with "
            "/vote … reason: or in the form that “Vote” opens."
        )
