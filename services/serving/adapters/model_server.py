"""The model server's admin routes, over HTTP."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, TypeVar

import grpc
import httpx
from pydantic import TypeAdapter, ValidationError

from services.chassis import auth, telemetry
from services.chassis.errors import ServiceError, from_status
from services.serving.domain import (
    AdapterSpec,
    Completion,
    InfluenceFeatures,
    ProbePrompt,
    ProbeReport,
    ServerReport,
)
from services.serving.errors import ModelServerConfused, ModelServerUnavailable

T = TypeVar("T")
_REPORT = TypeAdapter(ServerReport)
_PROBE = TypeAdapter(ProbeReport)
_INFLUENCE = TypeAdapter(InfluenceFeatures)
_ROLES = frozenset({"service"})


class HttpModelServer:
    """A model server at `url`; requests are signed in the name of the service."""

    def __init__(self, url: str, key: str, timeout_seconds: float) -> None:
        self._key = key
        # The address of the OpenAI routes will do as well: its path is left out.
        origin = httpx.URL(url).copy_with(raw_path=b"/")
        timeout = httpx.Timeout(timeout_seconds, connect=2.0)
        self._http = httpx.Client(base_url=origin, timeout=timeout, trust_env=False)

    def report(self) -> ServerReport:
        return self._call("GET", "/admin/adapters", None, _REPORT)

    def declare(self, specs: Sequence[AdapterSpec]) -> ServerReport:
        return self._call("PUT", "/admin/adapters", [asdict(spec) for spec in specs], _REPORT)

    def probe(self, spec: AdapterSpec | None, prompts: Sequence[ProbePrompt], max_new_tokens: int) -> ProbeReport:
        body = {
            "adapter": asdict(spec) if spec else None,
            "prompts": [asdict(prompt) for prompt in prompts],
            "max_new_tokens": max_new_tokens,
        }
        return self._call("POST", "/admin/probe", body, _PROBE)

    def influence(self, spec: AdapterSpec, completion: Completion) -> InfluenceFeatures:
        body = {"adapter": asdict(spec), "completion": asdict(completion)}
        return self._call("POST", "/admin/influence-features", body, _INFLUENCE)

    def close(self) -> None:
        self._http.close()

    def _call(self, method: str, path: str, body: Any, answer: TypeAdapter[T]) -> T:
        content = None if body is None else json.dumps(body, default=str)
        try:
            response = self._http.request(method, path, content=content, headers=self._headers())
        except httpx.TransportError as error:
            raise ModelServerUnavailable(f"the model server does not answer: {type(error).__name__}") from error
        if response.is_error:
            raise _error(response)
        try:
            return answer.validate_json(response.content)
        except ValidationError as error:
            raise ModelServerConfused(f"{path} answered something else than expected") from error

    def _headers(self) -> dict[str, str]:
        known = auth.known_caller()
        who = auth.Caller(known.tenant if known else "", "service:serving", _ROLES)
        headers = {auth.METADATA_KEY: auth.sign(who, self._key), "content-type": "application/json"}
        parent = telemetry.traceparent()
        return headers | ({"traceparent": parent} if parent else {})


def _error(response: httpx.Response) -> ServiceError:
    """The model server's error in its category and with its reason."""
    try:
        fault = response.json()["error"]
        category = from_status(grpc.StatusCode[fault["status"]])
        kind = type(f"Remote{category.__name__}", (category,), {"reason": fault["code"]})
        found: ServiceError = kind(fault["message"])
    except (ValueError, KeyError, TypeError):
        return ModelServerConfused(f"the model server answered {response.status_code} without an error")
    return found
