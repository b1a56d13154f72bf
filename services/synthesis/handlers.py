"""Use cases of synthesis: create, follow, cancel; and what the worker writes. Each is one transaction."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar
from uuid import NAMESPACE_URL, uuid4, uuid5

from services.chassis import telemetry
from services.chassis.outbox import Outbox
from services.chassis.store import Page, Resources, Store, Tx, fingerprint
from services.synthesis.domain.job import ENDED, Failure, JobState, Parameters, StageRef, SynthesisJob, out_of_range
from services.synthesis.domain.tools import read_tools
from services.synthesis.errors import JobEnded, ParameterInvalid, ParentInvalid, ToolsInvalid
from whetstone.synthesis.v1 import events_pb2
from whetstone.type.v1 import location_pb2

Now = Callable[[], datetime]
N = TypeVar("N", int, float)


class Handlers:
    def __init__(self, store: Store, outbox: Outbox, jobs: Resources[SynthesisJob], now: Now | None = None) -> None:
        self._store, self._outbox, self._jobs = store, outbox, jobs
        self._now = now or (lambda: datetime.now(UTC))

    def create(
        self, tenant: str, parent: str, analysis: str, parameters: Parameters, request_id: str = ""
    ) -> SynthesisJob:
        """Queues a job. Raises ParentInvalid, ParameterInvalid, ToolsInvalid."""
        if not re.fullmatch(r"projects/[a-z0-9][a-z0-9-]{0,62}", parent):
            raise ParentInvalid(f"{parent!r} is not projects/{{project}}", parent=parent)
        check(parameters)
        job_id = uuid5(NAMESPACE_URL, f"{tenant}/{parent}/{request_id}") if request_id else uuid4()
        job = self._new(f"{parent}/synthesisJobs/{job_id.hex[:12]}", analysis, parameters)
        with self._store.begin() as tx:
            mark = fingerprint(analysis, repr(parameters))
            return self._jobs.create(tx, tenant, job, request_id, mark)[0]

    def start_stage(
        self, tx: Tx, tenant: str, stage: StageRef, analysis: str, values: Mapping[str, str]
    ) -> SynthesisJob:
        """Queues a stage's job once per attempt. Unusable parameters make a failed job, so that the run learns it."""
        project, run = stage.run.split("/runs/")
        name = f"{project}/synthesisJobs/{run}-{stage.attempt}"
        found = self._jobs.find(tx, tenant, name)
        if found is not None:
            return found
        try:
            parameters = read_parameters(values)
            check(parameters)
        except (ParameterInvalid, ToolsInvalid) as error:
            job = replace(self._new(name, analysis, Parameters()), stage=stage)
            return self.fail(tx, tenant, job, Failure(error.reason, error.message))
        return self._jobs.create(tx, tenant, replace(self._new(name, analysis, parameters), stage=stage))[0]

    def _new(self, name: str, analysis: str, parameters: Parameters) -> SynthesisJob:
        now = self._now()
        return SynthesisJob(
            name, analysis, parameters, traceparent=telemetry.traceparent(), create_time=now, update_time=now
        )

    def get(self, tenant: str, name: str) -> SynthesisJob:
        with self._store.read() as tx:
            return self._jobs.get(tx, tenant, name)

    def list_jobs(self, tenant: str, parent: str, page: Page) -> tuple[list[SynthesisJob], str]:
        with self._store.read() as tx:
            return self._jobs.page(tx, tenant, parent, page)

    def cancel(self, tenant: str, name: str) -> SynthesisJob:
        """Raises JobEnded."""
        with self._store.begin() as tx:
            job = self._jobs.get(tx, tenant, name)
            if job.state in ENDED:
                raise JobEnded(f"{name} has ended as {job.state}", name=name)
            return self._cancelled(tx, tenant, job)

    def cancel_stage(self, tx: Tx, tenant: str, stage: StageRef) -> None:
        """Cancels a stage's job where it is still under way."""
        project, run = stage.run.split("/runs/")
        job = self._jobs.find(tx, tenant, f"{project}/synthesisJobs/{run}-{stage.attempt}")
        if job is not None and job.state not in ENDED:
            self._cancelled(tx, tenant, job)

    def _cancelled(self, tx: Tx, tenant: str, job: SynthesisJob) -> SynthesisJob:
        return self.fail(tx, tenant, job, Failure("CANCELLED", "the job was cancelled"), JobState.CANCELLED)

    def due(self) -> list[tuple[str, SynthesisJob]]:
        """Jobs that wait for work or that a stopped service left, with their tenants."""
        with self._store.read() as tx:
            states = (JobState.QUEUED.value, JobState.RUNNING.value)
            return list(self._jobs.scan(tx, self._jobs.table.c.state.in_(states)))

    def update(self, tenant: str, name: str, change: Callable[[SynthesisJob], SynthesisJob]) -> SynthesisJob:
        """Writes progress. Raises JobEnded where the job was cancelled meanwhile."""
        with self._store.begin() as tx:
            job = self._jobs.get(tx, tenant, name)
            if job.state in ENDED:
                raise JobEnded(f"{name} has ended as {job.state}", name=name)
            return self._jobs.put(tx, tenant, replace(change(job), update_time=self._now()))

    def complete(self, tenant: str, job: SynthesisJob) -> SynthesisJob:
        """Records a job's result and says so. Raises JobEnded where the job was cancelled meanwhile."""
        with self._store.begin() as tx:
            if (state := self._jobs.get(tx, tenant, job.name).state) in ENDED:
                raise JobEnded(f"{job.name} has ended as {state}", name=job.name)
            self._outbox.add(tx, tenant, job.name, completed(job))
            return self._jobs.put(tx, tenant, replace(job, state=JobState.SUCCEEDED, update_time=self._now()))

    def fail(
        self, tx: Tx, tenant: str, job: SynthesisJob, failure: Failure, state: JobState = JobState.FAILED
    ) -> SynthesisJob:
        """Ends a job without a result and says so."""
        reason = location_pb2.Failure(reason=failure.reason, message=failure.message)
        message = events_pb2.SynthesisFailed(synthesis_job=job.name, failure=reason, stage=stage_ref(job.stage))
        self._outbox.add(tx, tenant, job.name, message)
        return self._jobs.put(tx, tenant, replace(job, state=state, failure=failure, update_time=self._now()))

    def abandon(self, tenant: str, name: str, failure: Failure) -> None:
        """Fails a job unless it has ended."""
        with self._store.begin() as tx:
            job = self._jobs.get(tx, tenant, name)
            if job.state not in ENDED:
                self.fail(tx, tenant, job, failure)


