"""What the pipelines service needs of the outside."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Span:
    """A span of a trace; times in Unix nanoseconds."""

    span_id: str
    parent_id: str
    name: str
    service: str
    start: int
    end: int
    attributes: dict[str, str] = field(default_factory=dict)
    status: str = ""


class Traces(Protocol):
    def spans(self, trace_id: str) -> Sequence[Span]:
        """Every span of a trace that is known now, by start time."""
        ...


class Findings(Protocol):
    def open_conflicts(self, project: str) -> int:
        """How many contradictions of a project are not settled."""
        ...
