"""Documents heard of, analyses, findings, claims, taxonomies, datasets and events."""

import sqlalchemy as sa
from alembic import op

from services.chassis.outbox import event_tables
from services.chassis.store import resource_table

revision = "0001"
down_revision = None
PLAIN = ("taxonomies", "datasets", "syntheses")
STATED = ("analyses", "builds", "versions")


def upgrade() -> None:
    metadata = sa.MetaData()
    event_tables(metadata)
    for table in PLAIN:
        resource_table(metadata, table)
    for table in STATED:
        resource_table(metadata, table, sa.Column("state", sa.String(20), nullable=False, index=True))
    resource_table(metadata, "documents", sa.Column("withdrawn", sa.Boolean, nullable=False))
    resource_table(
        metadata,
        "findings",
        sa.Column("state", sa.String(20), nullable=False, index=True),
        sa.Column("kind", sa.String(30), nullable=False, index=True),
    )
    resource_table(
        metadata,
        "claims",
        sa.Column("document", sa.String(500), nullable=False, index=True),
        sa.Column("in_force", sa.Boolean, nullable=False),
    )
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    for table in (*PLAIN, *STATED, "documents", "findings", "claims", "outbox", "inbox", "offsets", "dead_letters"):
        op.drop_table(table)
