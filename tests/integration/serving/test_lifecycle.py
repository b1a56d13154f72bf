"""Versions come and go on a real model server while it answers; the controller brings back what a crash took.

Each test has a model of its own, so that their order does not matter.
"""

import json
import threading
from dataclasses import replace

import pytest

from services.chassis.errors import ServiceError
from services.chassis.testing import CALLER, said
from tests.integration.serving.conftest import free_port, wait
from tests.integration.serving.processes import packed
from whetstone.serving.v1 import serving_pb2 as pb
from whetstone.serving.v1 import serving_pb2_grpc
from whetstone.training.v1 import events_pb2 as training
from whetstone.training.v1 import training_pb2
from whetstone.type.v1 import location_pb2

QUESTION = [{"role": "user", "content": "What is the yield of S355?"}]


@pytest.fixture
def model(request):
    return f"projects/p/models/{request.node.name.removeprefix('test_').partition('[')[0][:60]}"


@pytest.fixture
def stub(channel):
    return serving_pb2_grpc.ServingServiceStub(channel)


def ask(stack, model, **more):
    with stack.http() as http:
        body = {"model": model, "messages": QUESTION, "max_tokens": 4} | more
        return http.post("/v1/chat/completions", json=body)


def text(stack, model, **more):
    return ask(stack, model, **more).json()["choices"][0]["message"]["content"]


def code(response):
    return response.json().get("error", {}).get("code", "")


def make_live(stack, version, run=""):
    stack.promote(version, run)
    model = version.name.partition("/versions/")[0]
    wait(lambda: stack.answers_with(model) == version.name)


def announced(stack, kind, version):
    """Events of a kind about a version."""
    events = [message for _, message in said(stack.controller.platform.store, "whetstone.serving.v1")]
    return [e for e in events if type(e).__name__ == kind and e.model_version == version.name]


def endpoint(stub, model):
    return stub.GetEndpoint(pb.GetEndpointRequest(name=model.replace("/models/", "/endpoints/")))


def probe(stub, version, score_ids=(), **more):
    prompt = pb.ProbePrompt(id="q", messages_json=json.dumps(QUESTION), score_ids=score_ids)
    return stub.ProbeModel(pb.ProbeModelRequest(model_version=version, prompts=[prompt], **more))


def test_a_candidate_is_probed_and_asked_by_name_but_is_not_live(stack, stub, model):
    first = stack.version(1, model)
    stack.register(first)
    wait(lambda: ask(stack, first.name).status_code == 200)
    assert code(ask(stack, model)) == "MODEL_NOT_FOUND"
    report = probe(stub, first.name, max_new_tokens=6)
    assert (report.adapter_digest, report.base_digest) == (first.adapter_digest, first.base_digest)
    assert report.dtype == "fp32"
    made = report.results[0]
    scored = probe(stub, first.name, score_ids=made.generated_ids).results[0]
    assert list(scored.prompt_ids) == list(made.prompt_ids)
    assert list(scored.logprobs) == pytest.approx(list(made.logprobs), abs=1e-4)
    assert made.text == text(stack, first.name, max_tokens=6)


def test_the_server_says_what_the_trainer_says(stack, stub, model):
    trained = json.loads((stack.bundles / "2-parity.json").read_text())
    second = stack.version(2, model)
    stack.register(second)
    answered = probe(stub, second.name, max_new_tokens=12).results[0]
    assert list(answered.prompt_ids) == trained["prompt_ids"]
    assert list(answered.generated_ids) == trained["ids"]
    assert list(answered.logprobs) == pytest.approx(trained["logprobs"], abs=1e-5)
    scored = probe(stub, second.name, score_ids=trained["ids"]).results[0]
    assert list(scored.logprobs) == pytest.approx(trained["logprobs"], abs=1e-5)


def test_tokens_after_an_end_token_cannot_be_scored(stub):
    ends = probe(stub, "base", max_new_tokens=1).end_token_ids
    with pytest.raises(ServiceError) as refused:
        probe(stub, "base", score_ids=[5, ends[0], 6])
    assert refused.value.reason == "REQUEST_MALFORMED"


