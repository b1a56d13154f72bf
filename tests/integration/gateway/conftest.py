import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from gateway.bootstrap import bootstrap
from gateway.settings import GatewaySettings
from services.chassis.testing import settings
from tests.integration.gateway.serving import TOKEN, WORDS, FakeRuntime, FakeServices, http_served


@dataclass
class Stage:
    """A running gateway with what stands behind it; `http` sends the token."""

    url: str
    http: httpx.Client
    services: FakeServices
    runtime: FakeRuntime
    spans: InMemorySpanExporter

    def span(self, name: str) -> ReadableSpan:
        """The finished span of that name; one ends a little after its answer is out."""
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            if found := [span for span in self.spans.get_finished_spans() if span.name == name]:
                return found[0]
            time.sleep(0.005)
        raise AssertionError(f"no span {name}")


@pytest.fixture(scope="session")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    services, runtime = FakeServices(), FakeRuntime()
    with services.served() as address, http_served(runtime.app()) as runtime_url:
        names = {method.service for method in services.surface.methods.values()} - {"pipelines"}
        config = settings(
            GatewaySettings,
            tmp_path_factory.mktemp("gateway"),
            addresses=dict.fromkeys(names, address),
            dev_token=TOKEN,
            runtime_url=runtime_url,
            runtime_prefix="/openai/v1",
            max_body_bytes=64 * 1024,
            max_upload_bytes=4 * 1024 * 1024,
            body_seconds=1.0,
            call_seconds=2.0,
        )
        token = {"authorization": f"Bearer {TOKEN}"}
        with http_served(bootstrap(config)) as url, httpx.Client(base_url=url, headers=token) as http:
            yield Stage(url, http, services, runtime, recorded_spans())


def recorded_spans() -> InMemorySpanExporter:
    """What this process's spans go to as well; without a provider no span would have an identity."""
    if not isinstance(trace.get_tracer_provider(), TracerProvider):
        trace.set_tracer_provider(TracerProvider())
    provider, exporter = trace.get_tracer_provider(), InMemorySpanExporter()
    assert isinstance(provider, TracerProvider)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return exporter


@pytest.fixture
def stage(_running: Stage) -> Stage:
    _running.services.answers.clear()
    _running.services.requests.clear()
    _running.services.metadata.clear()
    _running.runtime.headers.clear()
    _running.runtime.cancelled.clear()
    _running.runtime.pause = 0.0
    _running.runtime.frames_sent = 0
    _running.runtime.allowed = len(WORDS)
    _running.spans.clear()
    return _running
