"""What the clock makes true: votes open and close. Asks what is due, however long it slept."""

import logging

from governance.deliveries import Event, Target
from governance.errors import CountMismatch
from governance.proposal import Proposal, ProposalState, state
from services.ballot_writer import BallotWriter
from services.clock import Now
from services.deliveries import Outbox
from storage import deliveries, proposals
from storage.database import Database

log = logging.getLogger(__name__)


class Deadlines:
    def __init__(self, database: Database, now: Now, writer: BallotWriter, outbox: Outbox) -> None:
        self._database = database
        self._now = now
        self._writer = writer
        self._outbox = outbox
        self._mismatched: set[int] = set()

    async def settle(self) -> list[Proposal]:
        """Open and close what is due, in order; returns the proposals that changed."""
        return [*await self._open(), *await self._close()]

    async def _open(self) -> list[Proposal]:
        async with self._database.read() as connection:
            due = await proposals.due_to_open(connection, self._now())
        opened = []
        for each in sorted(due, key=lambda proposal: (proposal.vote_start, proposal.id)):
            async with self._database.write() as connection:
                proposal = (await proposals.lock(connection, [each.id]))[each.id]
                now = self._now()
                if state(proposal, now) is not ProposalState.ACTIVE:
                    continue
                await proposals.change(connection, proposal.id, opened_at=now)
                await deliveries.add(connection, Event.OPENED, proposal.id, Target.THREAD)
            opened.append(proposal)
            self._outbox.filled.set()
        return opened

    async def _close(self) -> list[Proposal]:
        async with self._database.read() as connection:
            due = await proposals.due_to_close(connection, self._now())
        closed = []
        for proposal_id in due:
            try:
                proposal = await self._writer.close(proposal_id)
            except CountMismatch as error:
                # Logged once: the job comes back every second until someone looks.
                if proposal_id not in self._mismatched:
                    log.error("The result is not announced: %s", error)  # noqa: TRY400
                    self._mismatched.add(proposal_id)
                continue
            if proposal:
                closed.append(proposal)
                self._outbox.filled.set()
        return closed
