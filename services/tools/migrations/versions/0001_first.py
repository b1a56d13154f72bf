"""Tools, calls, audit and events."""

import sqlalchemy as sa
from alembic import op

from services.chassis.outbox import event_tables
from services.chassis.store import resource_table

revision = "0001"
down_revision = None


def upgrade() -> None:
    metadata = sa.MetaData()
    event_tables(metadata)
    resource_table(metadata, "tools")
    resource_table(
        metadata,
        "calls",
        sa.Column("state", sa.String(20), nullable=False, index=True),
        sa.Column("agent_run", sa.String(500), nullable=False, index=True),
        sa.Column("sender", sa.String(200), nullable=False, index=True),
        sa.Column("deadline", sa.Float, nullable=False),
    )
    sa.Table(
        "audit",
        metadata,
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("tenant", sa.String(100), nullable=False, index=True),
        sa.Column("time", sa.String(40), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(500), nullable=False, index=True),
        sa.Column("detail", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    for table in ("tools", "calls", "audit", "outbox", "inbox", "offsets", "dead_letters"):
        op.drop_table(table)
