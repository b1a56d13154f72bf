"""The operations of an API document: their arguments as one JSON schema, and where each argument goes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from services.tools.adapters.openapi.document import Document
from services.tools.adapters.openapi.schemas import Schemas
from services.tools.domain import FORBIDDEN_HEADERS, Operation, Placement, Where
from services.tools.errors import OpenApiInvalid, OperationUnsupported

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
BODILESS = ("get", "head", "trace")
MAX_DESCRIPTION = 1000
JSON_MEDIA = "application/json"
FORM_MEDIA = "application/x-www-form-urlencoded"
MULTIPART_MEDIA = "multipart/form-data"
# Media types that a body of arguments can be written in, best first; any `+json` counts as JSON.
MEDIA = (JSON_MEDIA, FORM_MEDIA, MULTIPART_MEDIA, "text/plain", "application/octet-stream")
COLLECTIONS = {
    "csv": ("form", False),
    "multi": ("form", True),
    "ssv": ("spaceDelimited", False),
    "tsv": ("tabDelimited", False),
    "pipes": ("pipeDelimited", False),
}

Json = dict[str, Any]


@dataclass(frozen=True)
class Found:
    """An operation as the document holds it, with the parameters of its path."""

    method: str
    path: str
    node: Mapping[str, Any]
    shared: Sequence[Any]

    @property
    def key(self) -> str:
        """Its operationId, or `GET /path` where it has none."""
        stated = self.node.get("operationId")
        return stated if isinstance(stated, str) and stated else self.route

    @property
    def route(self) -> str:
        return f"{self.method.upper()} {self.path}"


@dataclass(frozen=True)
class _Argument:
    name: str
    where: Where
    schema: Json
    required: bool
    style: str
    explode: bool


def operations(document: Document) -> Iterator[Found]:
    """Every operation of the document, in its order."""
    for path, item in document.root["paths"].items():
        node = document.resolve(item)
        if not isinstance(node, Mapping):
            continue
        shared = node.get("parameters") or ()
        for method in METHODS:
            if isinstance(node.get(method), Mapping):
                yield Found(method, str(path), node[method], shared if isinstance(shared, list) else ())


def to_operation(document: Document, tool_id: str, found: Found) -> Operation:
    """Raises OperationUnsupported where a required part can't be written, OpenApiInvalid where the schema is broken."""
    schemas = Schemas(document)
    parameters = _parameters(document, found)
    arguments = [a for p in parameters if (a := _argument(document, schemas, found, p)) is not None]
    body, media = _body(document, schemas, found, parameters)
    named = _named([*arguments, *([body] if body else [])])
    return Operation(
        id=f"{tool_id}.{found.key}",
        description=_description(found.node),
        method=found.method.upper(),
        path=found.path,
        parameters=_schema(schemas, named, found),
        placements=tuple(Placement(n, a.where, a.name, a.style, a.explode) for n, a in named.items()),
        body_media=media,
    )


def _description(node: Mapping[str, Any]) -> str:
    parts = [node.get("summary"), node.get("description")]
    return "\n".join(part for part in parts if isinstance(part, str))[:MAX_DESCRIPTION]


def _parameters(document: Document, found: Found) -> list[Mapping[str, Any]]:
    own = found.node.get("parameters")
    merged: dict[tuple[str, str], Mapping[str, Any]] = {}
    for node in [*found.shared, *(own if isinstance(own, list) else ())]:
        parameter = document.resolve(node)
        if isinstance(parameter, Mapping) and isinstance(parameter.get("name"), str):
            merged[parameter["name"], str(parameter.get("in"))] = parameter
    return list(merged.values())


def _argument(document: Document, schemas: Schemas, found: Found, parameter: Mapping[str, Any]) -> _Argument | None:
    name, place = parameter["name"], str(parameter.get("in"))
    if place in ("body", "formData") or (place == "header" and name.lower() in FORBIDDEN_HEADERS):
        return None
    if place == "cookie":
        if parameter.get("required"):
            raise OperationUnsupported(f"{found.route} needs the cookie {name}", operation=found.key)
        return None
    if place not in tuple(Where):
        raise OpenApiInvalid(f"{found.route} has the parameter {name} in {place!r}")
    where = Where(place)
    style, explode = _style(parameter, where, document.version)
    required = where is Where.PATH or parameter.get("required") is True
    return _Argument(name, where, _parameter_schema(document, schemas, parameter), required, style, explode)


