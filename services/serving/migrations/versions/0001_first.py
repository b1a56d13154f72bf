"""Versions, endpoints, completions and events."""

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
        "versions",
        sa.Column("stand", sa.String(20), nullable=False, index=True),
        sa.Column("announce", sa.Boolean, nullable=False),
    )
    resource_table(metadata, "endpoints")
    resource_table(metadata, "completions", sa.Column("model_version", sa.String(500), nullable=False, index=True))
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    for table in ("versions", "endpoints", "completions", "outbox", "inbox", "offsets", "dead_letters"):
        op.drop_table(table)
