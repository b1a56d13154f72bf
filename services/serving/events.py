"""What serving hears: what becomes of model versions."""

from collections.abc import Mapping

from google.protobuf.message import Message

from services.chassis.events import Handler
from services.chassis.outbox import Event
from services.chassis.store import Tx
from services.serving.messages import to_stage, to_version
from services.serving.versions import Versions
from whetstone.training.v1 import events_pb2 as training
from whetstone.training.v1 import training_pb2


class Events:
    def __init__(self, versions: Versions) -> None:
        self._versions = versions

    def subscriptions(self) -> Mapping[type[Message], Handler]:
        return {
            training.ModelVersionRegistered: self._registered,
            training.ModelVersionGated: self._gated,
            training.ModelVersionPromoted: self._promoted,
            training.ModelVersionRevoked: self._revoked,
            training.ModelVersionTainted: self._tainted,
        }

    def _registered(self, tx: Tx, event: Event, message: training.ModelVersionRegistered) -> None:
        self._versions.registered(tx, event.tenant, to_version(message.version))

    def _gated(self, tx: Tx, event: Event, message: training.ModelVersionGated) -> None:
        if message.report.verdict == training_pb2.GateReport.REFUSE:
            self._versions.refused(tx, event.tenant, message.version)

    def _promoted(self, tx: Tx, event: Event, message: training.ModelVersionPromoted) -> None:
        version, stage = to_version(message.version), to_stage(message.stage)
        self._versions.promoted(tx, event.tenant, version, message.replaces, stage, event.traceparent)

    def _revoked(self, tx: Tx, event: Event, message: training.ModelVersionRevoked) -> None:
        self._versions.revoked(tx, event.tenant, message.version, message.reason)

    def _tainted(self, tx: Tx, event: Event, message: training.ModelVersionTainted) -> None:
        warning = f"{message.document} was withdrawn: {message.reason}"
        self._versions.tainted(tx, event.tenant, message.version, message.policy, warning)
