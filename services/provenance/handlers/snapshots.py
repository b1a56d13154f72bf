"""Use case: commit to each example of a dataset version, and let the log hear the root."""

import secrets
from dataclasses import replace

from services.chassis import auth, telemetry
from services.chassis.blobs import Blobs
from services.chassis.errors import ServiceError, Unavailable
from services.chassis.outbox import Outbox
from services.chassis.store import Store, Tx
from services.provenance.domain import snapshot as snapshots
from services.provenance.domain.examples import lines_of, raw_lines
from services.provenance.domain.graph import Graph
from services.provenance.domain.leaf import SALT_BYTES, commitment
from services.provenance.domain.snapshot import Item, Snapshot
from services.provenance.ports.records import GraphStore, SnapshotStore
from whetstone.provenance.v1 import events_pb2


class SnapshotHandlers:
    def __init__(
        self, store: Store, outbox: Outbox, blobs: Blobs, snapshots_: SnapshotStore, graph: GraphStore
    ) -> None:
        self._store, self._outbox, self._blobs = store, outbox, blobs
        self._snapshots, self._graph = snapshots_, graph

    def queue(self, tx: Tx, tenant: str, snapshot: Snapshot) -> None:
        self._snapshots.queue(tx, tenant, replace(snapshot, traceparent=telemetry.traceparent()))

    def step(self) -> bool:
        """Seals the next queued snapshot. Returns whether there was one. Raises Unavailable."""
        with self._store.read() as tx:
            due = self._snapshots.next(tx)
        if due is None:
            return False
        tenant, snapshot = due
        who = auth.Caller(tenant, "service:provenance", frozenset({"service"}))
        with auth.acting_as(who), telemetry.span("snapshot seal", parent=snapshot.traceparent) as span:
            try:
                self._seal(tenant, snapshot)
            except Unavailable:
                raise
            except ServiceError as error:
                telemetry.mark_failed(span, error.reason)
                with self._store.begin() as tx:
                    self._snapshots.fail(tx, tenant, snapshot.version, f"{error.reason}: {error.message}")
        return True

    def _seal(self, tenant: str, snapshot: Snapshot) -> None:
        data = self._blobs.get(tenant, snapshot.train)
        ids = [str(line.get("id", "")) for line in lines_of(data)]
        items = snapshots.ordered([_item(id_, line) for id_, line in zip(ids, raw_lines(data), strict=True)])
        sealed = replace(snapshot, root=snapshots.root([item.commitment for item in items]))
        revisions = self._revisions(tenant, snapshot)
        message = events_pb2.SnapshotSealed(
            dataset_version=snapshot.version,
            root_hash=sealed.root,
            size=len(items),
            train_sha256=snapshot.train,
        )
        with self._store.begin() as tx:
            self._snapshots.seal(tx, tenant, sealed, items)
            self._graph.add(tx, tenant, snapshot.project, revisions)
            self._outbox.add(tx, tenant, snapshot.version, message)

    def _revisions(self, tenant: str, snapshot: Snapshot) -> Graph:
        """Which revision of each document went in: the version's event names documents only."""
        graph = Graph()
        lines = lines_of(self._blobs.get(tenant, snapshot.chunks)) if snapshot.chunks else []
        for revision in sorted({str(line.get("revision", "")) for line in lines} - {""}):
            graph.node(revision, "revision")
            graph.edge(revision, snapshot.version, "derived-from")
        return graph


def _item(example: str, line: bytes) -> Item:
    salt = secrets.token_bytes(SALT_BYTES)
    return Item(example, commitment(salt, line), salt)
