"""Puts the provenance service together."""

from pathlib import Path

from services.chassis.events import Consumer
from services.chassis.lifecycle import Platform, Service, Worker, open_platform
from services.provenance.adapters.archive import archive
from services.provenance.adapters.canonical import canonical
from services.provenance.adapters.graph_records import GraphRecords
from services.provenance.adapters.influence import InfluenceFolder
from services.provenance.adapters.log_records import LogRecords
from services.provenance.adapters.packs import packs
from services.provenance.adapters.serving import ServingCompletions
from services.provenance.adapters.signer import FileSigner
from services.provenance.adapters.snapshot_records import SnapshotRecords
from services.provenance.adapters.text_index import TextIndexFolder
from services.provenance.events.hearing import TOPICS, Hearing
from services.provenance.handlers.gathering import Sources
from services.provenance.handlers.lineage import LineageHandlers
from services.provenance.handlers.log import LogHandlers
from services.provenance.handlers.packing import Packer
from services.provenance.handlers.packs import PackHandlers
from services.provenance.handlers.snapshots import SnapshotHandlers
from services.provenance.handlers.trace import TraceHandlers
from services.provenance.ports.outside import Completions, Influences, Signer
from services.provenance.rpc import ProvenanceServicer
from services.provenance.settings import Settings
from whetstone.provenance.v1 import provenance_pb2_grpc


def bootstrap(
    settings: Settings,
    completions: Completions | None = None,
    influences: Influences | None = None,
    signer: Signer | None = None,
) -> Service:
    platform = open_platform("provenance", settings, "services.provenance.migrations")
    signer = signer or FileSigner(key_path(settings))
    records, graph, snapshots = LogRecords(), GraphRecords(), SnapshotRecords()
    log = LogHandlers(platform.store, platform.outbox, records, signer, canonical, settings.log_name)
    lineage = LineageHandlers(platform.store, graph, settings.lineage_limit)
    sealing = SnapshotHandlers(platform.store, platform.outbox, platform.blobs, snapshots, graph)
    sources = Sources(
        platform.store,
        platform.blobs,
        records,
        graph,
        snapshots,
        settings.lineage_limit,
        settings.pack_discloses_data,
    )
    packing = PackHandlers(sources, packs(), log, Packer(signer, canonical, archive, settings.regulation_dates))
    trace = tracing(settings, platform, records, completions, influences)
    servicer = ProvenanceServicer(log, lineage, trace, packing)
    sealer = Worker("snapshots", sealing.step)
    consumer = Consumer(
        "provenance",
        platform.store,
        platform.log,
        {},
        everything=Hearing(log, lineage, sealing, canonical).everything,
        topics=TOPICS,
        poll_seconds=settings.events_poll_seconds,
        on_batch=sealer.wake,
    )
    return Service(
        "provenance",
        platform,
        servicers=[(provenance_pb2_grpc.add_ProvenanceServiceServicer_to_server, servicer)],
        service_names=["whetstone.provenance.v1.ProvenanceService"],
        consumer=consumer,
        workers=[
            Worker("checkpoints", log.sign_grown, settings.checkpoint_seconds),
            sealer,
            Worker("audit packs", packing.step),
        ],
    )


def tracing(
    settings: Settings,
    platform: Platform,
    records: LogRecords,
    completions: Completions | None,
    influences: Influences | None,
) -> TraceHandlers:
    folder = settings.state_dir / "provenance"
    return TraceHandlers(
        platform.store,
        records,
        platform.blobs,
        completions or ServingCompletions(platform.channel("serving"), settings.provenance_rpc_seconds),
        influences or InfluenceFolder(folder / "influence", platform.blobs),
        TextIndexFolder(folder / "texts", platform.blobs, settings.trace_indexes),
        settings.trace_limit,
    )


def key_path(settings: Settings) -> Path:
    given = settings.signing_key
    return given if given != Path() else settings.state_dir / "keys" / "provenance.ed25519"
