"""What the tests of every service share: a platform in a temporary folder, a caller, a served service."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import grpc
from google.protobuf.message import Message

from services.chassis import auth, outbox, rpc
from services.chassis.events import Consumer, parse
from services.chassis.lifecycle import Service
from services.chassis.outbox import Event
from services.chassis.settings import ServiceSettings
from services.chassis.store import Store

KEY = "a key for tests only, long enough for HS256"
CALLER = auth.Caller("acme", "user:erin@acme.example", frozenset({"admin", "expert"}))
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
S = TypeVar("S", bound=ServiceSettings)


def settings(cls: type[S], folder: Path, **values: Any) -> S:
    """Settings for a test: everything under `folder`, any free port."""
    given: dict[str, Any] = {"state_dir": folder, "internal_key": KEY, "grace_seconds": 1.0}
    return cls(**(given | values))


@contextmanager
def served(service: Service, caller: auth.Caller = CALLER) -> Iterator[grpc.Channel]:
    """Starts a service and gives a channel to it whose calls come from `caller`."""
    port = service.start()
    try:
        with auth.acting_as(caller), rpc.channel(f"127.0.0.1:{port}", KEY) as channel:
            yield channel
    finally:
        service.stop()


def said(store: Store, topic: str) -> list[tuple[Event, Message]]:
    """Every event of a topic in a service's outbox, with its message."""
    with store.read() as tx:
        return [(event, parse(event)) for event in outbox.read_outbox(tx, topic, 0, 10_000)]


def tell(store: Store, consumer: Consumer, tenant: str, subject: str, message: Message) -> Event:
    """Delivers `message` to a service's consumer as if its owner had said it, and returns the event."""
    event = Event(
        id=f"test-{subject}-{message.DESCRIPTOR.name}",
        type=message.DESCRIPTOR.full_name,
        source="/test",
        subject=subject,
        time=EPOCH,
        data=message.SerializeToString(),
        tenant=tenant,
    )
    consumer._deliver(outbox.topic_of(event.type), event)
    return event


T = TypeVar("T")


def wait_for(condition: Callable[[], T], seconds: float = 10.0) -> T:
    """Waits until `condition` gives something true, and returns it; fails the test after `seconds`."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "nothing happened in time"
        time.sleep(0.02)
    return found
