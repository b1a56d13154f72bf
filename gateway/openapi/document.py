"""The OpenAPI 3.1 document of the surface: paths from the HTTP bindings, schemas from the messages, words from the
protos' comments."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gateway.domain import PathTemplate
from gateway.openapi.openai_paths import openai_paths
from gateway.openapi.schema import Schemas
from gateway.transcoding.response import EVENTS, JSON, LINES
from gateway.transcoding.surface import Binding, Method, Surface

Json = dict[str, Any]
VERSION = "v1"
ABOUT = (
    "Resources of a project (AIP style). Every List takes `pageSize` and `pageToken`, every Create a `requestId`, "
    "by which repeating it is safe. Errors carry one `ErrorInfo` with a stable `reason`."
)


def document(surface: Surface) -> Json:
    """An OpenAPI 3.1 document as a JSON value."""
    schemas = Schemas(surface.comments)
    paths: dict[str, Json] = {}
    for method in surface.methods.values():
        for binding in method.bindings:
            path, parameters = path_parameters(binding.template)
            operation = _operation(surface, schemas, method, binding, parameters)
            paths.setdefault(path, {})[binding.verb.lower()] = operation
    components = {
        "schemas": {**schemas.components(), "Error": ERROR},
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        "responses": {"Error": {"description": "The call failed.", "content": {JSON: {"schema": _ref("Error")}}}},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Whetstone", "version": VERSION, "description": ABOUT},
        "security": [{"bearer": []}],
        "tags": _tags(surface),
        "paths": {**dict(sorted(paths.items())), **openai_paths()},
        "components": components,
    }


def path_parameters(template: PathTemplate) -> tuple[str, list[Json]]:
    """The path in OpenAPI's form, each `*` a parameter named after the collection before it, and these parameters."""
    shown: list[str] = []
    parameters: list[Json] = []
    for index, segment in enumerate(template.segments):
        if segment not in ("*", "**"):
            shown.append(segment)
            continue
        name = singular(template.segments[index - 1]) if index else "name"
        shown.append(f"{{{name}}}")
        parameters.append({"name": name, "in": "path", "required": True, "schema": {"type": "string"}})
    return "/" + "/".join(shown) + (f":{template.verb}" if template.verb else ""), parameters


def singular(collection: str) -> str:
    """`analyses` → `analysis`, `logEntries` → `logEntry`, `documents` → `document`."""
    for plural, one in (("lyses", "lysis"), ("ies", "y"), ("sses", "ss"), ("s", "")):
        if collection.endswith(plural):
            return collection.removesuffix(plural) + one
    return collection


def _operation(
    surface: Surface, schemas: Schemas, method: Method, binding: Binding, parameters: Sequence[Json]
) -> Json:
    words = surface.comments.get(method.full_name, "")
    name = method.full_name.rpartition(".")[2]
    operation: Json = {
        "operationId": f"{method.service}.{name}",
        "tags": [method.service],
        "summary": re.split(r"(?<=\w)\.(?:\s|$)", words, maxsplit=1)[0].replace("\n", " ") or name,
        "parameters": [*parameters, *_query(schemas, method, binding)],
        "responses": {"200": _success(schemas, method), "default": {"$ref": "#/components/responses/Error"}},
    }
    if words:
        operation["description"] = words
    if binding.body:
        operation["requestBody"] = _body(schemas, method, binding)
    return operation


def _query(schemas: Schemas, method: Method, binding: Binding) -> Iterator[Json]:
    """What neither path nor body takes. A nested field that only the path sets is no parameter."""
    if binding.body == "*":
        return
    taken = {binding.body} | {variable.field.partition(".")[0] for variable in binding.template.variables}
    for field in method.request.fields:
        if field.name in taken or not schemas.is_scalar(field):
            continue
        parameter = {"name": field.json_name, "in": "query", "schema": schemas.field(field)}
        if words := schemas.words(field.full_name):
            parameter["description"] = words
        yield parameter


def _body(schemas: Schemas, method: Method, binding: Binding) -> Json:
    if binding.body != "*":
        field = method.request.fields_by_name[binding.body]
        return {"required": schemas.is_required(field), "content": {JSON: {"schema": schemas.field(field)}}}
    taken = {variable.field for variable in binding.template.variables}
    content: Json = {JSON: {"schema": schemas.message(method.request, without=taken)}}
    if method.bytes_field:
        form = schemas.message(method.request, without=taken)
        file = method.request.fields_by_name[method.bytes_field].json_name
        form["properties"][file] = {"type": "string", "contentMediaType": "application/octet-stream"}
        # The file's part has a name of its own.
        form["required"] = [name for name in form.get("required", []) if name != "filename"]
        content["multipart/form-data"] = {"schema": form}
    return {"required": True, "content": content}


def _success(schemas: Schemas, method: Method) -> Json:
    schema = schemas.reference(method.response)
    if method.part_field:
        content: Mapping[str, Json] = {"application/octet-stream": {}, "application/zip": {}}
    elif method.streams:
        content = {LINES: {"schema": schema}, EVENTS: {"schema": schema}}
    else:
        content = {JSON: {"schema": schema}}
    return {"description": "A file." if method.part_field else "Done.", "content": content}


def _tags(surface: Surface) -> list[Json]:
    owners = {m.service: m.full_name.rpartition(".")[0] for m in surface.methods.values() if m.bindings}
    return [{"name": name, "description": surface.comments.get(owner, "")} for name, owner in sorted(owners.items())]


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


ERROR: Json = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "description": "google.rpc.Status as AIP-193 writes it.",
            "required": ["code", "status", "message", "details"],
            "properties": {
                "code": {"type": "integer", "description": "The HTTP status."},
                "status": {"type": "string", "description": "Name of the gRPC status."},
                "message": {"type": "string"},
                "details": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["@type", "reason", "domain"],
                        "properties": {
                            "@type": {"type": "string"},
                            "reason": {"type": "string", "description": "Stable, upper-case."},
                            "domain": {"type": "string"},
                            "metadata": {"type": "object", "additionalProperties": {"type": "string"}},
                        },
                    },
                },
            },
        }
    },
}