def test_a_promotion_is_hot_while_a_stream_runs(stack, stub, model):
    first, second = stack.version(1, model), stack.version(2, model)
    make_live(stack, first, run="projects/p/runs/r1")
    wait(lambda: announced(stack, "EndpointReady", first))
    assert announced(stack, "EndpointReady", first)[0].stage.run == "projects/p/runs/r1"
    whole = text(stack, first.name, max_tokens=400)
    texts, begun = [], threading.Event()

    def read():
        asked = {"model": model, "messages": QUESTION, "max_tokens": 400, "stream": True}
        for chunk in stack.client().chat.completions.create(**asked):
            texts.append(chunk.choices[0].delta.content or "")
            begun.set()

    reader = threading.Thread(target=read)
    reader.start()
    assert begun.wait(10)
    pid = stack.process.pid
    make_live(stack, second)
    assert reader.is_alive(), "the stream ended before the promotion was live: it proves nothing"
    reader.join(60)
    assert "".join(texts) == whole
    assert stack.process.pid == pid
    served = {a.model_version: (a.live, a.loaded) for a in endpoint(stub, model).adapters}
    assert served == {first.name: (False, True), second.name: (True, True)}


def test_a_rollback_is_another_promotion(stack, model):
    first, second = stack.version(1, model), stack.version(2, model)
    for version in (first, second, first):
        make_live(stack, version)
    assert ask(stack, second.name).status_code == 200


def test_a_taint_warns_or_stops(stack, model):
    first = stack.version(1, model)
    make_live(stack, first)
    taint = {"version": first.name, "document": "projects/p/documents/QF-SPEC-101", "reason": "recalled"}
    stack.tell(first.name, training.ModelVersionTainted(policy="WARN", **taint))
    wait(lambda: "whetstone-warning" in ask(stack, model).headers)
    assert "QF-SPEC-101" in ask(stack, model).headers["whetstone-warning"]
    stack.tell(first.name, training.ModelVersionTainted(policy="STOP", **taint))
    wait(lambda: ask(stack, model).status_code != 200)
    assert (ask(stack, model).status_code, code(ask(stack, model))) == (400, "MODEL_VERSION_STOPPED")


def test_a_crashed_server_gets_its_whole_set_again(stack, stub, model):
    first, second = stack.version(1, model), stack.version(2, model)
    make_live(stack, first)
    make_live(stack, second)
    before = text(stack, model)
    stack.process.kill()
    stack.process.join()
    wait(lambda: endpoint(stub, model).state == pb.Endpoint.DEGRADED)
    stack.start_server()
    wait(lambda: endpoint(stub, model).state == pb.Endpoint.READY)
    restored = {a.model_version: a.live for a in endpoint(stub, model).adapters if a.loaded}
    assert restored == {first.name: False, second.name: True}
    assert text(stack, model) == before


def test_an_adapter_of_another_base_is_refused_and_the_live_one_stays(stack, model):
    first = stack.version(1, model)
    make_live(stack, first)
    wrong = stack.version(2, model, base_digest="0" * 64)
    stack.promote(wrong, run="projects/p/runs/r3")
    wait(lambda: announced(stack, "EndpointFailed", wrong))
    failed = announced(stack, "EndpointFailed", wrong)[0]
    assert (failed.failure.reason, failed.stage.run) == ("ADAPTER_BASE_MISMATCH", "projects/p/runs/r3")
    wait(lambda: stack.answers_with(model) == first.name)


@pytest.mark.parametrize("fault", ["truncated", "tampered", "escaping"])
def test_a_broken_bundle_is_refused(stack, tmp_path, model, fault):
    archive = (stack.bundles / "3.tar").read_bytes()
    if fault == "truncated":
        archive = archive[:1000]
    elif fault == "tampered":
        at = archive.find(b"adapter_model.safetensors") + 20_000
        archive = archive[:at] + bytes([archive[at] ^ 1]) + archive[at + 1 :]
    else:
        (tmp_path / "x").symlink_to("/etc/passwd")
        archive = packed(tmp_path)
    kept = location_pb2.BlobRef(sha256=stack.blobs.put(CALLER.tenant, archive).sha256)
    # Another digest than the whole adapter's, which another test may have left unpacked.
    digest = {"truncated": "a", "tampered": "b", "escaping": "c"}[fault] * 64
    bad = stack.version(3, model, name=f"{model}/versions/{fault}", bundle=kept, adapter_digest=digest)
    stack.promote(bad)
    wait(lambda: announced(stack, "EndpointFailed", bad))
    assert announced(stack, "EndpointFailed", bad)[0].failure.reason == "ADAPTER_INVALID"


