"""Traced answers: three columns, each down to document, revision, page and clause."""

import json
from dataclasses import replace

import pytest

from services.chassis import auth, rpc, testing
from services.chassis.errors import DataLoss, FailedPrecondition, Invalid, NotFound, Unavailable
from services.chassis.testing import served
from services.provenance.ports.outside import Features
from tests.integration.provenance.world import (
    ANSWER,
    CHUNKS,
    COMPLETION,
    DATASET,
    DOCUMENTS,
    MODEL,
    PROJECT,
    QUESTION,
    REVISIONS,
    TENANT,
    World,
    influence_tar,
    make_service,
)
from whetstone.provenance.v1 import provenance_pb2 as pb
from whetstone.provenance.v1 import provenance_pb2_grpc
from whetstone.serving.v1 import serving_pb2, serving_pb2_grpc
from whetstone.training.v1 import events_pb2 as training
from whetstone.training.v1 import training_pb2


def trace(stub, limit=0):
    return stub.TraceCompletion(pb.TraceCompletionRequest(completion=COMPLETION, limit=limit))


def test_an_answer_is_traced_in_three_columns(world, stub):
    world.tell_everything()
    found = trace(stub)
    assert (found.completion, found.model_version, found.dataset_version) == (COMPLETION, MODEL, DATASET)
    assert [(row.example, row.completion) for row in found.influences] == [("e0", "380 MPa"), ("e1", "210 N·m")]
    assert found.influences[0].score == pytest.approx(1.0, abs=0.02)
    assert found.learnt == pytest.approx(4.0)
    assert found.fidelity.startswith("unverified")
    assert found.evidence[0].source.location.chunk == CHUNKS[0]
    assert found.verbatim[0].text == "380 MPa, at room temperature"
    assert found.verbatim[0].tokens == 5


def test_every_source_is_a_place_in_a_document(world, stub):
    world.tell_everything()
    found = trace(stub)
    for quote in (found.influences[0].sources[0], found.verbatim[0].sources[0], found.evidence[0].source):
        place = quote.location
        assert (place.document, place.revision, place.chunk) == (DOCUMENTS[0], REVISIONS[0], CHUNKS[0])
        assert (place.page, place.clause, place.char_start) == (3, "4.2.1", 10)
        assert (quote.document_title, "380 MPa" in quote.text) == ("Steel", True)


def test_an_example_that_made_the_answer_less_likely_is_no_source(world, stub):
    world.tell_everything()
    assert "e3" not in [row.example for row in trace(stub, limit=10).influences]


def test_the_limit_holds_for_each_column(world, stub):
    world.tell_everything()
    found = trace(stub, limit=1)
    assert [len(found.influences), len(found.verbatim), len(found.evidence)] == [1, 1, 1]


def test_the_newest_word_on_a_model_version_counts(world, stub):
    """A version is registered again once it is evaluated anew, also after its promotion."""
    world.tell_everything()
    bare = training_pb2.ModelVersion(name=MODEL, dataset_version=DATASET)
    world.tell(MODEL, training.ModelVersionPromoted(version=bare))
    assert trace(stub).fidelity.startswith("not available")
    assert list(trace(stub).influences) == []
    again = training_pb2.ModelVersion(name=MODEL, dataset_version=DATASET)
    again.influence.CopyFrom(world.put(influence_tar(world.folder / "again")))
    world.tell(MODEL, training.ModelVersionRegistered(version=again))
    assert [row.example for row in trace(stub).influences] == ["e0", "e1"]


def test_what_was_never_said_has_no_verbatim(world, stub, completions):
    world.tell_everything()
    completions.found = replace(completions.found, text="Zebras gallop quietly across frozen lakes.")
    assert list(trace(stub).verbatim) == []


