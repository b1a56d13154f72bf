"""Datasets, their immutable versions, and the ledger of what became of every chunk."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.curation.domain.analyses import NO_STAGE, BlobRef, Failure, Stage


class VersionState(StrEnum):
    PUBLISHED = "PUBLISHED"
    TAINTED = "TAINTED"


class BuildState(StrEnum):
    QUEUED = "QUEUED"
    DIRECT = "DIRECT"
    """Built within the call that asked for it, not by the worker."""
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class Outcome(StrEnum):
    """What became of a chunk."""

    USED = "USED"
    HELD_OUT = "HELD_OUT"
    WITHDRAWN = "WITHDRAWN"
    NOT_ANALYSED = "NOT_ANALYSED"
    SUPERSEDED = "SUPERSEDED"
    DRAFT = "DRAFT"
    INJECTION = "INJECTION"
    PERSONAL_DATA = "PERSONAL_DATA"
    DUPLICATE = "DUPLICATE"
    EXAMPLES_REJECTED = "EXAMPLES_REJECTED"
    SETTLED_AWAY = "SETTLED_AWAY"
    CONTESTED = "CONTESTED"
    NO_CLAIM = "NO_CLAIM"
    NO_EXAMPLE = "NO_EXAMPLE"


@dataclass(frozen=True)
class Dataset:
    name: str
    create_time: datetime
    display_name: str = ""
    etag: str = ""


@dataclass(frozen=True)
class Build:
    """A version that is asked for. Its version has another name, which follows from the content."""

    name: str
    dataset: str
    synthesis_job: str
    create_time: datetime
    examples_sha256: str = ""
    analysis: str = ""
    state: BuildState = BuildState.QUEUED
    stage: Stage = NO_STAGE
    traceparent: str = ""
    starts: int = 0
    version: str = ""
    failure: Failure | None = None


@dataclass(frozen=True)
class Synthesis:
    """A synthesis job that ended well, as its service told."""

    name: str
    analysis: str
    examples_sha256: str
    rejects_sha256: str


@dataclass(frozen=True)
class LedgerEntry:
    chunk: str
    outcome: str
    detail: str = ""
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class DatasetVersion:
    name: str
    digest: str
    create_time: datetime
    manifest: BlobRef
    train: BlobRef
    heldout_wordings: BlobRef
    heldout_unseen: BlobRef
    chunks: BlobRef
    ledger: BlobRef
    train_count: int
    heldout_wording_count: int
    heldout_unseen_count: int
    chunk_count: int
    chunks_used: int
    discards: dict[str, int] = field(default_factory=dict)
    synthesis_job: str = ""
    analysis: str = ""
    documents: tuple[str, ...] = ()
    state: VersionState = VersionState.PUBLISHED
    tainted_because: str = ""
