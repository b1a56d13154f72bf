"""Use cases: start, conduct, cancel, retry and resume runs. Each is one transaction."""

import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from services.chassis import telemetry
from services.chassis.outbox import Outbox
from services.chassis.store import Page, Resources, Store, Tx, fingerprint
from services.pipelines import domain
from services.pipelines.domain import Failure, Run, RunState
from services.pipelines.errors import (
    FindingsOpen,
    ParameterUnknown,
    ParentInvalid,
    RecipeUnknown,
    RunEnded,
    RunNotFailed,
    RunNotWaiting,
    StageStale,
)
from services.pipelines.ports import Findings
from whetstone.pipelines.v1 import events_pb2
from whetstone.type.v1 import location_pb2

Now = Callable[[], datetime]


class Handlers:
    def __init__(self, store: Store, outbox: Outbox, runs: Resources[Run], findings: Findings, now: Now | None = None):
        self._store, self._outbox, self._runs, self._findings = store, outbox, runs, findings
        self._now = now or (lambda: datetime.now(UTC))

    def create(self, tenant: str, parent: str, recipe: str, parameters: Mapping[str, str], request_id: str) -> Run:
        """Starts a run and asks for its first stage. Raises RecipeUnknown, ParameterUnknown, ParentInvalid."""
        recipe = recipe or "build"
        _check(parent, recipe, parameters)
        run_id = uuid.uuid5(uuid.NAMESPACE_URL, f"{tenant}/{parent}/{request_id}") if request_id else uuid.uuid4()
        run = domain.new_run(f"{parent}/runs/{run_id.hex[:12]}", recipe, parameters, self._now())
        run = replace(run, trace_id=telemetry.trace_id(), traceparent=telemetry.traceparent())
        with self._store.begin() as tx:
            stored, is_new = self._runs.create(tx, tenant, run, request_id, fingerprint(recipe, dict(parameters)))
            return self._request(tx, tenant, stored, stored.stages[0].id) if is_new else stored

    def get(self, tenant: str, name: str) -> Run:
        with self._store.read() as tx:
            return self._runs.get(tx, tenant, name)

    def list_runs(self, tenant: str, parent: str, page: Page) -> tuple[list[Run], str]:
        with self._store.read() as tx:
            return self._runs.page(tx, tenant, parent, page)

    def cancel(self, tenant: str, name: str) -> Run:
        """Raises RunEnded."""
        with self._store.begin() as tx:
            run = self._runs.get(tx, tenant, name)
            if run.state in domain.ENDED:
                raise RunEnded(f"{name} has ended as {run.state}", name=name)
            due = run.due()
            if due is not None:
                ref = location_pb2.StageRef(run=name, stage=due.id, attempt=due.attempt)
                self._outbox.add(
                    tx, tenant, name, events_pb2.StageCancelled(stage=ref, kind=due.id, reason="CANCELLED")
                )
            return self._finish(tx, tenant, domain.cancel(run, self._now()))

    def retry(self, tenant: str, name: str) -> Run:
        """Asks for the failed stage again. Raises RunNotFailed."""
        with self._store.begin() as tx:
            run = self._runs.get(tx, tenant, name)
            due = run.due()
            if run.state is not RunState.FAILED or due is None:
                raise RunNotFailed(f"{name} is {run.state}", name=name)
            return self._request(tx, tenant, run, due.id)

    def resume(self, tenant: str, name: str) -> Run:
        """Ends the manual stage that waits. Raises RunNotWaiting, FindingsOpen."""
        run = self.get(tenant, name)
        due = run.due()
        if run.state is not RunState.WAITING or due is None:
            raise RunNotWaiting(f"{name} is {run.state}", name=name)
        project = name.split("/runs/")[0]
        if left := self._findings.open_conflicts(project):
            raise FindingsOpen(f"{left} contradictions of {project} are not settled", open=str(left))
        with self._store.begin() as tx:
            return self.ended(tx, tenant, name, due.id, due.attempt, {})

    def ended(self, tx: Tx, tenant: str, name: str, stage: str, attempt: int, outputs: Mapping[str, str]) -> Run:
        """A stage ended well: asks for the next. Raises StageStale for the result of an older attempt."""
        run = self.current(tx, tenant, name, stage, attempt)
        run = domain.succeed(run, stage, outputs, self._now())
        due = run.due()
        return self._request(tx, tenant, run, due.id) if due else self._finish(tx, tenant, run)

    def failed(self, tx: Tx, tenant: str, name: str, stage: str, attempt: int, failure: Failure) -> Run:
        """A stage ended without a result; so does the run. Raises StageStale as `ended` does."""
        run = self.current(tx, tenant, name, stage, attempt)
        return self._finish(tx, tenant, domain.fail(run, stage, failure, self._now()))

    def review_waiting(self) -> list[tuple[str, Run]]:
        """Every run that waits for a person, with its tenant."""
        with self._store.read() as tx:
            return list(self._runs.scan(tx, self._runs.table.c.state == RunState.WAITING.value))

    def current(self, tx: Tx, tenant: str, name: str, stage: str, attempt: int) -> Run:
        run = self._runs.get(tx, tenant, name)
        if not domain.is_current(run, stage, attempt):
            raise StageStale(f"{name} no longer waits for attempt {attempt} of {stage}", name=name)
        return run

    def _request(self, tx: Tx, tenant: str, run: Run, stage_id: str) -> Run:
        run = domain.request(run, stage_id, self._now())
        ref = location_pb2.StageRef(run=run.name, stage=stage_id, attempt=run.stage(stage_id).attempt)
        message = events_pb2.StageRequested(
            stage=ref, kind=stage_id, parameters=run.parameters_of(stage_id), inputs=run.inputs()
        )
        with _in_trace_of(run):
            self._outbox.add(tx, tenant, run.name, message)
        return self._runs.put(tx, tenant, run)

    def _finish(self, tx: Tx, tenant: str, run: Run) -> Run:
        failure = run.failure or Failure("", "")
        message = events_pb2.RunFinished(
            run=run.name,
            state=run.state.value,
            failure=location_pb2.Failure(reason=failure.reason, message=failure.message),
        )
        with _in_trace_of(run):
            self._outbox.add(tx, tenant, run.name, message)
        return self._runs.put(tx, tenant, run)


@contextmanager
def _in_trace_of(run: Run) -> Iterator[None]:
    """Keeps a run in the trace that it began in: who settles its contradictions, or tries again, calls from another."""
    if not run.traceparent or run.trace_id == telemetry.trace_id():
        yield
        return
    with telemetry.span("run goes on", parent=run.traceparent, run=run.name):
        yield


def _check(parent: str, recipe: str, parameters: Mapping[str, str]) -> None:
    if not re.fullmatch(r"projects/[a-z0-9][a-z0-9-]{0,62}", parent):
        raise ParentInvalid(f"{parent!r} is not projects/{{project}}", parent=parent)
    if recipe not in domain.RECIPES:
        known = ", ".join(domain.RECIPES)
        raise RecipeUnknown(f"recipe {recipe!r} is not known; recipes: {known}", recipe=recipe)
    for key in parameters:
        if key.split(".")[0] not in domain.RECIPES[recipe]:
            raise ParameterUnknown(f"{key!r} names no stage of recipe {recipe}", parameter=key)
