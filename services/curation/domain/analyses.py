"""Analyses: what was looked at, how far the work is, what came out."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class Failure:
    reason: str
    message: str


@dataclass(frozen=True)
class Stage:
    """The part of a run that asked for the work; an empty run means that a person did."""

    run: str = ""
    stage: str = ""
    attempt: int = 0


NO_STAGE = Stage()


@dataclass(frozen=True)
class Progress:
    phase: str = ""
    done: int = 0
    total: int = 0


@dataclass(frozen=True)
class BlobRef:
    sha256: str = ""
    size_bytes: int = 0
    media_type: str = ""


@dataclass(frozen=True)
class Input:
    """A document as it was analysed."""

    document: str
    revision: str
    title: str
    chunks_sha256: str
    filename: str = ""


@dataclass(frozen=True)
class Retired:
    """A document that says of itself that it is not in force: a draft, or withdrawn by its own status."""

    document: str
    outcome: str
    detail: str


@dataclass(frozen=True)
class KnownTerm:
    preferred: str
    variants: tuple[str, ...]
    definition: str = ""


@dataclass(frozen=True)
class Analysis:
    name: str
    create_time: datetime
    update_time: datetime
    state: State = State.QUEUED
    stage: Stage = NO_STAGE
    traceparent: str = ""
    starts: int = 0
    progress: Progress = Progress()
    failure: Failure | None = None
    inputs: tuple[Input, ...] = ()
    retired: tuple[Retired, ...] = ()
    terms: tuple[KnownTerm, ...] = ()
    clusters: dict[str, str] = field(default_factory=dict)
    """Near-duplicate cluster of each chunk that has one."""
    chunk_count: int = 0
    claim_count: int = 0
    finding_counts: dict[str, int] = field(default_factory=dict)
    claims: BlobRef = BlobRef()
