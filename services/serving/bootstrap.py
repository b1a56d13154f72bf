"""Puts the serving controller together."""

from collections.abc import Callable

from services.chassis.events import Consumer
from services.chassis.lifecycle import Service, Worker, open_platform
from services.serving.adapters.model_server import HttpModelServer
from services.serving.adapters.registry import TrainingRegistry
from services.serving.adapters.tables import tables
from services.serving.events import Events
from services.serving.handlers import Handlers
from services.serving.ports import ModelServer, Registry
from services.serving.reconcile import Reconciler
from services.serving.rpc import ServingServicer
from services.serving.settings import Settings
from services.serving.versions import Versions
from whetstone.serving.v1 import serving_pb2_grpc

SERVICE = "serving"


def bootstrap(settings: Settings, server: ModelServer | None = None, registry: Registry | None = None) -> Service:
    platform = open_platform(SERVICE, settings, "services.serving.migrations")
    closers: list[Callable[[], None]] = []
    if server is None:
        http = HttpModelServer(settings.runtime_url, settings.internal_key, settings.runtime_timeout_seconds)
        server = http
        closers.append(http.close)
    registry = registry or TrainingRegistry(lambda: platform.channel("training"))
    kept = tables()
    reconciler = Reconciler(
        platform.store, platform.outbox, kept, server, settings.runtime_url, settings.reload_seconds
    )
    worker = Worker("reconcile", reconciler.step, settings.reconcile_seconds)
    consumer = Consumer(
        SERVICE,
        platform.store,
        platform.log,
        Events(Versions(kept)).subscriptions(),
        poll_seconds=settings.events_poll_seconds,
        on_batch=worker.wake,
    )
    handlers = Handlers(platform.store, platform.outbox, kept, server, registry)
    return Service(
        SERVICE,
        platform,
        servicers=[(serving_pb2_grpc.add_ServingServiceServicer_to_server, ServingServicer(handlers))],
        service_names=["whetstone.serving.v1.ServingService"],
        consumer=consumer,
        workers=[worker],
        closers=closers,
    )
