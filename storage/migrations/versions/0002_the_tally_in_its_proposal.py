"""The tally in its proposal's row"""

from collections import defaultdict

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_tallies = sa.table(
    "tallies",
    sa.column("proposal_id", sa.BigInteger),
    sa.column("choice", sa.Integer),
    sa.column("power", storage.types.Power),
)
_proposals = sa.table("proposals", sa.column("id", sa.BigInteger), sa.column("tally", sa.JSON))


def upgrade() -> None:
    op.add_column(
        "proposals",
        sa.Column("tally", sa.JSON(), nullable=False, server_default="{}"),
    )
    tallies: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for proposal_id, choice, power in op.get_bind().execute(sa.select(_tallies)):
        tallies[proposal_id][str(choice)] = str(power)  # JSON readers round large numbers
    for proposal_id, tally in tallies.items():
        op.execute(sa.update(_proposals).where(_proposals.c.id == proposal_id).values(tally=tally))
    op.drop_table("tallies")
