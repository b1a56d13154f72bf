"""What was made from what, heard from events in whatever order topics are read."""

import pytest

from services.chassis.errors import Exhausted, Invalid, NotFound
from services.chassis.testing import served
from tests.integration.provenance.world import (
    ANALYSIS,
    CHUNKS,
    COMPLETION,
    DATASET,
    DOCUMENTS,
    FINDING,
    JOB,
    MODEL,
    PROJECT,
    REVISIONS,
    SYNTHESIS,
    World,
    make_service,
    wait_for,
)
from whetstone.agents.v1 import agents_pb2
from whetstone.agents.v1 import events_pb2 as agents
from whetstone.curation.v1 import events_pb2 as curation
from whetstone.federation.v1 import events_pb2 as federation
from whetstone.ingestion.v1 import events_pb2 as ingestion
from whetstone.provenance.v1 import provenance_pb2 as pb
from whetstone.provenance.v1 import provenance_pb2_grpc
from whetstone.tools.v1 import events_pb2 as tools
from whetstone.tools.v1 import tools_pb2
from whetstone.training.v1 import events_pb2 as training
from whetstone.training.v1 import training_pb2


def lineage(stub, resource, direction=""):
    found = stub.GetLineage(pb.GetLineageRequest(name=PROJECT, resource=resource, direction=direction))
    edges = {(getattr(edge, "from"), edge.to, edge.kind) for edge in found.edges}
    return {node.name: node for node in found.nodes}, edges


def test_a_withdrawn_document_reaches_its_datasets_models_and_answers(world, stub):
    world.tell_everything()
    withdrawn = ingestion.DocumentWithdrawn(document=DOCUMENTS[0], reason="recalled", actor="erin")
    world.tell(DOCUMENTS[0], withdrawn)
    nodes, edges = lineage(stub, DOCUMENTS[0], "downstream")
    assert {DATASET, JOB, MODEL, COMPLETION} <= set(nodes)
    assert list(nodes[DOCUMENTS[0]].marks) == ["withdrawn: recalled"]
    assert (DOCUMENTS[0], DATASET, "derived-from") in edges
    assert (MODEL, COMPLETION, "answered-by") in edges
    # The other document and the decision are no products of this one.
    assert not {DOCUMENTS[1], FINDING, ANALYSIS} & set(nodes)


def test_an_answer_goes_back_to_revisions_decisions_and_the_synthesis_job(world, stub):
    world.tell_everything()
    wait_for(lambda: (REVISIONS[0], DATASET, "derived-from") in lineage(stub, COMPLETION, "upstream")[1])
    nodes, edges = lineage(stub, COMPLETION, "upstream")
    assert {*DOCUMENTS, *REVISIONS, FINDING, ANALYSIS, SYNTHESIS, DATASET, JOB, MODEL} <= set(nodes)
    assert (FINDING, DOCUMENTS[0], "decided-on") in edges
    assert (ANALYSIS, SYNTHESIS, "derived-from") in edges
    assert list(nodes[FINDING].marks) == ["settled: KEEP_SECOND by erin"]
    assert nodes[MODEL].kind == "model-version"
    assert nodes[MODEL].digest == "a" * 64
    assert nodes["embedded:smollm2"].kind == "base-model"


def test_a_version_without_the_document_is_not_reached(world, stub):
    world.tell_everything()
    clean = f"{PROJECT}/datasets/main/versions/v2"
    published = curation.DatasetVersionPublished(version=clean, documents=DOCUMENTS[1:])
    world.tell(clean, published)
    assert clean not in lineage(stub, DOCUMENTS[0], "downstream")[0]
    assert clean in lineage(stub, DOCUMENTS[1], "downstream")[0]


def test_events_in_the_other_order_give_the_same_graph(world, tmp_path, completions):
    other = World(make_service(tmp_path / "other", completions), tmp_path / "other")
    with served(world.service) as channel:
        stub = provenance_pb2_grpc.ProvenanceServiceStub(channel)
        world.tell_everything()
        wait_for(lambda: REVISIONS[0] in lineage(stub, DATASET, "upstream")[0])
        first = lineage(stub, MODEL)
    with served(other.service) as channel:
        stub = provenance_pb2_grpc.ProvenanceServiceStub(channel)
        other.tell_model()
        other.tell_dataset()
        other.tell_documents()
        wait_for(lambda: REVISIONS[0] in lineage(stub, DATASET, "upstream")[0])
        second = lineage(stub, MODEL)
    assert first == second


