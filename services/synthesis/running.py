"""The worker's part: takes a job through reading, writing, verifying and keeping.

Nothing is lost or done twice: what a job works from is pinned at its start, drafts are kept in batches by the key of
what was asked for, and everything after them is computed from both.
"""

import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from services.chassis import auth, telemetry
from services.chassis.blobs import Blobs
from services.chassis.errors import ServiceError, Unavailable
from services.synthesis.domain.assemble import Plan, assemble, plan
from services.synthesis.domain.briefs import Brief, Draft
from services.synthesis.domain.examples import Outcome, json_lines, trainer_json
from services.synthesis.domain.job import MAX_ATTEMPTS, BlobRef, Failure, JobState, Progress, Sources, SynthesisJob
from services.synthesis.domain.units import Units
from services.synthesis.errors import AttemptsExhausted, GeneratorUnreadable, JobEnded, NoClaims
from services.synthesis.handlers import Handlers
from services.synthesis.ports import Curation, Drafts, Generator

log = logging.getLogger(__name__)
JSON_LINES = "application/jsonl"


class Runner:
    def __init__(
        self,
        handlers: Handlers,
        curation: Curation,
        generator: Generator,
        drafts: Drafts,
        units: Units,
        blobs: Blobs,
        batch: int = 16,
    ) -> None:
        self._handlers, self._curation, self._generator = handlers, curation, generator
        self._drafts, self._units, self._blobs, self._batch = drafts, units, blobs, batch

    def step(self) -> bool:
        """Works on the first job that is due; returns whether there was one. Raises Unavailable to be called later."""
        due = self._handlers.due()
        if not due:
            return False
        tenant, job = due[0]
        with (
            auth.acting_as(auth.Caller(tenant, "service:synthesis", frozenset({"service"}))),
            telemetry.span("synthesise", job.traceparent, synthesis_job=job.name),
        ):
            self._run(tenant, job)
        return True

    def _run(self, tenant: str, job: SynthesisJob) -> None:
        try:
            job = self._start(tenant, job)
            if job.sources is None:
                raise NoClaims(f"{job.name} has nothing to work from")
            self._work(tenant, job, job.sources)
        except JobEnded:
            log.info("synthesis job ended elsewhere", extra={"job": job.name})
        except Unavailable:
            # Waiting for another service is no failed attempt.
            self._waited(tenant, job)
            raise
        except ServiceError as error:
            self._handlers.abandon(tenant, job.name, Failure(error.reason, error.message))

    def _start(self, tenant: str, job: SynthesisJob) -> SynthesisJob:
        """Counts the attempt, and pins what the job works from where that is not done yet."""
        if job.attempts >= MAX_ATTEMPTS:
            raise AttemptsExhausted(f"{job.name} was started {job.attempts} times without an end")
        progress = Progress("read")
        job = self._handlers.update(
            tenant, job.name, lambda j: replace(j, state=JobState.RUNNING, attempts=j.attempts + 1, progress=progress)
        )
        if job.sources is not None:
            return job
        analysis, sources = self._curation.export(job.name.split("/synthesisJobs/")[0], job.analysis)
        version = self._generator.version
        return self._handlers.update(
            tenant, job.name, lambda j: replace(j, analysis=analysis or j.analysis, sources=sources, generator=version)
        )

    def _waited(self, tenant: str, job: SynthesisJob) -> None:
        try:
            self._handlers.update(tenant, job.name, lambda j: replace(j, attempts=max(j.attempts - 1, 0)))
        except JobEnded:
            log.info("synthesis job ended while it waited", extra={"job": job.name})

    def _work(self, tenant: str, job: SynthesisJob, sources: Sources) -> None:
        planned = plan(self._curation.read(tenant, sources), job.parameters, self._units)
        if not planned.facts:
            raise NoClaims(f"{job.analysis} has no claim in force that can be asked about")
        drafts = self._write(tenant, job, planned)
        outcome = assemble(planned, drafts, self._units)
        self._handlers.complete(tenant, self._kept(tenant, job, outcome))

    def _write(self, tenant: str, job: SynthesisJob, planned: Plan) -> dict[str, list[Draft]]:
        """Drafts by fact id. Those of earlier starts are taken up, the others written and kept in batches."""
        briefs = {(b := planned.brief(fact)).key(self._generator.version): b for fact in planned.facts}
        known = self._drafts.known(tenant, list(briefs))
        missing = [key for key in briefs if key not in known]
        began, already = time.monotonic(), len(known)
        for n in range(0, len(missing), self._batch):
            written = {key: self._drafted(briefs[key]) for key in missing[n : n + self._batch]}
            self._drafts.keep(tenant, written)
            known |= written
            self._report(tenant, job, len(known), len(briefs), (time.monotonic() - began) / (len(known) - already))
        return {brief.fact: known[key] for key, brief in briefs.items()}

    def _drafted(self, brief: Brief) -> list[Draft]:
        try:
            return list(self._generator.write(brief))
        except GeneratorUnreadable:
            # One answer that can't be read is one fact without examples: the empty draft is rejected and listed.
            return [Draft("", "", False, "unreadable")]

    def _report(self, tenant: str, job: SynthesisJob, done: int, total: int, seconds_each: float) -> None:
        progress = Progress("write", done, total, round(seconds_each * (total - done), 1))
        self._handlers.update(tenant, job.name, lambda j: replace(j, progress=progress))

    def _kept(self, tenant: str, job: SynthesisJob, outcome: Outcome) -> SynthesisJob:
        """The job with its result in the blob store."""
        made = job.create_time.isoformat() if job.create_time else ""
        ordered = sorted(outcome.accepted, key=lambda e: (e.kind, e.fact, e.split, e.prompt))
        examples = [trainer_json(example, job.generator, made) for example in ordered]
        rejects = [
            trainer_json(r.example, job.generator, made) | {"reason": r.reason.value, "detail": r.detail}
            for r in sorted(outcome.rejected, key=lambda r: (r.reason, r.example.fact, r.example.prompt))
        ]
        return replace(
            job,
            accepted=len(examples),
            rejected=dict(sorted(Counter(str(reject["reason"]) for reject in rejects).items())),
            examples=self._put(tenant, examples),
            rejects=self._put(tenant, rejects),
            progress=Progress("done", len(examples), len(examples), 0.0),
        )

    def _put(self, tenant: str, lines: Sequence[dict[str, object]]) -> BlobRef:
        blob = self._blobs.put(tenant, json_lines(lines), JSON_LINES)
        return BlobRef(blob.sha256, blob.size_bytes, blob.media_type)
