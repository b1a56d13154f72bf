"""The OpenAI routes: `/v1/chat/completions`, `/v1/completions`, `/v1/models`."""

import asyncio
import contextvars
import json
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, StreamingResponse

from services.chassis import auth
from services.chassis.errors import Internal, ServiceError
from services.serving.domain import PLAIN_BASE
from services.serving.runtime.answers import Answers
from services.serving.runtime.answers import Request as AskedFor
from services.serving.runtime.catalogue import Catalogue
from services.serving.runtime.domain import Answer, Ask, Piece
from services.serving.runtime.engine import Running
from services.serving.runtime.errors import GenerationFailed, ModelNotFound, RequestMalformed
from services.serving.runtime.http import requests, responses
from services.serving.runtime.http.responses import ChatShape, TextShape
from services.serving.runtime.ports import Tokens

PROJECT_HEADER = "whetstone-project"
DONE = "[DONE]"
# OpenAI's own prefix, and the one that KServe gives it.
PREFIXES = ("/v1", "/openai/v1")


class OpenAIRoutes:
    """Each answer is worked on in a thread of `pool`; the event loop only hands pieces on."""

    def __init__(self, answers: Answers, catalogue: Catalogue, tokens: Tokens, pool: ThreadPoolExecutor) -> None:
        self._answers, self._catalogue, self._tokens, self._pool = answers, catalogue, tokens, pool
        self._started = int(time.time())
        self.router = APIRouter()
        add = self.router.add_api_route
        for prefix in PREFIXES:
            add(f"{prefix}/chat/completions", self.chat, methods=["POST"], response_model=None)
            add(f"{prefix}/completions", self.text, methods=["POST"], response_model=None)
            add(f"{prefix}/models", self.models, methods=["GET"], response_model=None)
            add(f"{prefix}/models/{{name:path}}", self.model, methods=["GET"], response_model=None)

    async def chat(self, request: Request) -> Any:
        asked, how = requests.chat_request(await _json(request))
        return await self._give(request, asked, how, ChatShape)

    async def text(self, request: Request) -> Any:
        asked, how = requests.text_request(await _json(request), self._tokens.encode)
        return await self._give(request, asked, how, TextShape)

    async def models(self) -> Any:
        names = self._catalogue.names(auth.caller().tenant)
        return responses.model_list(names, self._started, self._describe)

    async def model(self, name: str) -> Any:
        known = self._catalogue.names(auth.caller().tenant)
        if name not in known:
            raise ModelNotFound(f"no model is called {name!r}", model=name)
        return responses.model_card(name, self._started, self._describe(name))

    def _describe(self, name: str) -> dict[str, str]:
        tenant = auth.caller().tenant
        found = [s for s in self._catalogue.specs() if s.tenant == tenant and name in (s.model, s.model_version)]
        spec = next((s for s in found if name == s.model_version or s.live), None)
        if name == PLAIN_BASE or spec is None:
            return {}
        return {
            "whetstone_model_version": spec.model_version,
            "whetstone_adapter_digest": spec.adapter_digest,
            "whetstone_dataset_version": spec.dataset_version,
        }

    async def _give(
        self, request: Request, asked: AskedFor, how: requests.Streaming, shape: type[ChatShape]
    ) -> JSONResponse | StreamingResponse:
        asked = replace(asked, project=_project(request))
        ask = await self._in_pool(self._answers.prepare, asked)
        shaped = shape(ask, self._tokens, with_logprobs=how.logprobs)
        headers = responses.headers(ask)
        if how.stream:
            frames = self._stream(ask, shaped, how.include_usage)
            return StreamingResponse(frames, headers=headers, media_type="text/event-stream")
        answer = await self._in_pool(self._answers.answer, ask)
        return JSONResponse(shaped.whole(answer), headers=headers)

    async def _stream(self, ask: Ask, shape: ChatShape, include_usage: bool) -> AsyncIterator[str]:
        """Server-sent events. An error after the start becomes an event, for the status is gone already."""
        feed = _Feed()
        work = asyncio.ensure_future(self._in_pool(self._answers.answer, ask, feed.put, feed.started))
        work.add_done_callback(lambda _: feed.end())
        try:
            yield _event(shape.first())
            async for piece in feed.pieces():
                if piece.text or piece.tokens:
                    yield _event(shape.piece(piece.text, piece.tokens))
            for frame in _ending(shape, await work, include_usage):
                yield _event(frame)
        except ServiceError as error:
            yield _event(responses.error_body(error)[1])
        except RuntimeError as error:
            yield _event(responses.error_body(GenerationFailed(f"generation failed: {type(error).__name__}"))[1])
        finally:
            feed.cancel()  # where the reader went away; nothing where the answer has ended
        yield f"data: {DONE}\n\n"

    async def _in_pool(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Runs in a thread that knows the caller and the trace."""
        context = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(self._pool, context.run, function, *arguments)


def _project(request: Request) -> str:
    """`projects/p`, from a header that may leave out the prefix. Raises RequestMalformed."""
    plain = request.headers.get(PROJECT_HEADER, "").removeprefix("projects/")
    if "/" in plain or plain == "-":
        raise RequestMalformed(f"{PROJECT_HEADER} must name one project", param=PROJECT_HEADER)
    return f"projects/{plain}" if plain else ""


def _ending(shape: ChatShape, answer: Answer, include_usage: bool) -> list[dict[str, Any]]:
    frames = [*shape.calls(answer), shape.last(answer)]
    return [*frames, shape.usage(answer)] if include_usage else frames


class _Feed:
    """Pieces from the answer's thread to the event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[Piece | None] = asyncio.Queue()
        self._running: Running | None = None
        self._cancelled = False

    def put(self, piece: Piece) -> None:
        self._loop.call_soon_threadsafe(self._queue.put_nowait, piece)

    def started(self, running: Running) -> None:
        self._running = running
        if self._cancelled:
            running.cancel()

    def end(self) -> None:
        self._queue.put_nowait(None)

    def cancel(self) -> None:
        self._cancelled = True
        if self._running is not None:
            self._running.cancel()

    async def pieces(self) -> AsyncIterator[Piece]:
        while (piece := await self._queue.get()) is not None:
            yield piece


def _event(frame: dict[str, Any]) -> str:
    return f"data: {json.dumps(frame, ensure_ascii=False)}\n\n"


async def _json(request: Request) -> Any:
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise RequestMalformed("the body is not JSON") from error


async def on_service_error(request: Request, error: Exception) -> JSONResponse:
    """The response to a ServiceError on any route: OpenAI's shape, or the Open Inference Protocol's on its own."""
    fault = error if isinstance(error, ServiceError) else Internal("internal error")
    status, body = responses.error_body(fault)
    if request.url.path.startswith("/v2"):
        body = {"error": f"{fault.reason}: {fault.message}"}
    return JSONResponse(body, status)