def test_a_probe_loads_a_version_for_its_duration_only(stack, stub, model):
    third = stack.version(3, model)
    stack.register(third)
    refusal = training_pb2.GateReport(verdict=training_pb2.GateReport.REFUSE)
    stack.tell(third.name, training.ModelVersionGated(version=third.name, report=refusal))
    wait(lambda: ask(stack, third.name).status_code == 404)
    assert probe(stub, third.name, max_new_tokens=2).adapter_digest == third.adapter_digest
    assert ask(stack, third.name).status_code == 404
    assert probe(stub, "base", max_new_tokens=2).adapter_digest == ""


def test_an_answer_has_influence_features_and_two_losses(stack, stub, model):
    first = stack.version(1, model, influence=stack.influence(1))
    make_live(stack, first)
    completion = ask(stack, model, max_tokens=5).headers["whetstone-completion-name"]
    found = stub.ComputeInfluenceFeatures(pb.ComputeInfluenceFeaturesRequest(completion=completion))
    assert (found.checkpoints, found.dimensions, found.model_version) == (1, 2, first.name)
    assert len(found.features) == 2
    assert any(found.features)
    assert 0 < found.tuned_loss < found.base_loss  # its own greedy answer is likelier with the adapter
    again = stub.ComputeInfluenceFeatures(pb.ComputeInfluenceFeaturesRequest(completion=completion))
    assert list(again.features) == list(found.features)


def test_without_an_index_there_are_no_features(stack, stub, model):
    make_live(stack, stack.version(2, model))
    for name, reason in (("base", "COMPLETION_OF_BASE"), (model, "INFLUENCE_INDEX_MISSING")):
        completion = ask(stack, name).headers["whetstone-completion-name"]
        with pytest.raises(ServiceError) as refused:
            stub.ComputeInfluenceFeatures(pb.ComputeInfluenceFeaturesRequest(completion=completion))
        assert refused.value.reason == reason


def test_a_revoked_version_is_gone(stack, stub, model):
    first = stack.version(1, model)
    make_live(stack, first)
    stack.tell(first.name, training.ModelVersionRevoked(version=first.name, reason="it lies"))
    wait(lambda: ask(stack, first.name).status_code == 404)
    assert code(ask(stack, model)) == "MODEL_NOT_FOUND"
    with pytest.raises(ServiceError) as refused:
        probe(stub, first.name)
    assert refused.value.reason == "MODEL_VERSION_REVOKED"


def test_an_unloaded_adapter_comes_back(stack, model):
    """By hand through KServe's repository, or by the controller's next look."""
    first = stack.version(1, model)
    make_live(stack, first)
    short = model.rsplit("/", 1)[-1]
    service = replace(CALLER, roles=frozenset({"service"}))
    with stack.http(service) as http:
        assert http.post(f"/v2/repository/models/{short}/unload").status_code == 200
        assert code(ask(stack, first.name)) == "ADAPTER_NOT_LOADED"
        assert http.post(f"/v2/repository/models/{short}/load").status_code == 200
        assert ask(stack, first.name).status_code == 200
        assert http.post("/v2/repository/models/nothing/unload").status_code == 404


def test_an_answer_that_cannot_be_written_down_is_not_given(stack):
    port = free_port()
    addresses = {"WHETSTONE_LISTEN": f"127.0.0.1:{port}", "WHETSTONE_ADDRESSES": f"serving=127.0.0.1:{free_port()}"}
    alone = replace(stack, environment=stack.environment | addresses, url=f"http://127.0.0.1:{port}", process=None)
    alone.launch()
    try:
        wait(lambda: alone.status("/v2/health/live") == 200)
        assert alone.status("/v2/health/ready") == 503  # nobody has said what to serve
        refused = ask(alone, "base")
        assert (refused.status_code, code(refused)) == (503, "COMPLETION_NOT_RECORDED")
        frames = ask(alone, "base", stream=True).text
        assert "COMPLETION_NOT_RECORDED" in frames
        assert '"finish_reason": "' not in frames
    finally:
        alone.process.terminate()
        alone.process.join(10)
    assert alone.process.exitcode == 0
