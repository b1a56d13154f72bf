"""Runs and their stages: which is due, and what may follow what. Standard library only."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

RECIPES: Mapping[str, tuple[str, ...]] = {
    "build": ("analyse", "review", "synthesise", "dataset", "train", "gate", "serve"),
    "curate": ("analyse", "review", "synthesise", "dataset"),
    "analyse": ("analyse",),
}
# Stages that a person ends, not a service.
MANUAL = frozenset({"review"})


class RunState(StrEnum):
    RUNNING = "RUNNING"
    WAITING = "WAITING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class StageState(StrEnum):
    PENDING = "PENDING"
    REQUESTED = "REQUESTED"
    WAITING = "WAITING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"
    CANCELLED = "CANCELLED"


ENDED = frozenset({RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED})


@dataclass(frozen=True)
class Failure:
    reason: str
    message: str


@dataclass(frozen=True)
class Stage:
    id: str
    state: StageState = StageState.PENDING
    attempt: int = 0
    outputs: Mapping[str, str] = field(default_factory=dict)
    failure: Failure | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None


@dataclass(frozen=True)
class Run:
    name: str
    recipe: str
    stages: tuple[Stage, ...]
    state: RunState = RunState.RUNNING
    parameters: Mapping[str, str] = field(default_factory=dict)
    failure: Failure | None = None
    trace_id: str = ""
    traceparent: str = ""
    create_time: datetime | None = None
    update_time: datetime | None = None
    etag: str = ""

    def stage(self, stage_id: str) -> Stage:
        return next(stage for stage in self.stages if stage.id == stage_id)

    def due(self) -> Stage | None:
        """The first stage that has not ended well."""
        done = {StageState.SUCCEEDED, StageState.SKIPPED}
        return next((stage for stage in self.stages if stage.state not in done), None)

    def inputs(self) -> dict[str, str]:
        """What the stages so far produced, as `stage.key`."""
        return {f"{stage.id}.{key}": value for stage in self.stages for key, value in stage.outputs.items()}

    def parameters_of(self, stage_id: str) -> dict[str, str]:
        prefix = f"{stage_id}."
        return {k.removeprefix(prefix): v for k, v in self.parameters.items() if k.startswith(prefix)}


def new_run(name: str, recipe: str, parameters: Mapping[str, str], now: datetime) -> Run:
    stages = tuple(Stage(stage_id) for stage_id in RECIPES[recipe])
    return Run(name, recipe, stages, parameters=dict(parameters), create_time=now, update_time=now)


def request(run: Run, stage_id: str, now: datetime) -> Run:
    """The stage as asked for: its next attempt; a manual one waits for a person."""
    before = run.stage(stage_id)
    state = StageState.WAITING if stage_id in MANUAL else StageState.REQUESTED
    stage = replace(before, state=state, attempt=before.attempt + 1, failure=None, start_time=now, end_time=None)
    run_state = RunState.WAITING if stage_id in MANUAL else RunState.RUNNING
    return replace(_with(run, stage), state=run_state, failure=None, update_time=now)


def is_current(run: Run, stage_id: str, attempt: int) -> bool:
    """Whether a result belongs to the attempt that is under way. A late worker's result of an older one does not."""
    known = any(stage.id == stage_id for stage in run.stages)
    return known and run.state not in ENDED and run.stage(stage_id).attempt == attempt and _open(run.stage(stage_id))


def _open(stage: Stage) -> bool:
    return stage.state in (StageState.REQUESTED, StageState.WAITING)


def succeed(run: Run, stage_id: str, outputs: Mapping[str, str], now: datetime) -> Run:
    stage = replace(run.stage(stage_id), state=StageState.SUCCEEDED, outputs=dict(outputs), end_time=now)
    after = replace(_with(run, stage), state=RunState.RUNNING, update_time=now)
    return after if after.due() else replace(after, state=RunState.SUCCEEDED)


def fail(run: Run, stage_id: str, failure: Failure, now: datetime) -> Run:
    stage = replace(run.stage(stage_id), state=StageState.FAILED, failure=failure, end_time=now)
    return replace(_with(run, stage), state=RunState.FAILED, failure=failure, update_time=now)


def cancel(run: Run, now: datetime) -> Run:
    stages = tuple(replace(s, state=StageState.CANCELLED, end_time=now) if _open(s) else s for s in run.stages)
    return replace(run, stages=stages, state=RunState.CANCELLED, update_time=now)


def _with(run: Run, stage: Stage) -> Run:
    return replace(run, stages=tuple(stage if s.id == stage.id else s for s in run.stages))
