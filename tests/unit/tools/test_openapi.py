"""Import of API documents: every feature that real ones have, in documents of a few lines."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from services.tools.adapters.arguments import check
from services.tools.adapters.openapi.document import Document
from services.tools.adapters.openapi.reader import OpenApiReader
from services.tools.adapters.openapi.schemas import Schemas
from services.tools.domain import AuthKind, Operation, Where
from services.tools.errors import ArgumentsInvalid, OpenApiInvalid, OperationNotFound, OperationUnsupported

READER = OpenApiReader()


def document(paths: dict[str, Any], version: str = "3.0.3", **more: Any) -> bytes:
    head = {"swagger": version} if version == "2.0" else {"openapi": version}
    return json.dumps({**head, "info": {"title": "An API"}, "paths": paths, **more}).encode()


def operation(paths: dict[str, Any], key: str, version: str = "3.0.3", **more: Any) -> Operation:
    return READER.read(document(paths, version, **more), "t", [key]).operations[0]


def one(node: dict[str, Any], version: str = "3.0.3", method: str = "get", **more: Any) -> Operation:
    return operation({"/x": {method: {"operationId": "op", **node}}}, "op", version, **more)


def body(schema: dict[str, Any], version: str = "3.0.3", media: str = "application/json", **more: Any) -> Operation:
    content = {"content": {media: {"schema": schema}}, "required": True}
    return one({"requestBody": content}, version, "post", **more)


def fits(op: Operation, arguments: dict[str, Any]) -> bool:
    try:
        check(op.parameters, arguments)
    except ArgumentsInvalid:
        return False
    return True


def test_an_operation_without_an_id_is_called_by_its_route() -> None:
    found = operation(
        {"/a/{b}": {"get": {"parameters": [{"name": "b", "in": "path", "required": True}]}}}, "GET /a/{b}"
    )
    assert (found.id, found.method, found.path, found.write) == ("t.GET /a/{b}", "GET", "/a/{b}", False)


@pytest.mark.parametrize(("method", "write"), [("get", False), ("head", False), ("post", True), ("delete", True)])
def test_whatever_is_not_get_or_head_writes(method: str, write: bool) -> None:
    assert one({}, method=method).write is write


def test_parameters_of_path_and_operation_are_one_flat_schema() -> None:
    shared = [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
        {"name": "q", "in": "query", "schema": {"type": "string"}},
    ]
    own = [
        {"name": "q", "in": "query", "required": True, "schema": {"type": "integer"}},
        {"name": "id", "in": "header", "schema": {"type": "string"}},
        {"name": "Authorization", "in": "header", "schema": {"type": "string"}},
    ]
    found = operation({"/x/{id}": {"parameters": shared, "get": {"operationId": "op", "parameters": own}}}, "op")
    assert {p.argument: p.where for p in found.placements} == {
        "id_path": Where.PATH,
        "q": Where.QUERY,
        "id_header": Where.HEADER,
    }
    assert fits(found, {"id_path": "a", "q": 1})
    assert not fits(found, {"id_path": "a", "q": "1"})
    assert not fits(found, {"q": 1})
    assert not fits(found, {"id_path": "a", "q": 1, "Authorization": "Bearer x"})


def test_a_recursive_schema_stays_exact_at_any_depth() -> None:
    folder = {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "inside": {"type": "array", "items": {"$ref": "#/components/schemas/F"}},
        },
        "required": ["name"],
    }
    found = body({"$ref": "#/components/schemas/F"}, components={"schemas": {"F": folder}})
    deep: dict[str, Any] = {"name": "leaf"}
    for _ in range(20):
        deep = {"name": "n", "inside": [deep]}
    assert fits(found, {"body": deep})
    deep["inside"][0]["inside"][0]["inside"][0].pop("name")
    assert not fits(found, {"body": deep})


def test_many_schemas_are_cut_at_the_budget_and_then_looser() -> None:
    links = {
        f"S{n}": {
            "properties": {k: {"$ref": f"#/components/schemas/S{(n * 7 + i) % 400}"} for i, k in enumerate("abcdefgh")}
        }
        for n in range(400)
    }
    found = body({"$ref": "#/components/schemas/S0"}, components={"schemas": links})
    assert len(json.dumps(found.parameters)) < 300_000
    assert fits(found, {"body": {"a": {"a": {"a": {}}}}})


def test_openapi_3_0_nullable_exclusive_and_read_only() -> None:
    schema = {
        "type": "object",
        "properties": {
            "note": {"type": "string", "nullable": True},
            "size": {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
            "gid": {"type": "string", "readOnly": True},
        },
        "required": ["gid", "size"],
        "additionalProperties": False,
    }
    found = body(schema)
    assert fits(found, {"body": {"note": None, "size": 1}})
    assert not fits(found, {"body": {"size": 0}})
    assert not fits(found, {"body": {"size": 1, "gid": "x"}})


def test_read_only_is_seen_through_all_of() -> None:
    base = {"type": "object", "properties": {"gid": {"type": "string", "readOnly": True}}}
    schema = {"allOf": [{"$ref": "#/components/schemas/B"}], "required": ["gid"], "type": "object"}
    assert fits(body(schema, components={"schemas": {"B": base}}), {"body": {}})


def test_openapi_3_1_keeps_what_stands_beside_a_reference() -> None:
    schemas = {"schemas": {"N": {"type": ["integer", "null"]}}}
    beside = {"$ref": "#/components/schemas/N", "exclusiveMinimum": 5}
    assert not fits(body(beside, "3.1.0", components=schemas), {"body": 3})
    assert fits(body(beside, "3.1.0", components=schemas), {"body": None})
    assert fits(body(beside, "3.0.3", components=schemas), {"body": 3})


def test_swagger_2_body_form_and_collections() -> None:
    parameters = [
        {"name": "ids", "in": "query", "type": "array", "items": {"type": "string"}, "collectionFormat": "pipes"},
        {"name": "b", "in": "body", "required": True, "schema": {"$ref": "#/definitions/B"}},
    ]
    definitions = {"B": {"type": "object", "required": ["n"], "properties": {"n": {"type": "number"}}}}
    found = one({"parameters": parameters}, "2.0", "put", definitions=definitions)
    assert next((p.argument, p.style, p.explode) for p in found.placements) == ("ids", "pipeDelimited", False)
    assert fits(found, {"ids": ["a"], "body": {"n": 1.5}})
    assert not fits(found, {"body": {}})
    form = [
        {"name": "f", "in": "formData", "type": "file", "required": True},
        {"name": "n", "in": "formData", "type": "integer"},
    ]
    posted = one({"parameters": form}, "2.0", "post")
    assert posted.body_media == "multipart/form-data"
    assert fits(posted, {"body": {"f": "text", "n": 2}})


@pytest.mark.parametrize(
    ("media", "chosen"),
    [
        (["text/xml", "application/json"], "application/json"),
        (["application/vnd.api+json"], "application/vnd.api+json"),
        (["application/x-www-form-urlencoded", "application/octet-stream"], "application/x-www-form-urlencoded"),
    ],
)
def test_the_best_media_type_is_chosen(media: list[str], chosen: str) -> None:
    content = {kind: {"schema": {"type": "object"}} for kind in media}
    assert one({"requestBody": {"content": content, "required": True}}, method="post").body_media == chosen


def test_what_cannot_be_written_is_refused() -> None:
    with pytest.raises(OperationUnsupported):
        one({"requestBody": {"content": {"application/xml": {}}, "required": True}}, method="post")
    with pytest.raises(OperationUnsupported):
        one({"parameters": [{"name": "s", "in": "cookie", "required": True}]})


def test_yaml_dates_stay_text_and_anchors_work() -> None:
    text = b"""
