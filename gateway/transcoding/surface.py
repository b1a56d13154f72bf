"""The API as its descriptors say it: methods, their HTTP bindings and the protos' comments.

Read from the descriptor set that `protos/generate.py` writes, into a pool of its own: the gateway imports no generated
module, so a new service or call needs no line here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, cast

from google.api import annotations_pb2
from google.protobuf import descriptor_pb2, message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message

from gateway.domain import PathTemplate, RouteTable, parse_template

PACKAGE = "whetstone."
# Field numbers of descriptor.proto, by which source locations name what a comment is about.
_FILE = {"message_type": 4, "enum_type": 5, "service": 6}
_MESSAGE = {"field": 2, "nested_type": 3, "enum_type": 4}


@dataclass(frozen=True)
class Binding:
    """One HTTP form of a method. `body` is a field of the request, `*` for all that the path leaves, or empty."""

    verb: str
    template: PathTemplate
    body: str
    response_body: str


@dataclass(frozen=True)
class Method:
    """One RPC. `service` is the key of its address: the second part of its package."""

    full_name: str
    service: str
    request: Descriptor
    response: Descriptor
    streams: bool
    bindings: tuple[Binding, ...]
    pool: DescriptorPool

    @property
    def rpc_path(self) -> str:
        service, _, name = self.full_name.rpartition(".")
        return f"/{service}/{name}"

    @property
    def bytes_field(self) -> str:
        """The request's one field of type bytes, which a file upload fills, or an empty string."""
        found = [f.name for f in self.request.fields if f.type == FieldDescriptor.TYPE_BYTES and not f.is_repeated]
        return found[0] if len(found) == 1 else ""

    @property
    def part_field(self) -> str:
        """For a stream whose messages are nothing but bytes, the field with them; else an empty string."""
        fields = self.response.fields
        alone = self.streams and len(fields) == 1 and fields[0].type == FieldDescriptor.TYPE_BYTES
        return fields[0].name if alone else ""

    def new_request(self) -> Message:
        return message_factory.GetMessageClass(self.request)()

    def response_class(self) -> type[Message]:
        return message_factory.GetMessageClass(self.response)


@dataclass(frozen=True)
class Surface:
    """Every method of every service, the routes to those with HTTP bindings, and comments by full name."""

    methods: Mapping[str, Method]
    routes: RouteTable[tuple[Method, Binding]]
    comments: Mapping[str, str]


def committed() -> bytes:
    """The descriptor set that lies beside the generated code."""
    return resources.files("whetstone").joinpath("descriptors.binpb").read_bytes()


def load(descriptor_set: bytes) -> Surface:
    """Builds the surface. Raises ValueError where two methods claim one route or a template is malformed."""
    files = descriptor_pb2.FileDescriptorSet.FromString(descriptor_set).file
    pool = DescriptorPool()
    methods: dict[str, Method] = {}
    comments: dict[str, str] = {}
    for file in files:
        pool.AddSerializedFile(file.SerializeToString())
        if file.package.startswith(PACKAGE):
            methods |= {method.full_name: method for method in _methods(file, pool)}
            comments |= _comments(file)
    routes: RouteTable[tuple[Method, Binding]] = RouteTable()
    for method in methods.values():
        for binding in method.bindings:
            routes.add(binding.verb, binding.template, (method, binding))
    return Surface(methods, routes, comments)


def _methods(file: descriptor_pb2.FileDescriptorProto, pool: DescriptorPool) -> Iterator[Method]:
    for service in file.service:
        for method in service.method:
            if method.client_streaming:
                continue  # HTTP/1.1 has no form for it; none is annotated
            yield Method(
                full_name=f"{file.package}.{service.name}.{method.name}",
                service=file.package.split(".")[1],
                request=pool.FindMessageTypeByName(method.input_type[1:]),
                response=pool.FindMessageTypeByName(method.output_type[1:]),
                streams=method.server_streaming,
                bindings=tuple(_bindings(method)),
                pool=pool,
            )


def _bindings(method: descriptor_pb2.MethodDescriptorProto) -> Iterator[Binding]:
    # The stubs do not know that the extension is of the options' type.
    extensions = cast(Any, method.options.Extensions)
    rule = extensions[annotations_pb2.http]
    for each in (rule, *rule.additional_bindings):
        pattern = each.WhichOneof("pattern")
        if pattern is None:
            continue
        verb, path = (each.custom.kind, each.custom.path) if pattern == "custom" else (pattern, getattr(each, pattern))
        yield Binding(verb.upper(), parse_template(path), each.body, each.response_body)


def _comments(file: descriptor_pb2.FileDescriptorProto) -> dict[str, str]:
    """Leading comments by full name of what they stand above."""
    names = dict(_names(file))
    found = {}
    for location in file.source_code_info.location:
        name, text = names.get(tuple(location.path)), location.leading_comments.strip()
        if name and text:
            found[name] = "\n".join(line.strip() for line in text.splitlines())
    return found


def _names(file: descriptor_pb2.FileDescriptorProto) -> Iterator[tuple[tuple[int, ...], str]]:
    for index, message in enumerate(file.message_type):
        yield from _message_names(message, (_FILE["message_type"], index), file.package)
    for index, enum in enumerate(file.enum_type):
        yield from _enum_names(enum, (_FILE["enum_type"], index), file.package)
    for index, service in enumerate(file.service):
        path, name = (_FILE["service"], index), f"{file.package}.{service.name}"
        yield path, name
        yield from (((*path, 2, number), f"{name}.{method.name}") for number, method in enumerate(service.method))


def _message_names(
    message: descriptor_pb2.DescriptorProto, path: tuple[int, ...], scope: str
) -> Iterator[tuple[tuple[int, ...], str]]:
    name = f"{scope}.{message.name}"
    yield path, name
    for index, each in enumerate(message.field):
        yield (*path, _MESSAGE["field"], index), f"{name}.{each.name}"
    for index, nested in enumerate(message.nested_type):
        yield from _message_names(nested, (*path, _MESSAGE["nested_type"], index), name)
    for index, enum in enumerate(message.enum_type):
        yield from _enum_names(enum, (*path, _MESSAGE["enum_type"], index), name)


def _enum_names(
    enum: descriptor_pb2.EnumDescriptorProto, path: tuple[int, ...], scope: str
) -> Iterator[tuple[tuple[int, ...], str]]:
    name = f"{scope}.{enum.name}"
    yield path, name
    # A value's full name is scoped like its enum in protobuf; under the enum's own name it can't clash.
    yield from (((*path, 2, index), f"{name}.{value.name}") for index, value in enumerate(enum.value))
