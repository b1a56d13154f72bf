"""Traces from the files that the embedded mode writes, one JSON object a span."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from services.pipelines.ports import Span


class TraceFiles:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def spans(self, trace_id: str) -> Sequence[Span]:
        found = [_span(record) for record in self._records(trace_id)] if trace_id else []
        return sorted(found, key=lambda span: span.start)

    def _records(self, trace_id: str) -> Iterator[dict[str, Any]]:
        for path in sorted(self._folder.glob("*.jsonl")):
            for line in path.read_text(encoding="utf-8").splitlines():
                # The last line of a file may be half written.
                if trace_id in line and line.endswith("}"):
                    yield json.loads(line)


def _span(record: dict[str, Any]) -> Span:
    return Span(
        record["span_id"],
        record["parent_id"],
        record["name"],
        record["service"],
        record["start"],
        record["end"],
        record["attributes"],
        record["status"],
    )
