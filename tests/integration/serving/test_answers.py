"""The routes of a real model server in its own process, asked by the real `openai` client and over HTTP."""

import json

import httpx
import openai
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as example_settings
from hypothesis import strategies as st

from services.chassis import auth
from services.chassis.testing import said
from tests.integration.serving.conftest import DATASET, MODEL, wait
from whetstone.serving.v1 import serving_pb2 as pb
from whetstone.serving.v1 import serving_pb2_grpc

QUESTION = [{"role": "user", "content": "What is the yield of S355? – €é"}]
TOOL = {
    "type": "function",
    "function": {"name": "find", "parameters": {"type": "object", "required": ["grade"]}},
}


@pytest.fixture(scope="module")
def live(stack):
    """Version 1 is live."""
    stack.promote(stack.version(1))
    wait(lambda: stack.answers_with(MODEL) == f"{MODEL}/versions/v1")
    return stack


@pytest.fixture(scope="module")
def client(live):
    return live.client()


def streamed(client, **request):
    """Joined text of a streamed answer, and its chunks."""
    chunks = list(client.chat.completions.create(stream=True, **request))
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    return text, chunks


def test_an_answer_names_what_made_it_and_can_be_fetched_again(live, client, channel):
    raw = client.chat.completions.with_raw_response.create(model=MODEL, messages=QUESTION, max_tokens=8)
    answer = raw.parse()
    assert raw.headers["whetstone-model-version"] == f"{MODEL}/versions/v1"
    assert raw.headers["whetstone-dataset-version"] == DATASET
    assert raw.headers["whetstone-adapter-digest"].startswith("sha256:")
    name = f"projects/p/completions/{raw.headers['whetstone-completion-id']}"
    kept = serving_pb2_grpc.ServingServiceStub(channel).GetCompletion(pb.GetCompletionRequest(name=name))
    assert (kept.text, kept.completion_tokens) == (answer.choices[0].message.content, answer.usage.completion_tokens)
    assert json.loads(kept.messages_json) == QUESTION
    assert kept.caller == "user:erin@acme.example"
    assert len(kept.trace_id) == 32
    events = [m for _, m in said(live.controller.platform.store, "whetstone.serving.v1") if hasattr(m, "answer_digest")]
    assert name in [event.completion for event in events]
    assert "S355" not in str(events)


@given(
    content=st.text(min_size=1, max_size=20).filter(lambda t: t.encode(errors="ignore").decode() == t),
    seed=st.integers(0, 1000),
    hot=st.booleans(),
)
@example_settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_streamed_is_what_is_answered_at_once(client, content, seed, hot):
    request = {
        "model": "m",
        "messages": [{"role": "user", "content": content}],
        "max_tokens": 24,
        "seed": seed,
        "temperature": 1.0 if hot else 0.0,
    }
    whole = client.chat.completions.create(**request).choices[0]
    text, chunks = streamed(client, **request)
    assert text == whole.message.content
    assert chunks[-1].choices[0].finish_reason == whole.finish_reason


def test_a_stream_begins_with_the_headers_and_ends_with_the_usage(client):
    with client.chat.completions.with_streaming_response.create(
        model=MODEL, messages=QUESTION, max_tokens=6, stream=True, stream_options={"include_usage": True}
    ) as response:
        assert response.headers["whetstone-model-version"] == f"{MODEL}/versions/v1"
        assert response.headers["whetstone-completion-id"]
        lines = [line for line in response.iter_lines() if line]
    assert lines[-1] == "data: [DONE]"
    usage = json.loads(lines[-2].removeprefix("data: "))
    assert usage["choices"] == []
    assert usage["usage"]["total_tokens"] == usage["usage"]["prompt_tokens"] + usage["usage"]["completion_tokens"]


def test_adapters_change_the_answer_and_the_base_stays_plain(client):
    asked = {"messages": QUESTION, "max_tokens": 16}
    tuned, plain = (
        client.chat.completions.create(model=m, **asked).choices[0].message.content for m in (MODEL, "base")
    )
    again = client.chat.completions.create(model=MODEL, **asked).choices[0].message.content
    assert tuned != plain
    assert tuned == again


