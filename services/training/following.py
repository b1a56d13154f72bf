"""The worker's part on jobs: starts what is due, follows what runs, collects what is done.

A job that this process did not start was left by an earlier one, whose trainers died with it: it begins its next
attempt and goes on from its last checkpoint.
"""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from services.chassis import auth, telemetry
from services.chassis.blobs import Blobs
from services.chassis.errors import ServiceError, Unavailable
from services.chassis.store import Store
from services.training.bundles import INFLUENCE, pack, read_bundle
from services.training.domain.jobs import BlobRef, Failure, JobState, Progress, TrainingJob, merged
from services.training.domain.versions import ModelVersion, version_name
from services.training.errors import AttemptStale, BundleInvalid, JobEnded
from services.training.handlers.importing import TAR
from services.training.handlers.jobs import Jobs
from services.training.handlers.registry import Registry
from services.training.ports import Datasets, Finished, JobRunner, Look, Order, Recipes

log = logging.getLogger(__name__)
WRITE_SECONDS = 0.5
# Evaluated and traceable unless a recipe says otherwise.
DEFAULTS: Mapping[str, Any] = {"evaluation": {"enabled": True}, "influence": {"enabled": True}}


@dataclass(frozen=True)
class Habits:
    """How jobs are run here."""

    base: str
    recipe: str = ""
    cache_dir: str = ""
    ray_address: str = ""
    threads: int = 0
    parallel: int = 1
    deaths: int = 3
    workers: int = 0


