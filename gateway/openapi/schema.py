"""JSON schemas (2020-12, as OpenAPI 3.1 takes them) of messages in their proto JSON form."""

from collections.abc import Collection, Mapping
from typing import Any, cast

from google.api import field_behavior_pb2
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

Json = dict[str, Any]
_INT64 = {"type": "string", "format": "int64"}
_INT32 = {"type": "integer", "format": "int32"}
_KINDS: Mapping[int, Json] = {
    FieldDescriptor.TYPE_DOUBLE: {"type": "number", "format": "double"},
    FieldDescriptor.TYPE_FLOAT: {"type": "number", "format": "float"},
    FieldDescriptor.TYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.TYPE_STRING: {"type": "string"},
    FieldDescriptor.TYPE_BYTES: {"type": "string", "contentEncoding": "base64"},
    FieldDescriptor.TYPE_INT32: _INT32,
    FieldDescriptor.TYPE_SINT32: _INT32,
    FieldDescriptor.TYPE_SFIXED32: _INT32,
    FieldDescriptor.TYPE_UINT32: {"type": "integer", "minimum": 0},
    FieldDescriptor.TYPE_FIXED32: {"type": "integer", "minimum": 0},
    FieldDescriptor.TYPE_INT64: _INT64,
    FieldDescriptor.TYPE_SINT64: _INT64,
    FieldDescriptor.TYPE_SFIXED64: _INT64,
    FieldDescriptor.TYPE_UINT64: {"type": "string", "format": "uint64"},
    FieldDescriptor.TYPE_FIXED64: {"type": "string", "format": "uint64"},
}
# Messages that proto JSON writes in a form of their own.
_WELL_KNOWN: Mapping[str, Json] = {
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    "google.protobuf.Duration": {"type": "string", "pattern": r"^-?\d+(\.\d{1,9})?s$"},
    "google.protobuf.FieldMask": {"type": "string"},
    "google.protobuf.Struct": {"type": "object"},
    "google.protobuf.ListValue": {"type": "array"},
    "google.protobuf.Value": {},
    "google.protobuf.Empty": {"type": "object"},
    "google.protobuf.Any": {"type": "object"},
}
_TEXT = ("google.protobuf.Timestamp", "google.protobuf.Duration", "google.protobuf.FieldMask")


class Schemas:
    """Collects the schema of every message that is referred to."""

    def __init__(self, comments: Mapping[str, str]) -> None:
        self._comments = comments
        self._components: dict[str, Json] = {}

    def components(self) -> dict[str, Json]:
        return dict(sorted(self._components.items()))

    def words(self, full_name: str) -> str:
        return self._comments.get(full_name, "")

    def is_scalar(self, field: FieldDescriptor) -> bool:
        """Whether the field can be a query parameter."""
        return field.message_type is None or field.message_type.full_name in _TEXT

    def is_required(self, field: FieldDescriptor) -> bool:
        # The stubs do not know that the extension is of the options' type.
        behaviour = cast(Any, field.GetOptions().Extensions)[field_behavior_pb2.field_behavior]
        return field_behavior_pb2.REQUIRED in behaviour

    def field(self, field: FieldDescriptor) -> Json:
        """Schema of a field, with its comment where that does not have to stand beside a reference."""
        kind = field.message_type
        if kind is not None and kind.GetOptions().map_entry:
            return {"type": "object", "additionalProperties": self.field(kind.fields_by_name["value"])}
        one = self._one(field)
        return {"type": "array", "items": one} if field.is_repeated else one

    def _one(self, field: FieldDescriptor) -> Json:
        if field.message_type is not None:
            return self.reference(field.message_type)
        if field.enum_type is not None:
            return self._enum(field.enum_type)
        return dict(_KINDS[field.type])

    def _enum(self, enum: EnumDescriptor) -> Json:
        told = [f"{v.name}: {w}" for v in enum.values if (w := self.words(f"{enum.full_name}.{v.name}"))]
        schema: Json = {"type": "string", "enum": [value.name for value in enum.values]}
        return schema | ({"description": "\n".join(told)} if told else {})

    def reference(self, message: Descriptor) -> Json:
        """A reference to a message's schema, which becomes a component."""
        if message.full_name in _WELL_KNOWN:
            return dict(_WELL_KNOWN[message.full_name])
        name = message.full_name.removeprefix("whetstone.")
        if name not in self._components:
            self._components[name] = {}  # first, so that a message may hold itself
            self._components[name] = self.message(message)
        return {"$ref": f"#/components/schemas/{name}"}

    def message(self, message: Descriptor, without: Collection[str] = ()) -> Json:
        """Schema of a message without some of its fields."""
        fields = [field for field in message.fields if field.name not in without]
        schema: Json = {
            "type": "object",
            "properties": {field.json_name: self._described(field) for field in fields},
        }
        if words := self.words(message.full_name):
            schema["description"] = words
        if required := [field.json_name for field in fields if self.is_required(field)]:
            schema["required"] = required
        return schema

    def _described(self, field: FieldDescriptor) -> Json:
        schema, words = self.field(field), self.words(field.full_name)
        if not words:
            return schema
        return schema | {"description": "\n".join(filter(None, (words, schema.get("description", ""))))}
