"""The pages: the console, the API's documentation, and the OpenAPI document that it shows. All are open to read."""

from collections.abc import Mapping
from importlib import resources

from starlette.requests import Request
from starlette.responses import Response

from gateway.edge import facts_of
from gateway.errors import RouteUnknown

FILES: Mapping[str, tuple[str, str]] = {
    "/": ("console.html", "text/html"),
    "/docs": ("docs.html", "text/html"),
    "/console/console.js": ("console.js", "text/javascript"),
    "/console/docs.js": ("docs.js", "text/javascript"),
    "/console/style.css": ("style.css", "text/css"),
}
# Everything comes from the gateway itself, and no text from a document can become a script.
SECURITY = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
}


class Pages:
    def __init__(self, openapi: bytes) -> None:
        self._openapi = openapi

    async def document(self, request: Request) -> Response:
        facts_of(request).route = "/openapi.json"
        return Response(self._openapi, headers={"cache-control": "no-cache"}, media_type="application/json")

    async def page(self, request: Request) -> Response:
        if request.url.path not in FILES:
            raise RouteUnknown(f"there is no {request.url.path}")
        facts_of(request).route = request.url.path
        name, kind = FILES[request.url.path]
        content = resources.files("gateway.console").joinpath(name).read_bytes()
        return Response(content, headers=SECURITY, media_type=kind)
