"""Use cases on model versions: register, gate, promote, revoke, roll back, taint."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from services.chassis import auth, telemetry
from services.chassis.outbox import Outbox
from services.chassis.store import Page, Store, Tx, parent_of
from services.training.domain import versions as rules
from services.training.domain.jobs import BlobRef, StageRef
from services.training.domain.versions import Model, ModelVersion, Report, VersionState
from services.training.errors import (
    EvaluationMissing,
    GateNotPassed,
    NothingToRollBackTo,
    ReasonMissing,
    VersionRevoked,
    VersionTainted,
)
from services.training.messages import to_report, to_stage, to_version
from services.training.ports import Tables
from whetstone.training.v1 import events_pb2

Now = Callable[[], datetime]
OPERATORS = frozenset({"admin", "service"})


class Registry:
    def __init__(
        self, store: Store, outbox: Outbox, tables: Tables, taint_policy: str = "WARN", now: Now | None = None
    ) -> None:
        self._store, self._outbox, self._tables, self._taint_policy = store, outbox, tables, taint_policy
        self._now = now or (lambda: datetime.now(UTC))

    def register(self, tx: Tx, tenant: str, version: ModelVersion) -> ModelVersion:
        """Adds a version; the same adapter again is the version that is there."""
        known = self._tables.versions.find(tx, tenant, version.name)
        if known is not None:
            return known
        now = self._now()
        version = replace(version, create_time=now, update_time=now, traceparent=telemetry.traceparent())
        stored = self._tables.versions.put(tx, tenant, version)
        self._outbox.add(tx, tenant, version.name, events_pb2.ModelVersionRegistered(version=to_version(stored)))
        return stored

    def evaluated(
        self, tx: Tx, tenant: str, name: str, job: str, evaluation: BlobRef | None, influence: BlobRef | None
    ) -> ModelVersion:
        """Notes what an evaluation-only job measured."""
        version = self._tables.versions.get(tx, tenant, name)
        found = replace(version, evaluation=evaluation, influence=influence or version.influence, training_job=job)
        stored = self._put(tx, tenant, found)
        self._outbox.add(tx, tenant, name, events_pb2.ModelVersionRegistered(version=to_version(stored)))
        return stored

    def get(self, tenant: str, name: str) -> ModelVersion:
        with self._store.read() as tx:
            return self._tables.versions.get(tx, tenant, name)

    def list_versions(self, tenant: str, parent: str, page: Page) -> tuple[list[ModelVersion], str]:
        with self._store.read() as tx:
            return self._tables.versions.page(tx, tenant, parent, page)

    def ask_gate(self, tenant: str, name: str) -> ModelVersion:
        """Asks for the gate. Raises VersionRevoked, EvaluationMissing."""
        with self._store.begin() as tx:
            return self.ask_gate_in(tx, tenant, name, StageRef())

    def ask_gate_in(self, tx: Tx, tenant: str, name: str, stage: StageRef) -> ModelVersion:
        version = self._tables.versions.get(tx, tenant, name)
        if version.state is VersionState.REVOKED:
            raise VersionRevoked(f"{name} was revoked: {version.revoked_because}", name=name)
        if version.evaluation is None:
            raise EvaluationMissing(f"{name} was not evaluated yet", name=name)
        due = replace(
            version, gate_due=True, gate_since=self._now(), gate_stage=stage, traceparent=telemetry.traceparent()
        )
        return self._put(tx, tenant, due)

    def gate_due(self) -> list[tuple[str, ModelVersion]]:
        """Versions that wait for the gate, with their tenants."""
        with self._store.read() as tx:
            return list(self._tables.versions.scan(tx, self._tables.versions.table.c.gate_due.is_(True)))

    def gated(self, tenant: str, name: str, report: Report) -> ModelVersion:
        """Records the gate's report and says so. Raises VersionRevoked where that came first."""
        with self._store.begin() as tx:
            before = self._tables.versions.get(tx, tenant, name)
            if before.state is VersionState.REVOKED:
                self._put(tx, tenant, replace(before, gate_due=False))
            version = self._put(tx, tenant, rules.gated(before, report)) if before.gate_due else before
            message = events_pb2.ModelVersionGated(
                version=name, report=to_report(report), stage=to_stage(before.gate_stage)
            )
            self._outbox.add(tx, tenant, name, message)
            return version

    def promote(self, tenant: str, name: str) -> ModelVersion:
        """Makes a version live. Raises GateNotPassed, VersionRevoked, VersionTainted."""
        require_operator()
        with self._store.begin() as tx:
            return self.promote_in(tx, tenant, name, StageRef())

    def promote_in(self, tx: Tx, tenant: str, name: str, stage: StageRef) -> ModelVersion:
        version = self._tables.versions.get(tx, tenant, name)
        self._check_promotable(version)
        model = self._model(tx, tenant, name)
        return self._make_live(tx, tenant, version, rules.promoted(model, name), model.live, stage)

    def _check_promotable(self, version: ModelVersion) -> None:
        if version.state is VersionState.REVOKED:
            raise VersionRevoked(f"{version.name} was revoked: {version.revoked_because}", name=version.name)
        if version.gate is None or version.gate.reasons:
            why = ", ".join(version.gate.reasons) if version.gate else "it was not gated"
            raise GateNotPassed(f"{version.name} did not pass the gate: {why}", name=version.name)
        if version.taints and version.taint_policy == "STOP":
            raise VersionTainted(f"{version.name} learnt from withdrawn documents", name=version.name)

    def _make_live(
        self, tx: Tx, tenant: str, version: ModelVersion, model: Model, before: str, stage: StageRef
    ) -> ModelVersion:
        """Writes the model, retires what was live, and says so."""
        self._tables.models.put(tx, tenant, model)
        if before and before != version.name:
            old = self._tables.versions.get(tx, tenant, before)
            if old.state is VersionState.PROMOTED:
                self._put(tx, tenant, replace(old, state=VersionState.RETIRED))
        live = self._put(tx, tenant, replace(version, state=VersionState.PROMOTED))
        message = events_pb2.ModelVersionPromoted(
            version=to_version(live),
            replaces=before if before != version.name else "",
            actor=auth.caller().subject,
            stage=to_stage(stage),
        )
        self._outbox.add(tx, tenant, version.name, message)
        return live

    def roll_back(self, tenant: str, model_name: str, reason: str) -> ModelVersion:
        """Makes the version before live again. Raises NothingToRollBackTo, ReasonMissing, ModelNotFound."""
        require_operator()
        if not reason.strip():
            raise ReasonMissing("a roll-back needs a reason")
        with self._store.begin() as tx:
            model = self._tables.models.get(tx, tenant, model_name)
            back = rules.rolled_back(model)
            if back is None:
                raise NothingToRollBackTo(f"{model_name} has no version that was live before", name=model_name)
            version = self._tables.versions.get(tx, tenant, back.live)
            self._check_promotable(version)
            return self._make_live(tx, tenant, version, back, model.live, StageRef())

    def revoke(self, tenant: str, name: str, reason: str) -> ModelVersion:
        """Takes a version out of service for good. Raises ReasonMissing, VersionRevoked."""
        who = require_operator()
        if not reason.strip():
            raise ReasonMissing("a revocation needs a reason", name=name)
        with self._store.begin() as tx:
            version = self._tables.versions.get(tx, tenant, name)
            if version.state is VersionState.REVOKED:
                raise VersionRevoked(f"{name} was revoked: {version.revoked_because}", name=name)
            self._tables.models.put(tx, tenant, rules.without(self._model(tx, tenant, name), name))
            message = events_pb2.ModelVersionRevoked(version=name, reason=reason, actor=who.subject)
            self._outbox.add(tx, tenant, name, message)
            return self._put(tx, tenant, replace(version, state=VersionState.REVOKED, revoked_because=reason))

    def taint(self, tx: Tx, tenant: str, dataset_version: str, document: str, reason: str) -> None:
        """Marks every version that learnt from a withdrawn document."""
        where = self._tables.versions.table.c.dataset_version == dataset_version
        text = f"{document}: {reason}"
        for version in self._tables.versions.all(tx, tenant, "projects/-", where):
            if text in version.taints:
                continue
            taints = (*version.taints, text)
            self._put(tx, tenant, replace(version, taints=taints, taint_policy=self._taint_policy))
            message = events_pb2.ModelVersionTainted(
                version=version.name, document=document, reason=reason, policy=self._taint_policy
            )
            self._outbox.add(tx, tenant, version.name, message)

    def _model(self, tx: Tx, tenant: str, version: str) -> Model:
        name = parent_of(version)
        return self._tables.models.find(tx, tenant, name) or Model(name)

    def _put(self, tx: Tx, tenant: str, version: ModelVersion) -> ModelVersion:
        return self._tables.versions.put(tx, tenant, replace(version, update_time=self._now()))


def require_operator() -> auth.Caller:
    """The caller, if it may change what is live. Raises RoleMissing."""
    who = auth.caller()
    return who if who.roles & OPERATORS else auth.require_role("admin")
