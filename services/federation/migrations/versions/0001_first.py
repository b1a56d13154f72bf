"""Federations, rounds and events."""

import sqlalchemy as sa
from alembic import op

from services.chassis.outbox import event_tables
from services.chassis.store import resource_table

revision = "0001"
down_revision = None


def upgrade() -> None:
    metadata = sa.MetaData()
    event_tables(metadata)
    resource_table(metadata, "federations", sa.Column("state", sa.String(20), nullable=False, index=True))
    resource_table(metadata, "rounds", sa.Column("state", sa.String(20), nullable=False, index=True))
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    for table in ("federations", "rounds", "outbox", "inbox", "offsets", "dead_letters"):
        op.drop_table(table)
