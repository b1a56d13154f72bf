"""From HTTP's parts to messages, over every message of the surface."""

import json
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.errors import FieldConflict, FieldInvalid, FieldUnknown, JsonInvalid
from gateway.transcoding.request import from_json, from_upload, parse_json, unknown_field
from gateway.transcoding.response import as_json
from gateway.transcoding.surface import Method, committed, load
from services.chassis.errors import Invalid

SURFACE = load(committed())
BINDINGS = [(method, binding) for method in SURFACE.methods.values() for binding in method.bindings]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


def named(service: str, call: str) -> tuple[Method, Any]:
    method = next(m for name, m in SURFACE.methods.items() if name.endswith(f".{service}.{call}"))
    return method, method.bindings[0]


def keys(method: Method) -> list[str]:
    return [name for field in method.request.fields for name in (field.json_name, field.name)]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_body_is_read_or_refused_in_words(data: st.DataObject) -> None:
    method, binding = data.draw(st.sampled_from([each for each in BINDINGS if each[1].body]))
    body = data.draw(JSON | st.dictionaries(st.sampled_from(keys(method)), JSON, max_size=3))
    try:
        message = from_json(method, binding, {}, [], body)
    except Invalid:
        return
    assert json_format.MessageToDict(message, descriptor_pool=method.pool) is not None


@given(st.data())
def test_any_query_is_read_or_refused_in_words(data: st.DataObject) -> None:
    method, binding = data.draw(st.sampled_from([each for each in BINDINGS if each[1].body != "*"]))
    query = data.draw(st.lists(st.tuples(st.sampled_from(keys(method)) | st.text(max_size=8), st.text(max_size=8))))
    try:
        from_json(method, binding, {}, query, None)
    except Invalid:
        return
    assert {name for name, _ in query} <= set(keys(method))


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_what_goes_out_as_json_comes_in_as_the_same_message(data: st.DataObject) -> None:
    method, binding = data.draw(st.sampled_from([each for each in BINDINGS if each[1].body == "*"]))
    plain = [f.name for f in method.request.fields if f.type == f.TYPE_STRING and not f.is_repeated]
    texts = {name: data.draw(st.text(max_size=5)) for name in plain}
    sent = from_json(method, binding, {}, [], texts)
    assert from_json(method, binding, {}, [], parse_json(json.dumps(as_json(method, sent)).encode())) == sent


def test_both_spellings_nested_repeated_enums_and_times_are_query_parameters() -> None:
    method, binding = named("TrainingService", "ListTrainingJobs")
    assert from_json(method, binding, {}, [("pageSize", "2")], None) == from_json(
        method, binding, {}, [("page_size", "2")], None
    )
    # No List takes these, so another request's fields stand in: the mapping knows descriptors only.
    method, binding = named("CurationService", "UpdateTaxonomy")
    query = [("taxonomy.update_time", "2026-01-02T03:04:05Z"), ("taxonomy.etag", "e")]
    message: Any = from_json(method, _without_body(binding), {}, query, None)
    assert message.taxonomy.update_time.ToJsonString() == "2026-01-02T03:04:05Z"
    method, binding = named("ToolService", "ImportTool")
    message = from_json(method, _without_body(binding), {}, [("operations", "a"), ("operations", "b")], None)
    assert list(message.operations) == ["a", "b"]


def _without_body(binding: Any) -> Any:
    return type(binding)(binding.verb, binding.template, "", "")


@pytest.mark.parametrize("within", ["", ".topics", ".topics.id", ".nothing", ".", ".update_time.seconds"])
def test_a_parameter_that_no_field_takes_is_refused(within: str) -> None:
    method, binding = named("CurationService", "UpdateTaxonomy")
    with pytest.raises((FieldUnknown, FieldInvalid)):
        from_json(method, _without_body(binding), {}, [(f"taxonomy{within}", "x")], None)


def test_the_path_wins_over_nothing_and_loses_to_nothing() -> None:
    method, binding = named("CurationService", "UpdateTaxonomy")
    path = {"taxonomy.name": "projects/p/taxonomy"}
    for body in ({}, {"name": "projects/p/taxonomy"}):
        message: Any = from_json(method, binding, path, [], body)
        assert message.taxonomy.name == "projects/p/taxonomy"
    with pytest.raises(FieldConflict) as caught:
        from_json(method, binding, path, [], {"name": "projects/q/taxonomy"})
    assert caught.value.metadata == {"field": "taxonomy.name"}


def test_proto_json_is_proto_json() -> None:
    method, binding = named("ProvenanceService", "GetConsistencyProof")
    message: Any = from_json(method, binding, {}, [("first", "9007199254740993")], None)
    assert message.first == 9007199254740993
    assert as_json(method, message)["first"] == "9007199254740993"
    method, binding = named("ToolService", "CreateToolCall")
    body = {"arguments": {"any": [1, {"key": None}]}, "result": "x", "state": "APPROVED"}
    message = from_json(method, binding, {}, [], body)
    assert as_json(method, message)["toolCall"]["arguments"] == {"any": [1.0, {"key": None}]}
    assert message.tool_call.state == 2


@pytest.mark.parametrize(
    ("body", "unknown"),
    [
        ({"run": {"parameters": {"any.key": "1"}}}, ""),
        ({"run": {"stages": [{"outputs": {"x": "y"}}, {"failure": {"resaon": ""}}]}}, "run.stages[1].failure.resaon"),
        ({"run": {"createTime": "2026-01-01T00:00:00Z"}}, ""),
        ({"runs": {}}, "runs"),
        ({"run": None}, ""),
    ],
)
def test_the_first_unknown_key_is_named_with_its_place(body: dict[str, Any], unknown: str) -> None:
    assert unknown_field(body, named("PipelineService", "CreateRun")[0].request) == unknown


def test_a_file_goes_into_the_bytes_field() -> None:
    method, _ = named("IngestionService", "UploadDocument")
    message: Any = from_upload(method, {"parent": "projects/p"}, [("licence", "own")], b"\x00\xff", "a.pdf")
    assert (message.parent, message.filename, message.licence) == ("projects/p", "a.pdf", "own")
    assert message.content == b"\x00\xff"
    with pytest.raises(FieldConflict):
        from_upload(method, {"parent": "projects/p"}, [("content", "AA==")], b"x")


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b'{"a":1,"a":2}', b"NaN", b"[" * 100_000, b"{} {}"])
def test_what_is_no_json_is_refused(data: bytes) -> None:
    with pytest.raises(JsonInvalid):
        parse_json(data)
