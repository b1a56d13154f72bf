"""What each event adds to the lineage graph."""

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from services.provenance.domain.graph import Graph, kind_of
from whetstone.agents.v1 import agents_pb2
from whetstone.agents.v1 import events_pb2 as agents
from whetstone.curation.v1 import curation_pb2
from whetstone.curation.v1 import events_pb2 as curation
from whetstone.federation.v1 import events_pb2 as federation
from whetstone.ingestion.v1 import events_pb2 as ingestion
from whetstone.pipelines.v1 import events_pb2 as pipelines
from whetstone.serving.v1 import events_pb2 as serving
from whetstone.synthesis.v1 import events_pb2 as synthesis
from whetstone.tools.v1 import events_pb2 as tools
from whetstone.training.v1 import events_pb2 as training
from whetstone.training.v1 import training_pb2
from whetstone.type.v1 import location_pb2


def graph_of(message: Message) -> Graph:
    """The nodes, edges and marks of one event; none where it says nothing about lineage."""
    graph = Graph()
    if add := _ADDERS.get(message.DESCRIPTOR.full_name):
        add(graph, message)
    return graph


def _stage(graph: Graph, stage: location_pb2.StageRef, *products: str) -> None:
    """A stage stands between what it was given and what came out, whichever is heard first."""
    for product in products if stage.run else ():
        graph.node(stage_name(stage), "stage", stage.stage)
        graph.edge(stage_name(stage), product, "made-by")


def stage_name(stage: location_pb2.StageRef) -> str:
    return f"{stage.run}/stages/{stage.stage}-{stage.attempt}"


def _ingested(graph: Graph, message: ingestion.DocumentIngested) -> None:
    graph.node(message.document, "document", message.title or message.filename)
    graph.node(message.revision, "revision", message.filename, message.original.sha256)
    graph.edge(message.document, message.revision, "revision-of")


def _rejected(graph: Graph, message: ingestion.DocumentRejected) -> None:
    graph.node(message.document, "document", message.filename, message.original.sha256)
    graph.mark(message.document, "rejected", message.failure.reason)


def _withdrawn(graph: Graph, message: ingestion.DocumentWithdrawn) -> None:
    graph.node(message.document, "document")
    graph.mark(message.document, "withdrawn", message.reason)


def _analysed(graph: Graph, message: curation.AnalysisCompleted) -> None:
    graph.node(message.analysis, "analysis", digest=message.claims.sha256)
    _stage(graph, message.stage, message.analysis)


def _finding(graph: Graph, message: Any) -> None:
    kind = curation_pb2.Finding.Kind.Name(message.kind)
    graph.node(message.finding, "finding", getattr(message, "topic", "") or kind)
    # A decision bears on its documents and on whatever is made of them; the documents do not flow into the decision,
    # else a withdrawn one would seem to reach every version that the other document of a contradiction is in.
    for document in message.documents:
        graph.edge(message.finding, document, "decided-on")


def _settled(graph: Graph, message: curation.FindingSettled) -> None:
    _finding(graph, message)
    graph.mark(message.finding, "settled", f"{message.decision.outcome} by {message.decision.author}")


def _reopened(graph: Graph, message: curation.FindingReopened) -> None:
    graph.node(message.finding, "finding")
    graph.lift(message.finding, "settled")


def _synthesised(graph: Graph, message: synthesis.SynthesisCompleted) -> None:
    graph.node(message.synthesis_job, "synthesis-job", message.generator, message.examples.sha256)
    graph.node(message.analysis, "analysis")
    graph.edge(message.analysis, message.synthesis_job, "derived-from")
    _stage(graph, message.stage, message.synthesis_job)


def _published(graph: Graph, message: curation.DatasetVersionPublished) -> None:
    graph.node(message.version, "dataset-version", digest=message.digest)
    for document in message.documents:
        graph.node(document, "document")
        graph.edge(document, message.version, "derived-from")
    _stage(graph, message.stage, message.version)


def _dataset_tainted(graph: Graph, message: curation.DatasetVersionTainted) -> None:
    graph.node(message.version, "dataset-version")
    graph.mark(message.version, "tainted", f"{message.document}: {message.reason}")


def _trained(graph: Graph, message: training.TrainingJobStateChanged) -> None:
    graph.node(message.training_job, "training-job")
    graph.edge(message.dataset_version, message.training_job, "trained-on")
    graph.edge(message.training_job, message.model_version, "made-by")
    _stage(graph, message.stage, message.training_job)
    if message.state == training_pb2.TrainingJob.FAILED:
        graph.mark(message.training_job, "failed", message.failure.reason)


def _registered(graph: Graph, message: training.ModelVersionRegistered) -> None:
    version = message.version
    graph.node(version.name, "model-version", digest=version.adapter_digest)
    graph.node(version.base, "base-model", version.base, version.base_digest)
    graph.edge(version.base, version.name, "tuned-from")
    graph.edge(version.dataset_version, version.name, "trained-on")
    graph.edge(version.training_job, version.name, "made-by")


def _gated(graph: Graph, message: training.ModelVersionGated) -> None:
    passed = message.report.verdict == training_pb2.GateReport.PASS
    graph.node(message.version, "model-version")
    graph.lift(message.version, "gate-refused" if passed else "gate-passed")
    graph.mark(message.version, "gate-passed" if passed else "gate-refused")


