"""OpenAI's routes: passed to the model server and back frame by frame, and an answer's id to what influenced it."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from gateway.bodies import JSON, Bodies, media_type, while_connected
from gateway.edge import facts_of
from gateway.errors import MediaTypeUnsupported, ModelUnknown, ProjectMissing, RuntimeUnavailable
from gateway.identity import Identity
from gateway.ports import Reply, Runtime
from gateway.rest import Rest
from services.chassis import auth, telemetry

PROJECT, OPENAI_PROJECT = "whetstone-project", "openai-project"
# Of the model server's headers, those that mean something to a client.
PASSED = ("content-type", "cache-control", "retry-after", "x-request-id")
PASSED_PREFIXES = ("whetstone-", "openai-")


class OpenAiRoutes:
    """`key` signs the caller's identity for the model server; `default_project` may be empty."""

    def __init__(
        self, runtime: Runtime, rest: Rest, identity: Identity, bodies: Bodies, key: str, default_project: str
    ) -> None:
        self._runtime, self._rest, self._identity, self._bodies = runtime, rest, identity, bodies
        self._key, self._default_project = key, default_project

    async def forward(self, request: Request) -> Response:
        """Any route of the model server, as it is."""
        reply = await self._ask(request)
        return StreamingResponse(reply.frames, reply.status, passed_headers(reply))

    async def model(self, request: Request) -> Response:
        """One model of the list: the model server only lists them."""
        wanted = request.path_params["model"]
        reply = await self._ask(request, path="models")
        body = b"".join([frame async for frame in reply.frames])
        if reply.status != 200:
            return Response(body, reply.status, passed_headers(reply))
        found = next((each for each in _models(body) if each.get("id") == wanted), None)
        if found is None:
            raise ModelUnknown(f"no model is called {wanted!r}", model=wanted)
        return Response(json.dumps(found), media_type=JSON)

    async def influences(self, request: Request) -> Response:
        """What influenced an answer, in the caller's project."""
        completion = quote(request.path_params["completion"], safe="")
        project = self.project(request)
        if not project:
            raise ProjectMissing(f"name the project in the header {PROJECT}")
        return await self._rest.answer(request, f"/v1/{project}/completions/{completion}/influences")

    def project(self, request: Request) -> str:
        """`projects/{project}` as a header names it, else the default one, else an empty string."""
        named = request.headers.get(PROJECT) or request.headers.get(OPENAI_PROJECT) or self._default_project
        plain = named.removeprefix("projects/")
        return f"projects/{quote(plain, safe='')}" if plain else ""

    async def _ask(self, request: Request, path: str = "") -> Reply:
        path = path or request.url.path.removeprefix("/v1/")
        facts = facts_of(request)
        facts.route = f"/v1/{path}"
        facts.caller = await self._identity.caller(request)
        body = await self._bodies.raw(request, self._bodies.max_bytes)
        if body and media_type(request) != JSON:
            raise MediaTypeUnsupported(f"send {JSON}")
        headers = self._headers(request, facts.caller)
        return await while_connected(request, self._runtime.request(request.method, path, headers, body))

    def _headers(self, request: Request, caller: auth.Caller) -> dict[str, str]:
        """Made here, not passed on: a client must not speak for another, and its token is for the gateway only."""
        headers = {
            "accept": request.headers.get("accept", JSON),
            "content-type": JSON,
            auth.METADATA_KEY: auth.sign(caller, self._key),
            "traceparent": telemetry.traceparent(),
        }
        if project := self.project(request):
            headers[PROJECT] = project
        return headers


def passed_headers(reply: Reply) -> Mapping[str, str]:
    return {
        name.lower(): value
        for name, value in reply.headers.items()
        if name.lower() in PASSED or name.lower().startswith(PASSED_PREFIXES)
    }


def _models(body: bytes) -> list[dict[str, Any]]:
    try:
        return list(json.loads(body)["data"])
    except (ValueError, KeyError, TypeError) as error:
        raise RuntimeUnavailable("the model server's list of models can't be read") from error
