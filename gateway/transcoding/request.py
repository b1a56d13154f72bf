"""From the parts of an HTTP request to a request message: path variables, query parameters, body.

The mapping is that of google/api/http.proto; the JSON is proto JSON. What no field takes is refused by name, so that a
misspelt option is never silently without effect.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from gateway.errors import BodyUnexpected, FieldConflict, FieldInvalid, FieldUnknown, JsonInvalid
from gateway.transcoding.surface import Binding, Method

# Messages whose JSON form is one string.
_TEXT_TYPES = {"google.protobuf.Timestamp", "google.protobuf.Duration", "google.protobuf.FieldMask"}
# Messages whose JSON form is free, so that any key is known.
_FREE_TYPES = {"google.protobuf.Struct", "google.protobuf.Value", "google.protobuf.ListValue", "google.protobuf.Any"}
Query = Sequence[tuple[str, str]]


def parse_json(data: bytes) -> Any:
    """Raises JsonInvalid also for what the standard forbids: NaN, two equal keys, bytes that are not UTF-8."""
    try:
        return json.loads(data.decode("utf-8"), parse_constant=_refuse_constant, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise JsonInvalid(f"the body is not valid JSON: {error}") from error


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON value; proto JSON writes it as a string")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for index, (key, _) in enumerate(pairs) if key in dict(pairs[:index]))
        raise ValueError(f"the key {twice!r} stands twice")
    return found


def from_json(
    method: Method, binding: Binding, variables: Mapping[str, str], query: Query, body: Any | None
) -> Message:
    """The request message of a call with a JSON body; `body` None means that there is none.

    Raises FieldUnknown, FieldInvalid, FieldConflict, BodyUnexpected or JsonInvalid.
    """
    message = method.new_request()
    if body is not None:
        if not binding.body:
            raise BodyUnexpected(f"{binding.verb} {binding.template} takes no body")
        given = body if binding.body == "*" else {binding.body: body}
        _merge(method, message, given)
    taken = {binding.body, *variables}
    _merge(method, message, _from_query(method.request, query, taken))
    bind_path(method, message, variables)
    return message


def from_upload(
    method: Method, variables: Mapping[str, str], fields: Query, content: bytes, filename: str = ""
) -> Message:
    """The request message of a call whose body is a file; `fields` are form fields and query parameters."""
    message = method.new_request()
    taken = {method.bytes_field, *variables}
    _merge(method, message, _from_query(method.request, fields, taken))
    setattr(message, method.bytes_field, content)
    if filename and "filename" in method.request.fields_by_name and "filename" not in dict(fields):
        _merge(method, message, {"filename": filename})
    bind_path(method, message, variables)
    return message


def bind_path(method: Method, message: Message, variables: Mapping[str, str]) -> None:
    """Sets the fields that the path names. Raises FieldConflict where the body says otherwise."""
    for dotted, value in variables.items():
        *above, last = dotted.split(".")
        owner = message
        for name in above:
            owner = getattr(owner, name)
        given = getattr(owner, last)
        if given and str(given) != value:
            raise FieldConflict(f"the body's {dotted} is {given!r}, the path's is {value!r}", field=dotted)
        _merge(method, message, _nested(dotted.split("."), value))


def _merge(method: Method, message: Message, given: Any) -> None:
    if not isinstance(given, dict):
        raise JsonInvalid(f"the body must be a JSON object, not {type(given).__name__}")
    if unknown := unknown_field(given, method.request):
        raise FieldUnknown(f"{method.request.name} has no field {unknown}", field=unknown)
    try:
        json_format.ParseDict(given, message, descriptor_pool=method.pool)
    except json_format.ParseError as error:
        raise FieldInvalid(str(error)) from error


def unknown_field(given: Any, descriptor: Descriptor, above: str = "") -> str:
    """The dotted path of the first key that no field has, or an empty string."""
    if descriptor.full_name in _TEXT_TYPES | _FREE_TYPES or not isinstance(given, dict):
        return ""
    known = {name: field for field in descriptor.fields for name in (field.name, field.json_name)}
    for key, value in given.items():
        path = f"{above}{key}"
        if key not in known:
            return path
        if found := _unknown_within(value, known[key], path):
            return found
    return ""


def _unknown_within(value: Any, field: FieldDescriptor, path: str) -> str:
    kind, items = field.message_type, {path: value}
    if kind is not None and kind.GetOptions().map_entry:
        kind = kind.fields_by_name["value"].message_type
        items = {f"{path}.{key}": item for key, item in value.items()} if isinstance(value, dict) else {}
    elif isinstance(value, list):
        items = {f"{path}[{index}]": item for index, item in enumerate(value)}
    if kind is None:
        return ""
    return next((found for place, item in items.items() if (found := unknown_field(item, kind, f"{place}."))), "")


def _from_query(descriptor: Descriptor, query: Query, taken: set[str]) -> dict[str, Any]:
    """Query parameters as a JSON object. Names are dotted, in either spelling of proto JSON."""
    result: dict[str, Any] = {}
    for parameter, text in query:
        fields = _resolve(descriptor, parameter)
        dotted = ".".join(field.name for field in fields)
        if "*" in taken or fields[0].name in taken or dotted in taken:
            raise FieldConflict(f"{parameter} is set by the path or the body", field=parameter)
        owner = result
        for field in fields[:-1]:
            owner = owner.setdefault(field.name, {})
        leaf = fields[-1]
        if leaf.is_repeated:
            owner.setdefault(leaf.name, []).append(_scalar(leaf, parameter, text))
        elif leaf.name in owner:
            raise FieldConflict(f"{parameter} is given twice", field=parameter)
        else:
            owner[leaf.name] = _scalar(leaf, parameter, text)
    return result


def _resolve(descriptor: Descriptor, parameter: str) -> list[FieldDescriptor]:
    fields: list[FieldDescriptor] = []
    kind: Descriptor | None = descriptor
    for name in parameter.split("."):
        found = None
        if kind is not None and kind.full_name not in _TEXT_TYPES and not (fields and fields[-1].is_repeated):
            found = next((f for f in kind.fields if name in (f.name, f.json_name)), None)
        if found is None:
            raise FieldUnknown(f"{descriptor.name} has no field {parameter}", field=parameter)
        fields.append(found)
        kind = found.message_type
    return fields


def _scalar(field: FieldDescriptor, parameter: str, text: str) -> Any:
    if field.message_type is not None and field.message_type.full_name not in _TEXT_TYPES:
        raise FieldInvalid(f"{parameter} can't be a query parameter", field=parameter)
    if field.type != FieldDescriptor.TYPE_BOOL:
        return text
    if text not in ("true", "false"):
        raise FieldInvalid(f"{parameter} must be true or false", field=parameter)
    return text == "true"


def _nested(path: Sequence[str], value: Any) -> dict[str, Any]:
    return {path[0]: _nested(path[1:], value) if len(path) > 1 else value}
