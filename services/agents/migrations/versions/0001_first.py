"""Runs, steps, decisions and events."""

import sqlalchemy as sa
from alembic import op

from services.chassis.outbox import event_tables
from services.chassis.store import resource_table

revision = "0001"
down_revision = None


def upgrade() -> None:
    metadata = sa.MetaData()
    event_tables(metadata)
    resource_table(
        metadata,
        "runs",
        sa.Column("state", sa.String(20), nullable=False, index=True),
        sa.Column("worker", sa.String(200), nullable=False),
        sa.Column("lease_until", sa.Float, nullable=False),
    )
    sa.Table(
        "steps",
        metadata,
        sa.Column("tenant", sa.String(100), primary_key=True),
        sa.Column("run", sa.String(500), primary_key=True),
        sa.Column("key", sa.String(300), primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.UniqueConstraint("tenant", "run", "position", name="uq_steps_position"),
    )
    sa.Table(
        "decisions",
        metadata,
        sa.Column("tenant", sa.String(100), primary_key=True),
        sa.Column("tool_call", sa.String(500), primary_key=True),
    )
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    for table in ("runs", "steps", "decisions", "outbox", "inbox", "offsets", "dead_letters"):
        op.drop_table(table)
