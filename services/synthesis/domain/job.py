"""Synthesis jobs. Standard library only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

DEFAULT_WORDINGS, DEFAULT_HELDOUT, DEFAULT_UNSEEN = 5, 1, 0.1
MAX_WORDINGS, MAX_HELDOUT, MAX_UNSEEN = 12, 4, 0.5
MAX_ATTEMPTS = 5


class JobState(StrEnum):
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


ENDED = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED})


@dataclass(frozen=True)
class Failure:
    reason: str
    message: str


@dataclass(frozen=True)
class StageRef:
    """The part of a run that asked for the job; an empty run means that a person did."""

    run: str = ""
    stage: str = ""
    attempt: int = 0


@dataclass(frozen=True)
class BlobRef:
    sha256: str
    size_bytes: int = 0
    media_type: str = ""


@dataclass(frozen=True)
class Progress:
    phase: str = ""
    done: int = 0
    total: int = 0
    eta_seconds: float | None = None


@dataclass(frozen=True)
class Parameters:
    """What a person may choose; `unseen_share` is a share of documents."""

    wordings: int = DEFAULT_WORDINGS
    heldout_wordings: int = DEFAULT_HELDOUT
    unseen_share: float = DEFAULT_UNSEEN
    seed: int = 0
    tools_json: str = ""


@dataclass(frozen=True)
class Sources:
    """The curated export that a job works from, pinned at its first start."""

    claims: BlobRef
    chunks: BlobRef
    glossary: BlobRef


@dataclass(frozen=True)
class SynthesisJob:
    name: str
    analysis: str = ""
    parameters: Parameters = field(default_factory=Parameters)
    state: JobState = JobState.QUEUED
    progress: Progress = field(default_factory=Progress)
    failure: Failure | None = None
    sources: Sources | None = None
    accepted: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)
    examples: BlobRef | None = None
    rejects: BlobRef | None = None
    generator: str = ""
    stage: StageRef = field(default_factory=StageRef)
    attempts: int = 0
    traceparent: str = ""
    create_time: datetime | None = None
    update_time: datetime | None = None


def out_of_range(parameters: Parameters) -> str:
    """What is wrong with the parameters, or an empty string."""
    if not 1 <= parameters.wordings <= MAX_WORDINGS:
        return f"wordings must be between 1 and {MAX_WORDINGS}"
    if not 1 <= parameters.heldout_wordings <= MAX_HELDOUT:
        return f"heldout_wordings must be between 1 and {MAX_HELDOUT}"
    if not 0 <= parameters.unseen_share <= MAX_UNSEEN:
        return f"unseen_share must be between 0 and {MAX_UNSEEN}"
    return ""
