"""Traces and structured logs. One trace runs through calls, events and jobs, by W3C trace context."""

import json
import logging
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    SimpleSpanProcessor,
    SpanExporter,
    SpanExportResult,
)
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_PROPAGATOR = TraceContextTextMapPropagator()
_RESERVED = set(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class FileSpanExporter(SpanExporter):
    """Appends each span as a JSON line, at once, so that a killed process loses no finished span."""

    def __init__(self, path: Path, service: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8", buffering=1)
        self._service = service
        self._lock = threading.Lock()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        lines = "".join(json.dumps(span_record(span, self._service)) + "\n" for span in spans)
        with self._lock:
            self._file.write(lines)
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        with self._lock:
            self._file.close()


def span_record(span: ReadableSpan, service: str) -> dict[str, Any]:
    """A span as the JSON object that trace files hold; times in Unix nanoseconds."""
    identity = span.get_span_context()
    if identity is None:
        raise ValueError("a finished span has a context")
    return {
        "trace_id": trace.format_trace_id(identity.trace_id),
        "span_id": trace.format_span_id(identity.span_id),
        "parent_id": trace.format_span_id(span.parent.span_id) if span.parent else "",
        "name": span.name,
        "service": service,
        "start": span.start_time,
        "end": span.end_time,
        "attributes": {key: str(value) for key, value in (span.attributes or {}).items()},
        "status": span.status.status_code.name,
    }


class JsonFormatter(logging.Formatter):
    """One JSON object a line, with the trace that the line belongs to."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        identity = trace.get_current_span().get_span_context()
        line: dict[str, Any] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
            "level": record.levelname,
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {key: value for key, value in vars(record).items() if key not in _RESERVED}
        if identity.is_valid:
            line["trace_id"] = trace.format_trace_id(identity.trace_id)
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def start(service: str, *, state_dir: Path, otlp_endpoint: str = "", log_level: str = "INFO") -> None:
    """Sets up this process's logs and traces. Call it once, at start."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(service))
    logging.basicConfig(level=log_level, handlers=[handler], force=True)
    # Noisy libraries say at INFO what is ours to say.
    for name in ("alembic", "httpx", "httpcore", "kafka"):
        logging.getLogger(name).setLevel(logging.WARNING)
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    if otlp_endpoint:
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=otlp_endpoint, insecure=True)))
    else:
        path = state_dir / "traces" / f"{service}-{os.getpid()}.jsonl"
        provider.add_span_processor(SimpleSpanProcessor(FileSpanExporter(path, service)))
    trace.set_tracer_provider(provider)


def traceparent() -> str:
    """The current W3C `traceparent`, or an empty string outside a span. Store it with work that goes on later."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier.get("traceparent", "")


def trace_id() -> str:
    """The current trace id in hexadecimal, or an empty string."""
    identity = trace.get_current_span().get_span_context()
    return trace.format_trace_id(identity.trace_id) if identity.is_valid else ""


@contextmanager
def span(
    name: str, parent: str = "", kind: SpanKind = SpanKind.INTERNAL, **attributes: str | int | float
) -> Iterator[Span]:
    """A span around the work inside; `parent` is a stored `traceparent` where the work goes on from elsewhere."""
    context = _PROPAGATOR.extract({"traceparent": parent}) if parent else otel_context.get_current()
    with trace.get_tracer("whetstone").start_as_current_span(name, context=context, kind=kind) as current:
        current.set_attributes({key.replace("__", "."): value for key, value in attributes.items()})
        yield current


def mark_failed(current: Span, reason: str) -> None:
    current.set_attribute("error.type", reason)
    current.set_status(Status(StatusCode.ERROR, reason))
