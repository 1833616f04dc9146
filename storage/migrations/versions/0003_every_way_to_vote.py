"""Every way to vote: types, drafts, choices, and ballots of any shape"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_proposals = sa.table(
    "proposals",
    sa.column("id", sa.BigInteger),
    sa.column("created_at", storage.types.Moment),
    sa.column("shared_at", storage.types.Moment),
    sa.column("submitted_at", storage.types.Moment),
    sa.column("voters", sa.Integer),
    sa.column("tally", sa.JSON),
)


def upgrade() -> None:
    moment, power, json = storage.types.Moment(timezone=True), storage.types.Power(), sa.JSON()
    for table in ("proposals", "versions"):
        for name in ("choices", "fields"):
            op.add_column(table, sa.Column(name, json, nullable=False, server_default="[]"))
        op.add_column(
            table, sa.Column("amount", sa.BigInteger(), nullable=False, server_default="0")
        )
    for added in (
        sa.Column("type", sa.Text(), nullable=False, server_default="Proposal"),
        sa.Column("shared_at", moment),
        sa.Column("ready_at", moment),
        sa.Column("submitted_at", moment),
        sa.Column("sponsors", json, nullable=False, server_default="[]"),
        sa.Column("quorum_reached_at", moment),
        sa.Column("ended_at", moment),
        sa.Column("electorate", power),
        sa.Column("seed", sa.LargeBinary()),
        sa.Column("elsewhere", json, nullable=False, server_default="[]"),
        sa.Column("removed", json, nullable=False, server_default="[]"),
        sa.Column("final_count", json),
        sa.Column("eta", moment),
        sa.Column("executed_at", moment),
    ):
        op.add_column("proposals", added)
    op.create_table(
        "types",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name_folded", sa.Text(), nullable=False),
        sa.Column("definition", json, nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "name_folded", name=op.f("pk_types")),
    )
    with op.batch_alter_table("ballots") as ballots:
        ballots.alter_column(
            "choice",
            existing_type=sa.Integer(),
            type_=json,
            existing_nullable=False,
            postgresql_using="to_json(choice)",
        )
    op.execute(
        sa.update(_proposals).values(
            shared_at=_proposals.c.created_at, submitted_at=_proposals.c.created_at
        )
    )
    for proposal_id, voters, scores in (
        op.get_bind()
        .execute(sa.select(_proposals.c.id, _proposals.c.voters, _proposals.c.tally))
        .all()
    ):
        cast = str(sum(map(int, scores.values())))
        op.execute(
            sa.update(_proposals)
            .where(_proposals.c.id == proposal_id)
            .values(tally={"scores": scores, "power": cast, "ballots": voters})
        )
