"""From settings to a running service and back: parts by mode, workers, health, and a stop that loses nothing."""

import logging
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from services.chassis import rpc, telemetry
from services.chassis.blobs import Blobs, open_blobs
from services.chassis.errors import Unavailable
from services.chassis.events import Consumer, EmbeddedLog, EventLog
from services.chassis.outbox import Outbox
from services.chassis.settings import ServiceSettings, SettingInvalid
from services.chassis.store import Store, migrate, open_store

log = logging.getLogger(__name__)
FIRST_BACKOFF, LAST_BACKOFF = 0.5, 30.0
MIN_KEY = 32


@dataclass(frozen=True)
class Platform:
    """The parts that a service stands on, chosen by mode."""

    settings: ServiceSettings
    store: Store
    blobs: Blobs
    outbox: Outbox
    log: EventLog

    def channel(self, service: str) -> grpc.Channel:
        """A channel to another service. Raises Unavailable where no address is set."""
        return rpc.channel(self.settings.addresses.get(service, ""), self.settings.internal_key)


def open_platform(service: str, settings: ServiceSettings, migrations: str = "") -> Platform:
    """Opens the parts and brings the schema of `migrations`, such as `services.tools.migrations`, up to date."""
    if len(settings.internal_key) < MIN_KEY:
        raise SettingInvalid(f"WHETSTONE_INTERNAL_KEY must have at least {MIN_KEY} characters")
    if settings.mode != "embedded":
        raise SettingInvalid(f"mode {settings.mode!r} is not known; modes: embedded")
    store = open_store(settings.database_url, settings.state_dir, service)
    if migrations:
        migrate(store, migrations)
    blobs = open_blobs(settings.blob_url, settings.state_dir)
    return Platform(settings, store, blobs, Outbox(service), EmbeddedLog(settings.state_dir))


class Worker:
    """Runs `step` in a thread of its own: again while it returns True, else after `interval` seconds or `wake()`.

    A step does one piece of work that its own rows describe, so that a crash leaves it to the next start.
    """

    def __init__(self, name: str, step: Callable[[], bool], interval: float = 0.25) -> None:
        self.name, self._step, self._interval = name, step, interval
        self._stop, self._wake = threading.Event(), threading.Event()

    def wake(self) -> None:
        self._wake.set()

    def stop(self) -> None:
        self._stop.set()
        self._wake.set()

    def run(self) -> None:
        backoff = 0.0
        while not self._stop.is_set():
            try:
                worked, backoff = self._step(), 0.0
            except Unavailable as error:
                worked, backoff = False, _longer(backoff)
                log.warning("worker waits", extra={"worker": self.name, "error": str(error), "backoff": backoff})
            except Exception:
                worked, backoff = False, _longer(backoff)
                log.exception("worker step failed", extra={"worker": self.name, "backoff": backoff})
            if not worked:
                self._wake.wait(backoff or self._interval)
                self._wake.clear()


def _longer(backoff: float) -> float:
    return min(max(backoff * 2, FIRST_BACKOFF), LAST_BACKOFF)


@dataclass
class Service:
    """What a service's bootstrap returns."""

    name: str
    platform: Platform
    servicers: Sequence[tuple[Callable[[Any, grpc.Server], None], Any]] = ()
    """Pairs of a generated `add_…Servicer_to_server` and the servicer."""
    consumer: Consumer | None = None
    workers: Sequence[Worker] = ()
    closers: Sequence[Callable[[], None]] = ()
    """Called at the end, in order."""
    service_names: Sequence[str] = ()
    """Full names of the gRPC services, for reflection and health."""
    signed_services: Sequence[str] = ()
    """Those of them whose requests carry signatures of their own in place of the caller's token."""
    _threads: list[threading.Thread] = field(default_factory=list)
    _server: grpc.Server | None = None
    _health: health.HealthServicer | None = None

    def start(self) -> int:
        """Starts everything and returns the port."""
        settings = self.platform.settings
        self._server = rpc.server(self.name, settings.internal_key, settings.rpc_threads, self.signed_services)
        for add, servicer in self.servicers:
            add(servicer, self._server)
        self._health = health.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        reflection.enable_server_reflection(
            [*self.service_names, reflection.SERVICE_NAME, health.SERVICE_NAME], self._server
        )
        port = self._server.add_insecure_port(settings.listen)
        self._server.start()
        for name in ("", *self.service_names):
            self._health.set(name, health_pb2.HealthCheckResponse.SERVING)
        runners = [worker.run for worker in self.workers] + ([self.consumer.run] if self.consumer else [])
        self._threads = [
            threading.Thread(target=run, daemon=True, name=f"{self.name}-{n}") for n, run in enumerate(runners)
        ]
        for thread in self._threads:
            thread.start()
        log.info("ready", extra={"port": port})
        return port

    def stop(self) -> None:
        """Stops taking work, lets what is in hand end, closes. What is not ended goes on at the next start."""
        grace = self.platform.settings.grace_seconds
        if self._health:
            self._health.enter_graceful_shutdown()
        for worker in self.workers:
            worker.stop()
        if self.consumer:
            self.consumer.stop()
        if self._server:
            self._server.stop(grace).wait()
        for thread in self._threads:
            thread.join(grace)
        for close in self.closers:
            close()
        self.platform.store.close()
        log.info("stopped")


def run(name: str, settings: ServiceSettings, bootstrap: Callable[[Any], Service]) -> None:
    """The whole of a service's `__main__`: serves until SIGTERM or SIGINT."""
    telemetry.start(
        name, state_dir=settings.state_dir, otlp_endpoint=settings.otlp_endpoint, log_level=settings.log_level
    )
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    service = bootstrap(settings)
    service.start()
    ended.wait()
    service.stop()
