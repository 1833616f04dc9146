"""Use cases: the one place where rules and storage meet, whichever door somebody came through."""

from dataclasses import dataclass

from services.commands import Commands
from services.deadlines import Deadlines
from services.delegates import Delegates
from services.delegations import Delegations
from services.deliveries import Outbox
from services.notices import Notices
from services.powers import Powers
from services.proposals import Proposals
from services.proposing import Proposing
from services.reputation import Reputation
from services.results import Results
from services.settings import ServerSettings
from services.snapshots import Snapshots
from services.spaces import Spaces
from services.types import Types
from services.voting import Voting


@dataclass(frozen=True, slots=True)
class Services:
    """All use cases of one process; the composition root builds them."""

    settings: ServerSettings
    spaces: Spaces
    types: Types
    proposing: Proposing
    proposals: Proposals
    voting: Voting
    powers: Powers
    results: Results
    reputation: Reputation
    delegates: Delegates
    deadlines: Deadlines
    snapshots: Snapshots
    delegations: Delegations
    notices: Notices
    outbox: Outbox
    commands: Commands
