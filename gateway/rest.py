"""The REST resources: every annotated RPC, found by its path, called, and answered in proto JSON."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import quote

from google.protobuf.message import Message
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from gateway.bodies import JSON, LARGE_BYTES, Bodies, media_type, while_connected
from gateway.domain import PathMalformed
from gateway.edge import facts_of
from gateway.errors import MethodNotAllowed, PathInvalid, RouteUnknown
from gateway.identity import Identity
from gateway.ports import Services
from gateway.transcoding import response as answers
from gateway.transcoding.request import from_json, from_upload
from gateway.transcoding.surface import Binding, Method, Surface


@dataclass(frozen=True)
class Matched:
    """An RPC that a request names, and the fields that its path sets."""

    method: Method
    binding: Binding
    variables: dict[str, str]


class Rest:
    def __init__(self, surface: Surface, services: Services, identity: Identity, bodies: Bodies) -> None:
        self._surface, self._services, self._identity, self._bodies = surface, services, identity, bodies

    async def handle(self, request: Request) -> Response:
        """Answers the RPC that method and path name."""
        return await self.answer(request, request.scope["raw_path"].decode("ascii"))

    async def answer(self, request: Request, raw_path: str) -> Response:
        """Answers as if `raw_path` had been asked for."""
        matched = self.match(request.method, raw_path)
        facts = facts_of(request)
        facts.route = str(matched.binding.template)
        facts.caller = await self._identity.caller(request)
        async with self._bodies.upload_slot(bool(matched.method.bytes_field)):
            message = await self._message(request, matched)
            if matched.method.streams:
                return await self._stream(request, matched, message)
            result = await while_connected(request, self._services.call(matched.method, message, facts.caller))
        return Response(await _json(matched, result), media_type=JSON)

    def match(self, verb: str, raw_path: str) -> Matched:
        """Raises RouteUnknown, MethodNotAllowed or PathInvalid."""
        try:
            found = self._surface.routes.find(verb, raw_path)
        except (PathMalformed, UnicodeDecodeError) as error:
            raise PathInvalid(str(error)) from error
        if found is None:
            raise RouteUnknown(f"there is no {raw_path}")
        if verb not in found.targets:
            allowed = ", ".join(sorted(found.targets))
            raise MethodNotAllowed(f"{raw_path} takes {allowed}, not {verb}", allowed=allowed)
        method, binding = found.targets[verb][1]
        return Matched(method, binding, found.variables(verb))

    async def _message(self, request: Request, matched: Matched) -> Message:
        method, variables = matched.method, matched.variables
        if method.bytes_field and matched.binding.body == "*" and media_type(request) not in ("", JSON):
            upload = await self._bodies.upload(request)
            return from_upload(method, variables, upload.fields, upload.content, upload.filename)
        limit = self._bodies.max_upload_bytes if method.bytes_field else self._bodies.max_bytes
        body = await self._bodies.json(request, limit)
        query = request.query_params.multi_items()
        return from_json(method, matched.binding, variables, query, body)

    async def _stream(self, request: Request, matched: Matched, message: Message) -> Response:
        method, caller = matched.method, facts_of(request).caller
        assert caller is not None
        messages = await while_connected(request, self._services.stream(method, message, caller))
        if method.part_field:
            return await _download(answers.as_parts(method, messages), matched)
        if answers.EVENTS in request.headers.get("accept", ""):
            headers = {"cache-control": "no-cache", "x-accel-buffering": "no"}
            return StreamingResponse(answers.as_events(method, messages), headers=headers, media_type=answers.EVENTS)
        return StreamingResponse(answers.as_lines(method, messages), media_type=answers.LINES)


async def _json(matched: Matched, result: Message) -> bytes:
    def encode() -> bytes:
        return answers.encoded(answers.as_json(matched.method, result, matched.binding.response_body))

    return await asyncio.to_thread(encode) if result.ByteSize() > LARGE_BYTES else encode()


async def _download(parts: AsyncIterator[bytes], matched: Matched) -> Response:
    first = await anext(parts, b"")
    kind, extension = answers.file_type(first)
    resource = next(iter(matched.variables.values()), "download").rpartition("/")[2]
    disposition = f"attachment; filename*=UTF-8''{quote(resource + extension, safe='')}"
    return StreamingResponse(_chain(first, parts), headers={"content-disposition": disposition}, media_type=kind)


async def _chain(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for part in rest:
        yield part
