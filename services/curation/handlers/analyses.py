"""Analyses: asked for by a person or a run, worked on by the queue, their results written in one transaction."""

import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from services.chassis import telemetry
from services.chassis.blobs import Blobs
from services.chassis.outbox import Outbox
from services.chassis.store import Page, Store, Tx
from services.curation.analysis import Result
from services.curation.domain.analyses import Analysis, BlobRef, Failure, Input, Progress, Stage, State
from services.curation.domain.claims import Claim
from services.curation.domain.findings import Finding
from services.curation.domain.findings import State as FindingState
from services.curation.domain.standing import judged, standing
from services.curation.handlers.names import check_project, project_of
from services.curation.handlers.state import documents_out
from services.curation.handlers.taxonomies import TaxonomyHandlers, with_topics
from services.curation.messages import claim_lines, to_blob, to_failure, to_stage
from services.curation.ports import Records
from whetstone.curation.v1 import events_pb2

JSON_LINES = "application/jsonl"


class AnalysisHandlers:
    def __init__(
        self,
        store: Store,
        blobs: Blobs,
        outbox: Outbox,
        records: Records,
        taxonomies: TaxonomyHandlers,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self._store, self._blobs, self._outbox, self._records = store, blobs, outbox, records
        self._taxonomies = taxonomies
        self._now = now or (lambda: datetime.now(UTC))

    def create(self, tenant: str, parent: str, request_id: str) -> Analysis:
        """Queues an analysis of every document that is not withdrawn."""
        check_project(parent)
        key = uuid.uuid5(uuid.NAMESPACE_URL, f"{tenant}/{parent}/{request_id}") if request_id else uuid.uuid4()
        with self._store.begin() as tx:
            analysis = self._new(f"{parent}/analyses/{key.hex[:12]}", Stage())
            return self._records.analyses.create(tx, tenant, analysis, request_id)[0]

    def request(self, tx: Tx, tenant: str, stage: Stage) -> None:
        """Queues the analysis of a run's stage, once for each attempt."""
        run = stage.run.rsplit("/", 1)[-1]
        name = f"{project_of(stage.run)}/analyses/{run}-{stage.attempt}"
        if self._records.analyses.find(tx, tenant, name) is None:
            self._records.analyses.put(tx, tenant, self._new(name, stage))

    def _new(self, name: str, stage: Stage) -> Analysis:
        return Analysis(name, self._now(), self._now(), stage=stage, traceparent=telemetry.traceparent())

    def cancel(self, tx: Tx, tenant: str, stage: Stage) -> None:
        """Ends what a run's stage asked for, where it has not ended."""
        for analysis in self._records.analyses.all(tx, tenant, project_of(stage.run)):
            if analysis.stage == stage and analysis.state in (State.QUEUED, State.RUNNING):
                cancelled = replace(analysis, state=State.CANCELLED, update_time=self._now())
                self._records.analyses.put(tx, tenant, cancelled)

    def get(self, tenant: str, name: str) -> Analysis:
        with self._store.read() as tx:
            return self._records.analyses.get(tx, tenant, name)

    def page(self, tenant: str, parent: str, page: Page) -> tuple[list[Analysis], str]:
        with self._store.read() as tx:
            return self._records.analyses.page(tx, tenant, check_project(parent), page)

    def due(self) -> tuple[str, Analysis] | None:
        """The next analysis to work on, with its tenant."""
        column = self._records.analyses.table.c.state
        with self._store.read() as tx:
            found = self._records.analyses.scan(tx, column.in_([State.QUEUED.value, State.RUNNING.value]), limit=1)
        return found[0] if found else None

    def start(self, tenant: str, name: str) -> tuple[Analysis, list[Input], list[Finding]]:
        """Counts a start; gives what is to be analysed and what was decided before."""
        with self._store.begin() as tx:
            analysis = self._records.analyses.get(tx, tenant, name)
            started = replace(analysis, state=State.RUNNING, starts=analysis.starts + 1, update_time=self._now())
            self._records.analyses.put(tx, tenant, started)
            project = project_of(name)
            documents = self._records.documents.all(tx, tenant, project)
            settled = self._records.findings.table.c.state == FindingState.SETTLED.value
            inputs = [
                Input(d.name, d.revision, d.title, d.chunks_sha256, d.filename) for d in documents if not d.withdrawn
            ]
            return started, inputs, self._records.findings.all(tx, tenant, project, settled)

    def progress(self, tenant: str, name: str, progress: Progress) -> None:
        with self._store.begin() as tx:
            analysis = self._records.analyses.get(tx, tenant, name)
            if analysis.state is State.RUNNING:
                self._records.analyses.put(tx, tenant, replace(analysis, progress=progress, update_time=self._now()))

    def complete(self, tenant: str, name: str, inputs: Sequence[Input], chunk_count: int, result: Result) -> None:
        """Writes down claims, findings and taxonomy, and says so. A cancelled analysis writes nothing."""
        with self._store.begin() as tx:
            analysis = self._records.analyses.get(tx, tenant, name)
            if analysis.state is not State.RUNNING:
                return
            project = project_of(name)
            findings = self._merge_findings(tx, tenant, project, result.findings)
            done = replace(
                analysis,
                state=State.SUCCEEDED,
                update_time=self._now(),
                inputs=tuple(inputs),
                retired=result.retired,
                terms=result.terms,
                clusters=result.clusters,
                chunk_count=chunk_count,
                claim_count=len(result.claims),
                finding_counts=dict(Counter(finding.kind.value for finding in result.findings)),
            )
            claims = self._replace_claims(tx, tenant, project, done, findings, result)
            blob = self._blobs.put(tenant, claim_lines(claims), JSON_LINES)
            done = replace(done, claims=BlobRef(blob.sha256, blob.size_bytes, blob.media_type))
            self._records.analyses.put(tx, tenant, done)
            self._say_completed(tx, tenant, done, sum(f.state is FindingState.OPEN for f in findings))

    def _say_completed(self, tx: Tx, tenant: str, done: Analysis, open_findings: int) -> None:
        message = events_pb2.AnalysisCompleted(
            analysis=done.name,
            claims=to_blob(done.claims),
            claim_count=done.claim_count,
            finding_counts=done.finding_counts,
            open_findings=open_findings,
            stage=to_stage(done.stage),
        )
        self._outbox.add(tx, tenant, done.name, message)

    def _merge_findings(self, tx: Tx, tenant: str, project: str, found: Sequence[Finding]) -> list[Finding]:
        """Adds new findings, keeps decisions on those met again, removes open ones that no longer hold."""
        before = {finding.name: finding for finding in self._records.findings.all(tx, tenant, project)}
        for finding in found:
            old = before.get(finding.name)
            if old is None:
                self._records.findings.put(tx, tenant, finding)
                self._say_raised(tx, tenant, finding)
            elif _content(old) != _content(finding):
                kept = replace(finding, state=old.state, decision=old.decision, history=old.history)
                self._records.findings.put(tx, tenant, replace(kept, create_time=old.create_time))
        names = {finding.name for finding in found}
        for name, old in before.items():
            if name not in names and old.state is FindingState.OPEN:
                self._records.findings.delete(tx, tenant, name)
        return self._records.findings.all(tx, tenant, project)

    def _say_raised(self, tx: Tx, tenant: str, finding: Finding) -> None:
        message = events_pb2.FindingRaised(
            finding=finding.name, kind=finding.kind.value, topic=finding.topic, documents=finding.documents
        )
        self._outbox.add(tx, tenant, finding.name, message)

    def _replace_claims(
        self, tx: Tx, tenant: str, project: str, analysis: Analysis, findings: Sequence[Finding], result: Result
    ) -> list[Claim]:
        documents = self._records.documents.all(tx, tenant, project)
        now = standing(findings, documents_out(documents, analysis))
        taxonomy = self._taxonomies.proposed(tx, tenant, project, result.topics)
        claims = [with_topics(claim, taxonomy) for claim in judged(result.claims, now)]
        self._records.replace_claims(tx, tenant, project, claims)
        return claims

    def fail(self, tenant: str, name: str, failure: Failure) -> None:
        with self._store.begin() as tx:
            analysis = self._records.analyses.get(tx, tenant, name)
            if analysis.state in (State.QUEUED, State.RUNNING):
                failed = replace(analysis, state=State.FAILED, failure=failure, update_time=self._now())
                self._records.analyses.put(tx, tenant, failed)
                message = events_pb2.AnalysisFailed(
                    analysis=name, failure=to_failure(failure), stage=to_stage(analysis.stage)
                )
                self._outbox.add(tx, tenant, name, message)


def _content(finding: Finding) -> Finding:
    """A finding without what people and clocks add."""
    bare = replace(finding, state=FindingState.OPEN, decision=None, history=(), etag="")
    return replace(bare, create_time=datetime.min, update_time=datetime.min)