def _style(parameter: Mapping[str, Any], where: Where, version: tuple[int, int]) -> tuple[str, bool]:
    if "content" in parameter:
        return "json", False
    if version == (2, 0):
        style, explode = COLLECTIONS.get(str(parameter.get("collectionFormat")), ("form", False))
        return (style if where is Where.QUERY else "simple"), explode
    default = "form" if where is Where.QUERY else "simple"
    style = str(parameter.get("style") or default)
    return style, bool(parameter.get("explode", style == "form"))


def _parameter_schema(document: Document, schemas: Schemas, parameter: Mapping[str, Any]) -> Json:
    content = parameter.get("content")
    node: Any = parameter.get("schema")
    if isinstance(content, Mapping) and content:
        node = next(iter(content.values())).get("schema")
    elif document.version == (2, 0):
        node = {k: v for k, v in parameter.items() if k not in ("required", "description", "name", "in")}
    schema = schemas.convert(node or {})
    if isinstance(parameter.get("description"), str):
        schema.setdefault("description", parameter["description"][:500])
    return schema


def _body(
    document: Document, schemas: Schemas, found: Found, parameters: Sequence[Mapping[str, Any]]
) -> tuple[_Argument | None, str]:
    if found.method in BODILESS:
        return None, ""
    if document.version == (2, 0):
        return _swagger_body(document, schemas, found, parameters)
    request = document.resolve(found.node.get("requestBody"))
    content = request.get("content") if isinstance(request, Mapping) else None
    if not isinstance(request, Mapping) or not isinstance(content, Mapping) or not content:
        return None, ""
    required = request.get("required") is True
    media = _media([str(kind) for kind in content])
    if not media:
        if required:
            raise OperationUnsupported(f"{found.route} wants a body of {', '.join(content)}", operation=found.key)
        return None, ""
    schema = schemas.convert((content[media] or {}).get("schema") or {})
    return _Argument("body", Where.BODY, schema, required, "", False), media


def _swagger_body(
    document: Document, schemas: Schemas, found: Found, parameters: Sequence[Mapping[str, Any]]
) -> tuple[_Argument | None, str]:
    consumes = found.node.get("consumes") or document.root.get("consumes") or [JSON_MEDIA]
    fields = [p for p in parameters if p.get("in") == "formData"]
    if fields:
        multipart = MULTIPART_MEDIA in consumes or any(p.get("type") == "file" for p in fields)
        schema: Json = {
            "type": "object",
            "properties": {p["name"]: _parameter_schema(document, schemas, p) for p in fields},
            "required": [p["name"] for p in fields if p.get("required") is True],
        }
        media = MULTIPART_MEDIA if multipart else FORM_MEDIA
        return _Argument("body", Where.BODY, schema, bool(schema["required"]), "", False), media
    body = next((p for p in parameters if p.get("in") == "body"), None)
    if body is None:
        return None, ""
    schema = schemas.convert(body.get("schema") or {})
    media = _media([str(kind) for kind in consumes]) or JSON_MEDIA
    return _Argument("body", Where.BODY, schema, body.get("required") is True, "", False), media


def _media(offered: Sequence[str]) -> str:
    """The best of the media types that can be written, or an empty string."""
    plain = {kind.split(";")[0].strip().lower(): kind for kind in offered}
    for kind in MEDIA:
        if kind in plain:
            return plain[kind]
        if kind == JSON_MEDIA and (other := next((k for p, k in plain.items() if p.endswith("+json")), "")):
            return other
    return ""


def _named(arguments: Sequence[_Argument]) -> dict[str, _Argument]:
    """One flat name for each argument; a name that stands in two places says which."""
    names = [a.name for a in arguments]
    return {a.name if names.count(a.name) == 1 else f"{a.name}_{a.where}": a for a in arguments}


def _schema(schemas: Schemas, named: Mapping[str, _Argument], found: Found) -> Json:
    schema: Json = {
        "type": "object",
        "properties": {name: argument.schema for name, argument in named.items()},
        "required": [name for name, argument in named.items() if argument.required],
        "additionalProperties": False,
    }
    if definitions := schemas.definitions():
        schema["$defs"] = definitions
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise OpenApiInvalid(f"{found.route}: {error.message}", operation=found.key) from error
    return schema
