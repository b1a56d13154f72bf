"""Agent runs, their steps and citations."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.agents.domain.evidence import Quote


class RunState(StrEnum):
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    AWAITING_APPROVAL = "AWAITING_APPROVAL"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


ENDED = frozenset({RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED})


class Kind(StrEnum):
    MODEL = "model"
    TOOL = "tool"
    RETRIEVE = "retrieve"
    CHECK = "check"


class Decider(StrEnum):
    """Who decided what a step does."""

    MODEL = "MODEL"
    HARNESS = "HARNESS"


@dataclass(frozen=True)
class Failure:
    reason: str
    message: str


@dataclass(frozen=True)
class Citation:
    """A source of the report: a quote, a tool call or a completion."""

    number: int
    quote: Quote | None = None
    tool_call: str = ""
    completion: str = ""


@dataclass(frozen=True)
class Run:
    """`attempts` counts how often the run was taken up since its last finished step."""

    name: str
    state: RunState
    task: str
    model: str
    plan: str
    inputs: Mapping[str, str]
    caller: str
    create_time: datetime
    update_time: datetime
    report: str = ""
    citations: tuple[Citation, ...] = ()
    failure: Failure | None = None
    pending_tool_call: str = ""
    traceparent: str = ""
    attempts: int = 0
    worker: str = ""
    lease_until: float = 0.0
    etag: str = ""

    @property
    def project(self) -> str:
        return self.name.split("/agentRuns/")[0]


@dataclass(frozen=True)
class Done:
    """What a step came to. `output` is JSON: it is all that the rest of the plan sees of the step."""

    output: Any = None
    completion: str = ""
    tool_call: str = ""
    failure: Failure | None = None


@dataclass(frozen=True)
class Step:
    """One step of a run. Written before its work begins (`done` is None) and after it ended."""

    key: str
    index: int
    kind: Kind
    title: str
    decided_by: Decider
    time: datetime
    input: str = ""
    done: Done | None = None


@dataclass(frozen=True)
class Report:
    text: str
    citations: tuple[Citation, ...] = field(default=())


def taken(run: Run, worker: str, lease_until: float, now: datetime) -> Run:
    return replace(
        run,
        state=RunState.RUNNING,
        worker=worker,
        lease_until=lease_until,
        attempts=run.attempts + 1,
        pending_tool_call="",
        update_time=now,
    )


def parked(run: Run, tool_call: str, report: Report, now: datetime) -> Run:
    """The run while a person is due."""
    return replace(
        run,
        state=RunState.AWAITING_APPROVAL,
        pending_tool_call=tool_call,
        report=report.text,
        citations=report.citations,
        worker="",
        lease_until=0.0,
        attempts=0,
        update_time=now,
    )


def released(run: Run, now: datetime) -> Run:
    """The run back in the queue, as if this attempt had not been."""
    attempts = max(run.attempts - 1, 0)
    return replace(run, state=RunState.QUEUED, worker="", lease_until=0.0, attempts=attempts, update_time=now)


def finished(run: Run, report: Report, now: datetime) -> Run:
    return replace(
        run,
        state=RunState.SUCCEEDED,
        report=report.text,
        citations=report.citations,
        pending_tool_call="",
        worker="",
        lease_until=0.0,
        update_time=now,
    )


def ended(run: Run, state: RunState, failure: Failure | None, now: datetime) -> Run:
    return replace(run, state=state, failure=failure, pending_tool_call="", worker="", lease_until=0.0, update_time=now)
