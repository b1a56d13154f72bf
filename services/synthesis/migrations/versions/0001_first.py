"""Jobs, the outcome of each fact, and events."""

import sqlalchemy as sa
from alembic import op

from services.chassis.outbox import event_tables
from services.chassis.store import resource_table

revision = "0001"
down_revision = None


def upgrade() -> None:
    metadata = sa.MetaData()
    event_tables(metadata)
    resource_table(metadata, "synthesis_jobs", sa.Column("state", sa.String(20), nullable=False, index=True))
    sa.Table(
        "outcomes",
        metadata,
        sa.Column("tenant", sa.String(100), primary_key=True),
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
    )
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    for table in ("outcomes", "synthesis_jobs", "outbox", "inbox", "offsets", "dead_letters"):
        op.drop_table(table)
