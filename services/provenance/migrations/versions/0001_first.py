"""Log, lineage, snapshots, audit packs and events."""

import sqlalchemy as sa
from alembic import op

from services.chassis.outbox import event_tables
from services.provenance.adapters.tables import graph_tables, log_tables, pack_table, snapshot_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    metadata = sa.MetaData()
    for make in (event_tables, log_tables, graph_tables, snapshot_tables, pack_table):
        make(metadata)
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    metadata = sa.MetaData()
    for make in (event_tables, log_tables, graph_tables, snapshot_tables, pack_table):
        make(metadata)
    metadata.drop_all(op.get_bind())
