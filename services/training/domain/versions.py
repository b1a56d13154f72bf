"""Model versions, what the gate said of them, and which one is live."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from services.training.domain.jobs import BlobRef, StageRef


class VersionState(StrEnum):
    CANDIDATE = "CANDIDATE"
    PASSED = "PASSED"
    REFUSED = "REFUSED"
    PROMOTED = "PROMOTED"
    RETIRED = "RETIRED"
    REVOKED = "REVOKED"


class Verdict(StrEnum):
    PASS = "PASS"  # noqa: S105 - a verdict, not a password
    REFUSE = "REFUSE"


@dataclass(frozen=True)
class Check:
    """One thing that the gate looked at. `reason` is stable and set where the check failed."""

    name: str
    passed: bool
    reason: str = ""
    explanation: str = ""
    value: float = 0.0
    threshold: float = 0.0
    unit: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Report:
    verdict: Verdict
    checks: tuple[Check, ...]
    policy_digest: str
    time: datetime | None = None

    @property
    def reasons(self) -> list[str]:
        return [check.reason for check in self.checks if not check.passed]


@dataclass(frozen=True)
class Bundle:
    """What an adapter bundle's manifest says of it; digests in lower-case hexadecimal."""

    base: str
    base_digest: str
    adapter_digest: str


@dataclass(frozen=True)
class ModelVersion:
    name: str
    bundle: BlobRef
    base: str = ""
    base_digest: str = ""
    adapter_digest: str = ""
    dataset_version: str = ""
    dataset_digest: str = ""
    training_job: str = ""
    state: VersionState = VersionState.CANDIDATE
    gate: Report | None = None
    evaluation: BlobRef | None = None
    influence: BlobRef | None = None
    taints: tuple[str, ...] = ()
    taint_policy: str = ""
    revoked_because: str = ""
    # The gate is asked for and has not reported yet: since when, by which stage, in which trace.
    gate_due: bool = False
    gate_since: datetime | None = None
    gate_stage: StageRef = field(default_factory=StageRef)
    traceparent: str = ""
    create_time: datetime | None = None
    update_time: datetime | None = None
    etag: str = ""


@dataclass(frozen=True)
class Model:
    """A model's live version and those that were live before it, the latest last."""

    name: str
    live: str = ""
    history: tuple[str, ...] = ()


def version_name(model: str, adapter_digest: str, imported_from: str = "") -> str:
    """A version's name follows from its adapter: the same adapter is the same version."""
    digest = adapter_digest or hashlib.sha256(imported_from.encode()).hexdigest()
    return f"{model}/versions/{digest[:16]}"


def gated(version: ModelVersion, report: Report) -> ModelVersion:
    """The version with its report. One that is or was live stays so: only its promotion is decided elsewhere."""
    state = version.state
    if state in (VersionState.CANDIDATE, VersionState.PASSED, VersionState.REFUSED):
        state = VersionState.PASSED if report.verdict is Verdict.PASS else VersionState.REFUSED
    return replace(version, state=state, gate=report, gate_due=False, gate_stage=StageRef())


def promoted(model: Model, version: str) -> Model:
    """The model with another live version; what was live comes last in the history."""
    if model.live == version:
        return model
    history = tuple(name for name in (*model.history, model.live) if name and name != version)
    return Model(model.name, version, history)


def without(model: Model, version: str) -> Model:
    """The model after a version is revoked."""
    history = tuple(name for name in model.history if name != version)
    return Model(model.name, "" if model.live == version else model.live, history)


def rolled_back(model: Model) -> Model | None:
    """The model with the version before live again, or None where there is none. What was live leaves the history."""
    if not model.history:
        return None
    return Model(model.name, model.history[-1], model.history[:-1])