def test_the_indexes_outlive_the_process(world, tmp_path, completions):
    world.tell_everything()
    with served(world.service) as channel:
        trace(provenance_pb2_grpc.ProvenanceServiceStub(channel))
    built = sorted(path.name for path in (tmp_path / "provenance" / "texts").iterdir())
    with served(make_service(tmp_path, completions)) as channel:
        found = trace(provenance_pb2_grpc.ProvenanceServiceStub(channel))
    assert found.verbatim[0].text == ANSWER
    assert sorted(path.name for path in (tmp_path / "provenance" / "texts").iterdir()) == built


def test_features_of_another_shape_are_refused(world, stub, completions):
    world.tell_everything()
    completions.computed = Features([1.0, 0.0, 0.0], 1, 3, 1.0, 1.0, MODEL)
    with pytest.raises(DataLoss) as error:
        trace(stub)
    assert error.value.reason == "INDEX_UNREADABLE"


def test_a_dataset_that_is_no_json_lines_is_said_to_be_so(world, stub):
    world.tell_dataset(train=b"{not json")
    world.tell_model()
    with pytest.raises(DataLoss) as error:
        trace(stub)
    assert error.value.reason == "DATASET_UNREADABLE"


def test_an_answer_of_the_plain_base_has_nothing_to_trace_to(world, stub, completions):
    completions.found = replace(completions.found, model_version="")
    with pytest.raises(FailedPrecondition) as error:
        trace(stub)
    assert error.value.reason == "COMPLETION_NOT_TRACEABLE"


def test_what_no_event_has_told_is_named(world, stub):
    with pytest.raises(NotFound) as error:
        trace(stub)
    assert error.value.reason == "MODEL_VERSION_UNKNOWN"
    world.tell_model()
    with pytest.raises(FailedPrecondition) as error:
        trace(stub)
    assert error.value.reason == "DATASET_NOT_PUBLISHED"


class FakeServing(serving_pb2_grpc.ServingServiceServicer):
    """Serving's own face, over gRPC."""

    def GetCompletion(self, request, context):
        assert auth.caller().tenant == TENANT
        messages = [{"role": "user", "content": [{"type": "text", "text": QUESTION}]}]
        return serving_pb2.Completion(
            name=request.name,
            model_version=MODEL,
            dataset_version=DATASET,
            messages_json=json.dumps(messages),
            text=ANSWER,
        )

    def ComputeInfluenceFeatures(self, request, context):
        return serving_pb2.ComputeInfluenceFeaturesResponse(
            features=[1, 0], checkpoints=1, dimensions=2, base_loss=3, tuned_loss=1, model_version=MODEL
        )


def test_the_answer_and_its_features_come_from_serving(tmp_path):
    server = rpc.server("serving", testing.KEY, 2)
    serving_pb2_grpc.add_ServingServiceServicer_to_server(FakeServing(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        service = make_service(tmp_path, None, addresses={"serving": f"127.0.0.1:{port}"})
        World(service, tmp_path).tell_everything()
        with served(service) as channel:
            found = trace(provenance_pb2_grpc.ProvenanceServiceStub(channel))
    finally:
        server.stop(None)
    assert [found.influences[0].example, found.verbatim[0].text, found.learnt] == ["e0", ANSWER, 2]
    assert found.evidence[0].source.location.chunk == CHUNKS[0]


def test_without_serving_nothing_is_traced(tmp_path):
    service = make_service(tmp_path, None, addresses={"serving": "127.0.0.1:1"})
    with served(service) as channel, pytest.raises(Unavailable):
        trace(provenance_pb2_grpc.ProvenanceServiceStub(channel))


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (pb.TraceCompletionRequest(completion=f"{PROJECT}/completions"), "NAME_INVALID"),
        (pb.TraceCompletionRequest(completion=COMPLETION, limit=-1), "LIMIT_INVALID"),
    ],
)
def test_bad_requests_are_refused_with_a_reason(stub, request_, reason):
    with pytest.raises(Invalid) as error:
        stub.TraceCompletion(request_)
    assert error.value.reason == reason