def test_marks_come_and_go_with_what_befalls_a_model(world, stub):
    world.tell_everything()
    version = training_pb2.ModelVersion(name=MODEL, dataset_version=DATASET)
    world.tell(MODEL, training.ModelVersionPromoted(version=version, actor="erin"))
    assert list(lineage(stub, MODEL)[0][MODEL].marks) == ["gate-passed", "promoted: erin"]
    world.tell(MODEL, training.ModelVersionTainted(version=MODEL, document=DOCUMENTS[0], reason="recalled"))
    world.tell(MODEL, training.ModelVersionRevoked(version=MODEL, reason="tainted"))
    marks = list(lineage(stub, MODEL)[0][MODEL].marks)
    assert marks == ["gate-passed", "revoked: tainted", f"tainted: {DOCUMENTS[0]}: recalled"]


def test_tool_calls_and_answers_flow_into_an_agents_report(world, stub):
    run, call = f"{PROJECT}/agentRuns/a1", f"{PROJECT}/toolCalls/t1"
    world.tell_everything()
    waiting = tools.ToolCallAwaitingApproval(tool_call=call, operation="createTask", agent_run=run)
    world.tell(call, waiting)
    approval = tools_pb2.Approval(approver="erin", granted=True)
    world.tell(call, tools.ToolCallDecided(tool_call=call, approval=approval, agent_run=run))
    finished = agents.AgentRunFinished(
        agent_run=run, state=agents_pb2.AgentRun.SUCCEEDED, tool_calls=[call], completions=[COMPLETION]
    )
    world.tell(run, finished)
    nodes, edges = lineage(stub, run, "upstream")
    assert {(call, run, "used-by"), (COMPLETION, run, "used-by")} <= edges
    assert list(nodes[call].marks) == ["approved: erin"]
    assert run in lineage(stub, DOCUMENTS[0], "downstream")[0]


@pytest.mark.parametrize("federation_first", [True, False])
def test_a_federations_adapter_is_known_by_its_digest(world, stub, federation_first):
    name, version = f"{PROJECT}/federations/f1", f"{PROJECT}/models/joint/versions/1"
    messages = [
        (f"{name}/rounds/1", federation.RoundOpened(round=f"{name}/rounds/1", index=1)),
        (name, federation.AdapterPublished(federation=name, adapter_digest="f" * 64)),
        (
            version,
            training.ModelVersionRegistered(
                version=training_pb2.ModelVersion(name=version, adapter_digest="f" * 64, base="tiny")
            ),
        ),
    ]
    for subject, message in messages if federation_first else reversed(messages):
        world.tell(subject, message)
    assert {f"{name}/rounds/1", name} <= set(lineage(stub, version, "upstream")[0])


def test_a_redelivered_event_changes_nothing(world, stub):
    world.tell_documents()
    event = world.tell(DATASET, curation.DatasetVersionPublished(version=DATASET, documents=DOCUMENTS))
    before = lineage(stub, DATASET)
    world.deliver(event)
    assert lineage(stub, DATASET) == before


def test_too_many_relatives_are_refused_and_not_cut(tmp_path, completions):
    world = World(make_service(tmp_path, completions, lineage_limit=3), tmp_path)
    world.tell_everything()
    with served(world.service) as channel, pytest.raises(Exhausted) as error:
        lineage(provenance_pb2_grpc.ProvenanceServiceStub(channel), MODEL)
    assert error.value.reason == "LINEAGE_TOO_LARGE"


@pytest.mark.parametrize(
    ("request_", "category", "reason"),
    [
        (pb.GetLineageRequest(name=PROJECT, resource=CHUNKS[0]), NotFound, "RESOURCE_UNKNOWN"),
        (pb.GetLineageRequest(name=PROJECT, resource=MODEL, direction="sideways"), Invalid, "DIRECTION_UNKNOWN"),
        (pb.GetLineageRequest(name="steel", resource=MODEL), Invalid, "NAME_INVALID"),
    ],
)
def test_bad_questions_are_refused_with_a_reason(stub, request_, category, reason):
    with pytest.raises(category) as error:
        stub.GetLineage(request_)
    assert error.value.reason == reason
