"""Versions come and go on a real model server while it answers; the controller brings back what a crash took."""

import json
import threading

import pytest

from services.chassis.errors import ServiceError
from services.chassis.testing import CALLER, said
from tests.integration.serving.conftest import MODEL, wait
from tests.integration.serving.processes import packed
from whetstone.serving.v1 import serving_pb2 as pb
from whetstone.serving.v1 import serving_pb2_grpc
from whetstone.training.v1 import events_pb2 as training
from whetstone.training.v1 import training_pb2
from whetstone.type.v1 import location_pb2

QUESTION = [{"role": "user", "content": "What is the yield of S355?"}]


def version_name(seed):
    return f"{MODEL}/versions/v{seed}"


def announced(stack, kind):
    return [m for _, m in said(stack.controller.platform.store, "whetstone.serving.v1") if type(m).__name__ == kind]


def endpoint(channel):
    stub = serving_pb2_grpc.ServingServiceStub(channel)
    return stub.GetEndpoint(pb.GetEndpointRequest(name="projects/p/endpoints/m"))


def ask(stack, model, **more):
    with stack.http() as http:
        body = {"model": model, "messages": QUESTION, "max_tokens": 4} | more
        return http.post("/v1/chat/completions", json=body)


def test_a_candidate_can_be_asked_by_its_name_and_probed_but_is_not_live(stack, channel):
    first = stack.version(1)
    stack.register(first)
    wait(lambda: ask(stack, first.name).status_code == 200)
    assert ask(stack, MODEL).json()["error"]["code"] == "MODEL_NOT_FOUND"
    stub = serving_pb2_grpc.ServingServiceStub(channel)
    prompt = pb.ProbePrompt(id="q", messages_json=json.dumps(QUESTION))
    report = stub.ProbeModel(pb.ProbeModelRequest(model_version=first.name, prompts=[prompt], max_new_tokens=6))
    assert (report.adapter_digest, report.base_digest, report.dtype) == (
        first.adapter_digest,
        first.base_digest,
        "fp32",
    )
    made = report.results[0]
    prompt.score_ids.extend(made.generated_ids)
    scored = stub.ProbeModel(pb.ProbeModelRequest(model_version=first.name, prompts=[prompt])).results[0]
    assert list(scored.prompt_ids) == list(made.prompt_ids)
    assert list(scored.logprobs) == pytest.approx(list(made.logprobs), abs=1e-4)
    assert made.text == ask(stack, first.name, max_tokens=6).json()["choices"][0]["message"]["content"]


def test_a_promotion_goes_live_hot_while_a_stream_is_running(stack, channel):
    stack.promote(stack.version(1), run="projects/p/runs/r1")
    wait(lambda: announced(stack, "EndpointReady"))
    ready = announced(stack, "EndpointReady")[-1]
    assert (ready.model_version, ready.stage.run) == (version_name(1), "projects/p/runs/r1")
    whole = ask(stack, version_name(1), max_tokens=400).json()["choices"][0]["message"]["content"]
    texts, begun = [], threading.Event()

    def read():
        for chunk in stack.client().chat.completions.create(
            model=MODEL, messages=QUESTION, max_tokens=400, stream=True
        ):
            texts.append(chunk.choices[0].delta.content or "")
            begun.set()

    reader = threading.Thread(target=read)
    reader.start()
    assert begun.wait(10)
    pid = stack.process.pid
    stack.promote(stack.version(2), run="projects/p/runs/r2")
    wait(lambda: stack.answers_with(MODEL) == version_name(2))
    assert reader.is_alive(), "the stream ended before the promotion was live: it proves nothing"
    reader.join(60)
    assert "".join(texts) == whole
    assert stack.process.pid == pid
    served = {a.model_version: (a.live, a.loaded) for a in endpoint(channel).adapters}
    assert served == {version_name(1): (False, True), version_name(2): (True, True)}


def test_a_rollback_is_another_promotion(stack):
    stack.promote(stack.version(1))
    wait(lambda: stack.answers_with(MODEL) == version_name(1))


def test_a_taint_warns_or_stops(stack):
    name = version_name(1)
    document = "projects/p/documents/QF-SPEC-101"
    stack.tell(name, training.ModelVersionTainted(version=name, document=document, reason="recalled", policy="WARN"))
    wait(lambda: "whetstone-warning" in ask(stack, MODEL).headers)
    assert document in ask(stack, MODEL).headers["whetstone-warning"]
    stack.tell(name, training.ModelVersionTainted(version=name, document=document, reason="recalled", policy="STOP"))
    wait(lambda: ask(stack, MODEL).status_code != 200)
    refused = ask(stack, MODEL)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "MODEL_VERSION_STOPPED")
    stack.promote(stack.version(2))
    wait(lambda: stack.answers_with(MODEL) == version_name(2))


def test_a_crashed_server_gets_its_whole_set_again(stack, channel):
    before = {a.model_version: a.live for a in endpoint(channel).adapters}
    text = ask(stack, MODEL).json()["choices"][0]["message"]["content"]
    stack.process.kill()
    stack.process.join()
    wait(lambda: endpoint(channel).state == pb.Endpoint.DEGRADED)
    stack.start_server()
    wait(lambda: endpoint(channel).state == pb.Endpoint.READY)
    assert {a.model_version: a.live for a in endpoint(channel).adapters if a.loaded} == before
    assert ask(stack, MODEL).json()["choices"][0]["message"]["content"] == text


