"""Audit packs. Standard library only."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PackState(StrEnum):
    BUILDING = "BUILDING"
    READY = "READY"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Failure:
    reason: str
    message: str


@dataclass(frozen=True)
class AuditPack:
    """What an auditor gets about one model version. `missing` are the fields that a person must still write."""

    name: str
    model_version: str
    state: PackState = PackState.BUILDING
    archive_sha256: str = ""
    archive_bytes: int = 0
    failure: Failure | None = None
    create_time: datetime | None = None
    missing: tuple[str, ...] = ()
    # Carries the trace of the request to the worker that builds the pack.
    traceparent: str = ""
