"""What synthesis hears: stages of runs."""

from collections.abc import Mapping

from google.protobuf.message import Message

from services.chassis.events import Handler
from services.chassis.outbox import Event
from services.chassis.store import Tx
from services.synthesis.domain.job import StageRef
from services.synthesis.handlers import Handlers
from whetstone.pipelines.v1 import events_pb2 as pipelines
from whetstone.type.v1 import location_pb2

KIND = "synthesise"


class Events:
    def __init__(self, handlers: Handlers) -> None:
        self._handlers = handlers

    def subscriptions(self) -> Mapping[type[Message], Handler]:
        return {pipelines.StageRequested: self._requested, pipelines.StageCancelled: self._cancelled}

    def _requested(self, tx: Tx, event: Event, message: pipelines.StageRequested) -> None:
        if message.kind == KIND:
            analysis = message.inputs.get("analyse.analysis", "")
            self._handlers.start_stage(tx, event.tenant, _stage(message.stage), analysis, dict(message.parameters))

    def _cancelled(self, tx: Tx, event: Event, message: pipelines.StageCancelled) -> None:
        if message.kind == KIND:
            self._handlers.cancel_stage(tx, event.tenant, _stage(message.stage))


def _stage(stage: location_pb2.StageRef) -> StageRef:
    return StageRef(stage.run, stage.stage, stage.attempt)