openapi: 3.0.0
paths:
  /x:
    get:
      operationId: op
      parameters:
        - &day {name: since, in: query, schema: {type: string, enum: [2024-01-31]}}
"""
    found = READER.read(text, "t", ["op"]).operations[0]
    assert fits(found, {"since": "2024-01-31"})


@pytest.mark.parametrize(
    "data",
    [
        b"not: an api",
        b'{"openapi": "4.0.0", "paths": {}}',
        b'{"openapi": "3.0.0", "paths": ',
        b"a: [" * 5000,
        b"[" * 200_000,
        b"{" * 200_000,
        b"\xff\xfe\x00",
        b"openapi: 3.0.0\npaths: &p {/x: *p}",
    ],
)
def test_what_is_no_document_is_refused(data: bytes) -> None:
    with pytest.raises((OpenApiInvalid, OperationNotFound)):
        READER.read(data, "t", ["op"])


def test_a_document_that_is_too_large_is_refused_unread() -> None:
    with pytest.raises(OpenApiInvalid, match="limit"):
        READER.read(b" " * (4 * 1024 * 1024 + 1), "t", ["op"])


@pytest.mark.parametrize("reference", ["other.yaml#/x", "http://evil.example/x", "#/components/schemas/None", "#/loop"])
def test_references_out_of_the_document_or_to_nothing_are_refused(reference: str) -> None:
    with pytest.raises(OpenApiInvalid):
        body({"$ref": reference}, loop={"$ref": "#/loop"})


def test_aliases_that_multiply_are_bounded() -> None:
    lines = ["openapi: 3.0.0", "x0: &a0 {type: object}"]
    for n in range(1, 30):
        lines.append(f"x{n}: &a{n} {{type: object, properties: {{l: *a{n - 1}, r: *a{n - 1}}}}}")
    lines += ["paths: {/x: {post: {operationId: op, requestBody: {content: {application/json: {schema: *a29}}}}}}"]
    assert fits(READER.read("\n".join(lines).encode(), "t", ["op"]).operations[0], {"body": {"l": {}}})


@pytest.mark.parametrize(
    ("more", "kind", "name"),
    [
        (
            {"components": {"securitySchemes": {"k": {"type": "apiKey", "in": "header", "name": "X-Key"}}}},
            "header",
            "X-Key",
        ),
        ({"components": {"securitySchemes": {"b": {"type": "http", "scheme": "basic"}}}}, "basic", ""),
        ({"components": {"securitySchemes": {"o": {"type": "oauth2"}}}}, "bearer", ""),
        ({}, "bearer", ""),
    ],
)
def test_the_credential_goes_where_the_document_says(more: dict[str, Any], kind: str, name: str) -> None:
    auth = READER.read(document({"/x": {"get": {}}}, **more), "t", ["GET /x"]).auth
    assert (auth.kind, auth.name) == (AuthKind(kind), name)


def test_servers_give_the_base_url() -> None:
    servers = [{"url": "https://{host}/v1", "variables": {"host": {"default": "api.example"}}}]
    assert (
        READER.read(document({"/x": {"get": {}}}, servers=servers), "t", ["GET /x"]).base_url
        == "https://api.example/v1"
    )
    old = document({"/x": {"get": {}}}, "2.0", host="old.example", basePath="/b", schemes=["http"])
    assert READER.read(old, "t", ["GET /x"]).base_url == "http://old.example/b"
    assert READER.read(document({"/x": {"get": {}}}, servers=[{"url": "/v1"}]), "t", ["GET /x"]).base_url == ""


_KEYWORDS = [
    "type",
    "properties",
    "items",
    "required",
    "minimum",
    "enum",
    "allOf",
    "pattern",
    "nullable",
    "format",
    "$ref",
    "default",
]
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.sampled_from(["string", "#/a"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_KEYWORDS), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(st.sampled_from(_KEYWORDS), _VALUES, max_size=6))
def test_any_schema_becomes_a_valid_one(schema: dict[str, Any]) -> None:
    """Whatever a document holds, what is kept of it is JSON Schema."""
    schemas = Schemas(Document({"a": {"type": "string"}, "paths": {}}, (3, 1)))
    converted = schemas.convert(schema)
    try:
        converted["$defs"] = schemas.definitions()
    except OpenApiInvalid:
        return
    Draft202012Validator.check_schema(converted)
    json.dumps(converted, allow_nan=False)


_PLACES = ["parameters", "requestBody", "content", "application/json", "schema", "name", "in", "required", "responses"]
_NODES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["query", "path", "body", "x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_PLACES), inner, max_size=4),
    max_leaves=10,
)


@settings(max_examples=80, deadline=None)
@given(_NODES, st.sampled_from(["2.0", "3.0.0", "3.1.0"]))
def test_any_operation_is_read_or_refused_with_a_reason(node: Any, version: str) -> None:
    try:
        found = operation({"/x": {"post": node}}, "POST /x", version)
    except (OpenApiInvalid, OperationNotFound, OperationUnsupported):
        return
    Draft202012Validator.check_schema(found.parameters)
