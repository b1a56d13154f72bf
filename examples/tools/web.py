"""What the four servers share: credentials, the API document, data files."""

import base64
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

HERE = Path(__file__).parent
DOCUMENT_PATH = "/openapi"
Unauthorized = Callable[[], Response]
Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Lock:
    """The header that a request must carry, and the answer where it does not."""

    header: str
    value: str
    refusal: Unauthorized

    def opens(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self.value.encode())


def bearer(token: str, refusal: Unauthorized) -> Lock:
    return Lock("authorization", f"Bearer {token}", refusal)


def basic(login: str, refusal: Unauthorized) -> Lock:
    return Lock("authorization", f"Basic {base64.b64encode(login.encode()).decode()}", refusal)


class Locked:
    """ASGI middleware: nothing but the API document is given without the credential."""

    def __init__(self, app: ASGIApp, lock: Lock) -> None:
        self._app, self._lock = app, lock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == DOCUMENT_PATH:
            await self._app(scope, receive, send)
            return
        given = Request(scope).headers.get(self._lock.header, "")
        answer = self._app if self._lock.opens(given) else self._lock.refusal()
        await answer(scope, receive, send)


def app(routes: Sequence[BaseRoute], lock: Lock, document: Callable[[str], Mapping[str, Any]]) -> Starlette:
    async def describe(request: Request) -> Response:
        return JSONResponse(document(str(request.base_url).rstrip("/")))

    return Starlette(routes=[Route(DOCUMENT_PATH, describe), *routes], middleware=[Middleware(Locked, lock=lock)])


def api_document(name: str) -> dict[str, Any]:
    """A document of `openapi/`, as JSON."""
    text = (HERE / "openapi" / name).read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text) if name.endswith(".json") else yaml.safe_load(text)
    return loaded


def data(name: str) -> Any:
    return json.loads((HERE / "data" / name).read_text(encoding="utf-8"))


def number(request: Request, name: str, default: int) -> int:
    """A query parameter as a number of at least 0; what is no number counts as the default."""
    text = request.query_params.get(name, "")
    return int(text) if text.isdigit() else default