def check(parameters: Parameters) -> None:
    """Raises ParameterInvalid or ToolsInvalid."""
    if wrong := out_of_range(parameters):
        raise ParameterInvalid(wrong)
    try:
        read_tools(parameters.tools_json)
    except (ValueError, RecursionError) as error:
        raise ToolsInvalid(f"tools_json can't be used: {error}") from error


def read_parameters(values: Mapping[str, str]) -> Parameters:
    """A stage's parameters from texts. Raises ParameterInvalid naming the one that is no number."""
    defaults = Parameters()
    return Parameters(
        _number(values, "wordings", defaults.wordings),
        _number(values, "heldout_wordings", defaults.heldout_wordings),
        _number(values, "unseen_share", defaults.unseen_share),
        _number(values, "seed", defaults.seed),
        values.get("tools_json", ""),
    )


def _number(values: Mapping[str, str], key: str, default: N) -> N:
    text = values.get(key, "")
    try:
        return type(default)(text) if text else default
    except ValueError as error:
        raise ParameterInvalid(f"{key} must be a number, not {text!r}", parameter=key) from error


def completed(job: SynthesisJob) -> events_pb2.SynthesisCompleted:
    return events_pb2.SynthesisCompleted(
        synthesis_job=job.name,
        analysis=job.analysis,
        examples=_blob(job.examples),
        rejects=_blob(job.rejects),
        accepted=job.accepted,
        rejected=job.rejected,
        generator=job.generator,
        stage=stage_ref(job.stage),
    )


def _blob(blob: object) -> location_pb2.BlobRef | None:
    if blob is None:
        return None
    return location_pb2.BlobRef(**vars(blob))


def stage_ref(stage: StageRef) -> location_pb2.StageRef | None:
    """The stage as a message; none where a person asked."""
    return location_pb2.StageRef(run=stage.run, stage=stage.stage, attempt=stage.attempt) if stage.run else None
