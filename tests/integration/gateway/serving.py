"""What the gateway's tests stand on: services over real gRPC that answer from a table, a model server over real HTTP,
and uvicorn around any application."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import uvicorn
from google.protobuf import message_factory
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from gateway.transcoding.surface import Method, Surface, committed, load
from services.chassis import auth, rpc
from services.chassis.testing import KEY

TOKEN = "a-token-for-tests-only-0123456789"
SURFACE = load(committed())
Answer = Callable[[Any, grpc.ServicerContext], Any]


@dataclass
class FakeServices:
    """Every annotated RPC of every service at one address. `answers` maps a full method name to what answers it."""

    surface: Surface = SURFACE
    answers: dict[str, Answer] = field(default_factory=dict)
    requests: list[tuple[str, Any, auth.Caller]] = field(default_factory=list)
    metadata: list[dict[str, str]] = field(default_factory=list)

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        name = details.method[1:].replace("/", ".")
        method = self.surface.methods.get(name)
        if method is None:
            return None
        make = grpc.unary_stream_rpc_method_handler if method.streams else grpc.unary_unary_rpc_method_handler
        request = message_factory.GetMessageClass(method.request)
        return make(self._behaviour(method), request.FromString, lambda message: message.SerializeToString())

    def service_name(self) -> str:
        return "whetstone"

    def _behaviour(self, method: Method) -> Answer:
        def single(request: Any, context: grpc.ServicerContext) -> Any:
            self._note(method, request, context)
            answer = self.answers.get(method.full_name)
            return answer(request, context) if answer else method.response_class()()

        def stream(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
            self._note(method, request, context)
            yield from self.answers[method.full_name](request, context)

        return stream if method.streams else single

    def _note(self, method: Method, request: Any, context: grpc.ServicerContext) -> None:
        self.requests.append((method.full_name, request, auth.caller()))
        self.metadata.append({key: str(value) for key, value in context.invocation_metadata()})

    @contextmanager
    def served(self, listen: str = "127.0.0.1:0") -> Iterator[str]:
        """Serves behind the chassis's own interceptor and yields the address."""
        server = rpc.server("fake", KEY, threads=8)
        server.add_generic_rpc_handlers((self,))  # type: ignore[arg-type]
        states = health.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(states, server)
        states.set("", health_pb2.HealthCheckResponse.SERVING)
        port = server.add_insecure_port(listen)
        server.start()
        try:
            yield f"127.0.0.1:{port}"
        finally:
            server.stop(0).wait()


WORDS = ["380", " MPa", " (QF-SPEC-101 Rev C, 4.2.1)"]
HEADERS = {
    "whetstone-completion-id": "cmpl-1",
    "whetstone-model-version": "projects/p/models/m/versions/1",
    "whetstone-adapter-digest": "ab" * 32,
    "whetstone-dataset-version": "projects/p/datasets/d/versions/1",
    "x-inside-only": "not for clients",
}


class FakeRuntime:
    """The OpenAI routes of a model server that always says WORDS, a frame each `pause` seconds."""

    def __init__(self) -> None:
        self.headers: list[dict[str, str]] = []
        self.pause = 0.0
        self.cancelled = threading.Event()
        self.frames_sent = 0
        self.allowed = len(WORDS)
        """Frames that may go out; the next one waits."""

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/openai/v1/chat/completions", self.chat, methods=["POST"]),
                Route("/openai/v1/models", self.models),
                Route("/v2/health/ready", lambda request: JSONResponse({"ready": True})),
            ]
        )

    async def models(self, request: Request) -> Response:
        data = [{"id": f"projects/p/models/{m}", "object": "model", "created": 1, "owned_by": "acme"} for m in "mn"]
        return JSONResponse({"object": "list", "data": data})

    async def chat(self, request: Request) -> Response:
        self.headers.append(dict(request.headers))
        body = await request.json()
        if body["model"] == "unknown":
            error = {"message": "no such model", "type": "not_found_error", "param": None, "code": "MODEL_NOT_FOUND"}
            return JSONResponse({"error": error}, 404)
        if body.get("stream"):
            return StreamingResponse(self._frames(body["model"]), headers=HEADERS, media_type="text/event-stream")
        if not await self._waited_for(request):
            return Response()
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "".join(WORDS)}}
        return JSONResponse(_shape(body["model"], "chat.completion", choice), headers=HEADERS)

    async def _frames(self, model: str) -> AsyncIterator[bytes]:
        for sent, word in enumerate(WORDS):
            await self._wait()
            while sent >= self.allowed:
                await asyncio.sleep(0.005)
            choice = {"index": 0, "delta": {"content": word}, "finish_reason": None}
            self.frames_sent = sent + 1
            yield f"data: {json.dumps(_shape(model, 'chat.completion.chunk', choice))}\n\n".encode()
        yield b"data: [DONE]\n\n"

    async def _waited_for(self, request: Request) -> bool:
        """Whether the client is still there after the pause."""
        ends = time.monotonic() + self.pause
        while time.monotonic() < ends:
            if await request.is_disconnected():
                self.cancelled.set()
                return False
            await asyncio.sleep(0.01)
        return True

    async def _wait(self) -> None:
        try:
            await asyncio.sleep(self.pause)
        except asyncio.CancelledError:
            self.cancelled.set()
            raise


def _shape(model: str, kind: str, choice: dict[str, Any]) -> dict[str, Any]:
    return {"id": "cmpl-1", "object": kind, "created": 1, "model": model, "choices": [choice]}


@contextmanager
def http_served(app: ASGIApp) -> Iterator[str]:
    """Serves an ASGI application at a free port and yields its base URL."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started:
        assert thread.is_alive()
        assert time.monotonic() < deadline
        time.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
