"""The rows of snapshots and of their commitments."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from services.chassis.store import Tx
from services.provenance.adapters.tables import snapshot_tables
from services.provenance.domain.snapshot import Item, Snapshot, SnapshotState

_T = snapshot_tables(sa.MetaData())
_SNAPSHOTS, _ITEMS = _T["snapshots"], _T["items"]


class SnapshotRecords:
    def queue(self, tx: Tx, tenant: str, snapshot: Snapshot) -> None:
        if self.find(tx, tenant, snapshot.version) is None:
            tx.execute(sa.insert(_SNAPSHOTS).values(tenant=tenant, **_row(snapshot)))

    def next(self, tx: Tx) -> tuple[str, Snapshot] | None:
        s = _SNAPSHOTS.c
        query = sa.select(_SNAPSHOTS).where(s.state == SnapshotState.QUEUED.value).order_by(s.tenant, s.version)
        row = tx.execute(query.limit(1)).one_or_none()
        return (row.tenant, _snapshot(row)) if row else None

    def find(self, tx: Tx, tenant: str, version: str) -> Snapshot | None:
        row = tx.execute(sa.select(_SNAPSHOTS).where(*_is(_SNAPSHOTS, tenant, version))).one_or_none()
        return _snapshot(row) if row else None

    def seal(self, tx: Tx, tenant: str, snapshot: Snapshot, items: Sequence[Item]) -> None:
        values = {"state": SnapshotState.SEALED.value, "root": snapshot.root}
        tx.execute(sa.update(_SNAPSHOTS).where(*_is(_SNAPSHOTS, tenant, snapshot.version)).values(values))
        rows = [
            {
                "tenant": tenant,
                "version": snapshot.version,
                "position": position,
                "example": item.example,
                "commitment": item.commitment,
                "salt": item.salt,
            }
            for position, item in enumerate(items)
        ]
        if rows:
            tx.execute(sa.insert(_ITEMS), rows)

    def fail(self, tx: Tx, tenant: str, version: str, reason: str) -> None:
        values = {"state": SnapshotState.FAILED.value, "failure": reason}
        tx.execute(sa.update(_SNAPSHOTS).where(*_is(_SNAPSHOTS, tenant, version)).values(values))

    def items(self, tx: Tx, tenant: str, version: str) -> Sequence[Item]:
        rows = tx.execute(sa.select(_ITEMS).where(*_is(_ITEMS, tenant, version)).order_by(_ITEMS.c.position))
        return [Item(row.example, row.commitment, bytes(row.salt)) for row in rows]


def _is(table: sa.Table, tenant: str, version: str) -> tuple[Any, ...]:
    return (table.c.tenant == tenant, table.c.version == version)


def _row(snapshot: Snapshot) -> dict[str, str]:
    return {
        "version": snapshot.version,
        "project": snapshot.project,
        "state": snapshot.state.value,
        "train": snapshot.train,
        "chunks": snapshot.chunks,
        "root": snapshot.root,
        "traceparent": snapshot.traceparent,
        "failure": snapshot.failure,
    }


def _snapshot(row: Any) -> Snapshot:
    return Snapshot(
        row.version,
        row.project,
        row.train,
        row.chunks,
        SnapshotState(row.state),
        row.root,
        row.traceparent,
        row.failure,
    )
