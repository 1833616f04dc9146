"""Voting power, delegation, spaces and reputation"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_CARRIED = ("carried", "second", "second_carried")
_ballots = sa.table("ballots", *(sa.column(name, storage.types.Power) for name in _CARRIED))

_proposals = sa.table(
    "proposals",
    *(sa.column(name, storage.types.Moment) for name in ("opened_at", "vote_start", "snapshot_at")),
    sa.column("voters", sa.Integer),
)


def upgrade() -> None:
    moment, power, json = storage.types.Moment(timezone=True), storage.types.Power(), sa.JSON()
    identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    for added in (
        sa.Column("space_id", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("topic", sa.Text(), nullable=False, server_default=""),
        sa.Column("snapshot_at", moment),
        sa.Column("electors", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("recorded", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("second_electorate", power),
        sa.Column("final_second", json),
        sa.Column("reminded_at", moment),
    ):
        op.add_column("proposals", added)
    begun = sa.func.coalesce(_proposals.c.opened_at, _proposals.c.vote_start)
    op.execute(
        sa.update(_proposals)
        .where(sa.or_(_proposals.c.opened_at.is_not(None), _proposals.c.voters > 0))
        .values(snapshot_at=begun)
    )
    op.add_column(
        "types", sa.Column("space_id", sa.BigInteger(), nullable=False, server_default="0")
    )
    for name in _CARRIED:
        op.add_column("ballots", sa.Column(name, power))
    op.execute(sa.update(_ballots).values(dict.fromkeys(_CARRIED, 0)))
    with op.batch_alter_table("ballots") as ballots:
        for name in _CARRIED:
            ballots.alter_column(name, existing_type=power, nullable=False)
    op.create_table(
        "spaces",
        sa.Column("id", identity, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("parent_id", identity),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_folded", sa.Text(), nullable=False),
        sa.Column("settings", json, nullable=False),
        sa.Column("reserved", json, nullable=False),
        sa.Column("results_webhook_id", sa.BigInteger()),
        sa.Column("archived_at", moment),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["spaces.id"], name=op.f("fk_spaces_parent_id_spaces")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spaces")),
        sa.UniqueConstraint("guild_id", "name_folded", name=op.f("uq_spaces_guild_id_name_folded")),
    )
    op.create_table(
        "delegations",
        sa.Column("id", identity, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("space_id", sa.BigInteger(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("delegate_id", sa.BigInteger()),
        sa.Column("given_at", moment, nullable=False),
        sa.Column("expires_at", moment),
        sa.Column("ended_at", moment),
        sa.Column("tell", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegations")),
    )
    op.create_index(
        "ix_delegations_standing",
        "delegations",
        ["guild_id", "member_id", "space_id", "topic"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_delegations_delegate", "delegations", ["guild_id", "delegate_id"])
    op.create_table(
        "delegates",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("profile", json, nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "member_id", name=op.f("pk_delegates")),
    )
    op.create_table(
        "reputation",
        sa.Column("id", identity, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("given_by", sa.BigInteger()),
        sa.Column("proposal_id", identity),
        sa.Column("at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposals.id"], name=op.f("fk_reputation_proposal_id_proposals")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reputation")),
    )
    op.create_index("ix_reputation_member", "reputation", ["guild_id", "member_id"])
    op.create_table(
        "electorate",
        sa.Column("proposal_id", identity, nullable=False),
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("power", power),
        sa.Column("second", power),
        sa.Column("delegation_id", identity),
        sa.Column("delegate_id", sa.BigInteger()),
        sa.Column("cut", sa.Boolean(), nullable=False),
        sa.Column("carried", power, nullable=False),
        sa.Column("second_carried", power, nullable=False),
        sa.Column("carries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delegation_id"],
            ["delegations.id"],
            name=op.f("fk_electorate_delegation_id_delegations"),
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposals.id"], name=op.f("fk_electorate_proposal_id_proposals")
        ),
        sa.PrimaryKeyConstraint("proposal_id", "member_id", name=op.f("pk_electorate")),
    )
    op.create_index("ix_electorate_delegate", "electorate", ["proposal_id", "delegate_id"])
    op.create_table(
        "notices",
        sa.Column("id", identity, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.String(length=20), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("other_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("nonce", sa.String(length=25), nullable=False),
        sa.Column("tried_at", moment),
        sa.Column("settled_at", moment),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint(
            "member_id",
            "event",
            "guild_id",
            "proposal_id",
            "other_id",
            "version",
            name=op.f("uq_notices_member_id_event_guild_id_proposal_id_other_id_version"),
        ),
    )
    op.create_index(
        "ix_notices_waiting",
        "notices",
        ["id"],
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )
