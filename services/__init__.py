"""Use cases: the one place where rules and storage meet, whichever door somebody came through."""

from dataclasses import dataclass

from services.commands import Commands
from services.deadlines import Deadlines
from services.deliveries import Outbox
from services.proposals import Proposals
from services.proposing import Proposing
from services.results import Results
from services.settings import ServerSettings
from services.types import Types
from services.voting import Voting


@dataclass(frozen=True, slots=True)
class Services:
    """All use cases of one process; the composition root builds them."""

    settings: ServerSettings
    types: Types
    proposing: Proposing
    proposals: Proposals
    voting: Voting
    results: Results
    deadlines: Deadlines
    outbox: Outbox
    commands: Commands