def test_logprobs_are_those_of_the_tokens(client):
    asked = {"model": "m", "messages": QUESTION, "max_tokens": 5, "logprobs": True, "top_logprobs": 3}
    tokens = client.chat.completions.create(**asked).choices[0].logprobs.content
    assert all(t.logprob == t.top_logprobs[0].logprob <= 0 for t in tokens)  # greedy takes the likeliest
    assert all(len(t.top_logprobs) == 3 for t in tokens)
    in_stream = [
        t for c in streamed(client, **asked)[1] if c.choices[0].logprobs for t in c.choices[0].logprobs.content
    ]
    assert [t.bytes for t in in_stream] == [t.bytes for t in tokens]


def test_sampling_repeats_with_its_seed_and_differs_without(client):
    def ask(seed):
        request = {"model": "base", "messages": QUESTION, "max_tokens": 24, "temperature": 1.5}
        return client.chat.completions.create(seed=seed, **request).choices[0].message.content

    assert ask(7) == ask(7)
    assert len({ask(seed) for seed in range(4)}) > 1


def test_tools_are_in_the_prompt_and_a_forced_call_begins_as_one(client):
    plain = client.chat.completions.create(model="m", messages=QUESTION, max_tokens=1).usage.prompt_tokens
    asked = {"model": "m", "messages": QUESTION, "max_tokens": 12, "tools": [TOOL]}
    free = client.chat.completions.create(**asked)
    assert free.usage.prompt_tokens > plain
    off = client.chat.completions.create(tool_choice="none", **asked)
    assert off.usage.prompt_tokens == plain
    forced = client.chat.completions.create(tool_choice="required", **asked).choices[0].message
    # Random weights don't finish a call, so its text stays visible.
    assert forced.content.startswith("<tool_call>")
    assert streamed(client, tool_choice="required", **asked)[0] == forced.content


def test_raw_prompts_go_past_the_template(client):
    answer = client.completions.create(model="m", prompt="MPa", max_tokens=6, logprobs=2)
    assert answer.usage.prompt_tokens < 4
    parts = client.completions.create(model="m", prompt="MPa", max_tokens=6, stream=True)
    assert "".join(part.choices[0].text for part in parts) == answer.choices[0].text
    assert len(answer.choices[0].logprobs.tokens) == answer.usage.completion_tokens


def test_models_are_listed_for_their_own_tenant_only(live, client):
    assert {"base", MODEL, f"{MODEL}/versions/v1"} == {model.id for model in client.models.list()}
    assert client.models.retrieve(MODEL).whetstone_model_version == f"{MODEL}/versions/v1"
    stranger = live.client(auth.Caller("other", "user:x", frozenset()))
    assert [model.id for model in stranger.models.list()] == ["base"]
    with pytest.raises(openai.NotFoundError):
        stranger.chat.completions.create(model=MODEL, messages=QUESTION)
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("nothing")


def test_kserves_own_prefix_answers_too(live):
    assert live.client(prefix="/openai/v1").chat.completions.create(model="m", messages=QUESTION, max_tokens=2).id


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"model": "nothing"}, 404, "MODEL_NOT_FOUND"),
        ({"max_tokens": 100_000}, 400, "CONTEXT_LENGTH_EXCEEDED"),
        ({"n": 3}, 400, "PARAMETER_UNSUPPORTED"),
        ({"messages": "hello"}, 400, "REQUEST_MALFORMED"),
        ({"messages": [QUESTION[0], {"role": "system", "content": "late"}]}, 400, "PROMPT_UNRENDERABLE"),
        ({"stream": True, "model": "nothing"}, 404, "MODEL_NOT_FOUND"),
    ],
)
def test_a_bad_request_has_openais_error_with_a_stable_code(live, change, status, code):
    with live.http() as http:
        response = http.post("/v1/chat/completions", json={"model": "m", "messages": QUESTION} | change)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


def test_who_is_not_known_gets_nothing(live):
    asked = {"json": {"model": "base", "messages": QUESTION}}
    assert httpx.post(f"{live.url}/v1/chat/completions", **asked).json()["error"]["code"] == "CALLER_UNKNOWN"
    forged = {auth.METADATA_KEY: auth.sign(auth.Caller("acme", "x"), "another key, long enough for HS256 too")}
    answer = httpx.post(f"{live.url}/v1/chat/completions", headers=forged, **asked)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "TOKEN_INVALID")
    assert httpx.get(f"{live.url}/v2/models/base").status_code == 401


