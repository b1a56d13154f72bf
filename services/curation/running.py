"""The workers: one analysis or one build at a time. A crash leaves the row; the next start begins it anew."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from services.chassis import auth, telemetry
from services.chassis.errors import ServiceError, Unavailable
from services.curation.analysis import analyse
from services.curation.domain.analyses import Analysis, Failure, Progress
from services.curation.domain.datasets import Build
from services.curation.errors import NothingToAnalyse, StartsExhausted
from services.curation.handlers.analyses import AnalysisHandlers
from services.curation.handlers.datasets import DatasetHandlers
from services.curation.ports import Chunks, Heard

INGESTION, SYNTHESIS = "whetstone.ingestion.v1", "whetstone.synthesis.v1"


class AnalysisQueue:
    def __init__(self, handlers: AnalysisHandlers, chunks: Chunks, heard: Heard, max_starts: int) -> None:
        self._handlers, self._chunks, self._heard, self._max_starts = handlers, chunks, heard, max_starts

    def step(self) -> bool:
        """Works on one analysis. Returns whether there was one."""
        due = self._handlers.due()
        # Documents said before the request must be heard before the work begins, or they would be left out.
        if due is None or not self._heard(INGESTION):
            return False
        tenant, analysis = due
        with acting(tenant), telemetry.span("analysis", analysis.traceparent, whetstone__analysis=analysis.name):
            try:
                self._run(tenant, analysis)
            except Unavailable:
                raise
            except ServiceError as error:
                self._handlers.fail(tenant, analysis.name, Failure(error.reason, error.message))
        return True

    def _run(self, tenant: str, analysis: Analysis) -> None:
        if analysis.starts >= self._max_starts:
            raise StartsExhausted(f"{analysis.name} was started {analysis.starts} times without an end")
        _, inputs, decided = self._handlers.start(tenant, analysis.name)
        if not inputs:
            raise NothingToAnalyse("no document is there to analyse", project=analysis.name.split("/analyses/")[0])
        sources = [self._chunks.source(tenant, one) for one in inputs]
        result = analyse(sources, decided, datetime.now(UTC), self._reporter(tenant, analysis.name))
        chunk_count = sum(len(source.chunks) for source in sources)
        self._handlers.complete(tenant, analysis.name, inputs, chunk_count, result)

    def _reporter(self, tenant: str, name: str) -> Callable[[str, int, int], None]:
        last = [0.0]

        def report(phase: str, done: int, total: int) -> None:
            now = datetime.now(UTC).timestamp()
            # A row a second is enough for a person to see.
            if now - last[0] >= 1.0:
                last[0] = now
                self._handlers.progress(tenant, name, Progress(phase, done, total))

        return report


class BuildQueue:
    def __init__(self, handlers: DatasetHandlers, heard: Heard, max_starts: int) -> None:
        self._handlers, self._heard, self._max_starts = handlers, heard, max_starts

    def step(self) -> bool:
        """Builds one dataset version. Returns whether one was due."""
        due = self._handlers.due()
        if due is None or not (self._heard(INGESTION) and self._heard(SYNTHESIS)):
            return False
        tenant, build = due
        with acting(tenant), telemetry.span("dataset build", build.traceparent, whetstone__build=build.name):
            try:
                self._run(tenant, build)
            except Unavailable:
                raise
            except ServiceError as error:
                self._handlers.fail(tenant, build.name, Failure(error.reason, error.message))
        return True

    def _run(self, tenant: str, build: Build) -> None:
        if build.starts >= self._max_starts:
            raise StartsExhausted(f"{build.name} was started {build.starts} times without an end")
        self._handlers.build(tenant, self._handlers.start(tenant, build.name))


def acting(tenant: str) -> AbstractContextManager[None]:
    return auth.acting_as(auth.Caller(tenant, "service:curation", frozenset({"service"})))
