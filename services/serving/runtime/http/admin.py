"""Routes for the controller, under `/admin`: what is to be served, probes, influence features."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import APIRouter, Request
from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from services.serving.domain import AdapterSpec, Completion, ProbePrompt, ServerReport
from services.serving.runtime.adapter_set import AdapterSet
from services.serving.runtime.errors import RequestMalformed
from services.serving.runtime.probing import Probing

T = TypeVar("T")


@dataclass(frozen=True)
class Probe:
    prompts: tuple[ProbePrompt, ...]
    max_new_tokens: int = 0
    adapter: AdapterSpec | None = None


@dataclass(frozen=True)
class Influence:
    adapter: AdapterSpec
    completion: Completion


class AdminRoutes:
    """Callers need the role `service`; see http.identity."""

    def __init__(self, adapters: AdapterSet, probing: Probing) -> None:
        self._adapters, self._probing = adapters, probing
        self._read_specs = TypeAdapter(tuple[AdapterSpec, ...]).validate_json
        self._read_probe = TypeAdapter(Probe).validate_json
        self._read_influence = TypeAdapter(Influence).validate_json
        self.router = APIRouter(prefix="/admin")
        add = self.router.add_api_route
        add("/adapters", self.report, methods=["GET"], response_model=None)
        add("/adapters", self.declare, methods=["PUT"], response_model=None)
        add("/probe", self.probe, methods=["POST"], response_model=None)
        add("/influence-features", self.influence, methods=["POST"], response_model=None)

    async def report(self) -> ServerReport:
        return await asyncio.to_thread(self._adapters.report)

    async def declare(self, request: Request) -> ServerReport:
        specs = _read(self._read_specs, await request.body())
        return await asyncio.to_thread(self._adapters.declare, specs)

    async def probe(self, request: Request) -> Any:
        probe = _read(self._read_probe, await request.body())
        return await asyncio.to_thread(self._probing.probe, probe.adapter, probe.prompts, probe.max_new_tokens)

    async def influence(self, request: Request) -> Any:
        asked = _read(self._read_influence, await request.body())
        return await asyncio.to_thread(self._probing.influence, asked.adapter, asked.completion)


def _read(parse: Callable[[bytes], T], body: bytes) -> T:
    try:
        return parse(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise RequestMalformed(f"{where}: {first['msg']}", param=where) from error
