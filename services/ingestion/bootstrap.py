"""Puts the ingestion service together."""

from services.chassis.lifecycle import Service, Worker, open_platform
from services.ingestion.adapters import records
from services.ingestion.adapters.sandbox import Sandbox
from services.ingestion.domain.limits import MIB, Limits
from services.ingestion.handlers import Handlers, Records
from services.ingestion.parsing import ParseQueue
from services.ingestion.ports import Parser
from services.ingestion.rpc import IngestionServicer
from services.ingestion.settings import Settings
from whetstone.ingestion.v1 import ingestion_pb2_grpc


def bootstrap(settings: Settings, parser: Parser | None = None) -> Service:
    platform = open_platform("ingestion", settings, "services.ingestion.migrations")
    tables = Records(records.documents(), records.revisions(), records.chunks(), records.uploads())
    sandbox = Sandbox(_limits(settings), settings.parse_slots)
    parses = ParseQueue(platform.store, platform.outbox, platform.blobs, tables, parser or sandbox)
    workers = [Worker(f"parse-{n}", parses.step, settings.parse_poll_seconds) for n in range(settings.parse_slots)]

    def wake() -> None:
        for worker in workers:
            worker.wake()

    handlers = Handlers(platform.store, platform.outbox, platform.blobs, tables, wake)
    return Service(
        "ingestion",
        platform,
        servicers=[(ingestion_pb2_grpc.add_IngestionServiceServicer_to_server, IngestionServicer(handlers))],
        service_names=["whetstone.ingestion.v1.IngestionService"],
        workers=workers,
        closers=[sandbox.close],
    )


def _limits(settings: Settings) -> Limits:
    return Limits(
        seconds=settings.parse_seconds,
        memory_bytes=settings.parse_memory_mib * MIB,
        output_bytes=settings.parse_output_mib * MIB,
        pages=settings.parse_pages,
    )
