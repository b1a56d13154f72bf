"""Puts the curation service together."""

from collections.abc import Sequence

from services.chassis.events import Consumer, pending
from services.chassis.lifecycle import Platform, Service, Worker, open_platform
from services.curation.adapters.chunks import BlobChunks
from services.curation.adapters.records import records
from services.curation.events import Events
from services.curation.handlers.analyses import AnalysisHandlers
from services.curation.handlers.datasets import DatasetHandlers
from services.curation.handlers.documents import DocumentHandlers
from services.curation.handlers.exports import ExportHandlers
from services.curation.handlers.findings import FindingHandlers
from services.curation.handlers.taxonomies import TaxonomyHandlers
from services.curation.ports import Chunks, Records
from services.curation.rpc import CurationServicer, Handlers
from services.curation.running import AnalysisQueue, BuildQueue
from services.curation.settings import Settings
from whetstone.curation.v1 import curation_pb2_grpc


def bootstrap(settings: Settings, chunks: Chunks | None = None) -> Service:
    platform = open_platform("curation", settings, "services.curation.migrations")
    chunks = chunks or BlobChunks(platform.blobs)
    kept = records()
    handlers = _handlers(platform, chunks, kept)

    def heard(topic: str) -> bool:
        return pending(platform.store, platform.log, [topic]) == 0

    analyses = AnalysisQueue(handlers.analyses, chunks, heard, settings.max_starts)
    builds = BuildQueue(handlers.datasets, heard, settings.max_starts)
    workers = [
        Worker("analyses", analyses.step, settings.analysis_poll_seconds),
        Worker("builds", builds.step, settings.analysis_poll_seconds),
    ]
    documents = DocumentHandlers(kept, handlers.findings, handlers.datasets)
    events = Events(documents, handlers.analyses, handlers.datasets)
    consumer = Consumer(
        "curation",
        platform.store,
        platform.log,
        events.subscriptions(),
        poll_seconds=settings.events_poll_seconds,
        on_batch=lambda: _wake(workers),
    )
    return Service(
        "curation",
        platform,
        servicers=[(curation_pb2_grpc.add_CurationServiceServicer_to_server, CurationServicer(handlers))],
        service_names=["whetstone.curation.v1.CurationService"],
        consumer=consumer,
        workers=workers,
    )


def _handlers(platform: Platform, chunks: Chunks, records: Records) -> Handlers:
    store, blobs, outbox = platform.store, platform.blobs, platform.outbox
    taxonomies = TaxonomyHandlers(store, records)
    exports = ExportHandlers(store, blobs, records, chunks)
    return Handlers(
        AnalysisHandlers(store, blobs, outbox, records, taxonomies),
        FindingHandlers(store, outbox, records),
        taxonomies,
        exports,
        DatasetHandlers(store, outbox, records, exports, blobs.get),
    )


def _wake(workers: Sequence[Worker]) -> None:
    for worker in workers:
        worker.wake()
