"""Spans reach the trace file with their parents, across stored trace contexts."""

import json

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from services.chassis import telemetry


@pytest.fixture
def spans(tmp_path, monkeypatch):
    path = tmp_path / "traces.jsonl"
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(telemetry.FileSpanExporter(path, "example")))
    monkeypatch.setattr(trace, "get_tracer", lambda name: provider.get_tracer(name))
    return lambda: [json.loads(line) for line in path.read_text().splitlines()]


def test_work_that_goes_on_later_belongs_to_the_trace_that_asked_for_it(spans):
    with telemetry.span("asked"):
        kept = telemetry.traceparent()
    with telemetry.span("done later", kept, job="j1"):
        pass
    asked, done = spans()
    assert done["parent_id"] == asked["span_id"]
    assert done["trace_id"] == asked["trace_id"]
    assert done["attributes"] == {"job": "j1"}


def test_a_failed_span_says_so_with_its_reason(spans):
    with telemetry.span("work") as current:
        telemetry.mark_failed(current, "TOO_LARGE")
    assert spans()[0]["status"] == "ERROR"
    assert spans()[0]["attributes"]["error.type"] == "TOO_LARGE"


def test_outside_a_span_there_is_no_trace_context():
    assert telemetry.traceparent() == ""
    assert telemetry.trace_id() == ""
