"""Spans of a job, continuing its caller's trace, as JSON lines in the file that WHETSTONE_TRACE_FILE names."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

SERVICE = "training-job"
TRACE_FILE = "WHETSTONE_TRACE_FILE"


class LinesExporter(SpanExporter):
    """Appends one JSON object a span; times in Unix nanoseconds."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        with self._path.open("a") as f:
            f.writelines(json.dumps(_line(span)) + "\n" for span in spans)
        return SpanExportResult.SUCCESS


def _line(span: ReadableSpan) -> dict[str, object]:
    context = span.get_span_context()
    if context is None:
        raise ValueError("a finished span has a context")
    return {
        "trace_id": trace.format_trace_id(context.trace_id),
        "span_id": trace.format_span_id(context.span_id),
        "parent_id": trace.format_span_id(span.parent.span_id) if span.parent else "",
        "name": span.name,
        "service": SERVICE,
        "start": span.start_time,
        "end": span.end_time,
        "attributes": {key: str(value) for key, value in (span.attributes or {}).items()},
        "status": span.status.status_code.name,
    }


def start() -> None:
    """Sets this process up to export spans, if WHETSTONE_TRACE_FILE is set."""
    if path := os.environ.get(TRACE_FILE):
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(LinesExporter(Path(path))))
        trace.set_tracer_provider(provider)


@contextlib.contextmanager
def span(name: str, traceparent: str = "", **attributes: str | int | float) -> Iterator[trace.Span]:
    """A span inside the current one, or inside `traceparent` where given; an exception marks it as failed."""
    parent = TraceContextTextMapPropagator().extract({"traceparent": traceparent}) if traceparent else None
    with trace.get_tracer("training").start_as_current_span(name, context=parent, attributes=attributes) as current:
        yield current


def traceparent() -> str:
    """The current span as W3C trace context, or "" where nothing is traced."""
    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get("traceparent", "")
