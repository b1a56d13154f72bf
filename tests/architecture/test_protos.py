"""The proto surface keeps its promises: AIP standard methods, paging, request ids, names, HTTP bindings, words."""

import re
from collections.abc import Iterator

import pytest
from google.api import annotations_pb2
from google.protobuf import descriptor_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from gateway.transcoding.surface import PACKAGE, Method, committed, load

SURFACE = load(committed())
FILES = [
    file for file in descriptor_pb2.FileDescriptorSet.FromString(committed()).file if file.package.startswith(PACKAGE)
]
# Called by other services or by participants, never by a user, so the gateway does not offer them.
INTERNAL = {
    "whetstone.serving.v1.ServingService.ProbeModel",
    "whetstone.serving.v1.ServingService.RecordCompletion",
    "whetstone.serving.v1.ServingService.ComputeInfluenceFeatures",
    "whetstone.federation.v1.ParticipationService.JoinFederation",
    "whetstone.federation.v1.ParticipationService.AwaitRound",
    "whetstone.federation.v1.ParticipationService.GetRoundAdapter",
    "whetstone.federation.v1.ParticipationService.SubmitUpdate",
    "whetstone.federation.v1.ParticipationService.ReportEvaluation",
}
METHODS = {name: method for name, method in SURFACE.methods.items() if method.bindings}
TEXT, NUMBER = FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_INT32
COLLECTION = re.compile(r"[a-z][a-zA-Z]*")


def simple(method: Method) -> str:
    return method.full_name.rpartition(".")[2]


def of(prefix: str) -> list[Method]:
    return [m for m in METHODS.values() if re.match(rf"{prefix}[A-Z]", simple(m))]


def named(method: Method) -> str:
    return simple(method)


def kind(message: Descriptor, field: str) -> int | None:
    found = message.fields_by_name.get(field)
    return None if found is None else found.type


def rpcs() -> Iterator[tuple[str, descriptor_pb2.MethodDescriptorProto]]:
    for file in FILES:
        for service in file.service:
            yield from ((f"{file.package}.{service.name}.{method.name}", method) for method in service.method)


def test_there_is_a_surface() -> None:
    assert len(METHODS) > 50
    assert {method.service for method in METHODS.values()} == {
        "agents", "curation", "federation", "ingestion", "pipelines", "provenance", "serving", "synthesis", "tools",
        "training",
    }  # fmt: skip


def test_every_rpc_has_an_http_binding_or_is_known_as_internal() -> None:
    bare = {name for name, rpc in rpcs() if not rpc.options.HasExtension(annotations_pb2.http)}
    assert bare == INTERNAL


@pytest.mark.parametrize("method", of("List"), ids=named)
def test_every_list_has_paging(method: Method) -> None:
    assert kind(method.request, "page_size") == NUMBER
    assert kind(method.request, "page_token") == TEXT
    assert kind(method.response, "next_page_token") == TEXT
    assert kind(method.request, "parent") == TEXT
    assert method.response.fields[0].is_repeated
    assert method.response.fields[0].number == 1
    assert {(b.verb, b.body) for b in method.bindings} == {("GET", "")}


@pytest.mark.parametrize("method", of("(?:Create|Import|Upload)"), ids=named)
def test_whatever_creates_can_be_repeated_by_its_request_id(method: Method) -> None:
    assert kind(method.request, "request_id") == TEXT
    assert kind(method.request, "parent") == TEXT
    assert kind(method.response, "name") == TEXT
    assert {binding.verb for binding in method.bindings} == {"POST"}


@pytest.mark.parametrize("method", of("Create"), ids=named)
def test_a_create_takes_the_resource_as_its_body_and_gives_it_back(method: Method) -> None:
    for binding in method.bindings:
        assert method.request.fields_by_name[binding.body].message_type is method.response
        assert binding.template.verb == ""


@pytest.mark.parametrize("method", of("Get"), ids=named)
def test_a_get_is_a_get_by_name(method: Method) -> None:
    assert {(binding.verb, binding.body) for binding in method.bindings} == {("GET", "")}
    # A proof between two sizes of the log belongs to the log as a whole.
    assert kind(method.request, "parent" if simple(method) == "GetConsistencyProof" else "name") == TEXT


@pytest.mark.parametrize("method", of("Update"), ids=named)
def test_an_update_patches_what_has_an_etag(method: Method) -> None:
    assert {binding.verb for binding in method.bindings} == {"PATCH"}
    assert kind(method.response, "etag") == TEXT


@pytest.mark.parametrize("method", METHODS.values(), ids=named)
def test_every_path_is_under_a_project_in_collections_of_resources(method: Method) -> None:
    for binding in method.bindings:
        segments = binding.template.segments
        assert segments[:3] == ("v1", "projects", "*")
        for collection, resource in zip(segments[1::2], segments[2::2], strict=False):
            assert COLLECTION.fullmatch(collection)
            assert resource == "*"
        assert all(kind_of(method.request, v.field) == TEXT for v in binding.template.variables)


def kind_of(message: Descriptor, dotted: str) -> int | None:
    *above, last = dotted.split(".")
    for name in above:
        owner = message.fields_by_name[name].message_type
        assert owner is not None
        message = owner
    return kind(message, last)


@pytest.mark.parametrize("method", METHODS.values(), ids=named)
def test_what_changes_something_by_a_verb_of_its_own_is_a_post_to_that_verb(method: Method) -> None:
    for binding in method.bindings:
        if binding.verb == "POST" and not simple(method).startswith("Create"):
            assert binding.template.verb
            assert binding.body == "*"


def resources() -> list[Descriptor]:
    """Messages whose own comment names a pattern under `projects/{project}`."""
    found = {m.response.full_name: m.response for prefix in ("Get", "Create") for m in of(prefix)}
    return [message for message in found.values() if kind(message, "name") == TEXT]


@pytest.mark.parametrize("message", resources(), ids=lambda m: m.name)
def test_a_resource_starts_with_its_name_and_says_its_pattern(message: Descriptor) -> None:
    assert message.fields_by_name["name"].number == 1
    if message.name == "Chunk":  # its pattern stands at Location.chunk
        return
    assert "`projects/{project}" in SURFACE.comments.get(f"{message.full_name}.name", "")


@pytest.mark.parametrize("message", resources(), ids=lambda m: m.name)
def test_a_state_starts_unspecified(message: Descriptor) -> None:
    enums = [field.enum_type for field in message.fields if field.enum_type is not None]
    for enum in enums:
        assert enum.values_by_number[0].name.endswith("_UNSPECIFIED")


def test_every_service_says_what_it_is_for() -> None:
    services = [f"{file.package}.{service.name}" for file in FILES for service in file.service]
    assert [name for name in services if name not in SURFACE.comments] == []


def test_times_end_in_time_and_are_timestamps() -> None:
    stamps = "google.protobuf.Timestamp"
    for method in METHODS.values():
        for field in method.response.fields:
            if field.name.endswith("_time"):
                assert field.message_type is not None
                assert field.message_type.full_name == stamps, field.full_name
