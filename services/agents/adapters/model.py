"""The serving runtime through its OpenAI API."""

import json
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import grpc
import httpx

from services.agents.ports import Completion, Json, Pick, Proposal
from services.chassis import auth, telemetry
from services.chassis.errors import FailedPrecondition, Internal, Unavailable
from whetstone.serving.v1 import serving_pb2 as pb
from whetstone.serving.v1 import serving_pb2_grpc

RPC_SECONDS = 10.0
# The most that OpenAI's API gives.
TOP_LOGPROBS = 20
COMPLETION_HEADER = "whetstone-completion-name"


class ModelRefused(FailedPrecondition):
    reason = "MODEL_REFUSED"


class AnswerUnreadable(Internal):
    reason = "MODEL_ANSWER_UNREADABLE"


class OpenAiModel:
    """The port Model. The address of a model's server is its endpoint's, as the serving service tells it."""

    def __init__(self, channel: grpc.Channel, key: str, timeout_seconds: float) -> None:
        self._stub = serving_pb2_grpc.ServingServiceStub(channel)
        self._key = key
        self._http = httpx.Client(timeout=httpx.Timeout(timeout_seconds, connect=5.0), trust_env=False)
        self._urls: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()

    def complete(
        self, model: str, messages: Sequence[Json], *, max_tokens: int, functions: Sequence[Json] = (), force: str = ""
    ) -> Completion:
        body: Json = {"model": model, "messages": list(messages), "max_tokens": max_tokens, "temperature": 0}
        if functions:
            body["tools"] = [{"type": "function", "function": function} for function in functions]
            body["tool_choice"] = {"type": "function", "function": {"name": force}} if force else "auto"
        return _completion(self._post(model, body))

    def pick(self, model: str, messages: Sequence[Json], options: int) -> Pick:
        body: Json = {"model": model, "messages": list(messages), "max_tokens": 1, "temperature": 0}
        response = self._post(model, body | {"logprobs": True, "top_logprobs": TOP_LOGPROBS})
        likely = _likeliest(response)
        numbers = [str(n) for n in range(1, options + 1)]
        found = next((numbers.index(token) for token in likely if token in numbers), None)
        return Pick(_completion(response).name, found)

    def close(self) -> None:
        self._http.close()

    def _post(self, model: str, body: Json) -> httpx.Response:
        url = self._url(model)
        headers = {
            auth.METADATA_KEY: auth.sign(auth.caller(), self._key),
            "whetstone-project": model.split("/models/")[0],
            "traceparent": telemetry.traceparent(),
        }
        try:
            response = self._http.post(f"{url}/v1/chat/completions", json=body, headers=headers)
        except httpx.TransportError as error:
            self._forget(model)
            raise Unavailable(f"the model server does not answer: {type(error).__name__}") from error
        if response.status_code in (429, 502, 503, 504):
            raise Unavailable(f"the model server answered {response.status_code}")
        if response.status_code != httpx.codes.OK:
            raise ModelRefused(f"the model server answered {response.status_code}: {_code(response)}", model=model)
        return response

    def _url(self, model: str) -> str:
        key = (auth.caller().tenant, model)
        with self._lock:
            known = self._urls.get(key)
        if known:
            return known
        name = model.replace("/models/", "/endpoints/")
        endpoint = self._stub.GetEndpoint(pb.GetEndpointRequest(name=name), timeout=RPC_SECONDS)
        if not endpoint.url:
            raise Unavailable(f"{name} has no model server yet")
        url = str(endpoint.url).rstrip("/")
        with self._lock:
            self._urls[key] = url
        return url

    def _forget(self, model: str) -> None:
        # A model server that moved is looked up anew.
        with self._lock:
            self._urls.pop((auth.caller().tenant, model), None)


def _code(response: httpx.Response) -> str:
    try:
        return str(response.json()["error"]["code"])
    except (ValueError, KeyError, TypeError):
        return "no reason given"


def _likeliest(response: httpx.Response) -> list[str]:
    """The likeliest first tokens of an answer, best first, without white space; none where the server tells none."""
    try:
        told = response.json()["choices"][0].get("logprobs")
        first = told["content"][0]["top_logprobs"] if told else []
        ranked = sorted(first, key=lambda entry: float(entry["logprob"]), reverse=True)
        return [str(entry["token"]).strip() for entry in ranked]
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise AnswerUnreadable(f"the model server's logprobs are not OpenAI's: {error}") from error


def _completion(response: httpx.Response) -> Completion:
    try:
        body = response.json()
        message = body["choices"][0]["message"]
        name = response.headers.get(COMPLETION_HEADER) or str(body["id"])
        proposals = tuple(p for call in message.get("tool_calls") or () if (p := _proposal(call)) is not None)
        return Completion(name, str(message.get("content") or ""), proposals)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise AnswerUnreadable(f"the model server's answer is not one of OpenAI's: {error}") from error


def _proposal(call: Any) -> Proposal | None:
    """None where the arguments are no JSON object: nothing that could be called."""
    function = call["function"]
    try:
        arguments = json.loads(function["arguments"])
    except (ValueError, RecursionError):
        return None
    return Proposal(str(function["name"]), arguments) if isinstance(arguments, Mapping) else None