def test_admin_routes_are_for_services(live):
    with live.http() as http:
        assert http.get("/admin/adapters").json()["error"]["code"] == "ROLE_MISSING"
        assert http.post("/v2/repository/models/m/unload").status_code == 403
    with live.http(auth.Caller("", "service:serving", frozenset({"service"}))) as http:
        assert http.get("/admin/adapters").json()["adapters"][0]["loaded"] is True
        assert http.post("/admin/probe", content="{}").json()["error"]["code"] == "REQUEST_MALFORMED"
        assert http.put("/admin/adapters", content="[{}]").json()["error"]["code"] == "REQUEST_MALFORMED"


def test_the_open_inference_protocol_answers(live, client):
    with live.http() as http:
        assert http.get("/v2/health/live").json() == {"live": True}
        assert http.get("/v2/models/m/ready").json() == {"name": "m", "ready": True}
        assert {i["name"] for i in http.get("/v2/models/m").json()["inputs"]} == {"text", "messages"}
        assert set(http.get("/v2/models").json()["models"]) == {"base", "m", "m@v1"}
        question = QUESTION[0]["content"]
        tensor = {"name": "text", "shape": [2], "datatype": "BYTES", "data": [question, "b"]}
        body = {"inputs": [tensor], "parameters": {"max_tokens": 9}}
        response = http.post("/v2/models/m/infer", json=body)
    assert response.headers["whetstone-model-version"] == f"{MODEL}/versions/v1"
    outputs = {output["name"]: output["data"] for output in response.json()["outputs"]}
    asked = client.chat.completions.create(model="m", messages=QUESTION, max_tokens=9)
    assert outputs["text"][0] == asked.choices[0].message.content
    assert len(set(outputs["completion_id"])) == 2


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("/v2/models/none/infer", {"inputs": []}, 404, "none"),
        ("/v2/models/m/infer", {"inputs": []}, 400, "exactly one input"),
        (
            "/v2/models/m/infer",
            {"inputs": [{"name": "text", "shape": [1], "datatype": "FP32", "data": [1.0]}]},
            400,
            "BYTES",
        ),
        (
            "/v2/models/m/infer",
            {"inputs": [{"name": "messages", "shape": [1], "datatype": "BYTES", "data": ["{"]}]},
            400,
            "REQUEST_MALFORMED",
        ),
    ],
)
def test_bad_inference_requests_are_refused(live, path, body, status, words):
    with live.http() as http:
        response = http.post(path, json=body)
    assert response.status_code == status
    assert words in response.json()["error"]


def spans(stack, trace_id):
    """Spans of a trace by name, as the model server's file and the controller's process have them."""
    lines = [line for path in (stack.folder / "traces").glob("model-server-*.jsonl") for line in path.open()]
    return {span["name"]: span for span in map(json.loads, lines) if span["trace_id"] == trace_id}


def test_one_trace_runs_from_the_caller_to_the_model_and_holds_no_content(live):
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    with live.http() as http:
        http.headers["traceparent"] = f"00-{trace_id}-b7ad6b7169203331-01"
        http.post("/v1/chat/completions", json={"model": "m", "messages": QUESTION, "max_tokens": 3})
    found = spans(live, trace_id)
    server, model = found["POST /v1/chat/completions"], found["chat m"]
    record = found["whetstone.serving.v1.ServingService/RecordCompletion"]
    assert server["parent_id"] == "b7ad6b7169203331"
    assert (model["parent_id"], record["parent_id"]) == (server["span_id"], model["span_id"])
    assert model["attributes"]["gen_ai.response.model"] == f"{MODEL}/versions/v1"
    assert int(model["attributes"]["gen_ai.usage.output_tokens"]) <= 3
    assert not any(key.startswith("gen_ai") for key in server["attributes"])
    assert "S355" not in str(found)


def test_a_stream_that_nobody_reads_any_more_ends_and_is_recorded(live, channel):
    asked = {"model": "m", "messages": QUESTION, "max_tokens": 1500, "stream": True}
    with live.http() as http, http.stream("POST", "/v1/chat/completions", json=asked) as response:
        name = response.headers["whetstone-completion-name"]
        next(response.iter_lines())
    stub = serving_pb2_grpc.ServingServiceStub(channel)

    def kept():
        page = stub.ListCompletions(pb.ListCompletionsRequest(parent="projects/p", page_size=1000))
        return next((one for one in page.completions if one.name == name), None)

    wait(kept)
    assert kept().finish_reason == "cancelled"
    assert kept().completion_tokens < 1500
