"""The outbox: an event is a row, written in the transaction that changes the state.

The inbox: an event's effect and its id are written together, so that a second delivery changes nothing.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from google.protobuf.message import Message

from services.chassis import auth, telemetry
from services.chassis.store import Tx


@dataclass(frozen=True)
class Event:
    """A CloudEvent (1.0). `type` is the protobuf message's full name, `subject` the resource it is about."""

    id: str
    type: str
    source: str
    subject: str
    time: datetime
    data: bytes
    tenant: str
    actor: str = ""
    traceparent: str = ""
    # Where it stands in its topic.
    position: int = field(default=0, compare=False)


def topic_of(type_name: str) -> str:
    """The topic of an event type: `whetstone.training.v1` of `whetstone.training.v1.ModelVersionPromoted`."""
    return type_name.rsplit(".", 1)[0]


def event_tables(metadata: sa.MetaData) -> dict[str, sa.Table]:
    """The tables that carry events, as of schema 1. Migrations use it; a change needs a schema 2 beside it."""
    big = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    event: list[sa.Column[Any]] = [
        sa.Column("id", sa.String(60), nullable=False),
        sa.Column("topic", sa.String(200), nullable=False),
        sa.Column("type", sa.String(200), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("subject", sa.String(500), nullable=False),
        sa.Column("time", sa.String(40), nullable=False),
        sa.Column("tenant", sa.String(100), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("traceparent", sa.String(60), nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    ]
    outbox = sa.Table(
        "outbox",
        metadata,
        sa.Column("seq", big, primary_key=True, autoincrement=True),
        *[c.copy() for c in event],
        sa.Column("published_at", sa.String(40)),
        sqlite_autoincrement=True,
    )
    inbox = sa.Table(
        "inbox",
        metadata,
        sa.Column("event_id", sa.String(60), primary_key=True),
        sa.Column("topic", sa.String(200), nullable=False),
        sa.Column("time", sa.String(40), nullable=False),
    )
    offsets = sa.Table(
        "offsets",
        metadata,
        sa.Column("topic", sa.String(200), primary_key=True),
        sa.Column("position", big, nullable=False),
    )
    dead = sa.Table(
        "dead_letters",
        metadata,
        *[c.copy() for c in event],
        sa.Column("position", big, nullable=False),
        sa.Column("reason", sa.String(100), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    return {"outbox": outbox, "inbox": inbox, "offsets": offsets, "dead_letters": dead}


TABLES = event_tables(sa.MetaData())


class Outbox:
    """Writes a service's events."""

    def __init__(self, service: str) -> None:
        self._source = f"/whetstone/{service}"

    def add(self, tx: Tx, tenant: str, subject: str, message: Message) -> str:
        """Says `message` about the resource `subject`, in this transaction. Returns the event's id."""
        who = auth.known_caller()
        name = message.DESCRIPTOR.full_name
        event = Event(
            id=str(uuid.uuid4()),
            type=name,
            source=self._source,
            subject=subject,
            time=datetime.now(UTC),
            data=message.SerializeToString(deterministic=True),
            tenant=tenant,
            actor=who.subject if who else "",
            traceparent=telemetry.traceparent(),
        )
        tx.execute(sa.insert(TABLES["outbox"]).values(event_row(event)))
        return event.id


def event_row(event: Event) -> dict[str, Any]:
    row = {
        name: getattr(event, name)
        for name in ("id", "type", "source", "subject", "data", "tenant", "actor", "traceparent")
    }
    return row | {"topic": topic_of(event.type), "time": event.time.isoformat()}


def row_event(row: Any, position: int) -> Event:
    return Event(
        id=row.id,
        type=row.type,
        source=row.source,
        subject=row.subject,
        time=datetime.fromisoformat(row.time),
        data=bytes(row.data),
        tenant=row.tenant,
        actor=row.actor,
        traceparent=row.traceparent,
        position=position,
    )


def read_outbox(tx: Tx, topic: str, after: int, limit: int) -> Sequence[Event]:
    """Events of a topic behind a position, oldest first."""
    t = TABLES["outbox"].c
    rows = tx.execute(sa.select(TABLES["outbox"]).where(t.topic == topic, t.seq > after).order_by(t.seq).limit(limit))
    return [row_event(row, row.seq) for row in rows]


def seen(tx: Tx, event_id: str) -> bool:
    t = TABLES["inbox"].c
    return tx.execute(sa.select(t.event_id).where(t.event_id == event_id)).first() is not None


def record(tx: Tx, event: Event) -> None:
    """Notes that the event had its effect in this transaction."""
    row = {"event_id": event.id, "topic": topic_of(event.type), "time": event.time.isoformat()}
    tx.execute(sa.insert(TABLES["inbox"]).values(row))


def offset(tx: Tx, topic: str) -> int:
    t = TABLES["offsets"].c
    return tx.execute(sa.select(t.position).where(t.topic == topic)).scalar() or 0


def advance(tx: Tx, topic: str, position: int) -> None:
    t = TABLES["offsets"]
    if not tx.execute(sa.update(t).where(t.c.topic == topic).values(position=position)).rowcount:
        tx.execute(sa.insert(t).values(topic=topic, position=position))


def bury(tx: Tx, event: Event, reason: str, message: str) -> None:
    """Puts an event that can't be worked on into the dead letters, whole, with its reason."""
    row = event_row(event) | {"position": event.position, "reason": reason, "message": message, "state": "DEAD"}
    tx.execute(sa.insert(TABLES["dead_letters"]).values(row))
