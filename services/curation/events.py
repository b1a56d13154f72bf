"""What curation hears: documents, finished syntheses, and the stages that are its own."""

from collections.abc import Mapping

from google.protobuf.message import Message

from services.chassis.events import Handler
from services.chassis.outbox import Event
from services.chassis.store import Tx
from services.curation.domain.analyses import Stage
from services.curation.domain.datasets import Synthesis
from services.curation.domain.passages import Document
from services.curation.handlers.analyses import AnalysisHandlers
from services.curation.handlers.datasets import DatasetHandlers
from services.curation.handlers.documents import DocumentHandlers
from whetstone.ingestion.v1 import events_pb2 as ingestion
from whetstone.pipelines.v1 import events_pb2 as pipelines
from whetstone.synthesis.v1 import events_pb2 as synthesis
from whetstone.type.v1 import location_pb2


class Events:
    def __init__(self, documents: DocumentHandlers, analyses: AnalysisHandlers, datasets: DatasetHandlers) -> None:
        self._documents, self._analyses, self._datasets = documents, analyses, datasets

    def subscriptions(self) -> Mapping[type[Message], Handler]:
        return {
            ingestion.DocumentIngested: self._ingested,
            ingestion.DocumentWithdrawn: self._withdrawn,
            synthesis.SynthesisCompleted: self._synthesised,
            pipelines.StageRequested: self._requested,
            pipelines.StageCancelled: self._cancelled,
        }

    def _ingested(self, tx: Tx, event: Event, message: ingestion.DocumentIngested) -> None:
        document = Document(
            message.document,
            message.revision,
            message.filename,
            message.title,
            message.chunks.sha256,
            message.chunk_count,
            message.licence,
        )
        self._documents.ingested(tx, event.tenant, document)

    def _withdrawn(self, tx: Tx, event: Event, message: ingestion.DocumentWithdrawn) -> None:
        self._documents.withdrawn(tx, event.tenant, message.document, message.reason)

    def _synthesised(self, tx: Tx, event: Event, message: synthesis.SynthesisCompleted) -> None:
        done = Synthesis(message.synthesis_job, message.analysis, message.examples.sha256, message.rejects.sha256)
        self._datasets.synthesised(tx, event.tenant, done)

    def _requested(self, tx: Tx, event: Event, message: pipelines.StageRequested) -> None:
        stage = _stage(message.stage)
        if message.kind == "analyse":
            self._analyses.request(tx, event.tenant, stage)
        elif message.kind == "dataset":
            job, examples = message.inputs["synthesise.synthesis_job"], message.inputs["synthesise.examples"]
            name, analysis = message.parameters["dataset"], message.inputs["analyse.analysis"]
            self._datasets.request(tx, event.tenant, stage, name, job, examples, analysis)

    def _cancelled(self, tx: Tx, event: Event, message: pipelines.StageCancelled) -> None:
        stage = _stage(message.stage)
        if message.kind == "analyse":
            self._analyses.cancel(tx, event.tenant, stage)
        elif message.kind == "dataset":
            self._datasets.cancel(tx, event.tenant, stage)


def _stage(stage: location_pb2.StageRef) -> Stage:
    return Stage(stage.run, stage.stage, stage.attempt)
