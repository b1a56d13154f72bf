"""OpenAPI schemas as JSON Schema 2020-12.

A referred schema becomes an entry of `$defs`, so that recursive schemas stay exact and finite. What lies beyond the
budget becomes an open schema: validation gets looser there, never stricter than the document. Keywords that are not
well-formed are left out for the same reason.
"""

import math
import re
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from services.tools.adapters.openapi.document import Document

MAX_NODES = 1500
# A protobuf Struct is read up to 100 messages deep; a level of schema takes about six.
MAX_DEPTH = 12
MAX_VALUE_DEPTH = 4
MAX_TEXT = 500
TYPES = frozenset({"string", "number", "integer", "boolean", "array", "object", "null"})

Json = dict[str, Any]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_pattern(value: Any) -> bool:
    try:
        re.compile(value)
    except (re.error, TypeError, RecursionError, OverflowError):
        return False
    return True


def _is_json(value: Any, depth: int = 0) -> bool:
    if isinstance(value, Mapping):
        return depth < MAX_VALUE_DEPTH and all(isinstance(k, str) and _is_json(v, depth + 1) for k, v in value.items())
    if isinstance(value, list):
        return depth < MAX_VALUE_DEPTH and all(_is_json(item, depth + 1) for item in value)
    return value is None or isinstance(value, str | bool) or _is_number(value)


def _is_enum(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and _is_json(value)


PLAIN: Mapping[str, Callable[[Any], bool]] = {
    "title": lambda v: isinstance(v, str),
    "format": lambda v: isinstance(v, str),
    "pattern": _is_pattern,
    "minimum": _is_number,
    "maximum": _is_number,
    "multipleOf": lambda v: _is_number(v) and v > 0,
    "minLength": _is_size,
    "maxLength": _is_size,
    "minItems": _is_size,
    "maxItems": _is_size,
    "minProperties": _is_size,
    "maxProperties": _is_size,
    "uniqueItems": lambda v: isinstance(v, bool),
    "default": _is_json,
    "const": _is_json,
    "enum": _is_enum,
}
ONE = ("items", "not", "propertyNames", "contains", "if", "then", "else", "additionalProperties")
MANY = ("allOf", "anyOf", "oneOf", "prefixItems")
MAPS = ("properties", "patternProperties")


class Schemas:
    """Converts the schemas of one operation and collects what they refer to."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._names: dict[str, str] = {}
        self._queue: deque[str] = deque()
        self._left = MAX_NODES

    def convert(self, node: Any) -> Json:
        return self._schema(node, 0)

    def definitions(self) -> Json:
        """The `$defs` that the converted schemas need, nearest first until the budget is used up."""
        found: Json = {}
        while self._queue:
            reference = self._queue.popleft()
            found[self._names[reference]] = self._schema(self._document.resolve(self._document.at(reference)), 0)
        return found

    def _schema(self, node: Any, depth: int) -> Json:
        self._left -= 1
        if not isinstance(node, Mapping) or self._left < 0 or depth > MAX_DEPTH:
            return {}
        if isinstance(node.get("$ref"), str):
            return self._reference(node, depth)
        return self._nullable(node, self._keywords(node, depth))

    def _reference(self, node: Mapping[str, Any], depth: int) -> Json:
        reference = node["$ref"]
        pointed = {"$ref": f"#/$defs/{self._name(reference)}"}
        # Until 3.0 nothing beside a $ref counts.
        beside = {} if self._document.version < (3, 1) else {k: v for k, v in node.items() if k != "$ref"}
        return pointed | self._keywords(beside, depth)

    def _name(self, reference: str) -> str:
        if reference not in self._names:
            base = re.sub(r"[^A-Za-z0-9_.-]", "_", reference.rsplit("/", 1)[-1]) or "schema"
            taken = set(self._names.values())
            self._names[reference] = base if base not in taken else f"{base}_{len(taken)}"
            self._queue.append(reference)
        return self._names[reference]

    def _keywords(self, node: Mapping[str, Any], depth: int) -> Json:
        out: Json = {key: node[key] for key, is_valid in PLAIN.items() if key in node and is_valid(node[key])}
        if kinds := _types(node.get("type")):
            out["type"] = kinds
        if isinstance(node.get("description"), str):
            out["description"] = node["description"][:MAX_TEXT]
        out |= _exclusive(node)
        for key in ONE:
            if key in node:
                value = node[key]
                out[key] = value if isinstance(value, bool) else self._schema(value, depth + 1)
        for key in MANY:
            if isinstance(node.get(key), list) and node[key]:
                out[key] = [self._schema(item, depth + 1) for item in node[key]]
        return out | self._properties(node, depth)

    def _properties(self, node: Mapping[str, Any], depth: int) -> Json:
        # A read-only property is the server's to set: neither offered nor demanded in a request.
        hidden = self._read_only(node, 0)
        out: Json = {}
        for key in MAPS:
            if isinstance(node.get(key), Mapping):
                kept = {str(name): sub for name, sub in node[key].items() if name not in hidden}
                out[key] = {
                    n: self._schema(s, depth + 1)
                    for n, s in kept.items()
                    if key != "patternProperties" or _is_pattern(n)
                }
        required = node.get("required")
        if isinstance(required, list):
            texts = (name for name in required if isinstance(name, str))
            names = [name for name in dict.fromkeys(texts) if name not in hidden]
            out |= {"required": names} if names else {}
        return out

    def _read_only(self, node: Any, depth: int) -> set[str]:
        node = self._document.resolve(node)
        if not isinstance(node, Mapping) or depth > 8:
            return set()
        properties = node.get("properties")
        own = properties.items() if isinstance(properties, Mapping) else ()
        found = {str(name) for name, sub in own if isinstance(sub, Mapping) and sub.get("readOnly") is True}
        parts = node.get("allOf")
        for part in parts if isinstance(parts, list) else ():
            found |= self._read_only(part, depth + 1)
        return found

    def _nullable(self, node: Mapping[str, Any], out: Json) -> Json:
        # 3.0's `nullable`; 3.1 writes a type "null".
        if node.get("nullable") is not True and node.get("x-nullable") is not True:
            return out
        if "type" not in out and not ({"allOf", "anyOf", "oneOf", "enum"} & out.keys()):
            return out
        return {"anyOf": [out, {"type": "null"}]}


def _types(value: Any) -> Any:
    if value == "file":
        return "string"
    if isinstance(value, list):
        return list(dict.fromkeys(kind for kind in value if isinstance(kind, str) and kind in TYPES))
    return value if isinstance(value, str) and value in TYPES else None


def _exclusive(node: Mapping[str, Any]) -> Json:
    """3.1 states an exclusive bound as a number, 3.0 as a flag beside the bound."""
    out: Json = {}
    for key, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        value = node.get(key)
        if _is_number(value):
            out[key] = value
        elif value is True and _is_number(node.get(bound)):
            out[key] = node[bound]
    return out
