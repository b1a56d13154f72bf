"""What training hears: stages of runs, and documents withdrawn from datasets."""

from collections.abc import Mapping

from google.protobuf.message import Message

from services.chassis.errors import ServiceError
from services.chassis.events import Handler
from services.chassis.outbox import Event, Outbox
from services.chassis.store import Tx
from services.training.domain.jobs import Failure, StageRef, TrainingJob, model_name
from services.training.errors import SpecInvalid
from services.training.handlers.jobs import Jobs
from services.training.handlers.registry import Registry
from services.training.messages import from_stage, spec_of_text, to_failure, to_stage
from whetstone.curation.v1 import events_pb2 as curation
from whetstone.pipelines.v1 import events_pb2 as pipelines
from whetstone.training.v1 import events_pb2 as training


class Events:
    def __init__(self, jobs: Jobs, registry: Registry, outbox: Outbox) -> None:
        self._jobs, self._registry, self._outbox = jobs, registry, outbox

    def subscriptions(self) -> Mapping[type[Message], Handler]:
        return {
            pipelines.StageRequested: self._requested,
            pipelines.StageCancelled: self._cancelled,
            curation.DatasetVersionTainted: self._tainted,
        }

    def _requested(self, tx: Tx, event: Event, message: pipelines.StageRequested) -> None:
        work = {"train": self._train, "gate": self._gate, "serve": self._serve}.get(message.kind)
        if work is not None:
            work(tx, event.tenant, message, from_stage(message.stage))

    def _cancelled(self, tx: Tx, event: Event, message: pipelines.StageCancelled) -> None:
        if message.kind == "train":
            self._jobs.cancel_stage(tx, event.tenant, from_stage(message.stage))

    def _tainted(self, tx: Tx, event: Event, message: curation.DatasetVersionTainted) -> None:
        self._registry.taint(tx, event.tenant, message.version, message.document, message.reason)

    def _train(self, tx: Tx, tenant: str, message: pipelines.StageRequested, stage: StageRef) -> None:
        project = stage.run.split("/runs/")[0]
        parameters = message.parameters
        # A specification that can't be read is handed on as one that the job's own check refuses, with its reason.
        try:
            spec = dict(spec_of_text(parameters.get("spec", "")))
        except SpecInvalid as error:
            self._refuse(tx, tenant, stage, Failure(error.reason, error.message))
            return
        if base := parameters.get("base", ""):
            spec["base"] = {"id": base}
        asked = TrainingJob(
            "",
            message.inputs.get("dataset.version", ""),
            model_name(project, parameters.get("model", "")),
            parameters.get("recipe", ""),
            spec,
        )
        self._jobs.start_stage(tx, tenant, asked, stage)

    def _gate(self, tx: Tx, tenant: str, message: pipelines.StageRequested, stage: StageRef) -> None:
        try:
            self._registry.ask_gate_in(tx, tenant, message.inputs.get("train.model_version", ""), stage)
        except ServiceError as error:
            self._refuse(tx, tenant, stage, Failure(error.reason, error.message))

    def _serve(self, tx: Tx, tenant: str, message: pipelines.StageRequested, stage: StageRef) -> None:
        try:
            self._registry.promote_in(tx, tenant, message.inputs.get("train.model_version", ""), stage)
        except ServiceError as error:
            self._refuse(tx, tenant, stage, Failure(error.reason, error.message))

    def _refuse(self, tx: Tx, tenant: str, stage: StageRef, failure: Failure) -> None:
        """Tells the run that its stage can't be done."""
        message = training.StageRefused(stage=to_stage(stage), failure=to_failure(failure))
        self._outbox.add(tx, tenant, stage.run, message)
