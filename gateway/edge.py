"""Around every request: a span, the limit of requests in flight, the access log, and one shape for every failure."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from opentelemetry.trace import Span, SpanKind
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, ExceptionHandler, Message, Receive, Scope, Send

from gateway.errors import CallRefused, ClientGone, Refusal, RouteUnknown, TooBusy, refusal_of
from services.chassis import telemetry
from services.chassis.auth import Caller
from services.chassis.errors import Internal, Invalid, ServiceError

access = logging.getLogger("gateway.access")
FACTS = "whetstone.facts"
OPENAI_PATHS = ("/v1/chat/", "/v1/completions", "/v1/models", "/v1/embeddings")
# What the platform asks must be answered also when there is too much to do.
UNLIMITED = ("/healthz", "/readyz")
CLIENT_CLOSED = 499


@dataclass
class Facts:
    """What a request turned out to be, for its span and its log line."""

    route: str = ""
    caller: Caller | None = None
    reason: str = ""
    status: int = 0
    bytes_out: int = 0


def facts_of(request: Request) -> Facts:
    found: Facts = request.scope[FACTS]
    return found


class Edge:
    """The outermost ASGI application. Trace context comes in and goes out as W3C `traceparent`."""

    def __init__(self, app: ASGIApp, max_requests: int) -> None:
        self._app, self._max_requests, self._in_flight = app, max_requests, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request, facts, started = Request(scope), Facts(), time.perf_counter()
        scope[FACTS] = facts
        with telemetry.span(request.method, request.headers.get("traceparent", ""), SpanKind.SERVER) as span:
            traced = _traced(send, facts)
            self._in_flight += 1
            try:
                await self._limited(request)(scope, receive, traced)
            finally:
                self._in_flight -= 1
                _describe(span, request, facts)
                _log(request, facts, time.perf_counter() - started)

    def _limited(self, request: Request) -> ASGIApp:
        if self._in_flight <= self._max_requests or request.url.path in UNLIMITED:
            return self._app
        return refused(request, refusal_of(TooBusy("too many requests are in flight; try again in a second")))


def _traced(send: Send, facts: Facts) -> Send:
    trace_headers = [
        (b"traceparent", telemetry.traceparent().encode()),
        (b"whetstone-trace-id", telemetry.trace_id().encode()),
    ]

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            facts.status = message["status"]
            message = {**message, "headers": [*message["headers"], *trace_headers]}
        else:
            facts.bytes_out += len(message.get("body", b""))
        await send(message)

    return sending


def _describe(span: Span, request: Request, facts: Facts) -> None:
    """Names and attributes of OpenTelemetry's semantic conventions for HTTP servers."""
    span.update_name(f"{request.method} {facts.route}" if facts.route else request.method)
    span.set_attributes(
        {
            "http.request.method": request.method,
            "url.path": request.url.path,
            "http.route": facts.route,
            "http.response.status_code": facts.status or CLIENT_CLOSED,
        }
    )
    if facts.status >= 500:
        telemetry.mark_failed(span, facts.reason or str(facts.status))


def _log(request: Request, facts: Facts, seconds: float) -> None:
    # Without the query: it may hold what a log must not.
    access.info(
        "request",
        extra={
            "method": request.method,
            "path": request.url.path,
            "route": facts.route,
            "status": facts.status or CLIENT_CLOSED,
            "reason": facts.reason,
            "milliseconds": round(seconds * 1000, 1),
            "bytes_out": facts.bytes_out,
            "tenant": facts.caller.tenant if facts.caller else "",
            "caller": facts.caller.subject if facts.caller else "",
            # The line is written by another thread, which is not within the span.
            "trace_id": telemetry.trace_id(),
        },
    )


def refused(request: Request, refusal: Refusal) -> Response:
    facts_of(request).reason = refusal.reason
    headers = {"retry-after": "1"} if refusal.http in (429, 503) else {}
    if refusal.http == 401:
        headers["www-authenticate"] = "Bearer"
    if refusal.reason == "METHOD_NOT_ALLOWED":
        headers["allow"] = refusal.metadata.get("allowed", "")
    speaks_openai = request.url.path.startswith(OPENAI_PATHS)
    body = refusal.openai_body() if speaks_openai else refusal.body()
    return JSONResponse(body, refusal.http, headers)


async def _service_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ServiceError)
    return refused(request, refusal_of(error))


async def _call_refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, CallRefused)
    return refused(request, error.refusal)


async def _http_exception(request: Request, error: Exception) -> Response:
    """What the framework itself refuses: an unknown path, or a form that it can't read."""
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return refused(request, refusal_of(RouteUnknown(f"there is no {request.url.path}")))
    refusal = refusal_of(Invalid(str(error.detail)))
    return refused(request, Refusal(refusal.status, refusal.message, refusal.reason, http_status=error.status_code))


async def _client_gone(request: Request, error: Exception) -> Response:
    facts_of(request).reason = "CLIENT_GONE"
    return Response(status_code=CLIENT_CLOSED)


async def _unforeseen(request: Request, error: Exception) -> Response:
    """Starlette raises the error again after this answer, so that the server logs it with its stack."""
    return refused(request, refusal_of(Internal("internal error; the log of the gateway says more")))


HANDLERS: Mapping[Any, ExceptionHandler] = {
    ServiceError: _service_error,
    CallRefused: _call_refused,
    HTTPException: _http_exception,
    ClientGone: _client_gone,
    ClientDisconnect: _client_gone,
    Exception: _unforeseen,
}
