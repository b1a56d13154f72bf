"""KServe: the Open Inference Protocol over the same answers, and the process that serves everything."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import kserve.model_server
from fastapi import FastAPI
from kserve import InferOutput, InferRequest, InferResponse, Model, ModelRepository, ModelServer
from kserve.errors import InvalidInput
from kserve.protocol.dataplane import DataPlane

from services.chassis import auth
from services.serving.domain import PLAIN_BASE
from services.serving.runtime.adapter_set import AdapterSet
from services.serving.runtime.answers import Answers, Request
from services.serving.runtime.catalogue import Catalogue, path_name
from services.serving.runtime.domain import Answer, Ask, Sampling
from services.serving.runtime.engine import Engine
from services.serving.runtime.errors import ModelNotFound
from services.serving.runtime.http.responses import headers as answer_headers
from services.serving.runtime.probing import read_json

INPUTS = [
    {"name": "text", "datatype": "BYTES", "shape": [-1]},
    {"name": "messages", "datatype": "BYTES", "shape": [-1]},
]
OUTPUTS = [
    {"name": "text", "datatype": "BYTES", "shape": [-1]},
    {"name": "completion_id", "datatype": "BYTES", "shape": [-1]},
]


class OipModel(Model):
    """One name of the catalogue as a KServe model.

    Input `text`: each element is what a user says; or `messages`: each is an OpenAI chat as JSON. Parameters:
    max_tokens, temperature, top_p, seed. Outputs: the answers and the ids of their completions.
    """

    def __init__(self, name: str, answers: Answers) -> None:
        super().__init__(name, return_response_headers=True)
        self._answers = answers
        self.ready = True

    def get_input_types(self) -> list[dict[str, Any]]:
        return INPUTS

    def get_output_types(self) -> list[dict[str, Any]]:
        return OUTPUTS

    async def predict(
        self, payload: Any, headers: dict[str, str] | None = None, response_headers: dict[str, str] | None = None
    ) -> InferResponse:
        if not isinstance(payload, InferRequest):
            raise InvalidInput("this model speaks the Open Inference Protocol v2 only")
        given = await asyncio.gather(*(asyncio.to_thread(self._answer, one) for one in self._requests(payload)))
        if response_headers is not None:
            response_headers.update(answer_headers(given[0][0]))
        return self._response(payload, given)

    def _requests(self, payload: InferRequest) -> list[Request]:
        if len(payload.inputs) != 1 or payload.inputs[0].name not in ("text", "messages"):
            raise InvalidInput("exactly one input, text or messages, is expected")
        one = payload.inputs[0]
        if one.datatype != "BYTES":
            raise InvalidInput(f"input {one.name} must be of datatype BYTES")
        values = [item.decode() if isinstance(item, bytes) else str(item) for item in one.as_numpy().flatten()]
        chats = [[{"role": "user", "content": v}] if one.name == "text" else read_json(v, "messages") for v in values]
        if not chats:
            raise InvalidInput(f"input {one.name} is empty")
        return [self._request(chat, payload.parameters or {}) for chat in chats]

    def _request(self, messages: list[Any], parameters: dict[str, Any]) -> Request:
        number = {name: _number(parameters, name) for name in ("max_tokens", "temperature", "top_p", "seed")}
        return Request(
            model=self.name,
            messages=messages,
            max_tokens=int(number["max_tokens"]) if number["max_tokens"] else None,
            sampling=Sampling(
                temperature=number["temperature"] or 0.0,
                top_p=1.0 if number["top_p"] is None else number["top_p"],
                seed=None if number["seed"] is None else int(number["seed"]),
            ),
        )

    def _answer(self, request: Request) -> tuple[Ask, Answer]:
        ask = self._answers.prepare(request)
        return ask, self._answers.answer(ask)

    def _response(self, payload: InferRequest, given: Sequence[tuple[Ask, Answer]]) -> InferResponse:
        texts = [answer.text for _, answer in given]
        ids = [ask.completion_id for ask, _ in given]
        outputs = [
            InferOutput(name="text", shape=[len(texts)], datatype="BYTES", data=texts),
            InferOutput(name="completion_id", shape=[len(ids)], datatype="BYTES", data=ids),
        ]
        # The protocol leaves a request's id out; KServe's answer may not.
        return InferResponse(response_id=payload.id or ids[0], model_name=self.name, infer_outputs=outputs)


def _number(parameters: dict[str, Any], name: str) -> float | None:
    value = parameters.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or (name != "seed" and value < 0):
        raise InvalidInput(f"parameter {name} must be a number, not {value!r}")
    return float(value)


class CatalogueRepository(ModelRepository):
    """KServe's view of the catalogue: always the caller's own models, never another tenant's.

    `unload` takes an adapter off this process and `load` brings what was declared back; the controller's next
    reconciliation restores the declared set anyway.
    """

    def __init__(self, answers: Answers, catalogue: Catalogue, adapters: AdapterSet) -> None:
        super().__init__()
        self._answers, self._catalogue, self._adapters = answers, catalogue, adapters

    def get_model(self, name: str) -> OipModel | None:
        try:
            self._catalogue.route(auth.caller().tenant, name)
        except ModelNotFound:
            return None
        return OipModel(name, self._answers)

    def get_models(self) -> dict[str, OipModel]:
        who = auth.known_caller()
        names = self._catalogue.names(who.tenant) if who else []
        return {name: OipModel(name, self._answers) for name in map(path_name, names)}

    def load(self, name: str) -> bool:
        self._adapters.restore()
        return True

    def unload(self, name: str) -> None:
        route = self._catalogue.route(auth.caller().tenant, name)
        if route.spec is None:
            raise KeyError(name)
        self._adapters.drop(route.spec)


class ReadyDataPlane(DataPlane):
    """Ready with the whole declared set loaded, which KServe's own can't know."""

    def __init__(self, repository: ModelRepository, adapters: AdapterSet, engine: Engine) -> None:
        super().__init__(repository)
        self._adapters, self._engine = adapters, engine

    async def ready(self) -> bool:
        return self._adapters.declared and self._engine.alive


class Server(ModelServer):
    """KServe's server on the address of our settings; KServe itself would listen on every interface."""

    def __init__(
        self, host: str, port: int, repository: CatalogueRepository, dataplane: DataPlane, grace_seconds: float
    ) -> None:
        super().__init__(
            http_port=port,
            workers=1,
            enable_grpc=False,
            registered_models=repository,
            enable_latency_logging=False,
            grace_period=max(1, round(grace_seconds)),
        )
        self.dataplane = dataplane
        self._host = host

    async def _serve(self) -> None:
        self._rest_server.config.host = self._host
        await super()._serve()

    def serve(self, app: FastAPI, answers: Answers) -> None:
        """Serves `app`, with KServe's routes behind those it has, until SIGTERM or SIGINT."""
        for name in ("uvicorn.access", "kserve.trace"):  # a line for each health check says nothing
            logging.getLogger(name).setLevel(logging.WARNING)
        # KServe takes its application from this name; its own one traces every step of FastAPI.
        kserve.model_server.app = app
        self.start([OipModel(PLAIN_BASE, answers)])
