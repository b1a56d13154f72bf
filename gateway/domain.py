"""Path templates of `google.api.http` and the table that finds the one a path fits.

The grammar is that of google/api/http.proto: `/v1/{name=projects/*/documents/*}:withdraw`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import quote, unquote

_TEMPLATE = re.compile(r"(?P<path>/.*?)(?::(?P<verb>[A-Za-z]\w*))?")
_PART = re.compile(r"\{(?P<field>[a-z_][\w.]*)(?:=(?P<inner>[^{}]+))?\}|(?P<plain>[^/{}]+)")
ONE, REST = "*", "**"
T = TypeVar("T")


@dataclass(frozen=True)
class Variable:
    """A request field, dotted where nested, and the segments that it spans; `end` None means up to the last."""

    field: str
    start: int
    end: int | None

    def value(self, segments: tuple[str, ...]) -> str:
        return "/".join(segments[self.start : self.end])


@dataclass(frozen=True)
class PathTemplate:
    """Segments are literals, `*` for any one segment or, at the end only, `**` for the rest."""

    segments: tuple[str, ...]
    variables: tuple[Variable, ...]
    verb: str = ""

    def __str__(self) -> str:
        shown, index = [], 0
        while index < len(self.segments):
            variable = next((v for v in self.variables if v.start == index), None)
            end = (variable.end or len(self.segments)) if variable else index + 1
            inner = "/".join(self.segments[index:end])
            shown.append(f"{{{variable.field}={inner}}}" if variable else inner)
            index = end
        return "/" + "/".join(shown) + (f":{self.verb}" if self.verb else "")

    def values(self, segments: tuple[str, ...]) -> dict[str, str]:
        """What a path that fits sets, by field."""
        return {variable.field: variable.value(segments) for variable in self.variables}

    def expand(self, values: Mapping[str, str]) -> str:
        """The path for these fields. Raises KeyError where one is missing, ValueError where one does not fit."""
        segments = list(self.segments)
        for variable in reversed(self.variables):
            segments[variable.start : variable.end] = values[variable.field].split("/")
        found = tuple(segments)
        if not self.fits(found):
            raise ValueError(f"{dict(values)} does not fit {self}")
        return "/" + "/".join(quote(segment, safe="-._~") for segment in found) + (f":{self.verb}" if self.verb else "")

    def fits(self, segments: tuple[str, ...]) -> bool:
        head = self.segments[:-1] if self.segments[-1] == REST else self.segments
        if len(segments) < len(head) or (len(segments) > len(head) and self.segments[-1] != REST):
            return False
        return all(given != "" and wanted in (ONE, given) for given, wanted in zip(segments, head, strict=False))


def parse_template(text: str) -> PathTemplate:
    """Reads a template. Raises ValueError where it is malformed."""
    whole = _TEMPLATE.fullmatch(text)
    if whole is None:
        raise ValueError(f"not a path template: {text!r}")
    segments: list[str] = []
    variables: list[Variable] = []
    for part in _parts(whole["path"]):
        start = len(segments)
        segments += (part["plain"] or part["inner"] or ONE).split("/")
        if part["field"]:
            variables.append(Variable(part["field"], start, None if segments[-1] == REST else len(segments)))
    if "" in segments or REST in segments[:-1]:
        raise ValueError(f"not a path template: {text!r}")
    return PathTemplate(tuple(segments), tuple(variables), whole["verb"] or "")


def _parts(path: str) -> Iterator[re.Match[str]]:
    position = 0
    while position < len(path):
        part = _PART.match(path, position + 1)
        if path[position] != "/" or part is None:
            raise ValueError(f"not a path template: {path!r}")
        yield part
        position = part.end()


class PathMalformed(ValueError):
    """A segment that no resource name can have: an escaped slash would make one name look like another."""


def split_path(raw: str) -> tuple[str, ...]:
    """The decoded segments of a path as it came, still percent-encoded. Raises PathMalformed."""
    segments = tuple(unquote(segment, errors="strict") for segment in raw.removeprefix("/").split("/"))
    for segment in segments:
        if "/" in segment or segment in (".", "..") or any(ord(character) < 32 for character in segment):
            raise PathMalformed(f"the path segment {segment!r} can't be part of a resource name")
    return segments


@dataclass(frozen=True)
class Found(Generic[T]):
    """The targets of a path by HTTP method, and the segments that fitted."""

    targets: Mapping[str, tuple[PathTemplate, T]]
    segments: tuple[str, ...]

    def variables(self, method: str) -> dict[str, str]:
        return self.targets[method][0].values(self.segments)


@dataclass
class _Node(Generic[T]):
    below: dict[str, "_Node[T]"] = field(default_factory=dict)
    leaves: dict[str, dict[str, tuple[PathTemplate, T]]] = field(default_factory=dict)
    """By verb, then by HTTP method."""


class RouteTable(Generic[T]):
    """Targets by path template and HTTP method; a literal segment goes before `*`, and `*` before `**`."""

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()

    def add(self, method: str, template: PathTemplate, target: T) -> None:
        """Raises ValueError where another target has the same method and path."""
        node = self._root
        for segment in template.segments:
            node = node.below.setdefault(segment, _Node())
        methods = node.leaves.setdefault(template.verb, {})
        if method in methods:
            raise ValueError(f"{method} {template} and {methods[method][0]} are one route")
        methods[method] = (template, target)

    def find(self, method: str, raw_path: str) -> Found[T] | None:
        """The targets of a path; those with `method` where there are any, so that a 405 can name the others.

        A literal colon in the last segment starts a verb; where no route has that verb, it is part of the segment.
        Raises PathMalformed.
        """
        head, colon, verb = raw_path.rpartition(":")
        readings = [(split_path(head), verb)] if colon and "/" not in verb else []
        readings.append((split_path(raw_path), ""))
        found = [(leaf, segments) for segments, verb in readings for leaf in self._leaves(self._root, segments, verb)]
        found.sort(key=lambda each: method not in each[0])
        return Found(*found[0]) if found else None

    def _leaves(
        self, node: _Node[T], segments: tuple[str, ...], verb: str
    ) -> Iterator[dict[str, tuple[PathTemplate, T]]]:
        if not segments:
            if verb in node.leaves:
                yield node.leaves[verb]
            return
        for key in (segments[0], ONE):
            if segments[0] and key in node.below:
                yield from self._leaves(node.below[key], segments[1:], verb)
        if REST in node.below and verb in node.below[REST].leaves:
            yield node.below[REST].leaves[verb]
