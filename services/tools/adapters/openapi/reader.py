"""From a document's bytes and the operations wanted to a description of a tool."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.tools.adapters.openapi.document import Document, parse
from services.tools.adapters.openapi.operations import Found, operations, to_operation
from services.tools.domain import AuthKind, AuthScheme, Operation
from services.tools.errors import OpenApiInvalid, OperationNotFound
from services.tools.ports import Described

MAX_OPERATIONS = 200


class OpenApiReader:
    """The port ApiReader over OpenAPI and Swagger documents."""

    def read(self, document: bytes, tool_id: str, wanted: Sequence[str]) -> Described:
        parsed = parse(document)
        if not 0 < len(wanted) <= MAX_OPERATIONS:
            raise OpenApiInvalid(f"{len(wanted)} operations are wanted; between 1 and {MAX_OPERATIONS} can be")
        chosen = _choose(list(operations(parsed)), wanted)
        info = parsed.root.get("info")
        title = info.get("title") if isinstance(info, Mapping) else None
        return Described(
            title=title if isinstance(title, str) else tool_id,
            base_url=base_url(parsed),
            auth=auth_scheme(parsed),
            operations=tuple(_operation(parsed, tool_id, found) for found in chosen),
        )


def _operation(document: Document, tool_id: str, found: Found) -> Operation:
    try:
        return to_operation(document, tool_id, found)
    except (AttributeError, TypeError, KeyError, RecursionError) as error:
        # The document is somebody else's: a list where OpenAPI wants an object is its fault, not this program's.
        raise OpenApiInvalid(f"{found.route} is not described as OpenAPI wants it", operation=found.key) from error


def _choose(found: Sequence[Found], wanted: Sequence[str]) -> list[Found]:
    # Where a document repeats an operationId, the first one has it; the others keep their route.
    by_key = {f.key: f for f in reversed(found)} | {f.route: f for f in found}
    missing = [name for name in wanted if name not in by_key]
    if missing:
        raise OperationNotFound(f"the document has no operation {missing[0]!r}", operation=missing[0])
    return list({by_key[name].route: by_key[name] for name in wanted}.values())


def base_url(document: Document) -> str:
    """The first server's URL with its variables' defaults, or an empty string where none is absolute."""
    if document.version == (2, 0):
        host, base = document.root.get("host"), document.root.get("basePath") or ""
        schemes = document.root.get("schemes") or ["https"]
        scheme = "https" if "https" in schemes else schemes[0]
        return f"{scheme}://{host}{base}" if host else ""
    servers = document.root.get("servers")
    server = servers[0] if isinstance(servers, list) and servers else {}
    url = str(server.get("url") or "") if isinstance(server, Mapping) else ""
    for name, variable in (server.get("variables") or {}).items() if url else ():
        url = url.replace(f"{{{name}}}", str(variable.get("default", "")))
    return url if "://" in url else ""


def auth_scheme(document: Document) -> AuthScheme:
    """How the API wants its credential: what it demands everywhere first, a bearer token where it does not say."""
    schemes = _schemes(document)
    demanded = document.root.get("security")
    order = [str(name) for entry in (demanded if isinstance(demanded, list) else ()) for name in entry]
    for name in [*order, *schemes]:
        if (scheme := _scheme(document.resolve(schemes.get(name)))) is not None:
            return scheme
    return AuthScheme()


def _schemes(document: Document) -> Mapping[str, Any]:
    components = document.root.get("components") or {}
    found = (
        document.root.get("securityDefinitions") if document.version == (2, 0) else components.get("securitySchemes")
    )
    return found if isinstance(found, Mapping) else {}


def _scheme(node: Any) -> AuthScheme | None:
    if not isinstance(node, Mapping):
        return None
    kind, name = node.get("type"), str(node.get("name") or "")
    if kind == "basic" or (kind == "http" and str(node.get("scheme")).lower() == "basic"):
        return AuthScheme(AuthKind.BASIC)
    if kind == "apiKey" and node.get("in") in ("header", "query") and name:
        return AuthScheme(AuthKind(node["in"]), name)
    if kind in ("http", "oauth2", "openIdConnect"):
        return AuthScheme(AuthKind.BEARER)
    return None
