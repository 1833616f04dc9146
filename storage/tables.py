"""Every table. Times are UTC, powers exact, Discord's ids 64 bits wide."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    sql,
)

from storage.types import Id, Moment, Power

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

servers = Table(
    "servers",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("settings", JSON, nullable=False),
    # Of the webhook only its id; its token is read from Discord and kept in memory.
    Column("results_webhook_id", BigInteger),
)

proposals = Table(
    "proposals",
    metadata,
    Column("id", Id, primary_key=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("number", Integer, nullable=False),
    Column("author_id", BigInteger, nullable=False),
    Column("title", Text, nullable=False),
    # The title without differences of case, for searching: LIKE folds ASCII only on SQLite.
    Column("title_folded", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("choices", JSON, nullable=False, server_default="[]"),
    Column("fields", JSON, nullable=False, server_default="[]"),
    Column("amount", BigInteger, nullable=False, server_default="0"),
    Column("version", Integer, nullable=False),
    Column("type", Text, nullable=False, server_default="Proposal"),
    # 0 is the server itself.
    Column("space_id", BigInteger, nullable=False, server_default="0"),
    Column("topic", Text, nullable=False, server_default=""),
    Column("rules", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
    # A draft is its author's until shared, and a draft until submitted. Where it is ready, only
    # its sponsors are missing.
    Column("shared_at", Moment),
    Column("ready_at", Moment),
    Column("submitted_at", Moment),
    Column("sponsors", JSON, nullable=False, server_default="[]"),
    Column("vote_start", Moment, nullable=False),
    Column("vote_end", Moment, nullable=False),
    Column("quorum_reached_at", Moment),
    Column("ended_at", Moment),
    # When power and delegations were fixed, for how many members, and whether for all of them.
    Column("snapshot_at", Moment),
    Column("electors", Integer, nullable=False, server_default="0"),
    Column("recorded", Boolean, nullable=False, server_default=sql.false()),
    Column("electorate", Power),
    Column("second_electorate", Power),
    Column("seed", LargeBinary),
    # What is staked on the server's other conviction votes, and who signs no more.
    Column("elsewhere", JSON, nullable=False, server_default="[]"),
    Column("removed", JSON, nullable=False, server_default="[]"),
    Column("canceled_at", Moment),
    Column("canceled_by", BigInteger),
    Column("cancel_reason", Text),
    # When its opening was put into the outbox, and when its ballots were counted for good.
    Column("opened_at", Moment),
    Column("counted_at", Moment),
    Column("final_count", JSON),
    Column("final_second", JSON),
    # When delegates who hadn't voted yet were reminded.
    Column("reminded_at", Moment),
    Column("eta", Moment),
    Column("executed_at", Moment),
    # The running count, which the recount at the close must equal.
    Column("tally", JSON, nullable=False, server_default="{}"),
    Column("voters", Integer, nullable=False, default=0),
    # The card is behind the facts while drawn < revision.
    Column("revision", Integer, nullable=False, default=1),
    Column("drawn", Integer, nullable=False, default=0),
    Column("channel_id", BigInteger),
    Column("message_id", BigInteger),
    Column("thread_id", BigInteger),
    UniqueConstraint("guild_id", "number"),
    Index("ix_proposals_titles", "guild_id", "number", "title_folded"),
)
Index(
    "ix_proposals_unopened",
    proposals.c.vote_start,
    sqlite_where=proposals.c.opened_at.is_(None),
    postgresql_where=proposals.c.opened_at.is_(None),
)
Index(
    "ix_proposals_uncounted",
    proposals.c.vote_end,
    sqlite_where=proposals.c.counted_at.is_(None),
    postgresql_where=proposals.c.counted_at.is_(None),
)

types = Table(
    "types",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    # The name without differences of case, so that two types never look alike.
    Column("name_folded", Text, primary_key=True),
    # The space it is for, with those below it; 0 is the server itself.
    Column("space_id", BigInteger, nullable=False, server_default="0"),
    Column("definition", JSON, nullable=False),
)

spaces = Table(
    "spaces",
    metadata,
    Column("id", Id, primary_key=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("parent_id", Id, ForeignKey("spaces.id")),
    Column("name", Text, nullable=False),
    Column("name_folded", Text, nullable=False),
    # What it sets itself, and what those below it can't.
    Column("settings", JSON, nullable=False),
    Column("reserved", JSON, nullable=False),
    Column("results_webhook_id", BigInteger),
    Column("archived_at", Moment),
    UniqueConstraint("guild_id", "name_folded"),
)

# Never changed once given, but for its end: what applied at a moment can be asked later.
delegations = Table(
    "delegations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("member_id", BigInteger, nullable=False),
    # The scope: a topic, else a space, else (0) the server.
    Column("space_id", BigInteger, nullable=False),
    Column("topic", Text, nullable=False),
    # None is “nobody”.
    Column("delegate_id", BigInteger),
    Column("given_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("ended_at", Moment),
    # Whether the delegator wants to be told how the delegate voted.
    Column("tell", Boolean, nullable=False),
)
Index(
    "ix_delegations_standing",
    delegations.c.guild_id,
    delegations.c.member_id,
    delegations.c.space_id,
    delegations.c.topic,
    unique=True,
    sqlite_where=delegations.c.ended_at.is_(None),
    postgresql_where=delegations.c.ended_at.is_(None),
)
Index("ix_delegations_delegate", delegations.c.guild_id, delegations.c.delegate_id)

delegates = Table(
    "delegates",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("member_id", BigInteger, primary_key=True, autoincrement=False),
    Column("profile", JSON, nullable=False),
)

reputation = Table(
    "reputation",
    metadata,
    Column("id", Id, primary_key=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("member_id", BigInteger, nullable=False),
    # Points; negative where they were taken.
    Column("points", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    # The moderator; None where a rule gave them, for the proposal.
    Column("given_by", BigInteger),
    Column("proposal_id", Id, ForeignKey("proposals.id")),
    Column("at", Moment, nullable=False),
    Index("ix_reputation_member", "guild_id", "member_id"),
)

versions = Table(
    "versions",
    metadata,
    Column("proposal_id", Id, ForeignKey("proposals.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("choices", JSON, nullable=False, server_default="[]"),
    Column("fields", JSON, nullable=False, server_default="[]"),
    Column("amount", BigInteger, nullable=False, server_default="0"),
    Column("written_at", Moment, nullable=False),
)

ballots = Table(
    "ballots",
    metadata,
    Column("proposal_id", Id, ForeignKey("proposals.id"), primary_key=True),
    Column("voter_id", BigInteger, primary_key=True, autoincrement=False),
    Column("choice", JSON, nullable=False),
    # All of it; `carried` is what of it was delegated to the voter. So of the second house.
    Column("power", Power, nullable=False),
    Column("carried", Power, nullable=False),
    Column("second", Power, nullable=False),
    Column("second_carried", Power, nullable=False),
    Column("reason", Text, nullable=False),
    Column("cast_at", Moment, nullable=False),
    Index("ix_ballots_voter_id", "voter_id"),
)

# Of each proposal with delegations, or whose whole electorate is recorded: who has which power.
electorate = Table(
    "electorate",
    metadata,
    Column("proposal_id", Id, ForeignKey("proposals.id"), primary_key=True),
    Column("member_id", BigInteger, primary_key=True, autoincrement=False),
    # None where it is told by the interaction that casts the ballot.
    Column("power", Power),
    Column("second", Power),
    Column("delegation_id", Id, ForeignKey("delegations.id")),
    Column("delegate_id", BigInteger),
    # Whether the way from here is closed, because it would lead in a circle.
    Column("cut", Boolean, nullable=False),
    # What delegators bring who haven't voted, and how many they are.
    Column("carried", Power, nullable=False),
    Column("second_carried", Power, nullable=False),
    Column("carries", Integer, nullable=False),
    Index("ix_electorate_delegate", "proposal_id", "delegate_id"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("event", String(20), nullable=False),
    Column("proposal_id", Id, ForeignKey("proposals.id"), nullable=False),
    # Of the text that was edited, or the id of the card that was lost.
    Column("version", BigInteger, nullable=False),
    Column("target", String(20), nullable=False),
    Column("nonce", String(25), nullable=False),
    # Messages of this delivery that Discord has confirmed, and the last one's id.
    Column("sent", Integer, nullable=False, default=0),
    Column("message_id", BigInteger),
    # Set before a request whose outcome may stay unknown: a later try looks before it sends.
    Column("tried_at", Moment),
    Column("delivered_at", Moment),
    # Why it waits, for moderators.
    Column("problem", Text),
    UniqueConstraint("event", "proposal_id", "version", "target"),
)
Index(
    "ix_deliveries_waiting",
    deliveries.c.id,
    sqlite_where=deliveries.c.delivered_at.is_(None),
    postgresql_where=deliveries.c.delivered_at.is_(None),
)

# Private messages that wait to be sent, each at most once.
notices = Table(
    "notices",
    metadata,
    Column("id", Id, primary_key=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("member_id", BigInteger, nullable=False),
    Column("event", String(20), nullable=False),
    # What it is about: a proposal (0 for none), another member (0), and what tells two apart.
    Column("proposal_id", BigInteger, nullable=False),
    Column("other_id", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("nonce", String(25), nullable=False),
    Column("tried_at", Moment),
    # Delivered, or given up because the member takes no messages.
    Column("settled_at", Moment),
    UniqueConstraint("member_id", "event", "guild_id", "proposal_id", "other_id", "version"),
)
Index(
    "ix_notices_waiting",
    notices.c.id,
    sqlite_where=notices.c.settled_at.is_(None),
    postgresql_where=notices.c.settled_at.is_(None),
)

registrations = Table(
    "registrations",
    metadata,
    Column("application_id", BigInteger, primary_key=True, autoincrement=False),
    Column("commands_hash", String(64), nullable=False),
)