def _promoted(graph: Graph, message: training.ModelVersionPromoted) -> None:
    _registered(graph, training.ModelVersionRegistered(version=message.version))
    graph.lift(message.replaces, "promoted")
    graph.mark(message.version.name, "promoted", message.actor)


def _revoked(graph: Graph, message: training.ModelVersionRevoked) -> None:
    graph.node(message.version, "model-version")
    graph.lift(message.version, "promoted")
    graph.mark(message.version, "revoked", message.reason)


def _model_tainted(graph: Graph, message: training.ModelVersionTainted) -> None:
    graph.node(message.version, "model-version")
    graph.mark(message.version, "tainted", f"{message.document}: {message.reason}")


def _endpoint(graph: Graph, message: serving.EndpointReady) -> None:
    graph.node(message.endpoint.name, "endpoint", message.endpoint.base, message.endpoint.base_digest)
    graph.edge(message.model_version, message.endpoint.name, "served-by")


def _answered(graph: Graph, message: serving.CompletionServed) -> None:
    graph.node(message.completion, "completion", digest=message.answer_digest)
    graph.edge(message.model_version, message.completion, "answered-by")


def _called(graph: Graph, message: Any) -> None:
    graph.node(message.tool_call, "tool-call", getattr(message, "operation", ""))
    graph.edge(message.tool_call, message.agent_run, "used-by")


def _refused(graph: Graph, message: tools.ToolCallRefused) -> None:
    _called(graph, message)
    graph.mark(message.tool_call, "refused", message.failure.reason)


def _awaiting(graph: Graph, message: tools.ToolCallAwaitingApproval) -> None:
    _called(graph, message)
    graph.mark(message.tool_call, "awaiting-approval")


def _decided(graph: Graph, message: tools.ToolCallDecided) -> None:
    _called(graph, message)
    graph.lift(message.tool_call, "awaiting-approval")
    graph.mark(message.tool_call, "approved" if message.approval.granted else "denied", message.approval.approver)


def _agent_finished(graph: Graph, message: agents.AgentRunFinished) -> None:
    graph.node(message.agent_run, "agent-run", digest=message.report_digest)
    for source in (*message.tool_calls, *message.completions):
        graph.edge(source, message.agent_run, "used-by")
    graph.mark(message.agent_run, agents_pb2.AgentRun.State.Name(message.state).lower())


def _round_opened(graph: Graph, message: federation.RoundOpened) -> None:
    graph.node(message.round, "round", str(message.index))
    graph.edge(message.round, message.round.rsplit("/", 2)[0], "round-of")


def _update(graph: Graph, message: federation.UpdateReceived) -> None:
    name = f"{message.round}/updates/{message.participant.rsplit('/', 1)[-1]}"
    graph.node(name, "update", message.participant, message.digest)
    graph.edge(name, message.round, "summed-in")


def _round_completed(graph: Graph, message: federation.RoundCompleted) -> None:
    graph.node(message.round, "round", digest=message.adapter_digest)
    graph.edge(message.round, message.round.rsplit("/", 2)[0], "round-of")


def _adapter(graph: Graph, message: federation.AdapterPublished) -> None:
    graph.node(message.federation, "federation", digest=message.adapter_digest)


def _requested(graph: Graph, message: pipelines.StageRequested) -> None:
    name = stage_name(message.stage)
    graph.node(name, "stage", message.kind)
    graph.node(message.stage.run, "run")
    graph.edge(message.stage.run, name, "asked-by")
    for value in sorted(set(message.inputs.values())):
        if value.startswith("projects/"):
            graph.node(value, kind_of(value))
            graph.edge(value, name, "input-of")


def _adders(*pairs: tuple[type[Message], Callable[[Graph, Any], None]]) -> Mapping[str, Callable[[Graph, Any], None]]:
    return {kind.DESCRIPTOR.full_name: add for kind, add in pairs}


_ADDERS = _adders(
    (ingestion.DocumentIngested, _ingested),
    (ingestion.DocumentRejected, _rejected),
    (ingestion.DocumentWithdrawn, _withdrawn),
    (curation.AnalysisCompleted, _analysed),
    (curation.FindingRaised, _finding),
    (curation.FindingSettled, _settled),
    (curation.FindingReopened, _reopened),
    (curation.DatasetVersionPublished, _published),
    (curation.DatasetVersionTainted, _dataset_tainted),
    (synthesis.SynthesisCompleted, _synthesised),
    (training.TrainingJobStateChanged, _trained),
    (training.ModelVersionRegistered, _registered),
    (training.ModelVersionGated, _gated),
    (training.ModelVersionPromoted, _promoted),
    (training.ModelVersionRevoked, _revoked),
    (training.ModelVersionTainted, _model_tainted),
    (serving.EndpointReady, _endpoint),
    (serving.CompletionServed, _answered),
    (tools.ToolCallMade, _called),
    (tools.ToolCallRefused, _refused),
    (tools.ToolCallAwaitingApproval, _awaiting),
    (tools.ToolCallDecided, _decided),
    (agents.AgentRunFinished, _agent_finished),
    (federation.RoundOpened, _round_opened),
    (federation.UpdateReceived, _update),
    (federation.RoundCompleted, _round_completed),
    (federation.AdapterPublished, _adapter),
    (pipelines.StageRequested, _requested),
)
