"""Documents, revisions, chunks, uploads and events."""

import sqlalchemy as sa
from alembic import op

from services.chassis.outbox import event_tables
from services.chassis.store import resource_table

revision = "0001"
down_revision = None


def upgrade() -> None:
    metadata = sa.MetaData()
    event_tables(metadata)
    resource_table(metadata, "documents", sa.Column("state", sa.String(20), nullable=False, index=True))
    resource_table(metadata, "revisions")
    resource_table(metadata, "chunks")
    resource_table(
        metadata,
        "uploads",
        sa.Column("state", sa.String(20), nullable=False, index=True),
        sa.Column("document", sa.String(500), nullable=False, index=True),
    )
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    for table in ("uploads", "chunks", "revisions", "documents", "outbox", "inbox", "offsets", "dead_letters"):
        op.drop_table(table)
