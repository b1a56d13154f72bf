"""Training jobs and what they are told."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

Spec = Mapping[str, Any]
# What the service fills in: a person may not set it.
OWN_FIELDS = frozenset(
    {
        "job",
        "attempt",
        "dataset",
        "storage_path",
        "ray_address",
        "traceparent",
        "output_dir",
        "cache_dir",
        "evaluate_only",
        "bundle",
    }
)


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
    """The part of a run that asked; an empty run means that a person did."""

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
    message: str = ""


@dataclass(frozen=True)
class Measures:
    """What a job has said of itself so far; loss in nats per token."""

    loss: float = 0.0
    losses: tuple[float, ...] = ()
    tokens_per_second: float = 0.0
    flops: float = 0.0
    cpu_seconds: float = 0.0


@dataclass(frozen=True)
class TrainingJob:
    name: str
    dataset_version: str
    model: str
    recipe: str = ""
    # What was asked for, in proto JSON's snake_case; the recipe lies under it.
    spec: Spec = field(default_factory=dict)
    state: JobState = JobState.QUEUED
    progress: Progress = field(default_factory=Progress)
    measures: Measures = field(default_factory=Measures)
    failure: Failure | None = None
    attempt: int = 0
    deaths: int = 0
    cancel_requested: bool = False
    model_version: str = ""
    # The registered version that an evaluation-only job evaluates, and its bundle.
    evaluates: str = ""
    bundle: BlobRef | None = None
    log_tail: tuple[str, ...] = ()
    stage: StageRef = field(default_factory=StageRef)
    traceparent: str = ""
    create_time: datetime | None = None
    update_time: datetime | None = None


@dataclass(frozen=True)
class DatasetVersion:
    """A published dataset version, as curation has it."""

    name: str
    state: str
    digest: str
    train: BlobRef
    heldout_wordings: BlobRef
    heldout_unseen: BlobRef
    chunks: BlobRef
    train_count: int
    tainted_because: str = ""


def started(job: TrainingJob) -> TrainingJob:
    """The job's next attempt."""
    return replace(job, state=JobState.RUNNING, attempt=job.attempt + 1, failure=None, progress=Progress("start"))


def merged(under: Spec, over: Spec) -> dict[str, Any]:
    """Two specifications as one, section by section; `over` goes first."""
    result = dict(under)
    for key, value in over.items():
        both = isinstance(value, Mapping) and isinstance(result.get(key), Mapping)
        result[key] = merged(result[key], value) if both else value
    return result


def stage_job_name(stage: StageRef) -> str:
    """The job of a stage's attempt, so that one attempt has one job."""
    project, run = stage.run.split("/runs/")
    return f"{project}/trainingJobs/{run}-{stage.attempt}"


def is_model(name: str) -> bool:
    return re.fullmatch(r"projects/[a-z0-9][a-z0-9-]*/models/[a-z0-9][a-z0-9-]{0,62}", name) is not None


def model_name(project: str, model: str) -> str:
    """A model's resource name from its id or its name."""
    return model if "/" in model else f"{project}/models/{model or 'specialist'}"
