"""Writes arguments into an HTTP request, as OpenAPI's `style` and `explode` say."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx

from services.tools.domain import Operation, Placement, Where
from services.tools.errors import ArgumentsInvalid

SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|", "tabDelimited": "\t"}
DOT_SEGMENTS = frozenset({"", ".", ".."})


@dataclass
class Parts:
    """A request in the making."""

    path: str
    query: list[tuple[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    has_body: bool = False


def build(base_url: str, operation: Operation, arguments: Mapping[str, Any]) -> httpx.Request:
    """The request without its credential. Raises ArgumentsInvalid where an argument can't be written safely."""
    parts = Parts(operation.path)
    for placement in operation.placements:
        if placement.argument in arguments and (value := arguments[placement.argument]) is not None:
            _place(parts, placement, value)
    if "{" in parts.path:
        raise ArgumentsInvalid(f"the path {parts.path} is not complete", path="")
    url = _url(base_url.rstrip("/") + parts.path, parts.query)
    return httpx.Request(operation.method, url, headers=parts.headers, **_content(parts, operation.body_media))


def _url(address: str, query: list[tuple[str, str]]) -> httpx.URL:
    try:
        return httpx.URL(address, params=query or None)
    except httpx.InvalidURL as error:
        raise ArgumentsInvalid(f"the arguments make no URL: {error}", path="") from error


def _place(parts: Parts, placement: Placement, value: Any) -> None:
    match placement.where:
        case Where.PATH:
            parts.path = parts.path.replace(f"{{{placement.name}}}", _segment(placement, value))
        case Where.QUERY:
            parts.query += _query(placement, value)
        case Where.HEADER:
            parts.headers[placement.name] = _header(placement, value)
        case Where.BODY:
            parts.body, parts.has_body = value, True


def _segment(placement: Placement, value: Any) -> str:
    text = _joined(placement, value, ",")
    if text in DOT_SEGMENTS:
        # An empty or dotted segment would be another path.
        raise ArgumentsInvalid(f"{text!r} can't be a path segment", path=f"/{placement.argument}")
    return quote(text, safe="")


def _header(placement: Placement, value: Any) -> str:
    text = _joined(placement, value, ",")
    if not (text.isascii() and text.isprintable()):
        raise ArgumentsInvalid("a header takes printable ASCII only", path=f"/{placement.argument}")
    return text


def _query(placement: Placement, value: Any) -> list[tuple[str, str]]:
    name, style = placement.name, placement.style
    if style == "json":
        return [(name, json.dumps(value))]
    if isinstance(value, Mapping) and style == "deepObject":
        return [(f"{name}[{key}]", text(item)) for key, item in value.items()]
    if isinstance(value, Mapping) and placement.explode:
        return [(key, text(item)) for key, item in value.items()]
    if isinstance(value, list) and placement.explode:
        return [(name, text(item)) for item in value]
    return [(name, _joined(placement, value, SEPARATORS.get(style, ",")))]


def _joined(placement: Placement, value: Any, separator: str) -> str:
    if isinstance(value, list):
        return separator.join(text(item) for item in value)
    if isinstance(value, Mapping):
        mark = "=" if placement.explode else separator
        return separator.join(f"{key}{mark}{text(item)}" for key, item in value.items())
    return text(value)


def text(value: Any) -> str:
    """A JSON value as it stands in a URL or form: `true`, `5`, `a`."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, separators=(",", ":"))


def _content(parts: Parts, media: str) -> dict[str, Any]:
    if not parts.has_body:
        return {}
    kind = media.split(";")[0].strip().lower()
    if kind == "application/json" or kind.endswith("+json"):
        parts.headers["Content-Type"] = media
        return {"content": json.dumps(parts.body, ensure_ascii=False, allow_nan=False).encode()}
    if kind == "application/x-www-form-urlencoded":
        return {"data": _form(parts.body)}
    if kind == "multipart/form-data":
        return {"files": [(key, (None, value)) for key, value in _form(parts.body).items()]}
    parts.headers["Content-Type"] = media
    return {"content": text(parts.body).encode()}


def _form(body: Any) -> dict[str, str]:
    if not isinstance(body, Mapping):
        raise ArgumentsInvalid("a form takes an object", path="/body")
    return {key: text(value) for key, value in body.items() if value is not None}