class Follower:
    def __init__(
        self,
        store: Store,
        blobs: Blobs,
        jobs: Jobs,
        registry: Registry,
        datasets: Datasets,
        recipes: Recipes,
        runner: JobRunner,
        habits: Habits,
    ) -> None:
        self._store, self._blobs, self._jobs, self._registry = store, blobs, jobs, registry
        self._datasets, self._recipes, self._runner, self._habits = datasets, recipes, runner, habits
        self._written: dict[str, float] = {}

    def step(self) -> bool:
        """Looks at every job under way and starts those that there is room for. Raises Unavailable."""
        busy, waiting = 0, None
        for tenant, job in self._jobs.active():
            if job.state is JobState.RUNNING or busy < self._habits.parallel:
                busy += 1
                who = auth.Caller(tenant, "service:training", frozenset({"service"}))
                try:
                    with auth.acting_as(who):
                        self._attend(tenant, job)
                except Unavailable as error:
                    waiting = error
        # One job that waits must not slow down the others that run.
        if waiting is not None and busy == 1:
            raise waiting
        return False

    def _attend(self, tenant: str, job: TrainingJob) -> None:
        try:
            look = self._runner.look(tenant, job.name, job.attempt)
            if job.state is JobState.QUEUED or not look.is_known:
                self._launch(tenant, job)
            elif look.is_alive:
                self._follow(tenant, job, look)
            else:
                self._conclude(tenant, job, look)
        except (JobEnded, AttemptStale) as error:
            log.info("training job went on elsewhere", extra={"job": job.name, "reason": error.reason})
        except Unavailable:
            raise
        except ServiceError as error:
            self._jobs.end(tenant, job.name, job.attempt, JobState.FAILED, Failure(error.reason, error.message))

    def _launch(self, tenant: str, job: TrainingJob) -> None:
        """Begins the next attempt. What needs other services comes first, so that waiting for them costs no attempt."""
        if job.cancel_requested:
            failure = Failure("CANCELLED", "the job was cancelled")
            self._jobs.end(tenant, job.name, job.attempt, JobState.CANCELLED, failure)
            return
        with telemetry.span("training.submit", job.traceparent, training_job=job.name):
            dataset = self._datasets.get(job.dataset_version)
            self._jobs.check_dataset(dataset)
            files = self._runner.fetch(tenant, job.name, dataset)
            filled = self._filled(job) | {"dataset": dict(files)}
            if job.bundle is not None:
                filled |= {"evaluate_only": True, "bundle": self._runner.unpack(tenant, job.name, job.bundle)}
            job = self._jobs.begin(tenant, job.name)
            spec = merged(self._asked(job), filled | {"attempt": job.attempt})
            self._runner.start(Order(tenant, job.name, job.attempt, spec))

    def _asked(self, job: TrainingJob) -> dict[str, Any]:
        """The recipe over the defaults, and what the person set over both."""
        recipe = self._recipes.read(job.recipe or self._habits.recipe)
        return merged(merged(DEFAULTS, recipe), job.spec)

    def _filled(self, job: TrainingJob) -> dict[str, Any]:
        """What the service sets itself."""
        own: dict[str, Any] = {"job": job.name, "traceparent": telemetry.traceparent()}
        if "base" not in job.spec:
            own["base"] = {"id": self._habits.base}
        if self._habits.cache_dir:
            own["cache_dir"] = self._habits.cache_dir
        if self._habits.ray_address:
            own["ray_address"] = self._habits.ray_address
        if self._habits.threads and "threads" not in job.spec:
            own["threads"] = self._habits.threads
        # An evaluation takes no step, so there is nothing for Ray to spread or to resume.
        if self._habits.workers and "workers" not in job.spec and not job.bundle:
            own["workers"] = self._habits.workers
        return own

    def _follow(self, tenant: str, job: TrainingJob, look: Look) -> None:
        if job.cancel_requested:
            self._runner.stop(tenant, job.name)
        now = time.monotonic()
        if now - self._written.get(job.name, 0.0) < WRITE_SECONDS:
            return
        changed = _with_look(job, look)
        if changed != job:
            self._written[job.name] = now
            self._jobs.update(tenant, job.name, job.attempt, lambda current: _with_look(current, look))

    def _conclude(self, tenant: str, job: TrainingJob, look: Look) -> None:
        """A finished attempt is collected, a failed one ends the job, one that died begins again."""
        self._written.pop(job.name, None)
        job = self._jobs.update(tenant, job.name, job.attempt, lambda current: _with_look(current, look))
        if job.cancel_requested:
            failure = Failure("CANCELLED", "the job was cancelled")
            self._jobs.end(tenant, job.name, job.attempt, JobState.CANCELLED, failure)
        elif look.finished is not None:
            self._collect(tenant, job, look.finished)
        elif look.failure is not None and look.failure.reason != "CANCELLED":
            self._jobs.end(tenant, job.name, job.attempt, JobState.FAILED, look.failure)
        else:
            self._died(tenant, job, look)

    def _died(self, tenant: str, job: TrainingJob, look: Look) -> None:
        deaths = job.deaths + 1
        log.warning("training job died", extra={"job": job.name, "exit_code": look.exit_code, "deaths": deaths})
        if deaths >= self._habits.deaths:
            last = look.log_tail[-1] if look.log_tail else "it wrote no log"
            message = f"the job died {deaths} times, the last time with exit code {look.exit_code}: {last}"
            self._jobs.end(tenant, job.name, job.attempt, JobState.FAILED, Failure("JOB_DIED", message))
            return
        job = self._jobs.update(tenant, job.name, job.attempt, lambda current: replace(current, deaths=deaths))
        self._launch(tenant, job)

    def _collect(self, tenant: str, job: TrainingJob, finished: Finished) -> None:
        """Puts the result into the blob store and the registry; a stale attempt's is refused."""
        with telemetry.span("training.collect", job.traceparent, training_job=job.name):
            evaluation = self._put(tenant, finished.evaluation, "application/json")
            influence = self._put(tenant, pack(finished.influence) if finished.influence else None, TAR)
            version = None if job.evaluates else self._version(tenant, job, finished, evaluation, influence)
            with self._store.begin() as tx:
                current = self._jobs.current(tx, tenant, job.name, finished.attempt)
                if version is None:
                    known = self._registry.evaluated(tx, tenant, job.evaluates, job.name, evaluation, influence)
                else:
                    known = self._registry.register(tx, tenant, version)
                progress = Progress("done", 1, 1, 0.0)
                done = replace(current, model_version=known.name, measures=finished.measures, progress=progress)
                self._jobs.succeed(tx, tenant, done)

    def _version(
        self, tenant: str, job: TrainingJob, finished: Finished, evaluation: BlobRef | None, influence: BlobRef | None
    ) -> ModelVersion:
        if finished.bundle is None:
            raise BundleInvalid(f"{job.name} left no bundle")
        found = read_bundle(finished.bundle)
        stored = self._blobs.put(tenant, pack(finished.bundle, leave_out=INFLUENCE), TAR)
        dataset = self._datasets.get(job.dataset_version)
        return ModelVersion(
            version_name(job.model, found.adapter_digest),
            BlobRef(stored.sha256, stored.size_bytes, stored.media_type),
            base=found.base,
            base_digest=found.base_digest,
            adapter_digest=found.adapter_digest,
            dataset_version=dataset.name,
            dataset_digest=dataset.digest,
            training_job=job.name,
            evaluation=evaluation,
            influence=influence,
            taints=(dataset.tainted_because,) if dataset.tainted_because else (),
        )

    def _put(self, tenant: str, data: bytes | None, media_type: str) -> BlobRef | None:
        if data is None:
            return None
        blob = self._blobs.put(tenant, data, media_type)
        return BlobRef(blob.sha256, blob.size_bytes, blob.media_type)


def _with_look(job: TrainingJob, look: Look) -> TrainingJob:
    """The job as the attempt shows itself."""
    return replace(
        job,
        progress=look.progress or job.progress,
        measures=look.measures or job.measures,
        log_tail=look.log_tail or job.log_tail,
    )