def test_an_adapter_of_another_base_is_refused_and_the_live_one_stays(stack, channel):
    wrong = stack.version(3, name=f"{MODEL}/versions/wrong", base_digest="sha256:" + "0" * 64)
    stack.promote(wrong, run="projects/p/runs/r3")
    wait(lambda: announced(stack, "EndpointFailed"))
    failed = announced(stack, "EndpointFailed")[-1]
    assert (failed.failure.reason, failed.stage.run) == ("ADAPTER_BASE_MISMATCH", "projects/p/runs/r3")
    wait(lambda: stack.answers_with(MODEL) == version_name(2))


@pytest.mark.parametrize("fault", ["truncated", "tampered", "escaping"])
def test_a_broken_bundle_is_refused(stack, tmp_path, fault):
    archive = (stack.bundles / "3.tar").read_bytes()
    if fault == "truncated":
        archive = archive[:1000]
    elif fault == "tampered":
        at = archive.find(b"adapter_model.safetensors") + 20_000
        archive = archive[:at] + bytes([archive[at] ^ 1]) + archive[at + 1 :]
    else:
        (tmp_path / "x").symlink_to("/etc/passwd")
        archive = packed(tmp_path)
    kept = stack.blobs.put(CALLER.tenant, archive)
    bad = stack.version(
        3, name=f"{MODEL}/versions/{fault}", bundle=location_pb2.BlobRef(sha256=kept.sha256), adapter_digest="ab" * 32
    )
    stack.promote(bad)
    wait(lambda: bad.name in [e.model_version for e in announced(stack, "EndpointFailed")])
    assert announced(stack, "EndpointFailed")[-1].failure.reason == "ADAPTER_INVALID"
    wait(lambda: stack.answers_with(MODEL) == version_name(2))


def test_a_probe_loads_a_version_for_its_duration_only(stack, channel):
    third = stack.version(3)
    stack.tell(third.name, training.ModelVersionRegistered(version=third))
    refusal = training_pb2.GateReport(verdict=training_pb2.GateReport.REFUSE)
    stack.tell(third.name, training.ModelVersionGated(version=third.name, report=refusal))
    wait(lambda: ask(stack, third.name).status_code == 404)
    stub = serving_pb2_grpc.ServingServiceStub(channel)
    prompt = pb.ProbePrompt(id="q", messages_json=json.dumps(QUESTION))
    report = stub.ProbeModel(pb.ProbeModelRequest(model_version=third.name, prompts=[prompt], max_new_tokens=2))
    assert report.adapter_digest == third.adapter_digest
    assert ask(stack, third.name).status_code == 404
    base = stub.ProbeModel(pb.ProbeModelRequest(model_version="base", prompts=[prompt], max_new_tokens=2))
    assert base.adapter_digest == ""


def test_an_answer_has_influence_features_and_its_loss_with_and_without_the_adapter(stack, channel):
    first = stack.version(1, influence=stack.influence(1))
    first.name = f"{MODEL}/versions/traced"
    stack.register(first)
    wait(lambda: ask(stack, first.name).status_code == 200)
    completion = ask(stack, first.name, max_tokens=5).headers["whetstone-completion-name"]
    stub = serving_pb2_grpc.ServingServiceStub(channel)
    found = stub.ComputeInfluenceFeatures(pb.ComputeInfluenceFeaturesRequest(completion=completion))
    assert (found.checkpoints, found.dimensions) == (1, 2)
    assert len(found.features) == 2
    assert any(found.features)
    assert found.model_version == first.name
    assert 0 < found.tuned_loss < found.base_loss  # its own greedy answer is likelier with the adapter
    again = stub.ComputeInfluenceFeatures(pb.ComputeInfluenceFeaturesRequest(completion=completion))
    assert list(again.features) == list(found.features)


def test_answers_of_the_base_and_of_adapters_without_an_index_have_no_features(stack, channel):
    stub = serving_pb2_grpc.ServingServiceStub(channel)
    for model, reason in (("base", "COMPLETION_OF_BASE"), (version_name(2), "INFLUENCE_INDEX_MISSING")):
        completion = ask(stack, model).headers["whetstone-completion-name"]
        with pytest.raises(ServiceError) as refused:
            stub.ComputeInfluenceFeatures(pb.ComputeInfluenceFeaturesRequest(completion=completion))
        assert refused.value.reason == reason


def test_a_revoked_version_is_gone(stack, channel):
    name = version_name(2)
    stack.tell(name, training.ModelVersionRevoked(version=name, reason="it lies"))
    wait(lambda: ask(stack, name).status_code == 404)
    assert ask(stack, MODEL).json()["error"]["code"] == "MODEL_NOT_FOUND"
    stub = serving_pb2_grpc.ServingServiceStub(channel)
    with pytest.raises(ServiceError) as refused:
        stub.ProbeModel(pb.ProbeModelRequest(model_version=name, prompts=[pb.ProbePrompt(messages_json="[]")]))
    assert refused.value.reason == "MODEL_VERSION_REVOKED"


def test_an_answer_that_cannot_be_written_down_is_not_given(stack):
    stack.controller._server.stop(0).wait()
    refused = ask(stack, "base")
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "COMPLETION_NOT_RECORDED")
    text = ask(stack, "base", stream=True).text
    assert "COMPLETION_NOT_RECORDED" in text
    assert '"finish_reason": "' not in text
