"""Jobs, the model registry, and events."""

import sqlalchemy as sa
from alembic import op

from services.chassis.outbox import event_tables
from services.chassis.store import resource_table

revision = "0001"
down_revision = None


def upgrade() -> None:
    metadata = sa.MetaData()
    event_tables(metadata)
    resource_table(metadata, "training_jobs", sa.Column("state", sa.String(20), nullable=False, index=True))
    resource_table(
        metadata,
        "model_versions",
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("dataset_version", sa.String(500), nullable=False, index=True),
        sa.Column("gate_due", sa.Boolean, nullable=False, index=True),
    )
    resource_table(metadata, "models")
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    for table in ("models", "model_versions", "training_jobs", "outbox", "inbox", "offsets", "dead_letters"):
        op.drop_table(table)
