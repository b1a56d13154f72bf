"""A log entry: who did what to which resource and when, and a commitment to the rest. Never content."""

import hashlib
import hmac
import re
from dataclasses import asdict, dataclass
from datetime import datetime

NO_PROJECT = "-"
"""The log of events whose subject is in no project."""
SALT_BYTES = 32
_PROJECT = re.compile(r"projects/([^/]+)(?:/|$)")


@dataclass(frozen=True)
class Leaf:
    """What the log says of an event, as text. `payload_commitment` is HMAC-SHA256 under a salt of its own, so that
    erasing payload and salt leaves a leaf that still verifies and tells nothing."""

    event_id: str
    type: str
    source: str
    subject: str
    time: str
    tenant: str
    project: str
    actor: str
    trace_id: str
    payload_commitment: str

    def fields(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True)
class Entry:
    """A leaf in its place. `leaf_json` is the canonical form (RFC 8785), whose hash is in the tree."""

    index: int
    leaf: Leaf
    leaf_json: str
    leaf_hash: bytes


@dataclass(frozen=True)
class Datum:
    """What a leaf commits to: the event's message as canonical JSON, and the salt. Both can be erased."""

    payload: str
    salt: bytes


def project_of(subject: str) -> str:
    """The project id in a resource name, or NO_PROJECT."""
    found = _PROJECT.match(subject)
    return found[1] if found else NO_PROJECT


def trace_id_of(traceparent: str) -> str:
    """The trace id of a W3C traceparent, or an empty string."""
    parts = traceparent.split("-")
    return parts[1] if len(parts) == 4 else ""


def commitment(salt: bytes, payload: bytes) -> str:
    return hmac.new(salt, payload, hashlib.sha256).hexdigest()


def utc(moment: datetime) -> str:
    """RFC 3339 with microseconds, so that a time has one form."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
