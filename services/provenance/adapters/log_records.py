"""The log's rows: leaves, complete subtrees, checkpoints, and the data that leaves commit to."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from services.chassis.store import Tx
from services.provenance.adapters.tables import log_tables
from services.provenance.domain import merkle
from services.provenance.domain.leaf import Datum, Entry, Leaf
from services.provenance.domain.note import Checkpoint
from services.provenance.errors import LogEntryNotFound
from services.provenance.ports.records import Facts

_T = log_tables(sa.MetaData())
_LOGS, _LEAVES, _DATUMS, _TREE, _CHECKPOINTS = (
    _T[name] for name in ("logs", "leaves", "datums", "tree", "checkpoints")
)


class LogRecords:
    def append(self, tx: Tx, leaf: Leaf, leaf_json: str, datum: Datum) -> int:
        """Adds a leaf behind the last of its log, with the subtrees that it completes. Returns its index."""
        where = {"tenant": leaf.tenant, "project": leaf.project}
        index = self._grow(tx, leaf.tenant, leaf.project)
        digest = merkle.leaf_hash(leaf_json.encode())
        row = where | {"idx": index, "event_id": leaf.event_id, "type": leaf.type, "subject": leaf.subject}
        tx.execute(sa.insert(_LEAVES).values(row | {"leaf_json": leaf_json, "leaf_hash": digest}))
        datum_row = {"tenant": leaf.tenant, "event_id": leaf.event_id, "payload": datum.payload, "salt": datum.salt}
        tx.execute(sa.insert(_DATUMS).values(datum_row))
        made = merkle.completed(self.nodes(tx, leaf.tenant, leaf.project), index, digest)
        tx.execute(sa.insert(_TREE), [where | {"level": level, "idx": at, "hash": h} for level, at, h in made])
        return index

    def _grow(self, tx: Tx, tenant: str, project: str) -> int:
        where = (_LOGS.c.tenant == tenant, _LOGS.c.project == project)
        # The row is the log's lock: two writers would otherwise give one index twice.
        size: int | None = tx.execute(sa.select(_LOGS.c.size).where(*where).with_for_update()).scalar()
        if size is None:
            tx.execute(sa.insert(_LOGS).values(tenant=tenant, project=project, size=1))
            return 0
        tx.execute(sa.update(_LOGS).where(*where).values(size=size + 1))
        return size

    def size(self, tx: Tx, tenant: str, project: str) -> int:
        where = (_LOGS.c.tenant == tenant, _LOGS.c.project == project)
        return tx.execute(sa.select(_LOGS.c.size).where(*where)).scalar() or 0

    def nodes(self, tx: Tx, tenant: str, project: str) -> merkle.Nodes:
        t = _TREE.c

        def read(level: int, index: int) -> bytes:
            where = (t.tenant == tenant, t.project == project, t.level == level, t.idx == index)
            return bytes(tx.execute(sa.select(t.hash).where(*where)).scalar_one())

        return read

    def entry(self, tx: Tx, tenant: str, project: str, index: int) -> Entry:
        """Raises LogEntryNotFound."""
        t = _LEAVES.c
        where = (t.tenant == tenant, t.project == project, t.idx == index)
        row = tx.execute(sa.select(_LEAVES).where(*where)).one_or_none()
        if row is None:
            name = f"projects/{project}/logEntries/{index}"
            raise LogEntryNotFound(f"{name} does not exist", name=name)
        return _entry(row)

    def entries(self, tx: Tx, tenant: str, project: str, after: int, limit: int, subject: str = "") -> Sequence[Entry]:
        """Entries behind an index, oldest first."""
        t = _LEAVES.c
        where = [t.tenant == tenant, t.project == project, t.idx > after]
        if subject:
            where.append(t.subject == subject)
        return [_entry(row) for row in tx.execute(sa.select(_LEAVES).where(*where).order_by(t.idx).limit(limit))]

    def datum(self, tx: Tx, tenant: str, event_id: str) -> Datum | None:
        """What a leaf commits to; None where it was erased."""
        where = (_DATUMS.c.tenant == tenant, _DATUMS.c.event_id == event_id)
        row = tx.execute(sa.select(_DATUMS).where(*where)).one_or_none()
        return Datum(row.payload, bytes(row.salt)) if row else None

    def erase(self, tx: Tx, tenant: str, event_id: str) -> bool:
        """Forgets what a leaf commits to, and its salt. The leaf stays and verifies. Returns whether it was there."""
        where = (_DATUMS.c.tenant == tenant, _DATUMS.c.event_id == event_id)
        return bool(tx.execute(sa.delete(_DATUMS).where(*where)).rowcount)

    def payloads(self, tx: Tx, tenant: str, types: Sequence[str], subject: str, limit: int = 1) -> Sequence[Facts]:
        """The payloads of the newest events of these types about a resource, newest first; erased ones are left out."""
        t = _LEAVES.c
        joined = sa.join(_LEAVES, _DATUMS, (t.tenant == _DATUMS.c.tenant) & (t.event_id == _DATUMS.c.event_id))
        where = (t.tenant == tenant, t.type.in_(types), t.subject == subject)
        query = sa.select(_DATUMS.c.payload).select_from(joined).where(*where).order_by(t.idx.desc()).limit(limit)
        return [json.loads(row.payload) for row in tx.execute(query)]

    def grown(self, tx: Tx) -> list[tuple[str, str]]:
        """Tenant and project of each log that has leaves beyond its newest published checkpoint."""
        c = _CHECKPOINTS.c
        on = (c.tenant == _LOGS.c.tenant) & (c.project == _LOGS.c.project) & (c.size == _LOGS.c.size) & (c.note != "")
        joined = sa.outerjoin(_LOGS, _CHECKPOINTS, on)
        query = sa.select(_LOGS.c.tenant, _LOGS.c.project).select_from(joined).where(c.size.is_(None))
        return [(row.tenant, row.project) for row in tx.execute(query.order_by(_LOGS.c.tenant, _LOGS.c.project))]

    def checkpoint(self, tx: Tx, tenant: str, project: str, *, published: bool = True) -> Checkpoint | None:
        """The newest checkpoint: a published one, or also one that is only committed to."""
        c = _CHECKPOINTS.c
        where = [c.tenant == tenant, c.project == project]
        if published:
            where.append(c.note != "")
        row = tx.execute(sa.select(_CHECKPOINTS).where(*where).order_by(c.size.desc()).limit(1)).one_or_none()
        return _checkpoint(row) if row else None

    def commit(self, tx: Tx, tenant: str, checkpoint: Checkpoint) -> None:
        """Writes size and root down, before anybody sees them."""
        row = {"project": checkpoint.project, "size": checkpoint.size, "root": checkpoint.root}
        row |= {"time": checkpoint.time.isoformat(), "note": "", "origin": checkpoint.origin, "verifier_key": ""}
        tx.execute(sa.insert(_CHECKPOINTS).values(tenant=tenant, **row))

    def publish(self, tx: Tx, tenant: str, checkpoint: Checkpoint) -> bool:
        """Stores the signed note. Returns False where it was there already."""
        c = _CHECKPOINTS.c
        where = (c.tenant == tenant, c.project == checkpoint.project, c.size == checkpoint.size, c.note == "")
        values = {"note": checkpoint.note, "verifier_key": checkpoint.verifier_key}
        return bool(tx.execute(sa.update(_CHECKPOINTS).where(*where).values(values)).rowcount)


def _entry(row: Any) -> Entry:
    return Entry(row.idx, Leaf(**json.loads(row.leaf_json)), row.leaf_json, bytes(row.leaf_hash))


def _checkpoint(row: Any) -> Checkpoint:
    time = datetime.fromisoformat(row.time)
    return Checkpoint(row.project, row.size, bytes(row.root), time, row.note, row.origin, row.verifier_key)
