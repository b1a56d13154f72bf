"""What provenance hears: everything."""

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from services.chassis.outbox import Event
from services.chassis.store import Tx
from services.provenance.domain.leaf import project_of
from services.provenance.domain.snapshot import Snapshot
from services.provenance.events.graph import graph_of
from services.provenance.handlers.lineage import LineageHandlers
from services.provenance.handlers.log import LogHandlers
from services.provenance.handlers.snapshots import SnapshotHandlers
from services.provenance.ports.outside import Canonical
from whetstone.curation.v1 import events_pb2 as curation
from whetstone.provenance.v1 import events_pb2 as provenance

TOPICS = tuple(
    f"whetstone.{domain}.v1"
    for domain in (
        "agents",
        "curation",
        "federation",
        "ingestion",
        "pipelines",
        "provenance",
        "serving",
        "synthesis",
        "tools",
        "training",
    )
)


class Hearing:
    def __init__(
        self, log: LogHandlers, lineage: LineageHandlers, snapshots: SnapshotHandlers, canonical: Canonical
    ) -> None:
        self._log, self._lineage, self._snapshots, self._canonical = log, lineage, snapshots, canonical

    def everything(self, tx: Tx, event: Event, message: Message) -> None:
        """Logs an event, draws its lineage, and queues the commitment to a new dataset version's examples."""
        if isinstance(message, provenance.CheckpointSigned):
            return  # a log that heard its own checkpoints would grow by each of them, and never rest
        payload = MessageToDict(message, preserving_proto_field_name=True)
        self._log.hear(tx, event, self._canonical(payload).decode())
        self._lineage.hear(tx, event.tenant, project_of(event.subject), graph_of(message))
        if isinstance(message, curation.DatasetVersionPublished) and message.train.sha256:
            snapshot = Snapshot(message.version, project_of(event.subject), message.train.sha256, message.chunks.sha256)
            self._snapshots.queue(tx, event.tenant, snapshot)
