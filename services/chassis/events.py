"""Hearing events. A consumer takes each topic in order; an event's effect and its id are one transaction.

Unavailable is retried with backoff; anything else goes to the dead letters with its reason, and the topic moves on.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa
from google.protobuf import symbol_database
from google.protobuf.message import DecodeError, Message
from opentelemetry.trace import SpanKind
from sqlalchemy.exc import OperationalError

from services.chassis import auth, outbox, telemetry
from services.chassis.errors import Invalid, ServiceError, Unavailable
from services.chassis.outbox import Event, topic_of
from services.chassis.store import Store, Tx, open_store, sqlite_path

log = logging.getLogger(__name__)
BATCH = 100
FIRST_BACKOFF, LAST_BACKOFF = 0.2, 10.0
REREAD_SECONDS = 2.0

Handler = Callable[[Tx, Event, Any], None]


class EventUnreadable(Invalid):
    reason = "EVENT_UNREADABLE"


class EventLog(Protocol):
    """Where events are read from."""

    def read(self, topic: str, after: int, limit: int) -> Sequence[Event]:
        """Events of a topic behind a position, oldest first. Raises Unavailable where the log can't be read now."""
        ...

    def signature(self, topic: str) -> object:
        """Something that differs once the topic may have grown; None where the log can't tell. It is cheap to ask."""
        ...


class EmbeddedLog:
    """The services' outbox tables as the log, read from their SQLite files."""

    def __init__(self, state_dir: Path) -> None:
        self._state_dir = state_dir
        self._stores: dict[str, Store] = {}

    def signature(self, topic: str) -> object:
        # Every commit of the owner writes its write-ahead log. Two commits within a tick of the clock that leave the
        # file as large as it was look alike, so the signature also changes by itself, once in a while.
        path = sqlite_path(self._state_dir, topic.split(".")[1])
        try:
            state = path.with_name(f"{path.name}-wal").stat()
        except FileNotFoundError:
            return None
        return (state.st_mtime_ns, state.st_size, int(time.monotonic() / REREAD_SECONDS))

    def read(self, topic: str, after: int, limit: int) -> Sequence[Event]:
        service = topic.split(".")[1]
        if not sqlite_path(self._state_dir, service).exists():
            return []
        store = self._stores.setdefault(service, open_store("", self._state_dir, service))
        try:
            with store.read() as tx:
                return outbox.read_outbox(tx, topic, after, limit)
        except OperationalError as error:
            if "no such table" in str(error):
                return []  # its service has not made its schema yet
            raise Unavailable(f"the log of {service} can't be read") from error


def parse(event: Event) -> Message:
    """The event's message. Raises EventUnreadable where the type is unknown or the bytes are not that type."""
    try:
        return symbol_database.Default().GetSymbol(event.type).FromString(event.data)  # type: ignore[no-any-return]
    except KeyError as error:
        raise EventUnreadable(f"{event.type} is not a known event", type=event.type) from error
    except DecodeError as error:
        raise EventUnreadable(f"event {event.id} is not a {event.type}", type=event.type) from error


class Consumer:
    """Works through topics in a thread of its own.

    `handlers` maps message classes to functions `(tx, event, message)` that change the database and nothing else; work
    that takes long is written down as a row and done by a worker. `everything` hears each event of `topics` besides.
    """

    def __init__(
        self,
        service: str,
        store: Store,
        log_: EventLog,
        handlers: Mapping[type[Message], Handler],
        *,
        everything: Handler | None = None,
        topics: Sequence[str] = (),
        poll_seconds: float = 0.1,
        on_batch: Callable[[], None] = lambda: None,
    ) -> None:
        self._service, self._store, self._log, self._everything = service, store, log_, everything
        self._handlers = {kind.DESCRIPTOR.full_name: handler for kind, handler in handlers.items()}
        self.topics = sorted({topic_of(name) for name in self._handlers} | set(topics))
        self._poll_seconds, self._on_batch = poll_seconds, on_batch
        self._backoff = dict.fromkeys(self.topics, 0.0)
        self._quiet: dict[str, object] = {}
        self._stop = threading.Event()

    def run(self) -> None:
        """Hears events until `stop`."""
        while not self._stop.is_set():
            moved = [self._advance(topic) for topic in self.topics]
            if any(moved):
                self._on_batch()
            else:
                self._stop.wait(max([self._poll_seconds, *self._backoff.values()]))

    def stop(self) -> None:
        self._stop.set()

    def drain(self) -> int:
        """Works on what is there now and returns how many events that were; for tests."""
        total = 0
        while moved := sum(self._advance(topic) for topic in self.topics):
            total += moved
        return total

    def _advance(self, topic: str) -> int:
        try:
            signature = self._log.signature(topic)
            if signature is not None and signature == self._quiet.get(topic):
                return 0
            with self._store.read() as tx:
                after = outbox.offset(tx, topic)
            events = self._log.read(topic, after, BATCH)
            for event in events:
                if self._stop.is_set():
                    break
                self._deliver(topic, event)
            self._backoff[topic] = 0.0
            # Taken before the read: what came in between changes it again.
            self._quiet[topic] = signature if not events else None
            return len(events)
        except (Unavailable, OperationalError) as error:
            self._backoff[topic] = min(max(self._backoff[topic] * 2, FIRST_BACKOFF), LAST_BACKOFF)
            log.warning("event retried", extra={"topic": topic, "error": str(error), "backoff": self._backoff[topic]})
            return 0

    def _deliver(self, topic: str, event: Event) -> None:
        # A service wakes for the events it acts on; others only move its position, and make no span.
        if event.type not in self._handlers and self._everything is None:
            with self._store.begin() as tx:
                outbox.advance(tx, topic, event.position)
            return
        who = auth.Caller(event.tenant, f"service:{self._service}", frozenset({"service"}))
        name = f"{event.type.rsplit('.', 1)[1]} process"
        with (
            auth.acting_as(who),
            telemetry.span(
                name,
                event.traceparent,
                SpanKind.CONSUMER,
                messaging__message__id=event.id,
                messaging__destination__name=topic,
            ) as span,
        ):
            try:
                self._apply(topic, event)
            except Unavailable:
                raise
            except Exception as error:
                reason = error.reason if isinstance(error, ServiceError) else "INTERNAL"
                telemetry.mark_failed(span, reason)
                log.exception("event buried", extra={"event_id": event.id, "event_type": event.type, "reason": reason})
                with self._store.begin() as tx:
                    outbox.bury(tx, event, reason, str(error))
                    outbox.advance(tx, topic, event.position)

    def _apply(self, topic: str, event: Event) -> None:
        with self._store.begin() as tx:
            if not outbox.seen(tx, event.id):
                self._effect(tx, event)
                outbox.record(tx, event)
            outbox.advance(tx, topic, event.position)

    def _effect(self, tx: Tx, event: Event) -> None:
        message = parse(event)
        handler = self._handlers.get(event.type)
        if handler is not None:
            handler(tx, event, message)
        if self._everything is not None:
            self._everything(tx, event, message)


def pending(store: Store, log_: EventLog, topics: Sequence[str]) -> int:
    """How many events of the topics are not worked on yet, up to BATCH each."""
    with store.read() as tx:
        positions = {topic: outbox.offset(tx, topic) for topic in topics}
    return sum(len(log_.read(topic, after, BATCH)) for topic, after in positions.items())


def dead_letters(tx: Tx) -> Sequence[Any]:
    t = outbox.TABLES["dead_letters"]
    return tx.execute(sa.select(t).order_by(t.c.topic, t.c.position)).all()
