"""The worker's part on the gate: gathers the evidence of each version that waits, and has it judged."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from services.chassis import auth, telemetry
from services.chassis.blobs import Blobs
from services.chassis.errors import NotFound, ServiceError, Unavailable
from services.training import gate
from services.training.domain.evaluation import Evaluation, Probe
from services.training.domain.versions import ModelVersion
from services.training.evaluations import read_evaluation
from services.training.gate import Evidence, Policy
from services.training.handlers.registry import Registry
from services.training.ports import Datasets, ModelServer

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Gatekeeper:
    registry: Registry
    blobs: Blobs
    datasets: Datasets
    server: ModelServer
    policy: Policy
    patience_seconds: float = 600.0
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def step(self) -> bool:
        """Judges one version that waits; returns whether there was one. Raises Unavailable to be called later."""
        due = self.registry.gate_due()
        if not due:
            return False
        tenant, version = due[0]
        with (
            auth.acting_as(auth.Caller(tenant, "service:training", frozenset({"service"}))),
            telemetry.span("training.gate", version.traceparent, model_version=version.name),
        ):
            report = gate.judge(self._evidence(tenant, version), self.policy, self.now())
            log.info("gate", extra={"version": version.name, "verdict": report.verdict, "reasons": report.reasons})
            self.registry.gated(tenant, version.name, report)
        return True

    def _evidence(self, tenant: str, version: ModelVersion) -> Evidence:
        evaluation = self._evaluation(tenant, version)
        probe, failure = self._probe(version, evaluation)
        return Evidence(version, evaluation, probe, failure, self._dataset_fault(version))

    def _evaluation(self, tenant: str, version: ModelVersion) -> Evaluation | None:
        if version.evaluation is None:
            return None
        return read_evaluation(self.blobs.get(tenant, version.evaluation.sha256))

    def _probe(self, version: ModelVersion, evaluation: Evaluation | None) -> tuple[Probe | None, str]:
        """The server's answers, or why there are none: what it refuses with, or that it never came up."""
        if evaluation is None or evaluation.parity is None:
            return None, ""
        try:
            return self.server.probe(version.name, evaluation.parity.prompts), ""
        except Unavailable as error:
            if self._is_patient(version):
                raise
            return None, f"the model server did not answer for {self.patience_seconds:g} s: {error.message}"
        except ServiceError as error:
            return None, f"{error.reason}: {error.message}"

    def _is_patient(self, version: ModelVersion) -> bool:
        if version.gate_since is None:
            return False
        return (self.now() - version.gate_since).total_seconds() < self.patience_seconds

    def _dataset_fault(self, version: ModelVersion) -> str:
        if not version.dataset_version:
            return "no dataset version is known"
        try:
            dataset = self.datasets.get(version.dataset_version)
        except NotFound as error:
            return error.message
        if dataset.state == "TAINTED" or dataset.tainted_because:
            return dataset.tainted_because or f"{dataset.name} is tainted"
        return ""
