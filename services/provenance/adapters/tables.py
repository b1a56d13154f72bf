"""The tables of provenance, as of schema 1. The migration uses them; a change needs a schema 2 beside it."""

import sqlalchemy as sa

from services.chassis.store import resource_table


def _tenant() -> "sa.Column[str]":
    return sa.Column("tenant", sa.String(100), primary_key=True)


def _project() -> "sa.Column[str]":
    return sa.Column("project", sa.String(100), primary_key=True)


def _name(column: str) -> "sa.Column[str]":
    return sa.Column(column, sa.String(500), primary_key=True)


def log_tables(metadata: sa.MetaData) -> dict[str, sa.Table]:
    """Logs by tenant and project: their size, leaves, complete subtrees, checkpoints, and what leaves commit to."""
    logs = sa.Table("logs", metadata, _tenant(), _project(), sa.Column("size", sa.BigInteger, nullable=False))
    leaves = sa.Table(
        "leaves",
        metadata,
        _tenant(),
        _project(),
        sa.Column("idx", sa.BigInteger, primary_key=True),
        sa.Column("event_id", sa.String(60), nullable=False),
        sa.Column("type", sa.String(200), nullable=False),
        sa.Column("subject", sa.String(500), nullable=False),
        sa.Column("leaf_json", sa.Text, nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("tenant", "event_id", name="uq_leaves_event"),
        sa.Index("ix_leaves_subject", "tenant", "project", "subject", "idx"),
        sa.Index("ix_leaves_type", "tenant", "type", "subject", "idx"),
    )
    datums = sa.Table(
        "datums",
        metadata,
        _tenant(),
        sa.Column("event_id", sa.String(60), primary_key=True),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
    )
    tree = sa.Table(
        "tree",
        metadata,
        _tenant(),
        _project(),
        sa.Column("level", sa.Integer, primary_key=True),
        sa.Column("idx", sa.BigInteger, primary_key=True),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
    checkpoints = sa.Table(
        "checkpoints",
        metadata,
        _tenant(),
        _project(),
        sa.Column("size", sa.BigInteger, primary_key=True),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("time", sa.String(40), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("origin", sa.String(500), nullable=False),
        sa.Column("verifier_key", sa.String(700), nullable=False),
    )
    return {"logs": logs, "leaves": leaves, "datums": datums, "tree": tree, "checkpoints": checkpoints}


def graph_tables(metadata: sa.MetaData) -> dict[str, sa.Table]:
    nodes = sa.Table(
        "nodes",
        metadata,
        _tenant(),
        _project(),
        _name("name"),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("label", sa.String(500), nullable=False),
        sa.Column("digest", sa.String(100), nullable=False),
    )
    edges = sa.Table(
        "edges",
        metadata,
        _tenant(),
        _project(),
        _name("source"),
        _name("target"),
        sa.Column("kind", sa.String(60), primary_key=True),
        sa.Index("ix_edges_target", "tenant", "project", "target"),
    )
    marks = sa.Table(
        "marks",
        metadata,
        _tenant(),
        _project(),
        _name("name"),
        sa.Column("mark", sa.String(60), primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
    )
    return {"nodes": nodes, "edges": edges, "marks": marks}


def snapshot_tables(metadata: sa.MetaData) -> dict[str, sa.Table]:
    """Dataset versions whose examples are to be committed to, and the commitments in sorted order."""
    snapshots = sa.Table(
        "snapshots",
        metadata,
        _tenant(),
        _name("version"),
        sa.Column("project", sa.String(100), nullable=False),
        sa.Column("state", sa.String(20), nullable=False, index=True),
        sa.Column("train", sa.String(64), nullable=False),
        sa.Column("chunks", sa.String(64), nullable=False),
        sa.Column("root", sa.String(64), nullable=False),
        sa.Column("traceparent", sa.String(60), nullable=False),
        sa.Column("failure", sa.Text, nullable=False),
    )
    items = sa.Table(
        "snapshot_items",
        metadata,
        _tenant(),
        _name("version"),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("example", sa.String(500), nullable=False),
        sa.Column("commitment", sa.String(64), nullable=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
    )
    return {"snapshots": snapshots, "items": items}


def pack_table(metadata: sa.MetaData) -> sa.Table:
    return resource_table(metadata, "audit_packs", sa.Column("state", sa.String(20), nullable=False, index=True))
