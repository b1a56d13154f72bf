"""What pipelines hears: the ends of stages."""

from collections.abc import Mapping
from typing import Any

from google.protobuf.message import Message

from services.chassis.events import Handler
from services.chassis.outbox import Event
from services.chassis.store import Tx
from services.pipelines.domain import Failure
from services.pipelines.errors import StageStale
from services.pipelines.handlers import Handlers
from whetstone.curation.v1 import events_pb2 as curation
from whetstone.serving.v1 import events_pb2 as serving
from whetstone.synthesis.v1 import events_pb2 as synthesis
from whetstone.training.v1 import events_pb2 as training
from whetstone.training.v1 import training_pb2
from whetstone.type.v1 import location_pb2


class Events:
    def __init__(self, handlers: Handlers) -> None:
        self._handlers = handlers

    def subscriptions(self) -> Mapping[type[Message], Handler]:
        return {
            curation.AnalysisCompleted: self._analysis_completed,
            curation.AnalysisFailed: self._stage_failed,
            curation.DatasetVersionPublished: self._dataset_published,
            curation.DatasetVersionFailed: self._stage_failed,
            synthesis.SynthesisCompleted: self._synthesis_completed,
            synthesis.SynthesisFailed: self._stage_failed,
            training.TrainingJobStateChanged: self._job_changed,
            training.ModelVersionGated: self._gated,
            training.StageRefused: self._stage_failed,
            serving.EndpointReady: self._endpoint_ready,
            serving.EndpointFailed: self._stage_failed,
        }

    def _analysis_completed(self, tx: Tx, event: Event, message: curation.AnalysisCompleted) -> None:
        outputs = {"analysis": message.analysis, "claims": message.claims.sha256}
        self._ended(tx, event, message.stage, outputs)

    def _synthesis_completed(self, tx: Tx, event: Event, message: synthesis.SynthesisCompleted) -> None:
        outputs = {"synthesis_job": message.synthesis_job, "examples": message.examples.sha256}
        self._ended(tx, event, message.stage, outputs)

    def _dataset_published(self, tx: Tx, event: Event, message: curation.DatasetVersionPublished) -> None:
        self._ended(tx, event, message.stage, {"version": message.version, "digest": message.digest})

    def _job_changed(self, tx: Tx, event: Event, message: training.TrainingJobStateChanged) -> None:
        states = training_pb2.TrainingJob
        if message.state == states.SUCCEEDED:
            outputs = {"training_job": message.training_job, "model_version": message.model_version}
            self._ended(tx, event, message.stage, outputs)
        elif message.state in (states.FAILED, states.CANCELLED):
            self._stage_failed(tx, event, message)

    def _gated(self, tx: Tx, event: Event, message: training.ModelVersionGated) -> None:
        if message.report.verdict == training_pb2.GateReport.PASS:
            self._ended(tx, event, message.stage, {"model_version": message.version})
            return
        reasons = [check.reason for check in message.report.checks if not check.passed]
        self._failed(tx, event, message.stage, Failure("GATE_REFUSED", f"the gate refused: {', '.join(reasons)}"))

    def _endpoint_ready(self, tx: Tx, event: Event, message: serving.EndpointReady) -> None:
        outputs = {"endpoint": message.endpoint.name, "model_version": message.model_version}
        self._ended(tx, event, message.stage, outputs)

    def _stage_failed(self, tx: Tx, event: Event, message: Any) -> None:
        reason = message.failure.reason or "CANCELLED"
        self._failed(tx, event, message.stage, Failure(reason, message.failure.message))

    def _ended(self, tx: Tx, event: Event, stage: location_pb2.StageRef, outputs: Mapping[str, str]) -> None:
        if stage.run and not self._is_stale(tx, event, stage):
            self._handlers.ended(tx, event.tenant, stage.run, stage.stage, stage.attempt, outputs)

    def _failed(self, tx: Tx, event: Event, stage: location_pb2.StageRef, failure: Failure) -> None:
        if stage.run and not self._is_stale(tx, event, stage):
            self._handlers.failed(tx, event.tenant, stage.run, stage.stage, stage.attempt, failure)

    def _is_stale(self, tx: Tx, event: Event, stage: location_pb2.StageRef) -> bool:
        # A cancelled run's worker, or an older attempt's, may still report; that is expected and no poison.
        try:
            self._handlers.current(tx, event.tenant, stage.run, stage.stage, stage.attempt)
        except StageStale:
            return True
        return False
