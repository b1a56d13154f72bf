"""An API document as parsed, and what its `$ref`s point to."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import yaml

from services.tools.errors import OpenApiInvalid

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 100
MAX_REF_HOPS = 32
_TIMESTAMP = "tag:yaml.org,2002:timestamp"


class _Loader(yaml.CSafeLoader):
    """YAML as JSON sees it: a date stays the string that was written."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True)
class Document:
    """`version` is (2, 0), (3, 0) or (3, 1)."""

    root: Mapping[str, Any]
    version: tuple[int, int]

    def resolve(self, node: Any) -> Any:
        """The node, or what its chain of references ends at. Raises OpenApiInvalid where it ends nowhere."""
        for _ in range(MAX_REF_HOPS):
            if not (isinstance(node, Mapping) and isinstance(node.get("$ref"), str)):
                return node
            node = self.at(node["$ref"])
        raise OpenApiInvalid("a chain of $ref does not end")

    def at(self, reference: str) -> Any:
        """What a local JSON pointer (RFC 6901) points to. Other documents are never fetched."""
        if not reference.startswith("#"):
            raise OpenApiInvalid(f"$ref {reference!r} leaves the document", ref=reference)
        node: Any = self.root
        for token in unquote(reference[1:]).split("/")[1:]:
            node = _child(node, token.replace("~1", "/").replace("~0", "~"))
            if node is None:
                raise OpenApiInvalid(f"$ref {reference!r} points to nothing", ref=reference)
        return node


def _child(node: Any, token: str) -> Any:
    if isinstance(node, Mapping):
        return node.get(token)
    if isinstance(node, list) and token.isdigit() and int(token) < len(node):
        return node[int(token)]
    return None


def parse(data: bytes) -> Document:
    """Raises OpenApiInvalid, saying what is wrong."""
    if len(data) > MAX_BYTES:
        raise OpenApiInvalid(f"the document has {len(data)} bytes; the limit is {MAX_BYTES}")
    root = _json(data) if data.lstrip()[:1] == b"{" else _yaml(data)
    if not isinstance(root, Mapping) or not isinstance(root.get("paths"), Mapping):
        raise OpenApiInvalid("the document has no object `paths`")
    return Document(root, _version(root))


def _version(root: Mapping[str, Any]) -> tuple[int, int]:
    stated = str(root.get("openapi") or root.get("swagger") or "")
    match = re.match(r"(2)\.(0)|(3)\.([01])(\.|$)", stated)
    if not match:
        raise OpenApiInvalid(f"version {stated!r} is none of Swagger 2.0, OpenAPI 3.0 and 3.1")
    return (2, 0) if match[1] else (3, int(match[4]))


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise OpenApiInvalid(f"the document is not JSON: {error}") from error


def _yaml(data: bytes) -> Any:
    try:
        _check_depth(data)
        return yaml.load(data, Loader=_Loader)  # noqa: S506 - a subclass of the safe loader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise OpenApiInvalid(f"the document is not YAML: {error}") from error


def _check_depth(data: bytes) -> None:
    # The loader recurses in C, where depth can't be caught; its event parser does not.
    depth = 0
    for event in yaml.parse(data, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise OpenApiInvalid(f"the document is nested deeper than {MAX_DEPTH}")
