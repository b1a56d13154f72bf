"""What provenance needs of its records. Every method works within the caller's transaction."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from services.chassis.store import Tx
from services.provenance.domain.graph import Direction, Graph, Lineage
from services.provenance.domain.leaf import Datum, Entry, Leaf
from services.provenance.domain.merkle import Nodes
from services.provenance.domain.note import Checkpoint
from services.provenance.domain.snapshot import Item, Snapshot

Facts = Mapping[str, Any]
"""An event's message as proto JSON with the field names of the proto."""


class LogStore(Protocol):
    def append(self, tx: Tx, leaf: Leaf, leaf_json: str, datum: Datum) -> int:
        """Adds a leaf behind the last of its log, with the subtrees that it completes. Returns its index."""
        ...

    def size(self, tx: Tx, tenant: str, project: str) -> int: ...

    def nodes(self, tx: Tx, tenant: str, project: str) -> Nodes: ...

    def entry(self, tx: Tx, tenant: str, project: str, index: int) -> Entry:
        """Raises LogEntryNotFound."""
        ...

    def entries(self, tx: Tx, tenant: str, project: str, after: int, limit: int, subject: str = "") -> Sequence[Entry]:
        """Entries behind an index, oldest first."""
        ...

    def datum(self, tx: Tx, tenant: str, event_id: str) -> Datum | None:
        """What a leaf commits to; None where it was erased."""
        ...

    def erase(self, tx: Tx, tenant: str, event_id: str) -> bool:
        """Forgets what a leaf commits to, and its salt. Returns whether it was there."""
        ...

    def payloads(self, tx: Tx, tenant: str, types: Sequence[str], subject: str, limit: int = 1) -> Sequence[Facts]:
        """The payloads of the newest events of these types about a resource, newest first; erased ones are left out."""
        ...

    def grown(self, tx: Tx) -> list[tuple[str, str]]:
        """Tenant and project of each log that has leaves beyond its newest published checkpoint."""
        ...

    def checkpoint(self, tx: Tx, tenant: str, project: str, *, published: bool = True) -> Checkpoint | None:
        """The newest checkpoint: a published one, or also one that is only committed to."""
        ...

    def commit(self, tx: Tx, tenant: str, checkpoint: Checkpoint) -> None:
        """Writes size and root down, before anybody sees them."""
        ...

    def publish(self, tx: Tx, tenant: str, checkpoint: Checkpoint) -> bool:
        """Stores the signed note. Returns False where it was there already."""
        ...


class GraphStore(Protocol):
    def add(self, tx: Tx, tenant: str, project: str, graph: Graph) -> None:
        """Adds what is new; the same event twice changes nothing."""
        ...

    def has(self, tx: Tx, tenant: str, project: str, name: str) -> bool: ...

    def reach(self, tx: Tx, tenant: str, project: str, name: str, direction: Direction, limit: int) -> Lineage | None:
        """What can be reached from a resource, itself among it; None where that is more than `limit` nodes."""
        ...


class SnapshotStore(Protocol):
    def queue(self, tx: Tx, tenant: str, snapshot: Snapshot) -> None:
        """Notes that a dataset version is to be committed to; the same version twice is one."""
        ...

    def next(self, tx: Tx) -> tuple[str, Snapshot] | None:
        """A queued snapshot and its tenant."""
        ...

    def find(self, tx: Tx, tenant: str, version: str) -> Snapshot | None: ...

    def seal(self, tx: Tx, tenant: str, snapshot: Snapshot, items: Sequence[Item]) -> None: ...

    def fail(self, tx: Tx, tenant: str, version: str, reason: str) -> None: ...

    def items(self, tx: Tx, tenant: str, version: str) -> Sequence[Item]:
        """In the order of commitments."""
        ...
