"""Who is calling, and in which trace: one ASGI middleware in front of every route."""

import logging
from collections.abc import Sequence

from opentelemetry.trace import Span, SpanKind
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis import auth, telemetry
from services.chassis.errors import Internal, ServiceError
from services.serving.runtime.http.responses import error_body

log = logging.getLogger(__name__)
# The platform's probes and scrapers have no identity, and these tell nothing of a tenant.
OPEN_PATHS = ("/", "/metrics", "/v2", "/v2/health/live", "/v2/health/ready", "/admin/health")
# The controller looks here twice a second; a span for each look would bury the rest.
UNTRACED = ("GET", "/admin/adapters")
SERVICE_PATHS = ("/admin/", "/v2/repository/")


class Identity:
    """Verifies the signed caller and acts as it; opens the server's span; answers what nobody foresaw."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        self._app, self._key = app, key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in OPEN_PATHS:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            who = self._identify(headers, scope["path"])
        except ServiceError as error:
            status, body = error_body(error)
            await JSONResponse(body, status)(scope, receive, send)
            return
        with auth.acting_as(who):
            if (scope["method"], scope["path"]) == UNTRACED:
                await self._app(scope, receive, send)
                return
            name = f"{scope['method']} {_route(scope['path'])}"
            with telemetry.span(name, headers.get("traceparent", ""), SpanKind.SERVER) as span:
                span.set_attribute("http.request.method", scope["method"])
                await self._within(scope, receive, send, span)

    async def _within(self, scope: Scope, receive: Receive, send: Send, span: Span) -> None:
        noted = _Noted(send, span)
        try:
            await self._app(scope, receive, noted)
        except Exception:
            log.exception("request failed", extra={"path": scope["path"]})
            telemetry.mark_failed(span, "INTERNAL")
            if noted.started:
                raise
            status, body = error_body(Internal("internal error; the log of the server says more"))
            await JSONResponse(body, status)(scope, receive, send)

    def _identify(self, headers: Headers, path: str) -> auth.Caller:
        token = headers.get(auth.METADATA_KEY, "")
        if not token:
            raise auth.CallerUnknown(f"the request carries no {auth.METADATA_KEY}")
        who = auth.verify(token, self._key)
        if path.startswith(SERVICE_PATHS):
            with auth.acting_as(who):
                auth.require_role("service")
        return who


def _route(path: str) -> str:
    """A span name without what varies: names of models come in paths."""
    known: Sequence[str] = ("/v1/chat/completions", "/v1/completions", "/v1/models", "/v2/repository", "/v2/models")
    plain = path.removeprefix("/openai")
    return path if path.startswith("/admin/") else next((one for one in known if plain.startswith(one)), "other")


class _Noted:
    """Sends on, and notes the status on the span."""

    def __init__(self, send: Send, span: Span) -> None:
        self._send, self._span = send, span
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            self._span.set_attribute("http.response.status_code", message["status"])
        await self._send(message)
