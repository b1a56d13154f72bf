"""A materials database in OPTIMADE's shape. `_qf_` properties are the firm's own, as the specification allows."""

from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from examples.tools import optimade, web

BASE = "/v1"
MAX_PAGE = 100

Json = dict[str, Any]


def error(status: int, title: str, detail: str = "") -> JSONResponse:
    body = {"errors": [{"status": str(status), "title": title, "detail": detail}], "meta": {"api_version": "1.2.0"}}
    return JSONResponse(body, status, media_type="application/vnd.api+json")


class Materials:
    def __init__(self) -> None:
        self._entries: list[Json] = web.data("structures.json")["structures"]

    async def structures(self, request: Request) -> Response:
        try:
            test = optimade.parse(request.query_params.get("filter", ""))
        except optimade.FilterInvalid as problem:
            return error(400, "Bad Request", str(problem))
        found = [e for e in self._entries if test(e["attributes"] | {"id": e["id"], "type": "structures"})]
        limit, offset = web.number(request, "page_limit", 20), web.number(request, "page_offset", 0)
        if limit > MAX_PAGE:
            return error(403, "Forbidden", f"page_limit is at most {MAX_PAGE}")
        return _answer(request, found[offset : offset + limit], len(found), offset + limit)

    async def structure(self, request: Request) -> Response:
        found = [e for e in self._entries if e["id"] == request.path_params["entry_id"]]
        return _answer(request, found[0] if found else None, len(found), 1)


def _answer(request: Request, found: Any, total: int, following: int) -> Response:
    more = following < total
    link = str(request.url.include_query_params(page_offset=following)) if more else None
    data = [_resource(entry) for entry in found] if isinstance(found, list) else found and _resource(found)
    meta = {
        "query": {"representation": f"{request.url.path.removeprefix(BASE)}?{request.url.query}"},
        "api_version": "1.2.0",
        "more_data_available": more,
        "data_returned": total,
        "provider": {"name": "QuantumForge Structures", "description": "Materials in store", "prefix": "qf"},
    }
    body = {"data": data, "meta": meta, "links": {"next": link}}
    return JSONResponse(body, media_type="application/vnd.api+json")


def _resource(entry: Json) -> Json:
    return {"id": entry["id"], "type": "structures", "attributes": entry["attributes"]}


def _document(url: str) -> Json:
    document = web.api_document("materials.json") | {"servers": [{"url": url + BASE}], "security": [{"token": []}]}
    schemes = {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}
    return document | {"components": document.get("components", {}) | schemes}


def app(token: str) -> Starlette:
    materials = Materials()
    routes = [
        Route(f"{BASE}/structures", materials.structures),
        Route(f"{BASE}/structures/{{entry_id}}", materials.structure),
    ]
    return web.app(routes, web.bearer(token, lambda: error(401, "Unauthorized")), _document)
