"""Starting, reading and cancelling runs, hearing decisions, and working on runs one at a time."""

import hashlib
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.agents import messages
from services.agents.domain import runs as domain
from services.agents.domain.runs import Failure, Report, Run, RunState, Step
from services.agents.errors import ModelInvalid, ParentInvalid, PlanUnknown, RunEnded
from services.agents.handlers.journal import Journal, Stopped, Waiting
from services.agents.plans.compliance import ComplianceReport
from services.agents.plans.inputs import read
from services.agents.plans.work import Work
from services.agents.ports import DecisionRecords, Evidence, Model, RunRecords, StepRecords, Tools, Units
from services.chassis import auth, telemetry
from services.chassis.errors import ServiceError, Unavailable
from services.chassis.outbox import Outbox
from services.chassis.store import Page, Store, Tx, fingerprint

PLAN = "compliance-report"
# A run that was taken up so often without finishing a step is stuck.
MAX_ATTEMPTS = 10
_PARENT = re.compile(r"projects/[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True)
class Asked:
    """What a CreateAgentRun asks for."""

    parent: str
    task: str
    model: str
    plan: str
    inputs: Mapping[str, str]
    request_id: str = ""


@dataclass(frozen=True)
class Parts:
    """What the handlers stand on."""

    store: Store
    outbox: Outbox
    runs: RunRecords
    steps: StepRecords
    decisions: DecisionRecords
    model: Model
    tools: Tools
    evidence: Evidence
    units: Units
    now: Callable[[], datetime]
    instance: str
    lease_seconds: float


class RunHandlers:
    def __init__(self, parts: Parts) -> None:
        self._p = parts

    def create(self, asked: Asked) -> Run:
        """Queues a run. Raises PlanUnknown, ModelInvalid, and the plan's errors on its inputs."""
        who = auth.caller()
        asked = replace(asked, plan=asked.plan or PLAN)
        _check(asked)
        now = self._p.now()
        run = Run(
            name=f"{asked.parent}/agentRuns/{_run_id(who.tenant, asked)}",
            state=RunState.QUEUED,
            task=asked.task,
            model=asked.model,
            plan=asked.plan,
            inputs=dict(asked.inputs),
            caller=who.subject,
            create_time=now,
            update_time=now,
            traceparent=telemetry.traceparent(),
        )
        mark = fingerprint(asked.task, asked.model, asked.plan, dict(asked.inputs), who.subject)
        with self._p.store.begin() as tx:
            return self._p.runs.create(tx, who.tenant, run, asked.request_id, mark)[0]

    def get(self, name: str) -> tuple[Run, Sequence[Step]]:
        tenant = auth.caller().tenant
        with self._p.store.read() as tx:
            return self._p.runs.get(tx, tenant, name), self._p.steps.all(tx, tenant, name)

    def page(self, parent: str, page: Page) -> tuple[Sequence[Run], str]:
        with self._p.store.read() as tx:
            return self._p.runs.page(tx, auth.caller().tenant, parent, page)

    def cancel(self, name: str) -> tuple[Run, Sequence[Step]]:
        """Ends a run before its next step. Raises RunEnded."""
        tenant = auth.caller().tenant
        with self._p.store.begin() as tx:
            run = self._p.runs.get(tx, tenant, name)
            if run.state in domain.ENDED:
                raise RunEnded(f"{name} has ended as {run.state}", name=name)
            stored = self._end(tx, tenant, domain.ended(run, RunState.CANCELLED, None, self._p.now()))
            return stored, self._p.steps.all(tx, tenant, name)

    def decided(self, tx: Tx, tenant: str, tool_call: str, agent_run: str) -> None:
        """A person decided on a tool call: the run that waits for it goes on."""
        self._p.decisions.add(tx, tenant, tool_call)
        run = self._p.runs.find(tx, tenant, agent_run)
        if run and run.state is RunState.AWAITING_APPROVAL and run.pending_tool_call == tool_call:
            self._p.runs.put(tx, tenant, domain.released(run, self._p.now()))

    def work(self) -> bool:
        """Takes one run that is due and works on it. Returns whether there was one. Raises Unavailable to wait."""
        taken = self._take()
        if taken is None:
            return False
        tenant, run = taken
        # The run acts as the person who started it, without the roles that decide.
        who = auth.Caller(tenant, run.caller, frozenset({"member"}))
        with auth.acting_as(who), telemetry.span("agent run", run.traceparent, whetstone__run=run.name):
            self._advance(tenant, run)
        return True

    def _take(self) -> tuple[str, Run] | None:
        now = self._p.now()
        with self._p.store.begin() as tx:
            found = self._p.runs.due(tx, self._p.instance, now.timestamp())
            if found is None:
                return None
            tenant, run = found
            until = now.timestamp() + self._p.lease_seconds
            return tenant, self._p.runs.put(tx, tenant, domain.taken(run, self._p.instance, until, now), run.etag)

    def _advance(self, tenant: str, run: Run) -> None:
        if run.attempts > MAX_ATTEMPTS:
            self._fail(tenant, run.name, Failure("RUN_STUCK", f"no step ended in {MAX_ATTEMPTS} attempts"))
            return
        plan = ComplianceReport(self._work(tenant, run))
        try:
            self._finish(tenant, run.name, plan.run())
        except Waiting as waiting:
            self._park(tenant, run.name, waiting.tool_call, plan.draft())
        except Stopped:
            return
        except Unavailable:
            self._release(tenant, run.name)
            raise
        except ServiceError as error:
            self._fail(tenant, run.name, Failure(error.reason, error.message))

    def _work(self, tenant: str, run: Run) -> Work:
        p = self._p
        journal = Journal(p.store, p.runs, p.steps, tenant, run, p.lease_seconds, p.now)
        return Work(journal, read(run.inputs), p.model, p.tools, p.evidence, p.units)

    def _mine(self, tx: Tx, tenant: str, name: str) -> Run | None:
        """The run as it stands, or None where it is no longer this worker's."""
        run = self._p.runs.get(tx, tenant, name)
        return run if run.state is RunState.RUNNING and run.worker == self._p.instance else None

    def _finish(self, tenant: str, name: str, report: Report) -> None:
        with self._p.store.begin() as tx:
            if run := self._mine(tx, tenant, name):
                self._end(tx, tenant, domain.finished(run, report, self._p.now()))

    def _fail(self, tenant: str, name: str, failure: Failure) -> None:
        with self._p.store.begin() as tx:
            if run := self._mine(tx, tenant, name):
                self._end(tx, tenant, domain.ended(run, RunState.FAILED, failure, self._p.now()))

    def _park(self, tenant: str, name: str, tool_call: str, draft: Report) -> None:
        with self._p.store.begin() as tx:
            if run := self._mine(tx, tenant, name):
                parked = domain.parked(run, tool_call, draft, self._p.now())
                # The decision may have been heard between the plan's look at the call and this transaction.
                heard = self._p.decisions.has(tx, tenant, tool_call)
                self._p.runs.put(tx, tenant, domain.released(parked, self._p.now()) if heard else parked)

    def _release(self, tenant: str, name: str) -> None:
        with self._p.store.begin() as tx:
            if run := self._mine(tx, tenant, name):
                self._p.runs.put(tx, tenant, domain.released(run, self._p.now()))

    def _end(self, tx: Tx, tenant: str, run: Run) -> Run:
        steps = self._p.steps.all(tx, tenant, run.name)
        digest = hashlib.sha256(run.report.encode()).hexdigest() if run.report else ""
        self._p.outbox.add(tx, tenant, run.name, messages.finished(run, steps, digest))
        return self._p.runs.put(tx, tenant, run)


def _check(asked: Asked) -> None:
    if not _PARENT.fullmatch(asked.parent):
        raise ParentInvalid(f"{asked.parent!r} is not projects/{{project}}", parent=asked.parent)
    if asked.plan != PLAN:
        raise PlanUnknown(f"there is no plan {asked.plan!r}; plans: {PLAN}", plan=asked.plan)
    if not asked.model.startswith(f"{asked.parent}/models/"):
        raise ModelInvalid(f"the model must be {asked.parent}/models/{{model}}", model=asked.model)
    read(asked.inputs)


def _run_id(tenant: str, asked: Asked) -> str:
    if not asked.request_id:
        return uuid.uuid4().hex[:12]
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{tenant}/{asked.parent}/{asked.request_id}").hex[:12]
