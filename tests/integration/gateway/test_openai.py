"""The openai client, unchanged, against the gateway and a model server behind it."""

import threading
from typing import Any

import httpx
import openai
import pytest

from services.chassis import auth
from services.chassis.testing import KEY
from tests.integration.gateway.conftest import Stage
from tests.integration.gateway.serving import SURFACE, TOKEN, WORDS

TRACE = "whetstone.provenance.v1.ProvenanceService.TraceCompletion"
ASK: Any = [{"role": "user", "content": "What is the yield strength?"}]
TEXT = "".join(WORDS)


@pytest.fixture
def client(stage: Stage) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{stage.url}/v1", api_key=TOKEN, max_retries=0, timeout=10)


@pytest.mark.parametrize("model", ["m", "projects/p/models/m"])
def test_streamed_and_unstreamed_say_the_same(stage: Stage, client: openai.OpenAI, model: str) -> None:
    whole = client.chat.completions.create(model=model, messages=ASK)
    frames = list(client.chat.completions.create(model=model, messages=ASK, stream=True))
    assert whole.choices[0].message.content == TEXT
    assert "".join(frame.choices[0].delta.content or "" for frame in frames) == TEXT
    assert whole.model == frames[0].model == model


@pytest.mark.parametrize("stream", [False, True])
def test_the_headers_say_what_answered(stage: Stage, client: openai.OpenAI, stream: bool) -> None:
    raw = client.chat.completions.with_raw_response.create(model="m", messages=ASK, stream=stream)
    assert raw.headers["whetstone-completion-id"] == "cmpl-1"
    assert raw.headers["whetstone-model-version"] == "projects/p/models/m/versions/1"
    assert raw.headers["whetstone-adapter-digest"] == "ab" * 32
    assert raw.headers["whetstone-dataset-version"] == "projects/p/datasets/d/versions/1"
    assert len(raw.headers["whetstone-trace-id"]) == 32
    assert "x-inside-only" not in raw.headers


def test_frames_come_as_they_are_made(stage: Stage, client: openai.OpenAI) -> None:
    stage.runtime.allowed = 1
    frames = client.chat.completions.create(model="m", messages=ASK, stream=True)
    for arrived, _ in enumerate(frames, start=1):
        assert stage.runtime.frames_sent == arrived  # the next one is made only now
        stage.runtime.allowed = arrived + 1
    assert arrived == len(WORDS)


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_goes_away_cancels_the_generation(stage: Stage, stream: bool) -> None:
    stage.runtime.pause = 0.3 if stream else 5.0
    body = {"model": "m", "messages": ASK, "stream": stream}
    if stream:
        with stage.http.stream("POST", "/v1/chat/completions", json=body) as answer:
            next(answer.iter_lines())
    else:
        with pytest.raises(httpx.ReadTimeout):
            stage.http.post("/v1/chat/completions", json=body, timeout=0.3)
    assert stage.runtime.cancelled.wait(2)
    assert stage.runtime.frames_sent < len(WORDS)


def test_the_model_server_learns_who_asks_and_never_the_token(stage: Stage, client: openai.OpenAI) -> None:
    forged = auth.sign(auth.Caller("other", "user:mallory"), "another key, also thirty-two long")
    client.chat.completions.create(
        model="m", messages=ASK, extra_headers={"whetstone-caller": forged, "whetstone-project": "p"}
    )
    headers = stage.runtime.headers[-1]
    assert auth.verify(headers["whetstone-caller"], KEY).subject == "user:dev@local"
    assert headers["whetstone-project"] == "projects/p"
    assert len(headers["traceparent"]) == 55
    assert "authorization" not in headers
    assert TOKEN not in str(headers)


def test_models_are_listed_and_found(stage: Stage, client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["projects/p/models/m", "projects/p/models/n"]
    assert client.models.retrieve("projects/p/models/n").id == "projects/p/models/n"
    with pytest.raises(openai.NotFoundError) as caught:
        client.models.retrieve("projects/p/models/x")
    assert caught.value.code == "MODEL_UNKNOWN"


def test_errors_are_the_clients_own_classes(stage: Stage, client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="no such model"):
        client.chat.completions.create(model="unknown", messages=ASK)
    with pytest.raises(openai.AuthenticationError) as caught:
        client.with_options(api_key="wrong-token-wrong-token").chat.completions.create(model="m", messages=ASK)
    assert caught.value.code == "TOKEN_INVALID"
    with pytest.raises(openai.APIStatusError) as large:
        client.chat.completions.create(model="m", messages=[{"role": "user", "content": "x" * 100_000}])
    assert (large.value.status_code, large.value.code) == (413, "BODY_TOO_LARGE")


@pytest.mark.parametrize("header", ["whetstone-project", "openai-project"])
def test_an_answer_is_traced_in_the_named_project(stage: Stage, header: str) -> None:
    made = SURFACE.methods[TRACE].response_class()
    stage.services.answers[TRACE] = lambda request, _: made(completion=request.completion, learnt=1.5)
    answer = stage.http.get("/v1/completions/cmpl-1/influences?limit=3", headers={header: "p"})
    assert answer.json()["learnt"] == 1.5
    name, request, _ = stage.services.requests[-1]
    assert (name, request.completion, request.limit) == (TRACE, "projects/p/completions/cmpl-1", 3)


def test_without_a_project_an_answer_cannot_be_traced(stage: Stage) -> None:
    answer = stage.http.get("/v1/completions/cmpl-1/influences")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "PROJECT_MISSING")
    escaping = stage.http.get("/v1/completions/cmpl-1/influences", headers={"whetstone-project": "p/documents/d"})
    assert escaping.status_code == 400
    assert not stage.services.requests


def test_many_at_once_are_not_mixed_up(stage: Stage, client: openai.OpenAI) -> None:
    stage.runtime.pause = 0.01
    said: dict[str, str] = {}

    def ask(model: str) -> None:
        frames = client.chat.completions.create(model=model, messages=ASK, stream=True)
        said[model] = "".join(f"{frame.model}{frame.choices[0].delta.content}" for frame in frames)

    threads = [threading.Thread(target=ask, args=(f"m{n}",)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == {f"m{n}": "".join(f"m{n}{word}" for word in WORDS) for n in range(16)}
