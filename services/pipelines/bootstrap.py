"""Puts the pipelines service together."""

from services.chassis import auth
from services.chassis.errors import FailedPrecondition
from services.chassis.events import Consumer
from services.chassis.lifecycle import Service, Worker, open_platform
from services.pipelines.adapters.curation import CurationFindings
from services.pipelines.adapters.records import runs
from services.pipelines.adapters.trace_files import TraceFiles
from services.pipelines.events import Events
from services.pipelines.handlers import Handlers
from services.pipelines.ports import Findings
from services.pipelines.rpc import PipelineServicer
from services.pipelines.settings import Settings
from whetstone.pipelines.v1 import pipelines_pb2_grpc


def bootstrap(settings: Settings, findings: Findings | None = None) -> Service:
    platform = open_platform("pipelines", settings, "services.pipelines.migrations")
    findings = findings or CurationFindings(platform.channel("curation"))
    handlers = Handlers(platform.store, platform.outbox, runs(), findings)
    consumer = Consumer(
        "pipelines",
        platform.store,
        platform.log,
        Events(handlers).subscriptions(),
        poll_seconds=settings.events_poll_seconds,
    )
    return Service(
        "pipelines",
        platform,
        servicers=[
            (
                pipelines_pb2_grpc.add_PipelineServiceServicer_to_server,
                PipelineServicer(handlers, TraceFiles(settings.state_dir / "traces")),
            )
        ],
        service_names=["whetstone.pipelines.v1.PipelineService"],
        consumer=consumer,
        workers=[Worker("review", lambda: resume_settled(handlers), settings.review_poll_seconds)],
    )


def resume_settled(handlers: Handlers) -> bool:
    """Lets runs go on whose contradictions are all settled. Returns whether one did."""
    resumed = False
    for tenant, run in handlers.review_waiting():
        with auth.acting_as(auth.Caller(tenant, "service:pipelines", frozenset({"service"}))):
            try:
                handlers.resume(tenant, run.name)
                resumed = True
            except FailedPrecondition:
                continue  # a person is still due
    return resumed
